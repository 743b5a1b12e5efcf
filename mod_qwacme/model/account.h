/* account.h -- external accounts and what hangs on them. Plain structs: text is
 * UTF-8 or NULL, times are microseconds UTC with 0 for "never". */
#ifndef QW_MODEL_ACCOUNT_H
#define QW_MODEL_ACCOUNT_H

#include "model/state.h"

#include <apr_tables.h>
#include <apr_time.h>

/* A subscriber's registration. */
typedef struct {
    const char *id;
    const char *authority;
    const char *name;  /* for people, unique per authority */
    qw_state_e status; /* external */
    apr_time_t created;
    apr_time_t expires;           /* end of the account's lifetime */
    const char *identity;         /* JSON of qw_identity_t */
    apr_int64_t identity_version; /* counts up with each verification */
    apr_time_t verified_at;
    const char *verified_by;     /* officer */
    const char *verified_method; /* "24(1a)(a)" .. "24(1a)(d)" */
    const char *profiles;        /* words; the first is the default */
    const char *terms_version;   /* agreed by an operator, or NULL */
    apr_time_t terms_at;
    const char *reason;      /* of the suspension or closing, or NULL */
    apr_time_t suspended_at; /* when its last suspension began */
} qw_external_t;

/* One entry of a domain list. Removed entries stay, with when and by whom. */
typedef struct {
    const char *id;
    const char *external_id;
    const char *name; /* A-labels */
    int subtree;      /* names below it too */
    int wildcard;     /* wildcard names allowed */
    const char *confirmed_by;
    apr_time_t confirmed_at;
    const char *removed_by; /* NULL while it counts */
    apr_time_t removed_at;
    const char
        *reviewed_by; /* officer who looked into high-risk names, or NULL */
} qw_domain_t;

/* KeyID and sealed MAC key. */
typedef struct {
    const char *id; /* KeyID */
    const char *authority;
    const char *external_id;
    const char *sealed; /* qw_seal() of the 32-byte MAC key */
    const char *algs;   /* words of HS256 HS384 HS512 */
    qw_state_e status;  /* binding */
    apr_int64_t max_uses;
    apr_int64_t uses;
    apr_time_t expires;
    const char *thumbprint; /* the only account key it binds, or NULL */
    apr_time_t created;
    const char *created_by;
    apr_int64_t mac_failures; /* in the current window */
    apr_time_t mac_failed_at; /* start of that window */
    apr_time_t suspended_at;  /* when its last suspension began */
    const char *label;        /* what people call it; "": nothing */
} qw_binding_t;

typedef struct {
    const char *id;
    const char *authority;
    const char *external_id; /* for ever */
    const char *binding_id;  /* the KeyID it came by */
    qw_state_e status;       /* account */
    int suspended;           /* by an operator or officer, reversible */
    const char *thumbprint;
    const char *jwk;      /* JSON, required members only */
    const char *contacts; /* JSON array */
    const char *eab;      /* JSON: the binding JWS as received */
    const char *terms_version;
    apr_time_t terms_at;
    apr_time_t created;
    apr_time_t suspended_at; /* when its own last suspension began */
    /* of its external account and its KeyID, joined by every read */
    qw_state_e external_status;
    apr_time_t external_expires;
    qw_state_e binding_status;
    apr_time_t stopped_at; /* when the last suspension of any of the three
                              began: what was proven before is not used again */
    int key_blocked;       /* its key is on the list of blocked ones */
} qw_account_t;

/* A key that may serve nobody any more, for good. */
typedef struct {
    const char *spki_hash;  /* hex SHA-256 of the SPKI */
    const char *thumbprint; /* the same key as a JWK's */
    const char *why;        /* for officers */
    apr_time_t at;
} qw_blocked_key_t;

#endif
