#include "blend.h"

#include <math.h>

static const float NOTHING_LEFT = 1e-9f;

void ft_blend_init(ft_blend *blend) {
    memset(blend, 0, sizeof *blend);
    blend->left = 1.0f;
}

void ft_blend_clear(ft_blend *blend) {
    for (int i = 0; i < blend->n_symbols; i++) blend->p[blend->symbols[i]] = 0.0f;
    blend->n_symbols = 0;
    blend->n_levels = 0;
    blend->left = 1.0f;
}

/* Orders 0 to 6 alone, then in widening groups; the last four are for matches that reach beyond the longest order. */
int ft_order_bucket(int order, int beyond) {
    static const uint8_t groups[32] = {0, 1, 2, 3, 4, 5, 6, 7, 7, 8, 8, 8, 9, 9, 9, 9,
                                       10, 10, 10, 10, 11, 11, 11, 11, 12, 12, 12, 12, 12, 12, 12, 12};
    if (order < 32) return groups[order];
    int length = order + beyond;
    if (length == 32) return 13;
    if (length < 48) return 14;
    return length < 96 ? 15 : 16;
}

int ft_total_bucket(float total) {
    int bucket = 0;
    for (uint32_t n = (uint32_t)(total + 0.5f); n > 1 && bucket < FT_TOTAL_BUCKETS - 1; n >>= 1) bucket++;
    return bucket;
}

/* One symbol, then 2, 3-4, 5-9 and more, each by the top share. */
int ft_shape_bucket(int distinct, float top) {
    int dominance = top > 0.95f ? 0 : top > 0.8f ? 1 : 2;
    if (distinct <= 1) return 0;
    if (distinct == 2) return 1 + dominance;
    if (distinct <= 4) return 4 + dominance;
    if (distinct <= 9) return dominance < 2 ? 7 : 8;
    return 9 + dominance;
}

void ft_blend_add(ft_blend *blend, const ft_counts *counts, int order_bucket, int total_bucket,
                  const float *lambdas, int target) {
    int distinct = 0;
    float top = 0.0f;
    if (blend->left < NOTHING_LEFT) return;
    for (int i = 0; i < counts->n_symbols; i++) {
        float count = counts->of[counts->symbols[i]];
        distinct += count > 0.0f;
        if (count > top) top = count;
    }
    if (distinct == 0 || counts->total <= 0.0f || blend->n_levels == FT_MAX_LEVELS) return;
    int bucket = (order_bucket * FT_TOTAL_BUCKETS + total_bucket) * FT_SHAPE_BUCKETS +
                 ft_shape_bucket(distinct, top / counts->total);
    float lambda = lambdas[bucket];
    float scale = blend->left * lambda / counts->total;
    for (int i = 0; i < counts->n_symbols; i++) {
        uint8_t symbol = counts->symbols[i];
        float count = counts->of[symbol];
        if (count <= 0.0f) continue;
        if (blend->p[symbol] == 0.0f) blend->symbols[blend->n_symbols++] = symbol;
        blend->p[symbol] += scale * count;
    }
    blend->left *= 1.0f - lambda;
    int level = blend->n_levels++;
    blend->bucket[level] = (uint16_t)bucket;
    blend->lambda[level] = lambda;
    blend->share[level] = target < 0 ? 0.0f : counts->of[target] / counts->total;
}

void ft_blend_learn(const ft_blend *blend, float base, float *logits, float *squares, float *lambdas, float rate) {
    float below[FT_MAX_LEVELS + 1]; /* p(target) as the levels from here on give it */
    int n = blend->n_levels;
    below[n] = base;
    for (int i = n - 1; i >= 0; i--) {
        below[i] = blend->lambda[i] * blend->share[i] + (1.0f - blend->lambda[i]) * below[i + 1];
    }
    float weight = 1.0f;
    for (int i = 0; i < n; i++) {
        float lambda = blend->lambda[i];
        float gradient = -weight * (blend->share[i] - below[i + 1]) / (below[0] + 1e-9f) * lambda * (1.0f - lambda);
        int bucket = blend->bucket[i];
        squares[bucket] += gradient * gradient;
        logits[bucket] -= rate * gradient / sqrtf(squares[bucket] + 1e-2f);
        lambdas[bucket] = 1.0f / (1.0f + expf(-logits[bucket]));
        weight *= 1.0f - lambda;
    }
}
