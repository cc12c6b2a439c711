/* Places in a growing text by the hash of what stands before them, the newest first: one hash chain. A stack, as in
 * chains.h: undoing a push restores the chain. */
#ifndef FT_LINKS_H
#define FT_LINKS_H

#include <stdint.h>

typedef struct {
    int32_t *head;     /* by slot of a hash */
    int32_t *previous; /* by place */
    uint32_t *hash;    /* by place: all of it, 0 where the place is in no chain */
} ft_links;

/* Return 0, or -1 where memory is missing. */
int ft_links_init(ft_links *links);
int ft_links_grow(ft_links *links, int32_t capacity);
void ft_links_free(ft_links *links);

/* Places come one by one; those with hash 0 are in no chain. */
void ft_links_push(ft_links *links, int32_t place, uint32_t hash);
void ft_links_pop(ft_links *links, int32_t place);

/* Return the newest place below `limit` that has this hash, or -1. */
int32_t ft_links_find(const ft_links *links, uint32_t hash, int32_t limit);

/* Return the next older place with the same hash, or -1. */
int32_t ft_links_next(const ft_links *links, int32_t place);

#endif
