/* authority.h -- one ACME directory: its issuing CA, policy and data space.
 * Read-only after configuration; shared by every thread and process. */
#ifndef QW_MODEL_AUTHORITY_H
#define QW_MODEL_AUTHORITY_H

#include "base/problem.h"
#include "base/seal.h"
#include "model/ct.h"
#include "model/limit.h"

#include <apr_hash.h>

typedef enum { QW_KIND_PRODUCTION, QW_KIND_TEST } qw_kind_e;

/* A policy disclosure statement, EN 319 412-5 QcPDS. */
typedef struct {
    const char *language; /* ISO 639-1, lower case */
    const char *url;      /* https */
} qw_pds_t;

/* Which subscriber keys an issuer signs. */
typedef enum { QW_TAKES_ALL, QW_TAKES_RSA, QW_TAKES_ECDSA } qw_takes_e;

/* One issuing CA: where its certificate chain and its key are. */
typedef struct {
    const char *chain_path;     /* PEM: issuing certificate first, then up to,
                                   but without, the root */
    const char *key_uri;        /* PEM file, or pkcs11: or another store URI;
                                   NULL: it signs no more */
    const char *pin_path;       /* file with the PIN, or NULL */
    const char *pin_credential; /* systemd's name of the PIN, or NULL */
    const char *pin;            /* in the signer alone: what it read of that
                                   while it could; a secret */
    qw_takes_e takes;
    int for_ocsp; /* QwacmeOCSPKey: the key of the OCSP responder of the issuer
                     at chain_path; of all that have none, if that is NULL */
} qw_issuer_conf_t;

/* A remote network perspective, BR-3.2.2.9. */
typedef struct {
    const char *code;   /* as its service names it: "paris" */
    const char *url;    /* https: of the Open MPIC API, up to "/mpic" */
    const char *region; /* of the Regional Internet Registry it is in: "RIPE" */
} qw_perspective_t;

/* What a variable of httpd's must say of who is at the portal. */
typedef struct {
    const char *name;
    const char *value; /* exactly; NULL: anything but nothing. Needs of one name
                          are alternatives */
} qw_need_t;

/* Every member but name may be unset in a half-read configuration. */
typedef struct {
    const char *name;
    qw_kind_e kind;
    const char *base_url;  /* "https://acme.qtsp.example/acme", no final '/' */
    const char *base_path; /* path of it, "/acme"; "" if none */
    const char *website;   /* directory meta, or NULL */

    apr_array_header_t *issuers;        /* of qw_issuer_conf_t; the first
                                       that fits signs */
    apr_array_header_t *ocsp_keys;      /* of qw_issuer_conf_t; empty: each
                                       responder makes its own */
    apr_array_header_t *alternates;     /* of const char *: PEM files with other
                                           chains, RFC8555-7.4.2 */
    apr_array_header_t *profiles;       /* of const char *; first: default */
    apr_array_header_t *caa_identities; /* of const char * */
    int caa_parent_account; /* accounturi may name the external account */
    apr_array_header_t *challenges; /* of const char *: types offered */
    apr_array_header_t *pds;        /* of qw_pds_t */

    const char *terms_version;
    const char *terms_url;
    const char *report_address; /* mail, for reports of problems; or NULL */
    const char *portal_url; /* "instance" of problems a human must solve, and
                               where the portal is */
    const char *ocsp_url;   /* http, AIA; "%{issuer}" in these three stands */
    const char *issuer_url; /* for the issuer's id; http, AIA caIssuers */
    const char *crl_url;    /* http, CRLDP; "%{period}" for the CRL's period */

    int crl_period;                    /* days of one; 0: one CRL for all */
    apr_interval_time_t crl_validity;  /* thisUpdate to nextUpdate */
    apr_interval_time_t crl_delay;     /* revocations are gathered so long */
    int crl_expired;                   /* ExpiredCertsOnCRL */
    apr_interval_time_t ocsp_validity; /* thisUpdate to nextUpdate */

    apr_array_header_t *ct_logs;     /* of qw_ct_log_t; empty: none is asked */
    apr_interval_time_t ct_timeout;  /* one round of asking logs */
    apr_interval_time_t ct_deadline; /* until an order without SCTs fails */

    const char *linter; /* URL of a pkimetal, "exec:/PROGRAM", or NULL */
    apr_array_header_t *linters; /* of const char *: those that must answer */

    int validity_days;              /* N of N*86400-1 seconds */
    int renewal_start, renewal_end; /* percent of a certificate's lifetime */
    apr_interval_time_t order_lifetime;
    apr_interval_time_t authz_lifetime; /* pending authorizations */
    apr_interval_time_t authz_reuse;    /* valid ones; 0: each order anew */
    apr_interval_time_t nonce_lifetime;
    apr_interval_time_t validation_timeout; /* one attempt, all of it */
    int max_names;                          /* per order */
    int orders_page;                        /* orders list page size */
    int pre_authorization;                  /* newAuthz offered */
    int dry_run; /* orders that end before the signature offered */
    apr_array_header_t *four_eyes; /* of const char *: actions that need two
                                      persons */
    apr_hash_t *high_risk; /* names that need a review, with all below them */
    qw_limit_t limits[QW_LIMIT_COUNT]; /* qw_authority_limit() reads them */
    int validations_at_once;           /* of one ACME account */
    int pause_after; /* failed validations of a name in a row; 0: never */

    apr_array_header_t *resolvers; /* of const char *, "127.0.0.1@53"; empty:
                                      recursion from the root hints */
    const char *trust_anchor;      /* DNSSEC trust anchor file */

    apr_array_header_t *perspectives;        /* of qw_perspective_t */
    int quorum;                              /* of them that must agree; 0: the
                                                least that BR-3.2.2.9 allow */
    apr_interval_time_t perspective_timeout; /* for all of their answers */
    const char *perspective_ca;              /* PEM file; NULL: the system's */
    const char *perspective_identity_path, *perspective_api_key_path;
    const char *perspective_identity; /* what is in those files; secrets of */
    const char *perspective_api_key;  /* httpd's processes, or NULL */

    apr_interval_time_t portal_idle, portal_most; /* of a session of people */
    apr_array_header_t *reminders; /* of apr_interval_time_t, the longest first:
                                      how long before a clock ends */
    apr_array_header_t *passkey_aaguids; /* of const char *: models that may be
                                            registered; empty: any */
    const char *passkey_roots;  /* PEM file: who vouches for them, or NULL */
    const char *portal_subject; /* variable of httpd's that names who is there;
                                   NULL: people have passkeys */
    apr_array_header_t *portal_needs; /* of qw_need_t, for being there */
    const char *step_up_time; /* variable that says when the person logged in;
                                 "connection": the connection is what proves
                                 it; NULL if no portal_subject */
    apr_interval_time_t step_up_age;   /* how long such a login counts */
    const char *step_up_location;      /* where to log in again; "%{return}" in
                                          it stands for where to come back to */
    apr_array_header_t *step_up_needs; /* of qw_need_t, for a change */

    /* test authorities only; refused in production */
    const char *test_clock;   /* file with an offset in seconds */
    int test_http_port;       /* 80 */
    int test_tls_port;        /* 443 */
    int test_private_targets; /* loopback and private addresses dialled */
    int test_insecure_dns;    /* no DNSSEC validation */
    int test_nonce_rejection; /* percent of good nonces that are refused */
    apr_interval_time_t test_slow_validation; /* added to each validation */
} qw_authority_t;

/* Defaults filled in; arrays made and empty. All in POOL. */
qw_authority_t *qw_authority_make(const char *name, apr_pool_t *pool);

/* Of N perspectives, how many must corroborate, BR-3.2.2.9: all but one of up
 * to five, all but two of more; of one, that one. */
int qw_perspectives_least(int n);

/* The time for AUTHORITY: the clock's, moved by the test clock file if there is
 * one (read at each call, so a test can move it while servers run). */
apr_time_t qw_authority_now(const qw_authority_t *authority);

/* What QwacmeOCSPKey says for the issuer whose CHAIN_PATH that is; NULL: its
 * responder makes a key of its own. */
const qw_issuer_conf_t *qw_authority_ocsp_key(const qw_authority_t *authority,
                                              const char *chain_path);

/* 1 if NAME ("*." does not count), or one above it, is of high risk. */
int qw_authority_is_high_risk(const qw_authority_t *authority,
                              const char *name);

/* 1 if WORD is an action that may need two persons; 1 if ACTION needs them. */
int qw_is_action(const char *word);
int qw_authority_needs_two(const qw_authority_t *authority, const char *action);

/* LIMIT as configured, or as the table of limits says. */
qw_limit_t qw_authority_limit(const qw_authority_t *authority,
                              qw_limit_e limit);

/* base_url "/" PATH "/" ID in POOL; ID may be NULL. */
const char *qw_authority_url(const qw_authority_t *authority, const char *path,
                             const char *id, apr_pool_t *pool);

/* URL with ID for each "%{issuer}", in POOL; NULL of NULL. */
const char *qw_issuer_url(const char *url, const char *id, apr_pool_t *pool);

/* Of a certificate issued at NOT_BEFORE, the period whose CRL it is on: the
 * first day, "20261102", in POOL; "" if there is one CRL for all. */
const char *qw_crl_period(const qw_authority_t *authority,
                          apr_time_t not_before, apr_pool_t *pool);

/* URL, of one issuer, with PERIOD ("": "full") for each "%{period}", in POOL;
 * NULL of NULL. */
const char *qw_period_url(const char *url, const char *period,
                          apr_pool_t *pool);

#endif
