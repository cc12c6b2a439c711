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
    hashes[FT_WORD - FT_CHAIN_ORDERS] = i > 0 ? hash | 1 : 0;
    hash = mixed(hash, i > 0 ? ' ' : last[0]); /* between words it matters which sign was the last */
    while (i < known && !ft_is_word(last[-i])) i++;
    int before = i;
    while (i < known && ft_is_word(last[-i])) hash = mixed(hash, last[-i++]);
    hashes[FT_WORD_PAIR - FT_CHAIN_ORDERS] = i > before ? hash | 1 : 0;
}

static uint32_t slot_of(uint32_t hash) { return (hash * UINT32_C(0x85EBCA77)) >> (32 - FT_CHAIN_HASH_BITS); }

int ft_chains_init(ft_chains *chains, int reversed) {
    memset(chains, 0, sizeof *chains);
    chains->reversed = reversed;
    for (int kind = 0; kind < FT_CHAIN_KINDS; kind++) {
        chains->head[kind] = malloc(HASHES * sizeof(int32_t));
        if (chains->head[kind] == NULL) return -1;
        memset(chains->head[kind], 0xFF, HASHES * sizeof(int32_t));
    }
    for (int i = 0; i < FT_STRUCTURES; i++) {
        if (ft_links_init(&chains->structures[i]) != 0) return -1;
    }
    return 0;
}

void ft_chains_free(ft_chains *chains) {
    free(chains->bytes);
    for (int kind = 0; kind < FT_CHAIN_KINDS; kind++) {
        free(chains->head[kind]);
        free(chains->previous[kind]);
    }
    for (int kind = 0; kind < FT_WORD_KINDS; kind++) free(chains->words[kind]);
    for (int i = 0; i < FT_STRUCTURES; i++) ft_links_free(&chains->structures[i]);
    memset(chains, 0, sizeof *chains);
}

static int grow(ft_chains *chains, int32_t needed) {
    int32_t capacity = chains->capacity ? chains->capacity : FIRST_CAPACITY;
    while (capacity < needed) capacity *= 2;
    if (capacity == chains->capacity) return 0;
    uint8_t *bytes = realloc(chains->bytes, (size_t)capacity);
    if (bytes == NULL) return -1;
    chains->bytes = bytes;
    for (int kind = 0; kind < FT_CHAIN_KINDS; kind++) {
        int32_t *previous = realloc(chains->previous[kind], (size_t)capacity * sizeof(int32_t));
        if (previous == NULL) return -1;
        chains->previous[kind] = previous;
    }
    for (int kind = 0; kind < FT_WORD_KINDS; kind++) {
        uint32_t *words = realloc(chains->words[kind], (size_t)capacity * sizeof(uint32_t));
        if (words == NULL) return -1;
        chains->words[kind] = words;
    }
    for (int i = 0; i < FT_STRUCTURES; i++) {
        if (ft_links_grow(&chains->structures[i], capacity) != 0) return -1;
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

static void push_words(ft_chains *chains, int32_t top) {
    uint32_t hashes[FT_WORD_KINDS] = {0};
    if (!chains->reversed && top > 0) {
        hash_words(chains->bytes + top - 1, top < WORDS_WITHIN ? (int)top : WORDS_WITHIN, hashes);
    }
    for (int kind = 0; kind < FT_WORD_KINDS; kind++) {
        chains->words[kind][top] = hashes[kind];
        if (hashes[kind] == 0) continue;
        int32_t *head = &chains->head[FT_CHAIN_ORDERS + kind][slot_of(hashes[kind])];
        chains->previous[FT_CHAIN_ORDERS + kind][top] = *head;
        *head = top;
    }
}

static void push_structures(ft_chains *chains, int32_t top) {
    uint32_t hashes[FT_STRUCTURES] = {0};
    const uint8_t *end = chains->bytes + top;
    if (!chains->reversed && top > 0 && ft_may_begin(ft_beginning_after(end[-1]), end[0])) {
        ft_structures(end, top < FT_STRUCTURE_WITHIN ? (int)top : FT_STRUCTURE_WITHIN, hashes);
    }
    for (int i = 0; i < FT_STRUCTURES; i++) ft_links_push(&chains->structures[i], top, hashes[i]);
}

static void pop_words(ft_chains *chains, int32_t top) {
    for (int kind = 0; kind < FT_WORD_KINDS; kind++) {
        uint32_t hash = chains->words[kind][top];
        if (hash != 0) chains->head[FT_CHAIN_ORDERS + kind][slot_of(hash)] = chains->previous[FT_CHAIN_ORDERS + kind][top];
    }
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
        push_words(chains, top);
        push_structures(chains, top);
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
        pop_words(chains, top);
        for (int kind = 0; kind < FT_STRUCTURES; kind++) ft_links_pop(&chains->structures[kind], top);
    }
}

static int same_context(const ft_chains *chains, int32_t where, const uint8_t *context, int length) {
    if (!chains->reversed) return memcmp(chains->bytes + where - length, context - length, (size_t)length) == 0;
    for (int i = 1; i <= length; i++) {
        if (chains->bytes[where + i] != context[-i]) return 0;
    }
    return 1;
}

static int matches(const ft_chains *chains, int kind, int32_t where, const uint8_t *context, uint32_t hash) {
    if (kind >= FT_CHAIN_ORDERS) return chains->words[kind - FT_CHAIN_ORDERS][where] == hash;
    return same_context(chains, where, context, ft_chain_order[kind]);
}

void ft_chains_successors(const ft_chains *chains, const uint8_t *context, int known, int32_t limit, int32_t reach,
                          ft_counts *by_kind) {
    uint32_t hashes[FT_CHAIN_KINDS] = {0};
    hash_orders(context - 1, -1, known < FT_CHAIN_LONGEST ? known : FT_CHAIN_LONGEST, hashes);
    if (!chains->reversed && known > 0) hash_words(context - 1, known, hashes + FT_CHAIN_ORDERS);
    for (int kind = 0; kind < FT_CHAIN_KINDS; kind++) {
        ft_counts *counts = &by_kind[kind];
        ft_counts_clear(counts);
        int is_words = kind >= FT_CHAIN_ORDERS;
        if (is_words ? hashes[kind] == 0 : ft_chain_order[kind] > known) continue;
        int32_t where = chains->head[kind][is_words ? slot_of(hashes[kind]) : hashes[kind]];
        float weight = 1.0f;
        int taken = 0;
        while (where >= limit) where = chains->previous[kind][where];
        for (int tries = 0; where >= 0 && tries < MOST_TRIES && taken < FT_CHAIN_CANDIDATES; tries++) {
            if (limit - where > reach) break; /* the chain only gets older */
            if (matches(chains, kind, where, context, hashes[kind])) {
                ft_counts_add(counts, chains->bytes[where], weight);
                weight *= DECAY;
                taken++;
            }
            where = chains->previous[kind][where];
        }
    }
}
