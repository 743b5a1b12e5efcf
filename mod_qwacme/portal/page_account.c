/* One external account: how far it is, what it has, and what may be changed. */
#include "base/text.h"
#include "portal/action.h"
#include "portal/clocks.h"
#include "portal/identity.h"
#include "portal/say_order.h"
#include "store/db_diagnosis.h"
#include "store/db_ledger.h"

#include <apr_strings.h>

#include <string.h>

enum { ACTIONS_SHOWN = 20, DIAGNOSES_SHOWN = 5 };

typedef struct {
    qw_page_t *page;
    qw_external_t *external;
    const char *verified_by; /* by name */
    apr_array_header_t *domains, *bindings, *accounts, *operators, *actions;
    apr_array_header_t *diagnoses, *certificates;
    qw_order_view_t *orders;
} view_t;

static qw_problem_t *read_all(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    view_t *v = baton;
    qw_certificate_query_t any = { .authority =
                                       v->page->portal->authority->name,
                                   .external_id = v->page->id,
                                   .limit = 1 };

    QW_TRY(qw_page_external(&v->external, v->page, db, v->page->id));
    QW_TRY(
        qw_page_actor(&v->verified_by, v->page, db, v->external->verified_by));
    QW_TRY(qw_domain_list(&v->domains, db, v->external->id, 0, pool));
    QW_TRY(qw_binding_list(&v->bindings, db, v->external->id, pool));
    QW_TRY(qw_account_list(&v->accounts, db, v->page->portal->authority->name,
                           v->external->id, pool));
    QW_TRY(qw_operator_list(&v->operators, db, v->external->id, pool));
    QW_TRY(qw_diagnosis_list(&v->diagnoses, db, v->external->id, v->page->now,
                             DIAGNOSES_SHOWN, pool));
    QW_TRY(qw_orders_read(&v->orders, v->page, db, v->external->id));
    QW_TRY(qw_certificate_list(&v->certificates, db, &any, pool));
    return qw_action_list(&v->actions, db, v->external->id, ACTIONS_SHOWN,
                          pool);
}

/* ---- parts of forms --------------------------------------------------------- */

/* A form that proposes DO for this account. */
static void begin(const view_t *v, const char *action)
{
    qw_page_proposal(v->page, action, v->external->id);
}

/* An input with its label; ID is its name and what makes it the only one. */
static void input(const view_t *v, const char *id, const char *name,
                  qw_message_e label, const char *value, const char *type)
{
    qw_html_put(v->page->html,
                "<p><label for=\"%s-%s\">%m</label> <input id=\"%s-%s\" "
                "name=\"%s\" type=\"%s\" value=\"%s\" required></p>",
                id, name, label, id, name, name, type, value);
}

static void check_box(const view_t *v, const char *name, qw_message_e label)
{
    qw_html_put(
        v->page->html,
        "<p><label><input type=\"checkbox\" name=\"%s\" value=\"yes\"> %m"
        "</label></p>",
        name, label);
}

static void end(const view_t *v, qw_message_e label)
{
    qw_html_put(v->page->html, "<button>%m</button></form>", label);
}

/* A button alone, for ACTION on the one whose member NAME is VALUE; what a screen
 * reader says of it names that. */
static void button(const view_t *v, const char *action, const char *name,
                   const char *value, qw_message_e label)
{
    begin(v, action);
    qw_page_hidden(v->page, name, value);
    qw_html_put(v->page->html,
                "<button aria-label=\"%m %s\">%m</button></form>", label, value,
                label);
}

static void column(const view_t *v, qw_message_e name)
{
    qw_html_put(v->page->html, "<th scope=\"col\">%m</th>", name);
}

static void table(const view_t *v)
{
    qw_html_put(v->page->html, "<table><thead><tr>");
}

static void rows(const view_t *v)
{
    qw_html_put(v->page->html, "</tr></thead><tbody>");
}

static void end_table(const view_t *v)
{
    qw_html_put(v->page->html, "</tbody></table>");
}

static void heading(const view_t *v, qw_message_e text)
{
    qw_html_put(v->page->html, "<h2>%m</h2>", text);
}

/* ---- the five steps ---------------------------------------------------------- */

static int has_terms(const view_t *v)
{
    const char *wanted = v->page->portal->authority->terms_version;

    return wanted == NULL
           || (v->external->terms_version != NULL
               && strcmp(v->external->terms_version, wanted) == 0);
}

static int can_bind(const view_t *v)
{
    for (int i = 0; i < v->bindings->nelts; i++) {
        const qw_binding_t *b = APR_ARRAY_IDX(v->bindings, i, qw_binding_t *);

        if (b->status == QW_binding_ACTIVE && b->uses < b->max_uses
            && b->expires > v->page->now)
            return 1;
    }
    return v->accounts->nelts > 0; /* one was used */
}

static void steps(const view_t *v)
{
    const struct {
        qw_message_e what;
        int done;
    } all[] = {
        { QW_M_STEP_IDENTITY, v->external->status == QW_external_ACTIVE },
        { QW_M_STEP_TERMS, has_terms(v) },
        { QW_M_STEP_DOMAINS, v->domains->nelts > 0 },
        { QW_M_STEP_BINDING, can_bind(v) },
        { QW_M_STEP_ACCOUNT, v->certificates->nelts > 0 },
    };

    heading(v, QW_M_STEPS);
    qw_html_put(v->page->html, "<ol class=\"steps\">");
    for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        qw_html_put(v->page->html,
                    "<li class=\"%s\">%m <span class=\"state\">%m</span></li>",
                    all[i].done ? "done" : "open", all[i].what,
                    all[i].done ? QW_M_STEP_DONE : QW_M_STEP_OPEN);
    qw_html_put(v->page->html, "</ol>");
}

/* ---- identity, terms ------------------------------------------------------------ */

static void identity(const view_t *v)
{
    const qw_external_t *e = v->external;

    heading(v, QW_M_IDENTITY);
    qw_html_put(v->page->html, "<dl>");
    qw_identity_say(v->page, e->identity);
    qw_html_put(v->page->html, "<dt>%m</dt><dd>", QW_M_VERIFIED);
    qw_page_time(v->page, e->verified_at);
    qw_html_put(v->page->html,
                " (%s)</dd><dt>%m</dt><dd>%s</dd><dt>%m</dt><dd>",
                v->verified_by, QW_M_PROFILES, e->profiles, QW_M_EXPIRES);
    qw_page_time(v->page, e->expires);
    qw_html_put(v->page->html, "</dd></dl>");
    if (!qw_page_is_officer(v->page) || e->status == QW_external_CLOSED)
        return;
    qw_html_put(v->page->html, "<details><summary>%m</summary>",
                QW_M_VERIFY_AGAIN);
    begin(v, "account.verify");
    qw_identity_fields(v->page, e);
    end(v, QW_M_CONTINUE);
    qw_html_put(v->page->html, "</details>");
}

static void terms(const view_t *v)
{
    const qw_authority_t *a = v->page->portal->authority;

    if (a->terms_version == NULL)
        return;
    heading(v, QW_M_TERMS);
    qw_html_put(v->page->html, "<p><a href=\"%s\">%m %s</a>: ", a->terms_url,
                QW_M_TERMS, a->terms_version);
    if (has_terms(v)) {
        qw_html_put(v->page->html, "%m, ", QW_M_AGREED);
        qw_page_time(v->page, v->external->terms_at);
    }
    else
        qw_html_put(v->page->html, "%m", QW_M_NOT_AGREED);
    qw_html_put(v->page->html, "</p>");
    if (has_terms(v) || !qw_page_is_operator(v->page))
        return;
    begin(v, "terms.agree");
    qw_page_hidden(v->page, "version", a->terms_version);
    end(v, QW_M_AGREE);
}

/* ---- domains ---------------------------------------------------------------------- */

static int is_looking_only(const view_t *v)
{
    return !qw_page_is_operator(v->page) && !qw_page_is_officer(v->page);
}

static void yes_no(const view_t *v, int yes)
{
    qw_html_put(v->page->html, "<td>%m</td>", yes ? QW_M_YES : QW_M_NO);
}

static void domain(const view_t *v, const qw_domain_t *d)
{
    qw_html_put(v->page->html, "<tr><th scope=\"row\">%s</th>", d->name);
    yes_no(v, d->subtree);
    yes_no(v, d->wildcard);
    qw_html_put(v->page->html, "<td>");
    qw_page_time(v->page, d->confirmed_at);
    qw_html_put(v->page->html, "</td><td>");
    if (!is_looking_only(v))
        qw_diagnosis_button(v->page, v->external->id, d->name);
    if (qw_page_is_operator(v->page))
        button(v, "domain.remove", "name", d->name, QW_M_REMOVE);
    qw_html_put(v->page->html, "</td></tr>");
}

static void domains(const view_t *v)
{
    heading(v, QW_M_DOMAINS);
    if (v->domains->nelts > 0) {
        table(v);
        column(v, QW_M_DOMAIN);
        column(v, QW_M_SUBTREE);
        column(v, QW_M_WILDCARD);
        column(v, QW_M_CONFIRMED);
        qw_html_put(v->page->html, "<td></td>");
        rows(v);
        for (int i = 0; i < v->domains->nelts; i++)
            domain(v, APR_ARRAY_IDX(v->domains, i, qw_domain_t *));
        end_table(v);
        if (!is_looking_only(v))
            qw_diagnosis_form(v->page, v->external->id);
    }
    qw_diagnosis_list_say(v->page, v->diagnoses);
    if (!qw_page_is_operator(v->page))
        return;
    begin(v, "domain.add");
    qw_html_put(v->page->html, "<h3>%m</h3>", QW_M_ADD_DOMAIN);
    input(v, "domain", "name", QW_M_DOMAIN, "", "text");
    check_box(v, "subtree", QW_M_WITH_SUBTREE);
    check_box(v, "wildcard", QW_M_WITH_WILDCARD);
    end(v, QW_M_CONTINUE);
}

/* ---- binding keys, ACME accounts ---------------------------------------------------- */

/* Which ACME accounts a key bound, and when (OPR-10). */
static void used_by(const view_t *v, const qw_binding_t *b)
{
    qw_html_put(v->page->html, "<td>");
    for (int i = 0; i < v->accounts->nelts; i++) {
        const qw_account_t *a = APR_ARRAY_IDX(v->accounts, i, qw_account_t *);

        if (strcmp(a->binding_id, b->id) != 0)
            continue;
        qw_html_put(v->page->html, "<p><code>%s</code> ", a->id);
        qw_page_time(v->page, a->created);
        qw_html_put(v->page->html, "</p>");
    }
    qw_html_put(v->page->html, "</td>");
}

static void binding_forms(const view_t *v, const qw_binding_t *b)
{
    if (!qw_page_is_operator(v->page))
        return;
    begin(v, "binding.rename");
    qw_page_hidden(v->page, "key", b->id);
    qw_html_put(v->page->html,
                "<label for=\"label-%s\">%m</label> <input id=\"label-%s\" "
                "name=\"label\" maxlength=\"64\" value=\"%s\"> <button "
                "aria-label=\"%m %s\">%m</button></form>",
                b->id, QW_M_LABEL, b->id, b->label, QW_M_RENAME, b->id,
                QW_M_RENAME);
    if (b->status == QW_binding_ACTIVE && b->expires > v->page->now)
        button(v, "binding.expire", "key", b->id, QW_M_EXPIRE);
    if (b->status != QW_binding_REVOKED)
        button(v, "binding.revoke", "key", b->id, QW_M_REVOKE);
}

static void binding(const view_t *v, const qw_binding_t *b)
{
    qw_message_e status = b->status == QW_binding_SUSPENDED ? QW_M_SUSPENDED
                          : b->status == QW_binding_REVOKED ? QW_M_REVOKED
                          : b->expires <= v->page->now      ? QW_M_EXPIRED
                                                            : QW_M_ACTIVE;

    qw_html_put(v->page->html,
                "<tr><th scope=\"row\"><code>%s</code> %s</th><td>%m</td>"
                "<td>%i / %i</td>",
                b->id, b->label, status, (int)b->uses, (int)b->max_uses);
    used_by(v, b);
    qw_html_put(v->page->html, "<td>");
    qw_page_time(v->page, b->expires);
    qw_html_put(v->page->html, "</td><td>");
    binding_forms(v, b);
    qw_html_put(v->page->html, "</td></tr>");
}

static void bindings(const view_t *v)
{
    heading(v, QW_M_BINDINGS);
    if (v->bindings->nelts > 0) {
        table(v);
        column(v, QW_M_KEY_ID);
        column(v, QW_M_STATUS);
        column(v, QW_M_USED);
        column(v, QW_M_USED_BY);
        column(v, QW_M_EXPIRES);
        qw_html_put(v->page->html, "<td></td>");
        rows(v);
        for (int i = 0; i < v->bindings->nelts; i++)
            binding(v, APR_ARRAY_IDX(v->bindings, i, qw_binding_t *));
        end_table(v);
    }
    if (!qw_page_is_operator(v->page))
        return;
    begin(v, "binding.create");
    qw_html_put(v->page->html, "<h3>%m</h3><p>%m</p>", QW_M_NEW_BINDING,
                QW_M_NEW_BINDING_HOW);
    input(v, "binding", "uses", QW_M_USES, "1", "number");
    input(v, "binding", "days", QW_M_DAYS, "30", "number");
    end(v, QW_M_CONTINUE);
}

static void acme_button(const view_t *v, const qw_account_t *a,
                        const char *action, qw_message_e label)
{
    begin(v, action);
    qw_page_hidden(v->page, "acme", a->id);
    qw_html_put(v->page->html,
                "<label for=\"why-%s\">%m</label> <input id=\"why-%s\" "
                "name=\"reason\" required> <button aria-label=\"%m %s\">%m"
                "</button></form>",
                a->id, QW_M_REASON, a->id, label, a->id, label);
}

static void acme_account(const view_t *v, const qw_account_t *a)
{
    qw_html_put(v->page->html,
                "<tr><th scope=\"row\"><code>%s</code></th><td>%m</td>"
                "<td><code>%s</code></td><td>",
                a->id,
                a->suspended                    ? QW_M_SUSPENDED
                : a->status == QW_account_VALID ? QW_M_ACTIVE
                                                : QW_M_CLOSED,
                a->binding_id);
    qw_page_time(v->page, a->created);
    qw_html_put(v->page->html, "</td><td>");
    if (a->status == QW_account_VALID && a->suspended
        && qw_page_is_officer(v->page))
        acme_button(v, a, "acme.resume", QW_M_RESUME);
    if (a->status == QW_account_VALID && !a->suspended && !is_looking_only(v))
        acme_button(v, a, "acme.suspend", QW_M_SUSPEND);
    qw_html_put(v->page->html, "</td></tr>");
}

static void acme_accounts(const view_t *v)
{
    heading(v, QW_M_ACME_ACCOUNTS);
    if (v->accounts->nelts == 0) {
        qw_html_put(v->page->html, "<p>%m</p>", QW_M_NO_ACME_ACCOUNTS);
        return;
    }
    table(v);
    column(v, QW_M_ACME_ACCOUNT);
    column(v, QW_M_STATUS);
    column(v, QW_M_KEY_ID);
    column(v, QW_M_CREATED);
    qw_html_put(v->page->html, "<td></td>");
    rows(v);
    for (int i = 0; i < v->accounts->nelts; i++)
        acme_account(v, APR_ARRAY_IDX(v->accounts, i, qw_account_t *));
    end_table(v);
}

static void orders(const view_t *v)
{
    heading(v, QW_M_PROGRESS);
    qw_html_put(v->page->html,
                "<p><a href=\"%s/progress/%s?auto=1\">%m</a></p>",
                v->page->portal->base_path, v->external->id,
                QW_M_PROGRESS_LIVE);
    qw_orders_say(v->page, v->orders);
}

/* ---- people, what they did ------------------------------------------------------------ */

static void operator_(const view_t *v, const qw_person_t *p)
{
    qw_html_put(v->page->html, "<li>%s &lt;%s&gt; (%m)", p->name, p->mail,
                p->status == QW_person_ACTIVE ? QW_M_ACTIVE : QW_M_INVITED);
    if (qw_page_is_officer(v->page)) {
        button(v, "operator.again", "name", p->name, QW_M_INVITE_AGAIN);
        button(v, "operator.remove", "name", p->name, QW_M_REMOVE);
    }
    qw_html_put(v->page->html, "</li>");
}

static void operators(const view_t *v)
{
    heading(v, QW_M_OPERATORS);
    qw_html_put(v->page->html, "<ul class=\"people\">");
    for (int i = 0; i < v->operators->nelts; i++)
        operator_(v, APR_ARRAY_IDX(v->operators, i, qw_person_t *));
    qw_html_put(v->page->html, "</ul>");
    if (!qw_page_is_officer(v->page))
        return;
    begin(v, "operator.invite");
    qw_html_put(v->page->html, "<h3>%m</h3>", QW_M_INVITE_OPERATOR);
    input(v, "operator", "name", QW_M_NAME, "", "text");
    input(v, "operator", "mail", QW_M_MAIL, "", "email");
    qw_html_put(
        v->page->html,
        "<p><label for=\"operator-language\">%m</label> <select "
        "id=\"operator-language\" name=\"language\"><option value=\"en\">"
        "English</option><option value=\"fr\">Fran\xc3\xa7"
        "ais</option></select></p>",
        QW_M_LANGUAGE);
    end(v, QW_M_CONTINUE);
}

static void actions(const view_t *v)
{
    if (v->actions->nelts == 0)
        return;
    heading(v, QW_M_SIGNED_ACTIONS);
    table(v);
    column(v, QW_M_WHEN);
    column(v, QW_M_WHO);
    column(v, QW_M_WHAT);
    rows(v);
    for (int i = 0; i < v->actions->nelts; i++) {
        const qw_action_t *a = APR_ARRAY_IDX(v->actions, i, qw_action_t *);

        qw_html_put(v->page->html, "<tr><td>");
        qw_page_time(v->page, a->at);
        qw_html_put(v->page->html,
                    "</td><td>%s</td><td><code>%s</code></td></tr>", a->person,
                    a->action);
    }
    end_table(v);
}

/* An operator can stop everything at once; to begin again takes an officer. */
static void suspension(const view_t *v)
{
    const qw_external_t *e = v->external;
    int officer = qw_page_is_officer(v->page);

    if (e->status != QW_external_ACTIVE)
        qw_html_put(v->page->html, "<p role=\"alert\">%m: %s</p>",
                    e->status == QW_external_SUSPENDED ? QW_M_SUSPENDED
                                                       : QW_M_CLOSED,
                    e->reason);
    if (e->status == QW_external_ACTIVE
        && (officer || qw_page_is_operator(v->page))) {
        heading(v, QW_M_SUSPEND);
        qw_html_put(v->page->html, "<p>%m</p>", QW_M_SUSPEND_HOW);
        begin(v, "account.suspend");
        input(v, "suspend", "reason", QW_M_REASON, "", "text");
        end(v, QW_M_SUSPEND);
    }
    if (e->status == QW_external_SUSPENDED && officer) {
        heading(v, QW_M_RESUME);
        begin(v, "account.resume");
        input(v, "resume", "reason", QW_M_REASON, "", "text");
        end(v, QW_M_RESUME);
    }
}

/* ---- compromise ---------------------------------------------------------------- */

/* A runbook: its dry run comes first, so nothing is asked twice here. */
static void runbook(const view_t *v, const char *action, const char *member,
                    const char *id, qw_message_e label)
{
    begin(v, action);
    if (member != NULL)
        qw_page_hidden(v->page, member, id);
    qw_html_put(v->page->html, "<h3>%m <code>%s</code></h3>", label, id);
    qw_case_ask(v->page, *id != '\0' ? id : "account");
    end(v, QW_M_DRY_RUN);
}

static void compromise(const view_t *v)
{
    if (!qw_page_is_officer(v->page))
        return;
    heading(v, QW_M_COMPROMISE);
    qw_html_put(v->page->html, "<p>%m</p>", QW_M_COMPROMISE_HOW);
    runbook(v, "compromise.account", NULL, "", QW_M_ACCOUNT);
    for (int i = 0; i < v->accounts->nelts; i++)
        runbook(v, "compromise.acme", "acme",
                APR_ARRAY_IDX(v->accounts, i, qw_account_t *)->id,
                QW_M_ACME_ACCOUNT);
    for (int i = 0; i < v->bindings->nelts; i++)
        runbook(v, "compromise.binding", "key",
                APR_ARRAY_IDX(v->bindings, i, qw_binding_t *)->id, QW_M_KEY_ID);
}

qw_problem_t *qw_page_account(qw_page_t *page)
{
    view_t v = { .page = page };

    QW_TRY(qw_store_read(page->portal->store, read_all, &v, page->pool));
    page->title = QW_M_ACCOUNT;
    qw_html_put(page->html, "<p class=\"account\"><strong>%s</strong></p>",
                v.external->name);
    qw_html_put(page->html, "<p><a href=\"%s/report/%s\">%m</a></p>",
                page->portal->base_path, v.external->id, QW_M_REPORT_ACCOUNT);
    steps(&v);
    qw_clocks_say(page, v.external, v.bindings);
    identity(&v);
    terms(&v);
    domains(&v);
    bindings(&v);
    acme_accounts(&v);
    orders(&v);
    qw_revoke_say(page, v.external);
    operators(&v);
    qw_test_say(page, v.external);
    suspension(&v);
    compromise(&v);
    actions(&v);
    return NULL;
}
