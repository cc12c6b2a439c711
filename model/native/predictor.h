/* The memories and the mixture of one document behind one handle: what the Python side calls.
 *
 * A handle is for one thread at a time. Arrays that are handed in belong to the caller and must outlive the handle. */
#ifndef FT_PREDICTOR_H
#define FT_PREDICTOR_H

#include "api.h"
#include "mixture.h"

typedef struct ft_predictor ft_predictor;

FT_API ft_predictor *ft_predictor_new(const float *project_lambdas, const float *document_lambdas,
                                      const float *structure_lambdas, const ft_gate *gate);
FT_API void ft_predictor_free(ft_predictor *predictor);

/* Add a segment of the project's memory; returns 0, or -1 where there are too many. */
FT_API int ft_predictor_add(ft_predictor *predictor, const ft_segment *segment);

/* The same for a segment of the memories of the user's other projects. */
FT_API int ft_predictor_add_other(ft_predictor *predictor, const ft_segment *segment);

/* Let the document hold this text left and right of the caret; costs what has changed. Returns 0 or -1. */
FT_API int ft_predictor_document(ft_predictor *predictor, const uint8_t *before, int32_t n_before, const uint8_t *after,
                                 int32_t n_after, int32_t reach);

/* Lanes are blocks of ft_lane_size() bytes; a copy of the block is a copy of the lane. */
FT_API size_t ft_lane_size(void);
/* Start a lane that has read `n` bytes, the last ones of what the document holds left of the caret. */
FT_API void ft_predictor_start(ft_predictor *predictor, ft_lane *lane, const uint8_t *bytes, int32_t n);
FT_API void ft_predictor_advance(const ft_predictor *predictor, ft_lane *lanes, const uint8_t *bytes, int32_t n_lanes);

/* Fill `p` (lanes, 256) from the network's `logits` (lanes, 256), or NULL without a network. */
FT_API void ft_predictor_mix(ft_predictor *predictor, ft_lane *lanes, int32_t n_lanes, const float *logits,
                             float *p);

/* Read `n` bytes into the document as if typed, each predicted before it is read. `p` (n, 256), `features` (n,
 * FT_FEATURES) and `logs` (n, FT_WEIGHTS, 256) are filled where not NULL. Returns 0 or -1. */
FT_API int ft_predictor_read(ft_predictor *predictor, ft_lane *lane, const uint8_t *bytes, int32_t n,
                             const float *logits, float *p, float *features, float *logs);

/* Logits of shares and the sums of their squared gradients so far, changed in place. */
typedef struct {
    float *logits;
    float *squares;
} ft_shares;

/* As above, and let the shares learn from each byte; see ft_blend_learn and ft_refine_learn. */
FT_API int ft_predictor_teach(ft_predictor *predictor, ft_lane *lane, const uint8_t *bytes, int32_t n,
                              const ft_shares *project, const ft_shares *document, const ft_shares *structure,
                              float rate);

/* Number of the layout of everything that crosses the border: arrays, structures, files of an index. It changes with
 * them, and with it native.py's. */
enum { FT_INTERFACE = 5 };
FT_API uint32_t ft_interface(void);

/* Fill `shape` (10) with FT_BUCKETS, FT_REFINE_BUCKETS, FT_FEATURES, FT_HIDDEN, FT_WEIGHTS, FT_MAX_SEGMENTS,
 * FT_MAX_OTHERS, FT_RECENT, FT_STRUCTURES and FT_CANDIDATES. */
FT_API void ft_shape(int32_t *shape);

#endif
