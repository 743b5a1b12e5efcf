/* lint.c -- the last look at a TBSCertificate before it is signed. It shares
 * no code with what wrote it but the object identifiers. */
#include "x509/lint_ext.h"

#include "x509/profile_row.h"

#include <string.h>

static const char *check_serial(qw_der_in_t *tbs, const qw_tbs_in_t *in)
{
    qw_bytes_t serial;

    if (!qw_der_next(tbs, QW_DER_INTEGER, NULL, &serial))
        return "no serial";
    if (!qw_bytes_equal(&serial, &in->serial) || serial.len != 16
        || serial.data[0] == 0 || serial.data[0] > 0x7f)
        return "the serial is not the one that was drawn";
    return NULL;
}

static const char *check_validity(qw_der_in_t *tbs, const qw_tbs_in_t *in)
{
    qw_der_in_t validity;
    apr_time_t from, to;
    apr_int64_t seconds;

    if (!qw_der_enter(tbs, QW_DER_SEQUENCE, &validity)
        || !qw_der_next_time(&validity, &from)
        || !qw_der_next_time(&validity, &to) || validity.len > 0)
        return "no validity";
    if (from > in->not_before || in->not_before - from >= APR_USEC_PER_SEC)
        return "notBefore is not the second of signing";
    if (from < in->issuer->not_before || to > in->issuer->not_after)
        return "the validity leaves the issuer's";
    seconds = apr_time_sec(to) - apr_time_sec(from) + 1;
    if (to < from || seconds > (apr_int64_t)in->days * 86400)
        return "the validity is longer than was ordered";
    if (seconds > (apr_int64_t)in->profile->max_days * 86400)
        return "the validity is longer than the profile's";
    if (seconds < (apr_int64_t)in->days * 86400 && to != in->issuer->not_after)
        return "the validity is shorter than was ordered";
    return NULL;
}

/* The commonName copies one of the names: BR-7.1.4.3. */
static const char *check_common_name(const qw_bytes_t *value,
                                     const qw_tbs_in_t *in)
{
    int i;

    if ((in->profile->flags & QW_PROFILE_COMMON_NAME) == 0)
        return "a commonName that the profile does not have";
    if (value->len > 64)
        return "a commonName of more than 64 characters";
    for (i = 0; i < in->names->nelts; i++) {
        if (qw_lint_is_text(value, APR_ARRAY_IDX(in->names, i, const char *)))
            return NULL;
    }
    return "the commonName is not one of the names";
}

/* Number of the attribute of TYPE; QW_ATTR_COUNT for commonName, -1 for one
 * that we do not know. */
static int attribute_of(const qw_bytes_t *type)
{
    qw_bytes_t oid = qw_oid_der(QW_OID_COMMON_NAME);
    int i;

    if (qw_bytes_equal(type, &oid))
        return QW_ATTR_COUNT;
    for (i = 0; i < QW_ATTR_IN_SUBJECT; i++) {
        oid = qw_oid_der(qw_attr_row((qw_attr_e)i)->oid);
        if (qw_bytes_equal(type, &oid))
            return i;
    }
    return -1;
}

/* QWC-10, QWC-15: not a mere sign, and no longer than the attribute may be.
 * Octets that go on a character of UTF-8 are not counted. */
static const char *check_text(int number, const qw_bytes_t *value)
{
    apr_size_t most = qw_attr_row((qw_attr_e)number)->max, chars = 0, i;
    int says = 0;

    for (i = 0; i < value->len; i++) {
        chars += (value->data[i] & 0xc0) != 0x80;
        says |= strchr(" .-_/", value->data[i]) == NULL;
    }
    if (!says)
        return "a placeholder for an attribute";
    return most > 0 && chars > most ? "an attribute is too long" : NULL;
}

static const char *check_value(int number, int tag, const qw_bytes_t *value,
                               const qw_tbs_in_t *in)
{
    const char *text;

    if (number == QW_ATTR_COUNT)
        return tag == QW_DER_UTF8 ? check_common_name(value, in)
                                  : "a commonName of another string type";
    text = qw_identity_get(in->identity, (qw_attr_e)number);
    if (text == NULL || !qw_lint_is_text(value, text))
        return "a subject attribute is not the verified one";
    if (tag != qw_attr_row((qw_attr_e)number)->tag)
        return "an attribute of another string type";
    return check_text(number, value);
}

/* What the row demands and allows, whatever was verified. */
static const char *check_row(unsigned seen, const qw_profile_t *profile)
{
    unsigned subject = (1u << QW_ATTR_IN_SUBJECT) - 1;
    unsigned allowed = profile->must | profile->may;

    if ((profile->must & subject & ~seen) != 0)
        return "an attribute that the profile demands is missing";
    if ((seen & subject & ~allowed) != 0)
        return "an attribute that the profile forbids";
    if (profile->any_of != 0 && (seen & profile->any_of) == 0)
        return "nobody is named";
    return NULL;
}

/* One attribute; its bit joins *SEEN. */
static const char *check_attribute(qw_der_in_t *rdn, unsigned *seen,
                                   const qw_tbs_in_t *in)
{
    qw_der_in_t pair;
    qw_bytes_t type, value;
    int tag, number;

    if (!qw_der_enter(rdn, QW_DER_SEQUENCE, &pair) || rdn->len > 0
        || !qw_der_next(&pair, QW_DER_OID, &type, NULL))
        return "a relative name of more or less than one attribute";
    tag = qw_der_tag(&pair);
    if (!qw_der_next(&pair, -1, NULL, &value) || pair.len > 0)
        return "an attribute without value";
    number = attribute_of(&type);
    if (number < 0)
        return "a subject attribute of another kind";
    if (*seen & (1u << number))
        return "a subject attribute stands twice";
    *seen |= 1u << number;
    return check_value(number, tag, &value, in);
}

static const char *check_subject(qw_der_in_t *tbs, const qw_tbs_in_t *in)
{
    unsigned seen = 0, want = 0;
    qw_der_in_t name, rdn;
    const char *finding;
    int i;

    if (!qw_der_enter(tbs, QW_DER_SEQUENCE, &name))
        return "no subject";
    while (name.len > 0) {
        if (!qw_der_enter(&name, QW_DER_SET, &rdn))
            return "the subject is not a sequence of sets";
        finding = check_attribute(&rdn, &seen, in);
        if (finding != NULL)
            return finding;
    }
    for (i = 0; i < QW_ATTR_IN_SUBJECT; i++) {
        if (qw_identity_get(in->identity, (qw_attr_e)i) != NULL)
            want |= 1u << i;
    }
    if (in->profile->flags & QW_PROFILE_COMMON_NAME)
        want |= 1u << QW_ATTR_COUNT;
    if (seen != want)
        return "a verified attribute is missing";
    return check_row(seen, in->profile);
}

/* A whole element that is exactly WANT. */
static const char *check_copy(qw_der_in_t *tbs, const qw_bytes_t *want,
                              const char *finding)
{
    qw_bytes_t whole;

    if (!qw_der_next(tbs, QW_DER_SEQUENCE, &whole, NULL)
        || !qw_bytes_equal(&whole, want))
        return finding;
    return NULL;
}

static const char *check_tbs(const qw_bytes_t *bytes, const qw_tbs_in_t *in)
{
    static const unsigned char v3[] = { 0x02, 0x01, 0x02 };
    const qw_bytes_t want_version = { v3, sizeof(v3) };
    qw_der_in_t all = *bytes, tbs, version;
    const char *finding;

    if (!qw_der_is_strict(bytes) || !qw_der_enter(&all, QW_DER_SEQUENCE, &tbs)
        || all.len > 0)
        return "not strict DER";
    if (!qw_der_enter(&tbs, QW_DER_CONTEXT_OF + 0, &version)
        || !qw_bytes_equal(&version, &want_version))
        return "not version 3";
    if ((finding = check_serial(&tbs, in)) != NULL
        || (finding = check_copy(&tbs, &in->issuer->sig_alg,
                                 "the algorithm is not the issuer's"))
               != NULL
        || (finding = check_copy(&tbs, &in->issuer->subject,
                                 "the issuer is not the issuer's subject"))
               != NULL
        || (finding = check_validity(&tbs, in)) != NULL
        || (finding = check_subject(&tbs, in)) != NULL
        || (finding = check_copy(&tbs, &in->spki, "another public key")) != NULL
        || (finding = qw_lint_extensions(&tbs, in)) != NULL)
        return finding;
    return tbs.len == 0 ? NULL : "something after the extensions";
}

int qw_lint_is_text(const qw_bytes_t *value, const char *text)
{
    return value->len == strlen(text)
           && memcmp(value->data, text, value->len) == 0;
}

qw_problem_t *qw_tbs_lint(const qw_bytes_t *tbs, const qw_tbs_in_t *in,
                          apr_pool_t *pool)
{
    const char *finding = check_tbs(tbs, in);

    if (finding != NULL)
        return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL, finding,
                               "the certificate did not pass the last check "
                               "before signing");
    return NULL;
}
