/* describe_ext.c -- extensions in words. What does not parse is said to. */
#include "x509/describe.h"

#include "base/b64.h"

#include <apr_strings.h>

/* 0 if VALUE does not have the extension's form. */
typedef int (*show_fn)(qw_describe_t *d, qw_der_in_t value);

static int key_usage(qw_describe_t *d, qw_der_in_t value)
{
    static const char *const names[] = { "digitalSignature", "nonRepudiation",
                                         "keyEncipherment",  "dataEncipherment",
                                         "keyAgreement",     "keyCertSign",
                                         "cRLSign",          "encipherOnly",
                                         "decipherOnly" };
    const char *text = "";
    qw_bytes_t bits;
    apr_size_t i;

    if (!qw_der_next(&value, QW_DER_BIT_STRING, NULL, &bits))
        return 0;
    for (i = 0; i < 9 && 1 + i / 8 < bits.len; i++) {
        if (bits.data[1 + i / 8] & (0x80 >> i % 8))
            text =
                apr_pstrcat(d->pool, text, *text ? ", " : "", names[i], NULL);
    }
    qw_describe_line(d, "Key usage", "%s", text);
    return 1;
}

static int purposes(qw_describe_t *d, qw_der_in_t value)
{
    const char *label = "Extended key usage";
    qw_der_in_t list;
    qw_bytes_t id;

    if (!qw_der_enter(&value, QW_DER_SEQUENCE, &list))
        return 0;
    while (qw_der_next(&list, QW_DER_OID, &id, NULL)) {
        qw_describe_line(d, label, "%s", qw_describe_oid(d, &id));
        label = NULL;
    }
    return list.len == 0;
}

static int basic_constraints(qw_describe_t *d, qw_der_in_t value)
{
    qw_der_in_t list;
    qw_bytes_t yes, length = { NULL, 0 };
    int ca;

    if (!qw_der_enter(&value, QW_DER_SEQUENCE, &list))
        return 0;
    ca = qw_der_next(&list, QW_DER_BOOLEAN, NULL, &yes);
    (void)qw_der_next(&list, QW_DER_INTEGER, NULL, &length);
    if (length.len == 1)
        qw_describe_line(d, "Basic constraints", "CA, path length %d",
                         length.data[0]);
    else
        qw_describe_line(d, "Basic constraints", "%s", ca ? "CA" : "no CA");
    return list.len == 0;
}

static int key_id(qw_describe_t *d, qw_der_in_t value)
{
    qw_bytes_t id;

    if (!qw_der_next(&value, QW_DER_OCTET_STRING, NULL, &id))
        return 0;
    qw_describe_line(d, "Subject key identifier", "%s",
                     qw_hex_encode(id.data, id.len, d->pool));
    return 1;
}

static int authority_key_id(qw_describe_t *d, qw_der_in_t value)
{
    qw_der_in_t list;
    qw_bytes_t id;

    if (!qw_der_enter(&value, QW_DER_SEQUENCE, &list)
        || !qw_der_next(&list, QW_DER_CONTEXT + 0, NULL, &id))
        return 0;
    qw_describe_line(d, "Authority key identifier", "%s",
                     qw_hex_encode(id.data, id.len, d->pool));
    return 1;
}

static int alt_names(qw_describe_t *d, qw_der_in_t value)
{
    const char *label = "Names";
    qw_der_in_t list;
    qw_bytes_t name;
    int tag;

    if (!qw_der_enter(&value, QW_DER_SEQUENCE, &list))
        return 0;
    while ((tag = qw_der_tag(&list)) >= 0
           && qw_der_next(&list, -1, NULL, &name)) {
        if (tag == QW_DER_CONTEXT + 2)
            qw_describe_line(d, label, "%s", qw_describe_text(d, &name));
        else
            qw_describe_line(d, label, "(of another kind, hex) %s",
                             qw_hex_encode(name.data, name.len, d->pool));
        label = NULL;
    }
    return list.len == 0;
}

static int policies(qw_describe_t *d, qw_der_in_t value)
{
    const char *label = "Policies";
    qw_der_in_t list, policy;
    qw_bytes_t id;

    if (!qw_der_enter(&value, QW_DER_SEQUENCE, &list))
        return 0;
    while (qw_der_enter(&list, QW_DER_SEQUENCE, &policy)
           && qw_der_next(&policy, QW_DER_OID, &id, NULL)) {
        qw_describe_line(d, label, "%s", qw_describe_oid(d, &id));
        label = NULL;
    }
    return list.len == 0;
}

static int authority_info(qw_describe_t *d, qw_der_in_t value)
{
    qw_der_in_t list, access;
    qw_bytes_t id, place;

    if (!qw_der_enter(&value, QW_DER_SEQUENCE, &list))
        return 0;
    while (qw_der_enter(&list, QW_DER_SEQUENCE, &access)
           && qw_der_next(&access, QW_DER_OID, &id, NULL)
           && qw_der_next(&access, -1, NULL, &place)) {
        const char *label = qw_oid_text(&id, d->pool);

        if (qw_oid_find(&id) == QW_OID_OCSP)
            label = "Status by OCSP";
        else if (qw_oid_find(&id) == QW_OID_CA_ISSUERS)
            label = "Issuer's certificate";
        qw_describe_line(d, label, "%s", qw_describe_text(d, &place));
    }
    return list.len == 0;
}

static int crl_points(qw_describe_t *d, qw_der_in_t value)
{
    qw_der_in_t points, point, name, full_name;
    qw_bytes_t place;

    if (!qw_der_enter(&value, QW_DER_SEQUENCE, &points))
        return 0;
    while (qw_der_enter(&points, QW_DER_SEQUENCE, &point)) {
        if (!qw_der_enter(&point, QW_DER_CONTEXT_OF + 0, &name)
            || !qw_der_enter(&name, QW_DER_CONTEXT_OF + 0, &full_name))
            return 0;
        while (qw_der_next(&full_name, QW_DER_CONTEXT + 6, NULL, &place))
            qw_describe_line(d, "Status by CRL", "%s",
                             qw_describe_text(d, &place));
    }
    return points.len == 0;
}

static int cabf_orgid(qw_describe_t *d, qw_der_in_t value)
{
    qw_bytes_t scheme, country, state, reference;
    const char *where;
    qw_der_in_t list;

    if (!qw_der_enter(&value, QW_DER_SEQUENCE, &list)
        || !qw_der_next(&list, QW_DER_PRINTABLE, NULL, &scheme)
        || !qw_der_next(&list, QW_DER_PRINTABLE, NULL, &country))
        return 0;
    where = qw_describe_text(d, &country);
    if (qw_der_next(&list, QW_DER_CONTEXT + 0, NULL, &state))
        where =
            apr_pstrcat(d->pool, where, "+", qw_describe_text(d, &state), NULL);
    if (!qw_der_next(&list, QW_DER_UTF8, NULL, &reference))
        return 0;
    qw_describe_line(d, "Registration (EVG)",
                     "scheme %s, country %s, number %s",
                     qw_describe_text(d, &scheme), where,
                     qw_describe_text(d, &reference));
    return list.len == 0;
}

/* "website authentication" of QcType; several are shown though one is legal */
static int qc_types(qw_describe_t *d, qw_der_in_t statement)
{
    qw_der_in_t list;
    qw_bytes_t id;

    if (!qw_der_enter(&statement, QW_DER_SEQUENCE, &list))
        return 0;
    while (qw_der_next(&list, QW_DER_OID, &id, NULL))
        qw_describe_line(d, "QcType", "%s", qw_describe_oid(d, &id));
    return list.len == 0;
}

static int qc_pds(qw_describe_t *d, qw_der_in_t statement)
{
    qw_der_in_t list, place;
    qw_bytes_t url, language;

    if (!qw_der_enter(&statement, QW_DER_SEQUENCE, &list))
        return 0;
    while (qw_der_enter(&list, QW_DER_SEQUENCE, &place)) {
        if (!qw_der_next(&place, QW_DER_IA5, NULL, &url)
            || !qw_der_next(&place, QW_DER_PRINTABLE, NULL, &language))
            return 0;
        qw_describe_line(d, "QcPDS", "%s: %s", qw_describe_text(d, &language),
                         qw_describe_text(d, &url));
    }
    return list.len == 0;
}

static int qc_semantics(qw_describe_t *d, qw_der_in_t statement)
{
    qw_der_in_t list;
    qw_bytes_t id;

    if (!qw_der_enter(&statement, QW_DER_SEQUENCE, &list)
        || !qw_der_next(&list, QW_DER_OID, &id, NULL))
        return 0;
    qw_describe_line(d, "Semantics", "%s", qw_describe_oid(d, &id));
    return statement.len == 0;
}

/* Roles by what they are called, then who licensed them. */
static int psd2(qw_describe_t *d, qw_der_in_t statement)
{
    qw_der_in_t info, list, role;
    qw_bytes_t id, name;

    if (!qw_der_enter(&statement, QW_DER_SEQUENCE, &info)
        || !qw_der_enter(&info, QW_DER_SEQUENCE, &list))
        return 0;
    while (qw_der_enter(&list, QW_DER_SEQUENCE, &role)) {
        if (!qw_der_next(&role, QW_DER_OID, &id, NULL)
            || !qw_der_next(&role, QW_DER_UTF8, NULL, &name))
            return 0;
        qw_describe_line(d, "PSD2 role", "%s: %s", qw_describe_text(d, &name),
                         qw_describe_oid(d, &id));
    }
    if (!qw_der_next(&info, QW_DER_UTF8, NULL, &name)
        || !qw_der_next(&info, QW_DER_UTF8, NULL, &id))
        return 0;
    qw_describe_line(d, "PSD2 authority", "%s, %s", qw_describe_text(d, &name),
                     qw_describe_text(d, &id));
    return list.len == 0 && info.len == 0;
}

static int qc_statements(qw_describe_t *d, qw_der_in_t value)
{
    qw_der_in_t list, statement;
    qw_bytes_t id;
    int good = 1;

    if (!qw_der_enter(&value, QW_DER_SEQUENCE, &list))
        return 0;
    while (qw_der_enter(&list, QW_DER_SEQUENCE, &statement)
           && qw_der_next(&statement, QW_DER_OID, &id, NULL)) {
        switch (qw_oid_find(&id)) {
        case QW_OID_QC_COMPLIANCE:
            qw_describe_line(d, "QcCompliance",
                             "a qualified certificate under eIDAS");
            break;
        case QW_OID_QC_TYPE:
            good &= qc_types(d, statement);
            break;
        case QW_OID_QC_PDS:
            good &= qc_pds(d, statement);
            break;
        case QW_OID_QC_SYNTAX_V2:
            good &= qc_semantics(d, statement);
            break;
        case QW_OID_PSD2_STATEMENT:
            good &= psd2(d, statement);
            break;
        default:
            qw_describe_line(d, "Statement", "%s", qw_describe_oid(d, &id));
            break;
        }
    }
    return good && list.len == 0;
}

static const struct {
    qw_oid_e oid;
    show_fn show;
} known[] = {
    { QW_OID_KEY_USAGE, key_usage },
    { QW_OID_EXT_KEY_USAGE, purposes },
    { QW_OID_BASIC_CONSTRAINTS, basic_constraints },
    { QW_OID_SUBJECT_KEY_ID, key_id },
    { QW_OID_AUTHORITY_KEY_ID, authority_key_id },
    { QW_OID_SUBJECT_ALT_NAME, alt_names },
    { QW_OID_CERT_POLICIES, policies },
    { QW_OID_AUTHORITY_INFO, authority_info },
    { QW_OID_CRL_POINTS, crl_points },
    { QW_OID_CABF_ORGANIZATION_IDENTIFIER, cabf_orgid },
    { QW_OID_QC_STATEMENTS, qc_statements },
};

void qw_describe_ext(qw_describe_t *d, const qw_cert_ext_t *ext)
{
    apr_size_t i;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].oid != ext->oid)
            continue;
        if (!qw_der_is_strict(&ext->value) || !known[i].show(d, ext->value))
            qw_describe_line(d, qw_oid_label(ext->oid),
                             "is there and does not parse");
        return;
    }
    qw_describe_line(d, "Other extension", "%s%s", qw_describe_oid(d, &ext->id),
                     ext->critical ? ", critical" : "");
}
