/* What a gate is told about a position: numbers of order one that say how far each expert can be trusted here. */
#ifndef FT_FEATURES_H
#define FT_FEATURES_H

#include "evidence.h"

enum { FT_FEATURES = 60 };

/* Fill `features` and let the lane know what its experts guess; `network` is the natural logarithm of the network's
 * distribution, or NULL without one. */
void ft_features(const ft_sources *sources, ft_lane *lane, const ft_evidence *evidence, const float *network,
                 float *features);

/* Let the lane know what its experts guess, and nothing else. */
void ft_guess(ft_lane *lane, const ft_evidence *evidence);

#endif
