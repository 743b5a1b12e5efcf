#include "ca/crl_share.h"

#include "base/b64.h"
#include "base/file.h"
#include "base/log.h"
#include "base/world.h"
#include "ca/status_path.h"
#include "store/db_status.h"
#include "x509/crl.h"

#include <apr_strings.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PART = 131072 };

typedef struct {
    const qw_ca_t *ca;
    const qw_crl_t *crl;
    int part;
    const char *data; /* base64url; NULL: there is none */
    apr_int64_t others;
} share_t;

static const char *path_of(const qw_ca_t *ca, const qw_issuing_t *issuing,
                           const qw_crl_t *crl, apr_pool_t *pool)
{
    return qw_status_crl_path(ca->conf, issuing->issuer, crl->period, pool);
}

/* ---- to others ---- */

static qw_problem_t *count_others(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    share_t *s = baton;

    return qw_signer_others(&s->others, db, s->ca->node,
                            qw_world()->now() - QW_NODE_ALIVE, pool);
}

static qw_problem_t *put_part(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    share_t *s = baton;

    if (s->part == 0)
        QW_TRY(qw_crl_part_purge(db, s->crl, pool));
    return qw_crl_part_insert(db, s->crl, s->part, s->data, pool);
}

static qw_problem_t *give_all(share_t *s, int fd, apr_pool_t *pool)
{
    unsigned char *block = apr_palloc(pool, PART);
    apr_pool_t *round;
    qw_problem_t *prob = NULL;
    ssize_t n;

    apr_pool_create(&round, pool);
    while (prob == NULL
           && (n = pread(fd, block, PART, (off_t)s->part * PART)) > 0) {
        apr_pool_clear(round);
        s->data = qw_b64url_encode(block, (apr_size_t)n, round);
        prob = qw_store_write(s->ca->store, put_part, s, round);
        s->part++;
    }
    return prob;
}

qw_problem_t *qw_crl_share_give(const qw_ca_t *ca, const qw_issuing_t *issuing,
                                const qw_crl_t *crl, apr_pool_t *pool)
{
    share_t s = { ca, crl, 0, NULL, 0 };
    qw_problem_t *prob;
    int fd;

    QW_TRY(qw_store_read(ca->store, count_others, &s, pool));
    if (s.others == 0)
        return NULL;
    fd = open(path_of(ca, issuing, crl, pool), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL; /* they make their own */
    prob = give_all(&s, fd, pool);
    close(fd);
    return prob;
}

/* ---- from others ---- */

static qw_problem_t *get_part(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    share_t *s = baton;

    return qw_crl_part_get(&s->data, db, s->crl, s->part, pool);
}

static int put_bytes(int fd, const char *text, apr_pool_t *pool)
{
    qw_bytes_t bytes;

    return qw_b64url_decode(&bytes, text, pool)
           && qw_file_write(fd, bytes.data, bytes.len);
}

static qw_problem_t *fetch_all(share_t *s, int fd, apr_pool_t *pool)
{
    apr_pool_t *round;
    int good = 1;

    apr_pool_create(&round, pool);
    for (; good; s->part++) {
        apr_pool_clear(round);
        QW_TRY(qw_store_read(s->ca->store, get_part, s, round));
        if (s->data == NULL)
            break;
        good = put_bytes(fd, s->data, round);
    }
    return good ? NULL : QW_FAIL(pool, UNAVAILABLE, "a CRL cannot be written");
}

static int digest_range(EVP_MD_CTX *ctx, int fd, const qw_crl_facts_t *facts,
                        apr_pool_t *pool)
{
    char *block = apr_palloc(pool, PART);
    apr_uint64_t done = 0;

    while (done < facts->tbs_len) {
        apr_uint64_t left = facts->tbs_len - done;
        ssize_t n = pread(fd, block, left < PART ? left : PART,
                          (off_t)(facts->tbs_at + done));

        if (n <= 0 || EVP_DigestUpdate(ctx, block, (size_t)n) != 1)
            return 0;
        done += (apr_uint64_t)n;
    }
    return 1;
}

/* What passed through the database is looked at as if it came from outside. */
static int is_signed(int fd, const qw_crl_facts_t *facts,
                     const qw_issuer_t *issuer, apr_pool_t *pool)
{
    EVP_MD_CTX *ctx = qw_own_EVP_MD_CTX(pool, EVP_MD_CTX_new());
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned len;
    qw_bytes_t digest = { hash, 0 };

    if (ctx == NULL
        || EVP_DigestInit_ex(ctx, EVP_get_digestbyname(issuer->digest), NULL)
               != 1
        || !digest_range(ctx, fd, facts, pool)
        || EVP_DigestFinal_ex(ctx, hash, &len) != 1)
        return 0;
    digest.len = len;
    return qw_digest_verify(issuer, &digest, &facts->signature, pool) == NULL;
}

static int is_it(const char *path, int fd, const qw_crl_t *crl,
                 const qw_issuer_t *issuer, apr_pool_t *pool)
{
    qw_crl_facts_t *facts;

    return qw_crl_read_file(&facts, path, pool) == NULL
           && facts->number == crl->listed
           && is_signed(fd, facts, issuer, pool);
}

static qw_problem_t *fetch(int *there, share_t *s, const qw_issuing_t *issuing,
                           apr_pool_t *pool)
{
    const char *path = path_of(s->ca, issuing, s->crl, pool);
    const char *fresh = apr_pstrcat(pool, path, ".new", NULL);
    int fd = open(fresh, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    qw_problem_t *prob;
    struct timespec times[2] = { { 0 } };

    if (fd < 0)
        return QW_FAIL(pool, UNAVAILABLE, "a CRL cannot be written");
    prob = fetch_all(s, fd, pool);
    times[0].tv_nsec = UTIME_OMIT;
    times[1].tv_sec = apr_time_sec(s->crl->this_update);
    *there = prob == NULL && is_it(fresh, fd, s->crl, issuing->issuer, pool)
             && futimens(fd, times) == 0 && fsync(fd) == 0
             && rename(fresh, path) == 0;
    close(fd);
    return prob;
}

qw_problem_t *qw_crl_share_fetch(int *there, const qw_ca_t *ca,
                                 const qw_issuing_t *issuing,
                                 const qw_crl_t *crl, apr_pool_t *pool)
{
    share_t s = { ca, crl, 0, NULL, 0 };
    qw_crl_facts_t *facts;

    *there =
        qw_crl_read_file(&facts, path_of(ca, issuing, crl, pool), pool) == NULL
        && facts->number == crl->listed;
    if (*there)
        return NULL;
    QW_TRY(qw_store_read(ca->store, get_part, &s, pool));
    return s.data != NULL ? fetch(there, &s, issuing, pool) : NULL;
}
