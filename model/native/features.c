#include "features.h"

#include <math.h>

#include "word.h"

typedef struct {
    uint8_t symbol;
    float p;
} best;

/* Of equals the lower byte, so that nothing depends on the order in which symbols were met. */
static int is_better(float p, uint8_t symbol, best than) {
    return p > than.p || (p == than.p && symbol < than.symbol);
}

static best best_refined(const ft_evidence *evidence) {
    best found = {0, -1.0f};
    for (int s = 0; s < 256; s++) {
        if (evidence->refined.p[s] > found.p) found = (best){(uint8_t)s, evidence->refined.p[s]};
    }
    return found;
}

static best best_of(const ft_evidence *evidence, ft_expert expert) {
    if (expert == FT_STRUCTURE) return best_refined(evidence);
    const ft_blend *blend = &evidence->blends[expert];
    best found = {0, evidence->floor[expert]};
    for (int i = 0; i < blend->n_symbols; i++) {
        float p = ft_evidence_p(evidence, expert, blend->symbols[i]);
        if (is_better(p, blend->symbols[i], found)) found = (best){blend->symbols[i], p};
    }
    if (expert == FT_BOTH) { /* what the document never saw may still be the project's favourite */
        const ft_blend *project = &evidence->blends[FT_PROJECT];
        for (int i = 0; i < project->n_symbols; i++) {
            float p = ft_evidence_p(evidence, expert, project->symbols[i]);
            if (is_better(p, project->symbols[i], found)) found = (best){project->symbols[i], p};
        }
    }
    return found;
}

static float log_ratio(float p) { return logf(p + 1e-4f) / 8.0f; }

static float scaled_log(float x, float scale) { return log2f(1.0f + x) / scale; }

/* Where on its line the caret stands: class of the last byte, length of the word so far, column, indentation. */
static float *place(const ft_lane *lane, float *out) {
    uint8_t last = lane->n_recent > 0 ? lane->recent[lane->n_recent - 1] : '\n';
    int letter = (last >= 'a' && last <= 'z') || (last >= 'A' && last <= 'Z') || last == '_';
    *out++ = (float)letter;
    *out++ = (float)(last >= '0' && last <= '9');
    *out++ = (float)(last == ' ' || last == '\t');
    *out++ = (float)(last == '\n');
    *out++ = (float)(last == '(' || last == '[' || last == '{' || last == '"' || last == '\'');
    *out++ = (float)(last == '.' || last == ',' || last == ':' || last == ';' || last == '=' || last == '>');
    *out++ = (float)(last >= 0x80);
    int word = 0, column = 0, indented = 1;
    while (word < lane->n_recent && ft_is_word(lane->recent[lane->n_recent - 1 - word])) word++;
    while (column < lane->n_recent && lane->recent[lane->n_recent - 1 - column] != '\n') {
        uint8_t byte = lane->recent[lane->n_recent - 1 - column];
        if (byte != ' ' && byte != '\t') indented = 0;
        column++;
    }
    *out++ = fminf((float)word, 24.0f) / 12.0f;
    *out++ = fminf((float)column, 120.0f) / 60.0f;
    *out++ = (float)indented;
    return out;
}

static float *network_features(const ft_evidence *evidence, const float *network, best file, best both, best project,
                               float *out) {
    if (network == NULL) {
        for (int i = 0; i < 8; i++) *out++ = 0.0f;
        return out;
    }
    int top = 0;
    float entropy = 0.0f;
    for (int i = 0; i < 256; i++) {
        if (network[i] > network[top]) top = i;
        entropy -= network[i] > -16.0f ? expf(network[i]) * network[i] : 0.0f;
    }
    *out++ = 1.0f;
    *out++ = expf(network[top]);
    *out++ = entropy / 4.0f;
    *out++ = (float)(top == project.symbol);
    *out++ = (float)(top == file.symbol);
    *out++ = (float)(top == both.symbol);
    *out++ = fmaxf(network[both.symbol], -9.0f) / 8.0f;
    *out++ = log_ratio(ft_evidence_p(evidence, FT_BOTH, (uint8_t)top));
    return out;
}

/* What structures make of what the memories say without them. */
static float *structure_features(const ft_evidence *evidence, best both, best structure, float *out) {
    *out++ = (float)evidence->refined_by / FT_MAX_REFINEMENTS;
    *out++ = structure.p;
    *out++ = log_ratio(1.0f - structure.p);
    *out++ = (float)(structure.symbol == both.symbol);
    *out++ = log_ratio(ft_evidence_p(evidence, FT_STRUCTURE, both.symbol));
    return out;
}

/* What the user's other projects say beside it. */
static float *other_features(const ft_sources *sources, const ft_evidence *evidence, best both, best others,
                             float *out) {
    *out++ = (float)(sources->n_others > 0);
    *out++ = (float)evidence->others.order / FT_ORDERS;
    *out++ = others.p;
    *out++ = (float)(others.symbol == both.symbol);
    *out++ = log_ratio(ft_evidence_p(evidence, FT_OTHERS, both.symbol));
    return out;
}

static float count_bits(unsigned bits) {
    int n = 0;
    for (; bits != 0; bits &= bits - 1) n++;
    return (float)n;
}

/* How well each expert has done lately: all of the remembered bytes, and the last four. */
static float *history(const ft_lane *lane, float *out) {
    for (int i = 0; i < FT_GUESSERS; i++) {
        *out++ = count_bits(lane->hits[i]) / FT_HISTORY;
        *out++ = count_bits(lane->hits[i] & 15u) / 4.0f;
    }
    return out;
}

static void remember(ft_lane *lane, const best *guesses) {
    for (int i = 0; i < FT_GUESSERS; i++) lane->guess[i] = guesses[i].symbol;
    lane->guessed = 1;
}

void ft_guess(ft_lane *lane, const ft_evidence *evidence) {
    best guesses[FT_GUESSERS];
    for (int i = 0; i < FT_GUESSERS; i++) guesses[i] = best_of(evidence, ft_guesser[i]);
    remember(lane, guesses);
}

void ft_features(const ft_sources *sources, ft_lane *lane, const ft_evidence *evidence, const float *network,
                 float *features) {
    float *out = features;
    best guesses[FT_GUESSERS];
    for (int i = 0; i < FT_GUESSERS; i++) guesses[i] = best_of(evidence, ft_guesser[i]);
    best project = guesses[0], file = guesses[1], both = guesses[2];
    *out++ = (float)(sources->n_segments > 0);
    *out++ = (float)evidence->project.order / FT_ORDERS;
    *out++ = scaled_log((float)evidence->project.beyond, 6.0f);
    *out++ = scaled_log(evidence->project.total, 8.0f);
    *out++ = (float)(evidence->project.distinct == 1);
    *out++ = scaled_log((float)evidence->project.distinct, 4.0f);
    *out++ = project.p;
    *out++ = log_ratio(1.0f - project.p);
    *out++ = evidence->blends[FT_PROJECT].left;
    *out++ = (float)evidence->file.order / FT_CHAIN_LONGEST;
    *out++ = scaled_log(evidence->file.total, 4.0f);
    *out++ = (float)(evidence->file.distinct == 1);
    *out++ = scaled_log((float)evidence->file.distinct, 3.0f);
    *out++ = file.p;
    *out++ = log_ratio(1.0f - file.p);
    *out++ = evidence->blends[FT_FILE].left;
    *out++ = both.p;
    *out++ = log_ratio(1.0f - both.p);
    *out++ = (float)(file.symbol == project.symbol);
    *out++ = log_ratio(ft_evidence_p(evidence, FT_FILE, project.symbol));
    *out++ = log_ratio(ft_evidence_p(evidence, FT_PROJECT, file.symbol));
    *out++ = scaled_log((float)lane->limit, 16.0f);
    out = network_features(evidence, network, file, both, project, out);
    out = structure_features(evidence, both, guesses[3], out);
    out = other_features(sources, evidence, both, guesses[4], out);
    out = place(lane, out);
    out = history(lane, out);
    remember(lane, guesses);
    (void)out; /* FT_FEATURES of them: features.h and this function must agree, a test counts */
}
