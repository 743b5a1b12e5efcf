/* Signed certificate timestamps: taken from answers, verified, embedded. */
#include "tap.h"
#include "x509_golden.h"

#include "ca/ct.h"
#include "x509/sct.h"

#include <apr_general.h>
#include <openssl/ec.h>

/* A log of this test: its key, and what it says. */
typedef struct {
    EVP_PKEY *key;
    qw_bytes_t spki;
    const char *id;
    unsigned char hash[32];
} log_t;

static log_t make_log(apr_pool_t *p)
{
    log_t log = { EVP_EC_gen("P-256"), { NULL, 0 }, NULL, { 0 } };
    unsigned char *der = NULL;
    int len = i2d_PUBKEY(log.key, &der);

    log.spki.data = apr_pmemdup(p, der, (apr_size_t)len);
    log.spki.len = (apr_size_t)len;
    OPENSSL_free(der);
    EVP_Q_digest(NULL, "SHA256", NULL, log.spki.data, log.spki.len, log.hash,
                 NULL);
    log.id = qw_hex_encode(log.hash, 32, p);
    return log;
}

static qw_tbs_in_t precert_in(apr_pool_t *p)
{
    qw_tbs_in_t in = golden_in(golden_qncp_w_pem, qw_profile_find("qncp-w"),
                               golden_identity(p), "www.example.fr", p);

    in.precert = 1;
    return in;
}

/* RFC6962-3.2 by hand: version, type, time, entry type, key hash, 24-bit length,
 * TBS, no extensions. */
static qw_bytes_t part(const qw_bytes_t *tbs, const char *issuer, apr_pool_t *p)
{
    unsigned char *data = apr_pcalloc(p, tbs->len + 64), *at = data;
    qw_bytes_t hash, all;

    at[9] = 9; /* the time: 9 ms */
    at[11] = 1;
    at += 12;
    if (!qw_hex_decode(&hash, issuer, p))
        return (qw_bytes_t){ NULL, 0 };
    memcpy(at, hash.data, 32);
    at += 32;
    at[0] = (unsigned char)(tbs->len >> 16);
    at[1] = (unsigned char)(tbs->len >> 8);
    at[2] = (unsigned char)tbs->len;
    memcpy(at + 3, tbs->data, tbs->len);
    at += 3 + tbs->len + 2;
    all.data = data;
    all.len = (apr_size_t)(at - data);
    return all;
}

static json_t *answer(const log_t *log, const qw_bytes_t *over, apr_pool_t *p)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char sig[128] = { 4, 3, 0, 0 };
    size_t len = sizeof(sig) - 4;
    json_t *a = qw_json_new_object(p);

    EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, log->key);
    EVP_DigestSign(ctx, sig + 4, &len, over->data, over->len);
    EVP_MD_CTX_free(ctx);
    sig[3] = (unsigned char)len;
    json_object_set_new(a, "sct_version", json_integer(0));
    json_object_set_new(a, "timestamp", json_integer(9));
    json_object_set_new(a, "id", json_string(qw_b64_encode(log->hash, 32, p)));
    json_object_set_new(a, "extensions", json_string(""));
    json_object_set_new(a, "signature",
                        json_string(qw_b64_encode(sig, len + 4, p)));
    return a;
}

static void embeds(const qw_tbs_in_t *in, const qw_bytes_t *tbs,
                   const qw_bytes_t *bare, apr_pool_t *p)
{
    apr_array_header_t *none = apr_array_make(p, 1, sizeof(qw_bytes_t));
    static const unsigned char two[] = { 1, 2 };
    static const unsigned char want[] = { 0x30, 0x16, 0x06, 0x0a, 0x2b, 0x06,
                                          0x01, 0x04, 0x01, 0xd6, 0x79, 0x02,
                                          0x04, 0x02, 0x04, 0x08, 0x04, 0x06,
                                          0x00, 0x04, 0x00, 0x02, 0x01, 0x02 };
    qw_bytes_t got, ext = { want, sizeof(want) }, tail, sct = { two, 2 };
    qw_tbs_in_t plain = *in;

    plain.precert = 0;
    ok(qw_tbs_make(&got, &plain, p) == NULL && qw_bytes_equal(&got, bare),
       "[FIN-31] without poison it is the certificate without SCTs");
    ok(qw_tbs_lint(tbs, in, p) == NULL, "a precertificate passes the lint");
    ok(qw_tbs_lint(tbs, &plain, p) != NULL, "but not as a certificate");
    ok(qw_tbs_lint(bare, in, p) != NULL, "nor without its poison");
    APR_ARRAY_PUSH(none, qw_bytes_t) = sct;
    ok(qw_sct_embed(&got, tbs, none, p) == NULL, "SCTs are embedded");
    tail.data = got.data + got.len - ext.len;
    tail.len = ext.len;
    ok(qw_bytes_equal(&tail, &ext), "in the poison's place, as RFC 6962 says");
    ok(qw_sct_embed(&got, bare, none, p) != NULL, "only of a precertificate");
    ok(qw_sct_embed(&got, &sct, none, p) != NULL, "not of what is none");
}

static void wrong_answers(const log_t *log, const qw_bytes_t *over,
                          apr_pool_t *p)
{
    static const struct {
        const char *member, *value; /* NULL: taken away */
    } cases[] = {
        { "id", "AAAA" },        { "id", NULL },        { "signature", "BAM=" },
        { "signature", "" },     { "signature", NULL }, { "extensions", "-" },
        { "extensions", "AAA" }, { "timestamp", "9" },  { "timestamp", NULL },
        { "sct_version", NULL },
    };
    qw_bytes_t sct;

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *a = answer(log, over, p);
        qw_problem_t *prob;

        if (cases[i].value != NULL)
            json_object_set_new(a, cases[i].member,
                                json_string(cases[i].value));
        else
            json_object_del(a, cases[i].member);
        prob = qw_sct_parse(&sct, a, p);
        ok(prob != NULL && prob->code == QW_E_MALFORMED, "%s %s is refused",
           cases[i].member, cases[i].value != NULL ? cases[i].value : "absent");
    }
}

static void verifies(const qw_bytes_t *tbs, const qw_bytes_t *bare,
                     const char *issuer, apr_pool_t *p)
{
    qw_sct_entry_t entry = { *tbs, issuer };
    log_t log = make_log(p), other = make_log(p);
    qw_bytes_t over = part(bare, issuer, p), wrong = part(tbs, issuer, p), sct;
    unsigned char *broken;

    ok(qw_sct_parse(&sct, answer(&log, &over, p), p) == NULL, "an answer");
    ok(qw_sct_verify(&sct, log.id, &log.spki, &entry, p) == NULL,
       "a promise that the log made");
    ok(qw_sct_verify(&sct, other.id, &log.spki, &entry, p) != NULL,
       "not of another log");
    ok(qw_sct_verify(&sct, log.id, &other.spki, &entry, p) != NULL,
       "not by another key");
    broken = apr_pmemdup(p, sct.data, sct.len);
    broken[40] ^= 1; /* the time */
    sct.data = broken;
    ok(qw_sct_verify(&sct, log.id, &log.spki, &entry, p) != NULL,
       "not of another time");
    broken[40] ^= 1;
    broken[43] = 6; /* SHA-512 */
    ok(qw_sct_verify(&sct, log.id, &log.spki, &entry, p) != NULL,
       "not with another hash");
    broken[43] = 4;
    sct.len--;
    ok(qw_sct_verify(&sct, log.id, &log.spki, &entry, p) != NULL,
       "not cut short");
    ok(qw_sct_parse(&sct, answer(&log, &wrong, p), p) == NULL
           && qw_sct_verify(&sct, log.id, &log.spki, &entry, p) != NULL,
       "not over anything else");
    wrong_answers(&log, &over, p);
    EVP_PKEY_free(log.key);
    EVP_PKEY_free(other.key);
}

/* Of what is stored, the signer takes what it has verified itself. */
static void chooses(const qw_bytes_t *tbs, const qw_bytes_t *bare,
                    const char *issuer, apr_pool_t *p)
{
    qw_sct_entry_t entry = { *tbs, issuer };
    log_t log = make_log(p);
    qw_bytes_t over = part(bare, issuer, p), wrong = part(tbs, issuer, p), sct;
    qw_ct_log_t conf = { "Alpha", "", log.id, log.spki, "", 0, 0 };
    qw_authority_t *a = apr_pcalloc(p, sizeof(*a));
    apr_array_header_t *stored = apr_array_make(p, 1, sizeof(void *));
    qw_sct_t promise = { "p", log.id, NULL, 1 };

    a->ct_logs = apr_array_make(p, 1, sizeof(qw_ct_log_t));
    APR_ARRAY_PUSH(a->ct_logs, qw_ct_log_t) = conf;
    APR_ARRAY_PUSH(stored, qw_sct_t *) = &promise;
    ok(qw_sct_parse(&sct, answer(&log, &over, p), p) == NULL, "a promise");
    promise.sct = qw_b64url_encode(sct.data, sct.len, p);
    ok(qw_ct_choose(a, stored, &entry, 2, p)->nelts == 1, "is chosen");
    ok(qw_sct_parse(&sct, answer(&log, &wrong, p), p) == NULL, "another");
    promise.sct = qw_b64url_encode(sct.data, sct.len, p);
    ok(qw_ct_choose(a, stored, &entry, 2, p)->nelts == 0,
       "is not, if it is for something else");
    EVP_PKEY_free(log.key);
}

static void bounds(void)
{
    apr_time_t days = apr_time_from_sec((apr_time_t)180 * 86400);
    apr_time_t second = apr_time_from_sec(1);
    qw_ct_log_t log = { .from = 10, .until = 20 };

    ok(!qw_ct_log_takes(&log, 9) && qw_ct_log_takes(&log, 10),
       "a log takes certificates that end at its start");
    ok(qw_ct_log_takes(&log, 19) && !qw_ct_log_takes(&log, 20),
       "and none that end at its end");
    log.until = 0;
    ok(qw_ct_log_takes(&log, 20), "unless it has no end");
    ok(qw_ct_needed(0, days - second) == 2 && qw_ct_needed(0, days) == 3,
       "beyond 180 days three operators are needed");
}

/* The promises of A and B, both of Alpha's logs, and no log else that is open:
 * an operator counts once, so that another one is looked for. */
static void counts_operators(apr_pool_t *p)
{
    qw_authority_t *a = apr_pcalloc(p, sizeof(*a));
    qw_sct_t promises[] = { { "p", "A", "", 1 }, { "p", "B", "", 1 } };
    qw_ct_log_t logs[] = { { .operator_name = "Alpha", .id = "A" },
                           { .operator_name = "Alpha", .id = "B" },
                           { .operator_name = "Beta", .id = "C", .from = 9 } };
    qw_ct_submission_t s = { .authority = a, .chain = "[]", .not_after = 5 };
    apr_array_header_t *stored = apr_array_make(p, 2, sizeof(void *)), *fresh;
    const char *why = NULL;

    a->ct_logs = apr_array_make(p, 3, sizeof(qw_ct_log_t));
    for (int i = 0; i < 3; i++)
        APR_ARRAY_PUSH(a->ct_logs, qw_ct_log_t) = logs[i];
    APR_ARRAY_PUSH(stored, qw_sct_t *) = &promises[0];
    ok(qw_ct_submit(&fresh, &why, &s, stored, 1, p) == NULL && why == NULL,
       "one promise is enough where one is needed");
    APR_ARRAY_PUSH(stored, qw_sct_t *) = &promises[1];
    ok(qw_ct_submit(&fresh, &why, &s, stored, 2, p) == NULL && why != NULL,
       "two of one operator are not where two are needed");
}

int main(void)
{
    apr_array_header_t *nothing = NULL;
    qw_bytes_t tbs, bare;
    qw_tbs_in_t in;
    apr_pool_t *p;

    apr_initialize();
    apr_pool_create(&p, NULL);
    in = precert_in(p);
    ok(qw_tbs_make(&tbs, &in, p) == NULL, "a precertificate");
    ok(qw_sct_embed(&bare, &tbs, nothing, p) == NULL, "what logs sign of it");
    embeds(&in, &tbs, &bare, p);
    verifies(&tbs, &bare,
             "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
             p);
    chooses(&tbs, &bare,
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            p);
    bounds();
    counts_operators(p);
    apr_pool_destroy(p);
    return done_testing();
}
