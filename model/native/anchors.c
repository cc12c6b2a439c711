#include "anchors.h"

#include <string.h>

enum { MOST_AT_ONE_PLACE = 255 };

static int stands_at(const ft_anchors *anchors, int word, const uint8_t *text, uint32_t left) {
    uint32_t length = anchors->starts[word + 1] - anchors->starts[word];
    return length <= left && memcmp(text, anchors->bytes + anchors->starts[word], length) == 0;
}

uint32_t ft_anchors_find(const ft_anchors *anchors, const uint8_t *text, uint32_t n, uint32_t *from, uint32_t room,
                         uint32_t *places, uint8_t *words) {
    uint32_t found = 0, place = *from;
    for (; place + 1 < n && found + MOST_AT_ONE_PLACE <= room; place++) {
        int word = anchors->head[text[place] << 8 | text[place + 1]];
        for (; word != 0; word = anchors->next[word - 1]) {
            if (!stands_at(anchors, word - 1, text + place, n - place)) continue;
            places[found] = place;
            words[found++] = (uint8_t)(word - 1);
        }
    }
    *from = place + 1 < n ? place : n;
    return found;
}
