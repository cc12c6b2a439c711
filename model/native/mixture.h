/* Log-linear mixing of distributions (Mattern 2012, "Mixing Strategies in Data Compression", section 3.2) with weights
 * from a small gate: p(s) is proportional to the product of p_e(s) ^ w_e over all experts. */
#ifndef FT_MIXTURE_H
#define FT_MIXTURE_H

#include "features.h"

enum { FT_WEIGHTS = FT_EXPERTS + 1, FT_HIDDEN = 48 }; /* the network's weight comes last */

typedef struct {
    float in[FT_FEATURES][FT_HIDDEN];
    float in_bias[FT_HIDDEN];
    float out[FT_HIDDEN][FT_WEIGHTS];
    float out_bias[FT_WEIGHTS];
} ft_gate;

/* The logarithm that mixing sees: no expert may rule a symbol out for good. */
float ft_log(float p);

void ft_gate_weights(const ft_gate *gate, const float *features, float *weights);

/* Fill `p` (256), which sums to one. `network` holds logarithms, or is NULL without a network. */
void ft_mix(const ft_evidence *evidence, const float *network, const float *weights, float *p);

/* Turn `n` logits into logarithms of a distribution, none below what ft_log gives at least. */
void ft_log_softmax(const float *logits, float *logs);

#endif
