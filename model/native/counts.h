/* Successor counts of one context, all 256 symbols, with a list of those that occur: kept sparse, so that a blend costs
 * what the context has seen and not the size of the alphabet. */
#ifndef FT_COUNTS_H
#define FT_COUNTS_H

#include <stdint.h>
#include <string.h>

typedef struct {
    float of[256];
    uint8_t listed[256];
    uint8_t symbols[256];
    int n_symbols;
    float total;
} ft_counts;

static inline void ft_counts_clear(ft_counts *counts) {
    for (int i = 0; i < counts->n_symbols; i++) {
        counts->of[counts->symbols[i]] = 0.0f;
        counts->listed[counts->symbols[i]] = 0;
    }
    counts->n_symbols = 0;
    counts->total = 0.0f;
}

static inline void ft_counts_init(ft_counts *counts) { memset(counts, 0, sizeof *counts); }

static inline void ft_counts_add(ft_counts *counts, uint8_t symbol, float amount) {
    if (!counts->listed[symbol]) {
        counts->listed[symbol] = 1;
        counts->symbols[counts->n_symbols++] = symbol;
    }
    counts->of[symbol] += amount;
    counts->total += amount;
}

#endif
