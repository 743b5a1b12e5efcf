/* A change is shown in words, signed by a passkey or confirmed by a login from
 * afterwards, and done with its evidence in one transaction. */
#include "base/b64.h"
#include "base/json.h"
#include "base/text.h"
#include "base/world.h"
#include "portal/action.h"
#include "portal/clients.h"
#include "portal/env.h"
#include "portal/session.h"
#include "registry/note.h"

#include <apr_strings.h>

#include <string.h>

/* Rolls back what was only tried. */
static qw_problem_t tried;

typedef struct {
    qw_page_t *page;
    qw_act_t act;
    qw_authenticator_t *authenticator;

    /* a passkey */
    qw_assertion_t assertion;
    apr_int64_t sign_count;

    /* or a login that httpd saw */
    qw_confirmation_t *confirmation;
    apr_time_t logged_in;
    const char *proof;

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
        qw_page_say_account(s->page, s->act.external->name);
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
static qw_problem_t *show(signing_t *s)
{
    qw_page_t *page = s->page;
    qw_problem_t *prob =
        qw_store_write(page->portal->store, try_it, s, page->pool);

    if (prob != &tried)
        return prob;
    s->text = qw_json_dump(s->act.json, page->pool);
    page->title = QW_M_CONFIRM;
    say_account(s);
    qw_act_say(&s->act, page);
    if (s->act.plan != NULL)
        qw_case_say_plan(&s->act, page);
    else if (s->act.case_id != NULL)
        QW_TRY(qw_case_say(page, s->act.case_id));
    if (s->act.was_asked)
        qw_html_put(page->html, "<p>%m</p>", QW_M_TWO_NEEDED);
    return NULL;
}

static void or_not(const signing_t *s)
{
    qw_html_put(s->page->html, " <a href=\"%s/%s\">%m</a>",
                s->page->portal->base_path, back(s), QW_M_CANCEL);
}

static qw_problem_t *ask_passkey(const signing_t *s)
{
    const qw_page_t *page = s->page;
    const char *nonce, *challenge;

    QW_TRY(qw_nonce_make(&nonce, page->portal->nonces, page->pool));
    QW_TRY(qw_webauthn_challenge(&challenge, nonce, s->text, page->pool));
    qw_html_put(page->html, "<p>%m</p>", QW_M_CONFIRM_HOW);
    qw_page_passkey_form(page, "sign", "get", nonce, challenge);
    qw_page_hidden(page, "action", s->text);
    qw_html_put(page->html, "<button class=\"main\">%m</button>",
                QW_M_CONFIRM_DO);
    or_not(s);
    qw_html_put(page->html, "</form>");
    return NULL;
}

/* The button that counts with a login from after the change was shown. */
static void ask_button(const signing_t *s, qw_message_e how)
{
    const qw_page_t *page = s->page;

    qw_html_put(page->html, "<p>%m</p>", how);
    qw_page_form(page, "sign");
    qw_page_hidden(page, "confirmation", s->confirmation->id);
    qw_page_hidden(page, "action", s->text);
    qw_html_put(page->html, "<button class=\"main\">%m</button>",
                QW_M_ENV_CONFIRM_DO);
    or_not(s);
    qw_html_put(page->html, "</form>");
}

static void ask_login(const signing_t *s)
{
    const qw_page_t *page = s->page;

    qw_html_put(page->html,
                "<p>%m</p><p><a class=\"main button\" href=\"%s\">%m</a>",
                QW_M_ENV_AGAIN_HOW, qw_env_step_up_url(page, s->confirmation),
                QW_M_ENV_AGAIN_DO);
    or_not(s);
    qw_html_put(page->html, "</p>");
}

static qw_problem_t *keep_shown(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    const signing_t *s = baton;

    return qw_confirmation_insert(db, s->confirmation, pool);
}

/* What is shown from now on waits for a login. */
static qw_problem_t *ask_env(signing_t *s)
{
    const qw_page_t *page = s->page;
    qw_confirmation_t *c = apr_pcalloc(page->pool, sizeof(*c));

    QW_TRY(qw_id_make(&c->id, page->pool));
    c->session_id = page->session->id;
    c->action = s->text;
    c->shown = qw_authority_now(page->portal->authority);
    c->expires = c->shown + QW_CONFIRM_WITHIN;
    s->confirmation = c;
    QW_TRY(qw_store_write(page->portal->store, keep_shown, s, page->pool));
    if (page->portal->authority->step_up_location != NULL)
        ask_login(s);
    else
        ask_button(s, QW_M_ENV_CERTIFICATE_HOW);
    return NULL;
}

qw_problem_t *qw_page_propose(qw_page_t *page)
{
    signing_t s = { .page = page };

    QW_TRY(read_form(&s.act, page));
    QW_TRY(show(&s));
    return qw_env_is_asked(page) ? ask_env(&s) : ask_passkey(&s);
}

/* ---- signing -------------------------------------------------------------------- */

/* TEXT, and exactly that: no other bytes say the same. */
static qw_problem_t *read_action(signing_t *s, const char *text)
{
    const qw_page_t *page = s->page;

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

static qw_problem_t *find_shown(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    signing_t *s = baton;
    const qw_page_t *page = s->page;
    const char *id =
        page->id != NULL ? page->id : qw_page_field(page, "confirmation");

    QW_TRY(
        qw_confirmation_get(&s->confirmation, db, id, page->session->id, pool));
    if (s->confirmation == NULL || s->confirmation->expires <= page->now)
        return QW_FAIL(pool, UNAUTHORIZED,
                       "this page is too old, or was used before; begin again");
    QW_TRY(qw_env_find(&s->authenticator, page, db));
    if (strcmp(s->authenticator->person_id, page->person->id) != 0)
        return QW_FAIL(pool, UNAUTHORIZED, "this login is none of yours");
    return NULL;
}

static qw_problem_t *check_login(signing_t *s)
{
    const qw_page_t *page = s->page;

    QW_TRY(qw_store_read(page->portal->store, find_shown, s, page->pool));
    if (strcmp(s->confirmation->action, s->text) != 0)
        return QW_FAIL(page->pool, UNAUTHORIZED,
                       "this is not what was shown to you; begin again");
    QW_TRY(qw_env_step_up(&s->logged_in, page, s->confirmation->shown,
                          s->authenticator));
    return qw_env_proof(&s->proof, page, s->confirmation, s->authenticator,
                        s->logged_in);
}

/* Back from logging in: the same again, and a button if it counts. */
qw_problem_t *qw_page_confirm(qw_page_t *page)
{
    signing_t s = { .page = page };

    if (!qw_env_is_asked(page))
        return QW_FAIL(page->pool, NOT_FOUND, "there is no such page");
    QW_TRY(qw_store_read(page->portal->store, find_shown, &s, page->pool));
    QW_TRY(read_action(&s, s.confirmation->action));
    QW_TRY(show(&s));
    if (qw_env_step_up(&s.logged_in, page, s.confirmation->shown,
                       s.authenticator)
        == NULL)
        ask_button(&s, QW_M_ENV_CONFIRM_HOW);
    else
        ask_login(&s);
    return NULL;
}

/* The proof is none that its keeper could not write: the sealed chain of events
 * says when it was there. */
static qw_problem_t *note_proof(const signing_t *s, qw_db_t *db,
                                apr_pool_t *pool)
{
    json_t *detail = qw_json_new_object(pool);
    const char *proof = qw_hex_sha256(s->proof, strlen(s->proof), pool);
    const char *action = qw_hex_sha256(s->text, strlen(s->text), pool);
    qw_registry_t r;

    if (proof == NULL || action == NULL)
        return QW_FAIL(pool, SERVER_INTERNAL, "no SHA-256");
    qw_page_registry(&r, s->page, db);
    json_object_set_new(detail, "action", json_string(action));
    json_object_set_new(detail, "proof", json_string(proof));
    return qw_registry_note(&r, "action.confirm", "action", s->act.id, detail);
}

static qw_problem_t *record(const signing_t *s, qw_db_t *db, apr_pool_t *pool)
{
    qw_action_t a = { 0 };

    a.id = s->act.id;
    a.external_id = s->act.external != NULL ? s->act.external->id : NULL;
    a.person_id = s->page->person->id;
    a.authenticator_id = s->authenticator->id;
    a.action = s->text;
    a.at = s->page->now;
    a.proof = s->proof;
    if (s->proof != NULL) {
        a.nonce = s->confirmation->id;
        QW_TRY(note_proof(s, db, pool));
    }
    else {
        a.nonce = qw_page_field(s->page, "nonce");
        a.client_data = s->assertion.client_data;
        a.authenticator_data = s->assertion.authenticator_data;
        a.signature = s->assertion.signature;
    }
    return qw_action_insert(db, s->page->portal->authority->name, &a, pool);
}

/* A confirmation serves once, and so does the login that stands for it. */
static qw_problem_t *use_login(const signing_t *s, qw_db_t *db,
                               apr_pool_t *pool)
{
    qw_problem_t *prob = qw_confirmation_take(db, s->confirmation->id,
                                              s->page->session->id, pool);

    if (prob == NULL)
        prob = qw_authenticator_step_up(db, s->authenticator->id, s->logged_in,
                                        s->page->now, pool);
    if (prob != NULL && prob->code == QW_E_CONFLICT)
        return QW_FAIL(pool, UNAUTHORIZED,
                       "this was confirmed before, or your login confirmed "
                       "something else; begin again");
    return prob;
}

/* The counter goes up with each signature; COPIED is noted and committed. */
static qw_problem_t *use_passkey(signing_t *s, qw_db_t *db, apr_pool_t *pool)
{
    qw_problem_t *prob =
        qw_authenticator_use(db, s->authenticator->id, s->sign_count,
                             s->page->now, pool);

    s->copied = prob != NULL && prob->code == QW_E_CONFLICT;
    return s->copied
               ? qw_session_copied(s->page, db, s->authenticator, s->sign_count)
               : prob;
}

/* The session may have ended since, and the passkey gone (OPR-08). */
static qw_problem_t *do_it(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    signing_t *s = baton;
    qw_session_t *session;

    QW_TRY(qw_session_get(&session, db, s->page->session->id,
                          s->page->portal->authority->name, pool));
    if (session == NULL)
        return QW_FAIL(pool, UNAUTHORIZED, "the session has ended");
    QW_TRY(s->proof != NULL ? use_login(s, db, pool)
                            : use_passkey(s, db, pool));
    if (s->copied)
        return NULL;
    QW_TRY(qw_id_make(&s->act.id, pool));
    QW_TRY(qw_act_run(&s->act, s->page, db));
    if (strcmp(qw_json_dump(s->act.json, pool), s->text) != 0)
        return QW_FAIL(pool, MALFORMED, "the action is not in its final form");
    return record(s, db, pool);
}

static qw_message_e done_of(const signing_t *s)
{
    qw_message_e done = s->act.was_asked ? QW_M_ASKED : s->act.kind->done;

    if (s->proof == NULL)
        return done;
    return done == QW_M_ASKED       ? QW_M_ENV_ASKED
           : done == QW_M_CASE_DONE ? QW_M_ENV_CASE_DONE
           : done == QW_M_DONE      ? QW_M_ENV_DONE
                                    : done;
}

static qw_problem_t *say_done(const signing_t *s)
{
    qw_page_t *page = s->page;

    page->title = QW_M_DONE_TITLE;
    qw_html_put(page->html, "<p role=\"status\">%m</p>", done_of(s));
    qw_act_say(&s->act, page);
    if (s->act.mac_key != NULL) {
        qw_clients_say(page, s->act.kid, s->act.mac_key);
        qw_html_put(page->html,
                    "<p><a href=\"%s/progress/%s?auto=1\">%m</a></p>",
                    page->portal->base_path, s->act.external->id,
                    QW_M_PROGRESS_LIVE);
    }
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
    if (s->act.case_id != NULL) {
        QW_TRY(qw_case_say(page, s->act.case_id));
        QW_TRY(qw_case_say_rest(page, s->act.case_id));
    }
    qw_html_put(page->html, "<p><a href=\"%s/%s\">%m</a></p>",
                page->portal->base_path, back(s),
                s->act.kind->on == QW_ON_ACCOUNT ? QW_M_BACK_TO_ACCOUNT
                                                 : QW_M_BACK);
    return NULL;
}

qw_problem_t *qw_page_sign(qw_page_t *page)
{
    signing_t s = { .page = page };

    QW_TRY(read_action(&s, qw_page_field(page, "action")));
    QW_TRY(qw_env_is_asked(page) ? check_login(&s) : check_signature(&s));
    QW_TRY(qw_store_write(page->portal->store, do_it, &s, page->pool));
    if (s.copied)
        return qw_session_copy_problem(page, s.authenticator);
    if (s.act.case_id != NULL)
        qw_act_work(&s.act, page);
    return say_done(&s);
}
