/* Places in the project or the document where the text may go on as it does here, dropped one by one as it goes on
 * otherwise. */
#ifndef FT_CANDIDATES_H
#define FT_CANDIDATES_H

#include "chains.h"
#include "fm_index.h"

enum { FT_CANDIDATES = 32 };

typedef struct {
    uint32_t place[FT_CANDIDATES];  /* in the text of its segment */
    uint8_t segment[FT_CANDIDATES]; /* unless they are the document's */
    uint8_t next[FT_CANDIDATES];    /* the byte that stands there */
    uint8_t n;
    uint8_t length;                 /* bytes that have been followed, at most 255 */
} ft_candidates;

/* Take the newest places that the structure with this hash has in the segments, silent files left out.
 * A place whose own text makes another hash is not taken. */
void ft_candidates_find(const ft_segment *segments, int n_segments, int structure, uint32_t hash,
                        ft_candidates *found);

/* Take the newest places below `limit`, and at most `reach` from there, in the document. */
void ft_candidates_find_here(const ft_chains *document, int structure, uint32_t hash, int32_t limit, int32_t reach,
                             ft_candidates *found);

/* Keep those that go on with `byte`. */
void ft_candidates_advance(const ft_segment *segments, ft_candidates *candidates, uint8_t byte);

void ft_candidates_advance_here(const ft_chains *document, int32_t limit, ft_candidates *candidates, uint8_t byte);

#endif
