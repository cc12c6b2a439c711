#include "refine.h"

#include <math.h>

void ft_refine_init(ft_refined *refined) {
    memset(refined, 0, sizeof *refined);
    for (int part = 0; part < FT_BEGINNINGS; part++) {
        for (int s = 0; s < 256; s++) refined->parts[part][s] = (float)ft_may_begin((ft_beginning)part, (uint8_t)s);
    }
}

void ft_refine_start(ft_refined *refined, ft_beginning part) {
    refined->part = part;
    refined->n_added = 0;
    refined->n_levels = 0;
}

static float mass_of(const float *p, const float *part) {
    float sums[8] = {0.0f}; /* side by side, in an order that the compiler may keep */
    for (int s = 0; s < 256; s += 8) {
        for (int i = 0; i < 8; i++) sums[i] += part[s + i] * p[s + i];
    }
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

static float counted_in(const ft_counts *counts, ft_beginning part) {
    float counted = 0.0f;
    for (int i = 0; i < counts->n_symbols; i++) {
        if (ft_may_begin(part, counts->symbols[i])) counted += counts->of[counts->symbols[i]];
    }
    return counted;
}

static int bucket_of(const ft_counts *counts, int kind) {
    float top = 0.0f;
    for (int i = 0; i < counts->n_symbols; i++) top = fmaxf(top, counts->of[counts->symbols[i]]);
    int total = ft_total_bucket(counts->total);
    if (total >= FT_REFINE_TOTALS) total = FT_REFINE_TOTALS - 1;
    int shape = ft_shape_bucket(counts->n_symbols, top / counts->total);
    return (kind * FT_REFINE_TOTALS + total) * FT_SHAPE_BUCKETS + shape;
}

void ft_refine_add(ft_refined *refined, const ft_counts *counts, int kind, int is_part, const float *lambdas,
                   int target) {
    ft_beginning part = refined->part;
    ft_beginning spoken_of = is_part ? part : FT_ANY;
    float counted = counted_in(counts, spoken_of);
    if (counted <= 0.0f) return;
    int bucket = bucket_of(counts, kind);
    float lambda = lambdas[bucket];
    float mass = is_part ? mass_of(refined->p, refined->parts[part]) : 1.0f;
    if (target >= 0) {
        int level = refined->n_levels++;
        refined->levels[level].bucket = (uint16_t)bucket;
        refined->levels[level].is_part = (uint8_t)is_part;
        refined->levels[level].holds_target = (uint8_t)ft_may_begin(spoken_of, (uint8_t)target);
        refined->levels[level].lambda = lambda;
        refined->levels[level].share = counts->of[target] / counted;
        refined->levels[level].share_of_part = is_part ? 1.0f : counted_in(counts, part) / counted;
        refined->levels[level].target_below = refined->p[target];
        refined->levels[level].part_below = is_part ? mass : mass_of(refined->p, refined->parts[part]);
    }
    const float *spoken = refined->parts[spoken_of];
    for (int s = 0; s < 256; s++) refined->p[s] *= 1.0f - lambda * spoken[s];
    float scale = lambda * mass / counted;
    for (int i = 0; i < counts->n_symbols; i++) {
        uint8_t symbol = counts->symbols[i];
        if (!ft_may_begin(spoken_of, symbol)) continue;
        refined->p[symbol] += scale * counts->of[symbol];
        if (!refined->known[symbol]) {
            refined->known[symbol] = 1;
            refined->added[refined->n_added++] = symbol;
        }
    }
    refined->target = target < 0 ? 0.0f : refined->p[target];
}

void ft_refine_learn(const ft_refined *refined, float *logits, float *squares, float *lambdas, float rate) {
    float by_target = 1.0f, by_part = 0.0f; /* derivatives of the final p(target) */
    for (int i = refined->n_levels - 1; i >= 0; i--) {
        float lambda = refined->levels[i].lambda, share = refined->levels[i].share, slope;
        float target_below = refined->levels[i].target_below, part_below = refined->levels[i].part_below;
        if (!refined->levels[i].is_part) {
            slope = by_target * (share - target_below) + by_part * (refined->levels[i].share_of_part - part_below);
            by_target *= 1.0f - lambda;
            by_part *= 1.0f - lambda;
        } else if (refined->levels[i].holds_target) {
            slope = by_target * (part_below * share - target_below);
            by_part += by_target * lambda * share;
            by_target *= 1.0f - lambda;
        } else {
            continue; /* what the level divides anew holds the target neither before nor after */
        }
        float gradient = -slope / (refined->target + 1e-9f) * lambda * (1.0f - lambda);
        int bucket = refined->levels[i].bucket;
        squares[bucket] += gradient * gradient;
        logits[bucket] -= rate * gradient / sqrtf(squares[bucket] + 1e-2f);
        lambdas[bucket] = 1.0f / (1.0f + expf(-logits[bucket]));
    }
}
