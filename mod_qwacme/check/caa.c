#include "check/caa.h"

#include "base/text.h"
#include "check/caa_value.h"
#include "check/trial.h"

#include <apr_strings.h>

#include <string.h>

/* RFC8659-4.1. RFC6844's first text had the flag at the other end, and zones
 * still write 1 for it. */
enum { CRITICAL = 0x80 | 0x01, SHOWN_MAX = 128, IODEF_MAX = 4 };

typedef struct {
    int critical;
    const char *tag; /* lower case */
    qw_bytes_t value;
} property_t;

static int read_property(property_t *property, const qw_bytes_t *rdata,
                         apr_pool_t *pool)
{
    apr_size_t tag_len;

    if (rdata->len < 2)
        return 0;
    tag_len = rdata->data[1];
    if (tag_len == 0 || tag_len > rdata->len - 2)
        return 0;
    property->critical = (rdata->data[0] & CRITICAL) != 0;
    property->tag = qw_text_lower(
        apr_pstrmemdup(pool, (const char *)rdata->data + 2, tag_len), pool);
    property->value.data = rdata->data + 2 + tag_len;
    property->value.len = rdata->len - 2 - tag_len;
    return 1;
}

static int is_known(const char *tag)
{
    return strcmp(tag, "issue") == 0 || strcmp(tag, "issuewild") == 0
           || strcmp(tag, "iodef") == 0;
}

/* *PROPERTIES (property_t) of ANSWER; CAA if one cannot be read, or must be
 * understood and is not. */
static qw_problem_t *read_properties(apr_array_header_t **properties,
                                     const qw_answer_t *answer,
                                     apr_pool_t *pool)
{
    int n = answer->values->nelts;

    *properties = apr_array_make(pool, n, sizeof(property_t));
    for (int i = 0; i < n; i++) {
        property_t *property = apr_array_push(*properties);

        if (!read_property(property,
                           &APR_ARRAY_IDX(answer->values, i, qw_bytes_t), pool))
            return QW_FAIL(pool, CAA, "a CAA record of %s cannot be read",
                           answer->name);
        if (property->critical && !is_known(property->tag))
            return QW_FAIL(pool, CAA,
                           "a CAA record of %s has the critical property %s, "
                           "which is not known here",
                           answer->name,
                           qw_text_safe(property->tag, SHOWN_MAX, pool));
    }
    return NULL;
}

static int has_tag(const apr_array_header_t *properties, const char *tag)
{
    for (int i = 0; i < properties->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(properties, i, property_t).tag, tag) == 0)
            return 1;
    }
    return 0;
}

/* RFC8657-3: the URI of the ACME account, and of its external account where the
 * authority says so. */
static int is_account(const qw_caa_t *ask, const char *uri, apr_pool_t *pool)
{
    if (strcmp(uri,
               qw_authority_url(ask->authority, "acct", ask->account->id, pool))
        == 0)
        return 1;
    return ask->authority->caa_parent_account
           && strcmp(uri, qw_authority_url(ask->authority, "external",
                                           ask->account->external_id, pool))
                  == 0;
}

/* RFC8657-4: METHOD is one of LIST, which has labels alone, parted by commas. */
static int is_method(const char *list, const char *method)
{
    int found = 0;

    for (;;) {
        apr_size_t len = strcspn(list, ",");

        if (len == 0
            || strspn(list, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
                            "XYZ0123456789-")
                   != len)
            return 0;
        found |= strlen(method) == len && strncmp(list, method, len) == 0;
        if (list[len] == '\0')
            return found;
        list += len + 1;
    }
}

/* NULL, or why VALUE does not let us issue. */
static const char *refusal(const qw_caa_t *ask, const qw_bytes_t *value,
                           apr_pool_t *pool)
{
    qw_caa_value_t v;
    const char *uri, *methods;

    if (!qw_caa_value_parse(&v, value, pool))
        return "is malformed";
    if (!qw_text_in(ask->authority->caa_identities, v.issuer))
        return "is not for this CA";
    uri = apr_table_get(v.parameters, "accounturi");
    if (uri != NULL && ask->account != NULL && !is_account(ask, uri, pool))
        return "is for another account (accounturi)";
    methods = apr_table_get(v.parameters, "validationmethods");
    if (methods != NULL && ask->method != NULL
        && !is_method(methods, ask->method))
        return "is for other validation methods (validationmethods)";
    return NULL;
}

qw_problem_t *qw_caa_judge(const qw_caa_t *ask, const qw_answer_t *answer,
                           apr_pool_t *pool)
{
    apr_array_header_t *properties;
    const char *tag, *said = NULL;

    QW_TRY(read_properties(&properties, answer, pool));
    tag = ask->wildcard && has_tag(properties, "issuewild") ? "issuewild"
                                                            : "issue";
    for (int i = 0; i < properties->nelts; i++) {
        const property_t *p = &APR_ARRAY_IDX(properties, i, property_t);
        const char *why;

        if (strcmp(p->tag, tag) != 0)
            continue;
        why = refusal(ask, &p->value, pool);
        if (why == NULL)
            return NULL;
        if (said == NULL)
            said = apr_psprintf(pool, "%s %s %s", tag,
                                qw_trial_shown(&p->value, pool), why);
    }
    if (said == NULL)
        return NULL;
    return QW_FAIL(pool, CAA,
                   "the CAA records of %s do not let this CA issue: %s",
                   answer->name, said);
}

/* Questions for DOMAIN and every name above it, from the left. */
static qw_answer_t *climb(int *n, const char *domain, apr_pool_t *pool)
{
    qw_answer_t *answers;
    int labels = 1;

    for (const char *dot = strchr(domain, '.'); dot != NULL;
         dot = strchr(dot + 1, '.'))
        labels++;
    answers = apr_pcalloc(pool, sizeof(*answers) * (apr_size_t)labels);
    for (int i = 0; i < labels; i++) {
        answers[i].name = domain;
        answers[i].type = QW_RR_CAA;
        domain = i + 1 < labels ? strchr(domain, '.') + 1 : NULL;
    }
    *n = labels;
    return answers;
}

/* Whom the owner wants to be told of refusals, RFC8659-4.4: for the record. */
static void note_iodef(json_t *evidence, const qw_answer_t *answer,
                       apr_pool_t *pool)
{
    json_t *list = json_array();

    for (int i = 0; i < answer->values->nelts; i++) {
        property_t p;

        if (read_property(&p, &APR_ARRAY_IDX(answer->values, i, qw_bytes_t),
                          pool)
            && strcmp(p.tag, "iodef") == 0 && json_array_size(list) < IODEF_MAX)
            json_array_append_new(list,
                                  json_string(qw_trial_shown(&p.value, pool)));
    }
    if (json_array_size(list) > 0)
        json_object_set(evidence, "iodef", list);
    json_decref(list);
}

/* Above the first N lookups nothing was decided, and of a name of many labels
 * it is much; it would be kept for years, with every look anew. */
static void drop_above(json_t *evidence, int n)
{
    json_t *lookups = json_object_get(evidence, "lookups");

    while (json_array_size(lookups) > (size_t)n)
        json_array_remove(lookups, json_array_size(lookups) - 1);
}

/* RFC8659-3: the first name that has records decides, and a name whose records
 * are not known stops the climb. */
static qw_problem_t *decide(json_t *evidence, const qw_caa_t *ask,
                            const qw_answer_t *answers, int n, apr_pool_t *pool)
{
    for (int i = 0; i < n; i++) {
        if (answers[i].failure != NULL)
            return QW_FAIL(pool, DNS, "DNS lookup of %s CAA: %s",
                           answers[i].name, answers[i].failure);
        if (answers[i].values->nelts > 0) {
            json_object_set_new(evidence, "foundAt",
                                json_string(answers[i].name));
            drop_above(evidence, i + 1);
            note_iodef(evidence, &answers[i], pool);
            return qw_caa_judge(ask, &answers[i], pool);
        }
    }
    return NULL;
}

qw_problem_t *qw_caa_check(json_t *evidence, const qw_caa_t *ask,
                           apr_pool_t *pool)
{
    qw_dcv_t dcv = { .authority = ask->authority,
                     .domain = ask->domain,
                     .deadline = ask->deadline };
    qw_trial_t trial;
    qw_problem_t *prob;
    qw_answer_t *answers;
    apr_pool_t *short_lived;
    int n;

    /* A resolver has a thread and seven descriptors, and POOL may see a hundred
     * names of one order. */
    apr_pool_create(&short_lived, pool);
    QW_TRY(qw_trial_open(&trial, evidence, &dcv, short_lived));
    answers = climb(&n, ask->domain, pool);
    /* a lookup that failed counts only below the name that decides */
    prob = qw_trial_ask(&trial, answers, n, pool);
    apr_pool_destroy(short_lived);
    if (prob != NULL && prob->code != QW_E_DNS)
        return prob;
    return decide(evidence, ask, answers, n, pool);
}
