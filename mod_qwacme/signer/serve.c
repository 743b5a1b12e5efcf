#include "signer/signer.h"

#include "base/log.h"
#include "ca/reconcile.h"
#include "net/http_get.h"
#include "net/post_json.h"
#include "signer/desk.h"
#include "signer/door.h"
#include "store/schema.h"

#include <apr_signal.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { CONNECTIONS = 2 };

static volatile sig_atomic_t stopping;

static void on_term(int signo)
{
    stopping = 1;
}

typedef struct {
    qw_ca_t *ca;
    qw_status_t *status;
    qw_queue_t *queue;
} office_t;

/* Held until the process ends, however it ends. */
static qw_problem_t *be_the_only_one(const qw_conf_t *conf, apr_pool_t *pool)
{
    const char *path = apr_pstrcat(pool, conf->state_dir, "/signer.lock", NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), tries;

    if (fd < 0)
        return QW_FAIL(pool, INVALID_INPUT, "%s: %s", path, strerror(errno));
    /* the one before us may still be finishing its last batch */
    for (tries = 0; tries < 100 && !stopping; tries++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return NULL;
        apr_sleep(apr_time_from_msec(100));
    }
    return QW_FAIL(pool, INVALID_INPUT,
                   "%s: another signer uses this state directory", path);
}

static qw_problem_t *open_store(qw_store_t **store, const qw_conf_t *conf,
                                const qw_signer_env_t *env, apr_pool_t *pool)
{
    qw_store_conf_t c = { 0 };

    c.driver = conf->db_driver;
    c.params = conf->db_params;
    c.write_lock = env->write_lock;
    c.max_connections = CONNECTIONS;
    c.wait = conf->db_wait;
    QW_TRY(qw_store_open(store, &c, pool));
    return qw_schema_check(*store, pool);
}

static qw_problem_t *settle(qw_ca_t *ca, apr_pool_t *pool)
{
    qw_reconciled_t done;

    QW_TRY(qw_reconcile(&done, ca, 1, pool));
    if (done.adopted + done.orphaned + done.attached + done.freed > 0)
        qw_log(QW_LOG_NOTICE, 0, pool,
               "QW0170: signer: an earlier crash left work: %d adopted, %d "
               "orphaned, %d late, %d orders ready again",
               done.adopted, done.orphaned, done.attached, done.freed);
    return NULL;
}

/* A key that is away now is logged, and looked for at each request. */
static void warm(qw_ca_t *ca, apr_pool_t *pool)
{
    qw_problem_t *prob;
    int i;

    for (i = 0; i < ca->issuings->nelts; i++) {
        qw_key_t *key = APR_ARRAY_IDX(ca->issuings, i, qw_issuing_t *)->key;

        prob = key != NULL ? qw_key_health(key, pool) : NULL;
        if (prob != NULL)
            qw_log_problem("QW0177", prob, pool);
    }
}

static qw_problem_t *set_up(office_t *office, qw_door_t **door,
                            const qw_conf_t *conf, const qw_signer_env_t *env,
                            apr_pool_t *pool)
{
    const char *node;
    qw_store_t *store;

    QW_TRY(be_the_only_one(conf, pool));
    QW_TRY(qw_ca_node(&node, conf, pool));
    QW_TRY(open_store(&store, conf, env, pool));
    /* For linters. Before the keys: libcurl registers every engine that is there
     * for every key, and a token's engine knows nothing of keys elsewhere. */
    QW_TRY(qw_http_init(pool));
    QW_TRY(qw_post_init(pool));
    QW_TRY(qw_ca_open(&office->ca, conf, store, node, 1, pool));
    warm(office->ca, pool);
    QW_TRY(settle(office->ca, pool));
    QW_TRY(qw_status_make(&office->status, office->ca, pool));
    QW_TRY(qw_queue_make(&office->queue, pool));
    return qw_door_open(door, env, pool);
}

static void *APR_THREAD_FUNC desk_thread(apr_thread_t *thread, void *baton)
{
    office_t *office = baton;
    apr_pool_t *pool;

    apr_pool_create(&pool, NULL);
    qw_desk_work(office->ca, office->status, office->queue, pool);
    apr_pool_destroy(pool);
    return NULL;
}

int qw_signer_main(const qw_conf_t *conf, const qw_signer_env_t *env,
                   apr_pool_t *pool)
{
    office_t office = { 0 };
    apr_thread_t *thread;
    apr_status_t rv;
    qw_door_t *door;
    qw_problem_t *prob;

    apr_signal(SIGTERM, on_term);
    apr_signal(SIGPIPE, SIG_IGN);
    prob = set_up(&office, &door, conf, env, pool);
    if (prob == NULL
        && apr_thread_create(&thread, NULL, desk_thread, &office, pool)
               != APR_SUCCESS)
        prob = QW_FAIL(pool, SERVER_INTERNAL, "signer: no thread");
    if (prob != NULL) {
        qw_log_problem("QW0171", prob, pool);
        return 1;
    }
    qw_log(QW_LOG_INFO, 0, pool, "QW0172: signer: ready on %s",
           env->socket_path);
    while (!stopping)
        qw_door_attend(door, office.ca, office.queue);
    qw_door_close(door);
    qw_queue_close(office.queue);
    apr_thread_join(&rv, thread);
    return 0;
}
