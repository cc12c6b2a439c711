#include "predictor.h"

#include <stdlib.h>

struct ft_predictor {
    ft_sources sources;
    ft_segment segments[FT_MAX_SEGMENTS], others[FT_MAX_OTHERS];
    ft_chains before, after;
    ft_evidence *evidence;
    float *project_lambdas, *document_lambdas, *structure_lambdas; /* copies: teaching changes them */
    ft_gate gate;
};

uint32_t ft_interface(void) { return FT_INTERFACE; }

void ft_shape(int32_t *shape) {
    const int32_t values[] = {FT_BUCKETS,      FT_REFINE_BUCKETS, FT_FEATURES, FT_HIDDEN,     FT_WEIGHTS,
                              FT_MAX_SEGMENTS, FT_MAX_OTHERS,     FT_RECENT,   FT_STRUCTURES, FT_CANDIDATES};
    memcpy(shape, values, sizeof values);
}

static float *copy(const float *values, size_t n) {
    float *copied = malloc(n * sizeof *copied);
    if (copied != NULL) memcpy(copied, values, n * sizeof *copied);
    return copied;
}

ft_predictor *ft_predictor_new(const float *project_lambdas, const float *document_lambdas,
                               const float *structure_lambdas, const ft_gate *gate) {
    ft_predictor *made = calloc(1, sizeof *made);
    if (made == NULL) return NULL;
    made->project_lambdas = copy(project_lambdas, FT_BUCKETS);
    made->document_lambdas = copy(document_lambdas, FT_BUCKETS);
    made->structure_lambdas = copy(structure_lambdas, FT_REFINE_BUCKETS);
    made->evidence = ft_evidence_new();
    made->gate = *gate;
    made->sources.segments = made->segments;
    made->sources.others = made->others;
    made->sources.project_lambdas = made->project_lambdas;
    made->sources.document_lambdas = made->document_lambdas;
    made->sources.structure_lambdas = made->structure_lambdas;
    int failed = ft_chains_init(&made->before, 0) | ft_chains_init(&made->after, 1);
    if (failed || made->evidence == NULL || made->project_lambdas == NULL || made->document_lambdas == NULL ||
        made->structure_lambdas == NULL) {
        ft_predictor_free(made);
        return NULL;
    }
    return made;
}

void ft_predictor_free(ft_predictor *predictor) {
    if (predictor == NULL) return;
    ft_chains_free(&predictor->before);
    ft_chains_free(&predictor->after);
    ft_evidence_free(predictor->evidence);
    free(predictor->project_lambdas);
    free(predictor->document_lambdas);
    free(predictor->structure_lambdas);
    free(predictor);
}

int ft_predictor_add(ft_predictor *predictor, const ft_segment *segment) {
    if (predictor->sources.n_segments == FT_MAX_SEGMENTS) return -1;
    predictor->segments[predictor->sources.n_segments++] = *segment;
    return 0;
}

int ft_predictor_add_other(ft_predictor *predictor, const ft_segment *segment) {
    if (predictor->sources.n_others == FT_MAX_OTHERS) return -1;
    predictor->others[predictor->sources.n_others++] = *segment;
    return 0;
}

/* Make a stack hold `bytes` (from the end backwards where it runs downwards), keeping what it has in common. */
static int hold(ft_chains *chains, const uint8_t *bytes, int32_t n) {
    int32_t same = 0;
    while (same < n && same < chains->n && chains->bytes[same] == bytes[chains->reversed ? n - 1 - same : same]) same++;
    ft_chains_pop(chains, chains->n - same);
    if (!chains->reversed) return ft_chains_push(chains, bytes + same, n - same);
    for (int32_t i = n - 1 - same; i >= 0; i--) {
        if (ft_chains_push(chains, &bytes[i], 1) != 0) return -1;
    }
    return 0;
}

int ft_predictor_document(ft_predictor *predictor, const uint8_t *before, int32_t n_before, const uint8_t *after,
                          int32_t n_after, int32_t reach) {
    predictor->sources.before = &predictor->before;
    predictor->sources.after = n_after > 0 ? &predictor->after : NULL;
    predictor->sources.reach = reach;
    return hold(&predictor->before, before, n_before) | hold(&predictor->after, after, n_after);
}

size_t ft_lane_size(void) { return sizeof(ft_lane); }

/* Return the last place at `place` or before it where a token begins, so that what follows it can be followed. */
static int32_t last_beginning(const uint8_t *bytes, int32_t place) {
    while (place > 0 && !ft_may_begin(ft_beginning_after(bytes[place - 1]), bytes[place])) place--;
    return place < 0 ? 0 : place;
}

void ft_predictor_start(ft_predictor *predictor, ft_lane *lane, const uint8_t *bytes, int32_t n) {
    const ft_sources *sources = &predictor->sources;
    memset(lane, 0, sizeof *lane);
    ft_lane_start(sources, lane);
    int32_t end = lane->limit;
    int32_t first = last_beginning(bytes, n - FT_HISTORY - 1);
    int32_t asked = n > FT_HISTORY ? n - FT_HISTORY : 0; /* from this byte on its history is looked at */
    for (int32_t i = 0; i < n; i++) {
        int32_t place = end - (n - i); /* of this byte in the document; the separator before it has none */
        lane->limit = place > 0 ? place : 0;
        if (i == first) ft_lane_follow(sources, lane);
        if (i == asked) ft_lane_place(sources, lane, bytes, i);
        if (i >= asked && (sources->before == NULL || place >= 0)) {
            ft_evidence_read(sources, lane, -1, predictor->evidence);
            ft_guess(lane, predictor->evidence);
        }
        lane->limit = place >= 0 ? place + 1 : 0;
        (i < asked ? ft_lane_read : ft_lane_advance)(sources, lane, bytes[i]);
    }
    lane->limit = end;
    if (n == 0) ft_lane_follow(sources, lane);
}

void ft_predictor_advance(const ft_predictor *predictor, ft_lane *lanes, const uint8_t *bytes, int32_t n_lanes) {
    for (int32_t i = 0; i < n_lanes; i++) ft_lane_advance(&predictor->sources, &lanes[i], bytes[i]);
}

/* Predict from what has been read into `evidence`; `features` has room for all of them. */
static void mix(const ft_predictor *predictor, ft_lane *lane, const float *logits, float *features, float *logs,
                float *p) {
    const float *network = NULL;
    float weights[FT_WEIGHTS];
    if (logits != NULL) {
        ft_log_softmax(logits, logs);
        network = logs;
    }
    ft_features(&predictor->sources, lane, predictor->evidence, network, features);
    ft_gate_weights(&predictor->gate, features, weights);
    ft_mix(predictor->evidence, network, weights, p);
}

void ft_predictor_mix(ft_predictor *predictor, ft_lane *lanes, int32_t n_lanes, const float *logits, float *p) {
    float features[FT_FEATURES], logs[256];
    for (int32_t i = 0; i < n_lanes; i++) {
        ft_evidence_read(&predictor->sources, &lanes[i], -1, predictor->evidence);
        const float *row = logits == NULL ? NULL : logits + (size_t)i * 256;
        mix(predictor, &lanes[i], row, features, logs, p + (size_t)i * 256);
    }
}

static void write_logs(const ft_evidence *evidence, const float *network, float *logs) {
    for (int expert = 0; expert < FT_EXPERTS; expert++) {
        for (int symbol = 0; symbol < 256; symbol++) {
            *logs++ = ft_log(ft_evidence_p(evidence, (ft_expert)expert, (uint8_t)symbol));
        }
    }
    for (int symbol = 0; symbol < 256; symbol++) *logs++ = network == NULL ? 0.0f : network[symbol];
}

/* Read a byte into lane and document, after it was predicted. */
static int type(ft_predictor *predictor, ft_lane *lane, uint8_t byte) {
    if (predictor->sources.before != NULL && ft_chains_push(&predictor->before, &byte, 1) != 0) return -1;
    lane->limit = predictor->sources.before != NULL ? predictor->before.n : 0;
    ft_lane_advance(&predictor->sources, lane, byte);
    return 0;
}

int ft_predictor_read(ft_predictor *predictor, ft_lane *lane, const uint8_t *bytes, int32_t n, const float *logits,
                      float *p, float *features, float *logs) {
    float own_features[FT_FEATURES], own_p[256], network[256];
    for (int32_t i = 0; i < n; i++) {
        ft_evidence_read(&predictor->sources, lane, -1, predictor->evidence);
        const float *row = logits == NULL ? NULL : logits + (size_t)i * 256;
        float *into = features == NULL ? own_features : features + (size_t)i * FT_FEATURES;
        mix(predictor, lane, row, into, network, p == NULL ? own_p : p + (size_t)i * 256);
        if (logs != NULL) {
            write_logs(predictor->evidence, row == NULL ? NULL : network, logs + (size_t)i * FT_WEIGHTS * 256);
        }
        if (type(predictor, lane, bytes[i]) != 0) return -1;
    }
    return 0;
}

int ft_predictor_teach(ft_predictor *predictor, ft_lane *lane, const uint8_t *bytes, int32_t n,
                       const ft_shares *project, const ft_shares *document, const ft_shares *structure, float rate) {
    ft_evidence *evidence = predictor->evidence;
    for (int32_t i = 0; i < n; i++) {
        ft_evidence_read(&predictor->sources, lane, bytes[i], evidence);
        float base = ft_evidence_p(evidence, FT_PROJECT, bytes[i]);
        ft_blend_learn(&evidence->blends[FT_PROJECT], 1.0f / 256.0f, project->logits, project->squares,
                       predictor->project_lambdas, rate);
        ft_blend_learn(&evidence->blends[FT_BOTH], base, document->logits, document->squares,
                       predictor->document_lambdas, rate);
        ft_refine_learn(&evidence->refined, structure->logits, structure->squares, predictor->structure_lambdas, rate);
        if (type(predictor, lane, bytes[i]) != 0) return -1;
    }
    return 0;
}
