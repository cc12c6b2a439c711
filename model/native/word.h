/* What counts as part of a word: letters, digits, the underscore and every byte of a character beyond ASCII. */
#ifndef FT_WORD_H
#define FT_WORD_H

#include <stdint.h>

static inline int ft_is_word(uint8_t byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '_' || byte >= 0x80;
}

#endif
