/* client.h -- asking the signer. Threads: any; each call uses a connection of
 * its own or a kept one of its thread. */
#ifndef QW_CA_CLIENT_H
#define QW_CA_CLIENT_H

#include "base/bytes.h"
#include "conf/conf.h"

/* How children reach the signer of this node. */
typedef struct {
    const char *socket_path;
    apr_interval_time_t wait;
} qw_signer_client_t;

/* Socket of the signer of CONF, in POOL: in the state directory. */
const char *qw_signer_socket(const qw_conf_t *conf, apr_pool_t *pool);

/* Issue the certificate of an order for the key of CSR (DER). The signer reads
 * everything else itself. NULL: the order is valid, or processing while its
 * precertificate is logged. The gate's problems as they
 * are. UNAVAILABLE: no answer in time or no signer; what became of the order
 * must be read: ready (nothing happened), processing, or valid. */
qw_problem_t *qw_signer_issue(const qw_signer_client_t *client,
                              const qw_authority_t *authority,
                              const char *account_id, const char *order_id,
                              const qw_bytes_t *csr,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* Issue the certificate of the precertificate PRECERT_ID (an attempt of the key
 * ISSUER), for which enough SCTs are stored. NULL: its order is valid. ORDER_NOT_READY: it was
 * done already, or can no longer be; other problems as above. */
qw_problem_t *qw_signer_complete(const qw_signer_client_t *client,
                                 const qw_authority_t *authority,
                                 const char *issuer, const char *precert_id,
                                 apr_pool_t *pool) QW_MUST_CHECK;

/* NULL if the signer answers, its keys work and issuance is not halted; else
 * UNAVAILABLE whose detail, for an administrator, is the reason. */
qw_problem_t *qw_signer_health(const qw_signer_client_t *client,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* *DER in POOL: OCSP answer of the issuer ISSUER (its spki_hash) for SERIALS
 * (const char *, hex), asked for by hashes of DIGEST ("sha1", "sha256"), with
 * NONCE if its data is not NULL; signed now. A serial that was not issued is
 * unknown. UNAVAILABLE: the signer is away, busy, or has no responder yet.
 * RFC6960-4.2, RFC9654-2 */
typedef struct {
    const char *issuer;
    const char *digest;
    const apr_array_header_t *serials;
    qw_bytes_t nonce;
} qw_status_question_t;
qw_problem_t *qw_signer_status(qw_bytes_t *der,
                               const qw_signer_client_t *client,
                               const qw_authority_t *authority,
                               const qw_status_question_t *question,
                               apr_pool_t *pool) QW_MUST_CHECK;

#endif
