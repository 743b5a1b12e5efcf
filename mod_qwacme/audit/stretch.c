/* Events of a dossier within the chain. */
#include "audit/dossier.h"
#include "base/put.h"

enum { PAGE = 500 };

typedef struct {
    qw_db_t *db;
    const apr_array_header_t *entries;
    int next; /* of them */
    apr_pool_t *pool;
} stretcher_t;

static const qw_seal_entry_t *entry_at(const stretcher_t *s, int i)
{
    return i < s->entries->nelts
               ? APR_ARRAY_IDX(s->entries, i, qw_seal_entry_t *)
               : NULL;
}

/* The hash before record SEQ. */
static qw_problem_t *hash_before(const char **hash, const stretcher_t *s,
                                 apr_int64_t seq)
{
    apr_array_header_t *list;

    *hash = qw_chain_start;
    if (seq == 1)
        return NULL;
    QW_TRY(qw_seal_page(&list, s->db, seq - 2, 1, s->pool));
    if (list->nelts > 0)
        *hash = APR_ARRAY_IDX(list, 0, qw_seal_entry_t *)->hash;
    return NULL;
}

/* Ours in full, others' as a digest: a dossier tells of one subscriber alone. */
static void put_record(json_t *records, stretcher_t *s,
                       const qw_seal_entry_t *e)
{
    const qw_seal_entry_t *ours = entry_at(s, s->next);
    json_t *record = qw_json_new_object(s->pool);

    qw_put_int(record, "seq", e->seq);
    if (ours != NULL && ours->seq == e->seq) {
        json_object_set(record, "event", qw_chain_event(ours->event, s->pool));
        s->next++;
    }
    else if (e->event != NULL)
        qw_put_text(record, "digest",
                    qw_chain_digest(qw_chain_event(e->event, s->pool),
                                    s->pool));
    json_array_append(records, record);
}

static qw_problem_t *put_records(json_t *records, stretcher_t *s,
                                 apr_int64_t from, apr_int64_t until)
{
    apr_int64_t after = from - 1;

    while (after < until) {
        apr_int64_t left = until - after;
        apr_array_header_t *list;

        QW_TRY(qw_seal_page(&list, s->db, after, left < PAGE ? (int)left : PAGE,
                            s->pool));
        for (int i = 0; i < list->nelts; i++) {
            const qw_seal_entry_t *e =
                APR_ARRAY_IDX(list, i, qw_seal_entry_t *);

            put_record(records, s, e);
            after = e->seq;
        }
        if (list->nelts == 0)
            break;
    }
    return NULL;
}

static qw_problem_t *put_stretch(json_t *stretches, stretcher_t *s,
                                 const qw_checkpoint_t *c)
{
    json_t *stretch = qw_checkpoint_json(c, s->pool);
    json_t *records = qw_json_new_array(s->pool);
    apr_int64_t from = entry_at(s, s->next)->seq;
    const char *before;

    QW_TRY(hash_before(&before, s, from));
    QW_TRY(put_records(records, s, from, c->seq));
    qw_put_text(stretch, "before", before);
    json_object_set(stretch, "records", records);
    json_array_append(stretches, stretch);
    return NULL;
}

qw_problem_t *qw_dossier_stretches(json_t **stretches, qw_db_t *db,
                                   const apr_array_header_t *entries,
                                   apr_pool_t *pool)
{
    stretcher_t s = { db, entries, 0, pool };
    apr_array_header_t *list;

    *stretches = qw_json_new_array(pool);
    while (entry_at(&s, s.next) != NULL) {
        int before = s.next;

        QW_TRY(qw_checkpoint_page(&list, db, entry_at(&s, s.next)->seq - 1, 1,
                                  pool));
        if (list->nelts == 0)
            return NULL;
        QW_TRY(put_stretch(*stretches, &s,
                           APR_ARRAY_IDX(list, 0, qw_checkpoint_t *)));
        if (s.next == before)
            return QW_FAIL(pool, INVALID_INPUT,
                           "the chain of events is damaged; run qwacmectl "
                           "audit verify");
    }
    return NULL;
}
