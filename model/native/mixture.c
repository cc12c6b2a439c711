#include "mixture.h"

#include <math.h>

static const float LEAST = 1.5e-8f;

float ft_log(float p) { return logf(p + LEAST); }

void ft_gate_weights(const ft_gate *gate, const float *features, float *weights) {
    float hidden[FT_HIDDEN];
    memcpy(hidden, gate->in_bias, sizeof hidden);
    for (int f = 0; f < FT_FEATURES; f++) {
        for (int h = 0; h < FT_HIDDEN; h++) hidden[h] += features[f] * gate->in[f][h];
    }
    memcpy(weights, gate->out_bias, sizeof gate->out_bias);
    for (int h = 0; h < FT_HIDDEN; h++) {
        float activation = tanhf(hidden[h]);
        for (int w = 0; w < FT_WEIGHTS; w++) weights[w] += activation * gate->out[h][w];
    }
}

void ft_log_softmax(const float *logits, float *logs) {
    float top = logits[0];
    for (int s = 1; s < 256; s++) top = logits[s] > top ? logits[s] : top;
    double total = 0.0;
    for (int s = 0; s < 256; s++) total += expf(logits[s] - top);
    float shift = top + (float)log(total), least = logf(LEAST);
    for (int s = 0; s < 256; s++) logs[s] = fmaxf(logits[s] - shift, least);
}

/* Normalise scores into a distribution; x * 2^n by bits would be faster, but expf is exact enough and portable. */
static void normalise(const float *scores, float *p) {
    float top = scores[0];
    for (int s = 1; s < 256; s++) top = scores[s] > top ? scores[s] : top;
    double total = 0.0;
    for (int s = 0; s < 256; s++) {
        p[s] = expf(scores[s] - top);
        total += p[s];
    }
    float scale = (float)(1.0 / total);
    for (int s = 0; s < 256; s++) p[s] *= scale;
}

/* Score what nobody has seen: the blends give it their floors, and what refines them one of two values. */
static void score_unknown(const ft_evidence *evidence, const float *weights, float *scores) {
    const ft_refined *refined = &evidence->refined;
    float floors = 0.0f, score[2] = {0.0f, 0.0f};
    int scored[2] = {0, 0};
    for (int e = 0; e < FT_BLENDS; e++) floors += weights[e] * ft_log(evidence->floor[e]);
    for (int s = 0; s < 256; s++) {
        if (refined->known[s]) continue;
        int inside = refined->parts[refined->part][s] > 0.0f;
        if (!scored[inside]) {
            score[inside] = floors + weights[FT_STRUCTURE] * ft_log(refined->p[s]);
            scored[inside] = 1;
        }
        scores[s] = score[inside];
    }
}

static void score_known(const ft_evidence *evidence, const float *weights, const uint8_t *symbols, int n,
                        float *scores) {
    for (int i = 0; i < n; i++) {
        float score = 0.0f;
        for (int e = 0; e < FT_EXPERTS; e++) {
            score += weights[e] * ft_log(ft_evidence_p(evidence, (ft_expert)e, symbols[i]));
        }
        scores[symbols[i]] = score;
    }
}

void ft_mix(const ft_evidence *evidence, const float *network, const float *weights, float *p) {
    float scores[256];
    const ft_blend *project = &evidence->blends[FT_PROJECT], *file = &evidence->blends[FT_FILE];
    const ft_blend *others = &evidence->blends[FT_OTHERS];
    score_unknown(evidence, weights, scores);
    /* every other blend's symbols are among these three's */
    score_known(evidence, weights, project->symbols, project->n_symbols, scores);
    score_known(evidence, weights, file->symbols, file->n_symbols, scores);
    score_known(evidence, weights, others->symbols, others->n_symbols, scores);
    score_known(evidence, weights, evidence->refined.added, evidence->refined.n_added, scores);
    if (network != NULL) {
        for (int s = 0; s < 256; s++) scores[s] += weights[FT_EXPERTS] * network[s];
    }
    normalise(scores, p);
}
