/* OCSP: requests, answers and what OpenSSL's client says of them. */
#include "tap.h"
#include "status_golden.h"

#include "x509/ocsp_answer.h"
#include "x509/ocsp_request.h"

#include <openssl/ocsp.h>

/* ---- answers ---- */

static qw_ocsp_status_e status_of(const char *name)
{
    if (strcmp(name, "good") == 0)
        return QW_OCSP_GOOD;
    return strcmp(name, "revoked") == 0 ? QW_OCSP_REVOKED : QW_OCSP_UNKNOWN;
}

static qw_ocsp_answer_in_t read_in(const json_t *row, const qw_issuer_t *issuer,
                                   const qw_bytes_t *spki, apr_pool_t *p)
{
    const json_t *list = status_member(row, "singles");
    apr_size_t n = json_array_size(list), i;
    qw_ocsp_single_t *singles = apr_pcalloc(p, (n + 1) * sizeof(*singles));
    qw_ocsp_answer_in_t in = { .digest = status_text(row, "digest"),
                               .issuer = issuer,
                               .singles = singles,
                               .n = (int)n };

    for (i = 0; i < n; i++) {
        const json_t *entry = json_array_get(list, i);

        singles[i].status = status_of(status_text(entry, "status"));
        singles[i].revoked_at = status_time(entry, "revoked_at");
        singles[i].reason = (int)status_int(entry, "reason");
        singles[i].serial = status_text(entry, "serial");
    }
    (void)qw_ocsp_key_hash(&in.responder_key_hash, QW_OCSP_SHA1, spki, p);
    in.produced_at = status_time(row, "produced_at");
    in.this_update = status_time(row, "this_update");
    in.next_update = status_time(row, "next_update");
    in.archive_cutoff = status_time(row, "archive_cutoff");
    if (status_text(row, "nonce")[0] != '\0')
        in.nonce = status_octets(row, "nonce", p);
    return in;
}

static int same_facts(const qw_ocsp_answer_t *f, const qw_ocsp_answer_in_t *in)
{
    const qw_ocsp_single_t *first = &in->singles[0];
    int revoked = first->status == QW_OCSP_REVOKED;

    return f->n == in->n && f->status == first->status
           && strcmp(f->id.serial, first->serial) == 0
           && strcmp(f->id.digest, in->digest) == 0
           && qw_issuer_is_ocsp(in->issuer, &f->id)
           && f->this_update == in->this_update
           && f->next_update == in->next_update
           && f->produced_at == in->produced_at
           && f->revoked_at == (revoked ? first->revoked_at : 0)
           && f->reason == (revoked ? first->reason : 0)
           && f->archive_cutoff == in->archive_cutoff
           && qw_bytes_equal(&f->nonce, &in->nonce)
           && qw_bytes_equal(&f->responder_key_hash, &in->responder_key_hash);
}

/* OpenSSL as a client that trusts the issuer: 1 if it takes DER a minute after WHEN. */
static int client_takes(const qw_bytes_t *der, const qw_issuer_t *issuer,
                        apr_time_t when, apr_pool_t *p)
{
    const unsigned char *at = der->data;
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &at, (long)der->len);
    OCSP_BASICRESP *basic =
        response != NULL ? OCSP_response_get1_basic(response) : NULL;
    X509_STORE *store = qw_own_X509_STORE(p, X509_STORE_new());
    X509_VERIFY_PARAM *param = X509_STORE_get0_param(store);
    int good;

    X509_STORE_add_cert(store, issuer->cert);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN
                                           | X509_V_FLAG_X509_STRICT);
    X509_VERIFY_PARAM_set_time(param, (time_t)apr_time_sec(when) + 60);
    good = basic != NULL && OCSP_basic_verify(basic, NULL, store, 0) == 1;
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
    if (!good)
        printf("# %s\n", qw_openssl_reasons(p));
    return good;
}

static void answer(const json_t *row, const qw_issuer_t *issuer,
                   const qw_bytes_t *spki, apr_pool_t *p)
{
    const char *name = status_text(row, "name");
    qw_bytes_t want = status_octets(row, "der", p), tbs = { NULL, 0 }, der;
    qw_ocsp_answer_in_t in = read_in(row, issuer, spki, p);
    qw_ocsp_answer_t *f = NULL;
    qw_problem_t *problem = qw_ocsp_answer_read(&f, &want, p);

    ok(problem == NULL, "%s: the reference is read", name);
    if (problem != NULL) {
        printf("# %s\n", problem->detail);
        return;
    }
    ok(same_facts(f, &in), "%s: what went in comes out", name);
    in.this_update += 999999; /* whole seconds are written */
    in.produced_at += 999999;
    ok(qw_ocsp_answer_make(&tbs, &in, p) == NULL, "%s is made", name);
    is_str(status_show(&tbs, p), status_show(&f->tbs, p),
           "and comes to the reference's octets");
    ok(qw_ocsp_answer_assemble(&der, &tbs, &f->sig_alg, &f->signature, &f->cert,
                               p)
               == NULL
           && qw_bytes_equal(&der, &want),
       "%s: so does the whole", name);
    ok(qw_ocsp_answer_verify(&der, spki, p) == NULL, "%s verifies", name);
    ok(client_takes(&der, issuer, in.this_update, p), "%s: OpenSSL takes it",
       name);
}

/* No octet may change, no beginning may pass. */
static void untrue(const json_t *row, const qw_bytes_t *spki, apr_pool_t *p)
{
    qw_bytes_t der = status_octets(row, "der", p), other;
    qw_ocsp_answer_t *f;
    apr_pool_t *round;
    apr_size_t at, end, taken = 0;
    unsigned char *longer = apr_pcalloc(p, der.len + 1);

    if (qw_ocsp_answer_read(&f, &der, p) != NULL)
        return;
    end = (apr_size_t)(f->signature.data - der.data) + f->signature.len;
    apr_pool_create(&round, p);
    for (at = 0; at < der.len; at++) {
        other = status_cut(&der, at, round);
        taken += qw_ocsp_answer_verify(&other, spki, round) == NULL;
        other = status_flip(&der, at, round);
        if (qw_ocsp_answer_verify(&other, spki, round) == NULL && at < end) {
            printf("# octet %lu\n", (unsigned long)at);
            taken++;
        }
        apr_pool_clear(round);
    }
    ok(taken == 0, "%s: no beginning and no other octet verifies",
       status_text(row, "name"));
    memcpy(longer, der.data, der.len);
    other.data = longer;
    other.len = der.len + 1;
    ok(qw_ocsp_answer_read(&f, &other, p) != NULL, "nothing may follow");
}

static void answers(const json_t *all, const char *kind, apr_pool_t *p)
{
    const json_t *part = status_member(all, kind);
    qw_issuer_t *issuer = status_issuer(kind, p);
    qw_bytes_t cert = status_octets(part, "responder", p);
    qw_cert_facts_t *facts;
    json_t *row;
    apr_size_t i;

    if (issuer == NULL || qw_cert_parse(&facts, &cert, p) != NULL) {
        ok(0, "%s: issuer and responder", kind);
        return;
    }
    json_array_foreach(status_member(part, "answers"), i, row)
    {
        answer(row, issuer, &facts->spki, p);
        if (i < 2 || json_array_size(status_member(row, "singles")) > 1)
            untrue(row, &facts->spki, p);
    }
}

/* By the issuer itself and by a delegate, and by nobody else. */
static void signers(const char *type, apr_pool_t *p)
{
    qw_ocsp_single_t single = { QW_OCSP_REVOKED, apr_time_from_sec(946684800),
                                1, "4a01" };
    qw_ocsp_answer_in_t in = { .digest = "sha1", .singles = &single, .n = 1 };
    qw_bytes_t tbs, der, signature, own, alg;
    const char *digest;
    status_ca_t ca;

    ok(status_ca(&ca, type, p) && status_responder(&ca, p), "a CA with %s",
       type);
    in.issuer = ca.issuer;
    in.this_update = in.produced_at = ca.issuer->not_before;
    in.next_update = in.this_update + apr_time_from_sec(100 * 86400);
    own = status_spki(ca.issuer->key, p);
    ok(qw_ocsp_key_hash(&in.responder_key_hash, QW_OCSP_SHA1, &own, p)
           && qw_bytes_equal(&in.responder_key_hash,
                             &ca.issuer->ocsp_key_hash[QW_OCSP_SHA1])
           && qw_ocsp_answer_make(&tbs, &in, p) == NULL,
       "%s: the issuer answers", type);
    signature = status_sign(ca.key, ca.issuer->digest, &tbs, p);
    ok(qw_ocsp_answer_assemble(&der, &tbs, &ca.issuer->sig_alg, &signature,
                               NULL, p)
               == NULL
           && qw_ocsp_answer_verify(&der, &own, p) == NULL,
       "%s: its own answer verifies", type);
    ok(status_broke(qw_ocsp_answer_verify(&der, &ca.spki, p), "another"),
       "%s: but not as the delegate's", type);
    ok(qw_sigalg_of_key(&alg, &digest, ca.responder_key)
           && qw_ocsp_key_hash(&in.responder_key_hash, QW_OCSP_SHA1, &ca.spki,
                               p)
           && qw_ocsp_answer_make(&tbs, &in, p) == NULL,
       "%s: the delegate answers", type);
    ok(qw_ocsp_answer_assemble(&der, &tbs, &alg, &signature, &ca.responder, p)
               == NULL
           && status_broke(qw_ocsp_answer_verify(&der, &ca.spki, p), "verify"),
       "%s: with another's signature it does not verify", type);
    signature = status_sign(ca.responder_key, digest, &tbs, p);
    ok(qw_ocsp_answer_assemble(&der, &tbs, &alg, &signature, &ca.responder, p)
               == NULL
           && qw_ocsp_answer_verify(&der, &ca.spki, p) == NULL
           && client_takes(&der, ca.issuer, in.this_update, p),
       "%s: with its own it does", type);
}

static int refuses(const qw_ocsp_answer_in_t *in, const char *cause,
                   apr_pool_t *p)
{
    qw_bytes_t tbs;

    return status_broke(qw_ocsp_answer_make(&tbs, in, p), cause);
}

static void refused(const qw_issuer_t *issuer, apr_pool_t *p)
{
    qw_ocsp_single_t single = { QW_OCSP_GOOD, 0, 0, "4a01" };
    qw_ocsp_answer_in_t in = { .digest = "sha1",
                               .issuer = issuer,
                               .singles = &single,
                               .n = 1,
                               .responder_key_hash =
                                   issuer->ocsp_key_hash[QW_OCSP_SHA1] };
    qw_bytes_t none = { NULL, 0 }, tbs, der;

    single.status = QW_OCSP_REVOKED;
    single.revoked_at = apr_time_from_sec(2524608000 - 1);
    ok(qw_ocsp_answer_make(&tbs, &in, p) == NULL
           && strstr(status_show(&tbs, p),
                     "a111180f32303439313233313233353935395a")
                  != NULL,
       "GeneralizedTime before 2050 as well, and no reason");
    ok(status_broke(qw_ocsp_answer_assemble(&der, &tbs, &issuer->sig_alg, &none,
                                            NULL, p),
                    "empty"),
       "no empty signature");
    in.n = 0;
    ok(refuses(&in, "no certificate", p), "no certificate");
    in.n = 1;
    in.digest = "md5";
    ok(refuses(&in, "hash", p), "another hash");
    in.digest = "sha256";
    in.responder_key_hash.len = 19;
    ok(refuses(&in, "SHA-1", p), "a responder's hash that is cut");
    in.responder_key_hash.len = 20;
    in.next_update = -1;
    ok(refuses(&in, "times", p), "an end before the beginning");
    in.next_update = QW_TIME_NEVER;
    single.reason = 7;
    ok(refuses(&in, "reason", p), "a reason that does not exist");
    single.reason = -1;
    single.serial = "xy";
    ok(refuses(&in, "serial", p), "a serial that is no hex");
    single.serial = "4a01";
    ok(qw_ocsp_answer_make(&tbs, &in, p) == NULL, "and all is well again");
}

static void errors(apr_pool_t *p)
{
    static const int statuses[] = { 1, 2, 3, 6, 5, -1 };
    apr_size_t i;

    for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        const qw_bytes_t *der = qw_ocsp_error(statuses[i]);
        const unsigned char *at = der->data;
        OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &at, (long)der->len);
        int want = i < 4 ? statuses[i] : 2;
        qw_ocsp_answer_t *f;

        ok(response != NULL && OCSP_response_status(response) == want,
           "error %d answers %d", statuses[i], want);
        ok(qw_ocsp_answer_read(&f, der, p) != NULL, "which is no answer");
        OCSP_RESPONSE_free(response);
    }
}

/* ---- requests ---- */

static void other_hashes(const qw_issuer_t *issuer, const qw_ocsp_id_t *id,
                         apr_pool_t *p)
{
    qw_ocsp_id_t other = *id;

    other.name_hash = status_flip(&id->name_hash, 3, p);
    ok(!qw_issuer_is_ocsp(issuer, &other), "not with another name");
    other = *id;
    other.key_hash = status_flip(&id->key_hash, 3, p);
    ok(!qw_issuer_is_ocsp(issuer, &other), "nor with another key");
}

static void request(const json_t *row, const qw_issuer_t *issuer,
                    const qw_issuer_t *other, apr_pool_t *p)
{
    qw_bytes_t der = status_octets(row, "der", p);
    qw_bytes_t nonce = status_octets(row, "nonce", p), cut;
    qw_ocsp_request_t *r = NULL;
    apr_size_t at, taken = 0;

    ok(qw_ocsp_request_parse(&r, &der, p) == NULL, "a request by %s",
       status_text(row, "digest"));
    if (r == NULL)
        return;
    ok(r->n == 1 && strcmp(r->ids[0].serial, status_text(row, "serial")) == 0
           && strcmp(r->ids[0].digest, status_text(row, "digest")) == 0
           && qw_bytes_equal(&r->nonce, &nonce)
           && (r->nonce.data == NULL) == (nonce.len == 0),
       "says what it asks, with %lu octets of nonce", (unsigned long)nonce.len);
    ok(qw_issuer_is_ocsp(issuer, &r->ids[0])
           && !qw_issuer_is_ocsp(other, &r->ids[0]),
       "and whose certificate");
    other_hashes(issuer, &r->ids[0], p);
    for (at = 0; at < der.len; at++) {
        cut = status_cut(&der, at, p);
        taken += qw_ocsp_request_parse(&r, &cut, p) == NULL;
    }
    ok(taken == 0, "no beginning of it is taken");
}

/* A request in parts, as hex: VERSION and REQUESTOR, the list, what follows in
 * the tbs and behind it. */
static qw_bytes_t build(const char *before, const char *list, const char *after,
                        const char *behind, apr_pool_t *p)
{
    qw_bytes_t parts[] = { status_hex(before, p), status_hex(list, p),
                           status_hex(after, p), status_hex(behind, p) };
    apr_size_t all, tbs, seq;
    qw_der_t der;

    qw_der_start(&der, p);
    all = qw_der_open(&der, QW_DER_SEQUENCE);
    tbs = qw_der_open(&der, QW_DER_SEQUENCE);
    qw_der_raw(&der, &parts[0]);
    seq = qw_der_open(&der, QW_DER_SEQUENCE);
    qw_der_raw(&der, &parts[1]);
    qw_der_close(&der, seq);
    qw_der_raw(&der, &parts[2]);
    qw_der_close(&der, tbs);
    qw_der_raw(&der, &parts[3]);
    qw_der_close(&der, all);
    return qw_der_bytes(&der);
}

#define HASH20 "0414000102030405060708090a0b0c0d0e0f10111213"
#define SHA1   "300906052b0e03021a0500"
#define ONE    "303b3039" SHA1 HASH20 HASH20 "0200"
#define ID     "303c303a" SHA1 HASH20 HASH20 "020101"

static int takes(const char *before, const char *list, const char *after,
                 const char *behind, apr_pool_t *p)
{
    qw_bytes_t der = build(before, list, after, behind, p);
    qw_ocsp_request_t *r;
    qw_problem_t *problem = qw_ocsp_request_parse(&r, &der, p);

    if (problem != NULL && problem->code != QW_E_MALFORMED)
        ok(0, "every refusal is MALFORMED");
    return problem == NULL;
}

static void rules(apr_pool_t *p)
{
    static const struct {
        const char *before, *list, *after, *behind;
        int taken;
        const char *what;
    } cases[] = {
        { "", ID, "", "", 1, "the plain one" },
        { "a003020100", ID, "", "", 1, "version 1 written out" },
        { "a003020101", ID, "", "", 0, "version 2" },
        { "a00402020000", ID, "", "", 0, "a version that is not minimal" },
        { "a10482026162", ID, "", "", 1, "a requestor" },
        { "a100", ID, "", "", 0, "a requestor without a name" },
        { "a1088202616282026162", ID, "", "", 0, "two requestors in one" },
        { "", "", "", "", 0, "no certificate" },
        { "", ONE, "", "", 0, "an empty serial" },
        { "", "303a3038300706052b0e03021a" HASH20 HASH20 "020101", "", "", 1,
          "a hash without parameters" },
        { "", "303d303b300a06052b0e03021a020101" HASH20 HASH20 "020101", "", "",
          0, "a hash with other parameters" },
        { "",
          "303b3039300806042a03040505000"
          "0",
          "", "", 0, "a cut hash" },
        { "",
          "301b3019300c06082a864886f70d0205050004020001040200010201"
          "01",
          "", "", 1, "a hash that we do not know" },
        { "",
          "302b3029" SHA1 HASH20 "040300010202"
          "0101",
          "", "", 0, "a key hash that is short" },
        { "", ID,
          "a204"
          "30020500",
          "", 0, "an extension that is none" },
        { "", ID, "a2023000", "", 0, "no extension in the list of them" },
        { "", ID,
          "a20d300b3009"
          "06032a0304"
          "04020500",
          "", 1, "an extension that we do not know" },
        { "", ID,
          "a210300e300c"
          "06032a0304"
          "0101ff"
          "04020500",
          "", 0, "and that is critical" },
        { "", ID,
          "a210300e300c"
          "06032a0304"
          "010100"
          "04020500",
          "", 0, "that says it is not critical" },
        { "", ID,
          "a2153013"
          "3011"
          "06092b0601050507300102"
          "0404"
          "04020102",
          "", 1, "a nonce of two octets" },
        { "", ID,
          "a2183016"
          "3014"
          "06092b0601050507300102"
          "0101ff"
          "0404"
          "04020102",
          "", 1, "a critical nonce" },
        { "", "303d303b" SHA1 HASH20 HASH20 "02020001", "", "", 0,
          "a serial that is not minimal" },
        { "", ID,
          "a2183016301406092b06010505073001020101000404"
          "04020102",
          "", 0, "a nonce that says it is not critical" },
        { "", ID,
          "a2133011"
          "300f"
          "06092b0601050507300102"
          "0402"
          "0400",
          "", 0, "an empty nonce" },
        { "", ID,
          "a2133011"
          "300f"
          "06092b0601050507300102"
          "0402"
          "0102",
          "", 0, "a nonce that is no OCTET STRING" },
        { "", ID,
          "a2153013"
          "3011"
          "06092b0601050507300102"
          "0404"
          "04010102",
          "", 0, "a nonce with an octet behind it" },
        { "", ID,
          "a2283026"
          "3011"
          "06092b0601050507300102"
          "0404"
          "04020102"
          "3011"
          "06092b0601050507300102"
          "0404"
          "04020102",
          "", 0, "two nonces" },
        { "",
          "304b"
          "303a" SHA1 HASH20 HASH20 "020101"
          "a00d300b3009"
          "06032a0304"
          "04020500",
          "", "", 1, "an extension of one certificate" },
        { "",
          "304e"
          "303a" SHA1 HASH20 HASH20 "020101"
          "a010300e300c"
          "06032a0304"
          "0101ff"
          "04020500",
          "", "", 0, "and that is critical" },
        { "", ID, "", "a0053003020101", 1, "a signature, which is not read" },
        { "", ID, "", "a0020500", 0, "a signature that is none" },
        { "", ID, "", "a00530030201010500", 0, "what follows a signature" },
        { "", ID, "0500", "", 0, "what follows the list" },
    };
    apr_size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        ok(takes(cases[i].before, cases[i].list, cases[i].after,
                 cases[i].behind, p)
               == cases[i].taken,
           "%s is %s", cases[i].what, cases[i].taken ? "taken" : "refused");
}

/* RFC9654-2.1 */
static void nonces(apr_pool_t *p)
{
    static const apr_size_t sizes[] = { 0, 1, 32, 127, 128, 129, 255 };
    apr_size_t i;

    for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        qw_bytes_t octets = status_fill(sizes[i], p), bytes;
        qw_bytes_t id = status_hex("06092b0601050507300102", p);
        apr_size_t tagged, list, ext, value;
        int good = sizes[i] >= 1 && sizes[i] <= 128;
        qw_der_t der;

        qw_der_start(&der, p);
        tagged = qw_der_open(&der, QW_DER_CONTEXT_OF + 2);
        list = qw_der_open(&der, QW_DER_SEQUENCE);
        ext = qw_der_open(&der, QW_DER_SEQUENCE);
        qw_der_raw(&der, &id);
        value = qw_der_open(&der, QW_DER_OCTET_STRING);
        qw_der_put(&der, QW_DER_OCTET_STRING, octets.data, octets.len);
        qw_der_close(&der, value);
        qw_der_close(&der, ext);
        qw_der_close(&der, list);
        qw_der_close(&der, tagged);
        bytes = qw_der_bytes(&der);
        ok(takes("", ID, status_show(&bytes, p), "", p) == good,
           "a nonce of %lu octets is %s", (unsigned long)sizes[i],
           good ? "taken" : "refused");
    }
}

static void limits(apr_pool_t *p)
{
    qw_bytes_t der, wide, more = status_fill(4097, p);
    qw_ocsp_request_t *r = NULL;
    const char *list = "";
    unsigned char *data;
    int i;

    for (i = 0; i < 16; i++)
        list = apr_pstrcat(p, list, ID, NULL);
    der = build("", list, "", "", p);
    ok(qw_ocsp_request_parse(&r, &der, p) == NULL && r->n == 16
           && strcmp(r->ids[15].serial, "01") == 0,
       "sixteen certificates");
    ok(!takes("", apr_pstrcat(p, list, ID, NULL), "", "", p), "not seventeen");
    ok(takes("",
             "304f304d" SHA1 HASH20 HASH20
             "02140102030405060708090a0b0c0d0e0f1011121314",
             "", "", p),
       "a serial of 20 octets");
    ok(!takes("",
              "3050304e" SHA1 HASH20 HASH20
              "02150102030405060708090a0b0c0d0e0f101112131415",
              "", "", p),
       "not of 21");
    data = apr_pcalloc(p, 5000);
    wide.data = data;
    wide.len = 4097;
    der = build("", ID, "", "", p);
    memcpy(data, der.data, der.len);
    ok(qw_ocsp_request_parse(&r, &wide, p) != NULL
           && qw_ocsp_request_parse(&r, &der, p) == NULL,
       "not more than 4096 octets, and nothing behind");
    ok(!takes("", ID,
              apr_pstrcat(p,
                          "a282101230821"
                          "00e3082100a06032a03040482"
                          "1001",
                          status_show(&more, p), NULL),
              "", p),
       "nor one of more, all of it good");
    /* the length of the whole in two octets where one is enough, and none */
    data[0] = 0x30;
    data[1] = 0x81;
    memcpy(data + 2, der.data + 1, der.len - 1);
    wide.len = der.len + 1;
    ok(qw_ocsp_request_parse(&r, &wide, p) != NULL, "no length of BER");
    data[1] = 0x80;
    memcpy(data + 2, der.data + 2, der.len - 2);
    data[der.len] = data[der.len + 1] = 0;
    wide.len = der.len + 2;
    ok(qw_ocsp_request_parse(&r, &wide, p) != NULL, "no indefinite length");
}

/* ---- the path of a GET ---- */

static int path_is(const char *path, const qw_bytes_t *want, apr_pool_t *p)
{
    qw_bytes_t der = { NULL, 0 };

    return qw_ocsp_request_of_path(&der, path, p) && qw_bytes_equal(&der, want);
}

static void paths(apr_pool_t *p)
{
    static const unsigned char octets[] = { 0x30, 0x04, 0xfb, 0xff,
                                            0xbf, 0x00, 0xff };
    const qw_bytes_t want = { octets, sizeof(octets) };
    qw_bytes_t der, most = status_fill(4096, p), more = status_fill(4097, p);
    const char *text;
    char *all;
    apr_size_t i;

    ok(path_is("MAT7/78A/w==", &want, p), "raw");
    ok(path_is("/MAT7/78A/w==", &want, p), "after a slash");
    ok(path_is("//MAT7/78A/w==", &want, p), "after two");
    ok(path_is("MAT7%2F78A%2Fw%3D%3D", &want, p), "percent-encoded");
    ok(path_is("MAT7%2f78A/w%3d=", &want, p), "in lower case, and in part");
    ok(path_is("%4dAT7/78A/w==", &want, p), "any octet");
    ok(path_is("MAT7%2b78A/w==", &want, p) == path_is("MAT7+78A/w==", &want, p),
       "plus, raw or not");
    text = "MAP+";
    ok(qw_ocsp_request_of_path(&der, text, p)
           && qw_ocsp_request_of_path(&der, "MAP%2B", p) && der.len == 3,
       "a plus is a plus and no space");
    ok(!path_is("", &want, p) && !path_is("/", &want, p), "nothing");
    ok(!qw_ocsp_request_of_path(&der, "MAT7/78A/w", p), "without padding");
    ok(!qw_ocsp_request_of_path(&der, "MAT7/78A/w==%", p)
           && !qw_ocsp_request_of_path(&der, "MAT7/78A/w==%3", p)
           && !qw_ocsp_request_of_path(&der, "MAT7/78A/w=%3g", p),
       "half a percent code");
    ok(!qw_ocsp_request_of_path(&der, "MAT7/78A/w==%00", p), "a NUL");
    ok(!qw_ocsp_request_of_path(&der, "MAT7_78A_w==", p), "base64url");
    ok(!qw_ocsp_request_of_path(&der, "MAT7/78A/w==?x", p), "a query");
    ok(!qw_ocsp_request_of_path(&der, "MAT7/78A /w==", p), "a space");
    text = qw_b64_encode(most.data, most.len, p);
    all = apr_pcalloc(p, 3 * strlen(text) + 1);
    for (i = 0; text[i] != '\0'; i++)
        apr_snprintf(all + 3 * i, 4, "%%%02x", (unsigned char)text[i]);
    ok(path_is(text, &most, p) && path_is(all, &most, p), "4096 octets");
    text = qw_b64_encode(more.data, more.len, p);
    ok(!qw_ocsp_request_of_path(&der, text, p), "not 4097");
}

int main(void)
{
    static const char *const types[] = { "P-256", "P-384", "P-521",
                                         "RSA-2048" };
    qw_issuer_t *issuers[2];
    apr_pool_t *p;
    json_t *all, *row;
    apr_size_t i, j;

    setvbuf(stdout, NULL, _IOLBF, 0);
    apr_initialize();
    apr_pool_create(&p, NULL);
    all = status_all(p);
    for (i = 0; i < 2; i++) {
        issuers[i] = status_issuer(status_kinds[i], p);
        answers(all, status_kinds[i], p);
    }
    for (i = 0; i < 2; i++)
        json_array_foreach(status_member(status_member(all, status_kinds[i]),
                                         "requests"),
                           j, row) request(row, issuers[i], issuers[1 - i], p);
    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        signers(types[i], p);
    refused(issuers[0], p);
    errors(p);
    rules(p);
    nonces(p);
    limits(p);
    paths(p);
    ok(ERR_peek_error() == 0, "the error queue is empty");
    apr_pool_destroy(p);
    return done_testing();
}
