/* Where each context of a growing text occurred, newest first: hash chains, one family per kind of context.
 *
 * Kinds are the last 1, 2, .. bytes and two of words: the word that is being written, and that word with the one
 * before it whatever stands between them (the word contexts of paq8, Mahoney 2005). Words and structures are looked
 * for upwards only.
 *
 * A stack: bytes are pushed and popped at one end, each in time that depends on the number of orders alone. Undoing
 * a push restores every chain, so a text reached by edits and one pushed afresh are the same. */
#ifndef FT_CHAINS_H
#define FT_CHAINS_H

#include "counts.h"
#include "links.h"
#include "structure.h"

enum { FT_CHAIN_ORDERS = 11, FT_CHAIN_LONGEST = 28, FT_CHAIN_HASH_BITS = 14, FT_CHAIN_CANDIDATES = 32 };
/* The chains of hashes: words, then structures. As kinds of context the words come after the orders. */
enum { FT_WORD_PAIR, FT_WORD, FT_WORD_KINDS };
enum { FT_FIRST_STRUCTURE = FT_WORD_KINDS, FT_LINKS = FT_WORD_KINDS + FT_STRUCTURES };
enum { FT_CHAIN_KINDS = FT_CHAIN_ORDERS + FT_WORD_KINDS };

extern const int ft_chain_order[FT_CHAIN_ORDERS];

typedef struct {
    uint8_t *bytes;
    int32_t *previous[FT_CHAIN_ORDERS]; /* by position: the one before it in its chain */
    int32_t *head[FT_CHAIN_ORDERS];     /* by hash */
    ft_links links[FT_LINKS];           /* empty where the text runs downwards */
    int32_t n;
    int32_t capacity;
    int reversed; /* the text runs from the top of the stack downwards */
} ft_chains;

/* Return 0, or -1 where memory is missing. */
int ft_chains_init(ft_chains *chains, int reversed);
void ft_chains_free(ft_chains *chains);
int ft_chains_push(ft_chains *chains, const uint8_t *bytes, int32_t n);
void ft_chains_pop(ft_chains *chains, int32_t n);

/* Count what followed `context`, whose last byte is context[-1] and of which `known` bytes may be read, in the places
 * below `limit` that are at most `reach` from there. One ft_counts per kind is filled. A place that `age` newer ones
 * precede counts decay^age. */
void ft_chains_successors(const ft_chains *chains, const uint8_t *context, int known, int32_t limit, int32_t reach,
                          ft_counts *by_kind);

#endif
