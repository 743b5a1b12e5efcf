/* A statement as a table, and for people. */
#include "audit/statement.h"

#include "base/text.h"

#include <apr_strings.h>

#include <string.h>

/* Text that grows in a pool. */
typedef struct {
    char *text;
    apr_size_t len, room;
    apr_pool_t *pool;
} out_t;

static void put_bytes(out_t *out, const char *text, apr_size_t len)
{
    if (out->len + len >= out->room) {
        char *more;

        out->room = (out->room + len) * 2 + 1024;
        more = apr_palloc(out->pool, out->room);
        if (out->len > 0)
            memcpy(more, out->text, out->len);
        out->text = more;
    }
    memcpy(out->text + out->len, text, len);
    out->len += len;
    out->text[out->len] = '\0';
}

static void put(out_t *out, const char *text)
{
    put_bytes(out, text, strlen(text));
}

/* A member as it is: a list with spaces between, "" if there is none. */
static const char *member_of(const json_t *object, const char *name,
                             apr_pool_t *pool)
{
    const json_t *value = json_object_get(object, name), *item;
    const char *all = "";
    apr_size_t i;

    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_integer(value))
        return apr_psprintf(pool, "%" APR_INT64_T_FMT,
                            (apr_int64_t)json_integer_value(value));
    json_array_foreach(value, i, item)
    {
        all = apr_pstrcat(pool, all, i > 0 ? " " : "",
                          json_is_string(item) ? json_string_value(item) : "",
                          NULL);
    }
    return all;
}

/* OPR-17: nothing that a terminal or a spreadsheet would obey. */
static const char *text_of(const json_t *object, const char *name,
                           apr_pool_t *pool)
{
    return qw_text_shown(member_of(object, name, pool), pool);
}

/* ---- CSV ---- */

/* OPR-17: what a spreadsheet would run is text. RFC 4180. */
static void put_cell(out_t *out, const char *text)
{
    put(out, "\"");
    if (*text != '\0' && strchr("=+-@", *text) != NULL)
        put(out, "'");
    while (*text != '\0') {
        apr_size_t n = strcspn(text, "\"");

        put_bytes(out, text, n);
        text += n;
        if (*text == '"') {
            put(out, "\"\"");
            text++;
        }
    }
    put(out, "\"");
}

/* Where the cells of a section's rows come from: members, "" for none. */
enum { CELLS = 7 };

static const struct {
    const char *list;
    const char *section;
    const char *members[CELLS];
} sections[] = {
    { "certificates",
      "certificate",
      { "serial", "names", "state", "profile", "created", "notAfter", "" } },
    { "domainList",
      "domain",
      { "name", "", "state", "confirmedBy", "confirmedAt", "removedAt", "" } },
    { "acmeAccountList",
      "acme-account",
      { "id", "keyId", "state", "", "created", "", "" } },
    { "keyIdList",
      "key-id",
      { "keyId", "", "state", "createdBy", "created", "expires", "uses" } },
    { "failures", "failure", { "event", "cause", "", "", "", "", "count" } },
    { "actions", "action", { "event", "", "", "actor", "", "", "count" } },
};

enum { SECTIONS = sizeof(sections) / sizeof(sections[0]) };

static void put_rows(out_t *out, const json_t *object, const char *account,
                     int n)
{
    const json_t *item;
    apr_size_t i;

    json_array_foreach(json_object_get(object, sections[n].list), i, item)
    {
        put_cell(out, account);
        put(out, ",");
        put_cell(out, sections[n].section);
        for (int k = 0; k < CELLS; k++) {
            put(out, ",");
            put_cell(out, text_of(item, sections[n].members[k], out->pool));
        }
        put(out, "\r\n");
    }
}

const char *qw_statement_csv(const json_t *made, apr_pool_t *pool)
{
    out_t out = { NULL, 0, 0, pool };
    const json_t *account;
    apr_size_t i;

    put(&out, "\"account\",\"section\",\"item\",\"detail\",\"state\",\"by\","
              "\"from\",\"until\",\"count\"\r\n");
    json_array_foreach(json_object_get(made, "accounts"), i, account)
    {
        for (int n = 0; n < SECTIONS; n++)
            put_rows(&out, account, text_of(account, "name", pool), n);
    }
    /* those of the whole authority: of no account */
    for (int n = 0; n < SECTIONS; n++)
        put_rows(&out, made, "", n);
    return out.text;
}

/* ---- for people ---- */

static void put_line(out_t *out, const char *indent, const char *name,
                     const char *value)
{
    put(out, apr_psprintf(out->pool, "%s%-24s %s\n", indent, name, value));
}

static void put_numbers(out_t *out, const json_t *object, const char *indent)
{
    const json_t *value;
    const char *key;

    json_object_foreach((json_t *)object, key, value)
    {
        if (json_is_integer(value))
            put_line(out, indent, key, text_of(object, key, out->pool));
    }
}

static void put_items(out_t *out, const json_t *object, int n)
{
    const json_t *item;
    apr_size_t i;

    json_array_foreach(json_object_get(object, sections[n].list), i, item)
    {
        if (i == 0)
            put(out, apr_pstrcat(out->pool, "    ", sections[n].section, ":\n",
                                 NULL));
        put(out, "       ");
        for (int k = 0; k < CELLS; k++) {
            const char *text = text_of(item, sections[n].members[k], out->pool);

            if (*text != '\0')
                put(out, apr_pstrcat(out->pool, " ", text, NULL));
        }
        put(out, "\n");
    }
}

const char *qw_statement_text(const json_t *made, apr_pool_t *pool)
{
    out_t out = { NULL, 0, 0, pool };
    const json_t *account;
    apr_size_t i;

    put(&out,
        apr_psprintf(pool,
                     "Statement of authority %s (%s)\nfrom %s until %s, "
                     "certificates as of %s, all times UTC\n\n",
                     text_of(made, "authority", pool),
                     text_of(made, "kind", pool), text_of(made, "from", pool),
                     text_of(made, "to", pool), text_of(made, "asOf", pool)));
    put_numbers(&out, json_object_get(made, "totals"), "");
    json_array_foreach(json_object_get(made, "accounts"), i, account)
    {
        put(&out,
            apr_psprintf(pool, "\n%s (%s)\n", text_of(account, "name", pool),
                         text_of(account, "status", pool)));
        put_numbers(&out, account, "    ");
        for (int n = 0; n < SECTIONS; n++)
            put_items(&out, account, n);
    }
    if (json_object_get(made, "actions") != NULL)
        put(&out, "\nall of the authority\n");
    for (int n = 0; n < SECTIONS; n++)
        put_items(&out, made, n);
    return out.text;
}
