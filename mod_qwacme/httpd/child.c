/* One child of httpd: its connections, its sites, its workers. */
#include "httpd/qwm.h"

#include "base/log.h"
#include "check/check.h"
#include "signer/signer.h"
#include "work/remind.h"
#include "work/watch.h"

#include <apr_hash.h>
#include <apr_strings.h>

#include <pthread.h>
#include <signal.h>

APLOG_USE_MODULE(qwacme);

#define STATUS_WAIT (apr_time_from_sec(2))

static struct {
    apr_hash_t *sites;   /* name -> qw_site_t */
    apr_hash_t *portals; /* name -> qw_portal_t */
    qw_store_t *store, *portal_store;
    qw_signer_client_t signer, status_signer;
    qw_worker_t *worker;
    qw_seal_chore_t seal;
} child;

const qw_site_t *qwm_site(const char *name)
{
    if (child.sites == NULL || name == NULL)
        return NULL;
    return apr_hash_get(child.sites, name, APR_HASH_KEY_STRING);
}

const qw_signer_client_t *qwm_status_signer(void)
{
    return &child.status_signer;
}

qw_store_t *qwm_store(void)
{
    return child.store;
}

const qw_portal_t *qwm_portal(const char *name)
{
    if (child.portals == NULL || name == NULL)
        return NULL;
    return apr_hash_get(child.portals, name, APR_HASH_KEY_STRING);
}

const qw_site_t *qwm_site_of(const request_rec *r)
{
    return qwm_site(qwm_place_find(r->server, r->uri));
}

/* After the fork: a connection does not survive it. */
static qw_problem_t *open_store(apr_pool_t *pool)
{
    const qw_conf_t *conf = qwm_conf();
    apr_global_mutex_t *lock = qwm_parent()->write_lock;
    qw_store_conf_t c = { 0 };

    if (apr_global_mutex_child_init(&lock, apr_global_mutex_lockfile(lock),
                                    pool)
        != APR_SUCCESS)
        return QW_FAIL(pool, SERVER_INTERNAL,
                       "no mutex for the writers of the database");
    c.driver = conf->db_driver;
    c.params = conf->db_params;
    c.write_lock = lock;
    c.max_connections = conf->db_connections;
    c.wait = conf->db_wait;
    QW_TRY(qw_store_open(&child.store, &c, pool));
    child.portal_store = child.store;
    if (conf->portal_db_params == NULL)
        return NULL;
    c.params = conf->portal_db_params;
    return qw_store_open(&child.portal_store, &c, pool);
}

static qw_problem_t *beat(void *baton, apr_pool_t *pool)
{
    return qw_nonce_heartbeat(qwm_parent()->window, child.store, pool);
}

static qw_problem_t *watch(void *baton, apr_pool_t *pool)
{
    return qw_watch_cases(qwm_conf(), child.store, pool);
}

static qw_problem_t *start_worker(apr_pool_t *pool)
{
    apr_array_header_t *chores = apr_array_make(pool, 3, sizeof(qw_chore_t));
    qw_chore_t heart = { beat, NULL, QW_NODE_HEARTBEAT, 0 };
    qw_chore_t look = { watch, NULL, QW_WATCH_EVERY, 0 };
    qw_chore_t seal = { qw_seal_chore, &child.seal, qwm_conf()->audit_interval,
                        1 };
    qw_chore_t mail = { qw_remind,
                        qw_remind_make(qwm_conf(), child.store,
                                       qwm_parent()->node, pool),
                        QW_REMIND_EVERY, 1 };
    qw_publisher_t *publisher;

    child.seal.sealer = qwm_parent()->sealer;
    child.seal.store = child.store;
    APR_ARRAY_PUSH(chores, qw_chore_t) = heart;
    APR_ARRAY_PUSH(chores, qw_chore_t) = look;
    APR_ARRAY_PUSH(chores, qw_chore_t) = seal;
    APR_ARRAY_PUSH(chores, qw_chore_t) = mail;
    QW_TRY(qw_publisher_make(&publisher, qwm_conf(), child.store, &child.signer,
                             qwm_parent()->issuers, pool));
    return qw_worker_start(&child.worker, qwm_conf(), publisher,
                           qwm_parent()->node, chores, pool);
}

/* Signals are for httpd's own threads: prefork would end the child inside of
 * one of ours, which then waited for itself. */
static qw_problem_t *start_worker_unsignalled(apr_pool_t *pool)
{
    sigset_t quiet, before;
    qw_problem_t *prob;

    sigfillset(&quiet);
    sigdelset(&quiet, SIGSEGV);
    sigdelset(&quiet, SIGBUS);
    sigdelset(&quiet, SIGFPE);
    sigdelset(&quiet, SIGILL);
    sigdelset(&quiet, SIGABRT);
    pthread_sigmask(SIG_SETMASK, &quiet, &before);
    prob = start_worker(pool);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return prob;
}

static qw_problem_t *add_portal(const qw_site_t *site, apr_pool_t *pool)
{
    const char *name = site->authority->name;
    qw_portal_t *portal;

    QW_TRY(qw_portal_make(&portal, site, child.portal_store,
                          qwm_conf()->authorities,
                          apr_hash_get(qwm_parent()->passkey_roots, name,
                                       APR_HASH_KEY_STRING),
                          pool));
    portal->sealer = qwm_parent()->sealer->signer;
    apr_hash_set(child.portals, name, APR_HASH_KEY_STRING, portal);
    return NULL;
}

static qw_problem_t *add_site(const qw_authority_t *a, apr_pool_t *pool)
{
    const qwm_parent_t *parent = qwm_parent();
    qw_site_t *site = apr_pcalloc(pool, sizeof(*site));

    site->authority = a;
    site->store = child.store;
    site->ring = parent->ring;
    site->known = parent->known;
    site->signer = &child.signer;
    site->issuers = apr_hash_get(parent->issuers, a->name, APR_HASH_KEY_STRING);
    site->alternates =
        apr_hash_get(parent->alternates, a->name, APR_HASH_KEY_STRING);
    site->wake = qw_worker_wake;
    site->wake_baton = child.worker;
    QW_TRY(qw_nonces_make(&site->nonces, parent->window, a, parent->ring,
                          child.store, pool));
    QW_TRY(qw_site_init(site, pool));
    apr_hash_set(child.sites, a->name, APR_HASH_KEY_STRING, site);
    return qwm_places_have_portal(a->name) ? add_portal(site, pool) : NULL;
}

static qw_problem_t *start(apr_pool_t *pool)
{
    const qw_conf_t *conf = qwm_conf();
    int i;

    child.signer.socket_path = qw_signer_socket(conf, pool);
    child.signer.wait = conf->signer_wait;
    child.status_signer.socket_path = child.signer.socket_path;
    child.status_signer.wait = STATUS_WAIT;
    QW_TRY(open_store(pool));
    QW_TRY(start_worker_unsignalled(pool));
    child.sites = apr_hash_make(pool);
    child.portals = apr_hash_make(pool);
    for (i = 0; i < conf->authorities->nelts; i++)
        QW_TRY(add_site(APR_ARRAY_IDX(conf->authorities, i, qw_authority_t *),
                        pool));
    return NULL;
}

static apr_status_t stop(void *unused)
{
    if (child.worker != NULL)
        qw_worker_stop(child.worker);
    child.worker = NULL;
    return APR_SUCCESS;
}

/* Before any pool below PCHILD goes: the workers' connections are in one. */
void qwm_child_init(apr_pool_t *pchild, server_rec *s)
{
    qw_problem_t *prob;

    apr_pool_pre_cleanup_register(pchild, NULL, stop);
    prob = qw_check_init(pchild);
    if (prob == NULL && qwm_has_authority())
        prob = start(pchild);
    if (prob != NULL)
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s, "QW0305: child: %s",
                     qw_problem_for_log(prob, pchild));
}

void qwm_child_stopping(apr_pool_t *pchild, int graceful)
{
    if (!graceful)
        (void)stop(NULL);
}
