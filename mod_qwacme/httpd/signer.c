/* The signer process: forked by the parent as mod_cgid forks its daemon, under
 * its own user, started again when it dies. */
#include "httpd/qwm.h"

#include "ca/client.h"
#include "ca/pin.h"
#include "signer/signer.h"

#include <ap_mpm.h>
#include <apr_strings.h>
#include <apr_signal.h>
#include <apr_thread_proc.h>
#include <mpm_common.h>
#include <unixd.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

APLOG_USE_MODULE(qwacme);

static struct {
    apr_proc_t *proc; /* NULL: not running */
    apr_pool_t *pool;
    server_rec *server;
} signer;

static int drop_privileges(const char *name, apr_pool_t *pool, server_rec *s)
{
    qwm_user_t user;
    const char *text = qwm_user_find(&user, name, pool);

    if (text != NULL) {
        ap_log_error(APLOG_MARK, APLOG_CRIT | APLOG_NOERRNO, 0, s, "QW0301: %s",
                     text);
        return 0;
    }
    if (!qwm_user_become(&user)) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, errno, s,
                     "QW0302: signer: cannot become user '%s'", user.name);
        return 0;
    }
    return 1;
}

/* While it may still read what systemd gave to the service. */
static int load_pins(apr_pool_t *pool, server_rec *s)
{
    qw_problem_t *prob = qw_pins_load(qwm_conf(), pool);

    if (prob != NULL)
        ap_log_error(APLOG_MARK, APLOG_CRIT | APLOG_NOERRNO, 0, s,
                     "QW0263: signer: %s", prob->detail);
    return prob == NULL;
}

static int take_mutex(apr_global_mutex_t **lock, apr_pool_t *pool,
                      server_rec *s)
{
    apr_status_t rv =
        apr_global_mutex_child_init(lock, apr_global_mutex_lockfile(*lock),
                                    pool);

    if (rv != APR_SUCCESS)
        ap_log_error(APLOG_MARK, APLOG_CRIT, rv, s,
                     "QW0262: signer: no access to the lock of the database's "
                     "writers");
    return rv == APR_SUCCESS;
}

/* A signer without a parent would have no one to end it. A change of the user
 * clears the wish, so it comes after that. */
static void die_with(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        exit(0);
}

static void run(apr_pool_t *pool, pid_t parent, server_rec *s)
{
    qw_signer_env_t env = { 0 };
    apr_global_mutex_t *lock = qwm_parent()->write_lock;
    int code = 1;

    apr_signal(SIGHUP, SIG_IGN);
    apr_signal(AP_SIG_GRACEFUL, SIG_IGN);
    apr_signal(SIGINT, SIG_IGN);
    ap_close_listeners();
    if (load_pins(pool, s) && drop_privileges(qwm_conf()->signer_user, pool, s)
        && take_mutex(&lock, pool, s)) {
        die_with(parent);
        env.write_lock = lock;
        env.socket_path = qw_signer_socket(qwm_conf(), pool);
        env.client_uid =
            geteuid() == 0 || getuid() == 0 ? 0 : ap_unixd_config.user_id;
        code = qw_signer_main(qwm_conf(), &env, pool);
    }
    exit(code);
}

static int start(apr_pool_t *pool, server_rec *s);

/* A crash is answered at once; a failed start waits for qwm_signer_watch(). */
static void on_event(int reason, void *data, int status)
{
    int state = 0;

    switch (reason) {
    case APR_OC_REASON_DEATH:
        apr_proc_other_child_unregister(data);
        signer.proc = NULL;
        if (ap_mpm_query(AP_MPMQ_MPM_STATE, &state) == APR_SUCCESS
            && state == AP_MPMQ_STOPPING)
            return;
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, signer.server,
                     "QW0303: the signer ended (status %d); starting it again",
                     status);
        if (WIFSIGNALED(status))
            start(signer.pool, signer.server);
        return;
    case APR_OC_REASON_RESTART:
    case APR_OC_REASON_LOST:
        apr_proc_other_child_unregister(data);
        return;
    case APR_OC_REASON_UNREGISTER:
        return;
    }
}

static int start(apr_pool_t *pool, server_rec *s)
{
    apr_proc_t *proc = apr_pcalloc(pool, sizeof(*proc));
    pid_t parent_pid = getpid();
    apr_status_t rv = apr_proc_fork(proc, pool);

    if (rv == APR_INCHILD)
        run(pool, parent_pid, s); /* does not return */
    if (rv != APR_INPARENT) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, rv, s,
                     "QW0304: the signer cannot be forked");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    signer.proc = proc;
    signer.pool = pool;
    signer.server = s;
    apr_pool_note_subprocess(pool, proc, APR_KILL_AFTER_TIMEOUT);
    apr_proc_other_child_register(proc, on_event, proc, NULL, pool);
    return OK;
}

int qwm_signer_start(apr_pool_t *pconf, server_rec *s)
{
    return start(pconf, s);
}

int qwm_signer_watch(apr_pool_t *pconf, server_rec *s)
{
    if (qwm_is_configured() && signer.proc == NULL && signer.pool != NULL)
        start(signer.pool, signer.server);
    return OK;
}
