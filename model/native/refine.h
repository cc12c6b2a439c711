/* Refining a distribution level by level, from below: each level takes its share of the mass for what its counts
 * say.
 *
 * A level may speak about a part of the bytes alone: then it divides anew what the levels below gave that part, and
 * leaves the rest. (A blend that interpolates from above, see blend.h, cannot do that: the part's mass is not known
 * yet.) */
#ifndef FT_REFINE_H
#define FT_REFINE_H

#include "blend.h"
#include "structure.h"

typedef enum { FT_ELSEWHERE, FT_HERE, FT_SCOPES } ft_scope; /* the project, the document */

enum { FT_LENGTHS = 3, FT_REFINE_TOTALS = 6, FT_REFINE_KINDS = FT_SCOPES * FT_STRUCTURES * (FT_LENGTHS + 1) };
enum { FT_REFINE_BUCKETS = FT_REFINE_KINDS * FT_REFINE_TOTALS * FT_SHAPE_BUCKETS };
enum { FT_MAX_REFINEMENTS = 2 * FT_SCOPES * FT_STRUCTURES };

typedef struct {
    float p[256];                    /* sums to one */
    float parts[FT_BEGINNINGS][256]; /* 1 for what may begin a token, 0 for the rest */
    ft_beginning part;               /* what levels that speak about a part speak about */
    uint8_t known[256];              /* unknown bytes have one probability inside the part and one outside */
    uint8_t added[256];              /* bytes that became known by a level */
    int n_added;
    float target;                    /* p of the target, for learning */
    int n_levels;
    struct {
        uint16_t bucket;
        uint8_t is_part;             /* whether the level speaks about a part alone */
        uint8_t holds_target;        /* whether the target is in that part */
        float lambda;
        float share;                 /* what the counts give the target */
        float share_of_part;         /* and all bytes of the part that later levels speak about */
        float target_below, part_below;
    } levels[FT_MAX_REFINEMENTS];
} ft_refined;

void ft_refine_init(ft_refined *refined);

/* Begin with `p` and `known` as the caller has filled them; `part` is what may begin a token here. */
void ft_refine_start(ft_refined *refined, ft_beginning part);

/* Add a level that speaks about all bytes or about the part alone. `kind` counts scopes, structures and what is
 * asked of them: what follows, by how long it has been followed, or what begins. */
void ft_refine_add(ft_refined *refined, const ft_counts *counts, int kind, int is_part, const float *lambdas,
                   int target);

/* Move the logits behind `lambdas` down the gradient of -log p(target) by Adagrad. */
void ft_refine_learn(const ft_refined *refined, float *logits, float *squares, float *lambdas, float rate);

#endif
