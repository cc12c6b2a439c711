#include "structure.h"

#include <stdlib.h>
#include <string.h>

#include "word.h"

enum { LAST_TOKENS = 8, MOST_TOKENS = 40, SHORTEST_KEYWORD = 2, LONGEST_KEYWORD = 9 };

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
    uint32_t shape;
    uint32_t name; /* hash of its bytes */
    uint8_t is_word;
} token;

typedef struct {
    token of[MOST_TOKENS]; /* the newest first */
    int n;
} tokens;

static uint32_t mixed(uint32_t hash, uint32_t value) {
    hash = (hash ^ value) * UINT32_C(0x9E3779B1);
    return hash ^ hash >> 15;
}

static int is_blank(uint8_t byte) { return byte == ' ' || byte == '\t'; }

static int compare_word(const uint8_t *word, int length, const char *keyword) {
    int order = strncmp((const char *)word, keyword, (size_t)length);
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
    return (token){shape, name, 1};
}

/* Read the token that ends below `end`; `length` is set. */
static token token_before(const uint8_t *end, int known, int *length) {
    uint8_t last = end[-1];
    int n = 1;
    if (ft_is_word(last)) {
        while (n < known && ft_is_word(end[-n - 1])) n++;
        *length = n;
        return word_of(end - n, n);
    }
    if (is_blank(last)) {
        while (n < known && is_blank(end[-n - 1])) n++;
        if (n < known && end[-n - 1] == '\n') {
            n++;
            last = '\n';
        } else {
            last = ' ';
        }
    }
    *length = n;
    return (token){last, last, 0};
}

/* Read backwards until all structures have what they look at. */
static void read_tokens(const uint8_t *end, int known, tokens *found) {
    if (known > FT_STRUCTURE_WITHIN) known = FT_STRUCTURE_WITHIN;
    int line_ends = 0, words = 0;
    found->n = 0;
    while (known > 0 && found->n < MOST_TOKENS && end[-1] != '\0') {
        int length;
        token *read = &found->of[found->n++];
        *read = token_before(end, known, &length);
        end -= length;
        known -= length;
        line_ends += read->shape == '\n';
        words += read->is_word;
        if (line_ends >= 2 && words >= 2 && found->n >= LAST_TOKENS) break;
    }
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

void ft_structures(const uint8_t *end, int known, uint32_t *hashes) {
    tokens found;
    read_tokens(end, known, &found);
    hashes[0] = skipping_a_word(&found);
    hashes[1] = two_lines(&found);
    hashes[2] = shapes(&found, 0, LAST_TOKENS, 6);
    hashes[3] = line_kind(&found);
}

ft_beginning ft_beginning_after(uint8_t last) {
    if (ft_is_word(last)) return FT_NO_WORD;
    return is_blank(last) || last == '\n' ? FT_NO_BLANK : FT_ANY;
}

int ft_may_begin(ft_beginning beginning, uint8_t byte) {
    if (beginning == FT_NO_WORD) return !ft_is_word(byte);
    return beginning == FT_NO_BLANK ? !is_blank(byte) : 1;
}

uint32_t ft_structure_places(const uint8_t *text, uint32_t n, uint32_t *places, uint32_t *hashes) {
    uint32_t found = 0;
    for (uint32_t place = 1; place < n; place++) {
        if (!ft_may_begin(ft_beginning_after(text[place - 1]), text[place])) continue;
        if (places != NULL) {
            int known = place < FT_STRUCTURE_WITHIN ? (int)place : FT_STRUCTURE_WITHIN;
            places[found] = place;
            ft_structures(text + place, known, hashes + (size_t)found * FT_STRUCTURES);
        }
        found++;
    }
    return found;
}
