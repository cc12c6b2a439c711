#include "structure.h"

#include <stdlib.h>
#include <string.h>

#include "word.h"

enum { LAST_TOKENS = 8, MOST_TOKENS = 40, HISTORY = 1024, SHORTEST_KEYWORD = 2, LONGEST_KEYWORD = 9 };

/* Words that say what a line is and not what it is about, in many languages; sorted. */
static const char *const KEYWORDS[] = {
    "False", "None", "True", "abstract", "and", "as", "assert", "async", "await", "begin", "bool", "boolean", "break",
    "byte", "case", "catch", "chan", "char", "class", "const", "continue", "def", "default", "defer", "define",
    "delete", "do", "done", "double", "echo", "elif", "else", "elseif", "elsif", "end", "endif", "enum", "esac",
    "except", "export", "extends", "extern", "false", "fi", "final", "finally", "float", "fn", "for", "foreach",
    "from", "func", "function", "go", "goto", "if", "ifdef", "ifndef", "impl", "import", "in", "include", "int",
    "interface", "is", "lambda", "let", "local", "long", "map", "match", "mod", "module", "mut", "namespace", "new",
    "nil", "not", "null", "nullptr", "of", "or", "package", "pass", "print", "private", "protected", "pub", "public",
    "raise", "range", "require", "return", "select", "self", "short", "size_t", "sizeof", "static", "string",
    "struct", "super", "switch", "template", "the", "then", "this", "throw", "throws", "to", "trait", "true", "try",
    "type", "typedef", "typename", "typeof", "union", "unless", "unsigned", "until", "use", "using", "val", "var",
    "virtual", "void", "when", "where", "while", "with", "yield",
};

typedef struct {
    const uint8_t *start;
    uint32_t shape;
    uint32_t name; /* hash of its bytes */
    uint8_t is_word;
} token;

typedef struct {
    const token *of; /* the newest first */
    int n;
} tokens;

static uint32_t mixed(uint32_t hash, uint32_t value) {
    hash = (hash ^ value) * UINT32_C(0x9E3779B1);
    return hash ^ hash >> 15;
}

static int is_blank(uint8_t byte) { return byte == ' ' || byte == '\t'; }

static int compare_word(const uint8_t *word, int length, const char *keyword) {
    int order = word[0] - keyword[0]; /* which settles most */
    if (order == 0) order = strncmp((const char *)word, keyword, (size_t)length);
    return order != 0 ? order : -(keyword[length] != '\0');
}

static int is_keyword(const uint8_t *word, int length) {
    if (length < SHORTEST_KEYWORD || length > LONGEST_KEYWORD) return 0;
    int low = 0, high = (int)(sizeof KEYWORDS / sizeof *KEYWORDS);
    while (low < high) {
        int middle = (low + high) / 2;
        int order = compare_word(word, length, KEYWORDS[middle]);
        if (order == 0) return 1;
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return 0;
}

static token word_of(const uint8_t *start, int length) {
    uint32_t name = 1;
    for (int i = 0; i < length; i++) name = mixed(name, start[i]);
    uint32_t shape = is_keyword(start, length) ? name | 256 : length > 1 ? 'w' : 'x';
    return (token){start, shape, name, 1};
}

/* Read the token that ends below `end`, of which nothing below `floor` is known. */
static token token_before(const uint8_t *end, const uint8_t *floor) {
    const uint8_t *start = end - 1;
    uint8_t last = *start;
    if (ft_is_word(last)) {
        while (start > floor && ft_is_word(start[-1])) start--;
        return word_of(start, (int)(end - start));
    }
    if (is_blank(last)) {
        while (start > floor && is_blank(start[-1])) start--;
        last = start > floor && start[-1] == '\n' ? '\n' : ' ';
        start -= last == '\n';
    }
    return (token){start, last, last, 0};
}

/* Read backwards until all structures have what they look at; the tokens are put into `room`. */
static tokens read_tokens(const uint8_t *end, const uint8_t *floor, token *room) {
    int n = 0, line_ends = 0, words = 0;
    while (end > floor && n < MOST_TOKENS && end[-1] != '\0') {
        token *read = &room[n++];
        *read = token_before(end, floor);
        end = read->start;
        line_ends += read->shape == '\n';
        words += read->is_word;
        if (line_ends >= 2 && words >= 2 && n >= LAST_TOKENS) break;
    }
    return (tokens){room, n};
}

static uint32_t shapes(const tokens *found, int from, int to, uint32_t hash) {
    for (int i = from; i < to; i++) hash = mixed(hash, i < found->n ? found->of[i].shape : 0);
    return hash;
}

static int next_where(const tokens *found, int from, int is_word) {
    while (from < found->n && found->of[from].is_word != is_word) from++;
    return from;
}

/* The word before the last one, with the signs around the last one. */
static uint32_t skipping_a_word(const tokens *found) {
    int last = next_where(found, 0, 1);
    int before = next_where(found, last + 1, 1);
    if (before >= found->n) return 0;
    return mixed(shapes(found, last + 1, before, shapes(found, 0, last, 4)), found->of[before].name);
}

/* Where the line begins that holds token `from`: the number of the line end before it. */
static int line_start(const tokens *found, int from) {
    while (from < found->n && found->of[from].shape != '\n') from++;
    return from;
}

/* This line so far and the beginning of the one above. */
static uint32_t two_lines(const tokens *found) {
    enum { OF_THIS = 12, OF_ABOVE = 8 };
    int start = line_start(found, 0);
    if (start >= found->n) return 0;
    int above = line_start(found, start + 1);
    int first = above - OF_ABOVE > start + 1 ? above - OF_ABOVE : start + 1;
    return shapes(found, first, above, shapes(found, 0, start < OF_THIS ? start : OF_THIS, 7));
}

/* The first word of the line by name and the last few tokens. */
static uint32_t line_kind(const tokens *found) {
    enum { LAST = 5 };
    int first = line_start(found, 0) - 1;
    while (first >= 0 && !found->of[first].is_word) first--;
    return first < 0 ? 0 : mixed(shapes(found, 0, LAST, 8), found->of[first].name);
}

static uint32_t hash_of(const tokens *found, int structure) {
    switch (structure) {
    case 0: return skipping_a_word(found);
    case 1: return two_lines(found);
    case 2: return shapes(found, 0, LAST_TOKENS, 6);
    default: return line_kind(found);
    }
}

static const uint8_t *floor_of(const uint8_t *end, uint32_t known) {
    return end - (known < FT_STRUCTURE_WITHIN ? known : FT_STRUCTURE_WITHIN);
}

void ft_structures(const uint8_t *end, int known, uint32_t *hashes) {
    token room[MOST_TOKENS];
    tokens found = read_tokens(end, floor_of(end, (uint32_t)known), room);
    for (int i = 0; i < FT_STRUCTURES; i++) hashes[i] = hash_of(&found, i);
}

ft_beginning ft_beginning_after(uint8_t last) {
    if (ft_is_word(last)) return FT_NO_WORD;
    return is_blank(last) || last == '\n' ? FT_NO_BLANK : FT_ANY;
}

int ft_may_begin(ft_beginning beginning, uint8_t byte) {
    if (beginning == FT_NO_WORD) return !ft_is_word(byte);
    return beginning == FT_NO_BLANK ? !is_blank(byte) : 1;
}

/* The tokens of a file up to a place, each read once. */
typedef struct {
    token of[HISTORY]; /* the newest first, from `newest` on */
    int newest;
    int n;             /* in the file so far */
    int line_end[2];   /* what `n` was at the last two line ends, the newest first, 0 without one */
    int word[2];       /* and at the last two words */
} history;

static void forget(history *read) {
    read->newest = HISTORY;
    read->n = read->line_end[0] = read->line_end[1] = read->word[0] = read->word[1] = 0;
}

static void remember(history *read, token newest) {
    if (read->newest == 0) {
        read->newest = HISTORY - MOST_TOKENS;
        memcpy(&read->of[read->newest], read->of, MOST_TOKENS * sizeof *read->of);
    }
    read->of[--read->newest] = newest;
    if (newest.shape == '\n') {
        read->line_end[1] = read->line_end[0];
        read->line_end[0] = read->n;
    }
    if (newest.is_word) {
        read->word[1] = read->word[0];
        read->word[0] = read->n;
    }
    read->n++;
}

static int larger(int a, int b) { return a > b ? a : b; }

/* How many tokens the structures look at, were all bytes before them known. */
static int looked_at(const history *read) {
    int n = read->n - (read->line_end[1] < read->word[1] ? read->line_end[1] : read->word[1]);
    n = larger(n, LAST_TOKENS);
    if (n > MOST_TOKENS) n = MOST_TOKENS;
    return n < read->n ? n : read->n;
}

/* The same as `read_tokens`, out of what is remembered. */
static tokens recall_tokens(const history *read, const uint8_t *end, const uint8_t *floor, token *room) {
    tokens found = {read->of + read->newest, looked_at(read)};
    int n = found.n;
    if (n == 0 || found.of[n - 1].start >= floor) return found;
    while (n > 0 && found.of[n - 1].start < floor) n--;
    if (n > 0) end = found.of[n - 1].start;
    if (end == floor) return (tokens){found.of, n};
    memcpy(room, found.of, (size_t)n * sizeof *room);
    room[n] = token_before(end, floor); /* of a token that reaches below, the rest counts */
    return (tokens){room, n + 1};
}

uint32_t ft_structure_keys(const uint8_t *text, uint32_t n, int structure, uint64_t *keys) {
    history read;
    token room[MOST_TOKENS];
    uint32_t count = 0, begun = 0;
    forget(&read);
    for (uint32_t place = 1; place < n; place++) {
        const uint8_t *end = text + place;
        if (!ft_may_begin(ft_beginning_after(end[-1]), *end)) continue;
        if (end[-1] == '\0') {
            forget(&read);
        } else {
            remember(&read, token_before(end, text + begun));
        }
        begun = place;
        tokens found = recall_tokens(&read, end, floor_of(end, place), room);
        uint32_t hash = hash_of(&found, structure);
        if (hash != 0) keys[count++] = (uint64_t)hash << 32 | place;
    }
    return count;
}

uint32_t ft_structure_count(const uint8_t *text, uint32_t n) {
    uint32_t count = 0;
    for (uint32_t place = 1; place < n; place++) {
        count += (uint32_t)ft_may_begin(ft_beginning_after(text[place - 1]), text[place]);
    }
    return count;
}
