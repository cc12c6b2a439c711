/* An FM-index (Ferragina and Manzini 2000) of reversed text: appending a byte to the context is one backward step for
 * all orders at once, and what followed a context is a contiguous slice of the Burrows-Wheeler transform.
 *
 * The arrays belong to the caller, who may map them from a file. Symbols are coded 0 to sigma - 1; FT_END marks the one
 * row whose successor is beyond the text. A damaged file gives wrong counts, never a read outside the arrays. */
#ifndef FT_FM_INDEX_H
#define FT_FM_INDEX_H

#include "api.h"
#include "counts.h"
#include "structure.h"

enum { FT_ORDERS = 32, FT_END = 255, FT_BLOCK = 512, FT_SUPER_SHIFT = 16, FT_BLOCK_SHIFT = 9 };
enum { FT_CHECK_BITS = 5, FT_PLACE_BITS = 27 };

/* Where each structure occurs, the places of one being neighbours: sorted by hash, of which the directory has the
 * first `bits` and the upper FT_CHECK_BITS of a place the next ones. */
typedef struct {
    const uint32_t *places;  /* (n) */
    const uint32_t *directory; /* (2 ^ bits + 1) */
    uint32_t n;
    uint32_t bits;
} ft_postings;

typedef struct {
    const uint8_t *bwt;      /* (rows padded to a whole block), codes */
    const uint32_t *super;   /* (rows / 65536 + 1, sigma), counts before */
    const uint16_t *block;   /* (rows / FT_BLOCK + 1, sigma), counts since the last entry of `super` */
    uint32_t rows;
    uint32_t sigma;
    const uint8_t *code;     /* (256), FT_END for a byte that does not occur */
    const uint8_t *symbol;   /* (256), of each code */
    const uint32_t *first;   /* (256), first row whose context ends with each code */
    /* rows that must not answer, ascending, and the codes that they hold: files taken out */
    const uint32_t *masked_rows;
    const uint8_t *masked_codes;
    const uint32_t *masked_counts; /* (n_masked / FT_BLOCK + 1, sigma), of codes before each block of masked rows */
    uint32_t n_masked;
    const uint8_t *text;     /* (rows - 1), as it was before it was reversed */
    ft_postings postings[FT_STRUCTURES];
    /* the same files as places in the text, ascending: where each begins, and where its end stands */
    const uint32_t *silent_from;
    const uint32_t *silent_to;
    uint32_t n_silent;
} ft_segment;

/* The intervals of rows whose context ends with the last 0, 1, .. `order` bytes read. */
typedef struct {
    uint32_t low[FT_ORDERS + 1];
    uint32_t high[FT_ORDERS + 1];
    int order;               /* longest that occurs */
    int beyond;              /* bytes that a match reaches beyond FT_ORDERS, -1 without one that long */
} ft_cursor;

/* Count how often each byte occurs: `counts` is (256). */
FT_API void ft_segment_frequencies(const uint8_t *bytes, uint32_t n, uint32_t *counts);

/* Count the codes of a transform; `super` and `block` are filled. */
FT_API void ft_segment_count(const uint8_t *bwt, uint32_t rows, uint32_t sigma, uint32_t *super, uint16_t *block);

/* Fill the arrays of a transform from a suffix array of the n reversed bytes; `bwt` has room for n + 1 rows. */
FT_API void ft_segment_transform(const uint8_t *reversed, const int32_t *suffixes, uint32_t n, const uint8_t *code,
                                 uint8_t *bwt);

/* Count the codes of masked rows, `n` of them: `counts` is (n / FT_BLOCK + 1, sigma). */
FT_API void ft_segment_count_masked(const uint8_t *codes, uint32_t n, uint32_t sigma, uint32_t *counts);

/* List the rows that predict the `length` bytes of text starting with the one predicted in `row`; return how many. */
FT_API uint32_t ft_segment_rows(const ft_segment *segment, uint32_t row, uint32_t length, uint32_t *rows);

/* Return how many rows have a context that ends with these bytes; the first of them is put into `low`. */
FT_API uint32_t ft_segment_find(const ft_segment *segment, const uint8_t *bytes, uint32_t n, uint32_t *low);

void ft_cursor_start(const ft_segment *segment, ft_cursor *cursor);
void ft_cursor_advance(const ft_segment *segment, ft_cursor *cursor, uint8_t byte);

/* Add what followed in rows [low, high), less the masked ones, to `counts`. */
void ft_segment_successors(const ft_segment *segment, uint32_t low, uint32_t high, float sign, ft_counts *counts);

#endif
