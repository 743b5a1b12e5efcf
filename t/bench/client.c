#include "client.h"

#include "base/b64.h"
#include "base/json.h"

#include <apr_strings.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>

#include <stdlib.h>
#include <string.h>

static const char *b64_text(const char *text, apr_pool_t *pool)
{
    return qw_b64url_encode((const unsigned char *)text, strlen(text), pool);
}

/* r || s, as JWS wants it. */
static const char *sign_es256(EVP_PKEY *key, const char *input,
                              apr_pool_t *pool)
{
    unsigned char der[80], raw[64];
    const unsigned char *p = der;
    size_t len = sizeof(der);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    ECDSA_SIG *sig;

    EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key);
    EVP_DigestSign(ctx, der, &len, (const unsigned char *)input, strlen(input));
    EVP_MD_CTX_free(ctx);
    sig = d2i_ECDSA_SIG(NULL, &p, (long)len);
    BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + 32, 32);
    ECDSA_SIG_free(sig);
    return qw_b64url_encode(raw, sizeof(raw), pool);
}

static json_t *jwk_of(EVP_PKEY *key, apr_pool_t *pool)
{
    unsigned char point[65];
    size_t len = 0;

    EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point,
                                    sizeof(point), &len);
    return json_pack("{s:s,s:s,s:s,s:s}", "kty", "EC", "crv", "P-256", "x",
                     qw_b64url_encode(point + 1, 32, pool), "y",
                     qw_b64url_encode(point + 33, 32, pool));
}

static char *thumbprint_of(EVP_PKEY *key, apr_pool_t *pool)
{
    json_t *jwk = jwk_of(key, pool);
    char *text = json_dumps(jwk, JSON_COMPACT | JSON_SORT_KEYS);
    unsigned char hash[32];

    EVP_Q_digest(NULL, "SHA256", NULL, text, strlen(text), hash, NULL);
    free(text);
    json_decref(jwk);
    return apr_pstrdup(pool, qw_b64url_encode(hash, 32, pool));
}

static const char *flattened(const char *header, const char *payload,
                             const char *signature, apr_pool_t *pool)
{
    return apr_psprintf(pool,
                        "{\"protected\":\"%s\",\"payload\":\"%s\","
                        "\"signature\":\"%s\"}",
                        header, payload, signature);
}

static const char *jws(const bench_client_t *c, const char *url,
                       const char *payload)
{
    json_t *header = json_pack("{s:s,s:s,s:s}", "alg", "ES256", "nonce",
                               c->nonce, "url", url);
    const char *head, *body = b64_text(payload, c->round);
    char *text;

    if (c->kid != NULL)
        json_object_set_new(header, "kid", json_string(c->kid));
    else
        json_object_set_new(header, "jwk", jwk_of(c->key, c->round));
    text = json_dumps(header, JSON_COMPACT);
    head = b64_text(text, c->round);
    free(text);
    json_decref(header);
    return flattened(head, body,
                     sign_es256(c->key,
                                apr_pstrcat(c->round, head, ".", body, NULL),
                                c->round),
                     c->round);
}

static size_t on_header(char *line, size_t size, size_t n, void *baton)
{
    bench_client_t *c = baton;
    apr_size_t len = size * n;
    char *value = memchr(line, ':', len);

    if (value == NULL)
        return len;
    value++;
    while (*value == ' ')
        value++;
    value = apr_pstrmemdup(c->pool, value, (apr_size_t)(line + len - value));
    value[strcspn(value, "\r\n")] = '\0';
    if (strncasecmp(line, "replay-nonce:", 13) == 0)
        c->nonce = value;
    else if (strncasecmp(line, "location:", 9) == 0)
        c->location = value;
    return len;
}

static size_t on_body(char *data, size_t size, size_t n, void *baton)
{
    bench_client_t *c = baton;
    apr_size_t len = size * n;

    c->text = realloc(c->text, c->text_len + len + 1);
    memcpy(c->text + c->text_len, data, len);
    c->text_len += len;
    c->text[c->text_len] = '\0';
    return len;
}

static int perform(bench_client_t *c, const char *url)
{
    c->text_len = 0;
    c->location = NULL;
    c->requests++;
    curl_easy_setopt(c->curl, CURLOPT_URL, url);
    if (curl_easy_perform(c->curl) != CURLE_OK)
        return 0;
    curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &c->status);
    json_decref(c->answer);
    c->answer = c->text_len > 0 && c->text[0] == '{'
                    ? json_loadb(c->text, c->text_len, 0, NULL)
                    : NULL;
    return 1;
}

static int fetch_nonce(bench_client_t *c)
{
    curl_easy_setopt(c->curl, CURLOPT_NOBODY, 1L);
    if (!perform(c,
                 json_string_value(json_object_get(c->directory, "newNonce"))))
        return 0;
    curl_easy_setopt(c->curl, CURLOPT_NOBODY, 0L);
    return c->nonce != NULL;
}

static int post_text(bench_client_t *c, const char *url, const char *payload)
{
    const char *body;

    if (c->nonce == NULL && !fetch_nonce(c))
        return 0;
    body = jws(c, url, payload);
    c->nonce = NULL;
    curl_easy_setopt(c->curl, CURLOPT_COPYPOSTFIELDS, body);
    return perform(c, url);
}

int bench_post(bench_client_t *c, const char *url, json_t *payload, long want)
{
    char *text =
        payload != NULL ? json_dumps(payload, JSON_COMPACT) : strdup("");
    const char *type = NULL;
    int ok = post_text(c, url, text);

    if (ok && c->status == 400 && c->answer != NULL)
        type = json_string_value(json_object_get(c->answer, "type"));
    if (type != NULL && strstr(type, ":badNonce") != NULL)
        ok = post_text(c, url, text);
    free(text);
    json_decref(payload);
    if (ok && c->status != want)
        fprintf(stderr, "%s: %ld %s\n", url, c->status,
                c->text != NULL ? c->text : "");
    return ok && c->status == want;
}

int bench_client_init(bench_client_t *c, const bench_server_t *server,
                      apr_pool_t *pool)
{
    struct curl_slist *headers;

    c->server = server;
    c->pool = pool;
    apr_pool_create(&c->round, pool);
    c->key = EVP_EC_gen("P-256");
    c->thumbprint = thumbprint_of(c->key, pool);
    c->curl = curl_easy_init();
    curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c->curl, CURLOPT_TIMEOUT, 20L);
    curl_easy_setopt(c->curl, CURLOPT_CAINFO, server->ca_file);
    curl_easy_setopt(c->curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(c->curl, CURLOPT_PROXY, "");
    curl_easy_setopt(c->curl, CURLOPT_USERAGENT, "acmeload");
    curl_easy_setopt(c->curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(c->curl, CURLOPT_HEADERDATA, c);
    curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, c);
    if (!perform(c, server->directory) || c->status != 200)
        return 0;
    c->directory = json_incref(c->answer);
    headers = curl_slist_append(NULL, "Content-Type: application/jose+json");
    headers = curl_slist_append(headers, "Expect:");
    curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
    return c->directory != NULL;
}

static json_t *binding(const bench_client_t *c, const char *url)
{
    json_t *header = json_pack("{s:s,s:s,s:s}", "alg", "HS256", "kid",
                               c->server->kid, "url", url);
    json_t *jwk = jwk_of(c->key, c->round), *object;
    char *header_text = json_dumps(header, JSON_COMPACT);
    char *jwk_text = json_dumps(jwk, JSON_COMPACT);
    const char *head = b64_text(header_text, c->round);
    const char *body = b64_text(jwk_text, c->round);
    const char *input = apr_pstrcat(c->round, head, ".", body, NULL);
    unsigned char mac[32];
    unsigned int len = sizeof(mac);
    qw_bytes_t key;

    qw_b64url_decode(&key, c->server->mac_key, c->round);
    HMAC(EVP_sha256(), key.data, (int)key.len, (const unsigned char *)input,
         strlen(input), mac, &len);
    object = json_pack("{s:s,s:s,s:s}", "protected", head, "payload", body,
                       "signature", qw_b64url_encode(mac, len, c->round));
    free(header_text);
    free(jwk_text);
    json_decref(header);
    json_decref(jwk);
    return object;
}

int bench_register(bench_client_t *c)
{
    const char *url =
        json_string_value(json_object_get(c->directory, "newAccount"));
    json_t *payload = json_pack("{s:b}", "termsOfServiceAgreed", 1);

    if (c->server->kid != NULL)
        json_object_set_new(payload, "externalAccountBinding", binding(c, url));
    if (!bench_post(c, url, payload, 201))
        return 0;
    c->kid = apr_pstrdup(c->pool, c->location);
    return c->kid != NULL;
}
