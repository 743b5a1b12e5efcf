/* ct.h -- Certificate Transparency logs and what they answer. Plain structs. */
#ifndef QW_MODEL_CT_H
#define QW_MODEL_CT_H

#include "base/bytes.h"

#include <apr_time.h>

/* A log of the log list that takes submissions. Read-only after
 * configuration. */
typedef struct {
    const char *operator_name;
    const char *description;
    const char *id;  /* hex SHA-256 of key */
    qw_bytes_t key;  /* DER SubjectPublicKeyInfo */
    const char *url; /* of its API, no final '/' */
    /* notAfter of the certificates that it takes: FROM <= notAfter < UNTIL;
     * 0: no bound */
    apr_time_t from, until;
} qw_ct_log_t;

/* A log's promise for a precertificate, its signature verified. */
typedef struct {
    const char *attempt_id;
    const char *log_id; /* hex */
    const char *sct;    /* base64url of the TLS structure, RFC6962-3.2 */
    apr_time_t at;
} qw_sct_t;

#endif
