#include "ca/spool.h"

#include "base/b64.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/log.h"

#include <apr_strings.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HASH_CHARS = 64 };

struct qw_spool_t {
    const char *path;
    int fd;
    apr_int64_t number;            /* of the last whole line */
    char previous[HASH_CHARS + 1]; /* its hash */
    int torn;                      /* the file does not end with a line end */
};

const char *qw_spool_path(const qw_spool_t *spool)
{
    return spool->path;
}

static qw_problem_t *broke(const char *path, const char *what, apr_pool_t *pool)
{
    return QW_FAIL_BECAUSE(pool, UNAVAILABLE,
                           apr_psprintf(pool, "spool %s: %s: %s", path, what,
                                        strerror(errno)),
                           "issuance failed; try again later");
}

static apr_status_t close_spool(void *data)
{
    close(((qw_spool_t *)data)->fd);
    return APR_SUCCESS;
}

/* A file that a crash could take away again is no witness. */
static int sync_dir(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int good = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return good;
}

/* RECORD of LINE if it is whole and follows PREVIOUS. */
static int read_line(qw_spool_record_t *record, char *line, char *previous,
                     apr_pool_t *pool)
{
    char *fields[6], *last = NULL, *copy = apr_pstrdup(pool, line);
    char *tail = strrchr(line, ' ');
    int n = 0;
    char *word;

    for (word = apr_strtok(copy, " ", &last); word != NULL && n < 6;
         word = apr_strtok(NULL, " ", &last))
        fields[n++] = word;
    if (n != 6 || tail == NULL
        || strcmp(qw_hex_sha256(line, (apr_size_t)(tail - line), pool),
                  tail + 1)
               != 0
        || strcmp(fields[3], previous) != 0)
        return 0;
    record->attempt_id = fields[1];
    record->tbs_hash = fields[2];
    record->der = fields[4];
    apr_cpystrn(previous, fields[5], HASH_CHARS + 1);
    return 1;
}

typedef struct {
    char previous[HASH_CHARS + 1];
    apr_int64_t number;
    int bad;
    int torn;
} walk_t;

static void begin_walk(walk_t *walk)
{
    memset(walk, 0, sizeof(*walk));
    memset(walk->previous, '0', HASH_CHARS);
}

/* A bad line breaks the chain once, not for all that follow. */
static qw_problem_t *take_line(walk_t *walk, char *line, qw_spool_fn fn,
                               void *baton, apr_pool_t *pool)
{
    qw_spool_record_t record;
    char *tail = strrchr(line, ' ');

    if (*line == '\0')
        return NULL; /* closes a torn line */
    if (!read_line(&record, line, walk->previous, pool)) {
        walk->bad++;
        if (tail != NULL && strlen(tail + 1) == HASH_CHARS)
            apr_cpystrn(walk->previous, tail + 1, HASH_CHARS + 1);
        return NULL;
    }
    walk->number++;
    return fn != NULL ? fn(&record, baton, pool) : NULL;
}

static qw_problem_t *walk_file(walk_t *walk, const char *path, qw_spool_fn fn,
                               void *baton, apr_pool_t *pool)
{
    FILE *file = fopen(path, "re");
    qw_problem_t *prob = NULL;
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    apr_pool_t *round;

    begin_walk(walk);
    if (file == NULL)
        return broke(path, "cannot be read", pool);
    apr_pool_create(&round, pool);
    while (prob == NULL && (len = getline(&line, &size, file)) > 0) {
        apr_pool_clear(round);
        walk->torn = line[len - 1] != '\n';
        if (walk->torn) {
            walk->bad++;
            break;
        }
        line[len - 1] = '\0';
        prob = take_line(walk, line, fn, baton, round);
    }
    free(line);
    fclose(file);
    return prob;
}

qw_problem_t *qw_spool_each(int *bad, const qw_spool_t *spool, qw_spool_fn fn,
                            void *baton, apr_pool_t *pool)
{
    walk_t walk;

    QW_TRY(walk_file(&walk, spool->path, fn, baton, pool));
    *bad = walk.bad;
    return NULL;
}

qw_problem_t *qw_spool_open(qw_spool_t **spool, const char *dir,
                            const char *authority, const char *issuer,
                            apr_pool_t *pool)
{
    qw_spool_t *s = apr_pcalloc(pool, sizeof(*s));
    const char *folder = apr_pstrcat(pool, dir, "/spool", NULL);
    walk_t walk;

    s->path =
        apr_psprintf(pool, "%s/%s-%.16s.spool", folder, authority, issuer);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return broke(folder, "cannot be made", pool);
    s->fd = open(s->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (s->fd < 0 || !sync_dir(folder) || !sync_dir(dir))
        return broke(s->path, "cannot be opened", pool);
    apr_pool_cleanup_register(pool, s, close_spool, apr_pool_cleanup_null);
    QW_TRY(walk_file(&walk, s->path, NULL, NULL, pool));
    if (walk.bad > 0)
        qw_log(QW_LOG_WARNING, 0, pool,
               "QW0160: spool %s: %d line(s) torn or changed; ignored", s->path,
               walk.bad);
    s->number = walk.number;
    s->torn = walk.torn;
    memcpy(s->previous, walk.previous, sizeof(s->previous));
    *spool = s;
    return NULL;
}

static const char *lines_of(qw_spool_t *s, const apr_array_header_t *records,
                            apr_pool_t *pool)
{
    const char *all = s->torn ? "\n" : "", *line;
    int i;

    for (i = 0; i < records->nelts; i++) {
        const qw_spool_record_t *r =
            &APR_ARRAY_IDX(records, i, qw_spool_record_t);

        line = apr_psprintf(pool, "%" APR_INT64_T_FMT " %s %s %s %s",
                            (apr_int64_t)++s->number, r->attempt_id,
                            r->tbs_hash, s->previous, r->der);
        apr_cpystrn(s->previous, qw_hex_sha256(line, strlen(line), pool),
                    sizeof(s->previous));
        all = apr_pstrcat(pool, all, line, " ", s->previous, "\n", NULL);
    }
    return all;
}

/* What a crash in the middle of a write leaves: half of the first line. */
static qw_problem_t *tear(qw_spool_t *s, const char *text, apr_pool_t *pool)
{
#ifdef QW_TEST_BUILD
    if (qw_failpoint_hit("signer.spool.torn")) {
        (void)qw_file_write(s->fd, text, strlen(text) / 2);
        _exit(9);
    }
#endif
    return NULL;
}

qw_problem_t *qw_spool_append(qw_spool_t *s, const apr_array_header_t *records,
                              apr_pool_t *pool)
{
    const char *text;

    QW_FAILPOINT("signer.spool.before", pool);
    text = lines_of(s, records, pool);
    QW_TRY(tear(s, text, pool));
    s->torn = 1;
    if (!qw_file_write(s->fd, text, strlen(text)) || fdatasync(s->fd) != 0)
        return broke(s->path, "cannot be written", pool);
    s->torn = 0;
    QW_FAILPOINT("signer.spool.after", pool);
    return NULL;
}
