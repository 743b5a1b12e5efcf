/* call.h -- one verified request on its way to its verb. Threads: one. */
#ifndef QW_ACME_CALL_H
#define QW_ACME_CALL_H

#include "acme/serve.h"
#include "jose/jws.h"
#include "model/account.h"

typedef struct qw_route_t qw_route_t;

typedef struct {
    const qw_site_t *site;
    const qw_authority_t *authority; /* of the site */
    const qw_request_t *request;
    const qw_route_t *route;
    const char *id;        /* what the route's first '*' matched, or NULL */
    const char *rest;      /* its second */
    qw_jws_t *jws;         /* NULL where nobody signs */
    qw_jwk_t *key;         /* whose signature verified */
    qw_account_t *account; /* of kid; NULL if signed by jwk */
    json_t *payload;       /* NULL: POST-as-GET */
    apr_time_t now;        /* of the authority */
    apr_pool_t *pool;
} qw_call_t;

/* Does what RFC 8555 says of one resource, and fills REPLY on success. */
typedef qw_problem_t *(*qw_verb_fn)(const qw_call_t *call, qw_reply_t *reply);

/* verb_<name>.c each */
#define QW_VERB(name)                                                          \
    qw_problem_t *qw_verb_##name(const qw_call_t *call, qw_reply_t *reply)     \
        QW_MUST_CHECK
QW_VERB(directory);
QW_VERB(new_nonce);
QW_VERB(new_account);
QW_VERB(new_order);
QW_VERB(new_authz);
QW_VERB(revoke_cert);
QW_VERB(key_change);
QW_VERB(account);
QW_VERB(orders);
QW_VERB(order);
QW_VERB(finalize);
QW_VERB(authz);
QW_VERB(challenge);
QW_VERB(certificate);
QW_VERB(renewal_info);
#undef QW_VERB

/* "acme:<account id>", for audit events. */
const char *qw_call_actor(const qw_call_t *call);

/* EVENT about SUBJECT_ID of SUBJECT_KIND by this caller. */
qw_problem_t *qw_call_audit(const qw_call_t *call, qw_db_t *db,
                            const char *event, const char *subject_kind,
                            const char *subject_id,
                            const json_t *detail) QW_MUST_CHECK;

#endif
