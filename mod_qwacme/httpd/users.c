/* The users that our processes become, and what they will find then. */
#include "httpd/qwm.h"

#include "base/text.h"
#include "ca/pin.h"
#include "ca/preflight.h"
#include "store/schema.h"

#include <apr_strings.h>
#include <unixd.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MESSAGE_MOST = 2000 };

const char *qwm_user_find(qwm_user_t *user, const char *name, apr_pool_t *pool)
{
    const struct passwd *pw;

    user->name = ap_unixd_config.user_name;
    user->uid = ap_unixd_config.user_id;
    user->gid = ap_unixd_config.group_id;
    if (name == NULL)
        return NULL;
    pw = getpwnam(name); /* the parent has no other thread */
    if (pw == NULL)
        return apr_psprintf(pool,
                            "QwacmeSignerUser: '%s' is no user of this system; "
                            "create it, or name another",
                            qw_text_safe(name, 64, pool));
    if (geteuid() != 0)
        return NULL;
    user->name = name;
    user->uid = pw->pw_uid;
    user->gid = pw->pw_gid;
    return NULL;
}

int qwm_user_become(const qwm_user_t *user)
{
    if (geteuid() != 0)
        return 1;
    return setgid(user->gid) == 0 && initgroups(user->name, user->gid) == 0
           && setuid(user->uid) == 0;
}

typedef qw_problem_t *(*look_fn)(const qw_conf_t *conf, apr_pool_t *pool);

static qw_problem_t *look_at_schema(const qw_conf_t *conf, apr_pool_t *pool)
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

/* A connection string may hold a password: only a path is shown. */
static qw_problem_t *look_at_database(const qw_conf_t *conf, apr_pool_t *pool)
{
    int is_file = strcmp(conf->db_driver, "sqlite3") == 0;
    qw_problem_t *prob = look_at_schema(conf, pool);

    if (prob != NULL)
        prob->detail =
            apr_pstrcat(pool, "QwacmeDatabase: '", conf->db_driver,
                        is_file ? " " : "", is_file ? conf->db_params : "",
                        "': ", prob->detail, NULL);
    return prob;
}

static qw_problem_t *look_as_signer(const qw_conf_t *conf, apr_pool_t *pool)
{
    QW_TRY(qw_preflight_signer(conf, pool));
    return look_at_database(conf, pool);
}

static void tell(int fd, const qw_problem_t *prob, const char *user,
                 apr_pool_t *pool)
{
    const char *cause = prob->cause, *text;

    text = apr_psprintf(pool, "%s%s%s%s (seen as user %s)", prob->detail,
                        cause != NULL ? " [" : "",
                        cause != NULL ? qw_text_safe(cause, 800, pool) : "",
                        cause != NULL ? "]" : "", user);
    if (write(fd, text, strlen(text)) < 0)
        _exit(2);
}

/* In a process of its own: who opens an SQLite file first makes its companions,
 * and root's would be of no use to httpd; nor may a token's library be loaded
 * before httpd forks. */
static void look_as(int fd, const qwm_user_t *user, look_fn look,
                    const qw_conf_t *conf, apr_pool_t *pool)
{
    /* as the signer does, before it becomes another */
    qw_problem_t *prob =
        look == look_as_signer ? qw_pins_load(conf, pool) : NULL;

    if (prob == NULL && !qwm_user_become(user))
        prob = QW_FAIL(pool, INVALID_INPUT, "cannot become that user");
    else if (prob == NULL)
        prob = look(conf, pool);
    if (prob != NULL)
        tell(fd, prob, geteuid() == user->uid ? user->name : "who called",
             pool);
    apr_pool_destroy(pool);
    _exit(prob != NULL);
}

static const char *check_as(const qwm_user_t *user, look_fn look,
                            const qw_conf_t *conf, apr_pool_t *pool)
{
    char *text = apr_pcalloc(pool, MESSAGE_MOST + 1);
    int fds[2], status = 0;
    apr_pool_t *theirs;
    pid_t pid;

    apr_pool_create(&theirs, pool);
    if (pipe(fds) != 0 || (pid = fork()) < 0)
        return "QwacmeDatabase: cannot be checked: no process";
    if (pid == 0)
        look_as(fds[1], user, look, conf, theirs);
    close(fds[1]);
    while (read(fds[0], text + strlen(text), MESSAGE_MOST - strlen(text)) > 0)
        ;
    close(fds[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (status == 0)
        return NULL;
    return *text != '\0' ? text
                         : apr_psprintf(pool,
                                        "QwacmeDatabase, QwacmeIssuer: the "
                                        "check as user %s ended with status %d",
                                        user->name, status);
}

const char *qwm_check_as_users(const qw_conf_t *conf, apr_pool_t *pool)
{
    qwm_user_t httpd, signer;
    const char *text = qwm_user_find(&httpd, NULL, pool);

    if (text == NULL)
        text = qwm_user_find(&signer, conf->signer_user, pool);
    if (text == NULL)
        text = check_as(&httpd, look_at_database, conf, pool);
    if (text == NULL)
        text = check_as(&signer, look_as_signer, conf, pool);
    return text;
}
