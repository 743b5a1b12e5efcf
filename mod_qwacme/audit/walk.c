#include "audit/walk.h"

#include "base/b64.h"
#include "base/text.h"
#include "x509/cms.h"
#include "x509/timestamp.h"

#include <apr_strings.h>

#include <stdarg.h>
#include <string.h>

enum { PAGE = 500 };

/* A hash, or nothing. */
typedef struct {
    int known;
    char text[QW_CHAIN_HASH + 1];
} hash_t;

struct qw_walk_t {
    const qw_walk_know_t *know;
    qw_walked_t walked;
    hash_t stored;          /* of the last record, as it stands there */
    hash_t made;            /* as it should be, if that is something else */
    apr_int64_t checkpoint; /* seq of the one before */
    int head_seen, kept_seen;
    apr_pool_t *pool;
};

#define SEQ APR_INT64_T_FMT

static void set(hash_t *hash, const char *text)
{
    hash->known = text != NULL && strlen(text) == QW_CHAIN_HASH;
    if (hash->known)
        memcpy(hash->text, text, QW_CHAIN_HASH + 1);
}

static int is_hash(const hash_t *hash, const char *text)
{
    return hash->known && text != NULL && strcmp(hash->text, text) == 0;
}

qw_walk_t *qw_walk_make(const qw_walk_know_t *know, apr_pool_t *pool)
{
    qw_walk_t *w = apr_pcalloc(pool, sizeof(*w));

    w->know = know;
    w->pool = pool;
    w->walked.findings = apr_array_make(pool, 4, sizeof(const char *));
    set(&w->stored, qw_chain_start);
    return w;
}

void qw_walk_find(qw_walk_t *w, const char *fmt, ...)
{
    va_list args;

    if (w->walked.findings->nelts >= QW_WALK_FINDINGS_MOST)
        return;
    va_start(args, fmt);
    APR_ARRAY_PUSH(w->walked.findings, const char *) =
        apr_pvsprintf(w->pool, fmt, args);
    va_end(args);
}

/* ---- records ---- */

static const char *name_of(const qw_seal_entry_t *entry, const json_t *event,
                           apr_pool_t *pool)
{
    const char *what = json_string_value(json_object_get(event, "event"));
    apr_int64_t at = json_integer_value(json_object_get(event, "at"));

    if (what == NULL)
        return apr_psprintf(pool, "record %" SEQ " (event %s)", entry->seq,
                            qw_text_safe(entry->event_id, 64, pool));
    return apr_psprintf(pool, "record %" SEQ " (event %s, %s of %s)",
                        entry->seq, qw_text_safe(entry->event_id, 64, pool),
                        qw_text_safe(what, 64, pool), qw_text_time(at, pool));
}

static void step(qw_walk_t *w, const qw_seal_entry_t *entry)
{
    apr_int64_t next = w->walked.last + 1;

    if (entry->seq != next) {
        if (entry->seq == next + 1)
            qw_walk_find(w, "record %" SEQ " is missing", next);
        else if (entry->seq > next)
            qw_walk_find(w, "records %" SEQ " to %" SEQ " are missing", next,
                         entry->seq - 1);
        else
            qw_walk_find(w, "record %" SEQ " stands behind record %" SEQ,
                         entry->seq, w->walked.last);
        set(&w->stored, NULL);
        set(&w->made, NULL);
    }
    if (w->walked.first == 0)
        w->walked.first = entry->seq;
    w->walked.last = entry->seq;
    w->walked.records++;
}

/* Behind a record whose hash was edited, the chain goes on from what that hash
 * should be; behind one whose event was, from what it is. */
static int fits(qw_walk_t *w, const qw_seal_entry_t *entry, const char *digest,
                hash_t *made, apr_pool_t *scratch)
{
    const hash_t *from = &w->stored;
    const char *hash;

    set(made, NULL);
    if (!from->known)
        return 1; /* what was before is missing, and said to be */
    hash = qw_chain_link(from->text, entry->seq, digest, scratch);
    if (strcmp(hash, entry->hash) == 0)
        return 1;
    if (w->made.known
        && strcmp(qw_chain_link(w->made.text, entry->seq, digest, scratch),
                  entry->hash)
               == 0)
        return 1;
    set(made, w->made.known
                  ? qw_chain_link(w->made.text, entry->seq, digest, scratch)
                  : hash);
    return 0;
}

void qw_walk_record(qw_walk_t *w, const qw_seal_entry_t *entry,
                    const json_t *event, apr_pool_t *scratch)
{
    hash_t made = { 0, "" };

    step(w, entry);
    if (event == NULL)
        qw_walk_find(w, "%s: its event is gone",
                     name_of(entry, event, scratch));
    else if (!fits(w, entry, qw_chain_digest(event, scratch), &made, scratch))
        qw_walk_find(w, "%s: it was changed, or is not in its place",
                     name_of(entry, event, scratch));
    set(&w->stored, entry->hash);
    w->made = made;
    if (w->know->head != NULL && is_hash(&w->stored, w->know->head))
        w->head_seen = 1;
    if (w->know->kept != NULL && w->know->kept->seq == entry->seq) {
        w->kept_seen = 1;
        if (!is_hash(&w->stored, w->know->kept->hash))
            qw_walk_find(
                w,
                "record %" SEQ " is another than that of the "
                "checkpoint which was kept: the chain was written anew",
                entry->seq);
    }
}

/* ---- checkpoints ---- */

qw_problem_t *qw_checkpoint_verify(const qw_checkpoint_t *c,
                                   const apr_array_header_t *trusted,
                                   apr_pool_t *pool)
{
    qw_bytes_t signature;
    qw_bytes_t text = qw_chain_bytes(qw_chain_checkpoint(c, pool), pool);

    if (!qw_b64url_decode(&signature, c->signature, pool))
        return QW_FAIL(pool, MALFORMED, "signature: not base64url");
    return qw_cms_verify(&signature, &text, trusted, pool);
}

static void check_signature(qw_walk_t *w, const qw_checkpoint_t *c,
                            apr_pool_t *scratch)
{
    if (w->know->trusted != NULL
        && qw_checkpoint_verify(c, w->know->trusted, scratch) != NULL)
        qw_walk_find(w,
                     "checkpoint %" SEQ ": it was changed, or is not signed by "
                     "a trusted audit key",
                     c->seq);
}

static void check_timestamp(qw_walk_t *w, const qw_checkpoint_t *c,
                            apr_pool_t *scratch)
{
    qw_bytes_t signature, token;
    apr_time_t at;

    if (c->timestamp == NULL)
        return;
    w->walked.timestamps++;
    if (!qw_b64url_decode(&signature, c->signature, scratch)
        || !qw_b64url_decode(&token, c->timestamp, scratch)
        || qw_timestamp_verify(&at, &token, &signature,
                               w->know->timestamp_roots, scratch)
               != NULL)
        qw_walk_find(w,
                     "checkpoint %" SEQ ": its timestamp was changed, or is by "
                     "nobody who is trusted",
                     c->seq);
}

static void check_place(qw_walk_t *w, const qw_checkpoint_t *c)
{
    if (c->previous != w->checkpoint)
        qw_walk_find(w,
                     "checkpoint %" SEQ " follows that of record %" SEQ
                     ", and here stands that of record %" SEQ
                     " before it: one is missing, or was changed",
                     c->seq, c->previous, w->checkpoint);
    if (c->seq > w->walked.last)
        qw_walk_find(w,
                     "records %" SEQ " to %" SEQ " are missing: they had a "
                     "checkpoint, and the chain was cut",
                     w->walked.last + 1, c->seq);
    else if (c->seq < w->walked.last)
        qw_walk_find(w, "checkpoint %" SEQ ": its record is missing", c->seq);
    else if (!is_hash(&w->stored, c->hash) && !is_hash(&w->made, c->hash))
        qw_walk_find(w,
                     "record %" SEQ " is another than its checkpoint says: the "
                     "chain was written anew behind record %" SEQ,
                     c->seq, w->checkpoint);
}

void qw_walk_checkpoint(qw_walk_t *w, const qw_checkpoint_t *c,
                        apr_pool_t *scratch)
{
    w->walked.checkpoints++;
    check_place(w, c);
    check_signature(w, c, scratch);
    check_timestamp(w, c, scratch);
    w->checkpoint = w->walked.covered = c->seq;
}

void qw_walk_from(qw_walk_t *w, const qw_checkpoint_t *c, apr_pool_t *scratch)
{
    check_signature(w, c, scratch);
    check_timestamp(w, c, scratch);
    set(&w->stored, c->hash);
    w->walked.last = w->checkpoint = w->walked.covered = c->seq;
}

/* ---- the end ---- */

const qw_walked_t *qw_walk_so_far(const qw_walk_t *w)
{
    return &w->walked;
}

const qw_walked_t *qw_walk_end(qw_walk_t *w)
{
    const qw_walk_know_t *know = w->know;

    w->walked.hash = apr_pstrdup(w->pool, w->stored.text);
    if (know->head != NULL && !w->head_seen)
        qw_walk_find(w,
                     "no record has the hash %s: the chain was cut, or written "
                     "anew",
                     qw_text_safe(know->head, QW_CHAIN_HASH, w->pool));
    if (know->kept != NULL && !w->kept_seen)
        qw_walk_find(w,
                     "record %" SEQ ", of the checkpoint which was kept, is "
                     "not here: the chain was cut, or this is an export of "
                     "another time",
                     know->kept->seq);
    return &w->walked;
}

/* ---- the chain of a database ---- */

static qw_problem_t *walk_page(int *n, qw_walk_t *w, qw_db_t *db,
                               apr_pool_t *scratch)
{
    apr_array_header_t *entries, *checkpoints;
    int next = 0;

    QW_TRY(qw_seal_page(&entries, db, w->walked.last, PAGE, scratch));
    QW_TRY(qw_checkpoint_page(&checkpoints, db, w->checkpoint, PAGE, scratch));
    for (int i = 0; i < entries->nelts; i++) {
        const qw_seal_entry_t *e = APR_ARRAY_IDX(entries, i, qw_seal_entry_t *);

        qw_walk_record(w, e,
                       e->event != NULL ? qw_chain_event(e->event, scratch)
                                        : NULL,
                       scratch);
        while (next < checkpoints->nelts
               && APR_ARRAY_IDX(checkpoints, next, qw_checkpoint_t *)->seq
                      <= e->seq)
            qw_walk_checkpoint(w,
                               APR_ARRAY_IDX(checkpoints, next++,
                                             qw_checkpoint_t *),
                               scratch);
    }
    *n = w->walked.findings->nelts < QW_WALK_FINDINGS_MOST ? entries->nelts : 0;
    return NULL;
}

static qw_problem_t *look_beside(qw_walk_t *w, qw_db_t *db, apr_pool_t *pool)
{
    apr_array_header_t *ids;

    QW_TRY(qw_seal_unsealed(&ids, db, QW_WALK_FINDINGS_MOST, pool));
    for (int i = 0; i < ids->nelts; i++)
        qw_walk_find(w,
                     "event %s is in no record and does not wait for one: it "
                     "was put in, or its record taken away",
                     qw_text_safe(APR_ARRAY_IDX(ids, i, const char *), 64,
                                  pool));
    QW_TRY(qw_seal_stuck(&ids, db, QW_WALK_FINDINGS_MOST, pool));
    for (int i = 0; i < ids->nelts; i++)
        qw_walk_find(w,
                     "event %s waits for a record and cannot have one: it is "
                     "gone, was changed, or has one",
                     qw_text_safe(APR_ARRAY_IDX(ids, i, const char *), 64,
                                  pool));
    return NULL;
}

/* Checkpoints behind the last record: there should be none. */
static qw_problem_t *walk_rest(qw_walk_t *w, qw_db_t *db, apr_pool_t *scratch)
{
    apr_array_header_t *list;

    QW_TRY(qw_checkpoint_page(&list, db, w->checkpoint, PAGE, scratch));
    for (int i = 0; i < list->nelts; i++)
        qw_walk_checkpoint(w, APR_ARRAY_IDX(list, i, qw_checkpoint_t *),
                           scratch);
    return NULL;
}

qw_problem_t *qw_walk_database(qw_walk_t *w, qw_db_t *db, apr_pool_t *pool)
{
    apr_pool_t *scratch;
    int n = 1;

    apr_pool_create(&scratch, pool);
    while (n > 0) {
        apr_pool_clear(scratch);
        QW_TRY(walk_page(&n, w, db, scratch));
    }
    QW_TRY(walk_rest(w, db, scratch));
    QW_TRY(look_beside(w, db, scratch));
    apr_pool_destroy(scratch);
    return NULL;
}
