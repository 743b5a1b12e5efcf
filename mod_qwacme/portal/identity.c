#include "portal/identity.h"

#include "base/json.h"
#include "base/text.h"

#include <apr_strings.h>

#include <string.h>

static const struct {
    const char *name;
    qw_message_e label;
} labels[] = {
#define QW_ATTR(member, oid, type, max) { #member, QW_M_A_##member },
#include "x509/attr.def"
    { "name", QW_M_NAME },
    { "profiles", QW_M_PROFILES },
    { "verified_at", QW_M_VERIFIED },
    { "verified_method", QW_M_METHOD },
    { "expires", QW_M_EXPIRES },
    { "approval", QW_M_REQUEST },
    { "asked_by", QW_M_ASKED_BY },
    { "reason", QW_M_REASON },
    { "request", QW_M_WHAT },
    { "revoke", QW_M_WHICH },
    { "since", QW_M_SINCE },
    { "until", QW_M_UNTIL },
    { "serials", QW_M_SERIALS },
    { "acme", QW_M_ACME_ACCOUNT },
    { "key", QW_M_KEY_ID },
};

enum {
    LABELS = sizeof(labels) / sizeof(labels[0]),
    LIFETIME_DAYS = 365,
    DATE_CHARS = 10
};

qw_message_e qw_member_label(const char *name)
{
    for (unsigned i = 0; i < LABELS; i++)
        if (strcmp(labels[i].name, name) == 0)
            return labels[i].label;
    return QW_M_WHAT;
}

static json_t *read_json(const qw_page_t *page, const char *json)
{
    json_t *members;
    qw_problem_t *prob = qw_json_parse_object(&members, json, strlen(json),
                                              "identity", page->pool);

    return prob == NULL ? members : qw_json_new_object(page->pool);
}

/* In the order of a subject. */
void qw_identity_say(const qw_page_t *page, const char *json)
{
    json_t *members = read_json(page, json);

    for (unsigned i = 0; i < LABELS; i++) {
        const char *value =
            json_string_value(json_object_get(members, labels[i].name));

        if (value != NULL)
            qw_html_put(page->html, "<dt>%m</dt><dd>%s</dd>", labels[i].label,
                        value);
    }
}

static void field(const qw_page_t *page, const char *name, const char *value,
                  const char *type, int required)
{
    qw_html_put(page->html,
                "<p><label for=\"verify-%s\">%m</label> <input "
                "id=\"verify-%s\" name=\"%s\" type=\"%s\" value=\"%s\"",
                name, qw_member_label(name), name, name, type, value);
    qw_html_put(page->html, required ? " required></p>" : "></p>");
}

/* eIDAS art. 24(1a): how the identity was verified. */
static void method(const qw_page_t *page)
{
    static const char *const methods[] = { "a", "b", "c", "d" };

    qw_html_put(page->html,
                "<p><label for=\"verify-method\">%m</label> <select "
                "id=\"verify-method\" name=\"verified_method\">",
                QW_M_METHOD);
    for (unsigned i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        qw_html_put(page->html, "<option value=\"%s\">%m %s)</option>",
                    methods[i], QW_M_METHOD_OF, methods[i]);
    qw_html_put(page->html, "</select></p>");
}

static const char *date(apr_time_t when, apr_pool_t *pool)
{
    return apr_pstrmemdup(pool, qw_text_time(when, pool), DATE_CHARS);
}

void qw_identity_fields(const qw_page_t *page, const qw_external_t *external)
{
    json_t *members =
        external != NULL ? read_json(page, external->identity) : NULL;
    const char *profiles =
        external != NULL
            ? external->profiles
            : qw_text_join(page->portal->authority->profiles, " ", page->pool);

    for (unsigned i = 0; i < QW_ATTR_COUNT; i++) {
        field(page, labels[i].name, qw_json_word(members, labels[i].name),
              "text", 0);
    }
    field(page, "profiles", profiles, "text", 1);
    method(page);
    field(page, "verified_at", date(page->now, page->pool), "date", 1);
    field(page, "expires",
          date(page->now
                   + apr_time_from_sec((apr_int64_t)LIFETIME_DAYS * 86400),
               page->pool),
          "date", 1);
}

void qw_identity_of_act(qw_identity_t *identity, const qw_act_t *act)
{
    for (unsigned i = 0; i < QW_ATTR_COUNT; i++) {
        const char *value = qw_act_get(act, labels[i].name);

        if (*value != '\0')
            (void)qw_identity_set(identity, labels[i].name, value);
    }
}
