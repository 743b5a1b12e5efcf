#include "x509/lint_ext.h"

#include "x509/profile_row.h"

#include <string.h>

/* Each reads the value of one extension: its finding, or NULL. */
typedef const char *(*check_fn)(qw_der_in_t *value, const qw_tbs_in_t *in);

int qw_lint_next_is_oid(qw_der_in_t *in, qw_oid_e oid)
{
    qw_bytes_t want = qw_oid_der(oid), whole;

    return qw_der_next(in, QW_DER_OID, &whole, NULL)
           && qw_bytes_equal(&whole, &want);
}

int qw_lint_next_is_text(qw_der_in_t *in, int tag, const char *text)
{
    qw_bytes_t content;

    return qw_der_next(in, tag, NULL, &content)
           && qw_lint_is_text(&content, text);
}

/* The bits that the profile has, and none behind the last of them. */
static const char *key_usage(qw_der_in_t *value, const qw_tbs_in_t *in)
{
    qw_bytes_t bits;

    if (!qw_der_next(value, QW_DER_BIT_STRING, NULL, &bits) || bits.len != 2
        || bits.data[1] != in->profile->usage || bits.data[0] > 7
        || (bits.data[1] & (1u << bits.data[0])) == 0)
        return "the key usage is not the profile's";
    return NULL;
}

static const char *purpose(qw_der_in_t *value, const qw_tbs_in_t *in)
{
    qw_der_in_t list;
    int i;

    if (!qw_der_enter(value, QW_DER_SEQUENCE, &list))
        return "no list of extended key usages";
    for (i = 0; i < in->profile->purpose_count; i++) {
        if (!qw_lint_next_is_oid(&list, in->profile->purposes[i]))
            return "the extended key usage is not the profile's";
    }
    return list.len == 0 ? NULL : "more extended key usages than the profile";
}

static const char *authority_key(qw_der_in_t *value, const qw_tbs_in_t *in)
{
    qw_der_in_t list;
    qw_bytes_t id;

    if (!qw_der_enter(value, QW_DER_SEQUENCE, &list)
        || !qw_der_next(&list, QW_DER_CONTEXT + 0, NULL, &id) || list.len > 0
        || !qw_bytes_equal(&id, &in->issuer->ski))
        return "the authority key identifier is not the issuer's";
    return NULL;
}

static int next_is_access(qw_der_in_t *list, qw_oid_e method, const char *url)
{
    qw_der_in_t access;

    return qw_der_enter(list, QW_DER_SEQUENCE, &access)
           && qw_lint_next_is_oid(&access, method)
           && qw_lint_next_is_text(&access, QW_DER_CONTEXT + 6, url)
           && access.len == 0;
}

static const char *authority_info(qw_der_in_t *value, const qw_tbs_in_t *in)
{
    qw_der_in_t list;

    if (!qw_der_enter(value, QW_DER_SEQUENCE, &list)
        || (in->ocsp_url != NULL
            && !next_is_access(&list, QW_OID_OCSP, in->ocsp_url))
        || !next_is_access(&list, QW_OID_CA_ISSUERS, in->issuer_url)
        || list.len > 0)
        return "the places of OCSP and issuer are not those configured";
    return NULL;
}

static const char *alt_names(qw_der_in_t *value, const qw_tbs_in_t *in)
{
    qw_der_in_t list;
    int i;

    if (!qw_der_enter(value, QW_DER_SEQUENCE, &list))
        return "no list of names";
    for (i = 0; i < in->names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(in->names, i, const char *);

        if (!qw_lint_next_is_text(&list, QW_DER_CONTEXT + 2, name))
            return "the names are not those of the order";
        if (strchr(name, '*') != NULL
            && (in->profile->flags & QW_PROFILE_WILDCARD) == 0)
            return "a wildcard, which the profile does not have";
    }
    return list.len == 0 ? NULL : "more names than the order has";
}

static const char *policies(qw_der_in_t *value, const qw_tbs_in_t *in)
{
    qw_der_in_t list, policy;
    int i;

    if (!qw_der_enter(value, QW_DER_SEQUENCE, &list))
        return "no list of policies";
    for (i = 0; i < in->profile->policy_count; i++) {
        if (!qw_der_enter(&list, QW_DER_SEQUENCE, &policy)
            || !qw_lint_next_is_oid(&policy, in->profile->policies[i])
            || policy.len > 0)
            return "the policies are not the profile's";
    }
    return list.len == 0 ? NULL : "more policies than the profile has";
}

static const char *crl_point(qw_der_in_t *value, const qw_tbs_in_t *in)
{
    qw_der_in_t points, point, name, full_name;

    if (!qw_der_enter(value, QW_DER_SEQUENCE, &points)
        || !qw_der_enter(&points, QW_DER_SEQUENCE, &point) || points.len > 0
        || !qw_der_enter(&point, QW_DER_CONTEXT_OF + 0, &name) || point.len > 0
        || !qw_der_enter(&name, QW_DER_CONTEXT_OF + 0, &full_name)
        || name.len > 0
        || !qw_lint_next_is_text(&full_name, QW_DER_CONTEXT + 6, in->crl_url)
        || full_name.len > 0)
        return "the place of the CRL is not the one configured";
    return NULL;
}

/* The parts, put together again, are the subject's organizationIdentifier. */
static const char *cabf_orgid(qw_der_in_t *value, const qw_tbs_in_t *in)
{
    const char *at = in->identity->organization_identifier;
    static const struct {
        int tag, optional;
        const char *before;
    } parts[] = { { QW_DER_PRINTABLE, 0, "" },
                  { QW_DER_PRINTABLE, 0, "" },
                  { QW_DER_CONTEXT + 0, 1, "+" },
                  { QW_DER_UTF8, 0, "-" } };
    qw_der_in_t list;
    qw_bytes_t part;
    apr_size_t i, n;

    if (!qw_der_enter(value, QW_DER_SEQUENCE, &list))
        return "no organization identifier";
    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i].optional && qw_der_tag(&list) != parts[i].tag)
            continue;
        n = strlen(parts[i].before);
        if (!qw_der_next(&list, parts[i].tag, NULL, &part)
            || strncmp(at, parts[i].before, n) != 0 || strlen(at + n) < part.len
            || memcmp(at + n, part.data, part.len) != 0)
            return "2.23.140.3.1 differs from organizationIdentifier";
        at += n + part.len;
    }
    return list.len == 0 && *at == '\0'
               ? NULL
               : "2.23.140.3.1 is not all of organizationIdentifier";
}

static const char *poison(qw_der_in_t *value, const qw_tbs_in_t *in)
{
    qw_bytes_t nothing;

    (void)in;
    if (!qw_der_next(value, QW_DER_NULL, NULL, &nothing) || nothing.len != 0)
        return "the poison is not NULL";
    return NULL;
}

static const struct {
    qw_oid_e oid;
    int critical;
    check_fn check;
} known[] = {
    { QW_OID_KEY_USAGE, 1, key_usage },
    { QW_OID_EXT_KEY_USAGE, 0, purpose },
    { QW_OID_AUTHORITY_KEY_ID, 0, authority_key },
    { QW_OID_AUTHORITY_INFO, 0, authority_info },
    { QW_OID_SUBJECT_ALT_NAME, 0, alt_names },
    { QW_OID_CERT_POLICIES, 0, policies },
    { QW_OID_CRL_POINTS, 0, crl_point },
    { QW_OID_QC_STATEMENTS, 0, qw_lint_statements },
    { QW_OID_CABF_ORGANIZATION_IDENTIFIER, 0, cabf_orgid },
    { QW_OID_CT_POISON, 1, poison },
};

enum { KNOWN = sizeof(known) / sizeof(known[0]) };

static int is_wanted(qw_oid_e oid, const qw_tbs_in_t *in)
{
    if (oid == QW_OID_CRL_POINTS)
        return in->crl_url != NULL;
    if (oid == QW_OID_CT_POISON)
        return in->precert;
    if (oid == QW_OID_CABF_ORGANIZATION_IDENTIFIER)
        return (in->profile->flags & QW_PROFILE_EV_ORGID) != 0
               && in->identity->organization_identifier != NULL;
    return 1;
}

static int row_of(const qw_bytes_t *id)
{
    int i;

    for (i = 0; i < KNOWN; i++) {
        qw_bytes_t want = qw_oid_der(known[i].oid);

        if (qw_bytes_equal(id, &want))
            return i;
    }
    return -1;
}

/* One extension's parts; *CRITICAL is 1 or 0. */
static const char *split(qw_der_in_t *list, qw_bytes_t *id, int *critical,
                         qw_der_in_t *value)
{
    qw_der_in_t ext;

    if (!qw_der_enter(list, QW_DER_SEQUENCE, &ext)
        || !qw_der_next(&ext, QW_DER_OID, id, NULL))
        return "an extension without identifier";
    *critical = qw_der_tag(&ext) == QW_DER_BOOLEAN;
    if (*critical
        && (!qw_der_next(&ext, QW_DER_BOOLEAN, NULL, value) || value->len != 1
            || value->data[0] != 0xff))
        return "critical is spelled out and not TRUE";
    if (!qw_der_next(&ext, QW_DER_OCTET_STRING, NULL, value) || ext.len > 0
        || !qw_der_is_strict(value))
        return "an extension whose value is not strict DER";
    return NULL;
}

static const char *check_one(qw_der_in_t *list, unsigned *seen,
                             const qw_tbs_in_t *in)
{
    qw_der_in_t value;
    qw_bytes_t id;
    const char *finding;
    int critical, row;

    finding = split(list, &id, &critical, &value);
    if (finding != NULL)
        return finding;
    row = row_of(&id);
    if (row < 0)
        return "an extension of another kind";
    if (*seen & (1u << row))
        return "an extension stands twice";
    *seen |= 1u << row;
    if (critical != known[row].critical)
        return "an extension is critical and should not be, or not and should";
    if (!is_wanted(known[row].oid, in))
        return "an extension that the profile does not have";
    finding = known[row].check(&value, in);
    if (finding == NULL && value.len > 0)
        return "an extension of more than one value";
    /* cppcheck-suppress returnDanglingLifetime; findings are static texts */
    return finding;
}

const char *qw_lint_extensions(qw_der_in_t *tbs, const qw_tbs_in_t *in)
{
    unsigned seen = 0;
    qw_der_in_t tagged, list;
    const char *finding;
    int i;

    if (!qw_der_enter(tbs, QW_DER_CONTEXT_OF + 3, &tagged)
        || !qw_der_enter(&tagged, QW_DER_SEQUENCE, &list) || tagged.len > 0)
        return "no extensions";
    while (list.len > 0) {
        finding = check_one(&list, &seen, in);
        if (finding != NULL)
            return finding;
    }
    for (i = 0; i < KNOWN; i++) {
        if (is_wanted(known[i].oid, in) && (seen & (1u << i)) == 0)
            return "an extension is missing";
    }
    return NULL;
}
