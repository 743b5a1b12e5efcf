/* x509_golden.h -- reference certificates made by another implementation from
 * the certificate profile's text, with throw-away keys, and what went into
 * them. Ours must come to the same octets. */
#ifndef X509_GOLDEN_H
#define X509_GOLDEN_H

#include "base/b64.h"
#include "x509/der.h"
#include "x509/profile_row.h"
#include "x509/sigalg.h"
#include "x509/tbs.h"

#include <apr_strings.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

static const char golden_ca_pem[] __attribute__((unused)) =
    "-----BEGIN CERTIFICATE-----\n"
    "MIICCzCCAbGgAwIBAgIQFWnD48skdRwcWdD1NQKS2zAKBggqhkjOPQQDAjBkMQsw\n"
    "CQYDVQQGEwJGUjEVMBMGA1UECgwMRXhhbXBsZSBRVFNQMRgwFgYDVQRhDA9OVFJG\n"
    "Ui0xMjM0NTY3ODkxJDAiBgNVBAMMG0V4YW1wbGUgUVRTUCBRV0FDIEFDTUUgQ0Eg\n"
    "MTAeFw0yNjExMjIxMjAwMDBaFw0yOTExMjIxMjAwMDBaMGQxCzAJBgNVBAYTAkZS\n"
    "MRUwEwYDVQQKDAxFeGFtcGxlIFFUU1AxGDAWBgNVBGEMD05UUkZSLTEyMzQ1Njc4\n"
    "OTEkMCIGA1UEAwwbRXhhbXBsZSBRVFNQIFFXQUMgQUNNRSBDQSAxMFkwEwYHKoZI\n"
    "zj0CAQYIKoZIzj0DAQcDQgAE2B1/dCqFTqa6uA2iAaen0DmqSJT0TKM13HqFYLp9\n"
    "zGxpRFGYTRXPArXcd826XmftzOpZ9HK7oOjnsrra5lkvN6NFMEMwEgYDVR0TAQH/\n"
    "BAgwBgEB/wIBADAOBgNVHQ8BAf8EBAMCAYYwHQYDVR0OBBYEFFpWYGQ4wpjGA59R\n"
    "jvFn2HesBLUiMAoGCCqGSM49BAMCA0gAMEUCIHJr5ZE268DUYkGjeoRxsYWLciN2\n"
    "Vn4WWTqgvjZghGkuAiEAnOUvsjeqYLFOHC3ug0v2KrqSBIM/Z6wbW26/pJE9YQw=\n"
    "-----END CERTIFICATE-----\n";

static const char golden_qevcp_w_pem[] __attribute__((unused)) =
    "-----BEGIN CERTIFICATE-----\n"
    "MIID1DCCA3mgAwIBAgIQLVoIxniOheuhp6ynNfQ4EzAKBggqhkjOPQQDAjBkMQsw\n"
    "CQYDVQQGEwJGUjEVMBMGA1UECgwMRXhhbXBsZSBRVFNQMRgwFgYDVQRhDA9OVFJG\n"
    "Ui0xMjM0NTY3ODkxJDAiBgNVBAMMG0V4YW1wbGUgUVRTUCBRV0FDIEFDTUUgQ0Eg\n"
    "MTAeFw0yNjExMjMxMjAwMDBaFw0yNzA2MTAxMTU5NTlaMIGeMQswCQYDVQQGEwJG\n"
    "UjEOMAwGA1UEBwwFUGFyaXMxHTAbBgNVBAoMFFNvY2nDqXTDqSBFeGVtcGxlIFNB\n"
    "MR0wGwYDVQQPDBRQcml2YXRlIE9yZ2FuaXphdGlvbjETMBEGCysGAQQBgjc8AgED\n"
    "EwJGUjESMBAGA1UEBRMJMTMwMDA3NjY5MRgwFgYDVQRhDA9OVFJGUi0xMzAwMDc2\n"
    "NjkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASEROpkeUyDI/UxixM43cFByZ17\n"
    "SHYs5BQVAJ/WkvFBImrNRNMYxeYOudqTRZ8l7PEiOh20AYjFcgNg+ExYvDaco4IB\n"
    "0DCCAcwwDgYDVR0PAQH/BAQDAgeAMBMGA1UdJQQMMAoGCCsGAQUFBwMBMB8GA1Ud\n"
    "IwQYMBaAFFpWYGQ4wpjGA59RjvFn2HesBLUiMGIGCCsGAQUFBwEBBFYwVDAkBggr\n"
    "BgEFBQcwAYYYaHR0cDovL29jc3AucGtpLmV4YW1wbGUvMCwGCCsGAQUFBzAChiBo\n"
    "dHRwOi8vYWlhLnBraS5leGFtcGxlL3F3YWMxLmNlcjAlBgNVHREEHjAcgg53d3cu\n"
    "ZXhhbXBsZS5mcoIKZXhhbXBsZS5mcjAdBgNVHSAEFjAUMAcGBWeBDAEBMAkGBwQA\n"
    "i+xAAQQwMQYDVR0fBCowKDAmoCSgIoYgaHR0cDovL2NybC5wa2kuZXhhbXBsZS9x\n"
    "d2FjMS5jcmwwgYUGCCsGAQUFBwEDBHkwdzAIBgYEAI5GAQEwEwYGBACORgEGMAkG\n"
    "BwQAjkYBBgMwVgYGBACORgEFMEwwJBYeaHR0cHM6Ly9wa2kuZXhhbXBsZS9wZHNf\n"
    "ZW4ucGRmEwJlbjAkFh5odHRwczovL3BraS5leGFtcGxlL3Bkc19mci5wZGYTAmZy\n"
    "MB8GBWeBDAMBBBYwFBMDTlRSEwJGUgwJMTMwMDA3NjY5MAoGCCqGSM49BAMCA0kA\n"
    "MEYCIQCSGTLbWamXTk3YaHQjCzlT6f4QFfmPdLTuk3N4SxdgewIhAIsPgmx0T/Sw\n"
    "ho+r7DFYlFlGaNlOUpKBrchJ1UoMnmyg\n"
    "-----END CERTIFICATE-----\n";

static const char golden_qncp_w_pem[] __attribute__((unused)) =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIDazCCAxKgAwIBAgIQN6gkvXfpjlqFqJIe+y9eSjAKBggqhkjOPQQDAjBkMQsw\n"
    "CQYDVQQGEwJGUjEVMBMGA1UECgwMRXhhbXBsZSBRVFNQMRgwFgYDVQRhDA9OVFJG\n"
    "Ui0xMjM0NTY3ODkxJDAiBgNVBAMMG0V4YW1wbGUgUVRTUCBRV0FDIEFDTUUgQ0Eg\n"
    "MTAeFw0yNjExMjMxMjAwMDBaFw0yNzA2MTAxMTU5NTlaMFgxCzAJBgNVBAYTAkZS\n"
    "MQ4wDAYDVQQHDAVQYXJpczEdMBsGA1UECgwUU29jacOpdMOpIEV4ZW1wbGUgU0Ex\n"
    "GjAYBgNVBGEMEVZBVEZSLTgzNDA0ODMzMDQ4MFkwEwYHKoZIzj0CAQYIKoZIzj0D\n"
    "AQcDQgAENLnJ+Dp66aoV5iePdGWX1xlPma1IYMHEXp/h+DjOHYtoQrkH8wYuZtz3\n"
    "iBx0RnIf9IiYeXezwoz5LA5JF4n1YKOCAbAwggGsMA4GA1UdDwEB/wQEAwIHgDAT\n"
    "BgNVHSUEDDAKBggrBgEFBQcDATAfBgNVHSMEGDAWgBRaVmBkOMKYxgOfUY7xZ9h3\n"
    "rAS1IjBiBggrBgEFBQcBAQRWMFQwJAYIKwYBBQUHMAGGGGh0dHA6Ly9vY3NwLnBr\n"
    "aS5leGFtcGxlLzAsBggrBgEFBQcwAoYgaHR0cDovL2FpYS5wa2kuZXhhbXBsZS9x\n"
    "d2FjMS5jZXIwJQYDVR0RBB4wHIIOd3d3LmV4YW1wbGUuZnKCCmV4YW1wbGUuZnIw\n"
    "HgYDVR0gBBcwFTAIBgZngQwBAgIwCQYHBACL7EABBTAxBgNVHR8EKjAoMCagJKAi\n"
    "hiBodHRwOi8vY3JsLnBraS5leGFtcGxlL3F3YWMxLmNybDCBhQYIKwYBBQUHAQME\n"
    "eTB3MAgGBgQAjkYBATATBgYEAI5GAQYwCQYHBACORgEGAzBWBgYEAI5GAQUwTDAk\n"
    "Fh5odHRwczovL3BraS5leGFtcGxlL3Bkc19lbi5wZGYTAmVuMCQWHmh0dHBzOi8v\n"
    "cGtpLmV4YW1wbGUvcGRzX2ZyLnBkZhMCZnIwCgYIKoZIzj0EAwIDRwAwRAIgJ2hs\n"
    "W8XZIuQq5BZbfqhgAPxfKjH1cibyJxu2vsUAUKMCIGuPLjyyYFJYyCej/UNIygjg\n"
    "XiSjRIsPzQ6OuFzkiCjf\n"
    "-----END CERTIFICATE-----\n";

static const char golden_qncp_w_iv_pem[] __attribute__((unused)) =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIDSjCCAvCgAwIBAgIQSwvaRG2lF908vi+/Dips2TAKBggqhkjOPQQDAjBkMQsw\n"
    "CQYDVQQGEwJGUjEVMBMGA1UECgwMRXhhbXBsZSBRVFNQMRgwFgYDVQRhDA9OVFJG\n"
    "Ui0xMjM0NTY3ODkxJDAiBgNVBAMMG0V4YW1wbGUgUVRTUCBRV0FDIEFDTUUgQ0Eg\n"
    "MTAeFw0yNjExMjMxMjAwMDBaFw0yNzA2MTAxMTU5NTlaMD8xCzAJBgNVBAYTAkZS\n"
    "MQ4wDAYDVQQHDAVQYXJpczEPMA0GA1UEBAwGRHVyYW5kMQ8wDQYDVQQqDAbDiWxp\n"
    "c2UwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARUQUBoYP61s04jmdbTPWkPTils\n"
    "w+bNQvcAlfU2N0+GA50r8kiJ3TfI1LL+7u/sNUL0Pq/HHGofSQ1NsK5SaZCNo4IB\n"
    "pzCCAaMwDgYDVR0PAQH/BAQDAgeAMBMGA1UdJQQMMAoGCCsGAQUFBwMBMB8GA1Ud\n"
    "IwQYMBaAFFpWYGQ4wpjGA59RjvFn2HesBLUiMGIGCCsGAQUFBwEBBFYwVDAkBggr\n"
    "BgEFBQcwAYYYaHR0cDovL29jc3AucGtpLmV4YW1wbGUvMCwGCCsGAQUFBzAChiBo\n"
    "dHRwOi8vYWlhLnBraS5leGFtcGxlL3F3YWMxLmNlcjAcBgNVHREEFTATghFkdXJh\n"
    "bmQuZXhhbXBsZS5mcjAeBgNVHSAEFzAVMAgGBmeBDAECAzAJBgcEAIvsQAEFMDEG\n"
    "A1UdHwQqMCgwJqAkoCKGIGh0dHA6Ly9jcmwucGtpLmV4YW1wbGUvcXdhYzEuY3Js\n"
    "MIGFBggrBgEFBQcBAwR5MHcwCAYGBACORgEBMBMGBgQAjkYBBjAJBgcEAI5GAQYD\n"
    "MFYGBgQAjkYBBTBMMCQWHmh0dHBzOi8vcGtpLmV4YW1wbGUvcGRzX2VuLnBkZhMC\n"
    "ZW4wJBYeaHR0cHM6Ly9wa2kuZXhhbXBsZS9wZHNfZnIucGRmEwJmcjAKBggqhkjO\n"
    "PQQDAgNIADBFAiEAmew19biaggezsEYzORVqvxA0Md8mjxtPOEzSnpJ3NgUCIFxr\n"
    "aZOroVE01cf9Sg1CCXdoDi9bO0HTFvDngyd5aQ16\n"
    "-----END CERTIFICATE-----\n";

static const char golden_gen_pem[] __attribute__((unused)) =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIDbTCCAxOgAwIBAgIQD2PAupdBihuGxrOHxdkSDjAKBggqhkjOPQQDAjBkMQsw\n"
    "CQYDVQQGEwJGUjEVMBMGA1UECgwMRXhhbXBsZSBRVFNQMRgwFgYDVQRhDA9OVFJG\n"
    "Ui0xMjM0NTY3ODkxJDAiBgNVBAMMG0V4YW1wbGUgUVRTUCBRV0FDIEFDTUUgQ0Eg\n"
    "MTAeFw0yNjExMjMxMjAwMDBaFw0yNzA2MTAxMTU5NTlaMG8xCzAJBgNVBAYTAkZS\n"
    "MQ4wDAYDVQQHDAVQYXJpczEdMBsGA1UECgwUU29jacOpdMOpIEV4ZW1wbGUgU0Ex\n"
    "FzAVBgNVBAMMDnd3dy5leGFtcGxlLmZyMRgwFgYDVQRhDA9OVFJGUi0xMzAwMDc2\n"
    "NjkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQXH//TR7zYIlrS3ZCLooX5/ocq\n"
    "rkb8+l3OJbnEA1Zgy1H3flEHZVV4PpXWzu5h/UYcD72f+EvIHTc88aKZxycvo4IB\n"
    "mjCCAZYwDgYDVR0PAQH/BAQDAgeAMBMGA1UdJQQMMAoGCCsGAQUFBwMBMB8GA1Ud\n"
    "IwQYMBaAFFpWYGQ4wpjGA59RjvFn2HesBLUiMGIGCCsGAQUFBwEBBFYwVDAkBggr\n"
    "BgEFBQcwAYYYaHR0cDovL29jc3AucGtpLmV4YW1wbGUvMCwGCCsGAQUFBzAChiBo\n"
    "dHRwOi8vYWlhLnBraS5leGFtcGxlL3F3YWMxLmNlcjAZBgNVHREEEjAQgg53d3cu\n"
    "ZXhhbXBsZS5mcjAUBgNVHSAEDTALMAkGBwQAi+xAAQYwMQYDVR0fBCowKDAmoCSg\n"
    "IoYgaHR0cDovL2NybC5wa2kuZXhhbXBsZS9xd2FjMS5jcmwwgYUGCCsGAQUFBwED\n"
    "BHkwdzAIBgYEAI5GAQEwEwYGBACORgEGMAkGBwQAjkYBBgMwVgYGBACORgEFMEww\n"
    "JBYeaHR0cHM6Ly9wa2kuZXhhbXBsZS9wZHNfZW4ucGRmEwJlbjAkFh5odHRwczov\n"
    "L3BraS5leGFtcGxlL3Bkc19mci5wZGYTAmZyMAoGCCqGSM49BAMCA0gAMEUCIFLW\n"
    "VjbpCgjzeHqasgJYPEXlZH1CSkwaYz9Kjs0q/nnXAiEAzkYDU6dfPsIy+fL6dYzD\n"
    "4bkX38K+uCdShrVHFhJRAcE=\n"
    "-----END CERTIFICATE-----\n";

static const char golden_2qwac_pem[] __attribute__((unused)) =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIDeDCCAx6gAwIBAgIQT0n/5Lnd76565uzmozkFeTAKBggqhkjOPQQDAjBkMQsw\n"
    "CQYDVQQGEwJGUjEVMBMGA1UECgwMRXhhbXBsZSBRVFNQMRgwFgYDVQRhDA9OVFJG\n"
    "Ui0xMjM0NTY3ODkxJDAiBgNVBAMMG0V4YW1wbGUgUVRTUCBRV0FDIEFDTUUgQ0Eg\n"
    "MTAeFw0yNjExMjMxMjAwMDBaFw0yNzA2MTAxMTU5NTlaMG8xCzAJBgNVBAYTAkZS\n"
    "MQ4wDAYDVQQHDAVQYXJpczEdMBsGA1UECgwUU29jacOpdMOpIEV4ZW1wbGUgU0Ex\n"
    "FzAVBgNVBAMMDnd3dy5leGFtcGxlLmZyMRgwFgYDVQRhDA9OVFJGUi0xMzAwMDc2\n"
    "NjkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQeqR6MukjWkuKRCzZwged5ugM/\n"
    "w7JhiUVGJREJWsbhQT5yBqAVDuFgPYoMaQKbnlWZnvSGA7unEpJ+toqMYjQio4IB\n"
    "pTCCAaEwDgYDVR0PAQH/BAQDAgeAMBIGA1UdJQQLMAkGBwQAi+xDAQAwHwYDVR0j\n"
    "BBgwFoAUWlZgZDjCmMYDn1GO8WfYd6wEtSIwYgYIKwYBBQUHAQEEVjBUMCQGCCsG\n"
    "AQUFBzABhhhodHRwOi8vb2NzcC5wa2kuZXhhbXBsZS8wLAYIKwYBBQUHMAKGIGh0\n"
    "dHA6Ly9haWEucGtpLmV4YW1wbGUvcXdhYzEuY2VyMCUGA1UdEQQeMByCDnd3dy5l\n"
    "eGFtcGxlLmZyggpleGFtcGxlLmZyMBQGA1UdIAQNMAswCQYHBACL7EABBjAxBgNV\n"
    "HR8EKjAoMCagJKAihiBodHRwOi8vY3JsLnBraS5leGFtcGxlL3F3YWMxLmNybDCB\n"
    "hQYIKwYBBQUHAQMEeTB3MAgGBgQAjkYBATATBgYEAI5GAQYwCQYHBACORgEGAzBW\n"
    "BgYEAI5GAQUwTDAkFh5odHRwczovL3BraS5leGFtcGxlL3Bkc19lbi5wZGYTAmVu\n"
    "MCQWHmh0dHBzOi8vcGtpLmV4YW1wbGUvcGRzX2ZyLnBkZhMCZnIwCgYIKoZIzj0E\n"
    "AwIDSAAwRQIgO1oyb9l0uiPbUctzmzKYV9/AqvwCw/EWa+PTB/BazW0CIQDmDGqd\n"
    "RKcoZ6/0fxSPRWVN817xVDS9NPcjTeIFC4scuw==\n"
    "-----END CERTIFICATE-----\n";

/* The first "CERTIFICATE" of PEM. */
static inline qw_bytes_t golden_der(const char *pem, apr_pool_t *pool)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    unsigned char *data = NULL;
    char *name = NULL, *header = NULL;
    qw_bytes_t der = { NULL, 0 };
    long len = 0;

    if (PEM_read_bio(bio, &name, &header, &data, &len)) {
        der.data = apr_pmemdup(pool, data, (apr_size_t)len);
        der.len = (apr_size_t)len;
    }
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
    BIO_free(bio);
    return der;
}

/* What a test takes from a reference certificate. */
typedef struct {
    qw_bytes_t tbs, serial, spki, signature;
} golden_parts_t;

static inline golden_parts_t golden_parts(const qw_bytes_t *der)
{
    golden_parts_t parts;
    qw_der_in_t in = *der, certificate, tbs;
    int i;

    memset(&parts, 0, sizeof(parts));
    qw_der_enter(&in, QW_DER_SEQUENCE, &certificate);
    qw_der_next(&certificate, QW_DER_SEQUENCE, &parts.tbs, &tbs);
    qw_der_next(&certificate, -1, NULL, NULL);
    qw_der_next(&certificate, QW_DER_BIT_STRING, NULL, &parts.signature);
    parts.signature.data++;
    parts.signature.len--;
    qw_der_next(&tbs, -1, NULL, NULL);
    qw_der_next(&tbs, QW_DER_INTEGER, NULL, &parts.serial);
    for (i = 0; i < 4; i++) /* algorithm, issuer, validity, subject */
        qw_der_next(&tbs, -1, NULL, NULL);
    qw_der_next(&tbs, QW_DER_SEQUENCE, &parts.spki, NULL);
    return parts;
}

/* The references' issuer; it is self-signed, so qw_issuer_load() would not
 * take it. */
static inline qw_issuer_t *golden_issuer(apr_pool_t *pool)
{
    qw_issuer_t *issuer = apr_pcalloc(pool, sizeof(*issuer));
    qw_bytes_t der = golden_der(golden_ca_pem, pool);
    const unsigned char *at = der.data, *name;
    const ASN1_OCTET_STRING *ski;
    size_t len;

    issuer->cert = qw_own_X509(pool, d2i_X509(NULL, &at, (long)der.len));
    issuer->key = X509_get0_pubkey(issuer->cert);
    X509_NAME_get0_der(X509_get_subject_name(issuer->cert), &name, &len);
    issuer->subject.data = name;
    issuer->subject.len = len;
    ski = X509_get0_subject_key_id(issuer->cert);
    issuer->ski.data = ASN1_STRING_get0_data(ski);
    issuer->ski.len = (apr_size_t)ASN1_STRING_length(ski);
    qw_sigalg_of_key(&issuer->sig_alg, &issuer->digest, issuer->key);
    issuer->not_before = apr_time_from_sec(1795348800); /* 2026-11-22T12:00 */
    issuer->not_after = apr_time_from_sec(1890043200);  /* 2029-11-22T12:00 */
    return issuer;
}

static inline apr_array_header_t *golden_pds(apr_pool_t *pool)
{
    apr_array_header_t *pds = apr_array_make(pool, 2, sizeof(qw_tbs_pds_t));
    qw_tbs_pds_t en = { "en", "https://pki.example/pds_en.pdf" };
    qw_tbs_pds_t fr = { "fr", "https://pki.example/pds_fr.pdf" };

    APR_ARRAY_PUSH(pds, qw_tbs_pds_t) = en;
    APR_ARRAY_PUSH(pds, qw_tbs_pds_t) = fr;
    return pds;
}

static inline qw_identity_t *golden_identity(apr_pool_t *pool)
{
    qw_identity_t *identity = apr_pcalloc(pool, sizeof(*identity));

    identity->country = "FR";
    identity->locality = "Paris";
    identity->organization = "Soci\xc3\xa9t\xc3\xa9 Exemple SA";
    identity->organization_identifier = "NTRFR-130007669";
    return identity;
}

static inline qw_identity_t *golden_ev_identity(apr_pool_t *pool)
{
    qw_identity_t *identity = golden_identity(pool);

    identity->business_category = "Private Organization";
    identity->jurisdiction_country = "FR";
    identity->serial_number = "130007669";
    return identity;
}

/* Everything of the reference PEM but PROFILE and IDENTITY; NAMES separated by
 * a space. */
static inline qw_tbs_in_t golden_in(const char *pem,
                                    const qw_profile_t *profile,
                                    const qw_identity_t *identity,
                                    const char *names, apr_pool_t *pool)
{
    qw_bytes_t der = golden_der(pem, pool);
    golden_parts_t parts = golden_parts(&der);
    apr_array_header_t *list = apr_array_make(pool, 2, sizeof(const char *));
    char *copy = apr_pstrdup(pool, names), *last = NULL, *name;
    qw_tbs_in_t in;

    for (name = apr_strtok(copy, " ", &last); name != NULL;
         name = apr_strtok(NULL, " ", &last))
        APR_ARRAY_PUSH(list, const char *) = name;
    memset(&in, 0, sizeof(in));
    in.profile = profile;
    in.identity = identity;
    in.names = list;
    in.spki = parts.spki;
    in.serial = parts.serial;
    in.not_before = apr_time_from_sec(1795435200); /* 2026-11-23T12:00:00Z */
    in.days = 199;
    in.issuer = golden_issuer(pool);
    in.ocsp_url = "http://ocsp.pki.example/";
    in.issuer_url = "http://aia.pki.example/qwac1.cer";
    in.crl_url = "http://crl.pki.example/qwac1.crl";
    in.pds = golden_pds(pool);
    return in;
}

static inline const char *golden_tbs_hex(const char *pem, apr_pool_t *pool)
{
    qw_bytes_t der = golden_der(pem, pool);
    golden_parts_t parts = golden_parts(&der);

    return qw_hex_encode(parts.tbs.data, parts.tbs.len, pool);
}

#endif
