/* ocsp_answer.c -- writing; ocsp_answer_read.c reads. */
#include "x509/ocsp_answer.h"

#include "x509/ext.h"

enum {
    MALFORMED_REQUEST = 1,
    INTERNAL_ERROR = 2,
    TRY_LATER = 3,
    UNAUTHORIZED = 6
};

#define BROKEN(pool, cause)                                                    \
    QW_FAIL_BECAUSE((pool), SERVER_INTERNAL, (cause),                          \
                    "the OCSP answer cannot be made")

static qw_problem_t *check(const qw_ocsp_answer_in_t *in, apr_pool_t *pool)
{
    int i;

    if (in->n < 1)
        return BROKEN(pool, "no certificate");
    if (qw_ocsp_hash_of(in->digest) < 0)
        return BROKEN(pool, "a hash other than sha1 and sha256");
    if (in->responder_key_hash.len != qw_ocsp_hash_size(QW_OCSP_SHA1))
        return BROKEN(pool, "the responder's hash is not of SHA-1");
    if (in->next_update < in->this_update || in->produced_at < in->this_update)
        return BROKEN(pool, "the times are not in order");
    for (i = 0; i < in->n; i++) {
        if (in->singles[i].reason == 7 || in->singles[i].reason > 10)
            return BROKEN(pool, "a reason that is no CRLReason");
    }
    return NULL;
}

static void put_explicit_time(qw_der_t *der, int tag, apr_time_t when)
{
    apr_size_t tagged = qw_der_open(der, tag);

    qw_der_generalized(der, when);
    qw_der_close(der, tagged);
}

/* RevokedInfo. */
static void put_revoked(qw_der_t *der, const qw_ocsp_single_t *single)
{
    apr_size_t info = qw_der_open(der, QW_DER_CONTEXT_OF + 1), tagged;
    unsigned char reason = (unsigned char)single->reason;

    qw_der_generalized(der, single->revoked_at);
    if (single->reason > 0) {
        tagged = qw_der_open(der, QW_DER_CONTEXT_OF + 0);
        qw_der_put(der, QW_DER_ENUMERATED, &reason, 1);
        qw_der_close(der, tagged);
    }
    qw_der_close(der, info);
}

static void put_status(qw_der_t *der, const qw_ocsp_single_t *single)
{
    switch (single->status) {
    case QW_OCSP_GOOD:
        qw_der_put(der, QW_DER_CONTEXT + 0, NULL, 0);
        break;
    case QW_OCSP_REVOKED:
        put_revoked(der, single);
        break;
    case QW_OCSP_UNKNOWN:
        qw_der_put(der, QW_DER_CONTEXT + 2, NULL, 0);
        break;
    }
}

/* RFC6960-4.4.4 */
static void put_cutoff(qw_der_t *der, apr_time_t cutoff)
{
    apr_size_t tagged = qw_der_open(der, QW_DER_CONTEXT_OF + 1);
    apr_size_t list = qw_der_open(der, QW_DER_SEQUENCE);
    qw_ext_t e = qw_ext_open(der, QW_OID_OCSP_ARCHIVE_CUTOFF, 0);

    qw_der_generalized(der, cutoff);
    qw_ext_close(der, e);
    qw_der_close(der, list);
    qw_der_close(der, tagged);
}

static int put_single(qw_der_t *der, const qw_ocsp_answer_in_t *in,
                      const qw_ocsp_single_t *single)
{
    int hash = qw_ocsp_hash_of(in->digest);
    qw_ocsp_id_t id = { in->digest, in->issuer->ocsp_name_hash[hash],
                        in->issuer->ocsp_key_hash[hash], single->serial };
    apr_size_t seq = qw_der_open(der, QW_DER_SEQUENCE);

    if (!qw_ocsp_id_put(der, &id))
        return 0;
    put_status(der, single);
    qw_der_generalized(der, in->this_update);
    put_explicit_time(der, QW_DER_CONTEXT_OF + 0, in->next_update);
    if (in->archive_cutoff != 0 && single->status != QW_OCSP_UNKNOWN)
        put_cutoff(der, in->archive_cutoff);
    qw_der_close(der, seq);
    return 1;
}

static void put_nonce(qw_der_t *der, const qw_bytes_t *nonce)
{
    apr_size_t tagged = qw_der_open(der, QW_DER_CONTEXT_OF + 1);
    apr_size_t list = qw_der_open(der, QW_DER_SEQUENCE);
    qw_ext_t e = qw_ext_open(der, QW_OID_OCSP_NONCE, 0);

    qw_der_put(der, QW_DER_OCTET_STRING, nonce->data, nonce->len);
    qw_ext_close(der, e);
    qw_der_close(der, list);
    qw_der_close(der, tagged);
}

qw_problem_t *qw_ocsp_answer_make(qw_bytes_t *tbs,
                                  const qw_ocsp_answer_in_t *in,
                                  apr_pool_t *pool)
{
    apr_size_t seq, by_key, list;
    qw_der_t der;
    int i;

    QW_TRY(check(in, pool));
    qw_der_start(&der, pool);
    seq = qw_der_open(&der, QW_DER_SEQUENCE);
    by_key = qw_der_open(&der, QW_DER_CONTEXT_OF + 2);
    qw_der_put(&der, QW_DER_OCTET_STRING, in->responder_key_hash.data,
               in->responder_key_hash.len);
    qw_der_close(&der, by_key);
    qw_der_generalized(&der, in->produced_at);
    list = qw_der_open(&der, QW_DER_SEQUENCE);
    for (i = 0; i < in->n; i++) {
        if (!put_single(&der, in, &in->singles[i]))
            return BROKEN(pool, "a serial that is no hex, or an issuer without "
                                "hashes");
    }
    qw_der_close(&der, list);
    if (in->nonce.data != NULL)
        put_nonce(&der, &in->nonce);
    qw_der_close(&der, seq);
    *tbs = qw_der_bytes(&der);
    return NULL;
}

/* BasicOCSPResponse */
static void put_basic(qw_der_t *der, const qw_bytes_t *tbs,
                      const qw_bytes_t *sig_alg, const qw_bytes_t *signature,
                      const qw_bytes_t *cert)
{
    apr_size_t basic = qw_der_open(der, QW_DER_SEQUENCE), tagged, list;

    qw_der_raw(der, tbs);
    qw_der_raw(der, sig_alg);
    qw_der_bits(der, signature);
    if (cert != NULL) {
        tagged = qw_der_open(der, QW_DER_CONTEXT_OF + 0);
        list = qw_der_open(der, QW_DER_SEQUENCE);
        qw_der_raw(der, cert);
        qw_der_close(der, list);
        qw_der_close(der, tagged);
    }
    qw_der_close(der, basic);
}

qw_problem_t *qw_ocsp_answer_assemble(qw_bytes_t *der, const qw_bytes_t *tbs,
                                      const qw_bytes_t *sig_alg,
                                      const qw_bytes_t *signature,
                                      const qw_bytes_t *responder_cert,
                                      apr_pool_t *pool)
{
    static const unsigned char successful = 0;
    qw_bytes_t type = qw_oid_der(QW_OID_OCSP_BASIC);
    apr_size_t response, tagged, bytes, octets;
    qw_der_t out;

    if (signature->len == 0)
        return BROKEN(pool, "empty signature");
    qw_der_start(&out, pool);
    response = qw_der_open(&out, QW_DER_SEQUENCE);
    qw_der_put(&out, QW_DER_ENUMERATED, &successful, 1);
    tagged = qw_der_open(&out, QW_DER_CONTEXT_OF + 0);
    bytes = qw_der_open(&out, QW_DER_SEQUENCE);
    qw_der_raw(&out, &type);
    octets = qw_der_open(&out, QW_DER_OCTET_STRING);
    put_basic(&out, tbs, sig_alg, signature, responder_cert);
    qw_der_close(&out, octets);
    qw_der_close(&out, bytes);
    qw_der_close(&out, tagged);
    qw_der_close(&out, response);
    *der = qw_der_bytes(&out);
    return NULL;
}

#define ERROR_OF(status)                                                       \
    {                                                                          \
        0x30, 0x03, QW_DER_ENUMERATED, 0x01, (status)                          \
    }

const qw_bytes_t *qw_ocsp_error(int status)
{
    static const unsigned char octets[][5] = { ERROR_OF(MALFORMED_REQUEST),
                                               ERROR_OF(INTERNAL_ERROR),
                                               ERROR_OF(TRY_LATER),
                                               ERROR_OF(UNAUTHORIZED) };
    static const qw_bytes_t malformed = { octets[0], 5 },
                            internal = { octets[1], 5 },
                            later = { octets[2], 5 },
                            unauthorized = { octets[3], 5 };

    switch (status) {
    case MALFORMED_REQUEST:
        return &malformed;
    case TRY_LATER:
        return &later;
    case UNAUTHORIZED:
        return &unauthorized;
    default:
        return &internal;
    }
}
