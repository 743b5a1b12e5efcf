#include "check/trial.h"

#include "base/text.h"
#include "base/world.h"
#include "dns/name.h"
#include "net/vet.h"

#include <apr_strings.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

enum { MAX_VALUES = 10, MAX_SHOWN = 128 };

static int is_test(const qw_trial_t *trial)
{
    return trial->dcv->authority->kind == QW_KIND_TEST;
}

qw_problem_t *qw_trial_open(qw_trial_t *trial, json_t *evidence,
                            const qw_dcv_t *dcv, apr_pool_t *pool)
{
    const qw_authority_t *authority = dcv->authority;
    qw_resolver_conf_t conf = { .forwarders = authority->resolvers,
                                .trust_anchor = authority->trust_anchor };

    trial->dcv = dcv;
    conf.insecure = is_test(trial) && authority->test_insecure_dns;
    if (!qw_trial_private(trial))
        conf.never_ask = qw_vet_netblocks(pool);
    trial->lookups = json_array();
    trial->requests = json_array();
    json_object_set_new(evidence, "domain", json_string(dcv->domain));
    json_object_set_new(evidence, "lookups", trial->lookups);
    json_object_set_new(evidence, "requests", trial->requests);
    return qw_resolver_make(&trial->resolver, &conf, pool);
}

const char *qw_trial_shown(const qw_bytes_t *bytes, apr_pool_t *pool)
{
    const char *text =
        apr_pstrmemdup(pool, (const char *)bytes->data, bytes->len);
    apr_size_t max = MAX_SHOWN;
    const char *shown = qw_text_safe(text, max, pool);

    while (strlen(shown) > MAX_SHOWN + sizeof "..." && max > 1) {
        max /= 2;
        shown = qw_text_safe(text, max, pool);
    }
    return shown;
}

/* As zone files have it, RFC8659-4.1.1. The flags are a byte that is zero most
 * of the time: as text, nothing would be left of the record. */
static const char *shown_caa(const qw_bytes_t *rdata, apr_pool_t *pool)
{
    apr_size_t tag_len = rdata->len < 2 ? 0 : rdata->data[1];
    qw_bytes_t tag, value;

    if (rdata->len < 2 || tag_len > rdata->len - 2)
        return "(cannot be read)";
    tag = (qw_bytes_t){ rdata->data + 2, tag_len };
    value = (qw_bytes_t){ tag.data + tag_len, rdata->len - 2 - tag_len };
    return apr_psprintf(pool, "%d %s \"%s\"", rdata->data[0],
                        qw_trial_shown(&tag, pool),
                        qw_trial_shown(&value, pool));
}

static const char *shown_value(const qw_answer_t *answer,
                               const qw_bytes_t *value, apr_pool_t *pool)
{
    char text[INET6_ADDRSTRLEN];

    if (answer->type == QW_RR_A && value->len == sizeof(struct in_addr))
        return apr_pstrdup(pool,
                           inet_ntop(AF_INET, value->data, text, sizeof text));
    if (answer->type == QW_RR_AAAA && value->len == sizeof(struct in6_addr))
        return apr_pstrdup(pool,
                           inet_ntop(AF_INET6, value->data, text, sizeof text));
    if (answer->type == QW_RR_CAA)
        return shown_caa(value, pool);
    return qw_trial_shown(value, pool);
}

static void witness(const qw_trial_t *trial, const qw_answer_t *answer,
                    apr_pool_t *pool)
{
    json_t *seen = json_object(), *values = json_array();
    int n = answer->values->nelts;

    json_object_set_new(seen, "name", json_string(answer->name));
    json_object_set_new(seen, "type", json_string(qw_rr_name(answer->type)));
    json_array_append_new(trial->lookups, seen);
    if (answer->failure != NULL) {
        json_object_set_new(seen, "error", json_string(answer->failure));
        json_decref(values);
        return;
    }
    for (int i = 0; i < n && i < MAX_VALUES; i++)
        json_array_append_new(
            values,
            json_string(shown_value(
                answer, &APR_ARRAY_IDX(answer->values, i, qw_bytes_t), pool)));
    json_object_set_new(seen, "dnssec",
                        json_string(qw_dnssec_name(answer->dnssec)));
    json_object_set_new(seen, "values", values);
    json_object_set_new(seen, "count", json_integer(n));
    if (answer->nxdomain)
        json_object_set_new(seen, "nxdomain", json_true());
    if (answer->cnames > 0)
        json_object_set_new(seen, "canonical", json_string(answer->canonical));
}

qw_problem_t *qw_trial_ask(qw_trial_t *trial, qw_answer_t *answers, int n,
                           apr_pool_t *pool)
{
    qw_problem_t *prob = qw_resolver_ask(trial->resolver, answers, n,
                                         trial->dcv->deadline, pool);

    for (int i = 0; i < n; i++)
        witness(trial, &answers[i], pool);
    return prob;
}

/* The first address of ANSWER that may be dialled goes to ADDRESSES; of the
 * others, *REFUSAL remembers why. */
static void choose(apr_array_header_t *addresses, const char **refusal,
                   const qw_trial_t *trial, const qw_answer_t *answer,
                   apr_pool_t *pool)
{
    int allow_private = qw_trial_private(trial);

    for (int i = 0; i < answer->values->nelts; i++) {
        const char *address =
            shown_value(answer, &APR_ARRAY_IDX(answer->values, i, qw_bytes_t),
                        pool);
        const char *why = qw_vet_text(address, allow_private);

        if (why == NULL) {
            APR_ARRAY_PUSH(addresses, const char *) = address;
            return;
        }
        *refusal = apr_psprintf(pool, "%s is %s", address, why);
    }
}

qw_problem_t *qw_trial_addresses(apr_array_header_t *addresses,
                                 qw_trial_t *trial, const char *host,
                                 apr_pool_t *pool)
{
    qw_name_t name;
    qw_problem_t *prob = qw_name_parse(&name, host, is_test(trial), pool);
    qw_answer_t answers[2] = { { .type = QW_RR_AAAA }, { .type = QW_RR_A } };
    const char *refusal = NULL;

    if (prob != NULL)
        return QW_FAIL(pool, CONNECTION, "not connecting to %s", prob->detail);
    answers[0].name = answers[1].name = name.name;
    QW_TRY(qw_trial_ask(trial, answers, 2, pool));
    choose(addresses, &refusal, trial, &answers[0], pool);
    choose(addresses, &refusal, trial, &answers[1], pool);
    if (addresses->nelts == 0 && refusal != NULL)
        return QW_FAIL(pool, CONNECTION, "%s has no public address: %s",
                       name.name, refusal);
    if (addresses->nelts == 0)
        return QW_FAIL(pool, DNS, "%s %s", name.name,
                       answers[1].nxdomain ? "does not exist in DNS (NXDOMAIN)"
                                           : "has neither AAAA nor A record");
    return NULL;
}

int qw_trial_private(const qw_trial_t *trial)
{
    return is_test(trial) && trial->dcv->authority->test_private_targets;
}

apr_time_t qw_trial_share(const qw_trial_t *trial, int left)
{
    apr_time_t now = qw_world()->now();

    return now + (trial->dcv->deadline - now) / left;
}

int qw_trial_http_port(const qw_trial_t *trial)
{
    int port = trial->dcv->authority->test_http_port;

    return is_test(trial) && port > 0 ? port : 80;
}

int qw_trial_tls_port(const qw_trial_t *trial)
{
    int port = trial->dcv->authority->test_tls_port;

    return is_test(trial) && port > 0 ? port : 443;
}
