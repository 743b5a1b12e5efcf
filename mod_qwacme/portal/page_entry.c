/* The ways in and out: an invitation, a passkey, the end of a session. */
#include "base/json.h"
#include "gate/limits.h"
#include "portal/env.h"
#include "portal/session.h"

#include <apr_strings.h>

#include <string.h>

/* What a passkey signs when it is used to enter, or made. */
static const char *entry_action(const qw_page_t *page, const char *what)
{
    json_t *action = qw_json_new_object(page->pool);

    json_object_set_new(action, "authority",
                        json_string(page->portal->authority->name));
    json_object_set_new(action, "do", json_string(what));
    return qw_json_dump(action, page->pool);
}

/* A fresh *NONCE, and the *CHALLENGE of it and the action WHAT. */
static qw_problem_t *new_challenge(const char **nonce, const char **challenge,
                                   const qw_page_t *page, const char *what)
{
    QW_TRY(qw_nonce_make(nonce, page->portal->nonces, page->pool));
    return qw_webauthn_challenge(challenge, *nonce, entry_action(page, what),
                                 page->pool);
}

/* *CHALLENGE that the form answers; its nonce is spent, whatever comes. */
static qw_problem_t *spent_challenge(const char **challenge,
                                     const qw_page_t *page, const char *what)
{
    const char *nonce = qw_page_field(page, "nonce");

    if (qw_nonce_use(page->portal->nonces, nonce, page->pool) != NULL)
        return QW_FAIL(page->pool, UNAUTHORIZED,
                       "this page is too old, or was used before; open it "
                       "again");
    return qw_webauthn_challenge(challenge, nonce, entry_action(page, what),
                                 page->pool);
}

/* ---- how often ---------------------------------------------------------------- */

typedef struct {
    const qw_page_t *page;
    qw_limit_e limit;
} trying_t;

static qw_problem_t *spend(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    const trying_t *t = baton;
    const qw_page_t *page = t->page;
    apr_array_header_t *charges = apr_array_make(pool, 2, sizeof(qw_charge_t));
    qw_limits_t limits;

    QW_TRY(qw_limits_open(&limits, db, page->portal->authority, NULL, page->now,
                          pool));
    qw_charge_address(charges, t->limit, page->visit->address);
    return qw_limits_spend(&limits, charges);
}

/* One more try from this address, whatever comes of it: a transaction of its own.
 * RATE_LIMITED. */
static qw_problem_t *count(const qw_page_t *page, qw_limit_e limit)
{
    trying_t t = { page, limit };

    if (qw_authority_limit(page->portal->authority, limit).count == 0
        || page->visit->address == NULL)
        return NULL;
    return qw_store_write(page->portal->store, spend, &t, page->pool);
}

/* ---- login ------------------------------------------------------------------ */

qw_problem_t *qw_page_login(qw_page_t *page)
{
    const char *nonce, *challenge;

    if (qw_env_is_asked(page))
        return qw_env_login_page(page);
    QW_TRY(new_challenge(&nonce, &challenge, page, "login"));
    page->title = QW_M_LOGIN;
    qw_html_put(page->html, "<p>%m</p>", QW_M_LOGIN_HOW);
    qw_page_passkey_form(page, "login", "get", nonce, challenge);
    qw_html_put(page->html, "<button class=\"main\">%m</button></form>",
                QW_M_LOGIN_DO);
    return NULL;
}

typedef struct {
    qw_page_t *page;
    qw_assertion_t assertion;
    qw_authenticator_t *authenticator;
    qw_person_t *person;
    apr_int64_t sign_count;
    int copied; /* the counter did not go up */
} login_t;

static qw_problem_t *find_passkey(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    login_t *login = baton;

    QW_TRY(qw_authenticator_find(&login->authenticator, db,
                                 login->assertion.credential_id, pool));
    if (login->authenticator == NULL)
        return QW_FAIL(pool, UNAUTHORIZED, "this passkey is not known here");
    QW_TRY(qw_person_get(&login->person, db, login->authenticator->person_id,
                         pool));
    if (*login->person->authority != '\0'
        && strcmp(login->person->authority,
                  login->page->portal->authority->name)
               != 0)
        return QW_FAIL(pool, UNAUTHORIZED, "this passkey is not known here");
    return NULL;
}

static qw_problem_t *enter(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    login_t *login = baton;
    qw_problem_t *prob =
        qw_authenticator_use(db, login->authenticator->id, login->sign_count,
                             login->page->now, pool);

    login->copied = prob != NULL && prob->code == QW_E_CONFLICT;
    if (login->copied)
        return qw_session_copied(login->page, db, login->authenticator,
                                 login->sign_count);
    QW_TRY(prob);
    return qw_session_begin(login->page, db, login->authenticator);
}

qw_problem_t *qw_page_logged_in(qw_page_t *page)
{
    login_t login = { .page = page };
    const char *challenge;

    QW_TRY(count(page, QW_LIMIT_LOGINS_PER_IP));
    if (qw_env_is_asked(page))
        return qw_env_enter(page);
    qw_page_assertion(&login.assertion, page);
    QW_TRY(spent_challenge(&challenge, page, "login"));
    QW_TRY(
        qw_store_read(page->portal->store, find_passkey, &login, page->pool));
    QW_TRY(qw_webauthn_verify(&login.sign_count, &page->portal->rp,
                              &login.assertion, login.authenticator, challenge,
                              page->pool));
    QW_TRY(qw_store_write(page->portal->store, enter, &login, page->pool));
    if (login.copied)
        return qw_session_copy_problem(page, login.authenticator);
    page->location = "";
    return NULL;
}

static qw_problem_t *leave(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    return qw_session_close(baton, db);
}

qw_problem_t *qw_page_logout(qw_page_t *page)
{
    QW_TRY(qw_store_write(page->portal->store, leave, page, page->pool));
    page->location = "login";
    return NULL;
}

/* ---- invitations ------------------------------------------------------------- */

static void field(const qw_page_t *page, const char *name, qw_message_e label,
                  const char *value, const char *more)
{
    qw_html_put(
        page->html,
        "<p><label for=\"%s\">%m</label> <input id=\"%s\" name=\"%s\" "
        "value=\"%s\" required autocomplete=\"off\" spellcheck=\"false\" "
        "%s></p>",
        name, label, name, name, value, more);
}

/* The script takes the token from behind the '#' of the link. */
qw_problem_t *qw_page_invite(qw_page_t *page)
{
    page->title = QW_M_INVITE;
    qw_html_put(page->html, "<p>%m</p>", QW_M_INVITE_HOW);
    qw_html_put(page->html,
                "<form method=\"post\" action=\"%s/invite\" "
                "data-fragment=\"token\">",
                page->portal->base_path);
    if (page->session != NULL)
        qw_page_hidden(page, "csrf", page->csrf);
    field(page, "token", QW_M_INVITE_TOKEN, "", "");
    field(page, "secret", QW_M_INVITE_SECRET, "", "");
    qw_html_put(page->html, "<button class=\"main\">%m</button></form>",
                QW_M_CONTINUE);
    return NULL;
}

typedef struct {
    qw_page_t *page;
    qw_person_t *person;
    qw_invite_t *invite;
    qw_authenticator_t *made; /* NULL while only the secrets are shown */
    qw_problem_t *wrong;      /* the secret was; counted and committed */
} invited_t;

static qw_problem_t *look(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    invited_t *i = baton;
    qw_problem_t *prob;
    qw_registry_t r;
    int wrong;

    qw_page_registry(&r, i->page, db);
    i->wrong = NULL;
    prob = qw_registry_invited(&i->person, &i->invite, &wrong, &r,
                               qw_page_field(i->page, "token"),
                               qw_page_field(i->page, "secret"));
    if (prob != NULL && wrong) {
        i->wrong = prob;
        return qw_registry_count_try(&r, i->invite);
    }
    QW_TRY(prob);
    r.actor = apr_pstrcat(pool, "portal:", i->person->id, NULL);
    return i->made != NULL
               ? qw_registry_accept(&r, i->person, i->invite, i->made)
               : NULL;
}

static qw_problem_t *with_secrets(invited_t *i)
{
    QW_TRY(qw_store_write(i->page->portal->store, look, i, i->page->pool));
    return i->wrong;
}

/* Both secrets fit: a passkey can be made, or a login be bound. */
qw_problem_t *qw_page_invited(qw_page_t *page)
{
    invited_t i = { .page = page };
    const char *nonce, *challenge;

    QW_TRY(count(page, QW_LIMIT_INVITATIONS_PER_IP));
    QW_TRY(with_secrets(&i));
    if (qw_env_is_asked(page))
        return qw_env_register_form(page, i.person);
    QW_TRY(new_challenge(&nonce, &challenge, page, "register"));
    page->title = QW_M_REGISTER;
    qw_html_put(page->html, "<p>");
    qw_html_say(page->html, QW_M_REGISTER_HOW, i.person->name, NULL, NULL);
    qw_html_put(page->html, "</p>");
    qw_page_passkey_form(page, "register", "create", nonce, challenge);
    qw_page_hidden(page, "token", qw_page_field(page, "token"));
    qw_page_hidden(page, "secret", qw_page_field(page, "secret"));
    qw_html_put(page->html,
                "<button class=\"main\" data-user=\"%s\" data-name=\"%s\">%m"
                "</button></form>",
                i.person->id, i.person->name, QW_M_REGISTER_DO);
    return NULL;
}

static qw_problem_t *make_passkey(qw_authenticator_t **made,
                                  const qw_page_t *page)
{
    qw_registration_answer_t answer = { qw_page_field(page, "client_data"),
                                        qw_page_field(page, "attestation"),
                                        qw_page_field(page, "transports") };
    const char *challenge;

    QW_TRY(spent_challenge(&challenge, page, "register"));
    return qw_webauthn_register(made, &page->portal->rp, &answer, challenge,
                                page->now, page->pool);
}

qw_problem_t *qw_page_registered(qw_page_t *page)
{
    invited_t i = { .page = page };
    qw_authenticator_t *made;

    QW_TRY(count(page, QW_LIMIT_INVITATIONS_PER_IP));
    QW_TRY(with_secrets(&i));
    QW_TRY(qw_env_is_asked(page) ? qw_env_make(&made, page)
                                 : make_passkey(&made, page));
    i.made = made;
    QW_TRY(with_secrets(&i));
    page->location = "login";
    return NULL;
}
