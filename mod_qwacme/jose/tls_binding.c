#include "jose/tls_binding.h"

#include "base/b64.h"
#include "base/text.h"
#include "jose/tls_binding_form.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>

#include <string.h>

#define REFUSE(pool, ...) QW_FAIL(pool, MALFORMED, "the binding: " __VA_ARGS__)

/* The year 9999: beyond it there is no date to show. */
static const apr_int64_t latest = APR_INT64_C(253402300799);

static const struct {
    const char *method;
    const char *digest;
    apr_size_t len;
} hash_methods[] = { { "S256", "SHA256", 32 },
                     { "S384", "SHA384", 48 },
                     { "S512", "SHA512", 64 } };

enum { HASH_METHODS = sizeof(hash_methods) / sizeof(hash_methods[0]) };

static int find_method(const char *method)
{
    int i;

    for (i = 0; i < HASH_METHODS; i++)
        if (strcmp(hash_methods[i].method, method) == 0)
            return i;
    return -1;
}

static const char *hash_text(const char *digest, const void *data,
                             apr_size_t len, apr_pool_t *pool)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    size_t hash_len = 0;

    if (EVP_Q_digest(NULL, digest, NULL, data, len, hash, &hash_len) != 1)
        return NULL;
    return qw_b64url_encode(hash, hash_len, pool);
}

const char *qw_tls_binding_thumbprint(const qw_bytes_t *der, apr_pool_t *pool)
{
    return hash_text("SHA256", der->data, der->len, pool);
}

const char *qw_tls_binding_hash(const char *method, const qw_bytes_t *der,
                                apr_pool_t *pool)
{
    const char *text = qw_b64url_encode(der->data, der->len, pool);
    int row = find_method(method);

    if (row < 0)
        return NULL;
    return hash_text(hash_methods[row].digest, text, strlen(text), pool);
}

/* ---- header parameters --------------------------------------------------- */

static qw_problem_t *read_alg(qw_tls_binding_t *b, const json_t *header,
                              apr_pool_t *pool)
{
    QW_TRY(qw_json_text(&b->alg, header, "alg", QW_REQUIRED, pool));
    if (qw_tls_binding_alg_row(b->alg) == NULL)
        return REFUSE(pool,
                      "alg '%s' is none that browsers take; sign with ES256 "
                      "(P-256), PS256 or RS256",
                      qw_text_safe(b->alg, 32, pool));
    return NULL;
}

static qw_problem_t *read_kid(qw_tls_binding_t *b, const json_t *header,
                              apr_pool_t *pool)
{
    return qw_json_text(&b->kid, header, "kid", QW_OPTIONAL, pool);
}

static qw_problem_t *read_cty(qw_tls_binding_t *b, const json_t *header,
                              apr_pool_t *pool)
{
    const char *cty;

    (void)b;
    QW_TRY(qw_json_text(&cty, header, "cty", QW_REQUIRED, pool));
    if (strcmp(cty, QW_TLS_BINDING_CTY) != 0)
        return REFUSE(pool, "cty is '%s'; it must be " QW_TLS_BINDING_CTY,
                      qw_text_safe(cty, 64, pool));
    return NULL;
}

/* Standard base64 with padding, strictly; RFC7515-4.1.6. */
static int decode_base64(qw_bytes_t *der, const char *text, apr_pool_t *pool)
{
    char *copy = apr_pstrdup(pool, text), *c;
    apr_size_t len = strlen(text), pad;

    for (pad = 0; pad < 2 && pad < len && text[len - 1 - pad] == '='; pad++)
        ;
    if (len == 0 || len % 4 != 0 || strpbrk(text, "-_") != NULL)
        return 0;
    copy[len - pad] = '\0';
    for (c = copy; *c != '\0'; c++)
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
    return qw_b64url_decode(der, copy, pool);
}

static qw_problem_t *read_x5c(qw_tls_binding_t *b, const json_t *header,
                              apr_pool_t *pool)
{
    json_t *list, *item;
    apr_size_t i, n;

    QW_TRY(qw_json_array(&list, header, "x5c", QW_REQUIRED, pool));
    n = json_array_size(list);
    if (n == 0 || n > QW_TLS_BINDING_CHAIN_MOST)
        return REFUSE(pool,
                      "x5c holds %d certificates; give 1 to %d, the 2-QWAC "
                      "first, then its chain",
                      (int)n, QW_TLS_BINDING_CHAIN_MOST);
    b->x5c = apr_array_make(pool, (int)n, sizeof(qw_bytes_t));
    json_array_foreach(list, i, item)
    {
        if (!json_is_string(item)
            || !decode_base64(&APR_ARRAY_PUSH(b->x5c, qw_bytes_t),
                              json_string_value(item), pool))
            return REFUSE(pool,
                          "certificate %d of x5c is not base64 with padding; "
                          "x5c is the one place without base64url",
                          (int)i + 1);
    }
    return NULL;
}

/* After x5c: Firefox compares them. */
static qw_problem_t *read_thumbprint(qw_tls_binding_t *b, const json_t *header,
                                     apr_pool_t *pool)
{
    const char *given, *want;

    QW_TRY(qw_json_text(&given, header, "x5t#S256", QW_OPTIONAL, pool));
    want =
        qw_tls_binding_thumbprint(&APR_ARRAY_IDX(b->x5c, 0, qw_bytes_t), pool);
    if (given != NULL && (want == NULL || strcmp(given, want) != 0))
        return REFUSE(pool,
                      "x5t#S256 is not the SHA-256 of the first certificate of "
                      "x5c; it must be %s, or be left out",
                      want);
    return NULL;
}

static qw_problem_t *read_date(apr_time_t *when, const json_t *header,
                               const char *name, apr_pool_t *pool)
{
    apr_int64_t seconds;

    QW_TRY(qw_json_int(&seconds, header, name, QW_OPTIONAL, pool));
    if (json_object_get(header, name) != NULL
        && (seconds < 1 || seconds > latest))
        return REFUSE(pool, "%s is no time; give seconds since 1970", name);
    *when = apr_time_from_sec(seconds);
    return NULL;
}

static qw_problem_t *read_iat(qw_tls_binding_t *b, const json_t *header,
                              apr_pool_t *pool)
{
    return read_date(&b->iat, header, "iat", pool);
}

static qw_problem_t *read_exp(qw_tls_binding_t *b, const json_t *header,
                              apr_pool_t *pool)
{
    return read_date(&b->exp, header, "exp", pool);
}

/* ---- sigD ---------------------------------------------------------------- */

static qw_problem_t *read_mid(qw_tls_binding_t *b, const json_t *sigd,
                              apr_pool_t *pool)
{
    const char *mid;

    (void)b;
    QW_TRY(qw_json_text(&mid, sigd, "mId", QW_REQUIRED, pool));
    if (strcmp(mid, QW_TLS_BINDING_MID) != 0)
        return REFUSE(pool, "mId of sigD is '%s'; it must be %s",
                      qw_text_safe(mid, 120, pool), QW_TLS_BINDING_MID);
    return NULL;
}

static qw_problem_t *read_texts(apr_array_header_t **texts, const json_t *sigd,
                                const char *name, apr_pool_t *pool)
{
    json_t *list, *item;
    apr_size_t i;

    QW_TRY(qw_json_array(&list, sigd, name, QW_REQUIRED, pool));
    *texts = apr_array_make(pool, 2, sizeof(const char *));
    json_array_foreach(list, i, item)
    {
        if (!json_is_string(item))
            return REFUSE(pool, "entry %d of %s is not a string", (int)i + 1,
                          name);
        APR_ARRAY_PUSH(*texts, const char *) = json_string_value(item);
    }
    return NULL;
}

static qw_problem_t *read_pars(qw_tls_binding_t *b, const json_t *sigd,
                               apr_pool_t *pool)
{
    return read_texts(&b->pars, sigd, "pars", pool);
}

static qw_problem_t *read_method(qw_tls_binding_t *b, const json_t *sigd,
                                 apr_pool_t *pool)
{
    QW_TRY(qw_json_text(&b->hash_method, sigd, "hashM", QW_REQUIRED, pool));
    if (find_method(b->hash_method) < 0)
        return REFUSE(pool,
                      "hashM '%s' is not S256, S384 or S512; take S256, which "
                      "every browser knows",
                      qw_text_safe(b->hash_method, 32, pool));
    return NULL;
}

/* After pars and hashM. */
static qw_problem_t *read_hashes(qw_tls_binding_t *b, const json_t *sigd,
                                 apr_pool_t *pool)
{
    apr_size_t want = hash_methods[find_method(b->hash_method)].len;
    qw_bytes_t hash;
    int i;

    QW_TRY(read_texts(&b->hashes, sigd, "hashV", pool));
    if (b->hashes->nelts == 0 || b->hashes->nelts != b->pars->nelts)
        return REFUSE(pool,
                      "hashV has %d entries and pars %d; give one of each for "
                      "each certificate",
                      b->hashes->nelts, b->pars->nelts);
    for (i = 0; i < b->hashes->nelts; i++) {
        if (!qw_b64url_decode(&hash, APR_ARRAY_IDX(b->hashes, i, const char *),
                              pool)
            || hash.len != want)
            return REFUSE(pool,
                          "entry %d of hashV is not %d bytes as base64url "
                          "without padding",
                          i + 1, (int)want);
    }
    return NULL;
}

/* ---- the whole ----------------------------------------------------------- */

typedef struct {
    const char *name;
    qw_problem_t *(*read)(qw_tls_binding_t *, const json_t *, apr_pool_t *);
} param_t;

static const param_t sigd_members[] = { { "mId", read_mid },
                                        { "pars", read_pars },
                                        { "hashM", read_method },
                                        { "hashV", read_hashes },
                                        { NULL, NULL } };

static qw_problem_t *read_sigd(qw_tls_binding_t *b, const json_t *header,
                               apr_pool_t *pool);

static const param_t params[] = {
    { "alg", read_alg }, { "kid", read_kid },   { "cty", read_cty },
    { "x5c", read_x5c }, { "iat", read_iat },   { "x5t#S256", read_thumbprint },
    { "exp", read_exp }, { "sigD", read_sigd }, { NULL, NULL }
};

/* Members that other profiles have, and why not here. */
static const struct {
    const char *name;
    const char *why;
} wrong_params[] = {
    { "crit", "Firefox refuses it, though TS 119 182-1 asks for it" },
    { "b64", "the hashes are over base64url here" },
    { "ctys", "Firefox refuses it" },
    { "sigT", "iat has its place" },
    { "x5u", "the chain stands in x5c" },
};

static const char *why_not(const char *name)
{
    apr_size_t i;

    for (i = 0; i < sizeof(wrong_params) / sizeof(wrong_params[0]); i++)
        if (strcmp(wrong_params[i].name, name) == 0)
            return wrong_params[i].why;
    return "TS 119 411-5 Annex B does not have it";
}

static qw_problem_t *read_members(qw_tls_binding_t *b, json_t *object,
                                  const param_t *table, const char *where,
                                  apr_pool_t *pool)
{
    const param_t *row;
    const char *name;
    json_t *value;

    json_object_foreach(object, name, value)
    {
        for (row = table; row->name != NULL; row++)
            if (strcmp(row->name, name) == 0)
                break;
        if (row->name == NULL)
            return REFUSE(pool, "%s has '%s': %s; leave it out", where,
                          qw_text_safe(name, 32, pool), why_not(name));
    }
    for (row = table; row->name != NULL; row++)
        QW_TRY(row->read(b, object, pool));
    return NULL;
}

static qw_problem_t *read_sigd(qw_tls_binding_t *b, const json_t *header,
                               apr_pool_t *pool)
{
    json_t *sigd;

    QW_TRY(qw_json_object(&sigd, header, "sigD", QW_REQUIRED, pool));
    return read_members(b, sigd, sigd_members, "sigD", pool);
}

static qw_problem_t *check_text(const char *text, apr_size_t len,
                                apr_pool_t *pool)
{
    apr_size_t i;

    if (len > QW_TLS_BINDING_MOST)
        return REFUSE(pool,
                      "longer than %d bytes, more than browsers read; bind "
                      "fewer certificates",
                      QW_TLS_BINDING_MOST);
    for (i = 0; i < len; i++) {
        if (apr_isspace(text[i]))
            return REFUSE(pool,
                          "byte %d is white space, which is no base64url; "
                          "write it on one line with no line feed after it",
                          (int)i + 1);
        if (text[i] == '\0')
            return REFUSE(pool, "byte %d is NUL", (int)i + 1);
    }
    return NULL;
}

/* header ".." signature */
static qw_problem_t *split(char **header64, qw_tls_binding_t *b,
                           const char *text, apr_pool_t *pool)
{
    char *copy = apr_pstrdup(pool, text);
    char *first = strchr(copy, '.');
    char *second = first != NULL ? strchr(first + 1, '.') : NULL;

    if (second == NULL || strchr(second + 1, '.') != NULL)
        return REFUSE(pool, "not a compact JWS: header, two dots, signature");
    if (second != first + 1)
        return REFUSE(pool,
                      "has a payload between the dots; it must be detached: "
                      "sigD names the certificates");
    if (!qw_b64url_decode(&b->signature, second + 1, pool)
        || b->signature.len == 0)
        return REFUSE(pool, "its signature is not base64url without padding");
    b->input.data = (const unsigned char *)text;
    b->input.len = (apr_size_t)(second - copy);
    *first = '\0';
    *header64 = copy;
    return NULL;
}

qw_problem_t *qw_tls_binding_parse(qw_tls_binding_t **binding, const char *text,
                                   apr_size_t len, apr_pool_t *pool)
{
    qw_tls_binding_t *parsed = apr_pcalloc(pool, sizeof(*parsed));
    qw_bytes_t json;
    char *header64;
    json_t *header;

    QW_TRY(check_text(text, len, pool));
    QW_TRY(split(&header64, parsed, apr_pstrmemdup(pool, text, len), pool));
    if (*header64 == '\0' || !qw_b64url_decode(&json, header64, pool))
        return REFUSE(pool, "its header is not base64url without padding");
    QW_TRY(qw_json_parse_object(&header, (const char *)json.data, json.len,
                                "the header of the binding", pool));
    QW_TRY(read_members(parsed, header, params, "the header", pool));
    *binding = parsed;
    return NULL;
}

int qw_tls_binding_index(const qw_tls_binding_t *binding, const qw_bytes_t *der,
                         apr_pool_t *pool)
{
    const char *want = qw_tls_binding_hash(binding->hash_method, der, pool);
    int i;

    for (i = 0; want != NULL && i < binding->hashes->nelts; i++)
        if (strcmp(APR_ARRAY_IDX(binding->hashes, i, const char *), want) == 0)
            return i;
    return -1;
}

/* ---- the signature ------------------------------------------------------- */

/* r || s (RFC7518-3.4) to the DER that OpenSSL takes, in POOL. */
static int to_der(qw_bytes_t *signature, apr_pool_t *pool)
{
    const unsigned char *raw = signature->data;
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, QW_TLS_BINDING_HALF, NULL);
    BIGNUM *s = BN_bin2bn(raw + QW_TLS_BINDING_HALF, QW_TLS_BINDING_HALF, NULL);
    unsigned char *der = NULL;
    int len = 0;

    if (sig != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(sig, r, s))
        len = i2d_ECDSA_SIG(sig, &der);
    else {
        BN_free(r);
        BN_free(s);
    }
    ECDSA_SIG_free(sig);
    if (len > 0) {
        signature->data = apr_pmemdup(pool, der, (apr_size_t)len);
        signature->len = (apr_size_t)len;
    }
    OPENSSL_free(der);
    return len > 0;
}

static int verifies(const qw_tls_binding_alg_t *row, EVP_PKEY *key,
                    const qw_bytes_t *signature, const qw_bytes_t *input)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pad = NULL;
    int good;

    good =
        ctx != NULL
        && EVP_DigestVerifyInit_ex(ctx, &pad, "SHA256", NULL, NULL, key, NULL)
               == 1
        && qw_tls_binding_alg_pad(row, pad)
        && EVP_DigestVerify(ctx, signature->data, signature->len, input->data,
                            input->len)
               == 1;
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return good;
}

qw_problem_t *qw_tls_binding_verify(const qw_tls_binding_t *binding,
                                    EVP_PKEY *key, apr_pool_t *pool)
{
    const qw_tls_binding_alg_t *row = qw_tls_binding_alg_row(binding->alg);
    qw_bytes_t signature = binding->signature;

    if (row == NULL || !qw_tls_binding_alg_fits(row, key))
        return REFUSE(pool,
                      "alg %s does not fit the key of the 2-QWAC; ES256 is for "
                      "P-256, PS256 and RS256 are for RSA",
                      binding->alg);
    if (row->group != NULL
        && (signature.len != QW_TLS_BINDING_RAW || !to_der(&signature, pool)))
        return REFUSE(pool,
                      "a signature by ES256 is %d bytes, r and s; this one has "
                      "%d, perhaps DER: unpack it",
                      QW_TLS_BINDING_RAW, (int)binding->signature.len);
    if (!verifies(row, key, &signature, &binding->input))
        return REFUSE(pool,
                      "its signature does not verify; sign the header and one "
                      "dot with the key of the 2-QWAC, anew");
    return NULL;
}
