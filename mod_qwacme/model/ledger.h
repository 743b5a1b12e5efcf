/* ledger.h -- signatures, certificates, revocations. Plain structs; DER as
 * base64url, serials and hashes as lower-case hex. */
#ifndef QW_MODEL_LEDGER_H
#define QW_MODEL_LEDGER_H

#include "model/state.h"

#include <apr_time.h>

/* Kinds of what is signed. */
#define QW_KIND_CERT    "cert"
#define QW_KIND_PRECERT "precert"
#define QW_KIND_CRL     "crl"
#define QW_KIND_OCSP    "ocsp" /* certificate of a responder */

/* One use of an issuing key: written before it, never deleted. */
typedef struct {
    const char *id;
    const char *authority;
    const char *order_id; /* NULL for a CRL or a responder certificate */
    const char *kind;     /* "cert", "precert", "crl", "ocsp" */
    const char *issuer;   /* spki_hash of the issuing key */
    const char *serial;   /* or CRL number */
    const char *tbs;      /* of a CRL, which may have 10 MB: its digest alone,
                             of the issuer's algorithm */
    const char *tbs_hash; /* hex SHA-256 of the DER */
    const char *profile_hash;
    apr_int64_t identity_version; /* of the external account, 0 if none */
    qw_state_e status;            /* attempt */
    const char *node;
    apr_time_t lease_until;
    apr_time_t created;
    apr_time_t signed_at;   /* when it became issued or orphan */
    const char *der;        /* set when issued; also attached to an orphan
                                 whose signature turned up late; of a CRL the
                                 signature alone */
    const char *crl_period; /* whose CRL it would be on, or is; "": the full */
    apr_time_t not_after;   /* of the certificate; of a CRL nextUpdate */
    const char *spki_hash;  /* of the subscriber's key, to find it by; written
                               alone, and NULL in what is read */
} qw_attempt_t;

typedef struct {
    const char *id; /* random, in its URL */
    const char *authority;
    const char *order_id;
    const char *account_id;
    const char *external_id;
    const char *attempt_id;
    const char *issuer; /* spki_hash */
    const char *serial;
    const char *spki_hash;
    const char *fingerprint; /* hex SHA-256 of the DER */
    const char *names;       /* JSON array */
    const char *profile;
    apr_int64_t identity_version;
    apr_time_t not_before, not_after;
    apr_time_t created;
    const char *pem; /* the leaf, PEM; chains are added when served */
    /* of its revocation, joined by every read */
    apr_time_t revoked_at; /* 0: not revoked */
    apr_int64_t reason;
} qw_certificate_t;

/* What the time of a certificate's renewal depends on. */
typedef struct {
    const char *serial;
    apr_time_t not_before, not_after;
    apr_time_t revoked_at;       /* 0: not revoked */
    apr_time_t verified_at;      /* the identity, */
    apr_time_t expires;          /* the lifetime of the external account */
    apr_time_t recalled_at;      /* 0: in no incident */
    const char *explanation_url; /* of that incident, or NULL */
} qw_renewal_t;

/* Something for which certificates have to be renewed at once. */
typedef struct {
    const char *id;
    const char *name; /* chosen by the operator */
    const char *url;  /* that explains it to subscribers */
    const char *created_by;
    apr_time_t created;
    apr_time_t cleared;       /* 0: in force */
    apr_int64_t certificates; /* how many */
} qw_incident_t;

/* Also of serials without a certificate: orphans. */
typedef struct {
    const char *issuer;
    const char *serial;
    const char *authority;
    apr_int64_t reason; /* CRLReason; 0 unspecified */
    apr_time_t requested_at;
    apr_time_t revoked_at;
    const char *actor; /* "acme:<account>", "certificate-key", "ctl:<user>",
                          "reconcile" */
    /* set by the database, and as it is published */
    const char *crl_period;
    apr_time_t not_after;
    apr_int64_t crl_number; /* of the first CRL that has it; 0: none yet */
    apr_time_t
        published_at; /* CRL and OCSP of every node show it; 0: not yet */
} qw_revocation_t;

/* What happened, in the transaction in which it happened. */
typedef struct {
    const char *id;
    const char *authority; /* "" for the whole server */
    apr_time_t at;
    const char *event; /* "account.create" */
    const char *actor;
    const char *subject_kind; /* "external", "account", "order", ... */
    const char *subject_id;
    const char *detail; /* JSON object, never a secret */
} qw_event_t;

#endif
