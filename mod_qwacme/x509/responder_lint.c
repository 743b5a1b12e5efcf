/* responder_lint.c -- the last look at a responder's certificate before it is
 * signed. It shares no code with what wrote it but the object identifiers. */
#include "x509/responder.h"

#include "x509/cert_parts.h"

#include <apr_strings.h>
#include <string.h>

#define WRONG(pool, finding)                                                   \
    QW_FAIL_BECAUSE((pool), SERVER_INTERNAL, (finding),                        \
                    "the responder's certificate is not as it must be")

/* The TBSCertificate in a certificate whose signature says nothing, for the
 * reader of whole certificates. */
static qw_bytes_t wrap(const qw_bytes_t *tbs, const qw_issuer_t *issuer,
                       apr_pool_t *pool)
{
    static const unsigned char nothing[] = { 0 };
    apr_size_t seq;
    qw_der_t der;

    qw_der_start(&der, pool);
    seq = qw_der_open(&der, QW_DER_SEQUENCE);
    qw_der_raw(&der, tbs);
    qw_der_raw(&der, &issuer->sig_alg);
    qw_der_put(&der, QW_DER_BIT_STRING, nothing, sizeof(nothing));
    qw_der_close(&der, seq);
    return qw_der_bytes(&der);
}

static int is_version_3(const qw_bytes_t *tbs)
{
    static const unsigned char version[] = { 0xa0, 0x03, 0x02, 0x01, 0x02 };
    const qw_bytes_t v3 = { version, sizeof(version) };
    qw_der_in_t all = *tbs, body;
    qw_bytes_t found;

    return qw_der_enter(&all, QW_DER_SEQUENCE, &body) && all.len == 0
           && qw_der_next(&body, -1, &found, NULL)
           && qw_bytes_equal(&found, &v3);
}

static int same_second(apr_time_t a, apr_time_t b)
{
    return apr_time_sec(a) == apr_time_sec(b);
}

static const char *check_frame(const qw_cert_parts_t *parts,
                               const qw_responder_in_t *in)
{
    if (!qw_bytes_equal(&parts->serial, &in->serial) || parts->serial.len != 16
        || parts->serial.data[0] == 0 || parts->serial.data[0] > 0x7f)
        return "the serial is not the one that was drawn";
    if (!qw_bytes_equal(&parts->sig_alg, &in->issuer->sig_alg))
        return "another signature algorithm";
    if (!qw_bytes_equal(&parts->issuer, &in->issuer->subject))
        return "another issuer";
    if (!qw_bytes_equal(&parts->spki, &in->spki))
        return "another key";
    if (!same_second(parts->not_before, in->not_before)
        || parts->not_after <= parts->not_before
        || parts->not_after > in->issuer->not_after
        || (!same_second(parts->not_after, in->not_after)
            && !same_second(parts->not_after, in->issuer->not_after)))
        return "another validity";
    return NULL;
}

/* 1 if one attribute of NAME is exactly the one in SET. */
static int stands_in(const qw_bytes_t *set, qw_der_in_t name)
{
    qw_der_in_t sets;
    qw_bytes_t whole;

    if (!qw_der_enter(&name, QW_DER_SEQUENCE, &sets))
        return 0;
    while (qw_der_next(&sets, QW_DER_SET, &whole, NULL)) {
        if (qw_bytes_equal(&whole, set))
            return 1;
    }
    return 0;
}

/* The common name in the Name; 0 if there is none. */
static int find_common_name(qw_bytes_t *value, int *tag, qw_der_in_t name)
{
    qw_bytes_t common = qw_oid_der(QW_OID_COMMON_NAME), type;
    qw_der_in_t sets, set, pair;

    if (!qw_der_enter(&name, QW_DER_SEQUENCE, &sets))
        return 0;
    while (qw_der_enter(&sets, QW_DER_SET, &set)) {
        if (!qw_der_enter(&set, QW_DER_SEQUENCE, &pair)
            || !qw_der_next(&pair, QW_DER_OID, &type, NULL)
            || !qw_bytes_equal(&type, &common))
            continue;
        *tag = qw_der_tag(&pair);
        return qw_der_next(&pair, *tag, NULL, value);
    }
    return 0;
}

/* " OCSP " and the day at the end, the issuer's name or its beginning before.
 * A name in an encoding other than UTF-8 is not compared. */
static int is_responder_name(const qw_bytes_t *value,
                             const qw_responder_in_t *in)
{
    apr_time_exp_t t;
    qw_bytes_t whole;
    apr_size_t front;
    char end[15];
    int tag;

    apr_time_exp_gmt(&t, in->not_before);
    apr_snprintf(end, sizeof(end), " OCSP %04d%02d%02d", t.tm_year + 1900,
                 t.tm_mon + 1, t.tm_mday);
    if (value->len < sizeof(end)
        || !find_common_name(&whole, &tag, in->issuer->subject))
        return 0;
    front = value->len - (sizeof(end) - 1);
    if (memcmp(value->data + front, end, sizeof(end) - 1) != 0)
        return 0;
    if (tag != QW_DER_UTF8 && tag != QW_DER_PRINTABLE)
        return 1;
    return front <= whole.len && memcmp(value->data, whole.data, front) == 0;
}

/* One attribute: a common name of ours, counted in *NAMES, or the issuer's. */
static const char *check_attribute(const qw_bytes_t *whole, qw_der_in_t set,
                                   const qw_responder_in_t *in, int *names)
{
    qw_bytes_t common = qw_oid_der(QW_OID_COMMON_NAME), type, value;
    qw_der_in_t pair;

    if (!qw_der_enter(&set, QW_DER_SEQUENCE, &pair)
        || !qw_der_next(&pair, QW_DER_OID, &type, NULL))
        return "an attribute that is none";
    if (!qw_bytes_equal(&type, &common))
        return stands_in(whole, in->issuer->subject)
                   ? NULL
                   : "an attribute that is not the issuer's";
    (*names)++;
    if (!qw_der_next(&pair, QW_DER_UTF8, NULL, &value) || pair.len > 0
        || set.len > 0 || !is_responder_name(&value, in))
        return "a common name that is no responder's";
    return NULL;
}

static const char *check_subject(qw_der_in_t subject,
                                 const qw_responder_in_t *in)
{
    const char *wrong = NULL;
    qw_der_in_t sets, set;
    int names = 0, all = 0;
    qw_bytes_t whole;

    if (!qw_der_enter(&subject, QW_DER_SEQUENCE, &sets))
        return "no subject";
    while (wrong == NULL && qw_der_next(&sets, QW_DER_SET, &whole, &set)) {
        wrong = check_attribute(&whole, set, in, &names);
        all++;
    }
    if (wrong == NULL && (sets.len > 0 || names != 1))
        wrong = "not one common name";
    if (wrong == NULL && all < 3)
        wrong = "the issuer's country or organization is missing";
    return wrong;
}

static int value_is(const qw_bytes_t *value, const char *octets, apr_size_t len)
{
    const qw_bytes_t want = { (const unsigned char *)octets, len };

    return qw_bytes_equal(value, &want);
}

static int names_key(qw_der_in_t value, int tag, const qw_bytes_t *key_id)
{
    qw_bytes_t id;

    return qw_der_next(&value, tag, NULL, &id) && value.len == 0
           && qw_bytes_equal(&id, key_id);
}

static const char *check_extension(const qw_cert_ext_t *ext,
                                   const qw_issuer_t *issuer,
                                   const qw_bytes_t *key_hash)
{
    qw_der_in_t value = ext->value, list;

    if (ext->critical != (ext->oid == QW_OID_KEY_USAGE))
        return "critical is the key usage, and nothing else";
    switch ((int)ext->oid) {
    case QW_OID_KEY_USAGE:
        return value_is(&value, "\x03\x02\x07\x80", 4)
                   ? NULL
                   : "a key usage other than digitalSignature";
    case QW_OID_EXT_KEY_USAGE:
        return value_is(&value,
                        "\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x09", 12)
                   ? NULL
                   : "a purpose other than OCSPSigning";
    case QW_OID_AUTHORITY_KEY_ID:
        return qw_der_enter(&value, QW_DER_SEQUENCE, &list) && value.len == 0
                       && names_key(list, QW_DER_CONTEXT + 0, &issuer->ski)
                   ? NULL
                   : "an authority key identifier that is not the issuer's";
    case QW_OID_SUBJECT_KEY_ID:
        return names_key(value, QW_DER_OCTET_STRING, key_hash)
                   ? NULL
                   : "a subject key identifier of another key";
    case QW_OID_OCSP_NOCHECK:
        return value_is(&value, "\x05\x00", 2) ? NULL : "a wrong nocheck";
    default:
        return "an extension that does not belong there";
    }
}

/* All of them in any order, each once, and no other. */
static const char *check_extensions(const qw_cert_parts_t *parts,
                                    const qw_issuer_t *issuer,
                                    const qw_bytes_t *key_hash)
{
    static const qw_oid_e wanted[] = { QW_OID_KEY_USAGE, QW_OID_EXT_KEY_USAGE,
                                       QW_OID_AUTHORITY_KEY_ID,
                                       QW_OID_SUBJECT_KEY_ID,
                                       QW_OID_OCSP_NOCHECK };
    enum { WANTED = sizeof(wanted) / sizeof(wanted[0]) };
    qw_der_in_t list = parts->extensions;
    const char *wrong = NULL;
    qw_bytes_t value;
    qw_cert_ext_t ext;
    int i, n = 0;

    for (; wrong == NULL && qw_cert_next_ext(&ext, &list); n++)
        wrong = check_extension(&ext, issuer, key_hash);
    for (i = 0; wrong == NULL && i < WANTED; i++) {
        if (!qw_cert_find_ext(&value, parts, wanted[i]))
            wrong = "an extension is missing";
    }
    return wrong == NULL && n != WANTED ? "an extension stands twice" : wrong;
}

qw_problem_t *qw_responder_lint(const qw_bytes_t *tbs,
                                const qw_responder_in_t *in, apr_pool_t *pool)
{
    qw_bytes_t whole = wrap(tbs, in->issuer, pool), key_hash;
    qw_cert_parts_t parts;
    qw_problem_t *problem = qw_cert_split(&parts, &whole, pool);
    const char *wrong;

    if (problem != NULL)
        return WRONG(pool, problem->detail);
    if (!is_version_3(tbs))
        return WRONG(pool, "not of version 3");
    if (!qw_ocsp_key_hash(&key_hash, QW_OCSP_SHA1, &parts.spki, pool))
        return WRONG(pool, "a key that is none");
    wrong = check_frame(&parts, in);
    if (wrong == NULL)
        wrong = check_subject(parts.subject, in);
    if (wrong == NULL)
        wrong = check_extensions(&parts, in->issuer, &key_hash);
    return wrong == NULL ? NULL : WRONG(pool, wrong);
}
