/* Where each structure occurs, in the order in which it is looked up; see ft_postings in fm_index.h.
 *
 * A key is a hash in the upper half and a place in the lower one. */
#ifndef FT_POSTINGS_H
#define FT_POSTINGS_H

#include <stdint.h>

#include "api.h"

/* Sort n keys, which ascend by place, by hash and place; of each hash keep the `most` last places. `spare` has room for
 * n keys. Returns how many are left, at the front of `keys`. */
FT_API uint32_t ft_postings_sort(uint64_t *keys, uint64_t *spare, uint32_t n, uint32_t most);

/* Fill `places` (n) and `directory` (2 ^ bits + 1) from n sorted keys. */
FT_API void ft_postings_fill(const uint64_t *keys, uint32_t n, uint32_t bits, uint32_t *places, uint32_t *directory);

#endif
