#include "x509/qwac2.h"

#include "base/own.h"
#include "base/text.h"
#include "x509/cert_parts.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <string.h>

#define REFUSE(pool, ...) QW_FAIL(pool, MALFORMED, "the 2-QWAC " __VA_ARGS__)

/* 1 if the SEQUENCE OF LIST begins with an element that is OID, or is a
 * SEQUENCE that begins with it; *REST becomes what follows in that element. */
static int find_in(qw_der_in_t list, qw_oid_e oid, qw_der_in_t *rest)
{
    qw_bytes_t want = qw_oid_der(oid), id;
    qw_der_in_t element;

    while (qw_der_enter(&list, QW_DER_SEQUENCE, &element)) {
        if (qw_der_next(&element, QW_DER_OID, &id, NULL)
            && qw_bytes_equal(&id, &want)) {
            *rest = element;
            return 1;
        }
    }
    return 0;
}

/* 1 if LIST is SEQUENCE { OID } and nothing else. */
static int is_only(qw_der_in_t list, qw_oid_e oid)
{
    qw_bytes_t want = qw_oid_der(oid), id;
    qw_der_in_t body;

    return qw_der_enter(&list, QW_DER_SEQUENCE, &body) && list.len == 0
           && qw_der_next(&body, QW_DER_OID, &id, NULL) && body.len == 0
           && qw_bytes_equal(&id, &want);
}

/* The elements of the SEQUENCE that extension OID is; empty if there is none. */
static qw_der_in_t elements(const qw_cert_parts_t *parts, qw_oid_e oid)
{
    qw_der_in_t list = { NULL, 0 };
    qw_bytes_t value;

    if (qw_cert_find_ext(&value, parts, oid))
        (void)qw_der_enter(&value, QW_DER_SEQUENCE, &list);
    return list;
}

static int has_purpose(const qw_cert_parts_t *parts)
{
    qw_bytes_t value;

    return qw_cert_find_ext(&value, parts, QW_OID_EXT_KEY_USAGE)
           && is_only(value, QW_OID_TLS_BINDING);
}

static int has_compliance(const qw_cert_parts_t *parts)
{
    qw_der_in_t rest;

    return find_in(elements(parts, QW_OID_QC_STATEMENTS), QW_OID_QC_COMPLIANCE,
                   &rest);
}

static int is_for_web(const qw_cert_parts_t *parts)
{
    qw_der_in_t rest;

    return find_in(elements(parts, QW_OID_QC_STATEMENTS), QW_OID_QC_TYPE, &rest)
           && is_only(rest, QW_OID_QC_TYPE_WEB);
}

static int has_policy(const qw_cert_parts_t *parts)
{
    qw_der_in_t rest;

    return find_in(elements(parts, QW_OID_CERT_POLICIES), QW_OID_QNCP_W_GEN,
                   &rest);
}

/* TS 119 411-5 clause 6.2.2 */
static const struct {
    int (*holds)(const qw_cert_parts_t *parts);
    const char *or_else;
} rules[] = {
    { has_purpose,
      "has another extended key usage than tls-binding "
      "(0.4.0.194115.1.0) alone; sign with a 2-QWAC, not with the TLS "
      "certificate" },
    { has_compliance,
      "has no QcCompliance, so it is not qualified; have it issued by a "
      "qualified provider" },
    { is_for_web, "has not web as its only QcType; have it issued for website "
                  "authentication" },
    { has_policy,
      "does not have the policy QNCP-w-gen (0.4.0.194112.1.6); have it issued "
      "under that policy" },
};

static qw_problem_t *check_times(const qw_cert_parts_t *parts, apr_time_t when,
                                 apr_pool_t *pool)
{
    if (when < parts->not_before)
        return REFUSE(pool, "is valid from %s only; check the clock",
                      qw_text_time(parts->not_before, pool));
    if (when > parts->not_after)
        return REFUSE(pool,
                      "expired at %s; get the next one and make the binding "
                      "anew",
                      qw_text_time(parts->not_after, pool));
    return NULL;
}

/* Names are those of subjectAltName: a commonName covers nothing. */
static qw_problem_t *check_host(const qw_bytes_t *der, const char *host,
                                apr_pool_t *pool)
{
    const unsigned char *at = der->data;
    X509 *cert = qw_own_X509(pool, d2i_X509(NULL, &at, (long)der->len));
    int covers = cert != NULL && *host != '\0' && *host != '.'
                 && X509_check_host(cert, host, strlen(host),
                                    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS
                                        | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
                                    NULL)
                        == 1;

    ERR_clear_error();
    if (covers)
        return NULL;
    return REFUSE(pool,
                  "does not cover %s; bind with one whose subjectAltName has "
                  "that name",
                  qw_text_safe(host, 255, pool));
}

qw_problem_t *qw_qwac2_check(const qw_bytes_t *der, const char *host,
                             apr_time_t when, apr_pool_t *pool)
{
    qw_cert_parts_t parts;
    apr_size_t i;

    QW_TRY(qw_cert_split(&parts, der, pool));
    for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (!rules[i].holds(&parts))
            return REFUSE(pool, "%s", rules[i].or_else);
    QW_TRY(check_times(&parts, when, pool));
    return host != NULL ? check_host(der, host, pool) : NULL;
}
