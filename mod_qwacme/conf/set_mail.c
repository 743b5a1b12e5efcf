/* Setters of what reminders by mail need; the password of the mail server. */
#include "base/secret.h"
#include "base/text.h"
#include "conf/setters.h"
#include "conf/value.h"

#include <apr_strings.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CREDENTIAL "credential:"
#define FILE_LETTERS                                                           \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

enum { REMINDERS_MOST = 8, REMINDER_MOST_DAYS = 365 };

static int is_host_and_port(const char *text)
{
    return text[strcspn(text, "/?#@%\"")] == '\0' && *text != ':';
}

static const char *set_tls(const qw_setting_t *s, const char *value)
{
    if (strcmp(value, "tls=required") == 0)
        s->conf->mail_tls = QW_MAIL_TLS_REQUIRED;
    else if (strcmp(value, "tls=never") == 0)
        s->conf->mail_tls = QW_MAIL_TLS_NEVER;
    else
        return qw_value_bad(s, value, "is neither tls=required nor tls=never");
    return NULL;
}

const char *qw_set_mail_server(const qw_setting_t *s)
{
    const char *url = s->argv[0];
    int smtp = qw_value_is_url(url, "smtp://");

    if ((!smtp && !qw_value_is_url(url, "smtps://"))
        || !is_host_and_port(strstr(url, "//") + 2))
        return qw_value_bad(s, url,
                            "is not smtp://HOST:PORT or smtps://HOST:PORT; a "
                            "user's name stands in QwacmeMailUser");
    s->conf->mail_tls = QW_MAIL_TLS_BY_HOST;
    if (s->argc > 1 && !smtp)
        return qw_value_bad(s, s->argv[1],
                            "is for smtp:// only; smtps:// is TLS always");
    s->conf->mail_server = apr_pstrdup(s->pool, url);
    return s->argc > 1 ? set_tls(s, s->argv[1]) : NULL;
}

static int is_credential(const char *name)
{
    return *name != '\0' && *name != '.'
           && name[strspn(name, FILE_LETTERS)] == '\0';
}

const char *qw_set_mail_user(const qw_setting_t *s)
{
    const char *where = s->argv[1], *name = where + strlen(CREDENTIAL);

    if (s->argv[0][0] == '\0')
        return qw_value_bad(s, "", "is empty; write the user's name");
    s->conf->mail_password_path = s->conf->mail_credential = NULL;
    if (strncmp(where, CREDENTIAL, strlen(CREDENTIAL)) == 0) {
        if (!is_credential(name))
            return qw_value_bad(s, where,
                                "names no credential; write the ID of a "
                                "LoadCredential= of the service");
        s->conf->mail_credential = apr_pstrdup(s->pool, name);
    }
    else if (where[0] != '/') /* which may be the password: it is not shown */
        return qw_value_bad(s, s->argv[0],
                            "is followed by no absolute path; name a file "
                            "that holds the password, or credential:NAME");
    else
        s->conf->mail_password_path = apr_pstrdup(s->pool, where);
    s->conf->mail_user = apr_pstrdup(s->pool, s->argv[0]);
    return NULL;
}

const char *qw_set_reminders(const qw_setting_t *s)
{
    apr_array_header_t *times = s->authority->reminders;
    apr_interval_time_t last = 0;

    apr_array_clear(times);
    if (s->argc == 1 && strcmp(s->argv[0], "none") == 0)
        return NULL;
    for (int i = 0; i < s->argc; i++) {
        apr_int64_t seconds;

        if (i >= REMINDERS_MOST || !qw_text_parse_span(&seconds, s->argv[i])
            || seconds < 3600
            || seconds > (apr_int64_t)REMINDER_MOST_DAYS * 86400)
            return qw_value_bad(s, s->argv[i],
                                "is not one of up to 8 times from 1h to 365d; "
                                "write 30d 14d 7d 1d, or none alone");
        if (i > 0 && apr_time_from_sec(seconds) >= last)
            return qw_value_bad(s, s->argv[i],
                                "is not shorter than the one before; write "
                                "the longest first");
        last = apr_time_from_sec(seconds);
        APR_ARRAY_PUSH(times, apr_interval_time_t) = last;
    }
    return NULL;
}

int qw_conf_mail_is_local(const qw_conf_t *conf)
{
    static const char *const local[] = { "localhost", "127.0.0.1", "[::1]" };
    const char *host = strstr(conf->mail_server, "//") + 2;

    for (unsigned i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
        apr_size_t len = strlen(local[i]);

        if (strncasecmp(host, local[i], len) == 0
            && (host[len] == '\0' || host[len] == ':'))
            return 1;
    }
    return 0;
}

/* ---- the password ------------------------------------------------------------ */

qw_problem_t *qw_conf_load_mail_password(qw_conf_t *conf, apr_pool_t *pool)
{
    static const char directive[] = "QwacmeMailUser";
    const char *path = conf->mail_password_path;

    if (conf->mail_user == NULL)
        return NULL;
    if (conf->mail_credential != NULL)
        QW_TRY(qw_secret_credential(&path, conf->mail_credential, directive,
                                    pool));
    return qw_secret_read(&conf->mail_password, path,
                          apr_pstrcat(pool, directive, ": '", path, "'", NULL),
                          "password", pool);
}
