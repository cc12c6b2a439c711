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

void ft_mix(const ft_evidence *evidence, const float *network, const float *weights, float *p) {
    float scores[256];
    float unseen = 0.0f;
    for (int e = 0; e < FT_EXPERTS; e++) unseen += weights[e] * ft_log(evidence->floor[e]);
    for (int s = 0; s < 256; s++) scores[s] = unseen;
    /* every other blend's symbols are among these two's */
    static const ft_expert seen_by[2] = {FT_PROJECT, FT_FILE};
    for (int i = 0; i < 2; i++) {
        const ft_blend *blend = &evidence->blends[seen_by[i]];
        for (int j = 0; j < blend->n_symbols; j++) {
            uint8_t symbol = blend->symbols[j];
            float score = 0.0f;
            for (int e = 0; e < FT_EXPERTS; e++) {
                score += weights[e] * ft_log(ft_evidence_p(evidence, (ft_expert)e, symbol));
            }
            scores[symbol] = score;
        }
    }
    if (network != NULL) {
        for (int s = 0; s < 256; s++) scores[s] += weights[FT_EXPERTS] * network[s];
    }
    normalise(scores, p);
}
