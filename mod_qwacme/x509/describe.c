#include "x509/describe.h"

#include "base/b64.h"
#include "base/text.h"
#include "x509/cert.h"
#include "x509/keycheck.h"
#include "x509/spki.h"

#include <apr_strings.h>

void qw_describe_head(qw_describe_t *d, const char *text)
{
    APR_ARRAY_PUSH(d->lines, const char *) = text;
}

void qw_describe_line(qw_describe_t *d, const char *label, const char *fmt, ...)
{
    const char *text;
    va_list args;

    va_start(args, fmt);
    text = apr_pvsprintf(d->pool, fmt, args);
    va_end(args);
    APR_ARRAY_PUSH(d->lines, const char *) =
        apr_psprintf(d->pool, "  %-24s %s", label != NULL ? label : "", text);
}

const char *qw_describe_text(qw_describe_t *d, const qw_bytes_t *value)
{
    return qw_text_safe(apr_pstrmemdup(d->pool, (const char *)value->data,
                                       value->len),
                        512, d->pool);
}

const char *qw_describe_oid(qw_describe_t *d, const qw_bytes_t *id)
{
    qw_oid_e oid = qw_oid_find(id);
    const char *number = qw_oid_text(id, d->pool);

    if (oid == QW_OID_COUNT)
        return number;
    return apr_psprintf(d->pool, "%s (%s)", qw_oid_label(oid), number);
}

static const char *label_of(qw_describe_t *d, const qw_bytes_t *id)
{
    qw_oid_e oid = qw_oid_find(id);

    return oid == QW_OID_COUNT ? qw_oid_text(id, d->pool) : qw_oid_label(oid);
}

static void name(qw_describe_t *d, qw_der_in_t whole)
{
    qw_der_in_t rdns, rdn, pair;
    qw_bytes_t type, value;

    if (!qw_der_enter(&whole, QW_DER_SEQUENCE, &rdns))
        return;
    while (qw_der_enter(&rdns, QW_DER_SET, &rdn)) {
        while (qw_der_enter(&rdn, QW_DER_SEQUENCE, &pair)) {
            if (qw_der_next(&pair, QW_DER_OID, &type, NULL)
                && qw_der_next(&pair, -1, NULL, &value))
                qw_describe_line(d, label_of(d, &type), "%s",
                                 qw_describe_text(d, &value));
        }
    }
}

static void validity(qw_describe_t *d, const qw_cert_parts_t *parts)
{
    apr_int64_t seconds =
        apr_time_sec(parts->not_after) - apr_time_sec(parts->not_before) + 1;

    qw_describe_line(d, "Valid from", "%s",
                     qw_text_time(parts->not_before, d->pool));
    if (seconds % 86400 == 0)
        qw_describe_line(d, "Valid to", "%s (%d days)",
                         qw_text_time(parts->not_after, d->pool),
                         (int)(seconds / 86400));
    else
        qw_describe_line(d, "Valid to", "%s",
                         qw_text_time(parts->not_after, d->pool));
}

static void key(qw_describe_t *d, const qw_cert_parts_t *parts)
{
    int bits = 0;
    const char *type = qw_spki_type(&parts->spki, &bits);

    if (type == NULL)
        type = "of another kind";
    else if (type[0] == 'R')
        type = apr_psprintf(d->pool, "RSA, %d bits", bits);
    qw_describe_line(d, "Key", "%s", type);
    qw_describe_line(d, "Key (SPKI SHA-256)", "%s",
                     qw_spki_hash(parts->spki.data, parts->spki.len, d->pool));
}

static void signature(qw_describe_t *d, const qw_cert_parts_t *parts)
{
    qw_der_in_t alg = parts->sig_alg, body;
    qw_bytes_t id;

    if (qw_der_enter(&alg, QW_DER_SEQUENCE, &body)
        && qw_der_next(&body, QW_DER_OID, &id, NULL))
        qw_describe_line(d, "Signed with", "%s", label_of(d, &id));
}

static void extensions(qw_describe_t *d, const qw_cert_parts_t *parts)
{
    qw_der_in_t list = parts->extensions;
    qw_cert_ext_t ext;

    while (qw_cert_next_ext(&ext, &list))
        qw_describe_ext(d, &ext);
}

qw_problem_t *qw_cert_describe(const char **text, const qw_bytes_t *der,
                               apr_pool_t *pool)
{
    qw_describe_t d = { apr_array_make(pool, 40, sizeof(const char *)), pool };
    qw_cert_parts_t parts;

    QW_TRY(qw_cert_split(&parts, der, pool));
    qw_describe_head(&d, "Subject");
    name(&d, parts.subject);
    qw_describe_head(&d, "Issuer");
    name(&d, parts.issuer);
    qw_describe_head(&d, "Certificate");
    qw_describe_line(&d, "Serial number", "%s",
                     qw_hex_encode(parts.serial.data, parts.serial.len, pool));
    validity(&d, &parts);
    key(&d, &parts);
    signature(&d, &parts);
    qw_describe_line(&d, "Fingerprint (SHA-256)", "%s",
                     qw_spki_hash(der->data, der->len, pool));
    qw_describe_head(&d, "Extensions");
    extensions(&d, &parts);
    *text = apr_pstrcat(pool, qw_text_join(d.lines, "\n", pool), "\n", NULL);
    return NULL;
}
