/* SQLite on a disk that is full, fails, or lies. */
#include "box.h"
#include "tap.h"

#include "store/db_job.h"
#include "store/store_priv.h"

#include <dlfcn.h>
#include <errno.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* In the place of the C library's, for SQLite too. */
static int syncs_to_fail;

int fdatasync(int fd)
{
    static int (*real)(int);

    if (syncs_to_fail > 0) {
        syncs_to_fail--;
        errno = EIO;
        return -1;
    }
    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "fdatasync");
    return real(fd);
}

static qw_problem_t *spend(qw_db_t *db, void *baton, apr_pool_t *p)
{
    return qw_nonce_spend(db, baton, 1, p);
}

static qw_problem_t *nothing(qw_db_t *db, void *baton, apr_pool_t *p)
{
    return NULL;
}

static off_t size_of(box_t *box, const char *suffix)
{
    struct stat st;

    if (stat(apr_pstrcat(box->pool, box->conf.params, suffix, NULL), &st) != 0)
        return -1;
    return st.st_size;
}

static void test_io_error(void)
{
    box_t *box = box_open();

    ok(is_good(box_write(box, spend, (void *)"a")), "a write");
    syncs_to_fail = 1;
    ok(is_code(box_write(box, spend, (void *)"b"), QW_E_COMMIT_UNKNOWN),
       "an I/O error at COMMIT: nobody knows");
    ok(syncs_to_fail == 0, "it was the commit");
    ok(box->store->doubtful == 1, "the log is not believed any more");
    syncs_to_fail = 1;
    ok(is_code(box_read(box, nothing, NULL), QW_E_UNAVAILABLE),
       "not even for reading, while the disk fails");
    ok(is_good(box_read(box, nothing, NULL)), "until a checkpoint went well");
    ok(box->store->doubtful == 0 && size_of(box, "-wal") == 0,
       "which empties the log");
    ok(is_good(box_write(box, spend, (void *)"c")), "writes go on");
    box_close(box);
}

/* A commit of some pages. */
static qw_problem_t *much(qw_db_t *db, void *baton, apr_pool_t *p)
{
    int *round = baton;
    char *name = apr_palloc(p, 30000);

    memset(name, 'x', 29999);
    name[29999] = '\0';
    ++*round;
    return qw_nonce_spend(db, apr_psprintf(p, "%d%s", *round, name), 1, p);
}

static void test_checkpoint(void)
{
    box_t *box = box_open();
    qw_problem_t *prob = NULL;
    int round = 0, i, shrank = 0;
    off_t longest = 0, now;
    apr_pool_t *p;

    apr_pool_create(&p, box->pool);
    for (i = 0; i < 400 && prob == NULL; i++) {
        prob = qw_store_write(box->store, much, &round, p);
        now = size_of(box, "-wal");
        shrank |= now < longest;
        longest = now > longest ? now : longest;
        apr_pool_clear(p);
    }
    ok(is_good(prob), "many commits");
    ok(shrank, "the log is shortened by who writes");
    ok(longest < 8 * 1024 * 1024, "before it is long");
    ok(size_of(box, "") > 1024 * 1024, "into the file");
    box_close(box);
}

static void test_full(void)
{
    box_t *box = box_bare();
    int round = 0, i;
    qw_problem_t *prob = NULL;
    const char *ballast = apr_pstrcat(box->pool, box->dir, "/ballast", NULL);
    FILE *file;

    if (mount("qw", box->dir, "tmpfs", 0, "size=1500k") != 0) {
        ok(1, "a full disk # SKIP no right to mount");
        rmdir(box->dir);
        return;
    }
    box_must("open", qw_store_open(&box->store, &box->conf, box->pool),
             box->pool);
    box_must("schema", qw_schema_create(box->store, QW_SCHEMADIR, box->pool),
             box->pool);
    box_connect(box);
    file = fopen(ballast, "w");
    for (i = 0; i < 300000 && file != NULL; i++)
        fputc('x', file);
    if (file != NULL)
        fclose(file);
    for (i = 0; i < 400 && prob == NULL; i++)
        prob = box_write(box, much, &round);
    ok(is_code(prob, QW_E_UNAVAILABLE), "a full disk is 503");
    ok(prob != NULL && prob->retry_after > 0, "with Retry-After");
    ok(is_good(box_read(box, nothing, NULL)), "reads go on");
    unlink(ballast);
    ok(is_good(box_write(box, much, &round)), "and writes, with space again");
    qw_connections_drop(box->store);
    apr_dbd_close(box->driver, box->raw);
    ok(umount2(box->dir, MNT_DETACH) == 0, "away with it");
    rmdir(box->dir);
    apr_pool_destroy(box->pool);
}

int main(void)
{
    unsetenv("QW_TEST_DB");
    test_io_error();
    test_checkpoint();
    test_full();
    return done_testing();
}
