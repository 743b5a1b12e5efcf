/* Account: fetch, update, deactivate. RFC8555-7.3.2, 7.3.3, 7.3.6 */
#include "acme/contact.h"
#include "base/document.h"
#include "acme/render.h"
#include "gate/gate.h"
#include "store/db_account.h"
#include "store/db_order.h"

#include <apr_strings.h>

#include <string.h>

typedef struct {
    const qw_call_t *call;
    const char *contacts; /* NULL: unchanged */
    int agreed;
    int deactivate;
    qw_account_t *account;
} change_t;

static qw_problem_t *read_change(change_t *c)
{
    const qw_call_t *call = c->call;
    const char *status;

    QW_TRY(qw_contacts_read(&c->contacts, call->payload, call->pool));
    QW_TRY(qw_json_bool(&c->agreed, call->payload, "termsOfServiceAgreed",
                        QW_OPTIONAL, call->pool));
    QW_TRY(qw_json_text(&status, call->payload, "status", QW_OPTIONAL,
                        call->pool));
    if (status == NULL || strcmp(status, "valid") == 0)
        return NULL;
    if (strcmp(status, "deactivated") != 0)
        return QW_FAIL(call->pool, MALFORMED,
                       "status: can only become deactivated");
    c->deactivate = 1;
    return NULL;
}

/* Orders and authorizations end with it; certificates do not. */
static qw_problem_t *deactivate(qw_db_t *db, const change_t *c,
                                apr_pool_t *pool)
{
    qw_problem_t *ended =
        QW_FAIL(pool, ACCOUNT_DEACTIVATED, "the account was deactivated");
    qw_problem_t *prob =
        qw_account_move(db, c->call->account->id, QW_account_VALID,
                        QW_account_DEACTIVATED, pool);

    if (prob != NULL && prob->code == QW_E_CONFLICT)
        return ended;
    QW_TRY(prob);
    QW_TRY(qw_orders_of_account_end(db, c->call->account->id,
                                    qw_problem_document(ended, pool), pool));
    return qw_call_audit(c->call, db, "account.deactivate", "account",
                         c->call->account->id, NULL);
}

static qw_problem_t *update(qw_db_t *db, const change_t *c, apr_pool_t *pool)
{
    const qw_account_t *a = c->call->account;
    const char *terms = c->call->authority->terms_version;

    if (c->contacts != NULL) {
        QW_TRY(qw_account_set_contacts(db, a->id, c->contacts, pool));
        QW_TRY(qw_call_audit(c->call, db, "account.contact", "account", a->id,
                             NULL));
    }
    if (c->agreed && terms != NULL
        && (a->terms_version == NULL || strcmp(a->terms_version, terms) != 0)) {
        json_t *detail = qw_json_new_object(pool);

        json_object_set_new(detail, "version", json_string(terms));
        QW_TRY(qw_account_set_terms(db, a->id, terms, c->call->now, pool));
        QW_TRY(qw_call_audit(c->call, db, "account.agree", "account", a->id,
                             detail));
    }
    return NULL;
}

static qw_problem_t *change(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    change_t *c = baton;

    if (!c->deactivate)
        QW_TRY(qw_gate_still_acts(db, c->call->authority, c->call->account->id,
                                  pool));
    QW_TRY(c->deactivate ? deactivate(db, c, pool) : update(db, c, pool));
    return qw_account_get(&c->account, db, c->call->authority->name,
                          c->call->account->id, pool);
}

qw_problem_t *qw_verb_account(const qw_call_t *call, qw_reply_t *reply)
{
    change_t c = { call, NULL, 0, 0, call->account };

    if (strcmp(call->id, call->account->id) != 0)
        return QW_FAIL(call->pool, UNAUTHORIZED,
                       "the account is not the one that signed");
    if (call->payload != NULL)
        QW_TRY(read_change(&c));
    /* the route lets a suspended account in, to give itself up */
    if (!c.deactivate)
        QW_TRY(qw_gate_may_act(call->authority, call->account, call->pool));
    if (call->payload != NULL)
        QW_TRY(qw_store_write(call->site->store, change, &c, call->pool));
    qw_reply_json(reply, 200, qw_render_account(call, c.account), call->pool);
    return NULL;
}
