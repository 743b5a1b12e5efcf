#include "x509/tbs.h"

#include "base/text.h"
#include "x509/der.h"
#include "x509/ext.h"
#include "x509/profile_row.h"
#include "x509/qcstatements.h"
#include "x509/subject.h"

#include <apr_strings.h>
#include <string.h>

/* Version 3, under its tag [0] */
static const unsigned char version[] = { 0xa0, 0x03, 0x02, 0x01, 0x02 };

/* The caller broke the contract: that is ours to mend, not the client's. */
#define BROKEN(pool, ...)                                                      \
    QW_FAIL_BECAUSE((pool), SERVER_INTERNAL,                                   \
                    apr_psprintf((pool), __VA_ARGS__),                         \
                    "the certificate cannot be made")

/* Length of the label at the start of NAME: 1 to 63 lower-case letters, digits
 * and inner hyphens; 0 if it is none. */
static apr_size_t label_length(const char *name)
{
    apr_size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

    if (n > 63 || name[0] == '-' || (n > 0 && name[n - 1] == '-'))
        return 0;
    return n;
}

/* At least two labels, the last not a number (that would be an address), at
 * most 253 octets: BR-7.1.2.7.12. */
static int is_dns_name(const char *name, int wildcard)
{
    apr_size_t n, labels;

    if (wildcard && name[0] == '*' && name[1] == '.')
        name += 2;
    if (strlen(name) > 253)
        return 0;
    for (labels = 1;; labels++) {
        n = label_length(name);
        if (n == 0 || (name[n] != '\0' && name[n] != '.'))
            return 0;
        if (name[n] == '\0')
            return labels >= 2 && strspn(name, "0123456789") < n;
        name += n + 1;
    }
}

static qw_problem_t *check_names(const qw_tbs_in_t *in, apr_pool_t *pool)
{
    int wildcard = qw_profile_allows_wildcard(in->profile);
    int i, j;

    if (in->names->nelts == 0)
        return BROKEN(pool, "no name");
    for (i = 0; i < in->names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(in->names, i, const char *);

        if (!is_dns_name(name, wildcard))
            return BROKEN(pool, "name %s does not fit profile %s",
                          qw_text_safe(name, 256, pool), in->profile->name);
        for (j = 0; j < i; j++) {
            if (strcmp(name, APR_ARRAY_IDX(in->names, j, const char *)) == 0)
                return BROKEN(pool, "name %s stands twice", name);
        }
    }
    return NULL;
}

static qw_problem_t *check_urls(const qw_tbs_in_t *in, apr_pool_t *pool)
{
    qw_problem_t *problem;

    /* BR-7.1.2.7.7: plain http, for fetching must not need a certificate */
    if (in->issuer_url == NULL || !qw_ext_is_url(in->issuer_url, "http://"))
        return BROKEN(pool, "issuer URL %s is not http://",
                      qw_text_safe(in->issuer_url, 256, pool));
    if (in->ocsp_url == NULL && in->crl_url == NULL)
        return BROKEN(pool, "neither OCSP nor CRL URL");
    if (in->ocsp_url != NULL && !qw_ext_is_url(in->ocsp_url, "http://"))
        return BROKEN(pool, "OCSP URL %s is not http://",
                      qw_text_safe(in->ocsp_url, 256, pool));
    if (in->crl_url != NULL && !qw_ext_is_url(in->crl_url, "http://"))
        return BROKEN(pool, "CRL URL %s is not http://",
                      qw_text_safe(in->crl_url, 256, pool));
    problem = qw_qcstatements_check_pds(in->pds, pool);
    return problem == NULL ? NULL : BROKEN(pool, "%s", problem->detail);
}

static qw_problem_t *check_rest(const qw_tbs_in_t *in, apr_pool_t *pool)
{
    if (in->serial.len != 16 || in->serial.data[0] == 0
        || in->serial.data[0] > 0x7f)
        return BROKEN(pool, "the serial is not 16 octets, positive");
    if (in->days < 1 || in->days > in->profile->max_days)
        return BROKEN(pool, "validity of %d days", in->days);
    if (in->not_before < in->issuer->not_before
        || in->not_before >= in->issuer->not_after)
        return BROKEN(pool, "the issuer is not valid at %s",
                      qw_text_time(in->not_before, pool));
    return NULL;
}

/* Whole seconds; the last one counts: BR-6.3.2. */
void qw_tbs_validity(apr_time_t *not_before, apr_time_t *not_after,
                     const qw_tbs_in_t *in)
{
    *not_before = apr_time_from_sec(apr_time_sec(in->not_before));
    *not_after =
        *not_before + apr_time_from_sec((apr_time_t)in->days * 86400 - 1);
    if (*not_after > in->issuer->not_after)
        *not_after = in->issuer->not_after;
}

static void put_validity(qw_der_t *der, const qw_tbs_in_t *in)
{
    apr_size_t seq = qw_der_open(der, QW_DER_SEQUENCE);
    apr_time_t not_before, not_after;

    qw_tbs_validity(&not_before, &not_after, in);
    qw_der_time(der, not_before);
    qw_der_time(der, not_after);
    qw_der_close(der, seq);
}

qw_problem_t *qw_tbs_make(qw_bytes_t *tbs, const qw_tbs_in_t *in,
                          apr_pool_t *pool)
{
    const qw_bytes_t v3 = { version, sizeof(version) };
    const char *orgid_text = in->identity->organization_identifier;
    int ev = (in->profile->flags & QW_PROFILE_EV_ORGID) && orgid_text != NULL;
    qw_orgid_t orgid = { 0 };
    const char *common_name;
    apr_size_t seq;
    qw_der_t der;

    QW_TRY(qw_profile_check_identity(in->profile, in->identity, pool));
    QW_TRY(check_names(in, pool));
    QW_TRY(check_urls(in, pool));
    QW_TRY(check_rest(in, pool));
    QW_TRY(qw_subject_common_name(&common_name, in->profile, in->names, pool));
    if (ev)
        QW_TRY(qw_orgid_parse(&orgid, orgid_text, pool));

    qw_der_start(&der, pool);
    seq = qw_der_open(&der, QW_DER_SEQUENCE);
    qw_der_raw(&der, &v3);
    qw_der_put(&der, QW_DER_INTEGER, in->serial.data, in->serial.len);
    qw_der_raw(&der, &in->issuer->sig_alg);
    qw_der_raw(&der, &in->issuer->subject);
    put_validity(&der, in);
    qw_subject_put(&der, in->identity, common_name);
    qw_der_raw(&der, &in->spki);
    qw_ext_put_all(&der, in, ev ? &orgid : NULL);
    qw_der_close(&der, seq);
    *tbs = qw_der_bytes(&der);
    return NULL;
}
