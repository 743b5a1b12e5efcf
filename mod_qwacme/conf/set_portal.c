/* Setters of the portal's directives. */
#include "base/text.h"
#include "conf/setters.h"
#include "conf/value.h"

#include <apr_strings.h>

#include <string.h>
#include <strings.h>

static const char *span(apr_interval_time_t *value, const qw_setting_t *s,
                        int n)
{
    qw_setting_t one = *s;

    one.member = value;
    one.argv = s->argv + n;
    one.argc = 1;
    return qw_set_span(&one);
}

const char *qw_set_portal_session(const qw_setting_t *s)
{
    qw_authority_t *a = s->authority;
    const char *error = span(&a->portal_idle, s, 0);

    if (error == NULL && s->argc > 1)
        error = span(&a->portal_most, s, 1);
    if (error == NULL && a->portal_idle > a->portal_most)
        return qw_value_bad(s, s->argv[0],
                            "is longer than a session lasts at most; write the "
                            "longer time second");
    return error;
}

/* 8-4-4-4-12 hexadecimal digits. */
static int is_aaguid(const char *text)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

    if (strlen(text) != sizeof form - 1)
        return 0;
    for (apr_size_t i = 0; i < sizeof form - 1; i++)
        if (form[i] == '-' ? text[i] != '-'
                           : strchr("0123456789abcdef", text[i]) == NULL)
            return 0;
    return 1;
}

const char *qw_set_aaguids(const qw_setting_t *s)
{
    apr_array_clear(s->authority->passkey_aaguids);
    for (int i = 0; i < s->argc; i++) {
        const char *lower = qw_text_lower(s->argv[i], s->pool);

        if (!is_aaguid(lower))
            return qw_value_bad(s, s->argv[i],
                                "is no AAGUID; write it as "
                                "ee882879-721c-4913-9775-3dfcce97072a");
        APR_ARRAY_PUSH(s->authority->passkey_aaguids, const char *) = lower;
    }
    return NULL;
}

/* ---- who says who is at the portal ------------------------------------------ */

/* What a browser sends is in these, whoever set up httpd. */
static int is_of_request(const char *name)
{
    static const char *const prefixes[] = { "HTTP_",     "REQUEST_", "QUERY_",
                                            "PATH_",     "SCRIPT_",  "CONTENT_",
                                            "DOCUMENT_", "REDIRECT_" };
    static const char *const names[] = { "REMOTE_ADDR", "REMOTE_HOST",
                                         "REMOTE_PORT", "REMOTE_IDENT" };

    for (unsigned i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (strncasecmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return 1;
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcasecmp(name, names[i]) == 0)
            return 1;
    return 0;
}

/* What would let its reader in, or is the whole of a certificate or assertion. */
static int is_secret(const char *name, apr_pool_t *pool)
{
    const char *lower = qw_text_lower(name, pool);

    return strstr(lower, "token") != NULL || strstr(lower, "password") != NULL
           || strstr(lower, "secret") != NULL
           || strcmp(lower, "ssl_session_id") == 0
           || strcmp(lower, "mellon_session") == 0
           || strcmp(lower, "mellon_saml_response") == 0;
}

static const char *variable_fault(const qw_setting_t *s, const char *name)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.:/";

    if (*name == '\0' || strspn(name, allowed) != strlen(name))
        return qw_value_bad(s, name,
                            "is no name of a variable; write it as "
                            "SSL_CLIENT_S_DN_CN");
    if (is_of_request(name))
        return qw_value_bad(s, name,
                            "comes from the request, which anybody writes; "
                            "name a variable that an authentication module of "
                            "httpd sets");
    if (is_secret(name, s->pool))
        return qw_value_bad(s, name,
                            "is a secret, and what is named here is kept as "
                            "evidence; name another variable");
    return NULL;
}

/* "NAME=VALUE", or "NAME" for any value. */
static const char *add_need(apr_array_header_t *needs, const qw_setting_t *s,
                            const char *text)
{
    const char *is = strchr(text, '=');
    qw_need_t need;
    const char *error;

    need.name = is != NULL
                    ? apr_pstrmemdup(s->pool, text, (apr_size_t)(is - text))
                    : apr_pstrdup(s->pool, text);
    need.value = is != NULL ? apr_pstrdup(s->pool, is + 1) : NULL;
    error = variable_fault(s, need.name);
    if (error != NULL)
        return error;
    if (need.value != NULL && *need.value == '\0')
        return qw_value_bad(s, text, "has no value; write NAME=VALUE or NAME");
    APR_ARRAY_PUSH(needs, qw_need_t) = need;
    return NULL;
}

const char *qw_set_portal_auth(const qw_setting_t *s)
{
    qw_authority_t *a = s->authority;
    const char *error = NULL;

    a->portal_subject = NULL;
    apr_array_clear(a->portal_needs);
    if (strcmp(s->argv[0], "webauthn") == 0)
        return s->argc == 1 ? NULL
                            : qw_value_bad(s, s->argv[1],
                                           "is too much; write webauthn alone");
    if (strcmp(s->argv[0], "env") != 0)
        return qw_value_bad(s, s->argv[0], "is neither webauthn nor env");
    if (s->argc < 2)
        return qw_value_bad(s, "env",
                            "names nobody; write the variable that does, as "
                            "env SSL_CLIENT_S_DN_CN");
    if (strchr(s->argv[1], '=') != NULL)
        return qw_value_bad(s, s->argv[1],
                            "is the same for everybody; write the variable "
                            "that names the person first");
    error = variable_fault(s, s->argv[1]);
    for (int i = 2; error == NULL && i < s->argc; i++)
        error = add_need(a->portal_needs, s, s->argv[i]);
    a->portal_subject = apr_pstrdup(s->pool, s->argv[1]);
    return error;
}

/* What follows KEY ("max-age=") in TEXT; NULL if that is not how it begins. */
static const char *after(const char *text, const char *key)
{
    apr_size_t n = strlen(key);

    return strncmp(text, key, n) == 0 ? text + n : NULL;
}

static const char *set_location(const qw_setting_t *s, const char *url)
{
    if ((*url != '/' && !qw_value_is_url(url, "https://"))
        || strstr(url, "%{return}") == NULL)
        return qw_value_bad(s, url,
                            "is no way there and back; write a path or an "
                            "https URL with %{return} in it");
    s->authority->step_up_location = apr_pstrdup(s->pool, url);
    return NULL;
}

static const char *set_step_up(const qw_setting_t *s, const char *text)
{
    qw_authority_t *a = s->authority;
    const char *value;
    qw_setting_t one = *s;

    if ((value = after(text, "max-age=")) != NULL) {
        one.member = &a->step_up_age;
        one.argv = &value;
        one.argc = 1;
        return qw_set_span(&one);
    }
    if ((value = after(text, "location=")) != NULL)
        return set_location(s, value);
    if ((value = after(text, "auth-time=")) == NULL)
        return add_need(a->step_up_needs, s, text);
    a->step_up_time = apr_pstrdup(s->pool, value);
    return variable_fault(s, value);
}

const char *qw_set_step_up(const qw_setting_t *s)
{
    qw_authority_t *a = s->authority;
    const char *error = NULL;

    a->step_up_time = a->step_up_location = NULL;
    apr_array_clear(a->step_up_needs);
    for (int i = 0; error == NULL && i < s->argc; i++)
        error = set_step_up(s, s->argv[i]);
    if (error == NULL && a->step_up_time == NULL)
        return qw_value_bad(s, s->argv[0],
                            "does not say when a person logged in; add "
                            "auth-time=VARIABLE or auth-time=connection");
    return error;
}
