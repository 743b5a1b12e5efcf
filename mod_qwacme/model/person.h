/* person.h -- people of the portal: officers, operators, auditors, and what they
 * prove themselves by. Plain structs: text is UTF-8 or NULL, times are
 * microseconds UTC with 0 for "never". */
#ifndef QW_MODEL_PERSON_H
#define QW_MODEL_PERSON_H

#include "model/state.h"

#include <apr_pools.h>
#include <apr_time.h>

typedef struct {
    const char *id;
    const char *authority; /* "" for the whole server */
    const char *role;      /* "officer", "operator" or "auditor", for ever */
    const char *name;      /* as it was entered */
    const char *name_key; /* what makes two spellings one name; not read back */
    const char *mail;
    const char *language; /* "en" or "fr" */
    qw_state_e status;    /* person */
    apr_time_t created;
    const char *created_by;
    const char *login;      /* user name on this machine, or NULL */
    const char *removed_by; /* NULL while there */
    apr_time_t removed_at;
} qw_person_t;

/* That a person acts for an external account. */
typedef struct {
    const char *id;
    const char *person_id;
    const char *authority;
    const char *external_id;
    apr_time_t created;
    const char *created_by;
} qw_operator_t;

/* One WebAuthn credential, or the subject of the provider's own login. */
typedef struct {
    const char *id;
    const char *person_id;
    const char *credential_id; /* base64url */
    apr_int64_t algorithm;     /* of COSE: -7, -8 or -257 */
    const char *public_key;    /* base64url, as libfido2 gives and takes it */
    apr_int64_t sign_count;
    const char *aaguid;      /* 36 characters, lower case */
    const char *attestation; /* "none" or "packed" */
    const char *transports;  /* words, as the browser told */
    apr_time_t created;
    apr_time_t used_at;
    const char *removed_by; /* NULL while it counts */
    apr_time_t removed_at;
    const char
        *subject; /* whom httpd names, as it was bound; then credential_id
                            is what makes two spellings one, and there is no
                            key. NULL: a WebAuthn credential */
} qw_authenticator_t;

/* An invitation: a link and, on another way, a secret. */
typedef struct {
    const char *id; /* hex SHA-256 of the link's token */
    const char *person_id;
    const char *secret_hash; /* hex SHA-256 of token and secret */
    apr_time_t created;
    const char *created_by;
    apr_time_t expires;
    apr_int64_t tries; /* with a wrong secret */
    apr_time_t used_at;
} qw_invite_t;

typedef struct {
    const char *id; /* hex SHA-256 of the cookie's token */
    const char *authority;
    const char *person_id;
    const char *authenticator_id;
    apr_time_t created;
    apr_time_t seen;
    apr_time_t expires;  /* at the latest */
    const char *subject; /* of its authenticator; only when read */
} qw_session_t;

/* A change that was shown, and waits for its person to log in once more. */
typedef struct {
    const char *id;
    const char *session_id;
    const char *action; /* canonical JSON */
    apr_time_t shown;
    apr_time_t expires;
} qw_confirmation_t;

/* A change with what proves whose it is: the assertion that signed it, base64url;
 * or what httpd said. */
typedef struct {
    const char *id;
    const char *external_id; /* or NULL */
    const char *person_id;
    const char *person; /* name; only when read */
    const char *authenticator_id;
    const char *action; /* canonical JSON */
    const char *nonce;  /* the challenge was SHA-256 of nonce and action */
    const char *client_data;
    const char *authenticator_data;
    const char *signature; /* these three are NULL if there is a PROOF */
    apr_time_t at;
    const char *proof; /* canonical JSON (portal/env.h), or NULL */
} qw_action_t;

/* The actor of what the person with ID does at the portal, in POOL: "portal:<id>". */
const char *qw_person_actor(const char *id, apr_pool_t *pool);

/* The id of the person that ACTOR is, in ACTOR; NULL if it is none of the portal. */
const char *qw_actor_person(const char *actor);

#endif
