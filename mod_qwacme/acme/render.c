#include "acme/render.h"

#include "base/put.h"
#include "base/text.h"

#include <apr_strings.h>

#include <string.h>

static const char *url(const qw_call_t *call, const char *path, const char *id)
{
    return qw_authority_url(call->authority, path, id, call->pool);
}

/* JSON kept as text; ours, so that it parses. */
static void put_json(json_t *object, const char *name, const char *text)
{
    if (text != NULL)
        json_object_set_new(object, name,
                            json_loads(text, JSON_DECODE_ANY, NULL));
}

static json_t *identifier(const char *name)
{
    return json_pack("{s:s,s:s}", "type", "dns", "value", name);
}

qw_state_e qw_order_status(const qw_order_t *order, apr_time_t now)
{
    if ((order->status == QW_order_PENDING || order->status == QW_order_READY)
        && order->expires <= now)
        return QW_order_INVALID;
    return order->status;
}

qw_state_e qw_authz_status(const qw_authz_t *authz, apr_time_t now)
{
    if ((authz->status == QW_authz_PENDING || authz->status == QW_authz_VALID)
        && authz->expires <= now)
        return QW_authz_EXPIRED;
    return authz->status;
}

json_t *qw_render_account(const qw_call_t *call, const qw_account_t *account)
{
    json_t *object = qw_json_new_object(call->pool);

    qw_put_text(object, "status", qw_state_word(account->status));
    put_json(object, "contact", account->contacts);
    json_object_set_new(object, "termsOfServiceAgreed",
                        json_boolean(account->terms_version != NULL));
    put_json(object, "externalAccountBinding", account->eab);
    qw_put_text(object, "orders",
                apr_pstrcat(call->pool, url(call, "acct", account->id),
                            "/orders", NULL));
    return object;
}

static json_t *identifiers(const char *names_json)
{
    json_t *names = json_loads(names_json, 0, NULL), *list = json_array(), *n;
    apr_size_t i;

    json_array_foreach(names, i, n)
        json_array_append_new(list, identifier(json_string_value(n)));
    json_decref(names);
    return list;
}

json_t *qw_render_order(const qw_call_t *call, const qw_order_t *order,
                        const apr_array_header_t *authz_ids)
{
    json_t *object = qw_json_new_object(call->pool), *authzs = json_array();
    int i;

    for (i = 0; i < authz_ids->nelts; i++)
        json_array_append_new(authzs,
                              json_string(url(call, "authz",
                                              APR_ARRAY_IDX(authz_ids, i,
                                                            const char *))));
    qw_put_text(object, "status",
                qw_state_word(qw_order_status(order, call->now)));
    qw_put_text(object, "expires", qw_text_time(order->expires, call->pool));
    json_object_set_new(object, "identifiers", identifiers(order->names));
    qw_put_text(object, "profile", order->profile);
    json_object_set_new(object, "authorizations", authzs);
    qw_put_text(object, "finalize",
                apr_pstrcat(call->pool, url(call, "order", order->id),
                            "/finalize", NULL));
    if (order->replaces != NULL)
        qw_put_text(object, "replaces", order->replaces);
    put_json(object, "error", order->error);
    if (order->certificate_id != NULL)
        qw_put_text(object, "certificate",
                    url(call, "cert", order->certificate_id));
    return object;
}

void qw_reply_order(qw_reply_t *reply, int status, const qw_call_t *call,
                    const qw_order_t *order,
                    const apr_array_header_t *authz_ids)
{
    qw_reply_json(reply, status, qw_render_order(call, order, authz_ids),
                  call->pool);
    apr_table_setn(reply->headers, "Location", url(call, "order", order->id));
    if (order->status == QW_order_PROCESSING)
        apr_table_setn(reply->headers, "Retry-After", "1");
}

json_t *qw_render_challenge(const qw_call_t *call,
                            const qw_challenge_t *challenge)
{
    json_t *object = qw_json_new_object(call->pool);

    qw_put_text(object, "type", challenge->type);
    qw_put_text(object, "url", url(call, "chall", challenge->id));
    qw_put_text(object, "status", qw_state_word(challenge->status));
    qw_put_text(object, "token", challenge->token);
    if (challenge->validated_at != 0 && challenge->status == QW_challenge_VALID)
        qw_put_text(object, "validated",
                    qw_text_time(challenge->validated_at, call->pool));
    put_json(object, "error", challenge->error);
    return object;
}

/* RFC8555-7.1.4: of a valid authorization the challenge that made it so. */
static int is_shown(const qw_authz_t *authz, const qw_challenge_t *challenge)
{
    return authz->status != QW_authz_VALID
           || challenge->status == QW_challenge_VALID;
}

json_t *qw_render_authz(const qw_call_t *call, const qw_authz_t *authz,
                        const apr_array_header_t *challenges)
{
    json_t *object = qw_json_new_object(call->pool), *list = json_array();
    int i;

    for (i = 0; i < challenges->nelts; i++) {
        const qw_challenge_t *c =
            APR_ARRAY_IDX(challenges, i, qw_challenge_t *);

        if (is_shown(authz, c))
            json_array_append(list, qw_render_challenge(call, c));
    }
    qw_put_text(object, "status",
                qw_state_word(qw_authz_status(authz, call->now)));
    qw_put_text(object, "expires", qw_text_time(authz->expires, call->pool));
    json_object_set_new(object, "identifier", identifier(authz->name));
    json_object_set_new(object, "challenges", list);
    if (authz->wildcard)
        json_object_set_new(object, "wildcard", json_true());
    return object;
}
