/* The changes that people can sign. */
#include "portal/action.h"

#include "base/json.h"
#include "base/text.h"
#include "portal/identity.h"

#include <apr_strings.h>

#include <string.h>

const char *qw_act_get(const qw_act_t *act, const char *name)
{
    return qw_json_word(act->json, name);
}

void qw_act_set(qw_act_t *act, const char *name, const char *value)
{
    json_object_set_new(act->json, name, json_string(value));
}

/* The attributes of an identity, and what else an officer records. */
#define QW_ATTR(member, oid, type, max) #member " "
static const char registration_members[] =
    "name "
#include "x509/attr.def"
    "profiles verified_method verified_at expires";

/* What is approved is signed with the approval, so it is all of it. */
static const char approval_members[] = "approval asked_by reason request";

static const qw_action_kind_t kinds[] = {
    { "domain.add", QW_BY_OPERATOR, QW_ON_ACCOUNT, "name subtree wildcard",
      QW_M_DOMAIN_ADD, QW_M_DONE, qw_do_add_domain },
    { "domain.remove", QW_BY_OPERATOR, QW_ON_ACCOUNT, "name",
      QW_M_DOMAIN_REMOVE, QW_M_DONE, qw_do_remove_domain },
    { "binding.create", QW_BY_OPERATOR, QW_ON_ACCOUNT, "uses days",
      QW_M_BINDING_CREATE, QW_M_BINDING_DONE, qw_do_create_binding },
    { "binding.revoke", QW_BY_OPERATOR, QW_ON_ACCOUNT, "key cascade",
      QW_M_BINDING_REVOKE, QW_M_DONE, qw_do_revoke_binding },
    { "binding.rename", QW_BY_OPERATOR, QW_ON_ACCOUNT, "key label",
      QW_M_BINDING_RENAME, QW_M_DONE, qw_do_rename_binding },
    { "binding.expire", QW_BY_OPERATOR, QW_ON_ACCOUNT, "key",
      QW_M_BINDING_EXPIRE, QW_M_DONE, qw_do_expire_binding },
    { "terms.agree", QW_BY_OPERATOR, QW_ON_ACCOUNT, "version", QW_M_TERMS_AGREE,
      QW_M_DONE, qw_do_agree },
    { "account.copy", QW_BY_OPERATOR, QW_ON_ACCOUNT, "to", QW_M_ACCOUNT_COPY,
      QW_M_COPY_DONE, qw_do_copy_to_test },
    { "certificate.revoke", QW_BY_OPERATOR | QW_BY_OFFICER, QW_ON_ACCOUNT,
      "serial reason", QW_M_CERTIFICATE_REVOKE, QW_M_CERTIFICATE_REVOKED,
      qw_do_revoke },
    { "account.suspend", QW_BY_OPERATOR | QW_BY_OFFICER, QW_ON_ACCOUNT,
      "reason", QW_M_ACCOUNT_SUSPEND, QW_M_DONE, qw_do_suspend },
    { "account.resume", QW_BY_OFFICER, QW_ON_ACCOUNT, "reason",
      QW_M_ACCOUNT_RESUME, QW_M_DONE, qw_do_resume },
    { "acme.suspend", QW_BY_OPERATOR | QW_BY_OFFICER, QW_ON_ACCOUNT,
      "acme reason", QW_M_ACME_SUSPEND, QW_M_DONE, qw_do_suspend_acme },
    { "acme.resume", QW_BY_OFFICER, QW_ON_ACCOUNT, "acme reason",
      QW_M_ACME_RESUME, QW_M_DONE, qw_do_resume_acme },
    { "operator.invite", QW_BY_OFFICER, QW_ON_ACCOUNT, "name mail language",
      QW_M_OPERATOR_INVITE, QW_M_INVITE_DONE, qw_do_invite_operator },
    { "operator.again", QW_BY_OFFICER, QW_ON_ACCOUNT, "name",
      QW_M_OPERATOR_AGAIN, QW_M_INVITE_DONE, qw_do_invite_again },
    { "operator.remove", QW_BY_OFFICER, QW_ON_ACCOUNT, "name",
      QW_M_OPERATOR_REMOVE, QW_M_DONE, qw_do_remove_operator },
    { "passkey.add", QW_BY_OPERATOR | QW_BY_OFFICER | QW_BY_AUDITOR,
      QW_ON_NOTHING, "", QW_M_PASSKEY_ADD, QW_M_PASSKEY_ADDED,
      qw_do_add_passkey },
    { "passkey.remove", QW_BY_OPERATOR | QW_BY_OFFICER | QW_BY_AUDITOR,
      QW_ON_NOTHING, "passkey", QW_M_PASSKEY_REMOVE, QW_M_DONE,
      qw_do_remove_passkey },
    { "account.create", QW_BY_OFFICER, QW_ON_NOTHING, registration_members,
      QW_M_ACCOUNT_CREATE, QW_M_DONE, qw_do_register },
    { "account.verify", QW_BY_OFFICER, QW_ON_ACCOUNT,
      registration_members + sizeof("name"), QW_M_ACCOUNT_VERIFY, QW_M_DONE,
      qw_do_verify },
    { "approval.approve", QW_BY_OFFICER, QW_ON_NOTHING, approval_members,
      QW_M_APPROVAL_APPROVE, QW_M_DONE, qw_do_approve },
    { "compromise.account", QW_BY_OFFICER, QW_ON_ACCOUNT,
      "revoke since until serials", QW_M_COMPROMISE_ACCOUNT, QW_M_CASE_DONE,
      qw_do_compromise },
    { "compromise.acme", QW_BY_OFFICER, QW_ON_ACCOUNT,
      "acme revoke since until serials", QW_M_COMPROMISE_ACME, QW_M_CASE_DONE,
      qw_do_compromise_acme },
    { "compromise.binding", QW_BY_OFFICER, QW_ON_ACCOUNT,
      "key revoke since until serials", QW_M_COMPROMISE_BINDING, QW_M_CASE_DONE,
      qw_do_compromise_binding },
    { "compromise.key", QW_BY_OFFICER, QW_ON_NOTHING, "spki key",
      QW_M_COMPROMISE_KEY, QW_M_CASE_DONE, qw_do_compromise_key },
    { "compromise.misissued", QW_BY_OFFICER, QW_ON_NOTHING,
      "url revoke_at serials", QW_M_COMPROMISE_MIS, QW_M_CASE_DONE,
      qw_do_compromise_misissued },
    { "compromise.drill", QW_BY_OFFICER, QW_ON_NOTHING, "",
      QW_M_COMPROMISE_DRILL, QW_M_CASE_DONE, qw_do_compromise_drill },
    { "case.run", QW_BY_OFFICER, QW_ON_NOTHING, "case", QW_M_CASE_RUN,
      QW_M_CASE_RUN_DONE, qw_do_run_case },
    { "approval.reject", QW_BY_OFFICER, QW_ON_NOTHING, "approval why",
      QW_M_APPROVAL_REJECT, QW_M_DONE, qw_do_reject },
};

enum { SAID_MOST = 3 }; /* members that the words of a change can have */

const qw_action_kind_t *qw_action_kind(const char *name)
{
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

static int role_of(const qw_page_t *page)
{
    if (qw_page_is_officer(page))
        return QW_BY_OFFICER;
    return qw_page_is_operator(page) ? QW_BY_OPERATOR : QW_BY_AUDITOR;
}

qw_problem_t *qw_act_run(qw_act_t *act, const qw_page_t *page, qw_db_t *db)
{
    qw_registry_t r;

    act->external = NULL;
    if (act->kind->on == QW_ON_ACCOUNT)
        QW_TRY(qw_page_external(&act->external, page, db,
                                qw_act_get(act, "account")));
    if ((act->kind->by & role_of(page)) == 0)
        return QW_FAIL(page->pool, UNAUTHORIZED,
                       "this is for others than you to do");
    qw_page_registry(&r, page, db);
    return act->kind->run(act, page, &r);
}

/* Which certificates a runbook revokes, in words; NULL if VALUE is none of it. */
static const char *say_which(const char *value, const qw_page_t *page)
{
    for (const qw_case_way_t *way = qw_case_ways; way->value != NULL; way++)
        if (strcmp(way->value, value) == 0)
            return qw_message(way->label, page->language);
    return NULL;
}

/* What was ticked or not is said as a word. */
static const char *say(const qw_act_t *act, const char *name,
                       const qw_page_t *page)
{
    const char *value = qw_act_get(act, name);
    const char *which =
        strcmp(name, "revoke") == 0 ? say_which(value, page) : NULL;

    if (which != NULL)
        return which;
    if (strcmp(value, "yes") == 0)
        return qw_message(QW_M_YES, page->language);
    return *value == '\0' ? qw_message(QW_M_NO, page->language) : value;
}

static void list(const qw_act_t *act, const apr_array_header_t *members,
                 const qw_page_t *page)
{
    qw_html_put(page->html, "</p><dl class=\"change\">");
    for (int i = 0; i < members->nelts; i++) {
        const char *name = APR_ARRAY_IDX(members, i, const char *);

        if (*qw_act_get(act, name) != '\0')
            qw_html_put(page->html, "<dt>%m</dt><dd>%s</dd>",
                        qw_member_label(name),
                        strcmp(name, "revoke") == 0 ? say(act, name, page)
                                                    : qw_act_get(act, name));
    }
    qw_html_put(page->html, "</dl><p>");
}

void qw_act_say(const qw_act_t *act, const qw_page_t *page)
{
    apr_array_header_t *members = qw_text_words(act->kind->members, page->pool);
    const char *said[SAID_MOST] = { NULL };

    for (int i = 0; i < members->nelts && i < SAID_MOST; i++)
        said[i] = say(act, APR_ARRAY_IDX(members, i, const char *), page);
    qw_html_put(page->html, "<p class=\"change\">");
    qw_html_say(page->html, act->kind->words, said[0], said[1], said[2]);
    if (members->nelts > SAID_MOST)
        list(act, members, page);
    qw_html_put(page->html, "</p>");
}
