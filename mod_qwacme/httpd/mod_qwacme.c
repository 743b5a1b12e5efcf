/* mod_qwacme -- the CA side of ACME for Qualified Website Authentication
 * Certificates. Hooks, and nothing else. */
#include "httpd/qwm.h"

#include "base/log.h"

#include <http_config.h>
#include <http_connection.h>
#include <http_core.h>
#include <http_main.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mpm_common.h>

#include <jansson.h>

APLOG_USE_MODULE(qwacme);

static void log_line(int level, apr_status_t rv, const char *line)
{
    ap_log_error(APLOG_MARK, level, rv, ap_server_conf, "%s", line);
}

static int pre_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    qwm_conf_reset(pconf);
    qw_log_set(log_line);
    return OK;
}

/* httpd reads its configuration twice at the start: what is made here would be
 * made twice too. */
static int post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                       server_rec *s)
{
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG
        || !qwm_has_authority())
        return OK;
    json_object_seed(0);
    if (qwm_parent_start(pconf, s) != OK)
        return HTTP_INTERNAL_SERVER_ERROR;
    return qwm_signer_start(pconf, s);
}

static void child_init(apr_pool_t *pchild, server_rec *s)
{
    if (qwm_is_configured())
        qwm_child_init(pchild, s);
}

static void register_hooks(apr_pool_t *p)
{
    ap_hook_pre_config(pre_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(qwm_check_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(post_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_init(child_init, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_stopping(qwm_child_stopping, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_monitor(qwm_signer_watch, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_handler(qwm_handler, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_handler(qwm_perspective_handler, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_handler(qwm_status_handler, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_handler(qwm_metrics_handler, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_read_request(qwm_status_read, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_translate_name(qwm_status_translate, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_map_to_storage(qwm_status_map, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_handler(qwm_report_handler, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_handler(qwm_portal_handler, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_pre_connection(qwm_portal_connected, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_post_read_request(qwm_errors_neutralize, NULL, NULL,
                              APR_HOOK_REALLY_FIRST);
    ap_hook_insert_error_filter(qwm_errors_insert, NULL, NULL, APR_HOOK_LAST);
    qwm_errors_register();
    qwm_keepalive_register();
}

module AP_MODULE_DECLARE_DATA qwacme_module = { STANDARD20_MODULE_STUFF,
                                                qwm_dir_create,
                                                qwm_dir_merge,
                                                NULL,
                                                NULL,
                                                qwm_commands,
                                                register_hooks,
                                                AP_MODULE_FLAG_NONE };
