#include "check/mpic_serve.h"

#include "base/b64.h"
#include "base/json.h"
#include "base/text.h"
#include "base/world.h"
#include "check/caa.h"
#include "check/mpic.h"
#include "dns/name.h"

#include <apr_strings.h>

#include <string.h>

enum { MAX_TRACE = 256, MAX_TOKEN = 256, MAX_KEY_AUTH = 512 };

typedef struct {
    const qw_authority_t *local;
    json_t *question;
    const char *check, *target;
    qw_name_t name;
    const char *method; /* of dcv, as the API names it */
    apr_time_t deadline;
    json_t *evidence;
    qw_problem_t *seen; /* NULL: passed */
    apr_pool_t *pool;
} visit_t;

static qw_problem_t *read_question(visit_t *v, const char *body, apr_size_t len)
{
    const char *trace;

    QW_TRY(qw_json_parse_object(&v->question, body, len, "question", v->pool));
    QW_TRY(qw_json_text(&v->check, v->question, "check_type", QW_REQUIRED,
                        v->pool));
    QW_TRY(qw_json_text(&v->target, v->question, "domain_or_ip_target",
                        QW_REQUIRED, v->pool));
    QW_TRY(qw_json_text(&trace, v->question, "trace_identifier", QW_OPTIONAL,
                        v->pool));
    if (trace != NULL && strlen(trace) > MAX_TRACE)
        return QW_FAIL(v->pool, MALFORMED,
                       "trace_identifier: longer than %d characters",
                       MAX_TRACE);
    if (qw_name_parse(&v->name, v->target, v->local->kind == QW_KIND_TEST,
                      v->pool)
        != NULL)
        return QW_FAIL(v->pool, MALFORMED,
                       "domain_or_ip_target: not a name that a certificate "
                       "could have");
    return NULL;
}

static int is_digest(qw_bytes_t *digest, const char *text, apr_pool_t *pool)
{
    return (qw_b64url_decode(digest, text, pool) && digest->len == 32)
           || (qw_hex_decode(digest, text, pool) && digest->len == 32);
}

static qw_problem_t *read_digest(qw_dcv_t *dcv, const json_t *p,
                                 apr_pool_t *pool)
{
    const char *text;
    qw_bytes_t digest;

    QW_TRY(qw_json_text(&text, p, "key_authorization_hash", QW_REQUIRED, pool));
    if (!is_digest(&digest, text, pool))
        return QW_FAIL(pool, MALFORMED,
                       "key_authorization_hash: no SHA-256 in base64url or "
                       "hex");
    memcpy(dcv->digest, digest.data, sizeof dcv->digest);
    return NULL;
}

/* The token becomes a part of a URL. */
static qw_problem_t *read_token(qw_dcv_t *dcv, const json_t *p,
                                apr_pool_t *pool)
{
    apr_size_t len;

    QW_TRY(qw_json_text(&dcv->token, p, "token", QW_REQUIRED, pool));
    QW_TRY(qw_json_text(&dcv->key_auth, p, "key_authorization", QW_REQUIRED,
                        pool));
    len = strspn(dcv->token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
                             "XYZ0123456789-_");
    if (len == 0 || dcv->token[len] != '\0' || len > MAX_TOKEN)
        return QW_FAIL(pool, MALFORMED, "token: not base64url");
    if (strlen(dcv->key_auth) > MAX_KEY_AUTH)
        return QW_FAIL(pool, MALFORMED, "key_authorization: too long");
    return NULL;
}

static qw_problem_t *look_dcv(visit_t *v)
{
    qw_dcv_t dcv = { .authority = v->local,
                     .domain = v->name.name,
                     .token = "",
                     .deadline = v->deadline };
    const qw_validator_t *how;
    const char *type;
    json_t *p;

    QW_TRY(qw_json_object(&p, v->question, "dcv_check_parameters", QW_REQUIRED,
                          v->pool));
    QW_TRY(
        qw_json_text(&v->method, p, "validation_method", QW_REQUIRED, v->pool));
    type = qw_mpic_type(v->method);
    if (type == NULL)
        return QW_FAIL(v->pool, MALFORMED,
                       "validation_method: not offered here");
    if (v->name.wildcard)
        return QW_FAIL(v->pool, MALFORMED,
                       "domain_or_ip_target: a wildcard is not validated");
    QW_TRY(strcmp(type, "http-01") == 0 ? read_token(&dcv, p, v->pool)
                                        : read_digest(&dcv, p, v->pool));
    how = qw_validator_find(type);
    v->seen = how->try(v->evidence, &dcv, v->pool);
    return NULL;
}

static qw_problem_t *read_identities(apr_array_header_t *identities,
                                     const json_t *p, apr_pool_t *pool)
{
    json_t *domains, *domain;
    size_t i;

    QW_TRY(qw_json_array(&domains, p, "caa_domains", QW_REQUIRED, pool));
    json_array_foreach(domains, i, domain)
    {
        if (!json_is_string(domain))
            return QW_FAIL(pool, MALFORMED, "caa_domains: not all are strings");
        /* RFC8659-4.2: case means nothing */
        APR_ARRAY_PUSH(identities, const char *) =
            qw_text_lower(json_string_value(domain), pool);
    }
    if (identities->nelts == 0)
        return QW_FAIL(pool, MALFORMED, "caa_domains: empty");
    return NULL;
}

static qw_problem_t *look_caa(visit_t *v)
{
    qw_authority_t asker = *v->local;
    qw_caa_t ask = { .authority = &asker,
                     .domain = v->name.name,
                     .wildcard = v->name.wildcard,
                     .deadline = v->deadline };
    json_t *p;

    QW_TRY(qw_json_object(&p, v->question, "caa_check_parameters", QW_REQUIRED,
                          v->pool));
    asker.caa_identities = apr_array_make(v->pool, 2, sizeof(char *));
    QW_TRY(read_identities(asker.caa_identities, p, v->pool));
    v->seen = qw_caa_check(v->evidence, &ask, v->pool);
    return NULL;
}

static qw_problem_t *look(visit_t *v)
{
    if (strcmp(v->check, "dcv") == 0)
        return look_dcv(v);
    if (strcmp(v->check, "caa") == 0)
        return look_caa(v);
    return QW_FAIL(v->pool, MALFORMED, "check_type: neither dcv nor caa");
}

/* Of the lookup that answered, or of the last one. */
static void tell_records(json_t *details, const visit_t *v)
{
    json_t *lookups = json_object_get(v->evidence, "lookups"), *lookup,
           *found = NULL, *values, *place;
    size_t i;

    json_array_foreach(lookups, i, lookup)
    {
        found = lookup;
        if (json_array_size(json_object_get(lookup, "values")) > 0)
            break;
    }
    values = json_object_get(found, "values");
    place = json_object_get(found, "canonical");
    json_object_set_new(details, "records_seen",
                        values != NULL ? json_copy(values) : json_array());
    json_object_set(details, "found_at",
                    place != NULL ? place : json_object_get(found, "name"));
    json_object_set_new(
        details, "ad_flag",
        json_boolean(
            json_string_value(json_object_get(found, "dnssec")) != NULL
            && strcmp(json_string_value(json_object_get(found, "dnssec")),
                      "secure")
                   == 0));
}

static void tell_responses(json_t *details, const visit_t *v)
{
    json_t *requests = json_object_get(v->evidence, "requests"), *request;
    json_t *history = json_array();
    size_t i, n = json_array_size(requests);

    json_array_foreach(requests, i, request)
    {
        json_t *url = json_object_get(request, "url");
        json_t *status = json_object_get(request, "status");
        json_t *item;

        if (i + 1 == n) {
            json_object_set(details, "response_url", url);
            json_object_set(details, "response_status_code", status);
            break;
        }
        item = json_object();
        json_object_set(item, "url", url);
        json_object_set(item, "status_code", status);
        json_array_append_new(history, item);
    }
    json_object_set_new(details, "response_history", history);
}

static json_t *details(const visit_t *v)
{
    json_t *details = json_object();

    if (v->method == NULL) {
        json_object_set_new(details, "caa_record_present",
                            json_boolean(json_object_get(v->evidence, "foundAt")
                                         != NULL));
        tell_records(details, v);
        return details;
    }
    json_object_set_new(details, "validation_method", json_string(v->method));
    if (strcmp(v->method, "acme-dns-01") == 0)
        tell_records(details, v);
    if (strcmp(v->method, "acme-http-01") == 0)
        tell_responses(details, v);
    return details;
}

static json_t *errors(const qw_problem_t *seen)
{
    json_t *list, *item;

    if (seen == NULL)
        return json_null();
    list = json_array();
    item = json_object();
    json_object_set_new(item, "error_type",
                        json_string(qw_problem_urn(seen->code)));
    json_object_set_new(item, "error_message", json_string(seen->detail));
    json_array_append_new(list, item);
    return list;
}

/* A lookup that failed is no completed check, in the API's words. */
static json_t *response(const visit_t *v)
{
    json_t *r = json_object();

    json_object_set_new(r, "check_type", json_string(v->check));
    json_object_set_new(r, "check_completed",
                        json_boolean(v->seen == NULL
                                     || v->seen->code == QW_E_UNAUTHORIZED
                                     || v->seen->code == QW_E_CAA));
    json_object_set_new(r, "check_passed", json_boolean(v->seen == NULL));
    json_object_set_new(r, "errors", errors(v->seen));
    json_object_set_new(r, "timestamp_ns",
                        json_integer(qw_world()->now() * 1000));
    json_object_set_new(r, "details", details(v));
    return r;
}

static json_t *orchestration(void)
{
    json_t *how = json_object();

    json_object_set_new(how, "perspective_count", json_integer(1));
    json_object_set_new(how, "quorum_count", json_integer(1));
    json_object_set_new(how, "attempt_count", json_integer(1));
    return how;
}

static void echo(json_t *root, const char *name, const visit_t *v,
                 const char *from)
{
    json_t *value = json_object_get(v->question, from);

    json_object_set_new(root, name,
                        value != NULL ? json_incref(value) : json_null());
}

static const char *compose(const visit_t *v)
{
    json_t *root = qw_json_new_object(v->pool), *item = json_object();
    json_t *perspectives = json_array();

    json_object_set_new(item, "perspective_code", json_string(v->local->name));
    json_object_set_new(item, "check_response", response(v));
    json_array_append_new(perspectives, item);
    json_object_set_new(root, "mpic_completed", json_true());
    json_object_set_new(root, "is_valid", json_boolean(v->seen == NULL));
    echo(root, "check_type", v, "check_type");
    echo(root, "domain_or_ip_target", v, "domain_or_ip_target");
    echo(root, "trace_identifier", v, "trace_identifier");
    echo(root, "request_orchestration_parameters", v,
         "orchestration_parameters");
    json_object_set_new(root, "actual_orchestration_parameters",
                        orchestration());
    json_object_set_new(root, "perspectives", perspectives);
    json_object_set_new(root, "previous_attempt_results", json_null());
    return qw_json_dump(root, v->pool);
}

qw_problem_t *qw_mpic_serve(const char **answer, const qw_authority_t *local,
                            const char *body, apr_size_t len, apr_pool_t *pool)
{
    visit_t v = { .local = local, .pool = pool };

    QW_TRY(read_question(&v, body, len));
    v.deadline = qw_world()->now() + local->validation_timeout;
    v.evidence = qw_json_new_object(pool);
    QW_TRY(look(&v));
    if (v.seen != NULL && qw_problem_http(v.seen->code) >= 500)
        return v.seen;
    *answer = compose(&v);
    return NULL;
}
