#include "jose/eab.h"

#include "base/text.h"
#include "jose/alg.h"

#include <apr_strings.h>
#include <openssl/crypto.h>

#include <string.h>

enum { MAC_MOST = 64, KID_MOST = 128 };

static qw_problem_t *check_header(const qw_jws_t *jws, const char *url,
                                  apr_pool_t *pool)
{
    if (qw_alg_mac_digest(jws->alg) == NULL)
        return QW_FAIL(pool, MALFORMED,
                       "externalAccountBinding: alg %s is not HS256, HS384 or "
                       "HS512",
                       qw_text_safe(jws->alg, 32, pool));
    if (jws->nonce != NULL)
        return QW_FAIL(pool, MALFORMED,
                       "externalAccountBinding: must not have a nonce");
    if (jws->jwk != NULL)
        return QW_FAIL(pool, MALFORMED,
                       "externalAccountBinding: must not have a jwk");
    if (jws->kid == NULL || *jws->kid == '\0' || strlen(jws->kid) > KID_MOST)
        return QW_FAIL(pool, MALFORMED,
                       "externalAccountBinding: kid is missing or no KeyID");
    if (jws->url == NULL || strcmp(jws->url, url) != 0)
        return QW_FAIL(pool, MALFORMED,
                       "externalAccountBinding: url is not that of "
                       "newAccount");
    return NULL;
}

qw_problem_t *qw_eab_parse(qw_eab_t **eab, const json_t *binding,
                           const char *new_account_url, const qw_jwk_t *outer,
                           apr_pool_t *pool)
{
    qw_eab_t *parsed = apr_pcalloc(pool, sizeof(*parsed));
    qw_jws_t *jws;
    qw_jwk_t *inner;
    json_t *payload;

    if (!json_is_object(binding))
        return QW_FAIL(pool, MALFORMED,
                       "externalAccountBinding: not an object");
    QW_TRY(qw_jws_from_object(&jws, binding, pool));
    QW_TRY(check_header(jws, new_account_url, pool));
    QW_TRY(qw_jws_payload_object(&payload, jws, pool));
    QW_TRY(qw_jwk_parse(&inner, payload, pool));
    if (strcmp(inner->thumbprint, outer->thumbprint) != 0)
        return QW_FAIL(pool, UNAUTHORIZED,
                       "externalAccountBinding: its payload is not the "
                       "account key");
    parsed->jws = jws;
    parsed->kid = jws->kid;
    parsed->alg = jws->alg;
    *eab = parsed;
    return NULL;
}

int qw_eab_verify(const qw_eab_t *eab, const qw_bytes_t *mac_key)
{
    const qw_jws_t *jws = eab->jws;
    unsigned char mac[MAC_MOST];
    size_t len = 0;
    int good = EVP_Q_mac(NULL, "HMAC", NULL, qw_alg_mac_digest(eab->alg), NULL,
                         mac_key->data, mac_key->len, jws->input.data,
                         jws->input.len, mac, sizeof(mac), &len)
               != NULL;

    good = good && len == jws->signature.len
           && CRYPTO_memcmp(mac, jws->signature.data, len) == 0;
    OPENSSL_cleanse(mac, sizeof(mac));
    return good;
}
