#include "evidence.h"

#include <stdlib.h>

const ft_expert ft_guesser[FT_GUESSERS] = {FT_PROJECT, FT_FILE, FT_BOTH, FT_STRUCTURE, FT_OTHERS};

static const int HIGH_FROM = 12, MIDDLE_FROM = 5;

static void read_from(const ft_segment *segment, ft_cursor *cursor, const uint8_t *bytes, int32_t n) {
    ft_cursor_start(segment, cursor);
    for (int32_t i = 0; i < n; i++) ft_cursor_advance(segment, cursor, bytes[i]);
}

/* Intervals depend on the last FT_ORDERS bytes alone; how far a match reaches beyond them, on those before as well. */
static void place(const ft_segment *segment, ft_cursor *cursor, const uint8_t *bytes, int32_t n) {
    int32_t before = n > FT_ORDERS ? n - FT_ORDERS : 0;
    read_from(segment, cursor, bytes + before, n - before);
    if (before > 0 && cursor->beyond >= 0) read_from(segment, cursor, bytes, n);
}

void ft_lane_place(const ft_sources *sources, ft_lane *lane, const uint8_t *bytes, int32_t n) {
    for (int i = 0; i < sources->n_segments; i++) place(&sources->segments[i], &lane->cursors[i], bytes, n);
    for (int i = 0; i < sources->n_others; i++) place(&sources->others[i], &lane->other_cursors[i], bytes, n);
}

void ft_lane_start(const ft_sources *sources, ft_lane *lane) {
    lane->n_recent = 0;
    lane->limit = sources->before != NULL ? sources->before->n : 0;
    ft_lane_place(sources, lane, lane->recent, 0);
}

/* Find anew what may begin here: where the structures are others than a byte ago, and where a token has begun, which is
 * one place more in the document. */
static void find_beginnings(const ft_sources *sources, ft_lane *lane, int begun) {
    uint32_t hashes[FT_STRUCTURES];
    ft_structures(lane->recent + lane->n_recent, lane->n_recent, hashes);
    for (int i = 0; i < FT_STRUCTURES; i++) {
        if (hashes[i] == lane->hashes[i] && !begun) continue;
        lane->hashes[i] = hashes[i];
        ft_candidates_find(sources->segments, sources->n_segments, i, hashes[i], &lane->beginning[FT_ELSEWHERE][i]);
        if (sources->before != NULL) {
            ft_candidates_find_here(sources->before, i, hashes[i], lane->limit, sources->reach,
                                    &lane->beginning[FT_HERE][i]);
        }
    }
}

void ft_lane_follow(const ft_sources *sources, ft_lane *lane) {
    lane->follows = sources->n_segments > 0 || sources->before != NULL;
    memset(lane->beginning, 0, sizeof lane->beginning);
    memset(lane->following, 0, sizeof lane->following);
    if (lane->follows) find_beginnings(sources, lane, 1);
}

static void follow(const ft_sources *sources, ft_lane *lane, uint8_t last, uint8_t byte) {
    int begun = ft_may_begin(ft_beginning_after(last), byte);
    if (begun) memcpy(lane->following, lane->beginning, sizeof lane->following);
    for (int i = 0; i < FT_STRUCTURES; i++) {
        ft_candidates_advance(sources->segments, &lane->following[FT_ELSEWHERE][i], byte);
        if (sources->before != NULL) {
            ft_candidates_advance_here(sources->before, lane->limit, &lane->following[FT_HERE][i], byte);
        }
    }
    find_beginnings(sources, lane, begun);
}

void ft_lane_read(const ft_sources *sources, ft_lane *lane, uint8_t byte) {
    if (lane->n_recent == FT_RECENT) {
        memmove(lane->recent, lane->recent + FT_RECENT - FT_KEPT, FT_KEPT);
        lane->n_recent = FT_KEPT;
    }
    uint8_t last = lane->n_recent > 0 ? lane->recent[lane->n_recent - 1] : '\0';
    lane->recent[lane->n_recent++] = byte;
    for (int i = 0; i < FT_GUESSERS; i++) {
        lane->hits[i] = (uint16_t)(lane->hits[i] << 1 | (lane->guessed && lane->guess[i] == byte));
    }
    lane->guessed = 0;
    if (lane->follows) follow(sources, lane, last, byte);
}

void ft_lane_advance(const ft_sources *sources, ft_lane *lane, uint8_t byte) {
    ft_lane_read(sources, lane, byte);
    for (int i = 0; i < sources->n_segments; i++) {
        ft_cursor_advance(&sources->segments[i], &lane->cursors[i], byte);
    }
    for (int i = 0; i < sources->n_others; i++) ft_cursor_advance(&sources->others[i], &lane->other_cursors[i], byte);
}

ft_evidence *ft_evidence_new(void) {
    ft_evidence *made = calloc(1, sizeof *made);
    if (made != NULL) ft_refine_init(&made->refined);
    return made;
}

void ft_evidence_free(ft_evidence *evidence) { free(evidence); }

static int distinct(const ft_counts *counts) {
    int found = 0;
    for (int i = 0; i < counts->n_symbols; i++) found += counts->of[counts->symbols[i]] > 0.0f;
    return found;
}

/* Segments of one scope and where a lane stands in each. */
typedef struct {
    const ft_segment *segments;
    const ft_cursor *cursors;
    int n;
} scope;

/* Add what each segment's interval of this order holds beyond its last one; tell whether any holds more. */
static int widen(const scope *of, int order, uint32_t *low, uint32_t *high, ft_counts *counts) {
    int wider = 0;
    for (int i = 0; i < of->n; i++) {
        const ft_cursor *cursor = &of->cursors[i];
        if (order > cursor->order) continue;
        uint32_t new_low = cursor->low[order], new_high = cursor->high[order];
        if (new_low == low[i] && new_high == high[i]) continue;
        wider = 1;
        const ft_segment *segment = &of->segments[i];
        if (high[i] == 0) {
            ft_segment_successors(segment, new_low, new_high, 1.0f, counts);
        } else if (new_high - new_low > 4 * FT_BLOCK) { /* counting anew is cheaper than two wide margins */
            ft_segment_successors(segment, low[i], high[i], -1.0f, counts);
            ft_segment_successors(segment, new_low, new_high, 1.0f, counts);
        } else {
            ft_segment_successors(segment, new_low, low[i], 1.0f, counts);
            ft_segment_successors(segment, high[i], new_high, 1.0f, counts);
        }
        low[i] = new_low;
        high[i] = new_high;
    }
    return wider;
}

static ft_expert band_of(int order) { return order >= HIGH_FROM ? FT_HIGH : order >= MIDDLE_FROM ? FT_MIDDLE : FT_LOW; }

/* Blend the orders of a scope into `expert` and, of the project, each into its band as well. */
static void read_scope(const scope *of, const float *lambdas, ft_expert expert, int target, ft_match *match,
                       ft_evidence *evidence) {
    uint32_t low[FT_MAX_SEGMENTS] = {0}, high[FT_MAX_SEGMENTS] = {0};
    ft_counts *counts = &evidence->counts;
    int longest = 0, beyond = 0;
    for (int i = 0; i < of->n; i++) {
        if (of->cursors[i].order > longest) longest = of->cursors[i].order;
        if (of->cursors[i].beyond > beyond) beyond = of->cursors[i].beyond;
    }
    ft_counts_clear(counts);
    float last_total = 0.0f;
    for (int order = longest; order >= 0; order--) {
        /* a longer interval whose new rows are all masked says nothing new */
        if (!widen(of, order, low, high, counts) || counts->total <= last_total) continue;
        last_total = counts->total;
        int bucket = ft_order_bucket(order, beyond), total = ft_total_bucket(counts->total);
        if (match->total == 0.0f) *match = (ft_match){order, beyond, counts->total, distinct(counts)};
        ft_blend_add(&evidence->blends[expert], counts, bucket, total, lambdas, target);
        if (expert == FT_PROJECT) {
            ft_blend_add(&evidence->blends[band_of(order)], counts, bucket, total, lambdas, target);
        }
    }
}

/* Add what stands right of the caret to what stands left of it. */
static void add_after(const ft_counts *after, ft_counts *counts) {
    for (int i = 0; i < after->n_symbols; i++) {
        ft_counts_add(counts, after->symbols[i], after->of[after->symbols[i]]);
    }
}

/* The kinds of context from the most telling to the least; words stand where orders no longer say much. */
enum { PAIR = FT_CHAIN_ORDERS + FT_WORD_PAIR, WORD = FT_CHAIN_ORDERS + FT_WORD };
static const int DOCUMENT_KINDS[FT_CHAIN_KINDS] = {10, 9, 8, 7, 6, 5, PAIR, 4, 3, WORD, 2, 1, 0};
static const int PAIR_ORDER = 5, WORD_ORDER = 3;

static int order_of(int kind) {
    return kind < FT_CHAIN_ORDERS ? ft_chain_order[kind] : kind == PAIR ? PAIR_ORDER : WORD_ORDER;
}

static void read_document(const ft_sources *sources, const ft_lane *lane, int target, ft_evidence *evidence) {
    const uint8_t *end = lane->recent + lane->n_recent;
    if (sources->before == NULL) return;
    ft_chains_successors(sources->before, end, lane->n_recent, lane->limit, sources->reach, evidence->by_kind);
    if (sources->after != NULL) {
        ft_chains_successors(sources->after, end, lane->n_recent, sources->after->n, sources->reach,
                             evidence->after_by_kind);
    }
    float last_total = 0.0f;
    for (int i = 0; i < FT_CHAIN_KINDS; i++) {
        int kind = DOCUMENT_KINDS[i];
        ft_counts *counts = &evidence->by_kind[kind];
        if (sources->after != NULL) add_after(&evidence->after_by_kind[kind], counts);
        if (counts->total <= 0.0f) continue;
        if (kind < FT_CHAIN_ORDERS) {
            if (counts->total == last_total) continue; /* the same places as one order up */
            last_total = counts->total;
        }
        int total = ft_total_bucket(2.0f * counts->total); /* finer: weights fall with age, counts stay small */
        if (evidence->file.total == 0.0f) {
            evidence->file = (ft_match){order_of(kind), 0, counts->total, counts->n_symbols};
        }
        ft_blend_add(&evidence->blends[FT_FILE], counts, kind, total, sources->document_lambdas, target);
        ft_blend_add(&evidence->blends[FT_BOTH], counts, kind, total, sources->document_lambdas, target);
    }
}

static void start_refining(ft_beginning part, ft_evidence *evidence) {
    const ft_blend *both = &evidence->blends[FT_BOTH], *project = &evidence->blends[FT_PROJECT];
    float floor = evidence->floor[FT_BOTH];
    for (int s = 0; s < 256; s++) {
        evidence->refined.p[s] = floor + both->p[s] + both->left * project->p[s];
        evidence->refined.known[s] = both->p[s] > 0.0f || project->p[s] > 0.0f;
    }
    ft_refine_start(&evidence->refined, part);
    evidence->refined_by = 0;
}

static void refine(const ft_sources *sources, const ft_candidates *candidates, int kind, int is_part, int target,
                   ft_evidence *evidence) {
    ft_counts *counts = &evidence->counts;
    if (candidates->n == 0) return;
    ft_counts_clear(counts);
    for (int i = 0; i < candidates->n; i++) ft_counts_add(counts, candidates->next[i], 1.0f);
    ft_refine_add(&evidence->refined, counts, kind, is_part, sources->structure_lambdas, target);
    evidence->refined_by++;
}

/* Let the project's structures speak and then the document's, from the least telling to the most, each first about the
 * present token, then about the next. */
static void read_structures(const ft_sources *sources, const ft_lane *lane, int target, ft_evidence *evidence) {
    ft_beginning part = ft_beginning_after(lane->n_recent > 0 ? lane->recent[lane->n_recent - 1] : '\0');
    start_refining(part, evidence);
    if (!lane->follows) return;
    for (int scope = 0; scope < FT_SCOPES; scope++) {
        for (int i = FT_STRUCTURES - 1; i >= 0; i--) {
            const ft_candidates *following = &lane->following[scope][i];
            int length = following->length < 2 ? 0 : following->length < 4 ? 1 : 2;
            int kind = (scope * FT_STRUCTURES + i) * (FT_LENGTHS + 1);
            if (part != FT_ANY) refine(sources, following, kind + length, 0, target, evidence);
            refine(sources, &lane->beginning[scope][i], kind + FT_LENGTHS, 1, target, evidence);
        }
    }
}

void ft_evidence_read(const ft_sources *sources, const ft_lane *lane, int target, ft_evidence *evidence) {
    for (int i = 0; i < FT_BLENDS; i++) ft_blend_clear(&evidence->blends[i]);
    evidence->project = evidence->others = evidence->file = (ft_match){0};
    scope project = {sources->segments, lane->cursors, sources->n_segments};
    scope others = {sources->others, lane->other_cursors, sources->n_others};
    read_scope(&project, sources->project_lambdas, FT_PROJECT, target, &evidence->project, evidence);
    read_scope(&others, sources->project_lambdas, FT_OTHERS, target, &evidence->others, evidence);
    read_document(sources, lane, target, evidence);
    for (int i = 0; i < FT_BLENDS; i++) evidence->floor[i] = evidence->blends[i].left / 256.0f;
    evidence->floor[FT_BOTH] = evidence->blends[FT_BOTH].left * evidence->floor[FT_PROJECT];
    read_structures(sources, lane, target, evidence);
}

float ft_evidence_p(const ft_evidence *evidence, ft_expert expert, uint8_t symbol) {
    if (expert == FT_STRUCTURE) return evidence->refined.p[symbol];
    const ft_blend *blend = &evidence->blends[expert];
    float p = blend->p[symbol] + evidence->floor[expert];
    if (expert == FT_BOTH) p += blend->left * evidence->blends[FT_PROJECT].p[symbol];
    return p;
}
