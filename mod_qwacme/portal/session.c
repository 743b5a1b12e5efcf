#include "portal/session.h"

#include "base/b64.h"
#include "base/json.h"
#include "base/log.h"
#include "base/world.h"
#include "portal/env.h"
#include "registry/note.h"

#include <apr_strings.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <string.h>

enum { TOKEN_BYTES = 32, TOKEN_CHARS = 43 };

/* __Host-: of this host alone, over TLS alone, whatever a neighbour sets. */
static const char cookie_name[] = "__Host-qwacme";
static const char cookie_form[] =
    "%s=%s; Path=/; Secure; HttpOnly; SameSite=Strict%s";

static const apr_interval_time_t touch_every =
    APR_TIME_C(60) * APR_USEC_PER_SEC;

/* The database has the hash: who reads that cannot enter. */
static qw_problem_t *id_of(const char **id, const char *token, apr_pool_t *pool)
{
    *id = qw_hex_sha256(token, strlen(token), pool);
    if (*id == NULL)
        return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL, qw_openssl_reasons(pool),
                               "no SHA-256");
    return NULL;
}

static const char *csrf_of(const char *token, apr_pool_t *pool)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    HMAC(EVP_sha256(), token, (int)strlen(token), (const unsigned char *)"csrf",
         4, mac, &len);
    return qw_b64url_encode(mac, len, pool);
}

/* The cookie's value; NULL if there is none. Of two, none: somebody else set
 * one of them. */
static const char *cookie_of(const char *header, apr_pool_t *pool)
{
    apr_size_t n = sizeof cookie_name - 1;
    const char *found = NULL;
    char *copy, *one, *last = NULL;

    if (header == NULL)
        return NULL;
    copy = apr_pstrdup(pool, header);
    for (one = apr_strtok(copy, "; ", &last); one != NULL;
         one = apr_strtok(NULL, "; ", &last)) {
        if (strncmp(one, cookie_name, n) != 0 || one[n] != '=')
            continue;
        if (found != NULL)
            return NULL;
        found = one + n + 1;
    }
    return found != NULL && strlen(found) == TOKEN_CHARS ? found : NULL;
}

static int is_over(const qw_page_t *page, const qw_session_t *s)
{
    const qw_authority_t *a = page->portal->authority;

    return page->now >= s->expires || page->now >= s->seen + a->portal_idle;
}

/* A passkey opened it and passkeys are asked, or it is of whom httpd names. */
static int is_of_person(const qw_page_t *page, const qw_session_t *s)
{
    if (!qw_env_is_asked(page) || s->subject == NULL)
        return !qw_env_is_asked(page) && s->subject == NULL;
    return page->env != NULL && strcmp(page->env->subject, s->subject) == 0;
}

qw_problem_t *qw_session_load(qw_page_t *page, qw_db_t *db)
{
    const char *id, *token = cookie_of(page->visit->cookie, page->pool);
    qw_session_t *s;

    page->session = NULL;
    page->person = NULL;
    if (token == NULL)
        return NULL;
    QW_TRY(id_of(&id, token, page->pool));
    QW_TRY(
        qw_session_get(&s, db, id, page->portal->authority->name, page->pool));
    if (s == NULL || is_over(page, s))
        return NULL;
    if (!is_of_person(page, s)) {
        page->foreign = s;
        return NULL;
    }
    QW_TRY(qw_person_get(&page->person, db, s->person_id, page->pool));
    page->session = s;
    page->token = token;
    page->csrf = csrf_of(token, page->pool);
    return NULL;
}

static qw_problem_t *see(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    const qw_page_t *page = baton;

    return qw_session_see(db, page->session->id, page->now, pool);
}

qw_problem_t *qw_session_touch(const qw_page_t *page)
{
    if (page->session == NULL || page->now - page->session->seen < touch_every)
        return NULL;
    return qw_store_write(page->portal->store, see, (void *)page, page->pool);
}

static void set_cookie(qw_page_t *page, const char *value, const char *more)
{
    page->cookie =
        apr_psprintf(page->pool, cookie_form, cookie_name, value, more);
}

static qw_problem_t *note(const qw_page_t *page, qw_db_t *db, const char *event,
                          const char *person_id)
{
    qw_registry_t r;

    qw_page_registry(&r, page, db);
    r.actor = qw_person_actor(person_id, page->pool);
    return qw_registry_note(&r, event, "person", person_id, NULL);
}

qw_problem_t *qw_session_begin(qw_page_t *page, qw_db_t *db,
                               const qw_authenticator_t *a)
{
    unsigned char random[TOKEN_BYTES];
    qw_session_t s = { 0 };
    const char *token;

    if (page->session != NULL)
        QW_TRY(qw_session_end(db, page->session->id, page->pool));
    QW_TRY(qw_random(random, sizeof random, page->pool));
    token = qw_b64url_encode(random, sizeof random, page->pool);
    QW_TRY(id_of(&s.id, token, page->pool));
    s.authority = page->portal->authority->name;
    s.person_id = a->person_id;
    s.authenticator_id = a->id;
    s.created = s.seen = page->now;
    s.expires = page->now + page->portal->authority->portal_most;
    QW_TRY(qw_session_insert(db, &s, page->pool));
    set_cookie(page, token, "");
    return note(page, db, "person.login", a->person_id);
}

qw_problem_t *qw_session_close(qw_page_t *page, qw_db_t *db)
{
    set_cookie(page, "", "; Max-Age=0");
    QW_TRY(qw_session_end(db, page->session->id, page->pool));
    return note(page, db, "person.logout", page->person->id);
}

static qw_problem_t *end_foreign(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    const qw_page_t *page = baton;

    QW_TRY(qw_session_end(db, page->foreign->id, pool));
    return note(page, db, "person.replaced", page->foreign->person_id);
}

qw_problem_t *qw_session_end_foreign(qw_page_t *page)
{
    if (page->foreign == NULL)
        return NULL;
    qw_log(
        QW_LOG_NOTICE, 0, page->pool,
        "QW0582: portal of %s: a session of person %s ends: it came with the "
        "login of somebody else, or with none",
        page->portal->authority->name, page->foreign->person_id);
    set_cookie(page, "", "; Max-Age=0");
    return qw_store_write(page->portal->store, end_foreign, page, page->pool);
}

qw_problem_t *qw_session_copied(const qw_page_t *page, qw_db_t *db,
                                const qw_authenticator_t *a, apr_int64_t count)
{
    json_t *detail = qw_json_new_object(page->pool);
    qw_registry_t r;

    qw_page_registry(&r, page, db);
    json_object_set_new(detail, "authenticator", json_string(a->id));
    json_object_set_new(detail, "had", json_integer(a->sign_count));
    json_object_set_new(detail, "came", json_integer(count));
    return qw_registry_note(&r, "authenticator.copied", "person", a->person_id,
                            detail);
}

qw_problem_t *qw_session_copy_problem(const qw_page_t *page,
                                      const qw_authenticator_t *a)
{
    qw_log(
        QW_LOG_ERR, 0, page->pool,
        "QW0470: portal: passkey %s of person %s was copied: its counter did "
        "not go up; remove it (qwacmectl passkey remove)",
        a->id, a->person_id);
    return QW_FAIL(page->pool, UNAUTHORIZED,
                   "this passkey seems to be a copy of another; ask the "
                   "provider");
}

qw_problem_t *qw_csrf_check(const qw_page_t *page)
{
    const char *origin = page->visit->origin, *site = page->visit->fetch_site;
    const char *token = qw_page_field(page, "csrf");

    if (origin == NULL || strcmp(origin, page->portal->rp.origin) != 0
        || (site != NULL && strcmp(site, "same-origin") != 0))
        return QW_FAIL(page->pool, UNAUTHORIZED,
                       "this form was sent from another site");
    if (page->session != NULL
        && (strlen(token) != strlen(page->csrf)
            || CRYPTO_memcmp(token, page->csrf, strlen(token)) != 0))
        return QW_FAIL(page->pool, UNAUTHORIZED,
                       "this form is of another session; open the page again");
    return NULL;
}
