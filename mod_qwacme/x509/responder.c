/* responder.c -- writing; responder_lint.c reads it anew. */
#include "x509/responder.h"

#include "x509/ext.h"
#include "x509/spki.h"

#include <apr_strings.h>
#include <openssl/err.h>
#include <string.h>

enum { MOST_COMMON_NAME = 64 };

#define BROKEN(pool, cause)                                                    \
    QW_FAIL_BECAUSE((pool), SERVER_INTERNAL, (cause),                          \
                    "the responder's certificate cannot be made")

static apr_time_t end_of(const qw_responder_in_t *in)
{
    return in->not_after < in->issuer->not_after ? in->not_after
                                                 : in->issuer->not_after;
}

static qw_problem_t *check(const qw_responder_in_t *in, apr_pool_t *pool)
{
    if (in->serial.len != 16 || in->serial.data[0] == 0
        || in->serial.data[0] > 0x7f)
        return BROKEN(pool, "the serial is not 16 octets, positive");
    if (in->not_before < in->issuer->not_before || in->not_before >= end_of(in))
        return BROKEN(pool, "no validity within the issuer's");
    if (qw_spki_type(&in->spki, NULL) == NULL)
        return BROKEN(pool, "its key is not RSA, P-256, P-384 or P-521");
    return NULL;
}

/* First N characters of valid UTF-8. */
static char *cut(const char *text, apr_size_t n, apr_pool_t *pool)
{
    const char *at = text;

    while (*at != '\0' && n > 0) {
        at++;
        while ((*at & 0xc0) == 0x80)
            at++;
        n--;
    }
    return apr_pstrmemdup(pool, text, (apr_size_t)(at - text));
}

/* NULL if the issuer has no common name, or not one that is text. */
static const char *common_name(const qw_responder_in_t *in, apr_pool_t *pool)
{
    const X509_NAME *subject = X509_get_subject_name(in->issuer->cert);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    const char *suffix, *name;
    unsigned char *utf8 = NULL;
    apr_time_exp_t t;

    if (at < 0
        || ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(
                                          X509_NAME_get_entry(subject, at)))
               < 0) {
        ERR_clear_error();
        return NULL;
    }
    apr_time_exp_gmt(&t, in->not_before);
    suffix = apr_psprintf(pool, " OCSP %04d%02d%02d", t.tm_year + 1900,
                          t.tm_mon + 1, t.tm_mday);
    name = cut((const char *)utf8, MOST_COMMON_NAME - strlen(suffix), pool);
    OPENSSL_free(utf8);
    return apr_pstrcat(pool, name, suffix, NULL);
}

static int is(const qw_bytes_t *type, qw_oid_e oid)
{
    qw_bytes_t known = qw_oid_der(oid);

    return qw_bytes_equal(type, &known);
}

static void put_common_name(qw_der_t *der, const char *name)
{
    qw_bytes_t type = qw_oid_der(QW_OID_COMMON_NAME);
    apr_size_t set = qw_der_open(der, QW_DER_SET);
    apr_size_t pair = qw_der_open(der, QW_DER_SEQUENCE);

    qw_der_raw(der, &type);
    qw_der_text(der, QW_DER_UTF8, name);
    qw_der_close(der, pair);
    qw_der_close(der, set);
}

/* The issuer's attributes in its order, and the common name where its is. */
static void put_subject(qw_der_t *der, const qw_responder_in_t *in,
                        const char *name)
{
    apr_size_t seq = qw_der_open(der, QW_DER_SEQUENCE);
    qw_der_in_t all = in->issuer->subject, sets, set, pair;
    qw_bytes_t whole, type;

    (void)qw_der_enter(&all, QW_DER_SEQUENCE, &sets);
    while (qw_der_next(&sets, QW_DER_SET, &whole, &set)) {
        if (!qw_der_enter(&set, QW_DER_SEQUENCE, &pair)
            || !qw_der_next(&pair, QW_DER_OID, &type, NULL))
            continue;
        if (is(&type, QW_OID_COMMON_NAME))
            put_common_name(der, name);
        else if (is(&type, QW_OID_COUNTRY) || is(&type, QW_OID_ORGANIZATION)
                 || is(&type, QW_OID_ORGANIZATION_IDENTIFIER))
            qw_der_raw(der, &whole);
    }
    qw_der_close(der, seq);
}

static void put_usage(qw_der_t *der)
{
    static const unsigned char signature[] = { 7, 0x80 };
    qw_ext_t e = qw_ext_open(der, QW_OID_KEY_USAGE, 1);

    qw_der_put(der, QW_DER_BIT_STRING, signature, sizeof(signature));
    qw_ext_close(der, e);
}

static void put_purpose(qw_der_t *der)
{
    qw_bytes_t purpose = qw_oid_der(QW_OID_OCSP_SIGNING);
    qw_ext_t e = qw_ext_open(der, QW_OID_EXT_KEY_USAGE, 0);

    qw_der_put(der, QW_DER_SEQUENCE, purpose.data, purpose.len);
    qw_ext_close(der, e);
}

static void put_extensions(qw_der_t *der, const qw_responder_in_t *in,
                           const qw_bytes_t *key_hash)
{
    apr_size_t tagged = qw_der_open(der, QW_DER_CONTEXT_OF + 3);
    apr_size_t list = qw_der_open(der, QW_DER_SEQUENCE);
    qw_ext_t e;

    put_usage(der);
    put_purpose(der);
    qw_ext_put_authority_key(der, in->issuer);
    e = qw_ext_open(der, QW_OID_SUBJECT_KEY_ID, 0);
    qw_der_put(der, QW_DER_OCTET_STRING, key_hash->data, key_hash->len);
    qw_ext_close(der, e);
    e = qw_ext_open(der, QW_OID_OCSP_NOCHECK, 0); /* RFC6960-4.2.2.2.1 */
    qw_der_put(der, QW_DER_NULL, NULL, 0);
    qw_ext_close(der, e);
    qw_der_close(der, list);
    qw_der_close(der, tagged);
}

static void put_validity(qw_der_t *der, const qw_responder_in_t *in)
{
    apr_size_t seq = qw_der_open(der, QW_DER_SEQUENCE);

    qw_der_time(der, in->not_before);
    qw_der_time(der, end_of(in));
    qw_der_close(der, seq);
}

qw_problem_t *qw_responder_tbs(qw_bytes_t *tbs, const qw_responder_in_t *in,
                               apr_pool_t *pool)
{
    static const unsigned char version[] = { 0xa0, 0x03, 0x02, 0x01, 0x02 };
    const qw_bytes_t v3 = { version, sizeof(version) };
    const char *name = common_name(in, pool);
    qw_bytes_t key_hash;
    apr_size_t seq;
    qw_der_t der;

    QW_TRY(check(in, pool));
    if (name == NULL)
        return BROKEN(pool, "the issuer has no common name");
    if (!qw_ocsp_key_hash(&key_hash, QW_OCSP_SHA1, &in->spki, pool))
        return BROKEN(pool, "its key cannot be hashed");
    qw_der_start(&der, pool);
    seq = qw_der_open(&der, QW_DER_SEQUENCE);
    qw_der_raw(&der, &v3);
    qw_der_put(&der, QW_DER_INTEGER, in->serial.data, in->serial.len);
    qw_der_raw(&der, &in->issuer->sig_alg);
    qw_der_raw(&der, &in->issuer->subject);
    put_validity(&der, in);
    put_subject(&der, in, name);
    qw_der_raw(&der, &in->spki);
    put_extensions(&der, in, &key_hash);
    qw_der_close(&der, seq);
    *tbs = qw_der_bytes(&der);
    return NULL;
}
