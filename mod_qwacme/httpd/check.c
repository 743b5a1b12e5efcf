/* Every start and `httpd -t`: what is configured must be able to serve. */
#include "httpd/qwm.h"

#include "base/world.h"
#include "store/schema.h"
#include "x509/profile.h"

#include <apr_strings.h>
#include <unixd.h>

#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

APLOG_USE_MODULE(qwacme);

enum { MESSAGE_MOST = 2000 };

static int complain(server_rec *s, const char *text)
{
    ap_log_error(APLOG_MARK, APLOG_CRIT | APLOG_NOERRNO, 0, s, "QW0308: %s",
                 text);
    return HTTP_INTERNAL_SERVER_ERROR;
}

static qw_problem_t *check_state_dir(const qw_conf_t *conf, apr_pool_t *pool)
{
    struct stat st;

    if (stat(conf->state_dir, &st) != 0 || !S_ISDIR(st.st_mode))
        return QW_FAIL(pool, INVALID_INPUT,
                       "QwacmeStateDir: '%s' is not a folder; make it, owned "
                       "by the signer's user",
                       conf->state_dir);
    if (st.st_mode & S_IWOTH)
        return QW_FAIL(pool, INVALID_INPUT,
                       "QwacmeStateDir: '%s' can be written by everyone; chmod "
                       "o-w it",
                       conf->state_dir);
    return NULL;
}

/* Every issuing key of a production authority, to be compared with others. */
static qw_problem_t *check_separation(const qw_authority_t *a,
                                      const qw_issuer_t *issuer,
                                      apr_hash_t *keys, apr_pool_t *pool)
{
    const qw_authority_t *other =
        apr_hash_get(keys, issuer->spki_hash, APR_HASH_KEY_STRING);

    if (other != NULL && other->kind != a->kind)
        return QW_FAIL(pool, INVALID_INPUT,
                       "QwacmeIssuer: authorities %s and %s, production and "
                       "test, share an issuing key; give each its own",
                       other->name, a->name);
    if (other != NULL && other != a)
        return QW_FAIL(pool, INVALID_INPUT,
                       "QwacmeIssuer: authorities %s and %s share an issuing "
                       "key; give each its own",
                       other->name, a->name);
    apr_hash_set(keys, issuer->spki_hash, APR_HASH_KEY_STRING, a);
    return NULL;
}

static qw_problem_t *check_authority(const qw_authority_t *a, apr_hash_t *keys,
                                     apr_pool_t *pool)
{
    int i;

    for (i = 0; i < a->profiles->nelts; i++) {
        const char *name = APR_ARRAY_IDX(a->profiles, i, const char *);

        if (qw_profile_find(name) == NULL)
            return QW_FAIL(pool, INVALID_INPUT,
                           "QwacmeProfiles: '%s' is not a certificate profile "
                           "of this version",
                           name);
    }
    for (i = 0; i < a->issuers->nelts; i++) {
        const qw_issuer_conf_t *c =
            &APR_ARRAY_IDX(a->issuers, i, qw_issuer_conf_t);
        qw_issuer_t *issuer;

        QW_TRY(
            qw_issuer_load(&issuer, c->chain_path, qw_authority_now(a), pool));
        QW_TRY(check_separation(a, issuer, keys, pool));
    }
    return NULL;
}

static qw_problem_t *check_files(const qw_conf_t *conf, apr_pool_t *pool)
{
    apr_hash_t *keys = apr_hash_make(pool);
    qw_seal_ring_t *ring;
    int i;

    QW_TRY(check_state_dir(conf, pool));
    QW_TRY(qw_seal_ring_load(&ring, conf->seal_key, pool));
    for (i = 0; i < conf->authorities->nelts; i++)
        QW_TRY(check_authority(APR_ARRAY_IDX(conf->authorities, i,
                                             qw_authority_t *),
                               keys, pool));
    return NULL;
}

static qw_problem_t *check_schema(const qw_conf_t *conf, apr_pool_t *pool)
{
    qw_store_conf_t c = { 0 };
    qw_store_t *store;

    c.driver = conf->db_driver;
    c.params = conf->db_params;
    c.max_connections = 1;
    c.wait = conf->db_wait;
    QW_TRY(qw_store_open(&store, &c, pool));
    return qw_schema_check(store, pool);
}

/* In a process of its own, as the user who will run: who opens an SQLite file
 * first makes its companions, and root's would be of no use to httpd. */
static void check_as_user(int fd, const qw_conf_t *conf, apr_pool_t *pool)
{
    qw_problem_t *prob = NULL;

    if (geteuid() == 0
        && (setgid(ap_unixd_config.group_id) != 0
            || initgroups(ap_unixd_config.user_name, ap_unixd_config.group_id)
                   != 0
            || setuid(ap_unixd_config.user_id) != 0))
        prob = QW_FAIL(pool, INVALID_INPUT, "cannot become user %s",
                       ap_unixd_config.user_name);
    if (prob == NULL)
        prob = check_schema(conf, pool);
    if (prob != NULL) {
        const char *text = apr_psprintf(
            pool, "QwacmeDatabase: %s %s: %s%s%s%s", conf->db_driver,
            strcmp(conf->db_driver, "sqlite3") == 0 ? conf->db_params : "",
            prob->detail, prob->cause != NULL ? " [" : "",
            prob->cause != NULL ? prob->cause : "",
            prob->cause != NULL ? "]" : "");

        if (write(fd, text, strlen(text)) < 0)
            _exit(2);
    }
    _exit(prob != NULL);
}

static const char *check_database(const qw_conf_t *conf, apr_pool_t *pool)
{
    char *text = apr_pcalloc(pool, MESSAGE_MOST + 1);
    int fds[2], status = 0;
    pid_t pid;

    if (pipe(fds) != 0 || (pid = fork()) < 0)
        return "QwacmeDatabase: cannot be checked: no process";
    if (pid == 0)
        check_as_user(fds[1], conf, pool);
    close(fds[1]);
    while (read(fds[0], text + strlen(text), MESSAGE_MOST - strlen(text)) > 0)
        ;
    close(fds[0]);
    waitpid(pid, &status, 0);
    if (status == 0)
        return NULL;
    return *text != '\0' ? text : "QwacmeDatabase: the check crashed";
}

int qwm_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                     server_rec *s)
{
    const qw_conf_t *conf = qwm_conf();
    apr_array_header_t *findings;
    qw_problem_t *prob;
    const char *text;
    int i;

    if (!qwm_is_configured())
        return OK;
    findings = qw_conf_findings(conf, qw_world()->now(), ptemp);
    for (i = 0; i < findings->nelts; i++)
        complain(s, APR_ARRAY_IDX(findings, i, const char *));
    if (findings->nelts > 0)
        return HTTP_INTERNAL_SERVER_ERROR;
    prob = check_files(conf, ptemp);
    if (prob != NULL)
        return complain(s, prob->detail);
    text = check_database(conf, ptemp);
    return text != NULL ? complain(s, text) : OK;
}
