/* order.h -- orders, authorizations, challenges, jobs. Plain structs. */
#ifndef QW_MODEL_ORDER_H
#define QW_MODEL_ORDER_H

#include "model/state.h"

#include <apr_tables.h>
#include <apr_time.h>

typedef struct {
    const char *id;
    const char *authority;
    const char *account_id;
    const char *external_id;
    qw_state_e status;
    apr_time_t created;
    apr_time_t expires;
    const char *names; /* JSON array of dns names, "*." kept, sorted */
    const char *profile;
    const char *profile_hash;   /* pinned at newOrder */
    const char *error;          /* JSON problem document, or NULL */
    const char *certificate_id; /* set when valid */
    const char *csr;            /* base64url DER as finalized, or NULL */
    const char *replaces;       /* ARI certID of what it renews, or NULL */
} qw_order_t;

/* The name of a profile ends so where a dry run is asked for: every check of an
 * order, and no signature. */
#define QW_DRY_RUN ".dry-run"

/* 1 if PROFILE (NULL: no), as an order names it, is for dry runs. */
int qw_order_is_dry(const char *profile);

/* The name of the certificate profile that PROFILE, not NULL, means, in POOL. */
const char *qw_order_profile(const char *profile, apr_pool_t *pool);

typedef struct {
    const char *id;
    const char *authority;
    const char *account_id;
    const char *external_id;
    const char *name; /* without "*." */
    int wildcard;
    qw_state_e status;
    apr_time_t created;
    apr_time_t expires;
    const char *method;      /* challenge type that made it valid, or NULL */
    apr_time_t validated_at; /* start of the attempt that succeeded */
    apr_time_t caa_at;       /* last time that CAA let us issue */
} qw_authz_t;

/* Its name as it was ordered, "*." before it if it is a wildcard's. */
const char *qw_authz_identifier(const qw_authz_t *authz, apr_pool_t *pool);

typedef struct {
    const char *id;
    const char *authz_id;
    const char *type; /* "http-01" */
    const char *token;
    qw_state_e status;
    apr_time_t validated_at;
    const char *error;    /* JSON problem document, or NULL */
    const char *evidence; /* JSON object, or NULL */
} qw_challenge_t;

/* Kinds of jobs: look at a challenge; have a precertificate logged. */
#define QW_JOB_VALIDATE "validate"
#define QW_JOB_PUBLISH  "publish"
/* Look at a name without an order; account_id is the external account's. */
#define QW_JOB_DIAGNOSE "diagnose"

/* A slow thing to do. The database is the queue; a lease says who is at it. */
typedef struct {
    const char *id;
    const char *authority;
    const char *kind;
    const char *subject_id; /* challenge; precertificate's attempt;
                               diagnosis */
    apr_time_t due;
    const char *owner; /* node and process that holds the lease, or NULL */
    apr_time_t lease_until;
    apr_int64_t tries;      /* leases taken and not given back */
    apr_int64_t returns;    /* leases given back */
    const char *account_id; /* ACME account it is for; unset in a claimed one */
} qw_job_t;

#endif
