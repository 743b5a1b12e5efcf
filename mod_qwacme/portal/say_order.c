#include "portal/say_order.h"

#include "acme/render.h"
#include "base/json.h"
#include "base/text.h"
#include "store/db_account.h"
#include "store/db_ledger.h"
#include "store/db_order.h"

#include <apr_strings.h>

#include <string.h>

enum { ORDERS_SHOWN = 3, NAMES_SHOWN = 10, LOOKUPS_SHOWN = 8 };

/* One name of an order. */
typedef struct {
    qw_authz_t *authz;
    apr_array_header_t *challenges; /* of qw_challenge_t * */
} proof_t;

typedef struct {
    qw_order_t *order;
    qw_state_e status; /* as it is now */
    const char *names;
    qw_account_t *account;
    apr_array_header_t *proofs; /* of proof_t */
    int is_precertified;
    int scts;
    qw_certificate_t *certificate; /* NULL: none yet */
    apr_time_t downloaded;         /* 0: not yet */
} seen_t;

/* ---- reading -------------------------------------------------------------------- */

static qw_problem_t *read_proofs(seen_t *s, qw_db_t *db, apr_pool_t *pool)
{
    apr_array_header_t *authzs;

    QW_TRY(qw_authz_of_order(&authzs, db, s->order->id, pool));
    s->proofs = apr_array_make(pool, authzs->nelts, sizeof(proof_t));
    for (int i = 0; i < authzs->nelts && i < NAMES_SHOWN; i++) {
        proof_t *proof = apr_array_push(s->proofs);

        proof->authz = APR_ARRAY_IDX(authzs, i, qw_authz_t *);
        QW_TRY(
            qw_challenge_show(&proof->challenges, db, proof->authz->id, pool));
    }
    return NULL;
}

static qw_problem_t *read_scts(seen_t *s, qw_db_t *db, apr_pool_t *pool)
{
    apr_array_header_t *attempts, *scts;

    QW_TRY(qw_attempt_of_order(&attempts, db, s->order->id, pool));
    for (int i = 0; i < attempts->nelts; i++) {
        const qw_attempt_t *a = APR_ARRAY_IDX(attempts, i, qw_attempt_t *);

        if (strcmp(a->kind, QW_KIND_PRECERT) != 0
            || a->status != QW_attempt_ISSUED)
            continue;
        QW_TRY(qw_sct_list(&scts, db, a->id, pool));
        s->is_precertified = 1;
        s->scts = scts->nelts;
    }
    return NULL;
}

static const char *names_of(const char *text, apr_pool_t *pool)
{
    const json_t *name;
    json_t *names;
    const char *list = NULL;
    size_t i;

    if (qw_json_parse(&names, text, strlen(text), "names", pool) != NULL)
        return text;
    json_array_foreach(names, i, name)
    {
        const char *one = json_string_value(name);

        if (i == NAMES_SHOWN)
            return apr_psprintf(pool, "%s, \xe2\x80\xa6 (%d)", list,
                                (int)json_array_size(names));
        list = list == NULL ? one : apr_pstrcat(pool, list, ", ", one, NULL);
    }
    return list != NULL ? list : "";
}

static qw_problem_t *read_order(seen_t *s, const qw_page_t *page, qw_db_t *db)
{
    const char *authority = page->portal->authority->name;
    apr_pool_t *pool = page->pool;

    s->status = qw_order_status(s->order, page->now);
    s->names = names_of(s->order->names, pool);
    QW_TRY(
        qw_account_get(&s->account, db, authority, s->order->account_id, pool));
    QW_TRY(read_proofs(s, db, pool));
    QW_TRY(read_scts(s, db, pool));
    if (s->order->certificate_id == NULL)
        return NULL;
    QW_TRY(qw_certificate_get(&s->certificate, db, authority, NULL,
                              s->order->certificate_id, pool));
    return qw_download_get(&s->downloaded, db, s->certificate->id, pool);
}

static int is_moving(const seen_t *s)
{
    return s->status == QW_order_PENDING || s->status == QW_order_READY
           || s->status == QW_order_PROCESSING
           || (s->certificate != NULL && s->downloaded == 0);
}

qw_problem_t *qw_orders_read(qw_order_view_t **view, const qw_page_t *page,
                             qw_db_t *db, const char *external_id)
{
    qw_order_view_t *v = apr_pcalloc(page->pool, sizeof(*v));
    apr_array_header_t *orders, *accounts;

    QW_TRY(qw_account_list(&accounts, db, page->portal->authority->name,
                           external_id, page->pool));
    v->has_client = accounts->nelts > 0;
    QW_TRY(qw_order_latest(&orders, db, external_id, ORDERS_SHOWN, page->pool));
    v->orders = apr_array_make(page->pool, ORDERS_SHOWN, sizeof(seen_t));
    v->is_moving = orders->nelts == 0;
    for (int i = 0; i < orders->nelts; i++) {
        seen_t *s = apr_array_push(v->orders);

        memset(s, 0, sizeof(*s));
        s->order = APR_ARRAY_IDX(orders, i, qw_order_t *);
        QW_TRY(read_order(s, page, db));
        v->is_moving |= is_moving(s);
    }
    *view = v;
    return NULL;
}

/* ---- saying: lines ----------------------------------------------------------------- */

typedef enum { DONE, OPEN, FAILED } line_e;

static void begin(const qw_page_t *page, line_e state)
{
    static const char *const classes[] = { "good", "open", "bad" };
    static const qw_message_e words[] = { QW_M_STEP_DONE, QW_M_STEP_OPEN,
                                          QW_M_S_FAILED };

    qw_html_put(page->html,
                "<li class=\"%s\"><p><span class=\"state\">%m</span> ",
                classes[state], words[state]);
}

static void line(const qw_page_t *page, line_e state, qw_message_e message,
                 const char *a, const char *b)
{
    begin(page, state);
    qw_html_say(page->html, message, a, b, NULL);
    qw_html_put(page->html, "</p></li>");
}

static void detail(const qw_page_t *page, qw_message_e message, const char *a,
                   const char *b, const char *c)
{
    qw_html_put(page->html, "<li>");
    qw_html_say(page->html, message, a, b, c);
    qw_html_put(page->html, "</li>");
}

static const char *member(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* "2027-02-24 15:49 UTC", as the other dates of pages. */
static const char *moment(const qw_page_t *page, apr_time_t when)
{
    const char *text = qw_text_time(when, page->pool);

    return apr_psprintf(page->pool, "%.10s %.5s UTC", text, text + 11);
}

/* What mends a problem of URN. */
static qw_message_e cure_of(const char *urn)
{
    static const struct {
        const char *end;
        qw_message_e cure;
    } cures[] = { { ":dns", QW_M_P_DNS },
                  { ":caa", QW_M_P_CAA },
                  { ":connection", QW_M_P_CONNECTION },
                  { ":tls", QW_M_P_TLS },
                  { ":unauthorized", QW_M_P_UNAUTHORIZED },
                  { ":incorrectResponse", QW_M_P_UNAUTHORIZED } };
    const char *colon = urn != NULL ? strrchr(urn, ':') : NULL;

    for (unsigned i = 0; colon != NULL && i < sizeof cures / sizeof cures[0];
         i++)
        if (strcmp(colon, cures[i].end) == 0)
            return cures[i].cure;
    return QW_M_P_OTHER;
}

/* 1 if a name of S has failed by just what the order failed by. */
static int is_said(const seen_t *s, const char *error)
{
    for (int i = 0; i < s->proofs->nelts; i++) {
        const apr_array_header_t *list =
            APR_ARRAY_IDX(s->proofs, i, proof_t).challenges;

        for (int k = 0; k < list->nelts; k++) {
            const char *its = APR_ARRAY_IDX(list, k, qw_challenge_t *)->error;

            if (its != NULL && error != NULL && strcmp(its, error) == 0)
                return 1;
        }
    }
    return 0;
}

/* TEXT: a problem document as it was kept. */
static void problem(const qw_page_t *page, const char *text)
{
    json_t *document;

    if (text == NULL
        || qw_json_parse_object(&document, text, strlen(text), "problem",
                                page->pool)
               != NULL)
        return;
    qw_html_put(page->html, "<p lang=\"en\">%s</p><p class=\"cure\">%m %m</p>",
                member(document, "detail"), QW_M_CURE,
                cure_of(member(document, "type")));
}

/* ---- saying: what was seen of a name -------------------------------------------------- */

static void lookup(const qw_page_t *page, const json_t *l)
{
    const json_t *value;
    const char *text = member(l, "error"), *found = NULL;
    size_t i;

    json_array_foreach(json_object_get(l, "values"), i, value) found =
        found == NULL ? json_string_value(value)
                      : apr_pstrcat(page->pool, found, ", ",
                                    json_string_value(value), NULL);
    if (text == NULL)
        text = found != NULL ? found
                             : qw_message(QW_M_O_LOOKUP_NONE, page->language);
    if (member(l, "dnssec") != NULL)
        text = apr_pstrcat(page->pool, text, " (DNSSEC: ", member(l, "dnssec"),
                           ")", NULL);
    detail(page, QW_M_O_LOOKUP, member(l, "name"), member(l, "type"), text);
}

static void request(const qw_page_t *page, const json_t *r)
{
    const json_t *status = json_object_get(r, "status");
    const char *what = member(r, "error"), *where = member(r, "url");

    if (what == NULL && json_is_integer(status))
        what = apr_psprintf(page->pool, "HTTP %d",
                            (int)json_integer_value(status));
    if (what == NULL)
        what = qw_message(QW_M_O_CONNECTED, page->language);
    if (where == NULL)
        where = "443";
    if (member(r, "address") != NULL)
        where = apr_pstrcat(page->pool, where, " (", member(r, "address"), ")",
                            NULL);
    detail(page, QW_M_O_REQUEST, where, what, NULL);
}

static void caa(const qw_page_t *page, const json_t *seen)
{
    if (seen == NULL)
        return;
    if (member(seen, "foundAt") != NULL)
        detail(page, QW_M_O_CAA_AT, member(seen, "foundAt"), NULL, NULL);
    else if (json_array_size(json_object_get(seen, "lookups")) > 0)
        detail(page, QW_M_O_CAA_NONE, NULL, NULL, NULL);
}

static void evidence(const qw_page_t *page, const char *text)
{
    const json_t *one, *afar;
    json_t *seen;
    size_t i;

    if (text == NULL
        || qw_json_parse_object(&seen, text, strlen(text), "evidence",
                                page->pool)
               != NULL)
        return;
    qw_html_put(page->html, "<ul>");
    json_array_foreach(json_object_get(seen, "lookups"), i,
                       one) if (i < LOOKUPS_SHOWN) lookup(page, one);
    json_array_foreach(json_object_get(seen, "requests"), i,
                       one) if (i < LOOKUPS_SHOWN) request(page, one);
    caa(page, json_object_get(seen, "caa"));
    afar = json_object_get(seen, "perspectives");
    if (json_object_get(afar, "dcv") != NULL)
        detail(page, QW_M_O_AFAR,
               member(json_object_get(afar, "dcv"), "quorum"),
               member(json_object_get(afar, "caa"), "quorum"), NULL);
    qw_html_put(page->html, "</ul>");
}

/* The challenge that says most, and *TYPES, what a client can choose from. */
static const qw_challenge_t *telling(const char **types, const proof_t *proof,
                                     apr_pool_t *pool)
{
    const qw_challenge_t *found = NULL;

    *types = "";
    for (int i = 0; i < proof->challenges->nelts; i++) {
        const qw_challenge_t *c =
            APR_ARRAY_IDX(proof->challenges, i, qw_challenge_t *);

        *types = apr_pstrcat(pool, *types, i > 0 ? ", " : "", c->type, NULL);
        if (c->status == QW_challenge_PROCESSING || c->evidence != NULL)
            found = c;
    }
    return found;
}

/* What STATUS of an authorization, looked at by C or not, means. */
static qw_message_e words_of(qw_state_e status, const qw_challenge_t *c,
                             line_e *state)
{
    *state = status == QW_authz_VALID     ? DONE
             : status == QW_authz_PENDING ? OPEN
                                          : FAILED;
    if (status == QW_authz_VALID)
        return QW_M_O_VALID;
    if (status == QW_authz_INVALID && c != NULL)
        return QW_M_O_INVALID;
    if (status != QW_authz_PENDING)
        return QW_M_O_GONE;
    return c != NULL && c->status == QW_challenge_PROCESSING ? QW_M_O_LOOKED_AT
                                                             : QW_M_O_WAITS;
}

static void say_proof(const qw_page_t *page, const proof_t *proof)
{
    qw_state_e status = qw_authz_status(proof->authz, page->now);
    const char *types, *how;
    const qw_challenge_t *c = telling(&types, proof, page->pool);
    line_e state;
    qw_message_e words = words_of(status, c, &state);

    how = words == QW_M_O_GONE    ? qw_state_word(status)
          : words == QW_M_O_WAITS ? types
          : c != NULL             ? c->type
                                  : proof->authz->method;
    begin(page, state);
    qw_html_say(page->html, words,
                qw_authz_identifier(proof->authz, page->pool), how, NULL);
    qw_html_put(page->html, "</p>");
    if (c != NULL) {
        evidence(page, c->evidence);
        problem(page, c->error);
    }
    qw_html_put(page->html, "</li>");
}

/* ---- saying: what became of an order ---------------------------------------------------- */

static void say_certificate(const qw_page_t *page, const seen_t *s)
{
    const qw_certificate_t *c = s->certificate;

    if (s->scts > 0)
        line(page, DONE, QW_M_O_SCTS, apr_itoa(page->pool, s->scts), NULL);
    line(page, DONE, QW_M_O_SIGNED, c->serial, moment(page, c->not_after));
    if (s->downloaded != 0)
        line(page, DONE, QW_M_O_DOWNLOADED, moment(page, s->downloaded), NULL);
    else
        line(page, OPEN, QW_M_O_NOT_DOWNLOADED, NULL, NULL);
}

static void say_failure(const qw_page_t *page, const seen_t *s)
{
    int dry = qw_order_is_dry(s->order->profile) && s->order->csr != NULL;

    begin(page, FAILED);
    qw_html_put(page->html, "%m</p>",
                dry                       ? QW_M_O_DRY_RUN
                : s->order->error == NULL ? QW_M_O_EXPIRED
                                          : QW_M_O_FAILED);
    if (!is_said(s, s->order->error))
        problem(page, s->order->error);
    qw_html_put(page->html, "</li>");
}

static void say_end(const qw_page_t *page, const seen_t *s)
{
    if (s->status == QW_order_READY)
        line(page, OPEN, QW_M_O_FINALIZE, NULL, NULL);
    if (s->order->csr != NULL)
        line(page, DONE, QW_M_O_FINALIZED, NULL, NULL);
    if (s->status == QW_order_PROCESSING && s->is_precertified)
        line(page, OPEN, QW_M_O_LOGGING, apr_itoa(page->pool, s->scts), NULL);
    else if (s->status == QW_order_PROCESSING)
        line(page, OPEN, QW_M_O_SIGNING, NULL, NULL);
    if (s->certificate != NULL)
        say_certificate(page, s);
    else if (s->status == QW_order_INVALID)
        say_failure(page, s);
}

static void say_order(const qw_page_t *page, const seen_t *s)
{
    qw_html_put(page->html, "<h3>");
    qw_html_say(page->html, QW_M_ORDER_OF, s->names, NULL, NULL);
    qw_html_put(page->html, "</h3><p>");
    qw_page_time(page, s->order->created);
    qw_html_put(page->html, "</p><ol class=\"progress\">");
    line(page, DONE, QW_M_O_CREATED, s->account->id, s->account->binding_id);
    for (int i = 0; i < s->proofs->nelts; i++)
        say_proof(page, &APR_ARRAY_IDX(s->proofs, i, proof_t));
    say_end(page, s);
    qw_html_put(page->html, "</ol>");
}

void qw_orders_say(const qw_page_t *page, const qw_order_view_t *view)
{
    if (view->orders->nelts == 0)
        qw_html_put(page->html, "<p role=\"status\">%m</p>",
                    view->has_client ? QW_M_NO_ORDERS : QW_M_NO_CLIENT);
    for (int i = 0; i < view->orders->nelts; i++)
        say_order(page, &APR_ARRAY_IDX(view->orders, i, seen_t));
}
