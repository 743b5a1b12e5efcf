/* assemble.c -- TBSCertificate and signature become a certificate. */
#include "x509/tbs.h"

#include "x509/der.h"
#include "x509/sigalg.h"

#define BROKEN(pool, cause)                                                    \
    QW_FAIL_BECAUSE((pool), SERVER_INTERNAL, (cause),                          \
                    "the certificate is not what was to be signed")

qw_problem_t *qw_cert_assemble(qw_bytes_t *der, const qw_bytes_t *tbs,
                               const qw_issuer_t *issuer,
                               const qw_bytes_t *signature, apr_pool_t *pool)
{
    apr_size_t certificate;
    qw_der_t out;

    if (signature->len == 0)
        return BROKEN(pool, "empty signature");
    qw_der_start(&out, pool);
    certificate = qw_der_open(&out, QW_DER_SEQUENCE);
    qw_der_raw(&out, tbs);
    qw_der_raw(&out, &issuer->sig_alg);
    qw_der_bits(&out, signature);
    qw_der_close(&out, certificate);
    *der = qw_der_bytes(&out);
    return NULL;
}

qw_problem_t *qw_cert_verify(const qw_bytes_t *der, const qw_bytes_t *tbs,
                             const qw_issuer_t *issuer, apr_pool_t *pool)
{
    qw_der_in_t in = *der, certificate;
    qw_bytes_t part, signature;

    if (!qw_der_enter(&in, QW_DER_SEQUENCE, &certificate) || in.len > 0)
        return BROKEN(pool, "not one DER sequence");
    if (!qw_der_next(&certificate, QW_DER_SEQUENCE, &part, NULL)
        || !qw_bytes_equal(&part, tbs))
        return BROKEN(pool, "another TBSCertificate");
    if (!qw_der_next(&certificate, QW_DER_SEQUENCE, &part, NULL)
        || !qw_bytes_equal(&part, &issuer->sig_alg))
        return BROKEN(pool, "another signature algorithm");
    if (!qw_der_next(&certificate, QW_DER_BIT_STRING, NULL, &signature)
        || certificate.len > 0 || signature.len < 2 || signature.data[0] != 0)
        return BROKEN(pool, "the signature is no whole BIT STRING");
    signature.data++;
    signature.len--;
    if (!qw_sigalg_verify(issuer->key, issuer->digest, tbs, &signature))
        return BROKEN(pool, "the signature does not verify");
    return NULL;
}
