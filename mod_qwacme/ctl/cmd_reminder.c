/* reminder list | test; the clocks that account show lists */
#include "ctl/ctl.h"

#include "base/text.h"
#include "model/clock.h"
#include "work/remind.h"

static json_t *clock_json(const qw_clock_t *c, apr_time_t now, apr_pool_t *pool)
{
    json_t *object = qw_json_new_object(pool);

    qw_put_text(object, "clock", qw_clock_word(c->kind));
    if (*c->subject != '\0')
        qw_put_text(object, "of", c->subject);
    qw_put_time(object, "ends", c->ends, pool);
    if (c->ends != 0)
        json_object_set_new(object, "days",
                            json_integer(qw_clock_days(c, now)));
    return object;
}

qw_problem_t *qwc_clocks(json_t **list, const qwc_call_t *call,
                         const qw_external_t *external)
{
    apr_array_header_t *bindings, *clocks = qw_clocks_make(call->pool);
    apr_time_t now = qw_authority_now(call->authority);

    *list = qw_json_new_array(call->pool);
    qw_clocks_of(clocks, call->authority, external);
    QW_TRY(qw_binding_list(&bindings, call->registry.db, external->id,
                           call->pool));
    for (int i = 0; clocks->nelts > 0 && i < bindings->nelts; i++)
        qw_clocks_binding(clocks, APR_ARRAY_IDX(bindings, i, qw_binding_t *));
    qw_clocks_sort(clocks);
    for (int i = 0; i < clocks->nelts; i++)
        json_array_append(*list,
                          clock_json(&APR_ARRAY_IDX(clocks, i, qw_clock_t), now,
                                     call->pool));
    return NULL;
}

static json_t *reminder_json(const qw_reminder_t *r, apr_pool_t *pool)
{
    json_t *object = qw_json_new_object(pool);

    qw_put_text(object, "id", r->id);
    qw_put_text(object, "status", r->status);
    qw_put_text(object, "account", r->external_id);
    qw_put_text(object, "clock", r->clock);
    if (*r->subject != '\0')
        qw_put_text(object, "of", r->subject);
    qw_put_time(object, "ends", r->ends, pool);
    if (r->ahead != 0)
        qw_put_text(object, "ahead",
                    qw_text_span(apr_time_sec(r->ahead), pool));
    qw_put_text(object, "mail", r->mail);
    qw_put_text(object, "language", r->language);
    qw_put_time(object, "created", r->created, pool);
    qw_put_time(object, "ended", r->ended, pool);
    json_object_set_new(object, "tries", json_integer(r->tries));
    qw_put_text(object, "why", r->result);
    return object;
}

qw_problem_t *qwc_reminder_list(qwc_call_t *call)
{
    apr_array_header_t *list;
    int limit;

    QW_TRY(qwc_number(&limit, call, "limit", 1, 1000000, 100));
    QW_TRY(qw_reminder_list(&list, call->registry.db, call->authority->name,
                            limit, call->pool));
    call->result = qw_json_new_array(call->pool);
    for (int i = 0; i < list->nelts; i++)
        json_array_append(call->result,
                          reminder_json(APR_ARRAY_IDX(list, i, qw_reminder_t *),
                                        call->pool));
    return NULL;
}

qw_problem_t *qwc_reminder_test(qwc_call_t *call)
{
    const char *to = qwc_option(call, "to");
    const char *language = qwc_option(call, "language");
    qw_conf_t conf = *call->conf;

    if (to == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "to: say which address the test goes to");
    if (conf.mail_server == NULL || conf.mail_from == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "the configuration has no QwacmeMailServer and "
                       "QwacmeMailFrom: nothing sends mail");
    QW_TRY(qw_conf_load_mail_password(&conf, call->pool));
    QW_TRY(qw_remind_test(&conf, call->authority, to,
                          language != NULL ? language : "en", call->pool));
    call->result = qw_json_new_object(call->pool);
    qw_put_text(call->result, "to", to);
    qw_put_text(call->result, "by", conf.mail_server);
    return NULL;
}
