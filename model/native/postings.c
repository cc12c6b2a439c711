#include "postings.h"

#include <string.h>

#include "fm_index.h"

enum { HASH_AT = 32, DIGIT_BITS = 11, DIGITS = 3 };

static uint32_t digit(uint64_t key, int number) {
    return (uint32_t)(key >> (HASH_AT + number * DIGIT_BITS)) & ((1u << DIGIT_BITS) - 1);
}

/* Where the keys of each value of each digit begin. */
static void count_digits(const uint64_t *keys, uint32_t n, uint32_t starts[DIGITS][1 << DIGIT_BITS]) {
    for (uint32_t i = 0; i < n; i++) {
        for (int number = 0; number < DIGITS; number++) starts[number][digit(keys[i], number)]++;
    }
    for (int number = 0; number < DIGITS; number++) {
        uint32_t before = 0;
        for (uint32_t value = 0; value < 1u << DIGIT_BITS; value++) {
            uint32_t count = starts[number][value];
            starts[number][value] = before;
            before += count;
        }
    }
}

/* Radix sort from the lowest digit of the hash upwards, which keeps the order of equal ones (Knuth 1998, 5.2.5). */
static void sort(uint64_t *keys, uint64_t *spare, uint32_t n) {
    uint32_t starts[DIGITS][1 << DIGIT_BITS] = {{0}};
    uint64_t *from = keys, *to = spare;
    count_digits(keys, n, starts);
    for (int number = 0; number < DIGITS; number++) {
        for (uint32_t i = 0; i < n; i++) to[starts[number][digit(from[i], number)]++] = from[i];
        uint64_t *sorted = to;
        to = from;
        from = sorted;
    }
    if (from != keys) memcpy(keys, from, n * sizeof *keys);
}

uint32_t ft_postings_sort(uint64_t *keys, uint64_t *spare, uint32_t n, uint32_t most) {
    sort(keys, spare, n);
    uint32_t kept = 0;
    for (uint32_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && keys[to] >> HASH_AT == keys[from] >> HASH_AT;) to++;
        for (uint32_t i = to - from > most ? to - most : from; i < to; i++) keys[kept++] = keys[i];
    }
    return kept;
}

void ft_postings_fill(const uint64_t *keys, uint32_t n, uint32_t bits, uint32_t *places, uint32_t *directory) {
    uint32_t entry = 0;
    directory[0] = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t hash = (uint32_t)(keys[i] >> HASH_AT), check = hash << bits >> FT_PLACE_BITS;
        while (entry < hash >> (32 - bits)) directory[++entry] = i;
        places[i] = (uint32_t)keys[i] | check << FT_PLACE_BITS;
    }
    while (entry < 1u << bits) directory[++entry] = n;
}
