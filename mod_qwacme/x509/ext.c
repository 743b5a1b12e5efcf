#include "x509/ext.h"

#include "x509/oid.h"
#include "x509/profile_row.h"
#include "x509/qcstatements.h"

#include <string.h>

/* Critical, NULL: no client takes it for a certificate. RFC6962-3.1 */
static const unsigned char poison[] = { 0x30, 0x13, 0x06, 0x0a, 0x2b, 0x06,
                                        0x01, 0x04, 0x01, 0xd6, 0x79, 0x02,
                                        0x04, 0x03, 0x01, 0x01, 0xff, 0x04,
                                        0x02, 0x05, 0x00 };

int qw_ext_is_url(const char *url, const char *scheme)
{
    apr_size_t n = strlen(scheme);
    const char *at;

    if (strncmp(url, scheme, n) != 0 || url[n] == '\0' || url[n] == '/')
        return 0;
    for (at = url; *at != '\0'; at++) {
        if (*at <= 0x20 || *at >= 0x7f || strchr("\"<>\\^`{|}", *at) != NULL)
            return 0;
    }
    return 1;
}

qw_ext_t qw_ext_open(qw_der_t *der, qw_oid_e oid, int critical)
{
    static const unsigned char yes = 0xff;
    qw_bytes_t id = qw_oid_der(oid);
    qw_ext_t e;

    e.ext = qw_der_open(der, QW_DER_SEQUENCE);
    qw_der_raw(der, &id);
    if (critical)
        qw_der_put(der, QW_DER_BOOLEAN, &yes, 1);
    e.value = qw_der_open(der, QW_DER_OCTET_STRING);
    return e;
}

void qw_ext_close(qw_der_t *der, qw_ext_t e)
{
    qw_der_close(der, e.value);
    qw_der_close(der, e.ext);
}

/* Critical; the BIT STRING says how many of its last bits do not count. */
static void put_usage(qw_der_t *der, const qw_profile_t *profile)
{
    qw_ext_t e = qw_ext_open(der, QW_OID_KEY_USAGE, 1);
    unsigned char bits[] = { 0, (unsigned char)profile->usage };

    while (bits[0] < 7 && (profile->usage & (1u << bits[0])) == 0)
        bits[0]++;
    qw_der_put(der, QW_DER_BIT_STRING, bits, sizeof(bits));
    qw_ext_close(der, e);
}

static void put_purposes(qw_der_t *der, const qw_profile_t *profile)
{
    qw_ext_t e = qw_ext_open(der, QW_OID_EXT_KEY_USAGE, 0);
    apr_size_t seq = qw_der_open(der, QW_DER_SEQUENCE);
    int i;

    for (i = 0; i < profile->purpose_count; i++) {
        qw_bytes_t purpose = qw_oid_der(profile->purposes[i]);

        qw_der_raw(der, &purpose);
    }
    qw_der_close(der, seq);
    qw_ext_close(der, e);
}

void qw_ext_put_authority_key(qw_der_t *der, const qw_issuer_t *issuer)
{
    qw_ext_t e = qw_ext_open(der, QW_OID_AUTHORITY_KEY_ID, 0);
    apr_size_t seq = qw_der_open(der, QW_DER_SEQUENCE);

    qw_der_put(der, QW_DER_CONTEXT + 0, issuer->ski.data, issuer->ski.len);
    qw_der_close(der, seq);
    qw_ext_close(der, e);
}

static void put_access(qw_der_t *der, qw_oid_e method, const char *url)
{
    qw_bytes_t id = qw_oid_der(method);
    apr_size_t seq = qw_der_open(der, QW_DER_SEQUENCE);

    qw_der_raw(der, &id);
    qw_der_text(der, QW_DER_CONTEXT + 6, url);
    qw_der_close(der, seq);
}

static void put_authority_info(qw_der_t *der, const qw_tbs_in_t *in)
{
    qw_ext_t e = qw_ext_open(der, QW_OID_AUTHORITY_INFO, 0);
    apr_size_t seq = qw_der_open(der, QW_DER_SEQUENCE);

    if (in->ocsp_url != NULL)
        put_access(der, QW_OID_OCSP, in->ocsp_url);
    put_access(der, QW_OID_CA_ISSUERS, in->issuer_url);
    qw_der_close(der, seq);
    qw_ext_close(der, e);
}

static void put_names(qw_der_t *der, const apr_array_header_t *names)
{
    qw_ext_t e = qw_ext_open(der, QW_OID_SUBJECT_ALT_NAME, 0);
    apr_size_t seq = qw_der_open(der, QW_DER_SEQUENCE);
    int i;

    for (i = 0; i < names->nelts; i++)
        qw_der_text(der, QW_DER_CONTEXT + 2,
                    APR_ARRAY_IDX(names, i, const char *));
    qw_der_close(der, seq);
    qw_ext_close(der, e);
}

static void put_policies(qw_der_t *der, const qw_profile_t *profile)
{
    qw_ext_t e = qw_ext_open(der, QW_OID_CERT_POLICIES, 0);
    apr_size_t seq = qw_der_open(der, QW_DER_SEQUENCE);
    int i;

    for (i = 0; i < profile->policy_count; i++) {
        qw_bytes_t id = qw_oid_der(profile->policies[i]);

        qw_der_put(der, QW_DER_SEQUENCE, id.data, id.len);
    }
    qw_der_close(der, seq);
    qw_ext_close(der, e);
}

void qw_ext_put_point(qw_der_t *der, const char *url)
{
    apr_size_t point = qw_der_open(der, QW_DER_SEQUENCE);
    apr_size_t name = qw_der_open(der, QW_DER_CONTEXT_OF + 0);
    apr_size_t full_name = qw_der_open(der, QW_DER_CONTEXT_OF + 0);

    qw_der_text(der, QW_DER_CONTEXT + 6, url);
    qw_der_close(der, full_name);
    qw_der_close(der, name);
    qw_der_close(der, point);
}

/* One DistributionPoint with one fullName. BR-7.1.2.11.2 */
static void put_crl_point(qw_der_t *der, const char *url)
{
    qw_ext_t e = qw_ext_open(der, QW_OID_CRL_POINTS, 0);
    apr_size_t points = qw_der_open(der, QW_DER_SEQUENCE);

    qw_ext_put_point(der, url);
    qw_der_close(der, points);
    qw_ext_close(der, e);
}

static void put_statements(qw_der_t *der, const qw_tbs_in_t *in)
{
    qw_ext_t e = qw_ext_open(der, QW_OID_QC_STATEMENTS, 0);

    qw_qcstatements_put(der, in);
    qw_ext_close(der, e);
}

void qw_ext_put_cabf_orgid(qw_der_t *der, const qw_orgid_t *orgid)
{
    apr_size_t seq = qw_der_open(der, QW_DER_SEQUENCE);

    qw_der_text(der, QW_DER_PRINTABLE, orgid->scheme);
    qw_der_text(der, QW_DER_PRINTABLE, orgid->country);
    if (orgid->state != NULL)
        qw_der_text(der, QW_DER_CONTEXT + 0, orgid->state);
    qw_der_text(der, QW_DER_UTF8, orgid->reference);
    qw_der_close(der, seq);
}

void qw_ext_put_all(qw_der_t *der, const qw_tbs_in_t *in,
                    const qw_orgid_t *orgid)
{
    const qw_bytes_t poisoned = { poison, sizeof(poison) };
    apr_size_t tagged = qw_der_open(der, QW_DER_CONTEXT_OF + 3);
    apr_size_t list = qw_der_open(der, QW_DER_SEQUENCE);
    qw_ext_t e;

    put_usage(der, in->profile);
    put_purposes(der, in->profile);
    qw_ext_put_authority_key(der, in->issuer);
    put_authority_info(der, in);
    put_names(der, in->names);
    put_policies(der, in->profile);
    if (in->crl_url != NULL)
        put_crl_point(der, in->crl_url);
    put_statements(der, in);
    if (orgid != NULL) {
        e = qw_ext_open(der, QW_OID_CABF_ORGANIZATION_IDENTIFIER, 0);
        qw_ext_put_cabf_orgid(der, orgid);
        qw_ext_close(der, e);
    }
    if (in->precert)
        qw_der_raw(der, &poisoned);
    qw_der_close(der, list);
    qw_der_close(der, tagged);
}
