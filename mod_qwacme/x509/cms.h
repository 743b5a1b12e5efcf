/* cms.h -- signatures over records of our own: CMS (RFC 5652) in DER, by a key
 * that is in a file. Threads: any; a signer is read-only once it is loaded. */
#ifndef QW_X509_CMS_H
#define QW_X509_CMS_H

#include "base/bytes.h"
#include "base/own.h"
#include "base/problem.h"

typedef struct qw_cms_signer_t qw_cms_signer_t;

/* *SIGNER in POOL: the first certificate of the PEM file CERT_PATH, and its key
 * in the PEM file KEY_PATH, under the passphrase in the file PIN_PATH (NULL:
 * none). INVALID_INPUT, naming the file, if one cannot be read or the key is not
 * that of the certificate. */
qw_problem_t *qw_cms_signer_load(qw_cms_signer_t **signer,
                                 const char *cert_path, const char *key_path,
                                 const char *pin_path,
                                 apr_pool_t *pool) QW_MUST_CHECK;

/* *SIGNATURE: SignedData over CONTENT in POOL, with the signer's certificate and
 * the time; CONTENT itself in it only if ATTACHED. SERVER_INTERNAL. */
qw_problem_t *qw_cms_sign(qw_bytes_t *signature, const qw_cms_signer_t *signer,
                          const qw_bytes_t *content, int attached,
                          apr_pool_t *pool) QW_MUST_CHECK;

/* NULL if SIGNATURE, detached, is one over CONTENT by the key of one of TRUSTED
 * (qw_bytes_t: DER certificates). Those are trusted as they are: neither their
 * issuer nor their validity is asked. UNAUTHORIZED with the reason as cause. */
qw_problem_t *qw_cms_verify(const qw_bytes_t *signature,
                            const qw_bytes_t *content,
                            const apr_array_header_t *trusted,
                            apr_pool_t *pool) QW_MUST_CHECK;

#endif
