#include "check/diagnose.h"

#include "base/log.h"
#include "base/text.h"
#include "base/world.h"
#include "check/caa.h"
#include "check/perspectives.h"
#include "check/trial.h"

#include <apr_strings.h>

#include <string.h>

/* Looks that may wait to their end: a name server that is silent for one type, a
 * web server that drops packets, a TLS server that does. */
enum { SLOW_LOOKS = 3 };

typedef struct {
    const qw_authority_t *authority;
    const char *domain;
    const char *token;
    apr_time_t deadline;
    json_t *findings;
    int has_address, has_http;
    apr_pool_t *pool; /* of one look: its end ends the resolver of that */
} diagnosis_t;

void qw_finding_add(json_t *findings, qw_finding_e finding, const char *a,
                    const char *b, const char *c)
{
    const char *const args[] = { a, b, c };
    json_t *found = json_object(), *list = json_array();

    for (int i = 0; i < 3 && args[i] != NULL; i++)
        json_array_append_new(list, json_string(args[i]));
    json_object_set_new(found, "finding",
                        json_string(qw_finding_name(finding)));
    json_object_set_new(found, "args", list);
    json_array_append_new(findings, found);
}

static void find(const diagnosis_t *d, qw_finding_e finding, const char *a,
                 const char *b, const char *c)
{
    qw_finding_add(d->findings, finding, a, b, c);
}

/* Ours to repair: the log says what, the reader that it is not theirs. */
static int is_ours(const diagnosis_t *d, const qw_problem_t *prob)
{
    if (prob == NULL || qw_problem_http(prob->code) < 500)
        return 0;
    qw_log_problem("QW0570", prob, d->pool);
    find(d, QW_F_BROKEN, NULL, NULL, NULL);
    return 1;
}

/* One attempt of its own for each look, as validations have them. */
static qw_dcv_t attempt(const diagnosis_t *d)
{
    qw_dcv_t dcv = { .authority = d->authority,
                     .domain = d->domain,
                     .token = d->token };
    apr_time_t own = qw_world()->now() + d->authority->validation_timeout;

    dcv.key_auth = apr_pstrcat(d->pool, d->token, ".", d->token, NULL);
    dcv.deadline = own < d->deadline ? own : d->deadline;
    return dcv;
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static const json_t *lookup_at(const json_t *evidence, size_t i)
{
    return json_array_get(json_object_get(evidence, "lookups"), i);
}

static const json_t *last_of(const json_t *evidence, const char *list)
{
    const json_t *all = json_object_get(evidence, list);

    return json_array_size(all) > 0
               ? json_array_get(all, json_array_size(all) - 1)
               : NULL;
}

static const char *join(const char *text, const char *more, apr_pool_t *pool)
{
    return *text == '\0' ? more : apr_pstrcat(pool, text, ", ", more, NULL);
}

/* The values that LOOKUP brought, as text; "" if there were none. */
static const char *values_of(const json_t *lookup, apr_pool_t *pool)
{
    const json_t *value;
    const char *text = "";
    size_t i;

    json_array_foreach(json_object_get(lookup, "values"), i, value) text =
        join(text, json_string_value(value), pool);
    return text;
}

/* The first lookup that failed, or NULL. */
static const json_t *failed_lookup(const json_t *evidence)
{
    const json_t *lookup;

    for (size_t i = 0; (lookup = lookup_at(evidence, i)) != NULL; i++)
        if (text_of(lookup, "error") != NULL)
            return lookup;
    return NULL;
}

/* ---- addresses ------------------------------------------------------------- */

static qw_finding_e by_dnssec(const json_t *lookup)
{
    const char *state = text_of(lookup, "dnssec");

    if (state != NULL && strcmp(state, "secure") == 0)
        return QW_F_DNS_SECURE;
    return state != NULL && strcmp(state, "insecure") == 0 ? QW_F_DNS_INSECURE
                                                           : QW_F_DNS_UNCHECKED;
}

static void tell_addresses(diagnosis_t *d, const json_t *evidence)
{
    const json_t *six = lookup_at(evidence, 0), *four = lookup_at(evidence, 1);
    const char *text = values_of(six, d->pool);
    const char *more = values_of(four, d->pool);

    d->has_address = 1;
    find(d, by_dnssec(*text != '\0' ? six : four), d->domain,
         *more != '\0' ? join(text, more, d->pool) : text, NULL);
}

static void tell_no_address(const diagnosis_t *d, const json_t *evidence,
                            const qw_problem_t *prob)
{
    static const char bogus[] = "DNSSEC validation failed";
    const json_t *failed = failed_lookup(evidence);
    const char *why = failed != NULL ? text_of(failed, "error") : NULL;

    if (prob->code == QW_E_CONNECTION)
        find(d, QW_F_DNS_PRIVATE, d->domain, prob->detail, NULL);
    else if (why != NULL && strncmp(why, bogus, sizeof bogus - 1) == 0)
        find(d, QW_F_DNS_BOGUS, d->domain, why, NULL);
    else if (why != NULL)
        find(d, QW_F_DNS_FAILED, d->domain, why, NULL);
    else if (json_is_true(json_object_get(lookup_at(evidence, 1), "nxdomain")))
        find(d, QW_F_DNS_NXDOMAIN, d->domain, NULL, NULL);
    else
        find(d, QW_F_DNS_NONE, d->domain, NULL, NULL);
}

static void look_addresses(diagnosis_t *d)
{
    apr_array_header_t *addresses = apr_array_make(d->pool, 2, sizeof(char *));
    json_t *evidence = qw_json_new_object(d->pool);
    qw_dcv_t dcv = attempt(d);
    qw_problem_t *prob;
    qw_trial_t trial;

    prob = qw_trial_open(&trial, evidence, &dcv, d->pool);
    if (prob == NULL)
        prob = qw_trial_addresses(addresses, &trial, d->domain, d->pool);
    if (prob == NULL)
        tell_addresses(d, evidence);
    else if (!is_ours(d, prob))
        tell_no_address(d, evidence, prob);
}

/* ---- CAA --------------------------------------------------------------------- */

static const char *our_record(const qw_authority_t *a, apr_pool_t *pool)
{
    return apr_psprintf(pool, "0 issue \"%s\"",
                        a->caa_identities->nelts > 0
                            ? APR_ARRAY_IDX(a->caa_identities, 0, const char *)
                            : "");
}

/* RFC8657-3, RFC8657-4: what an order's account and challenge are judged by. */
static int is_narrow(const char *values)
{
    return strstr(values, "accounturi") != NULL
           || strstr(values, "validationmethods") != NULL;
}

static void look_caa(diagnosis_t *d)
{
    json_t *evidence = qw_json_new_object(d->pool);
    qw_caa_t ask = { .authority = d->authority,
                     .domain = d->domain,
                     .deadline = attempt(d).deadline };
    qw_problem_t *prob = qw_caa_check(evidence, &ask, d->pool);
    const char *at = text_of(evidence, "foundAt"), *values;
    const json_t *failed = failed_lookup(evidence);

    if (is_ours(d, prob))
        return;
    values = values_of(last_of(evidence, "lookups"), d->pool);
    if (prob != NULL && prob->code == QW_E_DNS)
        find(d, QW_F_CAA_UNKNOWN,
             failed != NULL ? text_of(failed, "name") : d->domain,
             failed != NULL ? text_of(failed, "error") : prob->detail, NULL);
    else if (prob != NULL)
        find(d, QW_F_CAA_FORBIDS, at, values,
             our_record(d->authority, d->pool));
    else if (at == NULL)
        find(d, QW_F_CAA_NONE, d->domain, NULL, NULL);
    else
        find(d, is_narrow(values) ? QW_F_CAA_NARROW : QW_F_CAA_ALLOWS, at,
             values, NULL);
}

/* ---- challenge types ----------------------------------------------------------- */

/* What one attempt by TYPE sees; it is not expected to succeed. */
static qw_problem_t *try_type(json_t *evidence, const diagnosis_t *d,
                              const char *type)
{
    qw_dcv_t dcv = attempt(d);

    QW_TRY(qw_dcv_digest(&dcv, d->pool));
    return qw_validator_find(type)->try(evidence, &dcv, d->pool);
}

static int is_offered(const diagnosis_t *d, const char *type)
{
    return qw_text_in(d->authority->challenges, type);
}

/* Where the last connection went, and why it failed. */
static const char *dialled(const json_t *evidence, const diagnosis_t *d)
{
    const char *address = text_of(last_of(evidence, "requests"), "address");

    return address != NULL ? address : d->domain;
}

static const char *reason(const json_t *evidence, const qw_problem_t *prob)
{
    const char *error = text_of(last_of(evidence, "requests"), "error");

    return error != NULL ? error : prob->detail;
}

static void look_http(diagnosis_t *d)
{
    json_t *evidence = qw_json_new_object(d->pool);
    const json_t *status;
    qw_problem_t *prob;

    if (!is_offered(d, "http-01") || !d->has_address)
        return;
    prob = try_type(evidence, d, "http-01");
    status = json_object_get(evidence, "status");
    if (is_ours(d, prob))
        return;
    d->has_http = status != NULL;
    if (status != NULL)
        find(d, QW_F_HTTP_ANSWERS,
             text_of(last_of(evidence, "requests"), "url"),
             apr_itoa(d->pool, (int)json_integer_value(status)),
             dialled(evidence, d));
    else if (prob != NULL)
        find(d, QW_F_HTTP_CLOSED, d->domain, dialled(evidence, d),
             reason(evidence, prob));
}

static void look_tls(diagnosis_t *d)
{
    json_t *evidence = qw_json_new_object(d->pool);
    const json_t *request;
    qw_problem_t *prob;
    qw_finding_e finding = QW_F_TLS_CLOSED;

    if (!is_offered(d, "tls-alpn-01") || !d->has_address)
        return;
    prob = try_type(evidence, d, "tls-alpn-01");
    request = last_of(evidence, "requests");
    if (is_ours(d, prob))
        return;
    if (text_of(request, "alpn") != NULL)
        finding = QW_F_TLS_READY;
    else if (text_of(request, "tls") != NULL)
        finding = QW_F_TLS_ANSWERS;
    else if (prob != NULL && prob->code == QW_E_TLS)
        finding = QW_F_TLS_REFUSES;
    find(d, finding, d->domain, dialled(evidence, d),
         prob != NULL ? reason(evidence, prob) : "");
}

static void look_txt(diagnosis_t *d)
{
    json_t *evidence = qw_json_new_object(d->pool);
    qw_problem_t *prob;
    const json_t *lookup;
    const char *name, *values;

    if (!is_offered(d, "dns-01"))
        return;
    prob = try_type(evidence, d, "dns-01");
    if (is_ours(d, prob))
        return;
    lookup = lookup_at(evidence, 0);
    name = text_of(lookup, "name");
    values = values_of(lookup, d->pool);
    if (text_of(lookup, "error") != NULL)
        find(d, QW_F_TXT_FAILED, name, text_of(lookup, "error"), NULL);
    else if (text_of(lookup, "canonical") != NULL)
        find(d, QW_F_TXT_DELEGATED, name, text_of(lookup, "canonical"), NULL);
    else if (*values != '\0')
        find(d, QW_F_TXT_THERE, name, values, NULL);
    else
        find(d, QW_F_TXT_NONE, name, NULL, NULL);
}

/* ---- perspectives ---------------------------------------------------------------- */

static int corroborates(const json_t *answer, const char *word)
{
    const char *text = text_of(answer, "corroborates");

    return text != NULL && strcmp(text, word) == 0;
}

/* HTTP: what one perspective said of the web server; CAA: of CAA. */
static void tell_perspective(const diagnosis_t *d, int number,
                             const json_t *http, const json_t *caa)
{
    const char *n = apr_itoa(d->pool, number);
    const json_t *details = json_object_get(http, "details");
    const json_t *status = json_object_get(details, "response_status_code");

    if (corroborates(caa, "silent") || corroborates(http, "silent"))
        find(d, QW_F_AFAR_SILENT, n, NULL, NULL);
    else if (corroborates(caa, "no"))
        find(d, QW_F_AFAR_CAA, n, text_of(caa, "why"), NULL);
    else if (!d->has_http || details == NULL)
        find(d, QW_F_AFAR_CAA_ONLY, n, NULL, NULL);
    else if (json_is_integer(status))
        find(d, QW_F_AFAR_SEES, n,
             apr_itoa(d->pool, (int)json_integer_value(status)), NULL);
    else
        find(d, QW_F_AFAR_HTTP, n, text_of(http, "why"), NULL);
    json_object_set(json_array_get(d->findings,
                                   json_array_size(d->findings) - 1),
                    "perspective", json_object_get(caa, "perspective"));
}

/* No perspective corroborates what is not there yet: what each saw is in its
 * answer. */
static void look_from_afar(diagnosis_t *d)
{
    json_t *evidence = qw_json_new_object(d->pool);
    qw_dcv_t dcv = attempt(d);
    qw_corroboration_t all = { &dcv, "http-01", 0 };
    const json_t *seen, *http, *caa;
    qw_problem_t *prob;

    if (d->authority->perspectives->nelts == 0) {
        find(d, QW_F_AFAR_NONE, NULL, NULL, NULL);
        return;
    }
    prob = qw_corroborate(evidence, &all, d->pool);
    seen = json_object_get(evidence, "perspectives");
    http = json_object_get(json_object_get(seen, "dcv"), "answers");
    caa = json_object_get(json_object_get(seen, "caa"), "answers");
    if (caa == NULL) {
        (void)is_ours(d, prob);
        return;
    }
    for (size_t i = 0; i < json_array_size(caa); i++)
        tell_perspective(d, (int)i + 1, json_array_get(http, i),
                         json_array_get(caa, i));
}

/* ---- all of it ------------------------------------------------------------------- */

typedef void (*look_fn)(diagnosis_t *d);

static const look_fn looks[] = { look_addresses, look_caa, look_txt,
                                 look_http,      look_tls, look_from_afar };

void qw_diagnose(json_t **findings, const qw_authority_t *authority,
                 const char *domain, apr_pool_t *pool)
{
    diagnosis_t d = { .authority = authority, .domain = domain };
    qw_problem_t *prob = qw_id_make(&d.token, pool);

    d.findings = *findings = qw_json_new_array(pool);
    d.deadline = qw_world()->now() + SLOW_LOOKS * authority->validation_timeout;
    d.pool = pool;
    if (is_ours(&d, prob))
        return;
    for (unsigned i = 0; i < sizeof looks / sizeof looks[0]; i++) {
        apr_pool_create(&d.pool, pool);
        looks[i](&d);
        apr_pool_destroy(d.pool);
    }
}

apr_interval_time_t qw_diagnose_span(const qw_authority_t *authority)
{
    apr_interval_time_t span = SLOW_LOOKS * authority->validation_timeout;

    return authority->perspectives->nelts > 0
               ? span + authority->perspective_timeout
               : span;
}
