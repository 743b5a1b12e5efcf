/* chain.h -- what the chain of events is made of. All of it is text that other
 * programs can make again: objects are compact JSON with sorted members, hashes
 * are lower-case hex of SHA-256. Threads: any; results live in POOL.
 *
 *   digest of an event     SHA-256 of its object
 *   hash of record N       SHA-256 of "HASH-OF-N-1 LF N LF DIGEST LF"; before the
 *                          first there are 64 zeros
 *   checkpoint at N        CMS signature over its object: hash of N, and when
 *   timestamp              RFC 3161, over the DER of that signature */
#ifndef QW_AUDIT_CHAIN_H
#define QW_AUDIT_CHAIN_H

#include "base/bytes.h"
#include "base/json.h"
#include "store/db_seal.h"

enum { QW_CHAIN_HASH = 64 };

/* What stands before record 1. */
extern const char qw_chain_start[];

/* {"actor","at" (microseconds),"authority","detail" (text),"event","id",
 * "subject","subjectKind"}: every column. */
json_t *qw_chain_event(const qw_event_t *event, apr_pool_t *pool);

/* Of such an object. */
const char *qw_chain_digest(const json_t *event, apr_pool_t *pool);

/* Hash of record SEQ, whose event has DIGEST, after the one with hash
 * PREVIOUS. */
const char *qw_chain_link(const char *previous, apr_int64_t seq,
                          const char *digest, apr_pool_t *pool);

/* {"at","hash","previous","seq"}: what a checkpoint's signature is over. */
json_t *qw_chain_checkpoint(const qw_checkpoint_t *checkpoint,
                            apr_pool_t *pool);

/* {"checkpoint","signature","timestamp"}: a checkpoint as it is kept elsewhere;
 * and back. MALFORMED, naming the member. */
json_t *qw_checkpoint_json(const qw_checkpoint_t *checkpoint, apr_pool_t *pool);
qw_problem_t *qw_checkpoint_of(qw_checkpoint_t **checkpoint,
                               const json_t *object,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* The compact text of OBJECT, as bytes. */
qw_bytes_t qw_chain_bytes(const json_t *object, apr_pool_t *pool);

#endif
