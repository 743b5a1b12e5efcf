/* quorum.h -- how many perspectives must corroborate what the primary saw, and
 * from where, BR-3.2.2.9. Threads: any. */
#ifndef QW_CHECK_QUORUM_H
#define QW_CHECK_QUORUM_H

#include "model/authority.h"

#include <jansson.h>

typedef enum {
    QW_VOTE_SILENT, /* no answer, or none that counts */
    QW_VOTE_NO,
    QW_VOTE_YES
} qw_vote_e;

/* What one perspective said of one question. */
typedef struct {
    const qw_perspective_t *perspective;
    qw_vote_e vote;
    const char *why;       /* unless YES: one safe sentence */
    const json_t *details; /* as it was sent, or NULL */
} qw_vote_t;

typedef enum {
    QW_QUORUM_MET,
    QW_QUORUM_MISSED, /* whatever the silent ones would have said */
    QW_QUORUM_OPEN    /* the silent ones could have met it */
} qw_quorum_e;

/* VOTES: one per perspective, N of them. NEEDED must say yes, and where that is
 * more than one, from two regions at least. */
qw_quorum_e qw_quorum_judge(const qw_vote_t *votes, int n, int needed);

/* How many of VOTES are VOTE. */
int qw_quorum_count(const qw_vote_t *votes, int n, qw_vote_e vote);

#endif
