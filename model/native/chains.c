#include "chains.h"

#include <stdlib.h>

const int ft_chain_order[FT_CHAIN_ORDERS] = {1, 2, 3, 4, 5, 6, 8, 11, 15, 20, 28};

static const float DECAY = 0.95f;
static const int MOST_TRIES = 128;

enum { HASHES = 1 << FT_CHAIN_HASH_BITS, FIRST_CAPACITY = 1 << 14 };

/* Hash the contexts of all orders; `step` is -1 where the text runs upwards in memory and 1 where it runs downwards. */
static void hash_orders(const uint8_t *last, int step, int known, uint32_t *hashes) {
    uint64_t hash = 0;
    int order = 0;
    for (int i = 0; i < known && order < FT_CHAIN_ORDERS; i++) {
        hash = (hash + last[i * step] + 1) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
        if (i + 1 == ft_chain_order[order]) {
            hashes[order] = (uint32_t)((hash * UINT64_C(0xD6E8FEB86659FD93)) >> (64 - FT_CHAIN_HASH_BITS));
            order++;
        }
    }
}

int ft_chains_init(ft_chains *chains, int reversed) {
    memset(chains, 0, sizeof *chains);
    chains->reversed = reversed;
    for (int order = 0; order < FT_CHAIN_ORDERS; order++) {
        chains->head[order] = malloc(HASHES * sizeof(int32_t));
        if (chains->head[order] == NULL) return -1;
        memset(chains->head[order], 0xFF, HASHES * sizeof(int32_t));
    }
    return 0;
}

void ft_chains_free(ft_chains *chains) {
    free(chains->bytes);
    for (int order = 0; order < FT_CHAIN_ORDERS; order++) {
        free(chains->head[order]);
        free(chains->previous[order]);
    }
    memset(chains, 0, sizeof *chains);
}

static int grow(ft_chains *chains, int32_t needed) {
    int32_t capacity = chains->capacity ? chains->capacity : FIRST_CAPACITY;
    while (capacity < needed) capacity *= 2;
    if (capacity == chains->capacity) return 0;
    uint8_t *bytes = realloc(chains->bytes, (size_t)capacity);
    if (bytes == NULL) return -1;
    chains->bytes = bytes;
    for (int order = 0; order < FT_CHAIN_ORDERS; order++) {
        int32_t *previous = realloc(chains->previous[order], (size_t)capacity * sizeof(int32_t));
        if (previous == NULL) return -1;
        chains->previous[order] = previous;
    }
    chains->capacity = capacity;
    return 0;
}

/* The place that a push at `top` completes the context of order `length` for: itself where the text runs upwards, else
 * the one `length` below. */
static int32_t place(const ft_chains *chains, int32_t top, int length) {
    return chains->reversed ? top - length : top;
}

static int known_at(const ft_chains *chains, int32_t top) {
    int32_t known = top < FT_CHAIN_LONGEST ? top : FT_CHAIN_LONGEST;
    (void)chains;
    return (int)known;
}

/* Hash the contexts that a push at `top` completes. Upwards all of them end just below `top`; downwards the one of each
 * order starts at `top` and ends at another byte. */
static void hashes_at(const ft_chains *chains, int32_t top, int known, uint32_t *hashes) {
    if (!chains->reversed) {
        hash_orders(chains->bytes + top - 1, -1, known, hashes);
        return;
    }
    for (int order = 0; order < FT_CHAIN_ORDERS && ft_chain_order[order] <= known; order++) {
        uint32_t all[FT_CHAIN_ORDERS];
        hash_orders(chains->bytes + top - ft_chain_order[order] + 1, 1, ft_chain_order[order], all);
        hashes[order] = all[order];
    }
}

int ft_chains_push(ft_chains *chains, const uint8_t *bytes, int32_t n) {
    if (grow(chains, chains->n + n) != 0) return -1;
    for (int32_t i = 0; i < n; i++) {
        int32_t top = chains->n;
        chains->bytes[top] = bytes[i];
        int known = known_at(chains, top);
        uint32_t hashes[FT_CHAIN_ORDERS];
        hashes_at(chains, top, known, hashes);
        for (int order = 0; order < FT_CHAIN_ORDERS && ft_chain_order[order] <= known; order++) {
            int32_t where = place(chains, top, ft_chain_order[order]);
            chains->previous[order][where] = chains->head[order][hashes[order]];
            chains->head[order][hashes[order]] = where;
        }
        chains->n++;
    }
    return 0;
}

void ft_chains_pop(ft_chains *chains, int32_t n) {
    for (int32_t i = 0; i < n; i++) {
        int32_t top = --chains->n;
        int known = known_at(chains, top);
        uint32_t hashes[FT_CHAIN_ORDERS];
        hashes_at(chains, top, known, hashes);
        for (int order = 0; order < FT_CHAIN_ORDERS && ft_chain_order[order] <= known; order++) {
            int32_t where = place(chains, top, ft_chain_order[order]);
            chains->head[order][hashes[order]] = chains->previous[order][where];
        }
    }
}

static int same_context(const ft_chains *chains, int32_t where, const uint8_t *context, int length) {
    if (!chains->reversed) return memcmp(chains->bytes + where - length, context - length, (size_t)length) == 0;
    for (int i = 1; i <= length; i++) {
        if (chains->bytes[where + i] != context[-i]) return 0;
    }
    return 1;
}

void ft_chains_successors(const ft_chains *chains, const uint8_t *context, int known, int32_t limit, int32_t reach,
                          ft_counts *by_order) {
    uint32_t hashes[FT_CHAIN_ORDERS];
    if (known > FT_CHAIN_LONGEST) known = FT_CHAIN_LONGEST;
    hash_orders(context - 1, -1, known, hashes);
    for (int order = 0; order < FT_CHAIN_ORDERS; order++) {
        ft_counts *counts = &by_order[order];
        ft_counts_clear(counts);
        int length = ft_chain_order[order];
        if (length > known) continue;
        int32_t where = chains->head[order][hashes[order]];
        float weight = 1.0f;
        int taken = 0;
        for (int tries = 0; where >= 0 && tries < MOST_TRIES && taken < FT_CHAIN_CANDIDATES; tries++) {
            if (limit - where > reach) break; /* the chain only gets older */
            if (where < limit && same_context(chains, where, context, length)) {
                ft_counts_add(counts, chains->bytes[where], weight);
                weight *= DECAY;
                taken++;
            }
            where = chains->previous[order][where];
        }
    }
}
