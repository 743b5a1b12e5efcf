/* TLS certificate bindings, read and written, and what browsers refuse: one
 * rule broken at a time. */
#include "told.h"
#include "jose_make.h"
#include "qwac2_make.h"
#include "x509_golden.h"

#include "ctl/binding_check.h"
#include "x509/pem.h"

#include <openssl/err.h>

/* What every test starts from. */
typedef struct {
    qwac2_made_t root, ca, qwac, old, next;
    qwc_binding_terms_t terms; /* no leaves */
    apr_pool_t *pool;
} scene_t;

static const qwac2_t right = { "P-256",
                               TLS_BINDING,
                               QC_WEB,
                               QNCP_W_GEN,
                               "DNS:www.example.fr,DNS:*.shop.example.fr",
                               -1,
                               100 };

static apr_time_t day(int n)
{
    return apr_time_from_sec(QWAC2_NOW + n * QWAC2_DAY);
}

static scene_t set_scene(apr_pool_t *p)
{
    scene_t s = { 0 };

    s.pool = p;
    s.root = qwac2_ca("Root", NULL, 900, p);
    s.ca = qwac2_ca("Issuing CA", &s.root, 900, p);
    s.qwac = qwac2_make(&right, &s.ca, p);
    s.old = qwac2_leaf(20, p);
    s.next = qwac2_leaf(80, p);
    s.terms.leaves = apr_array_make(p, 2, sizeof(qwc_leaf_t));
    s.terms.trusted = qwac2_list(p);
    APR_ARRAY_PUSH(s.terms.trusted, qw_bytes_t) = s.root.der;
    s.terms.now = day(0);
    return s;
}

static void want_leaf(qwc_binding_terms_t *terms, const qwac2_made_t *leaf,
                      int to)
{
    qwc_leaf_t row = { "leaf.pem", leaf->der, day(to) };

    APR_ARRAY_PUSH(terms->leaves, qwc_leaf_t) = row;
}

/* Both leaves, by the 2-QWAC and its issuing CA. */
static qw_tls_binding_t plan(const scene_t *s)
{
    qw_tls_binding_t b = { 0 };

    b.alg = "ES256";
    b.kid = "key-1";
    b.iat = day(0);
    b.exp = day(80);
    b.x5c = qwac2_list(s->pool);
    APR_ARRAY_PUSH(b.x5c, qw_bytes_t) = s->qwac.der;
    APR_ARRAY_PUSH(b.x5c, qw_bytes_t) = s->ca.der;
    b.hash_method = "S256";
    b.pars = apr_array_make(s->pool, 2, sizeof(const char *));
    b.hashes = apr_array_make(s->pool, 2, sizeof(const char *));
    APR_ARRAY_PUSH(b.pars, const char *) = "old";
    APR_ARRAY_PUSH(b.pars, const char *) = "next";
    APR_ARRAY_PUSH(b.hashes, const char *) =
        qw_tls_binding_hash("S256", &s->old.der, s->pool);
    APR_ARRAY_PUSH(b.hashes, const char *) =
        qw_tls_binding_hash("S256", &s->next.der, s->pool);
    return b;
}

static const char *make(const scene_t *s, const qw_tls_binding_t *b)
{
    const char *text = "";

    make_must(qw_tls_binding_make(&text, b, s->qwac.key, s->pool) == NULL,
              "a binding");
    return text;
}

static qw_problem_t *check(const scene_t *s, const char *text,
                           const qwc_binding_terms_t *terms)
{
    qwc_binding_facts_t facts;

    return qwc_binding_check(&facts, text, strlen(text), terms, s->pool);
}

/* ---- the sample of another implementation -------------------------------- */

static const char *slurp(const char *path, apr_pool_t *p)
{
    char *text = apr_pcalloc(p, 65536);
    FILE *f = fopen(path, "r");

    make_must(f != NULL, path);
    text[fread(text, 1, 65535, f)] = '\0';
    fclose(f);
    return text;
}

static void vector(apr_pool_t *p)
{
    static const unsigned char der[] = { 0x30, 0x03, 0x02, 0x01, 0x05 };
    const qw_bytes_t bytes = { der, sizeof(der) };

    is_str(qw_tls_binding_hash("S256", &bytes, p),
           "ahGVcl4KcW0lV10vvM74lMNQsmaW_YKWSsERSgToqZo",
           "hashV is over the text of base64url, not over the DER");
    ok(strlen(qw_tls_binding_hash("S384", &bytes, p)) == 64
           && strlen(qw_tls_binding_hash("S512", &bytes, p)) == 86
           && qw_tls_binding_hash("S1", &bytes, p) == NULL,
       "by SHA-256, SHA-384 and SHA-512 only");
}

static void sample(apr_pool_t *p)
{
    const char *text = slurp(QW_SRCDIR "/t/fuzz/corpus/tls_binding/sample", p);
    qw_bytes_t leaf = golden_der(golden_qncp_w_pem, p);
    qw_bytes_t other = golden_der(golden_qevcp_w_pem, p);
    qwc_leaf_t row = { "ov.pem", leaf, apr_time_from_sec(1812628799) };
    qwc_binding_terms_t terms = { 0 };
    qwc_binding_facts_t facts;

    terms.leaves = apr_array_make(p, 2, sizeof(qwc_leaf_t));
    terms.trusted = qwac2_list(p);
    APR_ARRAY_PUSH(terms.trusted, qw_bytes_t) = golden_der(golden_ca_pem, p);
    APR_ARRAY_PUSH(terms.leaves, qwc_leaf_t) = row;
    terms.host = "www.example.fr";
    terms.now = apr_time_from_sec(1795435200);
    fine(qwc_binding_check(&facts, text, strlen(text), &terms, p),
         "the sample of another implementation verifies at its time");
    is_str(facts.binding->kid, "qwac-2026-1", "kid");
    is_str(APR_ARRAY_IDX(facts.binding->pars, 0, const char *), "ov-2026-11",
           "label");
    ok(facts.end == apr_time_from_sec(1812628799), "and when it ends");
    APR_ARRAY_IDX(terms.leaves, 0, qwc_leaf_t).der = other;
    told(qwc_binding_check(&facts, text, strlen(text), &terms, p), MALFORMED,
         "does not name the certificate of ov.pem",
         "and not for another certificate");
    terms.now = apr_time_from_sec(1812628800);
    told(qwc_binding_check(&facts, text, strlen(text), &terms, p), MALFORMED,
         "expired at 2027-06-10T11:59:59Z; get the next one",
         "nor a second after the 2-QWAC ended");
}

/* ---- what we write ------------------------------------------------------- */

static void own_work(const scene_t *s)
{
    qw_tls_binding_t b = plan(s);
    const char *text = make(s, &b);
    qwc_binding_terms_t terms = s->terms;
    qwc_binding_facts_t facts;

    terms.host = "www.example.fr";
    want_leaf(&terms, &s->old, 20);
    want_leaf(&terms, &s->next, 80);
    fine(qwc_binding_check(&facts, text, strlen(text), &terms, s->pool),
         "what we write verifies for the old and the next certificate");
    ok(strstr(text, "..") != NULL && strpbrk(text, "\n\r =") == NULL,
       "it is detached, and without line feed or padding");
    ok(facts.binding->iat == day(0) && facts.binding->exp == day(80)
           && strcmp(facts.binding->kid, "key-1") == 0,
       "iat, exp and kid");
    ok(facts.binding->signature.len == 64, "ES256 is r and s");
    ok(facts.end == day(80), "it ends with the longest-lived certificate");
    apr_array_pop(terms.leaves);
    b.exp = 0;
    text = make(s, &b);
    fine(qwc_binding_check(&facts, text, strlen(text), &terms, s->pool),
         "exp may be left out");
    ok(facts.end == day(100), "of a binding of unknown certificates we know "
                              "the end of the 2-QWAC");
    apr_array_clear(terms.leaves);
}

static void rsa(const scene_t *s)
{
    static const char *const algs[] = { "PS256", "RS256" };
    qwac2_t spec = right;
    scene_t mine = *s;
    qw_tls_binding_t b;
    const char *alg = "";
    int i;

    spec.group = "RSA";
    mine.qwac = qwac2_make(&spec, &s->ca, s->pool);
    b = plan(&mine);
    for (i = 0; i < 2; i++) {
        b.alg = algs[i];
        fine(check(s, make(&mine, &b), &s->terms), algs[i]);
    }
    fine(qw_tls_binding_alg(&alg, mine.qwac.key, NULL, s->pool), "RSA");
    is_str(alg, "PS256", "signs with PSS by default");
    fine(qw_tls_binding_alg(&alg, mine.qwac.key, "RS256", s->pool),
         "and as it was before if one wants");
    is_str(alg, "RS256", "that is RS256");
    told(qw_tls_binding_alg(&alg, mine.qwac.key, "ES256", s->pool),
         INVALID_INPUT, "'ES256' does not fit the key", "but not as EC");
    fine(qw_tls_binding_alg(&alg, s->qwac.key, NULL, s->pool), "P-256");
    is_str(alg, "ES256", "signs with ES256");
    told(qw_tls_binding_alg(&alg, qw_own_EVP_PKEY(s->pool, EVP_EC_gen("P-384")),
                            NULL, s->pool),
         INVALID_INPUT, "order a 2-QWAC for such a key",
         "browsers take no P-384");
}

static void bad_words(const scene_t *s)
{
    qw_tls_binding_t b = plan(s);
    const char *text;

    b.kid = "\xff";
    told(qw_tls_binding_make(&text, &b, s->qwac.key, s->pool), INVALID_INPUT,
         "not UTF-8", "a kid that is not UTF-8");
    b = plan(s);
    APR_ARRAY_IDX(b.pars, 1, const char *) = "\xff";
    told(qw_tls_binding_make(&text, &b, s->qwac.key, s->pool), INVALID_INPUT,
         "not UTF-8", "nor is a label");
    b = plan(s);
    b.alg = "RS256";
    told(qw_tls_binding_make(&text, &b, s->qwac.key, s->pool), INVALID_INPUT,
         "RS256 does not fit the key", "a wrong algorithm");
}

/* ---- the header, one member wrong ---------------------------------------- */

/* HEADER signed anew by the 2-QWAC. */
static const char *resign(const scene_t *s, json_t *header)
{
    const maker_t maker = { "ES256", s->qwac.key, NULL, 32 };
    const char *input =
        apr_pstrcat(s->pool, make_b64(qw_json_dump(header, s->pool), s->pool),
                    ".", NULL);
    qw_bytes_t signature = make_signature(&maker, input, s->pool);

    return apr_pstrcat(s->pool, input, ".",
                       qw_b64url_encode(signature.data, signature.len, s->pool),
                       NULL);
}

static json_t *header_of(const scene_t *s, const char *text)
{
    qw_bytes_t bytes;

    make_must(qw_b64url_decode(&bytes,
                               apr_pstrmemdup(s->pool, text,
                                              strcspn(text, ".")),
                               s->pool),
              "a header");
    return make_object((const char *)bytes.data, s->pool);
}

#define HASH "ahGVcl4KcW0lV10vvM74lMNQsmaW_YKWSsERSgToqZo"

/* "sigD.x" is a member of sigD; JSON NULL takes it out. */
static const struct {
    const char *member;
    const char *json;
    const char *says;
} wrong[] = {
    { "crit", "[\"sigD\"]", "has 'crit': Firefox refuses it" },
    { "b64", "false", "has 'b64'" },
    { "x5u", "\"https://a.example/\"", "has 'x5u'" },
    { "sigT", "\"2026-11-23T12:00:00Z\"", "has 'sigT'" },
    { "typ", "\"JOSE\"", "has 'typ': TS 119 411-5 Annex B does not have it" },
    { "alg", NULL, "alg: missing" },
    { "alg", "7", "alg: not a string" },
    { "alg", "\"ES384\"", "alg 'ES384' is none that browsers take; sign with" },
    { "alg", "\"none\"", "alg 'none' is none that browsers take" },
    { "alg", "\"RS256\"", "alg RS256 does not fit the key of the 2-QWAC" },
    { "kid", "7", "kid: not a string" },
    { "cty", NULL, "cty: missing" },
    { "cty", "\"JWT\"", "must be TLS-Certificate-Binding-v1" },
    { "x5t#S256", "\"" HASH "\"", "x5t#S256 is not the SHA-256" },
    { "x5t#S256", "7", "x5t#S256: not a string" },
    { "x5c", NULL, "x5c: missing" },
    { "x5c", "\"AAAA\"", "x5c: not an array" },
    { "x5c", "[]", "x5c holds 0 certificates" },
    { "x5c", "[1,2,3,4,5,6,7,8,9,10,11]", "x5c holds 11 certificates" },
    { "x5c", "[7]", "certificate 1 of x5c is not base64 with padding" },
    { "x5c", "[\"AA-_\"]", "certificate 1 of x5c is not base64" },
    { "x5c", "[\"MAMCAQU\"]", "certificate 1 of x5c is not base64" },
    { "x5c", "[\"MAMC AQU=\"]", "certificate 1 of x5c is not base64" },
    { "x5c", "[\"\"]", "certificate 1 of x5c is not base64" },
    { "iat", "\"1795521600\"", "iat: not an integer" },
    { "iat", "1795521600.5", "iat: not an integer" },
    { "iat", "1795525200", "made at 2026-11-24T13:00:00Z, in the future" },
    { "exp", "\"soon\"", "exp: not an integer" },
    { "exp", "0", "exp is no time" },
    { "exp", "-1", "exp is no time" },
    { "exp", "9223372036854775807", "exp is no time" },
    { "exp", "1795521600", "the binding ended at 2026-11-24T12:00:00Z" },
    { "sigD", NULL, "sigD: missing" },
    { "sigD", "[]", "sigD: not an object" },
    { "sigD",
      "{\"mId\":\"http://uri.etsi.org/19182/ObjectIdByURIHash\",\"pars\":[],"
      "\"hashM\":\"S256\",\"hashV\":[]}",
      "hashV has 0 entries and pars 0" },
    { "sigD.ctys", "[\"\",\"\"]", "sigD has 'ctys': Firefox refuses it" },
    { "sigD.x", "1", "sigD has 'x'" },
    { "sigD.mId", NULL, "mId: missing" },
    { "sigD.mId", "\"http://uri.etsi.org/19182/HttpHeaders\"",
      "must be http://uri.etsi.org/19182/ObjectIdByURIHash" },
    { "sigD.pars", NULL, "pars: missing" },
    { "sigD.pars", "[\"one\"]", "hashV has 2 entries and pars 1" },
    { "sigD.pars", "[\"one\",2]", "entry 2 of pars is not a string" },
    { "sigD.hashM", NULL, "hashM: missing" },
    { "sigD.hashM", "\"SHA-256\"", "hashM 'SHA-256' is not S256" },
    { "sigD.hashM", "\"S512\"", "entry 1 of hashV is not 64 bytes" },
    { "sigD.hashV", NULL, "hashV: missing" },
    { "sigD.hashV", "[\"" HASH "\"]", "hashV has 1 entries and pars 2" },
    { "sigD.hashV", "[\"" HASH "=\",\"" HASH "\"]", "entry 1 of hashV" },
    { "sigD.hashV", "[\"" HASH "\",\"AAAA\"]", "entry 2 of hashV" },
};

static void wrong_headers(const scene_t *s)
{
    qw_tls_binding_t b = plan(s);
    const char *text = make(s, &b);
    apr_size_t i;

    fine(check(s, resign(s, header_of(s, text)), &s->terms),
         "a header signed anew is taken");
    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const char *name = wrong[i].member;
        json_t *header = header_of(s, text), *at = header;

        if (strncmp(name, "sigD.", 5) == 0) {
            at = json_object_get(header, "sigD");
            name += 5;
        }
        if (wrong[i].json == NULL)
            json_object_del(at, name);
        else
            json_object_set_new(at, name,
                                json_loads(wrong[i].json, JSON_DECODE_ANY,
                                           NULL));
        told(check(s, resign(s, header), &s->terms), MALFORMED, wrong[i].says,
             apr_psprintf(s->pool, "%s: %.40s", wrong[i].member,
                          wrong[i].json != NULL ? wrong[i].json : "absent"));
    }
}

static void optional_members(const scene_t *s)
{
    static const char *const names[] = { "kid", "x5t#S256", "iat", "exp" };
    qw_tls_binding_t b = plan(s);
    json_t *header = header_of(s, make(s, &b));
    int i;

    for (i = 0; i < 4; i++)
        json_object_del(header, names[i]);
    fine(check(s, resign(s, header), &s->terms),
         "alg, cty, x5c and sigD are enough");
}

/* ---- the text ------------------------------------------------------------ */

static const char *join(const scene_t *s, const char *a, const char *b,
                        const char *c)
{
    return apr_pstrcat(s->pool, a, b, c, NULL);
}

static void wrong_texts(const scene_t *s)
{
    const maker_t maker = { "ES256", s->qwac.key, NULL, 32 };
    qw_tls_binding_t b = plan(s);
    const char *text = make(s, &b);
    const char *header = apr_pstrmemdup(s->pool, text, strcspn(text, "."));
    const char *sig = text + strlen(header) + 2;
    qw_bytes_t der =
        make_der_signature(&maker, join(s, header, ".", ""), s->pool);
    char *copy = apr_pstrdup(s->pool, text);
    char *huge = apr_palloc(s->pool, QW_TLS_BINDING_MOST + 2);
    qwc_binding_facts_t facts;

    told(check(s, join(s, text, "\n", ""), &s->terms), MALFORMED,
         "white space, which is no base64url; write it on one line",
         "a line feed at the end");
    told(check(s, join(s, header, ".", sig), &s->terms), MALFORMED,
         "not a compact JWS", "one dot");
    told(check(s, join(s, text, ".", ""), &s->terms), MALFORMED,
         "not a compact JWS", "three dots");
    told(check(s, "", &s->terms), MALFORMED, "not a compact JWS", "nothing");
    told(check(s, join(s, header, ".e30.", sig), &s->terms), MALFORMED,
         "has a payload between the dots; it must be detached", "a payload");
    told(check(s, join(s, header, "=..", sig), &s->terms), MALFORMED,
         "header is not base64url", "padding of the header");
    told(check(s, join(s, "", "..", sig), &s->terms), MALFORMED,
         "header is not base64url", "no header");
    told(check(s, join(s, header, "..", ""), &s->terms), MALFORMED,
         "signature is not base64url", "no signature");
    told(check(s, join(s, text, "=", ""), &s->terms), MALFORMED,
         "signature is not base64url", "padding of the signature");
    told(check(s, join(s, "bm8..", sig, ""), &s->terms), MALFORMED,
         "the header of the binding: not strict JSON", "no JSON");
    told(check(s,
               join(s, header, "..",
                    qw_b64url_encode(der.data, der.len, s->pool)),
               &s->terms),
         MALFORMED, "perhaps DER: unpack it", "a signature in DER");
    copy[strlen(header) + 12] = copy[strlen(header) + 12] == 'A' ? 'B' : 'A';
    told(check(s, copy, &s->terms), MALFORMED, "its signature does not verify",
         "a signature changed in one letter");
    memset(huge, 'A', QW_TLS_BINDING_MOST + 1);
    huge[QW_TLS_BINDING_MOST + 1] = '\0';
    told(check(s, huge, &s->terms), MALFORMED, "longer than 102400 bytes",
         "more than browsers read");
    copy[5] = '\0';
    told(qwc_binding_check(&facts, copy, strlen(text), &s->terms, s->pool),
         MALFORMED, "byte 6 is NUL", "NUL");
}

static void foreign_signature(const scene_t *s)
{
    scene_t thief = *s;
    qw_tls_binding_t b = plan(s);

    thief.qwac.key = qw_own_EVP_PKEY(s->pool, EVP_EC_gen("P-256"));
    told(check(s, make(&thief, &b), &s->terms), MALFORMED,
         "its signature does not verify", "signed by another key");
    ok(ERR_peek_error() == 0, "nothing is left in the error queue");
}

/* ---- the 2-QWAC and its chain -------------------------------------------- */

static qw_problem_t *with(const scene_t *s, const qwac2_t *spec,
                          const char *host)
{
    qwc_binding_terms_t terms = s->terms;
    scene_t mine = *s;
    qw_tls_binding_t b;

    mine.qwac = qwac2_make(spec, &s->ca, s->pool);
    b = plan(&mine);
    terms.host = host;
    return check(s, make(&mine, &b), &terms);
}

#define WITH(member, value)                                                    \
    (spec = right, spec.member = (value), with(s, &spec, NULL))

static void wrong_certificates(const scene_t *s)
{
    static const char purpose[] = "extended key usage than tls-binding";
    qwac2_t spec = right;

    told(WITH(purpose, "serverAuth"), MALFORMED, purpose,
         "EKU serverAuth: a TLS certificate");
    told(WITH(purpose, TLS_BINDING ",serverAuth"), MALFORMED, purpose,
         "EKU tls-binding and serverAuth");
    told(WITH(purpose, NULL), MALFORMED, purpose, "no EKU");
    told(WITH(statements, QC_NO_COMPLIANCE), MALFORMED, "no QcCompliance",
         "QcCompliance missing");
    told(WITH(statements, NULL), MALFORMED, "no QcCompliance",
         "no qcStatements");
    told(WITH(statements, QC_NO_TYPE), MALFORMED, "not web as its only QcType",
         "QcType missing");
    told(WITH(statements, QC_SEAL), MALFORMED, "not web as its only QcType",
         "QcType seal");
    told(WITH(statements, QC_WEB_AND_SEAL), MALFORMED,
         "not web as its only QcType", "QcType web and seal");
    told(WITH(policy, "0.4.0.194112.1.4"), MALFORMED,
         "does not have the policy QNCP-w-gen", "policy QEVCP-w");
    told(WITH(policy, NULL), MALFORMED, "does not have the policy QNCP-w-gen",
         "no policy");
    fine(WITH(policy, "1.2.3.4," QNCP_W_GEN),
         "a policy of the provider's own beside it is taken");
    told(WITH(to, -1), MALFORMED, "expired at 2026-11-23T12:00:00Z",
         "an expired 2-QWAC");
    told(WITH(from, 1), MALFORMED,
         "valid from 2026-11-25T12:00:00Z only; check the clock",
         "a 2-QWAC that is not yet valid");
}

static void hosts(const scene_t *s)
{
    static const char *const covered[] = { "www.example.fr", "WWW.example.FR",
                                           "a.shop.example.fr" };
    static const char *const others[] = { "example.fr",
                                          "shop.example.fr",
                                          "a.b.shop.example.fr",
                                          ".example.fr",
                                          "",
                                          "www.example.fr.evil.example" };
    qwac2_t nameless = right;
    int i;

    for (i = 0; i < 3; i++)
        fine(with(s, &right, covered[i]), covered[i]);
    for (i = 0; i < 6; i++)
        told(with(s, &right, others[i]), MALFORMED,
             "bind with one whose subjectAltName has that name",
             apr_pstrcat(s->pool, "not ", others[i], NULL));
    nameless.san = NULL;
    told(with(s, &nameless, "2-QWAC"), MALFORMED, "does not cover 2-QWAC",
         "a commonName covers nothing");
}

static qw_problem_t *with_chain(const scene_t *s, const qwac2_made_t *a,
                                const qwac2_made_t *b)
{
    qw_tls_binding_t binding = plan(s);

    apr_array_pop(binding.x5c);
    if (a != NULL)
        APR_ARRAY_PUSH(binding.x5c, qw_bytes_t) = a->der;
    if (b != NULL)
        APR_ARRAY_PUSH(binding.x5c, qw_bytes_t) = b->der;
    return check(s, make(s, &binding), &s->terms);
}

static void chains(const scene_t *s)
{
    qwac2_made_t stranger = qwac2_ca("Issuing CA", NULL, 900, s->pool);
    scene_t mine = *s;
    qw_tls_binding_t b = plan(s);
    qwac2_made_t late;

    fine(with_chain(s, &s->ca, &s->root), "the chain may hold the root");
    told(with_chain(s, NULL, NULL), MALFORMED,
         "the chain is the 2-QWAC alone; add the certificate of its issuing CA",
         "no chain");
    told(with_chain(s, &s->root, &s->ca), MALFORMED,
         "certificate 1 of the chain (/CN=2-QWAC) is not issued by certificate "
         "2",
         "a chain in another order");
    told(with_chain(s, &stranger, NULL), MALFORMED,
         "certificate 1 of the chain", "a stranger of the CA's name");
    mine.terms.trusted = qwac2_list(s->pool);
    APR_ARRAY_PUSH(mine.terms.trusted, qw_bytes_t) = s->ca.der;
    fine(check(&mine, make(s, &b), &mine.terms),
         "who is trusted may be the issuing CA, as in trusted lists");
    APR_ARRAY_IDX(mine.terms.trusted, 0, qw_bytes_t) = stranger.der;
    told(check(&mine, make(s, &b), &mine.terms), UNAUTHORIZED,
         "ends at nobody who is trusted", "a chain to somebody else");
    mine.terms.trusted = NULL;
    fine(check(&mine, make(s, &b), &mine.terms),
         "without trusted CAs nobody is asked who the last one is");
    late = qwac2_ca("Late CA", &s->root, -1, s->pool);
    mine = *s;
    mine.ca = late;
    told(with(&mine, &right, NULL), MALFORMED,
         "certificate 2 of the chain (/CN=Late CA): certificate has expired",
         "an expired CA");
    mine.ca = qwac2_ca("Late CA", &s->root, 1, s->pool);
    fine(with(&mine, &right, NULL), "unless one asks for when it was valid");
    ok(ERR_peek_error() == 0, "nothing is left in the error queue");
}

static void broken_certificates(const scene_t *s)
{
    static const unsigned char der[] = { 0x30, 0x03, 0x02, 0x01, 0x05 };
    qwac2_made_t bad = { NULL, NULL, { der, sizeof(der) } };
    scene_t mine = *s;
    qw_tls_binding_t b;
    qw_bytes_t tail = { NULL, s->ca.der.len + 1 };

    told(with_chain(s, &bad, NULL), MALFORMED,
         "certificate 2 of the chain does not parse", "a CA that is none");
    tail.data =
        (const unsigned char *)apr_pstrmemdup(s->pool,
                                              (const char *)s->ca.der.data,
                                              s->ca.der.len);
    bad.der = tail;
    told(with_chain(s, &bad, NULL), MALFORMED,
         "certificate 2 of the chain does not parse", "bytes after a CA");
    mine.qwac.der.data = der;
    mine.qwac.der.len = sizeof(der);
    b = plan(&mine);
    told(check(s, make(&mine, &b), &s->terms), MALFORMED, "not X.509",
         "a 2-QWAC that is none");
}

/* ---- TLS certificates ---------------------------------------------------- */

static void leaves(const scene_t *s)
{
    qwc_binding_terms_t terms = s->terms;
    qw_tls_binding_t b = plan(s);
    qwac2_made_t third = qwac2_leaf(80, s->pool);
    unsigned char hash[32];

    want_leaf(&terms, &third, 80);
    told(check(s, make(s, &b), &terms), MALFORMED,
         "does not name the certificate of leaf.pem; make it anew",
         "a certificate that is not bound");
    apr_array_clear(terms.leaves);
    want_leaf(&terms, &s->next, 80);
    EVP_Digest(s->next.der.data, s->next.der.len, hash, NULL, EVP_sha256(),
               NULL);
    APR_ARRAY_IDX(b.hashes, 1, const char *) =
        qw_b64url_encode(hash, sizeof(hash), s->pool);
    told(check(s, make(s, &b), &terms), MALFORMED,
         "does not name the certificate of leaf.pem",
         "the hash over the DER is not that certificate's");
    b = plan(s);
    terms.now = day(80) - 1;
    fine(check(s, make(s, &b), &terms),
         "the old one's end is not that of the binding");
    apr_array_clear(terms.leaves);
    want_leaf(&terms, &s->old, 20);
    want_leaf(&terms, &s->next, 80);
    b.exp = day(90);
    terms.now = day(80);
    told(check(s, make(s, &b), &terms), MALFORMED,
         "the binding ended at 2027-02-12T12:00:00Z; make it anew",
         "the longest-lived one's is, before exp");
    apr_array_clear(terms.leaves);
}

static void pem(const scene_t *s)
{
    const char *a =
        qw_pem_encode("CERTIFICATE", s->ca.der.data, s->ca.der.len, s->pool);
    apr_array_header_t *ders = NULL;

    fine(qw_pem_certificates(&ders,
                             apr_pstrcat(s->pool, "text\n", a, "text\n", a,
                                         NULL),
                             "x.pem", s->pool),
         "certificates of a PEM file");
    ok(ders->nelts == 2
           && qw_bytes_equal(&APR_ARRAY_IDX(ders, 1, qw_bytes_t), &s->ca.der),
       "all of them");
    told(qw_pem_certificates(&ders, "", "x.pem", s->pool), INVALID_INPUT,
         "x.pem: certificate 1 is not there", "none");
    told(qw_pem_certificates(
             &ders,
             apr_pstrcat(s->pool, a, "-----BEGIN CERTIFICATE-----\nMA\n", NULL),
             "x.pem", s->pool),
         INVALID_INPUT, "x.pem: certificate 2", "half of one");
    ok(ERR_peek_error() == 0, "nothing is left in the error queue");
}

int main(void)
{
    apr_pool_t *p;
    scene_t s;

    apr_initialize();
    apr_pool_create(&p, NULL);
    vector(p);
    sample(p);
    s = set_scene(p);
    own_work(&s);
    rsa(&s);
    bad_words(&s);
    wrong_headers(&s);
    optional_members(&s);
    wrong_texts(&s);
    foreign_signature(&s);
    wrong_certificates(&s);
    hosts(&s);
    chains(&s);
    broken_certificates(&s);
    leaves(&s);
    pem(&s);
    apr_pool_destroy(p);
    return done_testing();
}
