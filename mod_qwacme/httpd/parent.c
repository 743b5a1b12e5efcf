/* What children and signer inherit: keys of the seal, issuers, the window of
 * nonces, the writers' lock. Read while httpd still has its privileges. */
#include "httpd/qwm.h"

#include "base/file.h"
#include "base/log.h"
#include "ca/known.h"
#include "x509/pem.h"

#include <apr_hash.h>
#include <apr_shm.h>
#include <apr_strings.h>

#include <string.h>

APLOG_USE_MODULE(qwacme);

enum { FILE_MOST = 262144 };

static qwm_parent_t parent;

const qwm_parent_t *qwm_parent(void)
{
    return &parent;
}

/* *MEMORY of SIZE octets that children share, zeroed when it *IS_NEW. It lives as
 * long as the process, over every graceful restart. */
static qw_problem_t *share(void **memory, int *is_new, const char *key,
                           apr_size_t size, apr_pool_t *process)
{
    apr_shm_t *shm;

    *memory = NULL;
    apr_pool_userdata_get(memory, key, process);
    *is_new = *memory == NULL;
    if (!*is_new)
        return NULL;
    if (apr_shm_create(&shm, size, NULL, process) != APR_SUCCESS)
        return QW_FAIL(process, SERVER_INTERNAL, "no shared memory for %s",
                       key);
    *memory = apr_shm_baseaddr_get(shm);
    memset(*memory, 0, size);
    return NULL;
}

static void keep(void *memory, const char *key, apr_pool_t *process)
{
    /* a copy of the key: a restart unloads this module, and ours with it */
    apr_pool_userdata_set(memory, key, apr_pool_cleanup_null, process);
}

static qw_problem_t *make_window(server_rec *s)
{
    static const char key[] = "qwacme-nonce-window";
    apr_pool_t *process = s->process->pool;
    void *found;
    int is_new;

    QW_TRY(share(&found, &is_new, key, qw_nonce_window_size(), process));
    if (is_new) {
        QW_TRY(qw_nonce_window_init(found, process));
        keep(found, key, process);
    }
    parent.window = found;
    parent.node = qw_nonce_node(found, process);
    return NULL;
}

static qw_problem_t *make_counter(server_rec *s)
{
    static const char key[] = "qwacme-ocsp-refused";
    apr_pool_t *process = s->process->pool;
    void *found;
    int is_new;

    QW_TRY(share(&found, &is_new, key, sizeof(*parent.refused), process));
    if (is_new)
        keep(found, key, process);
    parent.refused = found;
    return NULL;
}

/* *TEXT of the file PATH that DIRECTIVE names. */
static qw_problem_t *read_file(const char **text, const char *path,
                               const char *directive, apr_pool_t *pool)
{
    char *bytes = apr_palloc(pool, FILE_MOST + 1), buf[120];
    apr_size_t len = FILE_MOST;
    apr_status_t rv = qw_file_read(bytes, &len, path, pool);

    if (rv != APR_SUCCESS && rv != APR_EOF)
        return QW_FAIL(pool, INVALID_INPUT, "%s: '%s': %s", directive, path,
                       apr_strerror(rv, buf, sizeof(buf)));
    *text = bytes;
    return NULL;
}

/* What shows perspectives that it is us who ask. */
static qw_problem_t *load_asker(qw_authority_t *a, apr_pool_t *pool)
{
    if (a->perspective_identity_path != NULL)
        QW_TRY(read_file(&a->perspective_identity, a->perspective_identity_path,
                         "QwacmePerspectiveCertificateFile", pool));
    if (a->perspective_api_key_path == NULL)
        return NULL;
    QW_TRY(read_file(&a->perspective_api_key, a->perspective_api_key_path,
                     "QwacmePerspectiveAPIKeyFile", pool));
    a->perspective_api_key =
        apr_pstrmemdup(pool, a->perspective_api_key,
                       strcspn(a->perspective_api_key, " \t\r\n"));
    return NULL;
}

static qw_problem_t *add_chain(apr_array_header_t *chains, const char *path,
                               apr_pool_t *pool)
{
    qw_issuer_t *issuer;

    QW_TRY(qw_issuer_read(&issuer, path, pool));
    APR_ARRAY_PUSH(chains, qw_issuer_t *) = issuer;
    return NULL;
}

/* Who vouches for models of authenticators. */
static qw_problem_t *load_roots(const qw_authority_t *a, apr_pool_t *pool)
{
    apr_array_header_t *roots;
    const char *text = "";

    if (a->passkey_roots == NULL)
        return NULL;
    QW_TRY(read_file(&text, a->passkey_roots, "QwacmePasskeyRoots", pool));
    QW_TRY(qw_pem_certificates(&roots, text, a->passkey_roots, pool));
    apr_hash_set(parent.passkey_roots, a->name, APR_HASH_KEY_STRING, roots);
    return NULL;
}

static qw_problem_t *load_authority(qw_authority_t *a, apr_pool_t *pool)
{
    apr_array_header_t *issuers = apr_array_make(pool, 1, sizeof(void *));
    apr_array_header_t *chains = apr_array_make(pool, 1, sizeof(void *));
    qwm_status_t *status;
    int i;

    for (i = 0; i < a->issuers->nelts; i++) {
        QW_TRY(
            add_chain(issuers,
                      APR_ARRAY_IDX(a->issuers, i, qw_issuer_conf_t).chain_path,
                      pool));
        qw_known_add(parent.known, APR_ARRAY_IDX(issuers, i, qw_issuer_t *));
    }
    for (i = 0; i < a->alternates->nelts; i++)
        QW_TRY(add_chain(chains, APR_ARRAY_IDX(a->alternates, i, const char *),
                         pool));
    QW_TRY(load_asker(a, pool));
    QW_TRY(qwm_status_make(&status, a, issuers, pool));
    apr_hash_set(parent.statuses, a->name, APR_HASH_KEY_STRING, status);
    QW_TRY(load_roots(a, pool));
    apr_hash_set(parent.issuers, a->name, APR_HASH_KEY_STRING, issuers);
    apr_hash_set(parent.alternates, a->name, APR_HASH_KEY_STRING, chains);
    return NULL;
}

/* Of our own choice, whatever "Mutex default" says: it must queue fairly, let
 * go when its holder dies, and be waited for no longer than a time. */
static qw_problem_t *make_lock(apr_pool_t *pconf)
{
    apr_lockmech_e how = APR_HAS_PROC_PTHREAD_SERIALIZE
                             ? APR_LOCK_PROC_PTHREAD
                             : APR_LOCK_DEFAULT_TIMED;

    if (apr_global_mutex_create(&parent.write_lock, NULL, how, pconf)
        != APR_SUCCESS)
        return QW_FAIL(pconf, SERVER_INTERNAL,
                       "no mutex for the writers of the database");
    return NULL;
}

static qw_problem_t *start(apr_pool_t *pconf, server_rec *s)
{
    qw_conf_t *conf = qwm_conf();
    int i;

    QW_TRY(make_window(s));
    QW_TRY(make_counter(s));
    QW_TRY(qw_conf_load_mail_password(conf, pconf));
    QW_TRY(qw_seal_ring_load(&parent.ring, conf->seal_key, pconf));
    QW_TRY(qw_sealer_make(&parent.sealer, conf, pconf));
    QW_TRY(qw_known_load(&parent.known, conf, pconf));
    parent.issuers = apr_hash_make(pconf);
    parent.alternates = apr_hash_make(pconf);
    parent.statuses = apr_hash_make(pconf);
    parent.passkey_roots = apr_hash_make(pconf);
    for (i = 0; i < conf->authorities->nelts; i++)
        QW_TRY(load_authority(APR_ARRAY_IDX(conf->authorities, i,
                                            qw_authority_t *),
                              pconf));
    QW_TRY(make_lock(pconf));
    return NULL;
}

int qwm_parent_start(apr_pool_t *pconf, server_rec *s)
{
    qw_problem_t *prob = start(pconf, s);

    if (prob == NULL)
        return OK;
    ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s, "QW0300: %s",
                 qw_problem_for_log(prob, pconf));
    return HTTP_INTERNAL_SERVER_ERROR;
}
