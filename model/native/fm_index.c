#include "fm_index.h"

#include <string.h>

#include "clones.h"

/* Equal bytes among at most 255: the sum fits a byte, which lets the compiler use whole vectors of bytes. */
FT_CLONES
static uint32_t count_few(const uint8_t *bytes, uint32_t n, uint8_t wanted) {
    uint8_t sum = 0;
    for (uint32_t i = 0; i < n; i++) sum = (uint8_t)(sum + (bytes[i] == wanted));
    return sum;
}

static uint32_t count_equal(const uint8_t *bytes, uint32_t n, uint8_t wanted) {
    uint32_t sum = 0;
    for (; n > 255; n -= 255, bytes += 255) sum += count_few(bytes, 255, wanted);
    return sum + count_few(bytes, n, wanted);
}

/* A row that a damaged file leads to is taken for the last one: wrong counts do no harm, a wild read would. */
static uint32_t within(const ft_segment *segment, uint32_t row) { return row < segment->rows ? row : segment->rows; }

/* Occurrences of a code in the rows before a block. */
static uint32_t before_block(const ft_segment *segment, uint8_t code, uint32_t block) {
    const uint32_t shift = FT_SUPER_SHIFT - FT_BLOCK_SHIFT;
    return segment->super[(size_t)(block >> shift) * segment->sigma + code] +
           segment->block[(size_t)block * segment->sigma + code];
}

/* The end of a block that is nearer to a row, as the number of the block that begins there. */
static uint32_t nearest_block(const ft_segment *segment, uint32_t row) {
    uint32_t block = (row + FT_BLOCK / 2) >> FT_BLOCK_SHIFT, last = segment->rows >> FT_BLOCK_SHIFT;
    return block < last ? block : last;
}

static uint32_t rank(const ft_segment *segment, uint8_t code, uint32_t row) {
    uint32_t block = nearest_block(segment, row), edge = block << FT_BLOCK_SHIFT;
    uint32_t before = before_block(segment, code, block);
    return edge <= row ? before + count_equal(segment->bwt + edge, row - edge, code)
                       : before - count_equal(segment->bwt + row, edge - row, code);
}

void ft_segment_frequencies(const uint8_t *bytes, uint32_t n, uint32_t *counts) {
    memset(counts, 0, 256 * sizeof *counts);
    for (uint32_t i = 0; i < n; i++) counts[bytes[i]]++;
}

void ft_segment_transform(const uint8_t *reversed, const int32_t *suffixes, uint32_t n, const uint8_t *code,
                          uint8_t *bwt) {
    bwt[0] = code[reversed[n - 1]];
    for (uint32_t i = 0; i < n; i++) {
        int32_t suffix = suffixes[i];
        bwt[i + 1] = suffix > 0 ? code[reversed[suffix - 1]] : FT_END;
    }
}

void ft_segment_count(const uint8_t *bwt, uint32_t rows, uint32_t sigma, uint32_t *super, uint16_t *block) {
    uint32_t total[256] = {0};
    uint32_t since[256] = {0};
    for (uint32_t row = 0; row <= rows; row++) {
        if ((row & ((1u << FT_SUPER_SHIFT) - 1)) == 0) {
            for (uint32_t c = 0; c < sigma; c++) {
                total[c] += since[c];
                since[c] = 0;
                super[(size_t)(row >> FT_SUPER_SHIFT) * sigma + c] = total[c];
            }
        }
        if ((row & (FT_BLOCK - 1)) == 0) {
            for (uint32_t c = 0; c < sigma; c++) {
                block[(size_t)(row >> FT_BLOCK_SHIFT) * sigma + c] = (uint16_t)since[c];
            }
        }
        if (row < rows && bwt[row] != FT_END) since[bwt[row]]++;
    }
}

void ft_segment_count_masked(const uint8_t *codes, uint32_t n, uint32_t sigma, uint32_t *counts) {
    memset(counts, 0, sigma * sizeof *counts);
    for (uint32_t block = 1; block <= n >> FT_BLOCK_SHIFT; block++) {
        uint32_t *now = counts + (size_t)block * sigma;
        memcpy(now, now - sigma, sigma * sizeof *now);
        for (uint32_t i = (block - 1) << FT_BLOCK_SHIFT; i < block << FT_BLOCK_SHIFT; i++) {
            if (codes[i] < sigma) now[codes[i]]++;
        }
    }
}

uint32_t ft_segment_rows(const ft_segment *segment, uint32_t row, uint32_t length, uint32_t *rows) {
    for (uint32_t i = 0; i < length; i++) {
        rows[i] = row;
        uint8_t code = row < segment->rows ? segment->bwt[row] : FT_END;
        if (code >= segment->sigma) return i + 1;
        row = within(segment, segment->first[code] + rank(segment, code, row));
    }
    return length;
}

uint32_t ft_segment_find(const ft_segment *segment, const uint8_t *bytes, uint32_t n, uint32_t *low) {
    uint32_t from = 0, to = segment->rows;
    for (uint32_t i = 0; i < n && from < to; i++) {
        uint8_t code = segment->code[bytes[i]];
        if (code >= segment->sigma) return 0;
        from = within(segment, segment->first[code] + rank(segment, code, from));
        to = within(segment, segment->first[code] + rank(segment, code, to));
    }
    *low = from;
    return to > from ? to - from : 0;
}

static uint32_t lower_bound(const uint32_t *values, uint32_t n, uint32_t wanted) {
    uint32_t low = 0;
    while (n > 0) {
        uint32_t half = n / 2;
        if (values[low + half] < wanted) {
            low += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return low;
}

static uint32_t n_masked(const ft_segment *segment, uint32_t low, uint32_t high) {
    return lower_bound(segment->masked_rows, segment->n_masked, high) -
           lower_bound(segment->masked_rows, segment->n_masked, low);
}

void ft_cursor_start(const ft_segment *segment, ft_cursor *cursor) {
    cursor->low[0] = 0;
    cursor->high[0] = segment->rows;
    cursor->order = 0;
    cursor->beyond = -1;
}

void ft_cursor_advance(const ft_segment *segment, ft_cursor *cursor, uint8_t byte) {
    uint8_t code = segment->code[byte];
    int longest = 0;
    if (code < segment->sigma) {
        int top = cursor->order < FT_ORDERS ? cursor->order : FT_ORDERS - 1;
        uint32_t last_low = UINT32_MAX, last_high = UINT32_MAX, low = 0, high = 0;
        for (int order = top; order >= 0; order--) { /* downwards: order k reads what order k - 1 was */
            if (cursor->low[order] != last_low || cursor->high[order] != last_high) {
                last_low = cursor->low[order];
                last_high = cursor->high[order];
                low = within(segment, segment->first[code] + rank(segment, code, last_low));
                high = within(segment, segment->first[code] + rank(segment, code, last_high));
            }
            if (high > low) {
                cursor->low[order + 1] = low;
                cursor->high[order + 1] = high;
                if (longest == 0) longest = order + 1;
            }
        }
    }
    cursor->order = longest;
    int answers = 0;
    if (longest == FT_ORDERS) {
        uint32_t low = cursor->low[FT_ORDERS], high = cursor->high[FT_ORDERS];
        answers = n_masked(segment, low, high) < high - low;
    }
    cursor->beyond = answers ? cursor->beyond + 1 : -1;
}

/* Add the rows from `low` up to `high`, or take away those from `high` up to `low`. */
static void add_rows(const ft_segment *segment, uint32_t low, uint32_t high, float sign, ft_counts *counts) {
    if (low > high) {
        add_rows(segment, high, low, -sign, counts);
        return;
    }
    for (uint32_t row = low; row < high; row++) {
        uint8_t code = segment->bwt[row];
        if (code < segment->sigma) ft_counts_add(counts, segment->symbol[code], sign);
    }
}

static void add_masked_each(const ft_segment *segment, uint32_t from, uint32_t to, float sign, ft_counts *counts) {
    for (uint32_t i = from; i < to; i++) {
        uint8_t code = segment->masked_codes[i];
        if (code < segment->sigma) ft_counts_add(counts, segment->symbol[code], sign);
    }
}

/* Add the masked rows of these numbers. Files taken out may have held millions: whole blocks of them are counted. */
static void add_masked(const ft_segment *segment, uint32_t from, uint32_t to, float sign, ft_counts *counts) {
    uint32_t first = (from + FT_BLOCK - 1) >> FT_BLOCK_SHIFT, last = to >> FT_BLOCK_SHIFT;
    if (first >= last) {
        add_masked_each(segment, from, to, sign, counts);
        return;
    }
    const uint32_t *before = segment->masked_counts + (size_t)first * segment->sigma;
    const uint32_t *until = segment->masked_counts + (size_t)last * segment->sigma;
    for (uint32_t c = 0; c < segment->sigma; c++) {
        if (until[c] > before[c]) ft_counts_add(counts, segment->symbol[c], sign * (float)(until[c] - before[c]));
    }
    add_masked_each(segment, from, first << FT_BLOCK_SHIFT, sign, counts);
    add_masked_each(segment, last << FT_BLOCK_SHIFT, to, sign, counts);
}

void ft_segment_successors(const ft_segment *segment, uint32_t low, uint32_t high, float sign, ft_counts *counts) {
    if (low == 0) low = 1; /* row 0 predicts the text's first separator, which every segment has once more */
    if (high - low <= FT_BLOCK) {
        add_rows(segment, low, high, sign, counts);
    } else {
        uint32_t from = nearest_block(segment, low), to = nearest_block(segment, high);
        for (uint32_t c = 0; c < segment->sigma; c++) {
            uint32_t until = before_block(segment, (uint8_t)c, to), before = before_block(segment, (uint8_t)c, from);
            if (until > before) ft_counts_add(counts, segment->symbol[c], sign * (float)(until - before));
        }
        add_rows(segment, low, from << FT_BLOCK_SHIFT, sign, counts);
        add_rows(segment, to << FT_BLOCK_SHIFT, high, sign, counts);
    }
    add_masked(segment, lower_bound(segment->masked_rows, segment->n_masked, low),
               lower_bound(segment->masked_rows, segment->n_masked, high), -sign, counts);
}
