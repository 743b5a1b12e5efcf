#include "x509/timestamp.h"

#include "base/world.h"

#include <apr_strings.h>
#include <openssl/evp.h>
#include <openssl/ts.h>

#include <string.h>
#include <time.h>

enum { HASH_BYTES = 32, NONCE_BYTES = 8 };

/* ---- the query ---- */

static int set_imprint(TS_REQ *req, const qw_bytes_t *data)
{
    unsigned char hash[HASH_BYTES];
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *algor = X509_ALGOR_new();
    int good =
        imprint != NULL && algor != NULL
        && EVP_Q_digest(NULL, "SHA256", NULL, data->data, data->len, hash, NULL)
        && X509_ALGOR_set0(algor, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL)
        && TS_MSG_IMPRINT_set_algo(imprint, algor)
        && TS_MSG_IMPRINT_set_msg(imprint, hash, HASH_BYTES)
        && TS_REQ_set_msg_imprint(req, imprint);

    X509_ALGOR_free(algor);
    TS_MSG_IMPRINT_free(imprint);
    return good;
}

static int set_nonce(TS_REQ *req, const unsigned char *bytes)
{
    BIGNUM *number = BN_bin2bn(bytes, NONCE_BYTES, NULL);
    ASN1_INTEGER *nonce = BN_to_ASN1_INTEGER(number, NULL);
    int good = nonce != NULL && TS_REQ_set_nonce(req, nonce);

    ASN1_INTEGER_free(nonce);
    BN_free(number);
    return good;
}

qw_problem_t *qw_timestamp_query(qw_bytes_t *query, const qw_bytes_t *data,
                                 apr_pool_t *pool)
{
    unsigned char nonce[NONCE_BYTES], *der = NULL;
    TS_REQ *req;
    int len = -1;

    QW_TRY(qw_random(nonce, sizeof(nonce), pool));
    req = TS_REQ_new();
    if (req != NULL && TS_REQ_set_version(req, 1) && set_imprint(req, data)
        && set_nonce(req, nonce) && TS_REQ_set_cert_req(req, 1))
        len = i2d_TS_REQ(req, &der);
    TS_REQ_free(req);
    if (len < 0)
        return QW_FAIL_BECAUSE(pool, UNAVAILABLE, qw_openssl_reasons(pool),
                               "no timestamp query can be made");
    query->data = apr_pmemdup(pool, der, (apr_size_t)len);
    query->len = (apr_size_t)len;
    OPENSSL_free(der);
    return NULL;
}

/* ---- what is trusted ---- */

/* As of WHEN; 0: now. */
static X509_STORE *store_of(const char *roots, apr_time_t when)
{
    X509_STORE *store = X509_STORE_new();
    int good = store != NULL
               && (*roots == '\0' ? X509_STORE_set_default_paths(store)
                                  : X509_STORE_load_file(store, roots));

    if (!good) {
        X509_STORE_free(store);
        return NULL;
    }
    if (when != 0)
        X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store),
                                   (time_t)apr_time_sec(when));
    return store;
}

/* CTX takes the store. 0 if there are no such roots. */
static int trust(TS_VERIFY_CTX *ctx, const char *roots, apr_time_t when)
{
    X509_STORE *store;

    if (roots == QW_TIMESTAMP_ANYONE)
        return 1;
    store = store_of(roots, when);
    if (store == NULL)
        return 0;
    TS_VERIFY_CTX_set_store(ctx, store);
    TS_VERIFY_CTX_add_flags(ctx, TS_VFY_SIGNATURE);
    return 1;
}

/* ---- the answer ---- */

static int take_token(qw_bytes_t *token, TS_RESP *resp, apr_pool_t *pool)
{
    unsigned char *der = NULL;
    int len = i2d_PKCS7(TS_RESP_get_token(resp), &der);

    if (len < 0)
        return 0;
    token->data = apr_pmemdup(pool, der, (apr_size_t)len);
    token->len = (apr_size_t)len;
    OPENSSL_free(der);
    return 1;
}

qw_problem_t *qw_timestamp_answer(qw_bytes_t *token, const qw_bytes_t *answer,
                                  const qw_bytes_t *query, const char *roots,
                                  apr_pool_t *pool)
{
    const unsigned char *at = query->data, *from = answer->data;
    TS_REQ *req = d2i_TS_REQ(NULL, &at, (long)query->len);
    TS_RESP *resp = d2i_TS_RESP(NULL, &from, (long)answer->len);
    TS_VERIFY_CTX *ctx =
        req != NULL ? TS_REQ_to_TS_VERIFY_CTX(req, NULL) : NULL;
    int good = resp != NULL && from == answer->data + answer->len && ctx != NULL
               && trust(ctx, roots, 0)
               && TS_RESP_verify_response(ctx, resp) == 1
               && take_token(token, resp, pool);

    TS_VERIFY_CTX_free(ctx);
    TS_RESP_free(resp);
    TS_REQ_free(req);
    if (!good)
        return QW_FAIL_BECAUSE(pool, MALFORMED, qw_openssl_reasons(pool),
                               "what the timestamp authority answered is no "
                               "timestamp for our query");
    return NULL;
}

/* ---- a token that is kept ---- */

static int time_of(apr_time_t *at, PKCS7 *token)
{
    TS_TST_INFO *info = PKCS7_to_TS_TST_INFO(token);
    struct tm tm;
    int good = info != NULL && ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &tm);

    if (good)
        *at = apr_time_from_sec(timegm(&tm));
    TS_TST_INFO_free(info);
    return good;
}

/* CTX frees the imprint. */
static int expect(TS_VERIFY_CTX *ctx, const qw_bytes_t *data)
{
    unsigned char *hash = OPENSSL_malloc(HASH_BYTES);

    if (hash == NULL
        || !EVP_Q_digest(NULL, "SHA256", NULL, data->data, data->len, hash,
                         NULL)) {
        OPENSSL_free(hash);
        return 0;
    }
    TS_VERIFY_CTX_set_imprint(ctx, hash, HASH_BYTES);
    TS_VERIFY_CTX_set_flags(ctx, TS_VFY_VERSION | TS_VFY_IMPRINT);
    return 1;
}

qw_problem_t *qw_timestamp_verify(apr_time_t *at, const qw_bytes_t *token,
                                  const qw_bytes_t *data, const char *roots,
                                  apr_pool_t *pool)
{
    const unsigned char *from = token->data;
    PKCS7 *p7 = d2i_PKCS7(NULL, &from, (long)token->len);
    TS_VERIFY_CTX *ctx = TS_VERIFY_CTX_new();
    apr_time_t when = 0;
    int good = p7 != NULL && from == token->data + token->len && ctx != NULL
               && time_of(&when, p7) && expect(ctx, data)
               && trust(ctx, roots, when) && TS_RESP_verify_token(ctx, p7) == 1;

    TS_VERIFY_CTX_free(ctx);
    PKCS7_free(p7);
    if (!good)
        return QW_FAIL_BECAUSE(pool, UNAUTHORIZED, qw_openssl_reasons(pool),
                               "the timestamp is not one over this");
    *at = when;
    return NULL;
}
