/* What the memories say about the next byte: one distribution per expert, and what a gate needs to weigh them. */
#ifndef FT_EVIDENCE_H
#define FT_EVIDENCE_H

#include "blend.h"
#include "candidates.h"
#include "chains.h"
#include "refine.h"

enum { FT_MAX_SEGMENTS = 16, FT_MAX_OTHERS = 8, FT_RECENT = 512, FT_KEPT = FT_STRUCTURE_WITHIN };

typedef struct {
    ft_segment *segments; /* the project's; counts of all of them are added up, they are one scope */
    int n_segments;
    ft_segment *others;   /* of the user's other projects, a scope of its own: their counts are never added to these */
    int n_others;
    const ft_chains *before; /* the document left of the caret, or NULL */
    const ft_chains *after;  /* and right of it, or NULL */
    int32_t reach;           /* how far from the caret the document answers, in bytes */
    const float *project_lambdas;
    const float *document_lambdas;
    const float *structure_lambdas;
} ft_sources;

/* The last one refines what FT_BOTH says by the places that have the same structure. */
typedef enum {
    FT_PROJECT, FT_HIGH, FT_MIDDLE, FT_LOW, FT_FILE, FT_BOTH, FT_OTHERS, FT_STRUCTURE, FT_EXPERTS
} ft_expert;

enum { FT_BLENDS = FT_STRUCTURE };

/* The experts whose favourites are compared, with each other and with what came. */
enum { FT_GUESSERS = 5, FT_HISTORY = 16 };
extern const ft_expert ft_guesser[FT_GUESSERS];

/* One continuation: where it stands in every memory, its last bytes, and which experts foresaw them. */
typedef struct {
    ft_cursor cursors[FT_MAX_SEGMENTS];
    ft_cursor other_cursors[FT_MAX_OTHERS];
    uint8_t recent[FT_RECENT];
    int n_recent;
    int32_t limit;               /* places of `before` below this may answer */
    uint16_t hits[FT_GUESSERS];  /* of the last FT_HISTORY bytes, the newest in the lowest bit */
    uint8_t guess[FT_GUESSERS];  /* each one's favourite for the next byte */
    uint8_t guessed;
    uint8_t follows;             /* whether structures are kept: they cost more than reading */
    uint32_t hashes[FT_STRUCTURES];
    /* by scope: places where a token begins after the structure that stands here, and those where one began as the
     * present one did and went on alike */
    ft_candidates beginning[FT_SCOPES][FT_STRUCTURES];
    ft_candidates following[FT_SCOPES][FT_STRUCTURES];
} ft_lane;

/* The longest context of a scope that was found. */
typedef struct {
    int order; /* 0 where there is none */
    int beyond;
    float total; /* how often it occurs */
    int distinct;
} ft_match;

typedef struct {
    ft_blend blends[FT_BLENDS];
    ft_refined refined;
    int refined_by;          /* how many levels have changed what FT_BOTH says */
    float floor[FT_BLENDS];  /* what each gives a symbol that it never saw; FT_BOTH adds what the project says */
    ft_match project, others, file;
    ft_counts counts;                   /* scratch */
    ft_counts by_kind[FT_CHAIN_KINDS];
    ft_counts after_by_kind[FT_CHAIN_KINDS];
} ft_evidence;

void ft_lane_start(const ft_sources *sources, ft_lane *lane);

/* Begin to keep structures, from the text that the lane has read. */
void ft_lane_follow(const ft_sources *sources, ft_lane *lane);
void ft_lane_advance(const ft_sources *sources, ft_lane *lane, uint8_t byte);

/* The two halves of advancing, for a lane that is to read much before it is asked anything: read a byte, and then place
 * the cursors where the `n` bytes end that it has read since its start. */
void ft_lane_read(const ft_sources *sources, ft_lane *lane, uint8_t byte);
void ft_lane_place(const ft_sources *sources, ft_lane *lane, const uint8_t *bytes, int32_t n);

ft_evidence *ft_evidence_new(void);
void ft_evidence_free(ft_evidence *evidence);
void ft_evidence_read(const ft_sources *sources, const ft_lane *lane, int target, ft_evidence *evidence);

/* Return what an expert gives a symbol; over all symbols this sums to one. */
float ft_evidence_p(const ft_evidence *evidence, ft_expert expert, uint8_t symbol);

#endif
