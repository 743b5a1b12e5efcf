#include "audit/export.h"

#include "base/b64.h"
#include "base/text.h"

#include <apr_strings.h>

#include <stdlib.h>
#include <string.h>

enum { PAGE = 500 };

/* ---- writing ---- */

/* The stretch: behind checkpoint START (0: from the first record), up to and with
 * checkpoint END (0: there is none), which was signed at END_AT. */
typedef struct {
    apr_int64_t start, end;
    apr_time_t end_at;
} stretch_t;

static void narrow(stretch_t *s, const qw_export_t *x, const qw_checkpoint_t *c)
{
    if (x->until != 0 && s->end != 0 && s->end_at >= x->until)
        return;
    if (s->end == 0 && x->from != 0 && c->at < x->from) {
        s->start = c->seq;
        return;
    }
    s->end = c->seq;
    s->end_at = c->at;
}

static qw_problem_t *find_stretch(stretch_t *s, const qw_export_t *x,
                                  qw_db_t *db, apr_pool_t *pool)
{
    apr_array_header_t *list;
    apr_int64_t after = 0;
    apr_pool_t *scratch;

    apr_pool_create(&scratch, pool);
    do {
        apr_pool_clear(scratch);
        QW_TRY(qw_checkpoint_page(&list, db, after, PAGE, scratch));
        for (int i = 0; i < list->nelts; i++) {
            narrow(s, x, APR_ARRAY_IDX(list, i, qw_checkpoint_t *));
            after = APR_ARRAY_IDX(list, i, qw_checkpoint_t *)->seq;
        }
    } while (list->nelts == PAGE);
    apr_pool_destroy(scratch);
    if (s->end == 0)
        return QW_FAIL(pool, INVALID_INPUT,
                       "no checkpoint was signed in that time; the newest "
                       "events have none until the next seal");
    return NULL;
}

static void put_line(const qw_export_t *x, const json_t *object,
                     apr_pool_t *scratch)
{
    fputs(qw_json_dump(object, scratch), x->file);
    fputc('\n', x->file);
}

static qw_problem_t *put_record(qw_export_t *x, const qw_seal_entry_t *e,
                                apr_pool_t *scratch)
{
    json_t *line = qw_json_new_object(scratch);

    if (e->event == NULL)
        return QW_FAIL(scratch, INVALID_INPUT,
                       "record %" APR_INT64_T_FMT
                       " has lost its event; run qwacmectl audit verify",
                       e->seq);
    json_object_set_new(line, "seq", json_integer(e->seq));
    json_object_set_new(line, "hash", json_string(e->hash));
    json_object_set(line, "event", qw_chain_event(e->event, scratch));
    put_line(x, line, scratch);
    if (x->first == 0)
        x->first = e->seq;
    x->last = e->seq;
    return NULL;
}

/* Some records behind *AFTER, none behind UNTIL. *N: how many there were. */
static qw_problem_t *put_page(int *n, qw_export_t *x, apr_int64_t *after,
                              apr_int64_t until, qw_db_t *db,
                              apr_pool_t *scratch)
{
    apr_array_header_t *list;

    QW_TRY(qw_seal_page(&list, db, *after, PAGE, scratch));
    for (int i = 0; i < list->nelts; i++) {
        const qw_seal_entry_t *e = APR_ARRAY_IDX(list, i, qw_seal_entry_t *);

        if (e->seq > until)
            break;
        QW_TRY(put_record(x, e, scratch));
        *after = e->seq;
    }
    *n = list->nelts;
    return NULL;
}

/* The records up to checkpoint C, and C. What is missing, the walk along the file
 * will find. */
static qw_problem_t *put_piece(qw_export_t *x, apr_int64_t *after,
                               const qw_checkpoint_t *c, qw_db_t *db,
                               apr_pool_t *scratch)
{
    apr_int64_t before = -1;
    int n = 1;

    while (n > 0 && *after < c->seq && *after != before) {
        before = *after;
        apr_pool_clear(scratch);
        QW_TRY(put_page(&n, x, after, c->seq, db, scratch));
    }
    put_line(x, qw_checkpoint_json(c, scratch), scratch);
    return NULL;
}

/* *C: the first checkpoint behind SEQ. It is there: all is one snapshot. */
static qw_problem_t *next_checkpoint(qw_checkpoint_t **c, qw_db_t *db,
                                     apr_int64_t seq, apr_pool_t *pool)
{
    apr_array_header_t *list;

    QW_TRY(qw_checkpoint_page(&list, db, seq, 1, pool));
    if (list->nelts == 0)
        return QW_FAIL(pool, SERVER_INTERNAL,
                       "there is no checkpoint behind record %" APR_INT64_T_FMT,
                       seq);
    *c = APR_ARRAY_IDX(list, 0, qw_checkpoint_t *);
    return NULL;
}

static qw_problem_t *put_pieces(qw_export_t *x, const stretch_t *s, qw_db_t *db,
                                apr_pool_t *pool)
{
    apr_int64_t seq = s->start, after = s->start;
    apr_pool_t *piece, *scratch;
    qw_checkpoint_t *c;

    apr_pool_create(&piece, pool);
    apr_pool_create(&scratch, pool);
    if (s->start != 0) {
        QW_TRY(next_checkpoint(&c, db, s->start - 1, piece));
        put_line(x, qw_checkpoint_json(c, piece), piece);
    }
    while (seq < s->end) {
        apr_pool_clear(piece);
        QW_TRY(next_checkpoint(&c, db, seq, piece));
        QW_TRY(put_piece(x, &after, c, db, scratch));
        seq = c->seq;
    }
    apr_pool_destroy(scratch);
    apr_pool_destroy(piece);
    return NULL;
}

/* Without it, a shorter file would do as well. */
static qw_problem_t *put_end(const qw_export_t *x, apr_pool_t *pool)
{
    json_t *line = qw_json_new_object(pool), *what = qw_json_new_object(pool);
    qw_bytes_t text, signature;

    json_object_set_new(what, "at", json_integer(x->now));
    json_object_set_new(what, "first", json_integer(x->first));
    json_object_set_new(what, "last", json_integer(x->last));
    text = qw_chain_bytes(what, pool);
    QW_TRY(qw_cms_sign(&signature, x->signer, &text, 0, pool));
    json_object_set(line, "export", what);
    json_object_set_new(line, "signature",
                        json_string(qw_b64url_encode(signature.data,
                                                     signature.len, pool)));
    put_line(x, line, pool);
    return NULL;
}

qw_problem_t *qw_export_write(qw_export_t *x, qw_db_t *db, apr_pool_t *pool)
{
    stretch_t s = { 0, 0, 0 };

    x->first = x->last = 0;
    QW_TRY(find_stretch(&s, x, db, pool));
    QW_TRY(put_pieces(x, &s, db, pool));
    return put_end(x, pool);
}

/* ---- reading ---- */

typedef struct {
    qw_walk_t *walk;
    const apr_array_header_t *trusted;
    int number;   /* of the line */
    int is_ended; /* nothing may follow */
    int is_broken;
    apr_int64_t behind; /* last line was a checkpoint of this record; 0: not */
} reader_t;

static qw_problem_t *take_record(reader_t *r, const json_t *line,
                                 apr_pool_t *pool)
{
    qw_seal_entry_t e = { 0, NULL, NULL, NULL };
    json_t *event;

    QW_TRY(qw_json_object(&event, line, "event", QW_REQUIRED, pool));
    QW_TRY(qw_json_int(&e.seq, line, "seq", QW_REQUIRED, pool));
    QW_TRY(qw_json_text(&e.hash, line, "hash", QW_REQUIRED, pool));
    QW_TRY(qw_json_text(&e.event_id, event, "id", QW_REQUIRED, pool));
    if (json_object_size(line) != 3 || strlen(e.hash) != QW_CHAIN_HASH)
        return QW_FAIL(pool, MALFORMED, "is no record");
    qw_walk_record(r->walk, &e, event, pool);
    r->behind = 0;
    return NULL;
}

static qw_problem_t *take_checkpoint(reader_t *r, const json_t *line,
                                     apr_pool_t *pool)
{
    qw_checkpoint_t *c;

    QW_TRY(qw_checkpoint_of(&c, line, pool));
    if (r->number == 1)
        qw_walk_from(r->walk, c, pool);
    else
        qw_walk_checkpoint(r->walk, c, pool);
    r->behind = c->seq;
    return NULL;
}

static qw_problem_t *take_end(reader_t *r, const json_t *line, apr_pool_t *pool)
{
    const qw_walked_t *walked = qw_walk_so_far(r->walk);
    apr_int64_t first, last;
    qw_bytes_t text, signature;
    const char *encoded;
    json_t *what;

    QW_TRY(qw_json_object(&what, line, "export", QW_REQUIRED, pool));
    QW_TRY(qw_json_text(&encoded, line, "signature", QW_REQUIRED, pool));
    QW_TRY(qw_json_int(&first, what, "first", QW_REQUIRED, pool));
    QW_TRY(qw_json_int(&last, what, "last", QW_REQUIRED, pool));
    text = qw_chain_bytes(what, pool);
    if (json_object_size(line) != 2
        || !qw_b64url_decode(&signature, encoded, pool))
        return QW_FAIL(pool, MALFORMED, "is no end of an export");
    if (qw_cms_verify(&signature, &text, r->trusted, pool) != NULL)
        qw_walk_find(r->walk,
                     "line %d, the end of the export: it was changed, "
                     "or is not signed by a trusted audit key",
                     r->number);
    else if (first != walked->first || last != walked->last)
        qw_walk_find(r->walk,
                     "records %" APR_INT64_T_FMT " to %" APR_INT64_T_FMT
                     " were exported, and here are %" APR_INT64_T_FMT
                     " to %" APR_INT64_T_FMT,
                     first, last, walked->first, walked->last);
    if (r->behind != walked->last)
        qw_walk_find(r->walk,
                     "the checkpoint of record %" APR_INT64_T_FMT " is missing",
                     walked->last);
    r->is_ended = 1;
    return NULL;
}

static qw_problem_t *take_line(reader_t *r, const char *text,
                               apr_pool_t *scratch)
{
    json_t *line =
        text != NULL
            ? qw_own_json_t(scratch,
                            json_loads(text, JSON_REJECT_DUPLICATES, NULL))
            : NULL;

    /* another text of the same would be an edit too */
    if (!json_is_object(line) || strcmp(qw_json_dump(line, scratch), text) != 0)
        return QW_FAIL(scratch, MALFORMED, "is no JSON object as we write it");
    if (r->is_ended)
        return QW_FAIL(scratch, MALFORMED, "stands behind the end");
    if (json_object_get(line, "event") != NULL)
        return take_record(r, line, scratch);
    if (json_object_get(line, "checkpoint") != NULL)
        return take_checkpoint(r, line, scratch);
    return take_end(r, line, scratch);
}

/* The line without its end; NULL if it holds NUL. */
static const char *as_text(char *line, apr_size_t len)
{
    if (len > 0 && line[len - 1] == '\n')
        line[--len] = '\0';
    return strlen(line) == len ? line : NULL;
}

void qw_export_walk(qw_walk_t *walk, FILE *file,
                    const apr_array_header_t *trusted, apr_pool_t *pool)
{
    reader_t r = { .walk = walk, .trusted = trusted };
    apr_pool_t *scratch;
    char *line = NULL;
    size_t room = 0;
    ssize_t len;

    apr_pool_create(&scratch, pool);
    while (!r.is_broken && (len = getline(&line, &room, file)) >= 0) {
        qw_problem_t *prob;

        apr_pool_clear(scratch);
        r.number++;
        prob = take_line(&r, as_text(line, (apr_size_t)len), scratch);
        if (prob != NULL) {
            qw_walk_find(walk, "line %d: %s", r.number, prob->detail);
            r.is_broken = 1;
        }
    }
    free(line);
    if (!r.is_ended && !r.is_broken)
        qw_walk_find(walk, "the end of the export is missing: it was cut");
    apr_pool_destroy(scratch);
}
