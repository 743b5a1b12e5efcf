/* revoke.h -- the one way a certificate becomes revoked, whoever asks.
 * Threads: as qw_db_t. */
#ifndef QW_CA_REVOKE_H
#define QW_CA_REVOKE_H

#include "gate/keys.h"
#include "model/authority.h"
#include "store/db_ledger.h"

enum { QW_REASON_UNSPECIFIED = 0, QW_REASON_KEY_COMPROMISE = 1 };

typedef struct {
    const qw_authority_t *authority;
    const qw_certificate_t *certificate;
    int reason;        /* CRLReason */
    const char *actor; /* as in qw_revocation_t */
    int block_key;     /* the requester proved that the key is out */
    int may_upgrade;   /* an earlier revocation may become keyCompromise */
    qw_blocking_t *blocking; /* out, or NULL: what blocking the key hit, for
                                qw_gate_alert() after the transaction */
} qw_revoke_t;

/* Revoke inside the caller's transaction, with its audit event. If the key is
 * to be blocked, qw_revoke_key() is done first.
 * ALREADY_REVOKED, unless REASON is keyCompromise, MAY_UPGRADE, and it was
 * revoked for another reason: then that reason changes and the date stays. */
qw_problem_t *qw_revoke(qw_db_t *db, const qw_revoke_t *what,
                        apr_pool_t *pool) QW_MUST_CHECK;

/* Block the key of the certificate, and revoke every other certificate that has
 * it and was not revoked, whoever's it is. */
qw_problem_t *qw_revoke_key(qw_db_t *db, const qw_revoke_t *what,
                            apr_pool_t *pool) QW_MUST_CHECK;

/* *ID in POOL of the key in the pem of CERTIFICATE. */
qw_problem_t *qw_certificate_key_id(qw_key_id_t *id,
                                    const qw_certificate_t *certificate,
                                    apr_pool_t *pool) QW_MUST_CHECK;

/* 1 and *REASON of a CRLReason name ("keyCompromise") or number that may stand
 * in a subscriber certificate's CRL entry (BR-7.2.2: 0, 1, 3, 4, 5, 9). */
int qw_reason_parse(int *reason, const char *text);

/* Name of REASON, "keyCompromise"; NULL if it may not be used. */
const char *qw_reason_name(int reason);

#endif
