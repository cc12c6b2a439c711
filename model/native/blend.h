/* Blending the counts of contexts of falling order into one distribution over bytes.
 *
 * A level takes the share lambda of what the longer contexts left over, lambda being learnt per kind of evidence:
 * order, how often the context occurred, how many symbols followed it and how dominant one of them was (interpolation
 * in the manner of Jelinek and Mercer 1980, with learnt buckets instead of held-out estimation per context).
 * What is left after the last level is spread by the caller: evenly, or as another distribution says. */
#ifndef FT_BLEND_H
#define FT_BLEND_H

#include "counts.h"

enum { FT_ORDER_BUCKETS = 17, FT_TOTAL_BUCKETS = 13, FT_SHAPE_BUCKETS = 12 };
enum { FT_BUCKETS = FT_ORDER_BUCKETS * FT_TOTAL_BUCKETS * FT_SHAPE_BUCKETS };
enum { FT_MAX_LEVELS = 40 };

typedef struct {
    float p[256];        /* mass given so far; zero where no level saw the symbol */
    uint8_t symbols[256];
    int n_symbols;
    float left;          /* mass that no level has taken */
    int n_levels;
    uint16_t bucket[FT_MAX_LEVELS];
    float lambda[FT_MAX_LEVELS];
    float share[FT_MAX_LEVELS]; /* what the level gives the target, for learning */
} ft_blend;

void ft_blend_init(ft_blend *blend);
void ft_blend_clear(ft_blend *blend);

/* Add a level; `lambdas` has FT_BUCKETS entries in (0, 1), `target` is a byte or -1. */
void ft_blend_add(ft_blend *blend, const ft_counts *counts, int order_bucket, int total_bucket,
                  const float *lambdas, int target);

/* Move the logits behind `lambdas` down the gradient of -log p(target) by Adagrad; `base` is what the mass left over
 * gives the target. */
void ft_blend_learn(const ft_blend *blend, float base, float *logits, float *squares, float *lambdas, float rate);

int ft_order_bucket(int order, int beyond);
int ft_total_bucket(float total);

/* How many symbols there are and how large a share the likeliest has. */
int ft_shape_bucket(int distinct, float top);

#endif
