#include "tap.h"

#include "base/b64.h"
#include "base/text.h"
#include "x509/csr.h"
#include "x509/der.h"
#include "x509/oid.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

/* A request in parts, so that each can be made wrong. */
typedef struct {
    EVP_PKEY *key;
    const char *version; /* DER in hex */
    qw_bytes_t subject, spki, attributes;
    const char *digest, *sig_alg; /* sig_alg: DER in hex */
} request_t;

static const char ECDSA_SHA256[] = "300a06082a8648ce3d040302";

static qw_bytes_t from_hex(const char *hex, apr_pool_t *p)
{
    qw_bytes_t bytes = { NULL, 0 };

    if (!qw_hex_decode(&bytes, hex, p))
        ok(0, "bad hex %s", hex);
    return bytes;
}

static qw_bytes_t spki_of(EVP_PKEY *key, apr_pool_t *p)
{
    unsigned char *der = NULL;
    qw_bytes_t spki;

    spki.len = (apr_size_t)i2d_PUBKEY(key, &der);
    spki.data = apr_pmemdup(p, der, spki.len);
    OPENSSL_free(der);
    return spki;
}

static void put_hex(qw_der_t *der, const char *hex, apr_pool_t *p)
{
    qw_bytes_t bytes = from_hex(hex, p);

    qw_der_raw(der, &bytes);
}

static qw_bytes_t build(const request_t *r, apr_pool_t *p)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    unsigned char signature[1100];
    size_t len = sizeof(signature) - 1;
    qw_bytes_t info;
    apr_size_t mark;
    qw_der_t der;

    qw_der_start(&der, p);
    mark = qw_der_open(&der, QW_DER_SEQUENCE);
    put_hex(&der, r->version, p);
    qw_der_raw(&der, &r->subject);
    qw_der_raw(&der, &r->spki);
    qw_der_put(&der, QW_DER_CONTEXT_OF + 0, r->attributes.data,
               r->attributes.len);
    qw_der_close(&der, mark);
    info = qw_der_bytes(&der);
    signature[0] = 0;
    EVP_DigestSignInit_ex(md, NULL, r->digest, NULL, NULL, r->key, NULL);
    EVP_DigestSign(md, signature + 1, &len, info.data, info.len);
    EVP_MD_CTX_free(md);
    qw_der_start(&der, p);
    mark = qw_der_open(&der, QW_DER_SEQUENCE);
    qw_der_raw(&der, &info);
    put_hex(&der, r->sig_alg, p);
    qw_der_put(&der, QW_DER_BIT_STRING, signature, len + 1);
    qw_der_close(&der, mark);
    ERR_clear_error();
    return qw_der_bytes(&der);
}

/* Name of commonNames, separated by a space, of string TAG. */
static qw_bytes_t subject(const char *names, int tag, apr_pool_t *p)
{
    const qw_bytes_t oid = qw_oid_der(QW_OID_COMMON_NAME);
    apr_array_header_t *words = qw_text_words(names, p);
    apr_size_t name, set, pair;
    qw_der_t der;
    int i;

    qw_der_start(&der, p);
    name = qw_der_open(&der, QW_DER_SEQUENCE);
    for (i = 0; i < words->nelts; i++) {
        set = qw_der_open(&der, QW_DER_SET);
        pair = qw_der_open(&der, QW_DER_SEQUENCE);
        qw_der_raw(&der, &oid);
        qw_der_text(&der, tag, APR_ARRAY_IDX(words, i, const char *));
        qw_der_close(&der, pair);
        qw_der_close(&der, set);
    }
    qw_der_close(&der, name);
    return qw_der_bytes(&der);
}

/* Extension of OID with VALUE. */
static qw_bytes_t ext(qw_oid_e oid, int critical, const qw_bytes_t *value,
                      apr_pool_t *p)
{
    const qw_bytes_t id = qw_oid_der(oid);
    apr_size_t mark;
    qw_der_t der;

    qw_der_start(&der, p);
    mark = qw_der_open(&der, QW_DER_SEQUENCE);
    qw_der_raw(&der, &id);
    if (critical)
        put_hex(&der, "0101ff", p);
    qw_der_put(&der, QW_DER_OCTET_STRING, value->data, value->len);
    qw_der_close(&der, mark);
    return qw_der_bytes(&der);
}

static qw_bytes_t san(const char *names, apr_pool_t *p)
{
    apr_array_header_t *words = qw_text_words(names, p);
    qw_bytes_t value;
    apr_size_t list;
    qw_der_t der;
    int i;

    qw_der_start(&der, p);
    list = qw_der_open(&der, QW_DER_SEQUENCE);
    for (i = 0; i < words->nelts; i++)
        qw_der_text(&der, QW_DER_CONTEXT + 2,
                    APR_ARRAY_IDX(words, i, const char *));
    qw_der_close(&der, list);
    value = qw_der_bytes(&der);
    return ext(QW_OID_SUBJECT_ALT_NAME, 0, &value, p);
}

static qw_bytes_t joined(const qw_bytes_t *a, const qw_bytes_t *b,
                         apr_pool_t *p)
{
    qw_der_t der;

    qw_der_start(&der, p);
    qw_der_raw(&der, a);
    qw_der_raw(&der, b);
    return qw_der_bytes(&der);
}

/* Attribute OID whose set holds one SEQUENCE of EXTENSIONS, COPIES times. */
static qw_bytes_t attribute(qw_oid_e oid, const qw_bytes_t *extensions,
                            int copies, apr_pool_t *p)
{
    const qw_bytes_t id = qw_oid_der(oid);
    apr_size_t mark, set;
    qw_der_t der;

    qw_der_start(&der, p);
    mark = qw_der_open(&der, QW_DER_SEQUENCE);
    qw_der_raw(&der, &id);
    set = qw_der_open(&der, QW_DER_SET);
    while (copies-- > 0)
        qw_der_put(&der, QW_DER_SEQUENCE, extensions->data, extensions->len);
    qw_der_close(&der, set);
    qw_der_close(&der, mark);
    return qw_der_bytes(&der);
}

static qw_bytes_t asking(const qw_bytes_t *extensions, apr_pool_t *p)
{
    return attribute(QW_OID_EXTENSION_REQUEST, extensions, 1, p);
}

static request_t good(apr_pool_t *p)
{
    qw_bytes_t names = san("www.example.fr example.fr", p);
    request_t r = { 0 };

    r.key = qw_own_EVP_PKEY(p, EVP_EC_gen("P-256"));
    r.version = "020100";
    r.subject = subject("", QW_DER_UTF8, p);
    r.spki = spki_of(r.key, p);
    r.attributes = asking(&names, p);
    r.digest = "SHA256";
    r.sig_alg = ECDSA_SHA256;
    return r;
}

static void refuses_der(const qw_bytes_t *der, const char *says,
                        const char *what, apr_pool_t *p)
{
    qw_csr_t *csr = NULL;
    qw_problem_t *problem = qw_csr_parse(&csr, der, NULL, p);

    ok(problem != NULL && problem->code == QW_E_BAD_CSR
           && strstr(problem->detail, says) != NULL && csr == NULL
           && ERR_peek_error() == 0,
       "%s", what);
    if (problem == NULL || strstr(problem->detail, says) == NULL)
        printf("# %s\n", problem == NULL ? "taken" : problem->detail);
}

static void refuses(const request_t *r, const char *says, const char *what,
                    apr_pool_t *p)
{
    qw_bytes_t der = build(r, p);

    refuses_der(&der, says, what, p);
}

static void accepts(const request_t *r, const char *names, const char *what,
                    apr_pool_t *p)
{
    qw_bytes_t der = build(r, p);
    qw_csr_t *csr = NULL;
    qw_problem_t *problem = qw_csr_parse(&csr, &der, NULL, p);

    ok(problem == NULL && qw_bytes_equal(&csr->spki, &r->spki)
           && EVP_PKEY_eq(csr->key, r->key) == 1,
       "%s", what);
    if (problem != NULL)
        printf("# %s\n", problem->detail);
    else
        is_str(qw_text_join(csr->names, " ", p), names, "its names");
}

static void names(apr_pool_t *p)
{
    request_t r = good(p);
    qw_bytes_t none = { (const unsigned char *)"", 0 }, list;

    accepts(&r, "example.fr www.example.fr", "an empty subject and a SAN", p);
    r.subject = subject("WWW.Example.FR", QW_DER_PRINTABLE, p);
    accepts(&r, "example.fr www.example.fr", "a commonName out of the SAN", p);
    r.subject = subject("a.example.fr", QW_DER_UTF8, p);
    refuses(&r, "not among", "a commonName beside the SAN", p);
    r.subject = subject("www.example.fr example.fr", QW_DER_UTF8, p);
    refuses(&r, "two commonNames", "two commonNames", p);
    r.subject = subject("www.example.fr", QW_DER_T61, p);
    refuses(&r, "commonName", "a commonName in T61String", p);
    r.subject = subject("www.example.fr", 0x1e, p);
    refuses(&r, "commonName", "a commonName in BMPString", p);
    r.subject = subject("ex\xc3\xa9mple.fr", QW_DER_UTF8, p);
    refuses(&r, "commonName", "a commonName that is not ASCII", p);
    r.subject = subject("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                        "aaaaaaaa.fr",
                        QW_DER_UTF8, p);
    refuses(&r, "64 characters", "a commonName of 65 characters", p);
    r.subject = from_hex("3011310f300d06035504030c06612e66720062", p);
    refuses(&r, "DER", "a commonName with NUL (no UTF8String)", p);
    r.subject = from_hex("3010310e300c0603550403130561002e6672", p);
    refuses(&r, "commonName", "a commonName with NUL", p);
    r.attributes = none;
    r.subject = subject("A.example.fr", QW_DER_UTF8, p);
    accepts(&r, "a.example.fr", "a commonName alone", p);
    r.subject = subject("", QW_DER_UTF8, p);
    accepts(&r, "", "no name at all", p);
    list = san("*.Example.fr", p);
    r.attributes = asking(&list, p);
    accepts(&r, "*.example.fr", "a wildcard, in lower case", p);
}

static void alt_names(apr_pool_t *p)
{
    static const char *const kinds[][2] = {
        { "a008060388370104016b", "otherName" },
        { "8105614062662e", "rfc822Name, cut" },
        { "81056140622e66", "rfc822Name" },
        { "a400", "directoryName" },
        { "8608687474703a2f2f61", "URI" },
        { "8704c0000201", "iPAddress" },
        { "8803550403", "registeredID" }
    };
    static const char *const bad[] = { "a b.fr", "a,b.fr", "a\x01.fr" };
    request_t r = good(p);
    qw_bytes_t value, list, again;
    char deep[300];
    apr_size_t i;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        qw_bytes_t name = from_hex(kinds[i][0], p);
        qw_der_t der;

        qw_der_start(&der, p);
        qw_der_put(&der, QW_DER_SEQUENCE, name.data, name.len);
        value = qw_der_bytes(&der);
        list = ext(QW_OID_SUBJECT_ALT_NAME, 0, &value, p);
        r.attributes = asking(&list, p);
        refuses(&r, "subjectAltName", kinds[i][1], p);
    }
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        qw_der_t der;
        apr_size_t mark;

        qw_der_start(&der, p);
        mark = qw_der_open(&der, QW_DER_SEQUENCE);
        qw_der_text(&der, QW_DER_CONTEXT + 2, bad[i]);
        qw_der_close(&der, mark);
        value = qw_der_bytes(&der);
        list = ext(QW_OID_SUBJECT_ALT_NAME, 0, &value, p);
        r.attributes = asking(&list, p);
        refuses(&r, "not a domain name", "a dNSName of other letters", p);
    }
    memset(deep, 'a', 254);
    deep[254] = '\0';
    list = san(deep, p);
    r.attributes = asking(&list, p);
    refuses(&r, "not a domain name", "a dNSName of 254 octets", p);
    list = san("a.fr b.fr A.FR", p);
    r.attributes = asking(&list, p);
    refuses(&r, "twice", "a name twice", p);
    list = san("", p);
    r.attributes = asking(&list, p);
    refuses(&r, "empty", "an empty SAN", p);
    list = san("a.fr", p);
    again = joined(&list, &list, p);
    r.attributes = asking(&again, p);
    refuses(&r, "twice in the CSR", "two SANs", p);
}

static void attributes(apr_pool_t *p)
{
    static const unsigned char foreign[] = { 0x30, 0x0d, 0x06, 0x03, 0x2a,
                                             0x03, 0x04, 0x01, 0x01, 0xff,
                                             0x04, 0x03, 0x02, 0x01, 0x01 };
    const qw_bytes_t critical = { foreign, sizeof(foreign) };
    unsigned char *ignored = apr_pmemdup(p, foreign, sizeof(foreign));
    qw_bytes_t list = san("a.fr", p), one = asking(&list, p), both, harmless;
    request_t r = good(p);

    r.attributes = joined(&one, &one, p);
    refuses(&r, "two extensionRequest", "two extensionRequest attributes", p);
    r.attributes = attribute(QW_OID_EXTENSION_REQUEST, &list, 2, p);
    refuses(&r, "exactly one list", "two lists in one", p);
    r.attributes = attribute(QW_OID_EXTENSION_REQUEST, &list, 0, p);
    refuses(&r, "does not parse", "an empty set", p);
    r.attributes = attribute(QW_OID_MS_EXTENSION_REQUEST, &list, 1, p);
    refuses(&r, "Microsoft", "Microsoft's attribute", p);
    both = joined(&list, &critical, p);
    r.attributes = asking(&both, p);
    refuses(&r, "unknown critical extension 1.2.3.4",
            "an unknown critical extension", p);
    /* the same, not critical: octets 7 to 9 go */
    memmove(ignored + 7, ignored + 10, 5);
    ignored[1] = 0x0a;
    harmless.data = ignored;
    harmless.len = 12;
    both = joined(&list, &harmless, p);
    r.attributes = asking(&both, p);
    accepts(&r, "a.fr", "an unknown extension that is not critical", p);
    /* challengePassword, before extensionRequest as DER orders them */
    r.attributes = from_hex("301206092a864886f70d0109073105130373656b", p);
    r.attributes = joined(&r.attributes, &one, p);
    accepts(&r, "a.fr", "a challengePassword is not read", p);
}

/* Whatever a request asks for, nothing but key and names is there to be had. */
static void smuggling(apr_pool_t *p)
{
    static const struct {
        qw_oid_e oid;
        const char *value;
    } wishes[] = { { QW_OID_BASIC_CONSTRAINTS, "30060101ff020100" },
                   { QW_OID_KEY_USAGE, "03020106" },
                   { QW_OID_EXT_KEY_USAGE, "300606042a030405" },
                   { QW_OID_CERT_POLICIES, "3008" },
                   { QW_OID_QC_STATEMENTS, "3000" },
                   { QW_OID_NAME_CONSTRAINTS, "3000" },
                   { QW_OID_AUTHORITY_INFO, "3000" },
                   { QW_OID_CRL_POINTS, "3000" },
                   { QW_OID_SCT_LIST, "0400" },
                   { QW_OID_CT_POISON, "0500" },
                   { QW_OID_TLS_FEATURE, "3003020105" },
                   { QW_OID_ACME_IDENTIFIER, "0400" },
                   { QW_OID_NETSCAPE_CERT_TYPE, "03020780" } };
    qw_bytes_t list = san("a.fr", p), value, wish;
    request_t r = good(p);
    apr_size_t i;

    for (i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
        /* what is not read need not be DER, either */
        value = from_hex(wishes[i].value, p);
        wish = ext(wishes[i].oid, (int)(i & 1), &value, p);
        list = joined(&list, &wish, p);
    }
    r.attributes = asking(&list, p);
    r.subject = from_hex("302d31123010060355040a0c094f74686572204c7464311730150"
                         "6035504610c0e4e545247422d3030303030303030",
                         p);
    accepts(&r, "a.fr", "CA:TRUE, policies, another company: not read", p);
    ok(sizeof(qw_csr_t)
           == sizeof(qw_bytes_t) + sizeof(EVP_PKEY *)
                  + sizeof(apr_array_header_t *),
       "a parsed CSR has room for key and names only");
}

static void signatures(apr_pool_t *p)
{
    request_t r = good(p), other = good(p);
    qw_bytes_t der;

    r.digest = "SHA1";
    r.sig_alg = "300906072a8648ce3d0401";
    refuses(&r, "algorithm", "ECDSA with SHA-1", p);
    r.digest = "SHA384";
    r.sig_alg = "300a06082a8648ce3d040303";
    accepts(&r, "example.fr www.example.fr", "P-256 with SHA-384", p);
    r.sig_alg = ECDSA_SHA256;
    refuses(&r, "does not verify", "another digest than said", p);
    r = good(p);
    r.key = other.key;
    refuses(&r, "does not verify", "signed by another key", p);
    r = good(p);
    r.sig_alg = "300d06092a864886f70d01010b0500";
    refuses(&r, "algorithm", "an RSA algorithm with an EC key", p);
    r.sig_alg = "300c06082a8648ce3d0403020500";
    refuses(&r, "algorithm", "ECDSA with parameters", p);
    r = good(p);
    r.key = qw_own_EVP_PKEY(p, EVP_RSA_gen(2048));
    r.spki = spki_of(r.key, p);
    r.sig_alg = "300d06092a864886f70d01010b0500";
    accepts(&r, "example.fr www.example.fr", "RSA-2048", p);
    r.digest = "SHA1";
    r.sig_alg = "300d06092a864886f70d0101050500";
    refuses(&r, "algorithm", "RSA with SHA-1", p);
    r.digest = "MD5";
    r.sig_alg = "300d06092a864886f70d0101040500";
    refuses(&r, "algorithm", "RSA with MD5", p);
    r = good(p);
    der = build(&r, p);
    ((unsigned char *)der.data)[der.len - 1] ^= 1;
    refuses_der(&der, "does not verify", "a flipped bit", p);
}

static void keys(apr_pool_t *p)
{
    request_t r = good(p);

    r.key = qw_own_EVP_PKEY(p, EVP_RSA_gen(1024));
    r.spki = spki_of(r.key, p);
    r.sig_alg = "300d06092a864886f70d01010b0500";
    refuses(&r, "1024 bits", "RSA-1024", p);
    r.key = qw_own_EVP_PKEY(p, EVP_EC_gen("secp256k1"));
    r.spki = spki_of(r.key, p);
    r.sig_alg = ECDSA_SHA256;
    refuses(&r, "not RSA, P-256", "secp256k1", p);
    r.key = qw_own_EVP_PKEY(p, EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
    r.spki = spki_of(r.key, p);
    r.digest = NULL;
    r.sig_alg = "300506032b6570";
    refuses(&r, "not RSA, P-256", "Ed25519", p);
    r = good(p);
    r.key = qw_own_EVP_PKEY(p, EVP_EC_gen("P-384"));
    r.spki = spki_of(r.key, p);
    r.digest = "SHA384";
    r.sig_alg = "300a06082a8648ce3d040303";
    accepts(&r, "example.fr www.example.fr", "P-384", p);
}

/* OpenSSL takes every one of these. */
static void ber(apr_pool_t *p)
{
    request_t r = good(p);
    qw_bytes_t der = build(&r, p), bad;
    const char *hex = qw_hex_encode(der.data, der.len, p), *body = hex + 6;

    ok(strncmp(hex, "3081", 4) == 0, "the request's length takes two octets");
    bad = from_hex(apr_pstrcat(p, hex, "00", NULL), p);
    refuses_der(&bad, "DER", "a trailing octet", p);
    bad = from_hex(apr_pstrcat(p, "3080", body, "0000", NULL), p);
    refuses_der(&bad, "DER", "an indefinite length", p);
    bad = from_hex(apr_pstrcat(p, "308200", hex + 4, NULL), p);
    refuses_der(&bad, "DER", "a length that is not minimal", p);
    r.version = "02020000";
    refuses(&r, "DER", "an integer that is not minimal", p);
    r.version = "020101";
    refuses(&r, "PKCS#10", "version 2", p);
    r.version = "0a0100";
    refuses(&r, "PKCS#10", "an ENUMERATED version", p);
    r = good(p);
    r.subject = from_hex("30223120300e06035504030c07622e612e666f6f300e060355040"
                         "30c07612e612e666f6f",
                         p);
    refuses(&r, "DER", "a SET that is not in order", p);
    r = good(p);
    r.attributes = from_hex(
        "301d06092a864886f70d01090e3110300e300c0603551d1301010104023000", p);
    refuses(&r, "DER", "BOOLEAN 01", p);
    r.attributes = from_hex(
        "301d06092a864886f70d01090e3110300e300c0603551d1301010004023000", p);
    refuses(&r, "DER", "critical FALSE spelled out", p);
}

static void truncated_and_flipped(apr_pool_t *p)
{
    request_t r = good(p);
    qw_bytes_t der = build(&r, p), bad = der;
    unsigned char *copy = apr_pmemdup(p, der.data, der.len);
    apr_size_t i, refused = 0;
    apr_pool_t *round;
    qw_csr_t *csr;

    apr_pool_create(&round, p);
    bad.data = copy;
    for (i = 0; i < der.len; i++) {
        qw_problem_t *problem;

        bad.len = i;
        problem = qw_csr_parse(&csr, &bad, NULL, round);
        refused += problem != NULL && problem->code == QW_E_BAD_CSR;
        apr_pool_clear(round);
    }
    ok(refused == der.len, "cut anywhere it is a bad CSR");
    bad.len = der.len;
    for (i = 0, refused = 0; i < der.len; i++) {
        qw_problem_t *problem;

        copy[i] ^= 0x01;
        problem = qw_csr_parse(&csr, &bad, NULL, round);
        refused += problem != NULL && problem->code == QW_E_BAD_CSR;
        copy[i] ^= 0x81;
        problem = qw_csr_parse(&csr, &bad, NULL, round);
        refused += problem != NULL && problem->code == QW_E_BAD_CSR;
        copy[i] ^= 0x80;
        apr_pool_clear(round);
    }
    ok(refused == 2 * der.len, "with any octet flipped it is a bad CSR");
    ok(ERR_peek_error() == 0, "nothing is left in the error queue");
}

static void large(apr_pool_t *p)
{
    unsigned char *nested = apr_palloc(p, 4000);
    qw_bytes_t der = { nested, 4000 }, list;
    request_t r = good(p);
    char *many = apr_palloc(p, 60000);
    apr_time_t start;
    int i, n = 0;

    for (i = 0; i < 1000; i++)
        memcpy(nested + 4 * i, "\x30\x82\x00\x00", 4);
    for (i = 0; i < 1000; i++) {
        int len = 4 * (1000 - i - 1);

        nested[4 * i + 2] = (unsigned char)(len >> 8);
        nested[4 * i + 3] = (unsigned char)len;
    }
    refuses_der(&der, "DER", "1000 sequences in each other", p);
    for (i = 0; i < 4000; i++)
        n += snprintf(many + n, 60000 - (size_t)n, "n%d.fr ", i);
    list = san(many, p);
    r.attributes = asking(&list, p);
    der = build(&r, p);
    start = apr_time_now();
    ok(qw_csr_parse(&(qw_csr_t *){ NULL }, &der, NULL, p) == NULL
           && apr_time_now() - start < apr_time_from_msec(500),
       "4000 names take no long time");
    der.len = 0;
    refuses_der(&der, "DER", "nothing", p);
}

static void compared(apr_pool_t *p)
{
    request_t r = good(p);
    qw_bytes_t der = build(&r, p);
    apr_array_header_t *order;
    qw_problem_t *problem;
    qw_csr_t *csr;

    if (qw_csr_parse(&csr, &der, NULL, p) != NULL)
        return;
    order = qw_text_words("www.example.fr example.fr", p);
    ok(qw_csr_check_names(csr, order, p) == NULL, "the same, in any order");
    is_str(qw_text_join(order, " ", p), "www.example.fr example.fr",
           "the order's list stays as it is");
    problem = qw_csr_check_names(csr, qw_text_words("example.fr", p), p);
    ok(problem != NULL && problem->code == QW_E_BAD_CSR, "one name too many");
    is_str(problem->detail, "the CSR names www.example.fr, the order does not",
           "and which");
    problem =
        qw_csr_check_names(csr,
                           qw_text_words("example.fr www.example.fr a.fr", p),
                           p);
    ok(problem != NULL && problem->code == QW_E_BAD_CSR, "one too few");
    is_str(problem->detail, "the order names a.fr, the CSR does not",
           "and which");
    problem = qw_csr_check_names(csr, qw_text_words("", p), p);
    ok(problem != NULL, "no name at all");
}

/* What OpenSSL makes is taken. */
static void openssl_made(apr_pool_t *p)
{
    X509_REQ *req = qw_own_X509_REQ(p, X509_REQ_new());
    EVP_PKEY *key = qw_own_EVP_PKEY(p, EVP_EC_gen("P-256"));
    STACK_OF(X509_EXTENSION) *list = sk_X509_EXTENSION_new_null();
    unsigned char *data = NULL;
    qw_csr_t *csr = NULL;
    qw_bytes_t der;
    qw_problem_t *problem;

    X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(req), "CN",
                               MBSTRING_ASC, (const unsigned char *)"a.fr", -1,
                               -1, 0);
    sk_X509_EXTENSION_push(list, X509V3_EXT_nconf_nid(NULL, NULL,
                                                      NID_subject_alt_name,
                                                      "DNS:b.fr,DNS:a.fr"));
    sk_X509_EXTENSION_push(list, X509V3_EXT_nconf_nid(NULL, NULL,
                                                      NID_basic_constraints,
                                                      "critical,CA:TRUE"));
    X509_REQ_add_extensions(req, list);
    sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
    X509_REQ_set_pubkey(req, key);
    X509_REQ_sign(req, key, EVP_sha256());
    der.len = (apr_size_t)i2d_X509_REQ(req, &data);
    der.data = data;
    problem = qw_csr_parse(&csr, &der, NULL, p);
    ok(problem == NULL, "a request of OpenSSL's");
    if (problem == NULL)
        is_str(qw_text_join(csr->names, " ", p), "a.fr b.fr", "its names");
    OPENSSL_free(data);
}

int main(void)
{
    apr_pool_t *p;

    apr_initialize();
    apr_pool_create(&p, NULL);
    names(p);
    alt_names(p);
    attributes(p);
    smuggling(p);
    signatures(p);
    keys(p);
    ber(p);
    truncated_and_flipped(p);
    large(p);
    compared(p);
    openssl_made(p);
    apr_pool_destroy(p);
    return done_testing();
}
