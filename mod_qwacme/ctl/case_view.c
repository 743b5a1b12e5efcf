/* Cases as people and programs see them. */
#include "ctl/ctl.h"

#include "base/text.h"
#include "ca/revoke.h"

#include <apr_strings.h>

#include <string.h>

enum { VALUE_MOST = 4096 };

static void put_int(json_t *object, const char *name, apr_int64_t value)
{
    json_object_set_new(object, name, json_integer(value));
}

json_t *qwc_case_json(const qw_case_t *c, apr_pool_t *pool)
{
    json_t *object = qw_json_new_object(pool);

    qw_put_text(object, "case", c->id);
    qw_put_text(object, "kind", c->kind);
    qw_put_text(object, "subject", c->subject);
    qw_put_text(object, "status", qw_state_word(c->status));
    json_object_set_new(object, "options", json_loads(c->options, 0, NULL));
    put_int(object, "items", c->total);
    qw_put_text(object, "openedBy", c->opened_by);
    qw_put_time(object, "opened", c->opened, pool);
    qw_put_time(object, "due", c->due, pool);
    qw_put_text(object, "contact", c->contact);
    qw_put_text(object, "text", c->text);
    qw_put_text(object, "approvedBy", c->approved_by);
    qw_put_time(object, "approved", c->approved, pool);
    qw_put_text(object, "conclusion", c->conclusion);
    qw_put_text(object, "closedBy", c->closed_by);
    qw_put_time(object, "closed", c->closed, pool);
    return object;
}

json_t *qwc_item_json(const qw_case_item_t *i, const char *authority,
                      apr_pool_t *pool)
{
    json_t *object = qw_json_new_object(pool);

    if (i->seq != 0)
        put_int(object, "seq", i->seq);
    qw_put_text(object, "kind", i->kind);
    qw_put_text(object, "subject", i->subject_id);
    qw_put_text(object, "label", i->label);
    if (strcmp(i->authority, authority) != 0)
        qw_put_text(object, "authority", i->authority);
    if (strcmp(i->kind, QW_ITEM_REVOKE) == 0)
        qw_put_text(object, "reason", qw_reason_name((int)i->reason));
    if (i->flagged)
        json_object_set_new(object, "inWindow", json_true());
    qw_put_time(object, "notBefore", i->not_before, pool);
    qw_put_text(object, "status", qw_state_word(i->status));
    qw_put_time(object, "at", i->at, pool);
    qw_put_text(object, "by", i->actor);
    qw_put_text(object, "result", i->result);
    qw_put_time(object, "requestedAt", i->requested_at, pool);
    qw_put_time(object, "revokedAt", i->revoked_at, pool);
    qw_put_time(object, "publishedAt", i->published_at, pool);
    if (i->crl_number != 0)
        put_int(object, "crlNumber", i->crl_number);
    return object;
}

static void push(apr_array_header_t *lines, const char *line)
{
    APR_ARRAY_PUSH(lines, const char *) = line;
}

/* What others wrote, line by line. */
static void push_text(apr_array_header_t *lines, const char *text,
                      apr_pool_t *pool)
{
    while (*text != '\0') {
        apr_size_t n = strcspn(text, "\n");

        push(lines, apr_pstrcat(pool, "    ",
                                qw_text_safe(apr_pstrmemdup(pool, text, n),
                                             VALUE_MOST, pool),
                                NULL));
        text += n + (text[n] == '\n');
    }
}

void qwc_case_lines(apr_array_header_t *lines, const qw_case_t *c,
                    apr_pool_t *pool)
{
    json_t *object = qwc_case_json(c, pool), *value;
    const char *key;

    json_object_foreach(object, key, value)
    {
        const char *text = json_is_string(value) ? json_string_value(value)
                                                 : qw_json_dump(value, pool);

        if (strcmp(key, "text") == 0) {
            push(lines, "text:");
            push_text(lines, text, pool);
        }
        else if (json_is_string(value))
            push(lines, apr_psprintf(pool, "%-14s%s",
                                     apr_pstrcat(pool, key, ":", NULL),
                                     qw_text_safe(text, VALUE_MOST, pool)));
        else
            push(lines, apr_psprintf(pool, "%-14s%s",
                                     apr_pstrcat(pool, key, ":", NULL), text));
    }
}

/* [REV-22] When revocation was asked for, done, and told to the world. */
static const char *revocation_line(const qw_case_item_t *i, apr_pool_t *pool)
{
    const char *published = "not yet published";

    if (i->published_at != 0)
        published = apr_pstrcat(pool, "published ",
                                qw_text_time(i->published_at, pool), NULL);
    if (i->revoked_at == 0)
        return "";
    return apr_pstrcat(pool, "; requested ",
                       qw_text_time(i->requested_at, pool), ", revoked ",
                       qw_text_time(i->revoked_at, pool), ", ", published,
                       NULL);
}

const char *qwc_item_line(const qw_case_item_t *i, apr_pool_t *pool)
{
    const char *when = "";

    if (i->at != 0)
        when = apr_pstrcat(pool, "  ", qw_text_time(i->at, pool), " ", i->actor,
                           ": ", i->result, NULL);
    else if (i->not_before != 0)
        when =
            apr_pstrcat(pool, "  at ", qw_text_time(i->not_before, pool), NULL);
    return apr_psprintf(pool, "%s%-17s%-8s%s  %s%s%s", i->flagged ? "* " : "  ",
                        i->kind, qw_state_word(i->status),
                        qw_text_safe(i->label, 256, pool), i->subject_id, when,
                        revocation_line(i, pool));
}

json_t *qwc_counts_of(const apr_array_header_t *items, apr_pool_t *pool)
{
    json_t *counts = qw_json_new_object(pool);

    for (int i = 0; i < items->nelts; i++) {
        const char *kind = APR_ARRAY_IDX(items, i, qw_case_item_t *)->kind;

        put_int(counts, kind,
                json_integer_value(json_object_get(counts, kind)) + 1);
    }
    return counts;
}

const char *qwc_counts_line(const json_t *counts, apr_pool_t *pool)
{
    apr_array_header_t *words = apr_array_make(pool, 8, sizeof(const char *));
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)counts, key, value)
        push(words,
             apr_psprintf(pool, "%s %s", qw_json_dump(value, pool), key));
    return words->nelts > 0 ? qw_text_join(words, ", ", pool) : "nothing";
}
