/* renewalInfo, RFC9773-4: when to renew; asked without signature, and often */
#include "acme/cert_id.h"
#include "acme/reply.h"
#include "base/text.h"
#include "base/world.h"
#include "gate/renewal.h"
#include "store/db_incident.h"

#include <apr_strings.h>

enum { POLL = 6 * 3600, POLL_SPREAD = POLL / 5 };

typedef struct {
    const qw_call_t *call;
    const char *issuer, *serial;
    qw_renewal_t *renewal;
} look_t;

static qw_problem_t *read_renewal(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;

    return qw_renewal_get(&l->renewal, db, l->call->authority->name, l->issuer,
                          l->serial, pool);
}

static json_t *render(const qw_window_t *window, const char *explanation_url,
                      apr_pool_t *pool)
{
    json_t *object = qw_json_new_object(pool);

    json_object_set_new(object, "suggestedWindow",
                        json_pack("{s:s,s:s}", "start",
                                  qw_text_time(window->start, pool), "end",
                                  qw_text_time(window->end, pool)));
    if (explanation_url != NULL)
        json_object_set_new(object, "explanationURL",
                            json_string(explanation_url));
    return object;
}

/* Six hours, a fifth more or less, so that no fleet comes back in step. */
static qw_problem_t *set_retry_after(qw_reply_t *reply, apr_pool_t *pool)
{
    unsigned char bytes[2];
    int spread;

    QW_TRY(qw_random(bytes, sizeof bytes, pool));
    spread = (bytes[0] << 8 | bytes[1]) % (2 * POLL_SPREAD + 1) - POLL_SPREAD;
    apr_table_setn(reply->headers, "Retry-After",
                   apr_itoa(pool, POLL + spread));
    return NULL;
}

qw_problem_t *qw_verb_renewal_info(const qw_call_t *call, qw_reply_t *reply)
{
    look_t l = { call, NULL, NULL, NULL };
    qw_window_t window;

    if (call->id == NULL)
        return QW_FAIL(call->pool, NOT_FOUND,
                       "renewalInfo is asked for by certificate");
    QW_TRY(qw_cert_id_read(&l.issuer, &l.serial, call, call->id));
    QW_TRY(qw_store_read(call->site->store, read_renewal, &l, call->pool));
    qw_renewal_window(&window, l.renewal, call->authority, call->now);
    qw_reply_json(reply, 200,
                  render(&window, l.renewal->explanation_url, call->pool),
                  call->pool);
    /* an incident counts from the next poll on, whoever caches */
    apr_table_setn(reply->headers, "Cache-Control",
                   "public, max-age=0, no-cache");
    return set_retry_after(reply, call->pool);
}
