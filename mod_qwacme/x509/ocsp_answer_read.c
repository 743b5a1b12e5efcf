/* ocsp_answer_read.c -- our own answers, from their files. */
#include "x509/ocsp_answer.h"

#include "x509/cert_parts.h"
#include "x509/sigalg.h"
#include "x509/spki.h"

#define REFUSED(pool, why)                                                     \
    QW_FAIL((pool), MALFORMED, "the OCSP answer %s", (why))
#define UNTRUE(pool, cause)                                                    \
    QW_FAIL_BECAUSE((pool), SERVER_INTERNAL, (cause),                          \
                    "the OCSP answer is not what was to be signed")

static int next_time(qw_der_in_t *in, apr_time_t *when)
{
    qw_bytes_t text;

    return qw_der_next(in, QW_DER_GENERALIZED_TIME, NULL, &text)
           && qw_der_parse_time(when, QW_DER_GENERALIZED_TIME, &text);
}

/* The time under the explicit tag [0]. */
static int next_update(qw_der_in_t *in, apr_time_t *when)
{
    qw_der_in_t tagged;

    return qw_der_enter(in, QW_DER_CONTEXT_OF + 0, &tagged)
           && next_time(&tagged, when) && tagged.len == 0;
}

static int read_revoked(qw_ocsp_answer_t *f, qw_der_in_t info)
{
    qw_der_in_t tagged;
    qw_bytes_t reason;

    f->status = QW_OCSP_REVOKED;
    if (!next_time(&info, &f->revoked_at))
        return 0;
    if (info.len == 0)
        return 1;
    if (!qw_der_enter(&info, QW_DER_CONTEXT_OF + 0, &tagged) || info.len > 0
        || !qw_der_next(&tagged, QW_DER_ENUMERATED, NULL, &reason)
        || tagged.len > 0 || reason.len != 1 || reason.data[0] > 10)
        return 0;
    f->reason = reason.data[0];
    return f->reason > 0;
}

static int next_status(qw_ocsp_answer_t *f, qw_der_in_t *in)
{
    qw_bytes_t content;
    int tag = qw_der_tag(in);

    if (!qw_der_next(in, -1, NULL, &content))
        return 0;
    if (tag == QW_DER_CONTEXT_OF + 1)
        return read_revoked(f, content);
    f->status = tag == QW_DER_CONTEXT + 0 ? QW_OCSP_GOOD : QW_OCSP_UNKNOWN;
    return content.len == 0
           && (tag == QW_DER_CONTEXT + 0 || tag == QW_DER_CONTEXT + 2);
}

/* The value of the one extension under the explicit tag [1], which is OID and
 * not critical. */
static int only_extension(qw_bytes_t *value, qw_der_in_t *in, qw_oid_e oid)
{
    qw_der_in_t tagged, list;
    qw_cert_ext_t ext;

    if (!qw_der_enter(in, QW_DER_CONTEXT_OF + 1, &tagged) || in->len > 0
        || !qw_der_enter(&tagged, QW_DER_SEQUENCE, &list) || tagged.len > 0
        || !qw_cert_next_ext(&ext, &list) || list.len > 0)
        return 0;
    *value = ext.value;
    return ext.oid == oid && !ext.critical;
}

static int read_cutoff(qw_ocsp_answer_t *f, qw_der_in_t *in)
{
    qw_bytes_t value;

    if (in->len == 0)
        return 1;
    return only_extension(&value, in, QW_OID_OCSP_ARCHIVE_CUTOFF)
           && next_time(&value, &f->archive_cutoff) && value.len == 0;
}

static int next_single(qw_ocsp_answer_t *f, qw_der_in_t *list, apr_pool_t *pool)
{
    qw_der_in_t single;

    return qw_der_enter(list, QW_DER_SEQUENCE, &single)
           && qw_ocsp_id_next(&f->id, &single, pool) && f->id.digest != NULL
           && next_status(f, &single) && next_time(&single, &f->this_update)
           && next_update(&single, &f->next_update) && read_cutoff(f, &single);
}

static const char *read_singles(qw_ocsp_answer_t *f, qw_der_in_t list,
                                apr_pool_t *pool)
{
    qw_ocsp_answer_t other = { 0 };

    if (!next_single(f, &list, pool))
        return "holds no status";
    for (f->n = 1; list.len > 0; f->n++) {
        if (!next_single(&other, &list, pool))
            return "holds a status that is none";
    }
    return NULL;
}

static int read_nonce(qw_ocsp_answer_t *f, qw_der_in_t *in)
{
    qw_bytes_t value;

    if (in->len == 0)
        return 1;
    return only_extension(&value, in, QW_OID_OCSP_NONCE)
           && qw_der_next(&value, QW_DER_OCTET_STRING, NULL, &f->nonce)
           && value.len == 0;
}

static const char *read_tbs(qw_ocsp_answer_t *f, qw_der_in_t tbs,
                            apr_pool_t *pool)
{
    qw_der_in_t by_key, list;
    const char *wrong;

    if (!qw_der_enter(&tbs, QW_DER_CONTEXT_OF + 2, &by_key)
        || !qw_der_next(&by_key, QW_DER_OCTET_STRING, NULL,
                        &f->responder_key_hash)
        || by_key.len > 0
        || f->responder_key_hash.len != qw_ocsp_hash_size(QW_OCSP_SHA1))
        return "does not name its responder by its key";
    if (!next_time(&tbs, &f->produced_at)
        || !qw_der_enter(&tbs, QW_DER_SEQUENCE, &list))
        return "holds no status";
    wrong = read_singles(f, list, pool);
    if (wrong == NULL && !read_nonce(f, &tbs))
        return "has an extension that is not the nonce";
    return wrong;
}

static int read_cert(qw_ocsp_answer_t *f, qw_der_in_t *basic)
{
    qw_der_in_t tagged, list;

    if (basic->len == 0)
        return 1;
    return qw_der_enter(basic, QW_DER_CONTEXT_OF + 0, &tagged)
           && basic->len == 0 && qw_der_enter(&tagged, QW_DER_SEQUENCE, &list)
           && tagged.len == 0
           && qw_der_next(&list, QW_DER_SEQUENCE, &f->cert, NULL)
           && list.len == 0;
}

static const char *read_basic(qw_ocsp_answer_t *f, const qw_bytes_t *octets,
                              apr_pool_t *pool)
{
    qw_der_in_t in = *octets, basic, tbs;

    if (!qw_der_is_strict(octets) || !qw_der_enter(&in, QW_DER_SEQUENCE, &basic)
        || !qw_der_next(&basic, QW_DER_SEQUENCE, &f->tbs, &tbs)
        || !qw_der_next(&basic, QW_DER_SEQUENCE, &f->sig_alg, NULL)
        || !qw_der_next(&basic, QW_DER_BIT_STRING, NULL, &f->signature)
        || f->signature.len < 2 || f->signature.data[0] != 0
        || !read_cert(f, &basic))
        return "is not one BasicOCSPResponse in strict DER";
    f->signature.data++;
    f->signature.len--;
    return read_tbs(f, tbs, pool);
}

/* Octets of the BasicOCSPResponse in a successful OCSPResponse. */
static int open_response(qw_bytes_t *octets, const qw_bytes_t *der)
{
    qw_bytes_t type = qw_oid_der(QW_OID_OCSP_BASIC), status, id;
    qw_der_in_t in = *der, response, tagged, bytes;

    return qw_der_is_strict(der)
           && qw_der_enter(&in, QW_DER_SEQUENCE, &response)
           && qw_der_next(&response, QW_DER_ENUMERATED, NULL, &status)
           && status.len == 1 && status.data[0] == 0
           && qw_der_enter(&response, QW_DER_CONTEXT_OF + 0, &tagged)
           && response.len == 0
           && qw_der_enter(&tagged, QW_DER_SEQUENCE, &bytes) && tagged.len == 0
           && qw_der_next(&bytes, QW_DER_OID, &id, NULL)
           && qw_bytes_equal(&id, &type)
           && qw_der_next(&bytes, QW_DER_OCTET_STRING, NULL, octets)
           && bytes.len == 0;
}

qw_problem_t *qw_ocsp_answer_read(qw_ocsp_answer_t **facts,
                                  const qw_bytes_t *der, apr_pool_t *pool)
{
    qw_ocsp_answer_t *read = apr_pcalloc(pool, sizeof(*read));
    const char *wrong;
    qw_bytes_t octets;

    if (!open_response(&octets, der))
        return REFUSED(pool, "is not one successful OCSPResponse");
    wrong = read_basic(read, &octets, pool);
    if (wrong != NULL)
        return REFUSED(pool, wrong);
    *facts = read;
    return NULL;
}

qw_problem_t *qw_ocsp_answer_verify(const qw_bytes_t *der,
                                    const qw_bytes_t *spki, apr_pool_t *pool)
{
    qw_bytes_t sig_alg, key_hash;
    qw_ocsp_answer_t *f;
    qw_problem_t *problem = qw_ocsp_answer_read(&f, der, pool);
    const char *digest;
    EVP_PKEY *key;

    if (problem != NULL)
        return UNTRUE(pool, problem->detail);
    if (!qw_ocsp_key_hash(&key_hash, QW_OCSP_SHA1, spki, pool)
        || !qw_bytes_equal(&key_hash, &f->responder_key_hash))
        return UNTRUE(pool, "the responder is another");
    if (qw_spki_key(&key, spki, pool) != NULL
        || !qw_sigalg_of_key(&sig_alg, &digest, key))
        return UNTRUE(pool, "the responder's key is none that we sign with");
    if (!qw_bytes_equal(&sig_alg, &f->sig_alg)
        || !qw_sigalg_verify(key, digest, &f->tbs, &f->signature))
        return UNTRUE(pool, "the signature does not verify");
    return NULL;
}
