#include "ca/crl_make.h"

#include "base/failpoint.h"
#include "base/file.h"
#include "base/log.h"
#include "base/world.h"
#include "ca/ledgered.h"
#include "ca/status_path.h"
#include "store/db_status.h"
#include "x509/crl.h"
#include "x509/der.h"

#include <apr_strings.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { PAGE = 1000, CHUNK = 500, BLOCK = 65536 };

/* A revocation that is on no CRL before this one. */
typedef struct {
    const char *serial;
    apr_int64_t reason;
} fresh_t;

struct qw_crl_make_t {
    const qw_ca_t *ca;
    const qw_issuing_t *issuing;
    qw_crl_t crl;
    apr_int64_t before; /* number that was taken last */
    enum { READING, SIGNING, NOTING } stage;
    const char *path; /* of the CRL */
    const char *entries_path;
    int entries; /* descriptor; -1: closed */
    apr_uint64_t entries_len;
    const char *after;         /* serial of the last entry */
    apr_array_header_t *fresh; /* of fresh_t */
    int noted;                 /* of those */
    qw_bytes_t head, tail, start, end;
    apr_pool_t *pool;
};

static qw_problem_t *broke(const char *path, apr_pool_t *pool)
{
    return QW_FAIL_BECAUSE(pool, UNAVAILABLE,
                           apr_pstrcat(pool, path, ": ", strerror(errno), NULL),
                           "a CRL cannot be written; try again later");
}

/* Greater than every one before, also than those that a restored database has
 * forgotten. */
static apr_int64_t next_number(apr_int64_t before)
{
    apr_int64_t now = qw_world()->now();

    return now > before ? now : before + 1;
}

qw_problem_t *qw_crl_make_start(qw_crl_make_t **make, const qw_ca_t *ca,
                                const qw_issuing_t *issuing,
                                const qw_crl_want_t *want, apr_pool_t *pool)
{
    qw_crl_make_t *m = apr_pcalloc(pool, sizeof(*m));

    m->ca = ca;
    m->issuing = issuing;
    m->before = want->old != NULL ? want->old->number : 0;
    m->crl.issuer = issuing->issuer->spki_hash;
    m->crl.authority = issuing->authority->name;
    m->crl.period = apr_pstrdup(pool, want->period);
    m->crl.number = m->crl.listed = next_number(want->above);
    m->crl.newest = want->newest;
    m->crl.this_update =
        apr_time_from_sec(apr_time_sec(qw_authority_now(issuing->authority)));
    m->crl.next_update =
        want->last ? QW_TIME_NEVER
                   : m->crl.this_update + issuing->authority->crl_validity;
    m->path = qw_status_crl_path(ca->conf, issuing->issuer, want->period, pool);
    m->entries_path = apr_pstrcat(pool, m->path, ".entries", NULL);
    m->after = "";
    m->fresh = apr_array_make(pool, 16, sizeof(fresh_t));
    m->pool = pool;
    m->entries =
        open(m->entries_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (m->entries < 0)
        return broke(m->entries_path, pool);
    *make = m;
    return NULL;
}

const qw_crl_t *qw_crl_make_what(const qw_crl_make_t *m)
{
    return &m->crl;
}

void qw_crl_make_end(qw_crl_make_t *m)
{
    if (m->entries < 0)
        return;
    close(m->entries);
    unlink(m->entries_path);
    m->entries = -1;
}

/* ---- entries ---- */

typedef struct {
    const qw_crl_make_t *make;
    apr_array_header_t *list;
} page_t;

static qw_problem_t *read_page(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    page_t *page = baton;
    const qw_crl_make_t *m = page->make;
    apr_time_t since =
        m->issuing->authority->crl_expired
            ? 0
            : m->crl.this_update - 2 * m->issuing->authority->crl_validity;

    return qw_revocation_page(&page->list, db, &m->crl, m->after, since, PAGE,
                              pool);
}

static int add(qw_crl_make_t *m, qw_der_t *der, const qw_serial_t *s)
{
    if (!qw_crl_entry(der, s->number, s->revoked_at, (int)s->reason))
        return 0;
    m->crl.entries++;
    if (s->crl_number == 0 && strcmp(s->crl_period, m->crl.period) == 0) {
        fresh_t *fresh = apr_array_push(m->fresh);

        fresh->serial = apr_pstrdup(m->pool, s->number);
        fresh->reason = s->reason;
    }
    return 1;
}

/* The serial of the last one, kept in place: pages come by the hundred. */
static void keep_after(qw_crl_make_t *m, const char *serial)
{
    apr_size_t len = strlen(serial);

    if (strlen(m->after) < len)
        m->after = apr_pstrdup(m->pool, serial);
    else
        memcpy((char *)m->after, serial, len + 1);
}

static qw_problem_t *read_on(qw_crl_make_t *m, apr_pool_t *pool)
{
    page_t page = { m, NULL };
    qw_der_t der;

    QW_TRY(qw_store_read(m->ca->store, read_page, &page, pool));
    qw_der_start(&der, pool);
    for (int i = 0; i < page.list->nelts; i++)
        if (!add(m, &der, APR_ARRAY_IDX(page.list, i, const qw_serial_t *)))
            return QW_FAIL(pool, SERVER_INTERNAL, "a revocation is damaged");
    if (!qw_file_write(m->entries, der.data, der.len))
        return broke(m->entries_path, pool);
    m->entries_len += der.len;
    if (page.list->nelts < PAGE) {
        m->stage = SIGNING;
        return NULL;
    }
    keep_after(m,
               APR_ARRAY_IDX(page.list, PAGE - 1, const qw_serial_t *)->number);
    return NULL;
}

/* ---- signature ---- */

typedef int (*sink_fn)(void *baton, const void *data, apr_size_t len);

static int pass_entries(const qw_crl_make_t *m, sink_fn sink, void *baton,
                        apr_pool_t *pool)
{
    char *block = apr_palloc(pool, BLOCK);
    off_t at = 0;
    ssize_t n;

    while ((n = pread(m->entries, block, BLOCK, at)) > 0) {
        if (!sink(baton, block, (apr_size_t)n))
            return 0;
        at += n;
    }
    return n == 0 && (apr_uint64_t)at == m->entries_len;
}

static int pass_tbs(const qw_crl_make_t *m, sink_fn sink, void *baton,
                    apr_pool_t *pool)
{
    return sink(baton, m->head.data, m->head.len)
           && pass_entries(m, sink, baton, pool)
           && sink(baton, m->tail.data, m->tail.len);
}

static int to_digest(void *ctx, const void *data, apr_size_t len)
{
    return EVP_DigestUpdate(ctx, data, len) == 1;
}

static qw_problem_t *digest_of(unsigned char *out, unsigned *len,
                               const qw_crl_make_t *m, const char *name,
                               apr_pool_t *pool)
{
    EVP_MD_CTX *ctx = qw_own_EVP_MD_CTX(pool, EVP_MD_CTX_new());

    if (ctx == NULL
        || EVP_DigestInit_ex(ctx, EVP_get_digestbyname(name), NULL) != 1
        || !pass_tbs(m, to_digest, ctx, pool)
        || EVP_DigestFinal_ex(ctx, out, len) != 1)
        return broke(m->entries_path, pool);
    return NULL;
}

static qw_problem_t *frame(qw_crl_make_t *m, apr_pool_t *pool)
{
    const qw_issuing_t *issuing = m->issuing;
    qw_crl_in_t in = { 0 };

    in.issuer = issuing->issuer;
    in.this_update = m->crl.this_update;
    in.next_update = m->crl.next_update;
    in.number = m->crl.number;
    in.entries_len = m->entries_len;
    if (*m->crl.period != '\0')
        in.idp_url = qw_period_url(issuing->crl_url, m->crl.period, pool);
    if (issuing->authority->crl_expired)
        in.expired_since = issuing->issuer->not_before;
    return qw_crl_frame(&m->head, &m->tail, &in, pool);
}

static qw_problem_t *reserve(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    qw_crl_make_t *m = baton;

    return qw_crl_reserve(db, &m->crl, m->before, pool);
}

static qw_problem_t *assemble(qw_bytes_t *der, void *baton,
                              const qw_bytes_t *signature, apr_pool_t *pool)
{
    *der = *signature;
    return NULL;
}

static int to_file(void *fd, const void *data, apr_size_t len)
{
    return qw_file_write(*(int *)fd, data, len);
}

static qw_problem_t *fill(int fd, void *baton, apr_pool_t *pool)
{
    const qw_crl_make_t *m = baton;

    if (!qw_file_write(fd, m->start.data, m->start.len)
        || !pass_tbs(m, to_file, &fd, pool)
        || !qw_file_write(fd, m->end.data, m->end.len))
        return broke(m->path, pool);
    QW_FAILPOINT("status.rename.before", pool);
    return NULL;
}

static qw_problem_t *install(void *baton, const qw_bytes_t *signature,
                             apr_pool_t *pool)
{
    qw_crl_make_t *m = baton;
    const qw_file_how_t how = { 0644, 1, m->crl.this_update };

    QW_TRY(qw_crl_wrap(&m->start, &m->end,
                       m->head.len + m->entries_len + m->tail.len,
                       &m->issuing->issuer->sig_alg, signature, pool));
    return qw_file_replace_by(m->path, fill, m, &how, pool);
}

static qw_problem_t *finish(qw_db_t *db, void *baton, const char *attempt_id,
                            apr_pool_t *pool)
{
    qw_crl_make_t *m = baton;

    m->crl.attempt_id = attempt_id;
    return qw_problem_unless(qw_crl_listed(db, &m->crl, pool), QW_E_CONFLICT);
}

static qw_problem_t *sign(qw_crl_make_t *m, apr_pool_t *pool)
{
    const qw_issuer_t *issuer = m->issuing->issuer;
    qw_ledgered_t what = { .issuing = m->issuing,
                           .kind = QW_KIND_CRL,
                           .begin = reserve,
                           .assemble = assemble,
                           .install = install,
                           .finish = finish,
                           .baton = m };
    unsigned hash_len;

    QW_TRY(frame(m, pool));
    QW_TRY(digest_of(what.digest.digest, &what.digest.digest_len, m,
                     issuer->digest, pool));
    QW_TRY(digest_of(what.digest.tbs_hash, &hash_len, m, "SHA256", pool));
    what.written.data = what.digest.digest;
    what.written.len = what.digest.digest_len;
    what.serial = apr_psprintf(pool, "%016" APR_UINT64_T_HEX_FMT,
                               (apr_uint64_t)m->crl.number);
    what.crl_period = m->crl.period;
    what.not_after = m->crl.next_update;
    QW_TRY(qw_ledgered_sign(m->ca, &what, pool));
    qw_log(QW_LOG_INFO, 0, pool,
           "QW0532: issuer %s: CRL %s%snumber %" APR_INT64_T_FMT
           " has %" APR_INT64_T_FMT " entries",
           issuer->id, m->crl.period, *m->crl.period != '\0' ? " " : "",
           m->crl.number, m->crl.entries);
    m->stage = NOTING;
    return NULL;
}

/* ---- what is on it for the first time ---- */

static qw_problem_t *note(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    qw_crl_make_t *m = baton;
    apr_time_t now = qw_authority_now(m->issuing->authority);
    apr_time_t alive = qw_world()->now() - QW_NODE_ALIVE;
    int i;

    for (i = m->noted; i < m->fresh->nelts && i < m->noted + CHUNK; i++) {
        const fresh_t *fresh = &APR_ARRAY_IDX(m->fresh, i, fresh_t);
        qw_serial_t serial = { .number = fresh->serial,
                               .reason = fresh->reason };

        QW_TRY(qw_revocation_listed(db, m->crl.issuer, &serial, m->crl.number,
                                    pool));
        QW_TRY(qw_revocation_publish(db, m->crl.issuer, fresh->serial, now,
                                     alive, pool));
    }
    return NULL;
}

qw_problem_t *qw_crl_make_step(int *done, qw_crl_make_t *m, apr_pool_t *scratch)
{
    *done = 0;
    if (m->stage == READING)
        return read_on(m, scratch);
    if (m->stage == SIGNING)
        return sign(m, scratch);
    if (m->noted < m->fresh->nelts)
        QW_TRY(qw_store_write(m->ca->store, note, m, scratch));
    m->noted += CHUNK;
    *done = m->noted >= m->fresh->nelts;
    return NULL;
}
