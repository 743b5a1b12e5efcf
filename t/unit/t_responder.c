/* The certificate of a delegated OCSP responder. */
#include "tap.h"
#include "status_golden.h"

static void golden(const json_t *all, const char *kind, apr_pool_t *p)
{
    qw_bytes_t der = status_octets(status_member(all, kind), "responder", p);
    qw_issuer_t *issuer = status_issuer(kind, p);
    qw_cert_facts_t *facts = NULL;
    qw_responder_in_t in = { .issuer = issuer };
    qw_bytes_t tbs = { NULL, 0 }, want, rest;
    qw_der_in_t at = der, body;

    ok(issuer != NULL && qw_cert_parse(&facts, &der, p) == NULL,
       "%s: there is a reference", kind);
    if (facts == NULL || issuer == NULL)
        return;
    qw_der_enter(&at, QW_DER_SEQUENCE, &body);
    qw_der_next(&body, QW_DER_SEQUENCE, &want, NULL);
    qw_der_next(&body, QW_DER_SEQUENCE, NULL, NULL);
    qw_der_next(&body, QW_DER_BIT_STRING, NULL, &rest);
    in.spki = facts->spki;
    in.serial = status_hex(facts->serial, p);
    in.not_before = facts->not_before;
    in.not_after = facts->not_after + 999999;
    ok(qw_responder_tbs(&tbs, &in, p) == NULL, "%s: it is made", kind);
    is_str(status_show(&tbs, p), status_show(&want, p),
           "and comes to the reference's octets");
    ok(qw_responder_lint(&tbs, &in, p) == NULL, "%s passes the last look",
       kind);
    rest.data++;
    rest.len--;
    ok(qw_cert_assemble(&want, &tbs, issuer, &rest, p) == NULL
           && qw_bytes_equal(&want, &der)
           && qw_cert_verify(&der, &tbs, issuer, p) == NULL,
       "%s: whole, with the reference's signature", kind);
}

/* Each octet counts: no other certificate passes for this one. */
static void flips(const status_ca_t *ca, apr_pool_t *p)
{
    qw_responder_in_t in = status_responder_in(ca, p);
    apr_pool_t *round;
    apr_size_t at, missed = 0;
    qw_bytes_t tbs;

    if (qw_responder_tbs(&tbs, &in, p) != NULL) {
        ok(0, "it is made");
        return;
    }
    apr_pool_create(&round, p);
    for (at = 0; at < tbs.len; at++) {
        qw_bytes_t other = status_flip(&tbs, at, round);

        if (qw_responder_lint(&other, &in, round) == NULL) {
            printf("# octet %lu\n", (unsigned long)at);
            missed++;
        }
        other = status_cut(&tbs, at, round);
        missed += qw_responder_lint(&other, &in, round) == NULL;
        apr_pool_clear(round);
    }
    ok(missed == 0, "the last look sees each changed octet and each cut");
}

/* TBS with SUBJECT (content) in place of its own, and EXTRA behind its
 * extensions. */
static qw_bytes_t altered(const qw_bytes_t *tbs, const qw_bytes_t *subject,
                          const qw_bytes_t *extra, apr_pool_t *p)
{
    qw_der_in_t all = *tbs, body, tagged, list;
    apr_size_t seq, tag, inner;
    qw_bytes_t part;
    qw_der_t out;
    int i;

    qw_der_enter(&all, QW_DER_SEQUENCE, &body);
    qw_der_start(&out, p);
    seq = qw_der_open(&out, QW_DER_SEQUENCE);
    for (i = 0; i < 7; i++) { /* version to key; the sixth is the subject */
        qw_der_next(&body, -1, &part, NULL);
        if (i == 5)
            qw_der_put(&out, QW_DER_SEQUENCE, subject->data, subject->len);
        else
            qw_der_raw(&out, &part);
    }
    qw_der_enter(&body, QW_DER_CONTEXT_OF + 3, &tagged);
    qw_der_enter(&tagged, QW_DER_SEQUENCE, &list);
    tag = qw_der_open(&out, QW_DER_CONTEXT_OF + 3);
    inner = qw_der_open(&out, QW_DER_SEQUENCE);
    qw_der_raw(&out, &list);
    qw_der_raw(&out, extra);
    qw_der_close(&out, inner);
    qw_der_close(&out, tag);
    qw_der_close(&out, seq);
    return qw_der_bytes(&out);
}

/* What is good in its parts and is not as a whole. */
static void whole(const status_ca_t *ca, apr_pool_t *p)
{
    qw_bytes_t nocheck = status_hex("300f06092b06010505073001050402"
                                    "0500",
                                    p);
    qw_responder_in_t in = status_responder_in(ca, p);
    qw_bytes_t none = { NULL, 0 }, tbs, other, name, first;
    qw_der_in_t all, body = { NULL, 0 }, subject = { NULL, 0 }, rest;
    qw_der_t out;
    int i;

    ok(qw_responder_tbs(&tbs, &in, p) == NULL, "a good one");
    all = tbs;
    qw_der_enter(&all, QW_DER_SEQUENCE, &body);
    for (i = 0; i < 6; i++)
        qw_der_enter(&body, -1, &subject);
    other = altered(&tbs, &subject, &none, p);
    ok(qw_bytes_equal(&other, &tbs), "altered by nothing");
    other = altered(&tbs, &subject, &nocheck, p);
    ok(status_broke(qw_responder_lint(&other, &in, p), "twice"),
       "an extension twice");
    qw_der_start(&out, p);
    qw_der_raw(&out, &subject);
    qw_der_raw(&out, &subject);
    name = qw_der_bytes(&out);
    other = altered(&tbs, &name, &none, p);
    ok(status_broke(qw_responder_lint(&other, &in, p), "not one common name"),
       "two common names");
    rest = subject;
    qw_der_next(&rest, QW_DER_SET, &first, NULL);
    qw_der_next(&rest, QW_DER_SET, &first, NULL);
    other = altered(&tbs, &rest, &none, p);
    ok(status_broke(qw_responder_lint(&other, &in, p), "missing"),
       "country and organization left out");
}

static void openssl(const status_ca_t *ca, apr_pool_t *p)
{
    X509_STORE *store = qw_own_X509_STORE(p, X509_STORE_new());
    X509_STORE_CTX *ctx = qw_own_X509_STORE_CTX(p, X509_STORE_CTX_new());
    X509_stack *chain = qw_own_X509_stack(p, sk_X509_new_null());
    X509 *cert = status_x509(&ca->responder, p);

    X509_STORE_add_cert(store, ca->root);
    X509_up_ref(ca->issuer->cert);
    sk_X509_push(chain, ca->issuer->cert);
    X509_STORE_CTX_init(ctx, store, cert, chain);
    X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_X509_STRICT);
    X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_OCSP_HELPER);
    ok(X509_verify_cert(ctx) == 1, "strict OpenSSL takes it: %s",
       X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
    ok((X509_get_extended_key_usage(cert) == XKU_OCSP_SIGN)
           && X509_get_key_usage(cert) == KU_DIGITAL_SIGNATURE
           && X509_get_ext_by_NID(cert, NID_id_pkix_OCSP_noCheck, -1) >= 0,
       "it signs answers, nothing else, and is not to be checked");
    ok(X509_get_ext_count(cert) == 5
           && X509_get_ext_by_NID(cert, NID_info_access, -1) < 0
           && X509_get_ext_by_NID(cert, NID_crl_distribution_points, -1) < 0
           && X509_get_ext_by_NID(cert, NID_subject_alt_name, -1) < 0
           && X509_get_ext_by_NID(cert, NID_basic_constraints, -1) < 0,
       "no AIA, CRL points, names or basic constraints");
}

static void refuses(const qw_responder_in_t *in, const char *cause,
                    const char *what, apr_pool_t *p)
{
    qw_bytes_t tbs;

    ok(status_broke(qw_responder_tbs(&tbs, in, p), cause), "%s", what);
}

static void refused(const status_ca_t *ca, apr_pool_t *p)
{
    qw_responder_in_t good = status_responder_in(ca, p), in = good;
    unsigned char high[16] = { 0x80 };
    qw_bytes_t tbs;

    in.serial.len = 15;
    refuses(&in, "serial", "a serial of 15 octets", p);
    in.serial.len = 16;
    in.serial.data = high;
    refuses(&in, "serial", "a negative serial", p);
    high[0] = 0;
    refuses(&in, "serial", "a serial that begins with 0", p);
    in = good;
    in.spki.len--;
    refuses(&in, "key", "a key that is cut", p);
    in = good;
    in.not_before = ca->issuer->not_before - 1;
    refuses(&in, "validity", "before the issuer's beginning", p);
    in.not_before = ca->issuer->not_after;
    refuses(&in, "validity", "at the issuer's end", p);
    in = good;
    in.not_after = in.not_before;
    refuses(&in, "validity", "no time at all", p);
    in.not_after = QW_TIME_NEVER;
    ok(qw_responder_tbs(&tbs, &in, p) == NULL
           && qw_responder_lint(&tbs, &in, p) == NULL,
       "the end is cut at the issuer's");
    good.serial = status_fill(16, p);
    ((unsigned char *)good.serial.data)[15] = 0;
    ok(qw_responder_lint(&tbs, &good, p) != NULL,
       "and the last look does not take one of another serial");
}

/* ISSUER with the common name NAME; NULL: without one. */
static qw_issuer_t named(const qw_issuer_t *issuer, const char *name,
                         apr_pool_t *p)
{
    qw_issuer_t other = *issuer;
    X509_NAME *subject = X509_NAME_new();
    const unsigned char *der;
    size_t len;

    X509_NAME_add_entry_by_txt(subject, "C", MBSTRING_ASC,
                               (const unsigned char *)"FR", -1, -1, 0);
    X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8,
                               (const unsigned char *)"Exemple", -1, -1, 0);
    X509_NAME_add_entry_by_txt(subject, "OU", MBSTRING_UTF8,
                               (const unsigned char *)"Unit", -1, -1, 0);
    if (name != NULL)
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                   (const unsigned char *)name, -1, -1, 0);
    other.cert = qw_own_X509(p, X509_new());
    X509_set_subject_name(other.cert, subject);
    X509_NAME_free(subject);
    X509_NAME_get0_der(X509_get_subject_name(other.cert), &der, &len);
    other.subject.data = der;
    other.subject.len = len;
    return other;
}

/* Hex of TEXT. */
static const char *hex(const char *text, apr_pool_t *p)
{
    return qw_hex_encode((const unsigned char *)text, strlen(text), p);
}

static void names(const status_ca_t *ca, apr_pool_t *p)
{
    qw_responder_in_t in = status_responder_in(ca, p);
    const char *accents = "", *kept = "", *found;
    qw_issuer_t issuer;
    qw_bytes_t tbs;
    int i;

    for (i = 0; i < 60; i++)
        accents = apr_pstrcat(p, accents, "\xc3\xa9", NULL);
    for (i = 0; i < 50; i++)
        kept = apr_pstrcat(p, kept, "\xc3\xa9", NULL);
    issuer = named(ca->issuer, accents, p);
    in.issuer = &issuer;
    in.not_before = apr_time_from_sec(2524607999); /* 2049-12-31T23:59:59Z */
    in.not_after = in.not_before + apr_time_from_sec(1);
    issuer.not_before = in.not_before;
    issuer.not_after = in.not_after;
    ok(qw_responder_tbs(&tbs, &in, p) == NULL
           && qw_responder_lint(&tbs, &in, p) == NULL,
       "an issuer of 60 characters, at the end of 2049");
    found = status_show(&tbs, p);
    ok(strstr(found, apr_pstrcat(p, "0c72", hex(kept, p),
                                 hex(" OCSP 20491231", p), NULL))
           != NULL,
       "the common name is cut to 64 characters, not octets");
    ok(strstr(found, "170d3439313233313233353935395a"
                     "180f32303530303130313030303030305a")
           != NULL,
       "UTCTime to 2049, GeneralizedTime from 2050");
    found = strstr(found, hex("Exemple", p)) + 1;
    found = strstr(found, hex("Exemple", p));
    ok(found != NULL && strstr(found, hex("Unit", p)) == NULL,
       "the issuer's O is copied, its OU is not");
    issuer = named(ca->issuer, NULL, p);
    in.not_before = issuer.not_before;
    refuses(&in, "common name", "an issuer without a common name", p);
}

int main(void)
{
    static const char *const types[] = { "P-256", "P-384", "RSA-2048" };
    status_ca_t ca;
    apr_pool_t *p;
    json_t *all;
    apr_size_t i;

    setvbuf(stdout, NULL, _IOLBF, 0);
    apr_initialize();
    apr_pool_create(&p, NULL);
    all = status_all(p);
    for (i = 0; i < 2; i++)
        golden(all, status_kinds[i], p);
    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        ok(status_ca(&ca, types[i], p) && status_responder(&ca, p),
           "a responder below %s", types[i]);
        openssl(&ca, p);
    }
    flips(&ca, p);
    whole(&ca, p);
    refused(&ca, p);
    names(&ca, p);
    ok(ERR_peek_error() == 0, "the error queue is empty");
    apr_pool_destroy(p);
    return done_testing();
}
