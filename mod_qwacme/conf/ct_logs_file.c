/* The list of Certificate Transparency logs, JSON of version 3 as browsers
 * publish it: which logs take submissions, by their operators. */
#include "conf/setters.h"
#include "conf/value.h"

#include "base/b64.h"
#include "base/own.h"
#include "base/text.h"

#include <apr_strings.h>
#include <openssl/evp.h>

#include <string.h>

enum { ID_BYTES = 32 };

typedef struct {
    const qw_setting_t *s;
    const char *operator_name;
    apr_array_header_t *logs; /* of qw_ct_log_t */
} list_t;

static const char *text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* A log whose list does not say so takes nothing. */
static int is_open(const json_t *entry)
{
    const json_t *state = json_object_get(entry, "state");

    return json_object_get(state, "usable") != NULL
           || json_object_get(state, "qualified") != NULL;
}

/* Its key must be the one that its id says. */
static const char *read_key(qw_ct_log_t *log, const json_t *entry,
                            apr_pool_t *pool)
{
    const char *key = text(entry, "key"), *id = text(entry, "log_id");
    unsigned char hash[ID_BYTES];
    qw_bytes_t want;

    if (key == NULL || id == NULL || !qw_b64_decode(&log->key, key, pool)
        || !qw_b64_decode(&want, id, pool) || want.len != ID_BYTES)
        return "has no log_id or no key in base64";
    EVP_Q_digest(NULL, "SHA256", NULL, log->key.data, log->key.len, hash, NULL);
    if (memcmp(hash, want.data, ID_BYTES) != 0)
        return "has a log_id that is not the SHA-256 of its key";
    log->id = qw_hex_encode(hash, ID_BYTES, pool);
    return NULL;
}

static const char *read_interval(qw_ct_log_t *log, const json_t *entry)
{
    const json_t *interval = json_object_get(entry, "temporal_interval");
    const char *from, *until;

    if (interval == NULL)
        return NULL;
    from = text(interval, "start_inclusive");
    until = text(interval, "end_exclusive");
    if (from == NULL || until == NULL || !qw_text_parse_time(&log->from, from)
        || !qw_text_parse_time(&log->until, until))
        return "has a temporal_interval without two times";
    return NULL;
}

/* Logs of the static API say where to submit by another member. */
static const char *read_url(qw_ct_log_t *log, const json_t *entry,
                            const list_t *list)
{
    const char *url = text(entry, "submission_url");
    char *copy;

    if (url == NULL)
        url = text(entry, "url");
    if (url == NULL
        || (!qw_value_is_url(url, "https://")
            && !qw_value_is_url(url, "http://")))
        return "has no URL";
    copy = apr_pstrdup(list->s->pool, url);
    while (copy[strlen(copy) - 1] == '/')
        copy[strlen(copy) - 1] = '\0';
    log->url = copy;
    return NULL;
}

static const char *read_log(list_t *list, const json_t *entry)
{
    const char *description = text(entry, "description"), *what;
    qw_ct_log_t log = { 0 };

    if (!is_open(entry))
        return NULL;
    log.operator_name = list->operator_name;
    log.description = qw_text_safe(description != NULL ? description : "a log",
                                   64, list->s->pool);
    what = read_key(&log, entry, list->s->pool);
    if (what == NULL)
        what = read_interval(&log, entry);
    if (what == NULL)
        what = read_url(&log, entry, list);
    if (what != NULL)
        return apr_psprintf(list->s->pool, "%s: '%s': log '%s' %s",
                            list->s->name, list->s->argv[0], log.description,
                            what);
    APR_ARRAY_PUSH(list->logs, qw_ct_log_t) = log;
    return NULL;
}

static const char *read_logs(list_t *list, const json_t *logs)
{
    const json_t *entry;
    const char *error = NULL;
    apr_size_t i;

    json_array_foreach(logs, i, entry)
    {
        if (error == NULL)
            error = read_log(list, entry);
    }
    return error;
}

static const char *read_operators(list_t *list, const json_t *root)
{
    const json_t *operators = json_object_get(root, "operators"), *one;
    const char *error = NULL;
    apr_size_t i;

    json_array_foreach(operators, i, one)
    {
        const char *name = text(one, "name");

        list->operator_name =
            qw_text_safe(name != NULL ? name : "", 64, list->s->pool);
        if (error == NULL)
            error = read_logs(list, json_object_get(one, "logs"));
        if (error == NULL)
            error = read_logs(list, json_object_get(one, "tiled_logs"));
    }
    if (error == NULL && list->logs->nelts == 0)
        return qw_value_bad(list->s, list->s->argv[0],
                            "names no log that is usable or qualified");
    return error;
}

const char *qw_set_ct_logs(const qw_setting_t *s)
{
    list_t list = { s, NULL, apr_array_make(s->pool, 16, sizeof(qw_ct_log_t)) };
    const char *error;
    json_error_t why;
    json_t *root;

    if (s->argv[0][0] != '/')
        return qw_value_bad(s, s->argv[0],
                            "is not an absolute path; start it with '/'");
    root = json_load_file(s->argv[0], JSON_REJECT_DUPLICATES, &why);
    if (root == NULL)
        return apr_psprintf(s->pool, "%s: '%s': %s", s->name, s->argv[0],
                            qw_text_safe(why.text, 120, s->pool));
    error = read_operators(&list, root);
    json_decref(root);
    *(apr_array_header_t **)s->member = list.logs;
    return error;
}
