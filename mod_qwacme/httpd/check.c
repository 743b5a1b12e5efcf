/* Every start and `httpd -t`: what is configured must be able to serve. */
#include "httpd/qwm.h"

#include "base/world.h"
#include "ca/preflight.h"
#include "model/dates.h"

#include <http_core.h>

APLOG_USE_MODULE(qwacme);

static int complain(server_rec *s, const char *text)
{
    ap_log_error(APLOG_MARK, APLOG_CRIT | APLOG_NOERRNO, 0, s, "QW0308: %s",
                 text);
    return HTTP_INTERNAL_SERVER_ERROR;
}

static int complain_all(server_rec *s, const apr_array_header_t *texts)
{
    int i, rc = OK;

    for (i = 0; i < texts->nelts; i++)
        rc = complain(s, APR_ARRAY_IDX(texts, i, const char *));
    return rc;
}

static void warn_of_unused(server_rec *s, const qw_conf_t *conf)
{
    int i;

    for (i = 0; i < conf->authorities->nelts; i++) {
        const char *name =
            APR_ARRAY_IDX(conf->authorities, i, qw_authority_t *)->name;

        if (!qwm_places_use(name))
            ap_log_error(APLOG_MARK, APLOG_WARNING | APLOG_NOERRNO, 0, s,
                         "QW0260: QwacmeAuthority: '%s' serves nowhere; add "
                         "SetHandler qwacme-acme and QwacmeUse %s to a "
                         "<Location>",
                         name, name);
    }
}

/* It works without; whoever owns the database could then write it anew. */
static void warn_of_audit(server_rec *s, const qw_conf_t *conf)
{
    for (int i = 0; i < conf->authorities->nelts && conf->audit_key == NULL;
         i++) {
        const qw_authority_t *a =
            APR_ARRAY_IDX(conf->authorities, i, qw_authority_t *);

        if (a->kind == QW_KIND_PRODUCTION)
            ap_log_error(APLOG_MARK, APLOG_WARNING | APLOG_NOERRNO, 0, s,
                         "QW0453: QwacmeAuditKey is missing: nobody signs what "
                         "the audit log of '%s' has come to",
                         a->name);
    }
}

/* A restart must not be the first that hears of a new rule. */
static void warn_of_dates(server_rec *s, const qw_conf_t *conf, apr_pool_t *p)
{
    apr_array_header_t *texts =
        qw_conf_forecast(conf, qw_world()->now(), QW_FORECAST_DAYS, p);
    int i;

    for (i = 0; i < texts->nelts; i++)
        ap_log_error(APLOG_MARK, APLOG_WARNING | APLOG_NOERRNO, 0, s,
                     "QW0342: this configuration will not start %s",
                     APR_ARRAY_IDX(texts, i, const char *));
}

/* At a start the configuration is read twice in one process; to ask a token or
 * a database twice would show nothing new. */
static int is_second_pass(server_rec *s)
{
    static const char key[] = "qwacme-checked";
    apr_pool_t *process = s->process->pool;
    void *checked = NULL;

    apr_pool_userdata_get(&checked, key, process);
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        apr_pool_userdata_set(key, key, apr_pool_cleanup_null, process);
        return 0;
    }
    apr_pool_userdata_set(NULL, key, apr_pool_cleanup_null, process);
    return checked != NULL;
}

/* A database or token that is away must not end a server that restarts, with
 * everything else that it serves: requests get 503 until it is back. */
static int complain_of_surroundings(server_rec *s, const char *text)
{
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG)
        return complain(s, text);
    ap_log_error(APLOG_MARK, APLOG_ERR | APLOG_NOERRNO, 0, s,
                 "QW0261: restarting all the same: %s", text);
    return OK;
}

int qwm_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                     server_rec *s)
{
    const qw_conf_t *conf = qwm_conf();
    qw_problem_t *prob;
    const char *text;

    if (!qwm_is_configured() || is_second_pass(s))
        return OK;
    if (complain_all(s, qw_conf_findings(conf, qw_world()->now(), ptemp)) != OK
        || complain_all(s, qwm_places_findings(conf, ptemp)) != OK)
        return HTTP_INTERNAL_SERVER_ERROR;
    warn_of_unused(s, conf);
    warn_of_audit(s, conf);
    warn_of_dates(s, conf, ptemp);
    if (!qwm_has_authority())
        return OK;
    prob = qw_preflight_files(conf, ptemp);
    if (prob != NULL)
        return complain(s, prob->detail);
    text = qwm_check_as_users(conf, ptemp);
    return text != NULL ? complain_of_surroundings(s, text) : OK;
}
