#include "model/authority.h"

#include "base/text.h"
#include "base/world.h"
#include "model/approval.h"

#include <apr_strings.h>

#include <stdio.h>
#include <string.h>

#define DAY (apr_time_from_sec(86400))

static const char *const actions[] = {
    QW_ACTION_RESUME, QW_ACTION_BULK_REVOKE, QW_ACTION_REGISTER,
    QW_ACTION_DOMAIN, QW_ACTION_OFFICER,     QW_ACTION_RECOVERY
};
enum { ACTIONS = sizeof(actions) / sizeof(actions[0]) };

/* Two persons, unless told otherwise. */
static apr_array_header_t *all_actions(apr_pool_t *pool)
{
    apr_array_header_t *all =
        apr_array_make(pool, ACTIONS, sizeof(const char *));

    for (int i = 0; i < ACTIONS; i++)
        APR_ARRAY_PUSH(all, const char *) = actions[i];
    return all;
}

static apr_array_header_t *usual_reminders(apr_pool_t *pool)
{
    static const int days[] = { 30, 14, 7, 1 };
    apr_array_header_t *times =
        apr_array_make(pool, 4, sizeof(apr_interval_time_t));

    for (unsigned i = 0; i < sizeof(days) / sizeof(days[0]); i++)
        APR_ARRAY_PUSH(times, apr_interval_time_t) = days[i] * DAY;
    return times;
}

qw_authority_t *qw_authority_make(const char *name, apr_pool_t *pool)
{
    qw_authority_t *a = apr_pcalloc(pool, sizeof(*a));

    a->name = name;
    a->kind = QW_KIND_PRODUCTION;
    a->issuers = apr_array_make(pool, 1, sizeof(qw_issuer_conf_t));
    a->ocsp_keys = apr_array_make(pool, 1, sizeof(qw_issuer_conf_t));
    a->alternates = apr_array_make(pool, 0, sizeof(const char *));
    a->profiles = apr_array_make(pool, 2, sizeof(const char *));
    a->caa_identities = apr_array_make(pool, 1, sizeof(const char *));
    a->challenges = apr_array_make(pool, 3, sizeof(const char *));
    a->pds = apr_array_make(pool, 2, sizeof(qw_pds_t));
    a->perspectives = apr_array_make(pool, 6, sizeof(qw_perspective_t));
    a->perspective_timeout = apr_time_from_sec(20);
    a->resolvers = apr_array_make(pool, 2, sizeof(const char *));
    a->ct_logs = apr_array_make(pool, 4, sizeof(qw_ct_log_t));
    a->ct_timeout = apr_time_from_sec(10);
    a->ct_deadline = apr_time_from_sec(3600);
    a->linters = apr_array_make(pool, 1, sizeof(const char *));
    a->crl_validity = 7 * DAY;
    a->crl_delay = apr_time_from_sec(60);
    a->crl_expired = 1;
    a->ocsp_validity = 4 * DAY;
    a->four_eyes = all_actions(pool);
    a->validity_days = 90;
    a->portal_idle = apr_time_from_sec(900);
    a->portal_most = apr_time_from_sec(28800);
    a->reminders = usual_reminders(pool);
    a->passkey_aaguids = apr_array_make(pool, 2, sizeof(const char *));
    a->portal_needs = apr_array_make(pool, 2, sizeof(qw_need_t));
    a->step_up_needs = apr_array_make(pool, 2, sizeof(qw_need_t));
    a->step_up_age = apr_time_from_sec(300);
    a->renewal_start = 67;
    a->renewal_end = 90;
    a->order_lifetime = DAY;
    a->authz_lifetime = 7 * DAY;
    a->nonce_lifetime = apr_time_from_sec(3600);
    a->validation_timeout = apr_time_from_sec(30);
    a->max_names = 100;
    a->orders_page = 100;
    a->validations_at_once = 300;
    a->pause_after = 100;
    a->test_http_port = 80;
    a->test_tls_port = 443;
    return a;
}

int qw_perspectives_least(int n)
{
    if (n < 2)
        return n;
    return n <= 5 ? n - 1 : n - 2;
}

static apr_interval_time_t clock_offset(const char *path)
{
    FILE *f = fopen(path, "re");
    long long seconds = 0;

    if (f == NULL)
        return 0;
    if (fscanf(f, "%lld", &seconds) != 1)
        seconds = 0;
    fclose(f);
    return apr_time_from_sec(seconds);
}

apr_time_t qw_authority_now(const qw_authority_t *authority)
{
    apr_time_t now = qw_world()->now();

    if (authority->test_clock != NULL)
        now += clock_offset(authority->test_clock);
    return now;
}

int qw_authority_is_high_risk(const qw_authority_t *authority, const char *name)
{
    while (name != NULL && authority->high_risk != NULL) {
        if (apr_hash_get(authority->high_risk, name, APR_HASH_KEY_STRING)
            != NULL)
            return 1;
        name = strchr(name, '.');
        if (name != NULL)
            name++;
    }
    return 0;
}

int qw_is_action(const char *word)
{
    for (int i = 0; i < ACTIONS; i++)
        if (strcmp(word, actions[i]) == 0)
            return 1;
    return 0;
}

int qw_authority_needs_two(const qw_authority_t *authority, const char *action)
{
    return qw_text_in(authority->four_eyes, action);
}

qw_limit_t qw_authority_limit(const qw_authority_t *authority, qw_limit_e limit)
{
    if (authority->limits[limit].set)
        return authority->limits[limit];
    return qw_limit_default(limit, authority->kind == QW_KIND_TEST);
}

const char *qw_authority_url(const qw_authority_t *authority, const char *path,
                             const char *id, apr_pool_t *pool)
{
    return apr_pstrcat(pool, authority->base_url, "/", path,
                       id != NULL ? "/" : NULL, id, NULL);
}

static const char *fill_in(const char *url, const char *place,
                           const char *value, apr_pool_t *pool)
{
    const char *at;

    while (url != NULL && (at = strstr(url, place)) != NULL)
        url =
            apr_pstrcat(pool, apr_pstrmemdup(pool, url, (apr_size_t)(at - url)),
                        value, at + strlen(place), NULL);
    return url;
}

const qw_issuer_conf_t *qw_authority_ocsp_key(const qw_authority_t *authority,
                                              const char *chain_path)
{
    const qw_issuer_conf_t *of_all = NULL;

    for (int i = 0; i < authority->ocsp_keys->nelts; i++) {
        const qw_issuer_conf_t *key =
            &APR_ARRAY_IDX(authority->ocsp_keys, i, qw_issuer_conf_t);

        if (key->chain_path == NULL)
            of_all = key;
        else if (strcmp(key->chain_path, chain_path) == 0)
            return key;
    }
    return of_all;
}

const char *qw_issuer_url(const char *url, const char *id, apr_pool_t *pool)
{
    return fill_in(url, "%{issuer}", id, pool);
}

const char *qw_period_url(const char *url, const char *period, apr_pool_t *pool)
{
    return fill_in(url, "%{period}", *period != '\0' ? period : "full", pool);
}

const char *qw_crl_period(const qw_authority_t *authority,
                          apr_time_t not_before, apr_pool_t *pool)
{
    apr_int64_t day = not_before / DAY;
    apr_time_exp_t t;

    if (authority->crl_period == 0)
        return "";
    apr_time_exp_gmt(&t, (day - day % authority->crl_period) * DAY);
    return apr_psprintf(pool, "%04d%02d%02d", t.tm_year + 1900, t.tm_mon + 1,
                        t.tm_mday);
}
