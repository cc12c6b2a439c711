#include "candidates.h"

static const uint32_t PLACE = (1u << FT_PLACE_BITS) - 1;

static int is_silent(const ft_segment *segment, uint32_t place) {
    uint32_t low = 0, high = segment->n_silent;
    while (low < high) { /* the first range that ends at the place or later */
        uint32_t middle = (low + high) / 2;
        if (segment->silent_to[middle] < place) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < segment->n_silent && segment->silent_from[low] <= place;
}

static int has_structure(const ft_segment *segment, uint32_t place, int structure, uint32_t hash) {
    uint32_t hashes[FT_STRUCTURES];
    ft_structures(segment->text + place, place < FT_STRUCTURE_WITHIN ? (int)place : FT_STRUCTURE_WITHIN, hashes);
    return hashes[structure] == hash;
}

/* Find the places [from, to) of the directory's entry that have the hash's check bits. A damaged file gives wrong
 * places, which are never beyond the array. */
static void group(const ft_postings *postings, uint32_t hash, uint32_t *from, uint32_t *to) {
    uint32_t entry = hash >> (32 - postings->bits);
    uint32_t check = hash << postings->bits >> FT_PLACE_BITS;
    uint32_t low = postings->directory[entry], high = postings->directory[entry + 1];
    if (high > postings->n) high = postings->n;
    while (low < high && postings->places[low] >> FT_PLACE_BITS != check) low++;
    *from = low;
    while (low < high && postings->places[low] >> FT_PLACE_BITS == check) low++;
    *to = low;
}

static void take(const ft_segment *segment, uint8_t number, uint32_t place, ft_candidates *found) {
    found->place[found->n] = place;
    found->segment[found->n] = number;
    found->next[found->n++] = segment->text[place];
}

/* Take a segment's places. Two structures share a group only where directory and check bits agree, and then theirs are
 * mixed by the rest of the hash: the ends of the group tell whether that is so. */
static void find_in(const ft_segment *segment, uint8_t number, int structure, uint32_t hash, ft_candidates *found) {
    const ft_postings *postings = &segment->postings[structure];
    uint32_t from, to;
    if (postings->n == 0) return;
    group(postings, hash, &from, &to);
    if (from == to) return;
    uint32_t last = segment->rows - 2; /* a place beyond the text can only come from a damaged file */
    int pure = (postings->places[from] & PLACE) <= last && (postings->places[to - 1] & PLACE) <= last &&
               has_structure(segment, postings->places[from] & PLACE, structure, hash) &&
               has_structure(segment, postings->places[to - 1] & PLACE, structure, hash);
    for (uint32_t i = to; i > from && found->n < FT_CANDIDATES; i--) {
        uint32_t place = postings->places[i - 1] & PLACE;
        if (place > last || is_silent(segment, place)) continue;
        if (pure || has_structure(segment, place, structure, hash)) take(segment, number, place, found);
    }
}

void ft_candidates_find(const ft_segment *segments, int n_segments, int structure, uint32_t hash,
                        ft_candidates *found) {
    found->n = 0;
    found->length = 0;
    if (hash == 0) return;
    for (int i = n_segments - 1; i >= 0 && found->n < FT_CANDIDATES; i--) {
        find_in(&segments[i], (uint8_t)i, structure, hash, found);
    }
}

void ft_candidates_advance(const ft_segment *segments, ft_candidates *candidates, uint8_t byte) {
    int kept = 0;
    for (int i = 0; i < candidates->n; i++) {
        if (candidates->next[i] != byte || byte == '\0') continue; /* nothing follows a file's end */
        const ft_segment *segment = &segments[candidates->segment[i]];
        uint32_t place = candidates->place[i] + 1;
        if (place > segment->rows - 2) continue;
        candidates->place[kept] = place;
        candidates->segment[kept] = candidates->segment[i];
        candidates->next[kept++] = segment->text[place];
    }
    candidates->n = (uint8_t)kept;
    if (candidates->length < UINT8_MAX) candidates->length++;
}

void ft_candidates_find_here(const ft_chains *document, int structure, uint32_t hash, int32_t limit, int32_t reach,
                             ft_candidates *found) {
    const ft_links *links = &document->links[FT_FIRST_STRUCTURE + structure];
    found->n = 0;
    found->length = 0;
    int32_t place = ft_links_find(links, hash, limit);
    while (place >= 0 && limit - place <= reach && found->n < FT_CANDIDATES) {
        found->place[found->n] = (uint32_t)place;
        found->next[found->n++] = document->bytes[place];
        place = ft_links_next(links, place);
    }
}

void ft_candidates_advance_here(const ft_chains *document, int32_t limit, ft_candidates *candidates, uint8_t byte) {
    int kept = 0;
    for (int i = 0; i < candidates->n; i++) {
        int32_t place = (int32_t)candidates->place[i] + 1;
        if (candidates->next[i] != byte || place >= limit) continue;
        candidates->place[kept] = (uint32_t)place;
        candidates->next[kept++] = document->bytes[place];
    }
    candidates->n = (uint8_t)kept;
    if (candidates->length < UINT8_MAX) candidates->length++;
}
