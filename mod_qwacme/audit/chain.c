#include "audit/chain.h"

#include "base/b64.h"
#include "base/put.h"

#include <apr_strings.h>

#include <string.h>

const char qw_chain_start[] =
    "0000000000000000000000000000000000000000000000000000000000000000";

json_t *qw_chain_event(const qw_event_t *e, apr_pool_t *pool)
{
    json_t *object = qw_json_new_object(pool);

    qw_put_text(object, "id", e->id);
    qw_put_text(object, "authority", e->authority);
    json_object_set_new(object, "at", json_integer(e->at));
    qw_put_text(object, "event", e->event);
    qw_put_text(object, "actor", e->actor);
    qw_put_text(object, "subjectKind", e->subject_kind);
    qw_put_text(object, "subject", e->subject_id);
    qw_put_text(object, "detail", e->detail);
    return object;
}

const char *qw_chain_digest(const json_t *event, apr_pool_t *pool)
{
    const char *text = qw_json_dump(event, pool);

    return qw_hex_sha256(text, strlen(text), pool);
}

const char *qw_chain_link(const char *previous, apr_int64_t seq,
                          const char *digest, apr_pool_t *pool)
{
    const char *text = apr_psprintf(pool, "%s\n%" APR_INT64_T_FMT "\n%s\n",
                                    previous, seq, digest);

    return qw_hex_sha256(text, strlen(text), pool);
}

json_t *qw_chain_checkpoint(const qw_checkpoint_t *c, apr_pool_t *pool)
{
    json_t *object = qw_json_new_object(pool);

    json_object_set_new(object, "seq", json_integer(c->seq));
    json_object_set_new(object, "previous", json_integer(c->previous));
    qw_put_text(object, "hash", c->hash);
    json_object_set_new(object, "at", json_integer(c->at));
    return object;
}

json_t *qw_checkpoint_json(const qw_checkpoint_t *c, apr_pool_t *pool)
{
    json_t *object = qw_json_new_object(pool);

    json_object_set(object, "checkpoint", qw_chain_checkpoint(c, pool));
    qw_put_text(object, "signature", c->signature);
    qw_put_text(object, "timestamp", c->timestamp);
    return object;
}

qw_problem_t *qw_checkpoint_of(qw_checkpoint_t **checkpoint,
                               const json_t *object, apr_pool_t *pool)
{
    qw_checkpoint_t *c = apr_pcalloc(pool, sizeof(*c));
    json_t *inner;

    QW_TRY(qw_json_object(&inner, object, "checkpoint", QW_REQUIRED, pool));
    QW_TRY(qw_json_int(&c->seq, inner, "seq", QW_REQUIRED, pool));
    QW_TRY(qw_json_int(&c->previous, inner, "previous", QW_REQUIRED, pool));
    QW_TRY(qw_json_text(&c->hash, inner, "hash", QW_REQUIRED, pool));
    QW_TRY(qw_json_int(&c->at, inner, "at", QW_REQUIRED, pool));
    QW_TRY(qw_json_text(&c->signature, object, "signature", QW_REQUIRED, pool));
    QW_TRY(qw_json_text(&c->timestamp, object, "timestamp", QW_OPTIONAL, pool));
    if (json_object_size(inner) != 4
        || json_object_size(object) != (c->timestamp != NULL ? 3 : 2))
        return QW_FAIL(pool, MALFORMED, "checkpoint: has other members");
    *checkpoint = c;
    return NULL;
}

qw_bytes_t qw_chain_bytes(const json_t *object, apr_pool_t *pool)
{
    const char *text = qw_json_dump(object, pool);

    return (qw_bytes_t){ (const unsigned char *)text, strlen(text) };
}
