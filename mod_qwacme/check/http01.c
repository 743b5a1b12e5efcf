#include "check/http01.h"

#include "check/trial.h"
#include "net/http_get.h"

#include <apr_strings.h>

#include <string.h>

enum { MAX_BODY = 1024 };

static qw_problem_t *resolve(apr_array_header_t *addresses, const char *host,
                             void *baton, apr_pool_t *pool)
{
    return qw_trial_addresses(addresses, baton, host, pool);
}

/* RFC8555-8.3: white space at the end MAY be ignored; nothing else is. */
static int matches(const qw_bytes_t *body, const char *key_auth)
{
    apr_size_t len = body->len;

    while (len > 0 && strchr(" \t\r\n", body->data[len - 1]) != NULL
           && body->data[len - 1] != '\0')
        len--;
    return len == strlen(key_auth) && memcmp(body->data, key_auth, len) == 0;
}

/* BR-3.2.2.4.19: a 2xx answer; of those, what has no or only a part of the
 * content is none. */
static int is_success(int status)
{
    return status >= 200 && status <= 299 && status != 204 && status != 205
           && status != 206;
}

static qw_problem_t *judge(const qw_http_reply_t *reply, const qw_dcv_t *dcv,
                           apr_pool_t *pool)
{
    if (!is_success(reply->status))
        return QW_FAIL(pool, UNAUTHORIZED,
                       "%s answered the request with HTTP status %d",
                       reply->host, reply->status);
    if (!reply->cut && matches(&reply->body, dcv->key_auth))
        return NULL;
    /* What stands on a host that a redirect chose must not be read through
     * us. */
    if (reply->redirects > 0)
        return QW_FAIL(pool, UNAUTHORIZED,
                       "%s, after %d redirects, did not answer with the key "
                       "authorization",
                       reply->host, reply->redirects);
    if (reply->cut)
        return QW_FAIL(pool, UNAUTHORIZED,
                       "%s answered with more than %d bytes, not with the key "
                       "authorization: %s",
                       reply->host, MAX_BODY,
                       qw_trial_shown(&reply->body, pool));
    return QW_FAIL(pool, UNAUTHORIZED,
                   "%s did not answer with the key authorization but: %s",
                   reply->host, qw_trial_shown(&reply->body, pool));
}

static qw_problem_t *try_http01(json_t *evidence, const qw_dcv_t *dcv,
                                apr_pool_t *pool)
{
    qw_trial_t trial;
    qw_http_how_t how = { .max_body = MAX_BODY,
                          .deadline = dcv->deadline,
                          .resolve = resolve,
                          .baton = &trial };
    qw_http_reply_t reply = { 0 };
    const char *url =
        apr_pstrcat(pool, "http://", dcv->domain,
                    "/.well-known/acme-challenge/", dcv->token, NULL);

    QW_TRY(qw_trial_open(&trial, evidence, dcv, pool));
    how.ports.http = qw_trial_http_port(&trial);
    how.ports.tls = qw_trial_tls_port(&trial);
    how.allow_private = qw_trial_private(&trial);
    QW_TRY(qw_http_get(&reply, trial.requests, url, &how, pool));
    json_object_set_new(evidence, "status", json_integer(reply.status));
    if (reply.redirects == 0)
        json_object_set_new(evidence, "body",
                            json_string(qw_trial_shown(&reply.body, pool)));
    return judge(&reply, dcv, pool);
}

const qw_validator_t qw_http01 = { "http-01", "http-01", 0, try_http01 };
