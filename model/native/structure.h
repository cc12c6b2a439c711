/* What a place in a text looks like, apart from the names in it: the contexts that suffixes cannot see.
 *
 * The text before the place is cut into tokens: words, single signs, runs of blanks, line ends with the indentation
 * after them. A structure is a hash of the last tokens, in which a word counts by its kind only, unless it is a
 * keyword or one that the structure asks for by name (the sparse and word contexts of paq8, Mahoney 2005, over
 * tokens). A token that ends where the text ends is taken for whole: a structure says what follows if the next byte
 * begins a token. */
#ifndef FT_STRUCTURE_H
#define FT_STRUCTURE_H

#include <stdint.h>

#include "api.h"

enum { FT_STRUCTURES = 4, FT_STRUCTURE_WITHIN = 160 };

/* Hash the structures that `known` bytes below `end` make, of which the last FT_STRUCTURE_WITHIN are looked at; 0
 * stands for one that is not there. */
FT_API void ft_structures(const uint8_t *end, int known, uint32_t *hashes);

/* What the byte that begins the next token cannot be, after a byte. */
typedef enum { FT_ANY, FT_NO_WORD, FT_NO_BLANK, FT_BEGINNINGS } ft_beginning;

ft_beginning ft_beginning_after(uint8_t last);

int ft_may_begin(ft_beginning beginning, uint8_t byte);

/* Return at how many places of `text` a token begins. */
FT_API uint32_t ft_structure_count(const uint8_t *text, uint32_t n);

/* List the places of `text` where a token begins with one structure before each: its hash in a key's upper half, the
 * place in the lower one, ascending by place. Those without the structure are left out. Returns how many are there. */
FT_API uint32_t ft_structure_keys(const uint8_t *text, uint32_t n, int structure, uint64_t *keys);

#endif
