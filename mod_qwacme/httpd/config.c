/* Directives: rows of conf/directives.def, read by httpd. */
#include "httpd/qwm.h"

#include <apr_strings.h>

#include <string.h>
#include <strings.h>

/* Of the pass that is being read; see qwm_conf_reset(). */
static qw_conf_t *conf;
static qw_authority_t *section; /* the <QwacmeAuthority> we are inside of */
static int configured;

void qwm_conf_reset(apr_pool_t *pconf)
{
    conf = qw_conf_make(pconf);
    section = NULL;
    configured = 0;
    qwm_places_reset(pconf);
}

qw_conf_t *qwm_conf(void)
{
    return conf;
}

int qwm_is_configured(void)
{
    return configured;
}

int qwm_has_authority(void)
{
    return configured && conf->authorities->nelts > 0;
}

static const char *set(cmd_parms *cmd, void *dir, int argc, char *const argv[])
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);

    if (error != NULL)
        return error;
    configured = 1;
    return qw_conf_set(conf, section, cmd->cmd->name, argc,
                       (const char *const *)argv, cmd->pool);
}

static const char *use(cmd_parms *cmd, void *dir, int argc, char *const argv[])
{
    if (argc != 1)
        return "QwacmeUse: give the name of one authority";
    ((qwm_dir_t *)dir)->use = argv[0];
    configured = 1;
    return qwm_place_add(cmd, argv[0]);
}

static const char *name_of_section(cmd_parms *cmd, const char *args)
{
    apr_size_t len = strlen(args);

    if (len == 0 || args[len - 1] != '>')
        return NULL;
    args = apr_pstrmemdup(cmd->temp_pool, args, len - 1);
    return ap_getword_conf(cmd->pool, &args);
}

static const char *open_section(cmd_parms *cmd, void *dir, const char *args)
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);
    const char *name = name_of_section(cmd, args);

    if (error != NULL)
        return error;
    if (name == NULL || *name == '\0')
        return apr_psprintf(cmd->pool, "%s: give it a name, %s live>",
                            cmd->cmd->name, cmd->cmd->name);
    configured = 1;
    error = strcasecmp(cmd->cmd->name, "<QwacmeAuthority") == 0
                ? qw_conf_add_authority(&section, conf, name, cmd->pool)
                : qw_conf_add_perspective(&section, conf, name, cmd->pool);
    if (error == NULL)
        error = ap_walk_config(cmd->directive->first_child, cmd, cmd->context);
    section = NULL;
    return error;
}

#define ROW_SERVER(name, usage)                                                \
    AP_INIT_TAKE_ARGV(#name, set, NULL, RSRC_CONF, usage),
#define ROW_AUTHORITY(name, usage) ROW_SERVER(name, usage)
#define ROW_LOCATION(name, usage)                                              \
    AP_INIT_TAKE_ARGV(#name, use, NULL, ACCESS_CONF, usage),

const command_rec qwm_commands[] = {
#define QW_DIRECTIVE(name, scope, min, max, setter, member, low, high, usage)  \
    ROW_##scope(name, usage)
#define QW_SECTION(name, usage)                                                \
    AP_INIT_RAW_ARGS("<" #name, open_section, NULL, RSRC_CONF, usage),
#include "conf/directives.def"
    { NULL }
};

void *qwm_dir_create(apr_pool_t *p, char *dir)
{
    return apr_pcalloc(p, sizeof(qwm_dir_t));
}

void *qwm_dir_merge(apr_pool_t *p, void *basev, void *addv)
{
    const qwm_dir_t *base = basev, *add = addv;
    qwm_dir_t *dir = apr_pcalloc(p, sizeof(*dir));

    dir->use = add->use != NULL ? add->use : base->use;
    return dir;
}
