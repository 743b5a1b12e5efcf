/* qwacmectl -- external accounts, domain lists, binding keys, certificates and
 * the ledger of mod_qwacme, from the command line. */
#include "ctl/ctl.h"

#include "base/log.h"
#include "base/text.h"

#include <apr_env.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <apr_user.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_CONFIG "/etc/qwacme/qwacme.conf"

/* Rolls a writing transaction back after its result was made. */
static qw_problem_t dry_run;

static int has(char **value, const char *name, apr_pool_t *pool)
{
    return apr_env_get(value, name, pool) == APR_SUCCESS && **value != '\0';
}

/* Who is at the keyboard: behind sudo, the person and not root. Of anybody else
 * that variable says nothing: he could have set it himself. */
static const char *user(const qwc_call_t *call)
{
    char *name = NULL;
    apr_uid_t uid;
    apr_gid_t gid;

    if (call->authority->kind == QW_KIND_TEST
        && has(&name, "QWACME_TEST_USER", call->pool))
        return name;
    if (apr_uid_current(&uid, &gid, call->pool) != APR_SUCCESS)
        return "unknown";
    if (uid == 0 && has(&name, "SUDO_USER", call->pool))
        return name;
    return apr_uid_name_get(&name, uid, call->pool) == APR_SUCCESS ? name
                                                                   : "unknown";
}

static const char *actor(const qwc_call_t *call)
{
    return apr_pstrcat(call->pool,
                       "ctl:", qw_text_safe(user(call), 32, call->pool), NULL);
}

static const char *config_path(const qwc_call_t *call)
{
    const char *path = qwc_option(call, "config");
    char *from_env = NULL;

    if (path != NULL)
        return path;
    if (apr_env_get(&from_env, "QWACME_CONFIG", call->pool) == APR_SUCCESS)
        return from_env;
    return DEFAULT_CONFIG;
}

static qw_problem_t *choose_authority(qwc_call_t *call)
{
    const char *name = qwc_option(call, "authority");
    const apr_array_header_t *all = call->conf->authorities;

    if (name != NULL)
        call->authority = qw_conf_authority(call->conf, name);
    else if (all->nelts == 1)
        call->authority = APR_ARRAY_IDX(all, 0, qw_authority_t *);
    if (call->authority != NULL)
        return NULL;
    if (name == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "the configuration has %d authorities: choose one with "
                       "--authority",
                       all->nelts);
    return QW_FAIL(call->pool, INVALID_INPUT,
                   "--authority: the configuration has no authority '%s'",
                   qw_text_safe(name, 64, call->pool));
}

qw_problem_t *qwc_read_conf(qwc_call_t *call)
{
    qw_conf_t *conf;

    QW_TRY(qw_conf_read(&conf, config_path(call), call->pool));
    call->conf = conf;
    return NULL;
}

qw_problem_t *qwc_open_store(qwc_call_t *call)
{
    qw_store_conf_t store = { 0 };
    const qw_conf_t *conf;

    QW_TRY(qwc_read_conf(call));
    conf = call->conf;
    if (conf->db_driver == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT, "%s: no QwacmeDatabase in it",
                       config_path(call));
    store.driver = conf->db_driver;
    store.params = conf->db_params;
    store.max_connections = 1;
    store.wait = conf->db_wait;
    return qw_store_open(&call->store, &store, call->pool);
}

static qw_problem_t *run_in_tx(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    qwc_call_t *call = baton;

    call->registry.db = db;
    call->registry.authority = call->authority;
    call->registry.pool = pool;
    QW_TRY(call->command->run(call));
    return qwc_option(call, "dry-run") != NULL ? &dry_run : NULL;
}

static qw_problem_t *run(qwc_call_t *call)
{
    qw_problem_t *prob;

    if (call->command->ground == QWC_ON_NOTHING)
        return call->command->run(call);
    QW_TRY(qwc_open_store(call));
    if (call->command->ground == QWC_ON_STORE)
        return call->command->run(call);
    QW_TRY(choose_authority(call));
    call->registry.actor = actor(call);
    if (call->command->ground == QWC_ON_AUTHORITY) {
        call->registry.authority = call->authority;
        call->registry.pool = call->pool;
        return call->command->run(call);
    }
    if (call->command->ground == QWC_ON_READ)
        prob = qw_store_read(call->store, run_in_tx, call, call->pool);
    else
        prob = qw_store_write(call->store, run_in_tx, call, call->pool);
    return prob == &dry_run ? NULL : prob;
}

/* What went wrong, whole: the reader is the administrator. */
static int complain(const qw_problem_t *prob)
{
    int i;

    fprintf(stderr, "qwacmectl: %s\n", prob->detail);
    if (prob->cause != NULL)
        fprintf(stderr, "qwacmectl: %s\n", prob->cause);
    for (i = 0; prob->subproblems != NULL && i < prob->subproblems->nelts; i++)
        fprintf(stderr, "    %s\n",
                APR_ARRAY_IDX(prob->subproblems, i, qw_problem_t *)->detail);
    if (prob->code == QW_E_COMMIT_UNKNOWN)
        fprintf(stderr, "qwacmectl: it is not known whether the change was "
                        "made: look before you repeat it\n");
    return qw_problem_http(prob->code) >= 500 ? QWC_EXIT_UNAVAILABLE
                                              : QWC_EXIT_REFUSED;
}

static int wants_help(int argc, const char *const *argv)
{
    int i;

    for (i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0)
            return 1;
    return argc < 2;
}

static int serve(int argc, const char *const *argv, apr_pool_t *pool)
{
    qwc_call_t call = { 0 };
    qw_problem_t *prob;

    call.pool = pool;
    call.options = apr_table_make(pool, 8);
    call.args = apr_array_make(pool, 4, sizeof(const char *));
    if (wants_help(argc, argv)) {
        qwc_usage(argc < 2 ? stderr : stdout,
                  argc > 1 && argv[1][0] != '-' ? argv[1] : NULL);
        return argc < 2 ? QWC_EXIT_USAGE : QWC_EXIT_OK;
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("qwacmectl %s\n", QW_VERSION);
        return QWC_EXIT_OK;
    }
    prob = qwc_parse(&call, argc, argv);
    if (prob != NULL) {
        fprintf(stderr, "qwacmectl: %s\n", prob->detail);
        fprintf(stderr, "qwacmectl --help shows all commands\n");
        return QWC_EXIT_USAGE;
    }
    prob = run(&call);
    if (prob == NULL || call.result != NULL)
        qwc_print(&call);
    return prob != NULL ? complain(prob) : QWC_EXIT_OK;
}

int main(int argc, const char *const *argv)
{
    apr_pool_t *pool;
    int status;

    apr_app_initialize(&argc, &argv, NULL);
    apr_pool_create(&pool, NULL);
    status = serve(argc, argv, pool);
    apr_pool_destroy(pool);
    apr_terminate();
    return status;
}
