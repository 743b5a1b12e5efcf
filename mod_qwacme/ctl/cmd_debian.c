/* blocklist make-debian: the weak keys of CVE-2008-0166, made again */
#include "ctl/ctl.h"

#include "base/text.h"
#include "x509/debian.h"

#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <apr_thread_proc.h>

#include <stdio.h>
#include <unistd.h>

#define ALL_KINDS "P-256 P-384 P-521 2048 3072 4096"

enum { THREADS_MOST = 256 };

/* Every key of one kind; what changes is changed under the mutex. */
typedef struct {
    qw_keylist_make_t *make;
    const char *kind;
    int first, pids; /* processes */
    int next, total; /* keys */
    const char *broke;
    apr_thread_mutex_t *mutex;
} works_t;

/* The number of the next key to be made; -1: there is none. */
static int take(works_t *w)
{
    int n = -1;

    apr_thread_mutex_lock(w->mutex);
    if (w->next < w->total && w->broke == NULL)
        n = w->next++;
    apr_thread_mutex_unlock(w->mutex);
    return n;
}

static void put(works_t *w, const BIGNUM *number, apr_pool_t *pool)
{
    unsigned char hash[QW_KEYHASH_MOST];
    unsigned char *octets =
        apr_palloc(pool, (apr_size_t)BN_num_bytes(number) + 1);
    qw_bytes_t bytes = { octets, (apr_size_t)BN_bn2bin(number, octets) };

    qw_keyhash_number(hash, QW_KEYHASH_NUMBER_SHA256, &bytes, pool);
    apr_thread_mutex_lock(w->mutex);
    qw_keylist_add(w->make, QW_KEYHASH_NUMBER_SHA256, hash);
    apr_thread_mutex_unlock(w->mutex);
}

static void *APR_THREAD_FUNC work(apr_thread_t *thread, void *baton)
{
    works_t *w = baton;
    apr_pool_t *pool;
    BIGNUM *number;
    int n;

    apr_pool_create(&pool, NULL);
    while ((n = take(w)) >= 0) {
        apr_pool_clear(pool);
        if (qw_debian_number(&number, qw_debian_at(n / w->pids), w->kind,
                             w->first + n % w->pids, pool)
            == NULL)
            put(w, number, pool);
        else
            w->broke = "a key could not be made"; /* whoever says so */
    }
    apr_pool_destroy(pool);
    return NULL;
}

static qw_problem_t *make_kind(works_t *w, int threads, apr_pool_t *pool)
{
    apr_thread_t *crew[THREADS_MOST];
    apr_status_t rv = APR_SUCCESS, ignored;
    int n = 0;

    w->next = 0;
    for (w->total = 0; qw_debian_at(w->total) != NULL;)
        w->total++;
    w->total *= w->pids;
    fprintf(stderr, "qwacmectl: %s: %d keys\n", w->kind, w->total);
    while (n < threads && rv == APR_SUCCESS) {
        rv = apr_thread_create(&crew[n], NULL, work, w, pool);
        n += rv == APR_SUCCESS;
    }
    while (n > 0)
        apr_thread_join(&ignored, crew[--n]);
    if (rv != APR_SUCCESS || w->broke != NULL)
        return QW_FAIL(pool, UNAVAILABLE, "%s",
                       w->broke != NULL ? w->broke : "no thread");
    return NULL;
}

/* "0-32767", or one number. */
static qw_problem_t *read_pids(works_t *w, const qwc_call_t *call)
{
    const char *text = qwc_option(call, "pids");
    apr_int64_t first = 0, last = QW_DEBIAN_PIDS - 1;
    char *end;

    if (text != NULL) {
        first = last = apr_strtoi64(text, &end, 10);
        if (*end == '-')
            last = apr_strtoi64(end + 1, &end, 10);
        if (*text == '\0' || *end != '\0' || first < 0 || last < first
            || last >= QW_DEBIAN_PIDS)
            return QW_FAIL(call->pool, INVALID_INPUT,
                           "pids: '%s' is not FIRST-LAST, from 0 to %d",
                           qw_text_safe(text, 40, call->pool),
                           QW_DEBIAN_PIDS - 1);
    }
    w->first = (int)first;
    w->pids = (int)(last - first + 1);
    return NULL;
}

static qw_problem_t *read_kinds(apr_array_header_t **kinds,
                                const qwc_call_t *call)
{
    const char *text = qwc_option(call, "kinds");
    int i;

    *kinds = qw_text_words(text != NULL ? text : ALL_KINDS, call->pool);
    for (i = 0; i < (*kinds)->nelts; i++) {
        const char *kind = APR_ARRAY_IDX(*kinds, i, const char *);

        if (!qw_debian_makes(kind))
            return QW_FAIL(call->pool, INVALID_INPUT,
                           "kinds: '%s' is not P-256, P-384, P-521, or a "
                           "number of bits such as 2048",
                           qw_text_safe(kind, 40, call->pool));
    }
    return NULL;
}

/* The file is written after each kind: whoever stops it loses one. */
qw_problem_t *qwc_blocklist_make_debian(qwc_call_t *call)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    apr_array_header_t *kinds;
    const char *path;
    int threads, i;
    works_t w = { 0 };

    QW_TRY(read_pids(&w, call));
    QW_TRY(read_kinds(&kinds, call));
    QW_TRY(qwc_number(&threads, call, "threads", 1, THREADS_MOST,
                      processors < 1              ? 1
                      : processors > THREADS_MOST ? THREADS_MOST
                                                  : (int)processors));
    QW_TRY(qwc_keylist_begin(&w.make, &path, call));
    if (apr_thread_mutex_create(&w.mutex, APR_THREAD_MUTEX_DEFAULT, call->pool)
        != APR_SUCCESS)
        return QW_FAIL(call->pool, UNAVAILABLE, "no mutex");
    for (i = 0; i < kinds->nelts; i++) {
        w.kind = APR_ARRAY_IDX(kinds, i, const char *);
        QW_TRY(make_kind(&w, threads, call->pool));
        QW_TRY(qwc_keylist_end(w.make, path, call));
    }
    return NULL;
}
