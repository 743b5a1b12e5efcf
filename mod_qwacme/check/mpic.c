#include "check/mpic.h"

#include "base/b64.h"
#include "base/json.h"
#include "base/text.h"

#include <apr_strings.h>

#include <string.h>

enum { MAX_WHY = 128 };

static const struct {
    const char *type, *method;
} methods[] = { { "http-01", "acme-http-01" },
                { "dns-01", "acme-dns-01" },
                { "tls-alpn-01", "acme-tls-alpn-01" } };

enum { METHODS = sizeof(methods) / sizeof(methods[0]) };

const char *qw_mpic_method(const char *type)
{
    for (int i = 0; i < METHODS; i++)
        if (strcmp(methods[i].type, type) == 0)
            return methods[i].method;
    return NULL;
}

const char *qw_mpic_type(const char *method)
{
    for (int i = 0; i < METHODS; i++)
        if (strcmp(methods[i].method, method) == 0)
            return methods[i].type;
    return NULL;
}

/* The services in use read the digest of tls-alpn-01 as hex, of dns-01 as
 * base64url. */
static json_t *dcv_parameters(const qw_mpic_ask_t *ask, apr_pool_t *pool)
{
    const qw_dcv_t *dcv = ask->dcv;
    json_t *p = json_object();

    json_object_set_new(p, "validation_method",
                        json_string(qw_mpic_method(ask->type)));
    if (strcmp(ask->type, "http-01") == 0) {
        json_object_set_new(p, "token", json_string(dcv->token));
        json_object_set_new(p, "key_authorization", json_string(dcv->key_auth));
        return p;
    }
    json_object_set_new(
        p, "key_authorization_hash",
        json_string(
            strcmp(ask->type, "dns-01") == 0
                ? qw_b64url_encode(dcv->digest, sizeof dcv->digest, pool)
                : qw_hex_encode(dcv->digest, sizeof dcv->digest, pool)));
    return p;
}

static json_t *caa_parameters(const qw_mpic_ask_t *ask)
{
    json_t *p = json_object(), *domains = json_array();

    for (int i = 0; i < ask->caa_identities->nelts; i++)
        json_array_append_new(domains,
                              json_string(APR_ARRAY_IDX(ask->caa_identities, i,
                                                        const char *)));
    json_object_set_new(p, "certificate_type", json_string("tls-server"));
    json_object_set_new(p, "caa_domains", domains);
    return p;
}

const char *qw_mpic_question(const qw_mpic_ask_t *ask, int perspectives,
                             apr_pool_t *pool)
{
    json_t *root = qw_json_new_object(pool), *how = json_object();

    json_object_set_new(how, "perspective_count", json_integer(perspectives));
    json_object_set_new(how, "quorum_count",
                        json_integer(qw_perspectives_least(perspectives)));
    json_object_set_new(how, "max_attempts", json_integer(1));
    json_object_set_new(root, "check_type", json_string(ask->check));
    json_object_set_new(root, "domain_or_ip_target", json_string(ask->target));
    json_object_set_new(root, "orchestration_parameters", how);
    json_object_set_new(root, "trace_identifier", json_string(ask->trace));
    if (ask->dcv != NULL)
        json_object_set_new(root, "dcv_check_parameters",
                            dcv_parameters(ask, pool));
    else
        json_object_set_new(root, "caa_check_parameters", caa_parameters(ask));
    return qw_json_dump(root, pool);
}

static int says(const json_t *object, const char *name, const char *value)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL && strcmp(text, value) == 0;
}

static const char *reason(const json_t *response, apr_pool_t *pool)
{
    const json_t *first =
        json_array_get(json_object_get(response, "errors"), 0);
    const char *text =
        json_string_value(json_object_get(first, "error_message"));

    return text != NULL ? qw_text_safe(text, MAX_WHY, pool)
                        : "it did not see what it was asked for";
}

/* The vote that ITEM of an answer is for; NULL if it is for none. */
static qw_vote_t *vote_of(qw_vote_t *votes, int n, const char *url,
                          const json_t *item)
{
    for (int i = 0; i < n; i++)
        if (strcmp(votes[i].perspective->url, url) == 0
            && says(item, "perspective_code", votes[i].perspective->code))
            return votes[i].vote == QW_VOTE_SILENT ? &votes[i] : NULL;
    return NULL;
}

/* The API's text shows the response flat, its schema inside of an object. */
static void count_one(qw_vote_t *vote, const json_t *item, const char *check,
                      apr_pool_t *pool)
{
    const json_t *response = json_object_get(item, "check_response");

    if (!json_is_object(response))
        response = item;
    if (!says(response, "check_type", check)
        || !json_is_boolean(json_object_get(response, "check_passed")))
        return;
    vote->details = json_object_get(response, "details");
    if (json_is_true(json_object_get(response, "check_passed"))
        && json_is_true(json_object_get(response, "check_completed"))) {
        vote->vote = QW_VOTE_YES;
        vote->why = NULL;
        return;
    }
    vote->vote = QW_VOTE_NO;
    vote->why = reason(response, pool);
}

static void say(qw_vote_t *votes, int n, const char *url, const char *why)
{
    for (int i = 0; i < n; i++)
        if (strcmp(votes[i].perspective->url, url) == 0)
            votes[i].why = why;
}

void qw_mpic_count(qw_vote_t *votes, int n, const char *url,
                   const qw_bytes_t *answer, const qw_mpic_ask_t *ask,
                   apr_pool_t *pool)
{
    json_t *root, *item;
    size_t i;

    if (qw_json_parse_object(&root, (const char *)answer->data, answer->len,
                             "answer", pool)
        != NULL) {
        say(votes, n, url, "its answer is no JSON");
        return;
    }
    if (!says(root, "check_type", ask->check)
        || !says(root, "domain_or_ip_target", ask->target)
        || !says(root, "trace_identifier", ask->trace)) {
        say(votes, n, url, "its answer is to another question");
        return;
    }
    say(votes, n, url, "it is not in the answer");
    json_array_foreach(json_object_get(root, "perspectives"), i, item)
    {
        qw_vote_t *vote = vote_of(votes, n, url, item);

        if (vote != NULL)
            count_one(vote, item, ask->check, pool);
    }
}
