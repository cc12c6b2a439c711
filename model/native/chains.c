#include "chains.h"

#include <stdlib.h>

#include "word.h"

const int ft_chain_order[FT_CHAIN_ORDERS] = {1, 2, 3, 4, 5, 6, 8, 11, 15, 20, 28};

static const float DECAY = 0.95f;
static const int MOST_TRIES = 128;

enum { HASHES = 1 << FT_CHAIN_HASH_BITS, FIRST_CAPACITY = 1 << 14, WORDS_WITHIN = 48 };

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

/* Words and structures are looked for upwards only. */
static int n_links(const ft_chains *chains) { return chains->reversed ? 0 : FT_LINKS; }

static uint32_t mixed(uint32_t hash, uint8_t byte) {
    hash = (hash + byte + 1) * UINT32_C(0x9E3779B1);
    return hash ^ hash >> 15;
}

/* Hash the words that end at `last`, of which `known` bytes below may be read; 0 where there are none. */
static void hash_words(const uint8_t *last, int known, uint32_t *hashes) {
    if (known > WORDS_WITHIN) known = WORDS_WITHIN;
    int i = 0;
    uint32_t hash = 1;
    while (i < known && ft_is_word(last[-i])) hash = mixed(hash, last[-i++]);
    hashes[FT_WORD] = i > 0 ? hash | 1 : 0;
    hash = mixed(hash, i > 0 ? ' ' : last[0]); /* between words it matters which sign was the last */
    while (i < known && !ft_is_word(last[-i])) i++;
    int before = i;
    while (i < known && ft_is_word(last[-i])) hash = mixed(hash, last[-i++]);
    hashes[FT_WORD_PAIR] = i > before ? hash | 1 : 0;
}

int ft_chains_init(ft_chains *chains, int reversed) {
    memset(chains, 0, sizeof *chains);
    chains->reversed = reversed;
    for (int order = 0; order < FT_CHAIN_ORDERS; order++) {
        chains->head[order] = malloc(HASHES * sizeof(int32_t));
        if (chains->head[order] == NULL) return -1;
        memset(chains->head[order], 0xFF, HASHES * sizeof(int32_t));
    }
    for (int i = 0; i < n_links(chains); i++) {
        if (ft_links_init(&chains->links[i]) != 0) return -1;
    }
    return 0;
}

void ft_chains_free(ft_chains *chains) {
    free(chains->bytes);
    for (int order = 0; order < FT_CHAIN_ORDERS; order++) {
        free(chains->head[order]);
        free(chains->previous[order]);
    }
    for (int i = 0; i < FT_LINKS; i++) ft_links_free(&chains->links[i]);
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
    for (int i = 0; i < n_links(chains); i++) {
        if (ft_links_grow(&chains->links[i], capacity) != 0) return -1;
    }
    chains->capacity = capacity;
    return 0;
}

/* The place that a push at `top` completes the context of order `length` for: itself where the text runs upwards, else
 * the one `length` below. */
static int32_t place(const ft_chains *chains, int32_t top, int length) {
    return chains->reversed ? top - length : top;
}

static int known_at(int32_t top) { return top < FT_CHAIN_LONGEST ? (int)top : FT_CHAIN_LONGEST; }

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

/* Put the place at `top` into the chains of words and, where a token begins, of structures. */
static void push_links(ft_chains *chains, int32_t top) {
    uint32_t hashes[FT_LINKS] = {0};
    const uint8_t *end = chains->bytes + top;
    if (n_links(chains) > 0 && top > 0) {
        hash_words(end - 1, (int)(top < WORDS_WITHIN ? top : WORDS_WITHIN), hashes);
        if (ft_may_begin(ft_beginning_after(end[-1]), end[0])) {
            int known = top < FT_STRUCTURE_WITHIN ? (int)top : FT_STRUCTURE_WITHIN;
            ft_structures(end, known, hashes + FT_FIRST_STRUCTURE);
        }
    }
    for (int i = 0; i < n_links(chains); i++) ft_links_push(&chains->links[i], top, hashes[i]);
}

int ft_chains_push(ft_chains *chains, const uint8_t *bytes, int32_t n) {
    if (grow(chains, chains->n + n) != 0) return -1;
    for (int32_t i = 0; i < n; i++) {
        int32_t top = chains->n;
        chains->bytes[top] = bytes[i];
        int known = known_at(top);
        uint32_t hashes[FT_CHAIN_ORDERS];
        hashes_at(chains, top, known, hashes);
        for (int order = 0; order < FT_CHAIN_ORDERS && ft_chain_order[order] <= known; order++) {
            int32_t where = place(chains, top, ft_chain_order[order]);
            chains->previous[order][where] = chains->head[order][hashes[order]];
            chains->head[order][hashes[order]] = where;
        }
        push_links(chains, top);
        chains->n++;
    }
    return 0;
}

void ft_chains_pop(ft_chains *chains, int32_t n) {
    for (int32_t i = 0; i < n; i++) {
        int32_t top = --chains->n;
        int known = known_at(top);
        uint32_t hashes[FT_CHAIN_ORDERS];
        hashes_at(chains, top, known, hashes);
        for (int order = 0; order < FT_CHAIN_ORDERS && ft_chain_order[order] <= known; order++) {
            int32_t where = place(chains, top, ft_chain_order[order]);
            chains->head[order][hashes[order]] = chains->previous[order][where];
        }
        for (int link = 0; link < n_links(chains); link++) ft_links_pop(&chains->links[link], top);
    }
}

static int same_context(const ft_chains *chains, int32_t where, const uint8_t *context, int length) {
    if (!chains->reversed) return memcmp(chains->bytes + where - length, context - length, (size_t)length) == 0;
    for (int i = 1; i <= length; i++) {
        if (chains->bytes[where + i] != context[-i]) return 0;
    }
    return 1;
}

static void count_order(const ft_chains *chains, int order, uint32_t hash, const uint8_t *context, int32_t limit,
                        int32_t reach, ft_counts *counts) {
    int32_t where = chains->head[order][hash];
    float weight = 1.0f;
    int taken = 0;
    while (where >= limit) where = chains->previous[order][where];
    for (int tries = 0; where >= 0 && tries < MOST_TRIES && taken < FT_CHAIN_CANDIDATES; tries++) {
        if (limit - where > reach) break; /* the chain only gets older */
        if (same_context(chains, where, context, ft_chain_order[order])) {
            ft_counts_add(counts, chains->bytes[where], weight);
            weight *= DECAY;
            taken++;
        }
        where = chains->previous[order][where];
    }
}

static void count_linked(const ft_chains *chains, int link, uint32_t hash, int32_t limit, int32_t reach,
                         ft_counts *counts) {
    float weight = 1.0f;
    int taken = 0;
    int32_t where = ft_links_find(&chains->links[link], hash, limit);
    while (where >= 0 && limit - where <= reach && taken < FT_CHAIN_CANDIDATES) {
        ft_counts_add(counts, chains->bytes[where], weight);
        weight *= DECAY;
        taken++;
        where = ft_links_next(&chains->links[link], where);
    }
}

void ft_chains_successors(const ft_chains *chains, const uint8_t *context, int known, int32_t limit, int32_t reach,
                          ft_counts *by_kind) {
    uint32_t hashes[FT_CHAIN_ORDERS] = {0}, words[FT_WORD_KINDS] = {0};
    hash_orders(context - 1, -1, known < FT_CHAIN_LONGEST ? known : FT_CHAIN_LONGEST, hashes);
    if (known > 0) hash_words(context - 1, known, words);
    for (int kind = 0; kind < FT_CHAIN_KINDS; kind++) ft_counts_clear(&by_kind[kind]);
    for (int order = 0; order < FT_CHAIN_ORDERS && ft_chain_order[order] <= known; order++) {
        count_order(chains, order, hashes[order], context, limit, reach, &by_kind[order]);
    }
    for (int word = 0; word < FT_WORD_KINDS && word < n_links(chains); word++) {
        count_linked(chains, word, words[word], limit, reach, &by_kind[FT_CHAIN_ORDERS + word]);
    }
}
