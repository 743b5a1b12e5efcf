/* What modules of httpd say of who is there, and when they saw it proven. */
#include "portal/env.h"

#include "base/b64.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/world.h"

#include <apr_strings.h>
#include <unicase.h>
#include <uninorm.h>

#include <stdlib.h>
#include <string.h>

enum { SUBJECT_MOST = 512, VALUE_MOST = 4096, DIGITS_MOST = 12 };

/* Clocks of two machines. */
static const apr_interval_time_t ahead_most = APR_TIME_C(5) * APR_USEC_PER_SEC;

static const char by_connection[] = "connection";

int qw_env_is_asked(const qw_page_t *page)
{
    return page->portal->authority->portal_subject != NULL;
}

/* NULL if httpd has no such variable, or it is empty. */
static const char *variable(const qw_page_t *page, const char *name)
{
    const char *value = page->visit->variable != NULL
                            ? page->visit->variable(page->visit->baton, name)
                            : NULL;

    return value != NULL && *value != '\0' && strlen(value) <= VALUE_MOST
                   && qw_text_is_utf8(value, strlen(value))
               ? value
               : NULL;
}

static void keep(qw_env_t *env, const char *name, const char *value)
{
    json_object_set_new(env->variables, name, json_string(value));
}

/* ---- subjects ------------------------------------------------------------- */

/* Distinguished names have quotes and backslashes; nobody reads control and
 * format characters. */
static int is_legible(const char *text, apr_pool_t *pool)
{
    char *copy = apr_pstrdup(pool, text);

    for (char *c = copy; *c != '\0'; c++)
        if (strchr("\"'\\", *c) != NULL)
            *c = '.';
    return strcmp(qw_text_safe(copy, SUBJECT_MOST, pool), copy) == 0;
}

static int is_subject(const char *text, apr_pool_t *pool)
{
    apr_size_t len = strlen(text);

    return len > 0 && len <= SUBJECT_MOST && text[0] != ' '
           && text[len - 1] != ' ' && strstr(text, "  ") == NULL
           && is_legible(text, pool);
}

qw_problem_t *qw_env_key(const char **key, const char *authority,
                         const char *name, const char *value, apr_pool_t *pool)
{
    size_t len = 0;
    uint8_t *folded;

    if (!is_subject(value, pool))
        return QW_FAIL(pool, INVALID_INPUT, "%s: '%s' names nobody", name,
                       qw_text_safe(value, 64, pool));
    folded = u8_casefold((const uint8_t *)value, strlen(value) + 1, NULL,
                         UNINORM_NFKC, NULL, &len);
    if (folded == NULL)
        return QW_FAIL(pool, SERVER_INTERNAL,
                       "the subject could not be folded");
    *key = apr_pstrcat(pool, "env:", authority, ":", name, "=",
                       (const char *)folded, NULL);
    free(folded);
    return NULL;
}

/* ---- needs ---------------------------------------------------------------- */

/* Needs of one name are alternatives: one of them is enough. */
static int is_met(const apr_array_header_t *needs, const char *name,
                  const char *value)
{
    for (int i = 0; value != NULL && i < needs->nelts; i++) {
        const qw_need_t *n = &APR_ARRAY_IDX(needs, i, qw_need_t);

        if (strcmp(n->name, name) == 0
            && (n->value == NULL || strcmp(n->value, value) == 0))
            return 1;
    }
    return 0;
}

/* The value is for the log alone: whoever is not let in learns what to do. */
static qw_problem_t *unmet(const qw_page_t *page, const char *name,
                           const char *value)
{
    qw_log(QW_LOG_INFO, 0, page->pool,
           "QW0580: portal of %s: nobody is let in, or confirms anything: "
           "variable %s is %s%s%s",
           page->portal->authority->name, name, value != NULL ? "'" : "",
           value != NULL ? qw_text_safe(value, 128, page->pool) : "missing",
           value != NULL ? "'" : "");
    return QW_FAIL(page->pool, UNAUTHORIZED,
                   "your login is not one that this portal asks for: %s %s",
                   name, value != NULL ? "says something else" : "is missing");
}

static qw_problem_t *meet(qw_env_t *env, const qw_page_t *page,
                          const apr_array_header_t *needs)
{
    for (int i = 0; i < needs->nelts; i++) {
        const char *name = APR_ARRAY_IDX(needs, i, qw_need_t).name;
        const char *value = variable(page, name);

        if (!is_met(needs, name, value))
            return unmet(page, name, value);
        keep(env, name, value);
    }
    return NULL;
}

qw_problem_t *qw_env_read(qw_env_t **env, const qw_page_t *page)
{
    const qw_authority_t *a = page->portal->authority;
    const char *subject = variable(page, a->portal_subject);
    qw_env_t *e = apr_pcalloc(page->pool, sizeof(*e));

    if (subject == NULL || !is_subject(subject, page->pool))
        return unmet(page, a->portal_subject, subject);
    e->subject = apr_pstrcat(page->pool, a->portal_subject, "=", subject, NULL);
    QW_TRY(
        qw_env_key(&e->key, a->name, a->portal_subject, subject, page->pool));
    e->variables = qw_json_new_object(page->pool);
    keep(e, a->portal_subject, subject);
    QW_TRY(meet(e, page, a->portal_needs));
    *env = e;
    return NULL;
}

qw_problem_t *qw_env_find(qw_authenticator_t **authenticator,
                          const qw_page_t *page, qw_db_t *db)
{
    const char *authority = page->portal->authority->name;
    qw_authenticator_t *found;
    qw_person_t *person;

    QW_TRY(qw_authenticator_find(&found, db, page->env->key, page->pool));
    if (found == NULL || found->subject == NULL
        || strcmp(found->subject, page->env->subject) != 0)
        return QW_FAIL(page->pool, UNAUTHORIZED,
                       "nobody is known here by your login; ask the provider "
                       "for an invitation");
    QW_TRY(qw_person_get(&person, db, found->person_id, page->pool));
    if (*person->authority != '\0' && strcmp(person->authority, authority) != 0)
        return QW_FAIL(page->pool, UNAUTHORIZED,
                       "nobody is known here by your login; ask the provider "
                       "for an invitation");
    *authenticator = found;
    return NULL;
}

/* ---- step-up -------------------------------------------------------------- */

/* 1 and *WHEN of seconds since 1970, as OpenID Connect has them, or RFC 3339. */
static int parse_when(apr_time_t *when, const char *text)
{
    apr_size_t len = strlen(text);

    if (len > 0 && len <= DIGITS_MOST && strspn(text, "0123456789") == len) {
        *when = apr_time_from_sec(apr_atoi64(text));
        return 1;
    }
    return strchr(text, 'T') != NULL && qw_text_parse_time(when, text);
}

/* A key was used for this connection after it came, and for no earlier one that
 * this resumes. By the authority's clock, not later than it was. */
static qw_problem_t *connected_at(apr_time_t *at, const qw_page_t *page)
{
    static const char name[] = "SSL_SESSION_RESUMED";
    const char *resumed = variable(page, name);
    apr_time_t now = qw_authority_now(page->portal->authority);

    if (resumed == NULL || strcmp(resumed, "Initial") != 0)
        return unmet(page, name, resumed);
    keep(page->env, name, resumed);
    *at = page->visit->connected + now - qw_world()->now();
    return NULL;
}

static qw_problem_t *authenticated_at(apr_time_t *at, const qw_page_t *page)
{
    const char *name = page->portal->authority->step_up_time, *text;

    if (strcmp(name, by_connection) == 0)
        return connected_at(at, page);
    text = variable(page, name);
    if (text == NULL || !parse_when(at, text))
        return unmet(page, name, text);
    keep(page->env, name, text);
    return NULL;
}

static qw_problem_t *check_when(apr_time_t at, const qw_page_t *page,
                                apr_time_t shown, apr_time_t used_at)
{
    const qw_authority_t *a = page->portal->authority;

    if (at > page->now + ahead_most) {
        qw_log(QW_LOG_ERR, 0, page->pool,
               "QW0581: portal of %s: a login at %s is in the future; see that "
               "both clocks are right",
               a->name, qw_text_time(at, page->pool));
        return QW_FAIL(page->pool, UNAUTHORIZED,
                       "your login is in the future; ask the provider");
    }
    if (at <= shown || at <= used_at)
        return QW_FAIL(page->pool, UNAUTHORIZED,
                       "you have not logged in again for this change since it "
                       "was shown to you; do so to confirm it");
    if (page->now - at > a->step_up_age)
        return QW_FAIL(page->pool, UNAUTHORIZED,
                       "it is more than %s that you logged in; log in again "
                       "to confirm the change",
                       qw_text_span(apr_time_sec(a->step_up_age), page->pool));
    return NULL;
}

qw_problem_t *qw_env_step_up(apr_time_t *at, const qw_page_t *page,
                             apr_time_t shown, const qw_authenticator_t *a)
{
    QW_TRY(meet(page->env, page, page->portal->authority->step_up_needs));
    QW_TRY(authenticated_at(at, page));
    return check_when(*at, page, shown, a->used_at);
}

/* Everything but RFC 3986's unreserved characters as %XX. */
static const char *escape(const char *text, apr_pool_t *pool)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    char *out = apr_palloc(pool, strlen(text) * 3 + 1), *o = out;

    for (; *text != '\0'; text++)
        if (strchr(plain, *text) != NULL)
            *o++ = *text;
        else
            o += apr_snprintf(o, 4, "%%%02X", (unsigned char)*text);
    *o = '\0';
    return out;
}

const char *qw_env_step_up_url(const qw_page_t *page,
                               const qw_confirmation_t *c)
{
    static const char mark[] = "%{return}";
    const char *url = page->portal->authority->step_up_location, *at;

    if (url == NULL)
        return NULL;
    at = strstr(url, mark);
    return apr_pstrcat(page->pool,
                       apr_pstrmemdup(page->pool, url, (apr_size_t)(at - url)),
                       escape(apr_pstrcat(page->pool, page->portal->rp.origin,
                                          page->portal->base_path, "/return/",
                                          c->id, NULL),
                              page->pool),
                       at + sizeof mark - 1, NULL);
}

/* ---- evidence ------------------------------------------------------------- */

static void put_time(json_t *object, const char *name, apr_time_t when,
                     apr_pool_t *pool)
{
    json_object_set_new(object, name, json_string(qw_text_time(when, pool)));
}

qw_problem_t *qw_env_proof(const char **proof, const qw_page_t *page,
                           const qw_confirmation_t *c,
                           const qw_authenticator_t *a, apr_time_t at)
{
    json_t *object = qw_json_new_object(page->pool);
    const char *hash = qw_hex_sha256(c->action, strlen(c->action), page->pool);

    if (hash == NULL)
        return QW_FAIL(page->pool, SERVER_INTERNAL, "no SHA-256");
    json_object_set_new(object, "action", json_string(hash));
    json_object_set_new(object, "authenticator", json_string(a->id));
    json_object_set_new(object, "confirmation", json_string(c->id));
    json_object_set_new(object, "subject", json_string(a->subject));
    json_object_set(object, "variables", page->env->variables);
    put_time(object, "shown", c->shown, page->pool);
    put_time(object, "authenticated", at, page->pool);
    put_time(object, "confirmed", page->now, page->pool);
    *proof = qw_json_dump(object, page->pool);
    return NULL;
}
