/* A change is shown in words, signed by a passkey, and done with its evidence in
 * one transaction. */
#include "base/json.h"
#include "base/text.h"
#include "base/world.h"
#include "portal/action.h"
#include "portal/clients.h"
#include "portal/session.h"

#include <apr_strings.h>

#include <string.h>

/* Rolls back what was only tried. */
static qw_problem_t tried;

typedef struct {
    qw_page_t *page;
    qw_act_t act;
    qw_assertion_t assertion;
    qw_authenticator_t *authenticator;
    apr_int64_t sign_count;
    const char *text; /* of the action, canonical */
    int copied;
} signing_t;

/* ---- proposing ----------------------------------------------------------------- */

static qw_problem_t *read_kind(qw_act_t *act, const char *name,
                               apr_pool_t *pool)
{
    act->kind = qw_action_kind(name);
    if (act->kind == NULL)
        return QW_FAIL(pool, NOT_FOUND, "there is no such action");
    return NULL;
}

/* From the fields of the form that a page of ours has. */
static qw_problem_t *read_form(qw_act_t *act, const qw_page_t *page)
{
    apr_array_header_t *members;

    QW_TRY(read_kind(act, qw_page_field(page, "do"), page->pool));
    members = qw_text_words(act->kind->members, page->pool);
    act->json = qw_json_new_object(page->pool);
    qw_act_set(act, "do", act->kind->name);
    if (act->kind->on == QW_ON_ACCOUNT)
        qw_act_set(act, "account", qw_page_field(page, "account"));
    qw_act_set(act, "authority", page->portal->authority->name);
    qw_act_set(act, "person", page->person->id);
    for (int i = 0; i < members->nelts; i++) {
        const char *name = APR_ARRAY_IDX(members, i, const char *);

        qw_act_set(act, name, qw_page_field(page, name));
    }
    return NULL;
}

static qw_problem_t *try_it(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    signing_t *s = baton;

    s->act.is_trial = 1;
    QW_TRY(qw_act_run(&s->act, s->page, db));
    return &tried;
}

/* Which account it is about, if it was there before. */
static void say_account(const signing_t *s)
{
    if (s->act.kind->on == QW_ON_ACCOUNT)
        qw_html_put(s->page->html,
                    "<p class=\"account\">%m: <strong>%s</strong></p>",
                    QW_M_ACCOUNT, s->act.external->name);
}

/* Where to go afterwards, or instead. */
static const char *back(const signing_t *s)
{
    return s->act.kind->on == QW_ON_ACCOUNT
               ? apr_pstrcat(s->page->pool, "account/", s->act.external->id,
                             NULL)
               : "";
}

/* What cannot be done is said before anybody is asked to sign it. */
qw_problem_t *qw_page_propose(qw_page_t *page)
{
    signing_t s = { .page = page };
    const char *nonce, *challenge, *text;
    qw_problem_t *prob;

    QW_TRY(read_form(&s.act, page));
    prob = qw_store_write(page->portal->store, try_it, &s, page->pool);
    if (prob != &tried)
        return prob;
    text = qw_json_dump(s.act.json, page->pool);
    QW_TRY(qw_nonce_make(&nonce, page->portal->nonces, page->pool));
    QW_TRY(qw_webauthn_challenge(&challenge, nonce, text, page->pool));
    page->title = QW_M_CONFIRM;
    say_account(&s);
    qw_act_say(&s.act, page);
    if (s.act.plan != NULL)
        qw_case_say_plan(&s.act, page);
    if (s.act.was_asked)
        qw_html_put(page->html, "<p>%m</p>", QW_M_TWO_NEEDED);
    qw_html_put(page->html, "<p>%m</p>", QW_M_CONFIRM_HOW);
    qw_page_passkey_form(page, "sign", "get", nonce, challenge);
    qw_page_hidden(page, "action", text);
    qw_html_put(
        page->html,
        "<button class=\"main\">%m</button> <a href=\"%s/%s\">%m</a></form>",
        QW_M_CONFIRM_DO, page->portal->base_path, back(&s), QW_M_CANCEL);
    return NULL;
}

/* ---- signing -------------------------------------------------------------------- */

/* The text of the form, and exactly that: no other bytes say the same. */
static qw_problem_t *read_action(signing_t *s)
{
    const qw_page_t *page = s->page;
    const char *text = qw_page_field(page, "action");

    QW_TRY(qw_json_parse_object(&s->act.json, text, strlen(text), "action",
                                page->pool));
    s->text = qw_json_dump(s->act.json, page->pool);
    if (strcmp(s->text, text) != 0)
        return QW_FAIL(page->pool, MALFORMED, "the action is not canonical");
    QW_TRY(read_kind(&s->act, qw_act_get(&s->act, "do"), page->pool));
    if (strcmp(qw_act_get(&s->act, "person"), page->person->id) != 0
        || strcmp(qw_act_get(&s->act, "authority"),
                  page->portal->authority->name)
               != 0)
        return QW_FAIL(page->pool, UNAUTHORIZED,
                       "this action is another person's");
    return NULL;
}

static qw_problem_t *find_own(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    signing_t *s = baton;

    QW_TRY(qw_authenticator_find(&s->authenticator, db,
                                 s->assertion.credential_id, pool));
    if (s->authenticator == NULL
        || strcmp(s->authenticator->person_id, s->page->person->id) != 0)
        return QW_FAIL(pool, UNAUTHORIZED, "this passkey is none of yours");
    return NULL;
}

static qw_problem_t *check_signature(signing_t *s)
{
    const qw_page_t *page = s->page;
    const char *nonce = qw_page_field(page, "nonce"), *challenge;

    qw_page_assertion(&s->assertion, page);
    if (qw_nonce_use(page->portal->nonces, nonce, page->pool) != NULL)
        return QW_FAIL(page->pool, UNAUTHORIZED,
                       "this page is too old, or was used before; begin again");
    QW_TRY(qw_webauthn_challenge(&challenge, nonce, s->text, page->pool));
    QW_TRY(qw_store_read(page->portal->store, find_own, s, page->pool));
    return qw_webauthn_verify(&s->sign_count, &page->portal->rp, &s->assertion,
                              s->authenticator, challenge, page->pool);
}

static qw_problem_t *record(const signing_t *s, qw_db_t *db, apr_pool_t *pool)
{
    qw_action_t a = { 0 };

    a.id = s->act.id;
    a.external_id = s->act.external != NULL ? s->act.external->id : NULL;
    a.person_id = s->page->person->id;
    a.authenticator_id = s->authenticator->id;
    a.action = s->text;
    a.nonce = qw_page_field(s->page, "nonce");
    a.client_data = s->assertion.client_data;
    a.authenticator_data = s->assertion.authenticator_data;
    a.signature = s->assertion.signature;
    a.at = s->page->now;
    return qw_action_insert(db, s->page->portal->authority->name, &a, pool);
}

/* The session may have ended since, and the passkey gone (OPR-08). */
static qw_problem_t *do_it(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    signing_t *s = baton;
    qw_session_t *session;
    qw_problem_t *prob;

    QW_TRY(qw_session_get(&session, db, s->page->session->id,
                          s->page->portal->authority->name, pool));
    if (session == NULL)
        return QW_FAIL(pool, UNAUTHORIZED, "the session has ended");
    prob = qw_authenticator_use(db, s->authenticator->id, s->sign_count,
                                s->page->now, pool);
    s->copied = prob != NULL && prob->code == QW_E_CONFLICT;
    if (s->copied)
        return qw_session_copied(s->page, db, s->authenticator, s->sign_count);
    QW_TRY(prob);
    QW_TRY(qw_id_make(&s->act.id, pool));
    QW_TRY(qw_act_run(&s->act, s->page, db));
    if (strcmp(qw_json_dump(s->act.json, pool), s->text) != 0)
        return QW_FAIL(pool, MALFORMED, "the action is not in its final form");
    return record(s, db, pool);
}

static qw_problem_t *say_done(const signing_t *s)
{
    qw_page_t *page = s->page;

    page->title = QW_M_DONE_TITLE;
    qw_html_put(page->html, "<p role=\"status\">%m</p>",
                s->act.was_asked ? QW_M_ASKED : s->act.kind->done);
    qw_act_say(&s->act, page);
    if (s->act.mac_key != NULL)
        qw_clients_say(page, s->act.kid, s->act.mac_key);
    if (s->act.invitation.token != NULL)
        qw_html_put(
            page->html,
            "<dl class=\"secrets\"><dt>%m</dt><dd><code>%s/invite#%s</code>"
            "</dd><dt>%m</dt><dd><code>%s</code></dd></dl>",
            QW_M_INVITE_LINK,
            s->act.invited_to != NULL ? s->act.invited_to
                                      : page->portal->authority->portal_url,
            s->act.invitation.token, QW_M_INVITE_SECRET,
            s->act.invitation.secret);
    if (s->act.plan != NULL)
        QW_TRY(qw_case_say(page, s->act.plan->head.id));
    qw_html_put(page->html, "<p><a href=\"%s/%s\">%m</a></p>",
                page->portal->base_path, back(s),
                s->act.kind->on == QW_ON_ACCOUNT ? QW_M_BACK_TO_ACCOUNT
                                                 : QW_M_BACK);
    return NULL;
}

qw_problem_t *qw_page_sign(qw_page_t *page)
{
    signing_t s = { .page = page };

    QW_TRY(read_action(&s));
    QW_TRY(check_signature(&s));
    QW_TRY(qw_store_write(page->portal->store, do_it, &s, page->pool));
    if (s.copied)
        return qw_session_copy_problem(page, s.authenticator);
    if (s.act.plan != NULL)
        qw_act_work(&s.act, page);
    return say_done(&s);
}
