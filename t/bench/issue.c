/* One issuance, as a plain client does it. */
#include "client.h"

#include "base/b64.h"

#include <apr_strings.h>
#include <apr_time.h>
#include <openssl/x509v3.h>

#include <string.h>

enum { POLLS = 2000, POLL_MS = 5 };

static const char *member(const bench_client_t *c, const char *name)
{
    return apr_pstrdup(c->round,
                       json_string_value(json_object_get(c->answer, name)));
}

/* Poll URL until its status is not FROM any more; 1 if it became TO. */
static int await(bench_client_t *c, const char *url, const char *from,
                 const char *to)
{
    const char *status = member(c, "status");
    int i;

    for (i = 0; i < POLLS; i++) {
        if (status != NULL && strcmp(status, to) == 0)
            return 1;
        if (status == NULL
            || (strcmp(status, from) != 0 && strcmp(status, "pending") != 0))
            break;
        apr_sleep(apr_time_from_msec(POLL_MS));
        if (!bench_post(c, url, NULL, 200))
            return 0;
        status = member(c, "status");
    }
    fprintf(stderr, "%s: %s\n", url, c->text);
    return 0;
}

static const char *challenge_url(const bench_client_t *c)
{
    json_t *challenge, *list = json_object_get(c->answer, "challenges");
    apr_size_t i;

    json_array_foreach(list, i, challenge)
    {
        const char *type =
            json_string_value(json_object_get(challenge, "type"));

        if (type != NULL && strcmp(type, "http-01") == 0)
            return apr_pstrdup(c->round,
                               json_string_value(
                                   json_object_get(challenge, "url")));
    }
    return NULL;
}

static const char *csr(const char *name, apr_pool_t *pool)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509_REQ *req = X509_REQ_new();
    STACK_OF(X509_EXTENSION) *exts = sk_X509_EXTENSION_new_null();
    const char *san = apr_pstrcat(pool, "DNS:", name, NULL), *text;
    unsigned char *der = NULL;
    int len;

    sk_X509_EXTENSION_push(exts,
                           X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name,
                                               san));
    X509_REQ_set_pubkey(req, key);
    X509_REQ_add_extensions(req, exts);
    X509_REQ_sign(req, key, EVP_sha256());
    len = i2d_X509_REQ(req, &der);
    text = qw_b64url_encode(der, (apr_size_t)len, pool);
    OPENSSL_free(der);
    sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
    X509_REQ_free(req);
    EVP_PKEY_free(key);
    return text;
}

static int prove(bench_client_t *c, const char *authz)
{
    const char *challenge, *status;

    if (!bench_post(c, authz, NULL, 200))
        return 0;
    status = member(c, "status");
    if (status != NULL && strcmp(status, "valid") == 0)
        return 1;
    challenge = challenge_url(c);
    return challenge != NULL && bench_post(c, challenge, json_object(), 200)
           && bench_post(c, authz, NULL, 200)
           && await(c, authz, "processing", "valid");
}

int bench_issue(bench_client_t *c, const char *name)
{
    const char *new_order =
        json_string_value(json_object_get(c->directory, "newOrder"));
    const char *order, *authz, *finalize, *certificate;

    apr_pool_clear(c->round);
    if (!bench_post(c, new_order,
                    json_pack("{s:[{s:s,s:s}]}", "identifiers", "type", "dns",
                              "value", name),
                    201))
        return 0;
    order = c->location;
    finalize = member(c, "finalize");
    authz = apr_pstrdup(c->round,
                        json_string_value(json_array_get(
                            json_object_get(c->answer, "authorizations"), 0)));
    if (!prove(c, authz)
        || !bench_post(c, finalize,
                       json_pack("{s:s}", "csr", csr(name, c->round)), 200)
        || !await(c, order, "processing", "valid"))
        return 0;
    certificate = member(c, "certificate");
    return bench_post(c, certificate, NULL, 200)
           && strstr(c->text, "-----BEGIN CERTIFICATE-----") != NULL;
}
