#include "links.h"

#include <stdlib.h>
#include <string.h>

enum { SLOT_BITS = 14, SLOTS = 1 << SLOT_BITS, MOST_STEPS = 128 };

static uint32_t slot_of(uint32_t hash) { return (hash * UINT32_C(0x85EBCA77)) >> (32 - SLOT_BITS); }

int ft_links_init(ft_links *links) {
    links->head = malloc(SLOTS * sizeof *links->head);
    if (links->head == NULL) return -1;
    memset(links->head, 0xFF, SLOTS * sizeof *links->head);
    return 0;
}

int ft_links_grow(ft_links *links, int32_t capacity) {
    int32_t *previous = realloc(links->previous, (size_t)capacity * sizeof *previous);
    if (previous == NULL) return -1;
    links->previous = previous;
    uint32_t *hash = realloc(links->hash, (size_t)capacity * sizeof *hash);
    if (hash == NULL) return -1;
    links->hash = hash;
    return 0;
}

void ft_links_free(ft_links *links) {
    free(links->head);
    free(links->previous);
    free(links->hash);
}

void ft_links_push(ft_links *links, int32_t place, uint32_t hash) {
    links->hash[place] = hash;
    if (hash == 0) return;
    int32_t *head = &links->head[slot_of(hash)];
    links->previous[place] = *head;
    *head = place;
}

void ft_links_pop(ft_links *links, int32_t place) {
    uint32_t hash = links->hash[place];
    if (hash != 0) links->head[slot_of(hash)] = links->previous[place];
}

/* Follow a slot's chain, in which other hashes may stand too, to a place with this one; long chains are given up. */
static int32_t same(const ft_links *links, uint32_t hash, int32_t place) {
    for (int step = 0; place >= 0 && step < MOST_STEPS; step++) {
        if (links->hash[place] == hash) return place;
        place = links->previous[place];
    }
    return -1;
}

int32_t ft_links_find(const ft_links *links, uint32_t hash, int32_t limit) {
    int32_t place = hash == 0 ? -1 : links->head[slot_of(hash)];
    while (place >= limit) place = links->previous[place];
    return same(links, hash, place);
}

int32_t ft_links_next(const ft_links *links, int32_t place) {
    return same(links, links->hash[place], links->previous[place]);
}
