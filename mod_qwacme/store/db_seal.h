/* db_seal.h -- the chain of events: what waits for its place, places, signed
 * checkpoints; versions of identities. Results live in POOL. Hashes are lower-case
 * hex, signatures and timestamps base64url of DER. Threads: as qw_db_t. */
#ifndef QW_STORE_DB_SEAL_H
#define QW_STORE_DB_SEAL_H

#include "model/ledger.h"
#include "store/store.h"

/* The place of an event. */
typedef struct {
    apr_int64_t seq; /* from 1; 0: it has none yet */
    const char *event_id;
    const char *hash;  /* chain.h, up to here */
    qw_event_t *event; /* NULL: there is none of that id, or it was not read */
} qw_seal_entry_t;

/* What the chain had come to. */
typedef struct {
    apr_int64_t seq;      /* of its last entry */
    apr_int64_t previous; /* seq of the checkpoint before, 0 if none */
    const char *hash;     /* of that entry */
    apr_time_t at;        /* real clock */
    const char *signature;
    const char *timestamp; /* RFC 3161 token, NULL if there is none */
} qw_checkpoint_t;

/* A version of the identity of an external account. */
typedef struct {
    apr_int64_t version;
    const char *identity; /* JSON */
    apr_time_t verified_at;
    const char *verified_by;
    const char *verified_method;
    const char *profiles;
} qw_identity_version_t;

/* Nobody else seals until the end of the transaction (PostgreSQL: of all
 * nodes). */
qw_problem_t *qw_seal_lock(qw_db_t *db, apr_pool_t *pool) QW_MUST_CHECK;
/* *WAITS: 1 if there is an event without a place. */
qw_problem_t *qw_seal_waits(int *waits, qw_db_t *db,
                            apr_pool_t *pool) QW_MUST_CHECK;
/* *EVENTS (qw_event_t *): up to LIMIT that wait, oldest first. */
qw_problem_t *qw_seal_take(apr_array_header_t **events, qw_db_t *db, int limit,
                           apr_pool_t *pool) QW_MUST_CHECK;
/* ENTRY, whose event was taken, has its place and waits no more. */
qw_problem_t *qw_seal_put(qw_db_t *db, const qw_seal_entry_t *entry,
                          apr_pool_t *pool) QW_MUST_CHECK;
/* *ENTRY: the last one, without its event; NULL if there is none. */
qw_problem_t *qw_seal_tail(qw_seal_entry_t **entry, qw_db_t *db,
                           apr_pool_t *pool) QW_MUST_CHECK;
/* *ENTRIES (qw_seal_entry_t *): up to LIMIT after AFTER, in order. */
qw_problem_t *qw_seal_page(apr_array_header_t **entries, qw_db_t *db,
                           apr_int64_t after, int limit,
                           apr_pool_t *pool) QW_MUST_CHECK;
/* *ENTRIES (qw_seal_entry_t *): the events of SUBJECT_ID, with their places. */
qw_problem_t *qw_seal_of_subject(apr_array_header_t **entries, qw_db_t *db,
                                 const char *authority, const char *subject_id,
                                 apr_pool_t *pool) QW_MUST_CHECK;
/* *IDS (const char *), up to LIMIT: of events that neither have a place nor wait;
 * of waiting ones that are gone, or have one. None, unless somebody meddled. */
qw_problem_t *qw_seal_unsealed(apr_array_header_t **ids, qw_db_t *db, int limit,
                               apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_seal_stuck(apr_array_header_t **ids, qw_db_t *db, int limit,
                            apr_pool_t *pool) QW_MUST_CHECK;

/* CONFLICT if there is one of that seq. */
qw_problem_t *qw_checkpoint_insert(qw_db_t *db,
                                   const qw_checkpoint_t *checkpoint,
                                   apr_pool_t *pool) QW_MUST_CHECK;
/* *CHECKPOINT NULL if there is none. */
qw_problem_t *qw_checkpoint_newest(qw_checkpoint_t **checkpoint, qw_db_t *db,
                                   apr_pool_t *pool) QW_MUST_CHECK;
/* *CHECKPOINTS (qw_checkpoint_t *): up to LIMIT after seq AFTER, in order. */
qw_problem_t *qw_checkpoint_page(apr_array_header_t **checkpoints, qw_db_t *db,
                                 apr_int64_t after, int limit,
                                 apr_pool_t *pool) QW_MUST_CHECK;
/* CONFLICT if it has a timestamp already. */
qw_problem_t *qw_checkpoint_stamp(qw_db_t *db, apr_int64_t seq,
                                  const char *timestamp,
                                  apr_pool_t *pool) QW_MUST_CHECK;

/* *FOUND: VERSION of the identity of EXTERNAL_ID; NOT_FOUND. */
qw_problem_t *qw_identity_version_get(qw_identity_version_t **found,
                                      qw_db_t *db, const char *external_id,
                                      apr_int64_t version,
                                      apr_pool_t *pool) QW_MUST_CHECK;

#endif
