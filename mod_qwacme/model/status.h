/* status.h -- what is told about serials. Plain structs. */
#ifndef QW_MODEL_STATUS_H
#define QW_MODEL_STATUS_H

#include <apr_time.h>

/* Nodes whose signers were not seen for so long show nothing. */
#define QW_NODE_ALIVE (apr_time_from_sec(300))

/* A serial of an issuer, as the ledger has it. */
typedef struct {
    const char *number;    /* lower-case hex */
    int issued;            /* a certificate or precertificate has it */
    apr_time_t revoked_at; /* 0: it is not revoked */
    apr_int64_t reason;    /* CRLReason */
    /* of what was asked for by time */
    apr_time_t signed_at;
    /* of what is on a CRL */
    apr_int64_t crl_number; /* of the first that had it; 0: none */
    const char *crl_period;
} qw_serial_t;

/* The newest CRL of an issuer for a period. */
typedef struct {
    const char *issuer; /* spki_hash */
    const char *period; /* first day, "20261102"; "": of all */
    const char *authority;
    apr_int64_t number;     /* the last that was taken, for good */
    apr_int64_t listed;     /* the last that was made */
    const char *attempt_id; /* its signature in the ledger */
    apr_time_t this_update, next_update;
    apr_int64_t entries;
    apr_int64_t newest; /* when it was begun, revocations had come to CRLs up to
                           this number: it has those */
} qw_crl_t;

/* Revocations that wait to be on a CRL, or to be shown by all. */
typedef struct {
    const char *crl_period;
    apr_int64_t n;
    apr_time_t oldest; /* when the first was asked for; 0 if there is none */
} qw_waiting_t;

#endif
