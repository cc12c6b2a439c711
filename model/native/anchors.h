/* Where any of many short words stands in a text, found in one pass: by a word's first two bytes, then by all of it. */
#ifndef FT_ANCHORS_H
#define FT_ANCHORS_H

#include <stdint.h>

#include "api.h"

typedef struct {
    const uint8_t *head;    /* (65536), 1 + the first word that begins with two bytes, 0 for none */
    const uint8_t *next;    /* (words), 1 + the next one that does, 0 after the last */
    const uint8_t *bytes;   /* of all words, one after another; each has at least two */
    const uint32_t *starts; /* (words + 1), where each begins */
} ft_anchors;

/* List the places of words in the n bytes of `text` from `from` on, which is moved to where the search ended: at n, or
 * earlier if there is no room for all words of one more place. Returns how many are listed. */
FT_API uint32_t ft_anchors_find(const ft_anchors *anchors, const uint8_t *text, uint32_t n, uint32_t *from,
                                uint32_t room, uint32_t *places, uint8_t *words);

#endif
