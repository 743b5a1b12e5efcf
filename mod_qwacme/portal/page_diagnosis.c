/* A look at a name without an order: asked for, waited for, shown. */
#include "portal/say_finding.h"

#include "gate/diagnosis.h"
#include "store/db_diagnosis.h"

#include <apr_strings.h>

#include <string.h>

typedef struct {
    qw_page_t *page;
    qw_external_t *external;
    qw_diagnosis_t *diagnosis;
    const char *id;
} view_t;

static qw_problem_t *ask(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    view_t *v = baton;
    qw_registry_t r;

    QW_TRY(qw_page_external(&v->external, v->page, db,
                            qw_page_field(v->page, "account")));
    if (!qw_page_is_operator(v->page) && !qw_page_is_officer(v->page))
        return QW_FAIL(pool, UNAUTHORIZED, "this is for others than you to do");
    qw_page_registry(&r, v->page, db);
    return qw_diagnosis_ask(&v->id, &r, v->external,
                            qw_page_field(v->page, "name"));
}

/* It changes nothing that anybody relies on, so nobody has to sign it. */
qw_problem_t *qw_page_diagnose(qw_page_t *page)
{
    view_t v = { .page = page };

    QW_TRY(qw_store_write(page->portal->store, ask, &v, page->pool));
    if (page->portal->wake != NULL)
        page->portal->wake(page->portal->wake_baton);
    page->location =
        apr_pstrcat(page->pool, "diagnosis/", v.id, "?auto=1", NULL);
    return NULL;
}

static qw_problem_t *read_one(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    view_t *v = baton;

    QW_TRY(qw_diagnosis_get(&v->diagnosis, db, v->page->portal->authority->name,
                            v->page->id, pool));
    QW_TRY(
        qw_page_external(&v->external, v->page, db, v->diagnosis->external_id));
    if (v->diagnosis->expires <= v->page->now)
        return QW_FAIL(pool, NOT_FOUND, "this diagnosis has expired");
    return NULL;
}

static void moment(const view_t *v, qw_message_e label, apr_time_t when)
{
    qw_html_put(v->page->html, "<dt>%m</dt><dd>", label);
    qw_page_time(v->page, when);
    qw_html_put(v->page->html, "</dd>");
}

static qw_problem_t *say_findings(const view_t *v)
{
    const qw_diagnosis_t *d = v->diagnosis;
    const qw_page_t *page = v->page;
    json_t *findings;

    QW_TRY(qw_json_parse(&findings, d->findings, strlen(d->findings),
                         "findings", page->pool));
    qw_html_put(page->html, "<p role=\"status\">");
    qw_html_say(page->html, QW_M_DIAGNOSIS_OF, d->name, NULL, NULL);
    qw_html_put(page->html, "</p>");
    qw_findings_say(page, findings);
    qw_html_put(page->html, "<dl>");
    moment(v, QW_M_DIAGNOSIS_ENDED, d->ended);
    moment(v, QW_M_DIAGNOSIS_KEPT, d->expires);
    qw_html_put(page->html, "</dl>");
    return NULL;
}

qw_problem_t *qw_page_diagnosis(qw_page_t *page)
{
    const char *here = apr_pstrcat(page->pool, "diagnosis/", page->id, NULL);
    view_t v = { .page = page };

    QW_TRY(qw_store_read(page->portal->store, read_one, &v, page->pool));
    page->title = QW_M_DIAGNOSIS;
    qw_page_say_account(page, v.external->name);
    if (v.diagnosis->ended != 0)
        QW_TRY(say_findings(&v));
    else {
        qw_html_put(page->html, "<p role=\"status\">");
        qw_html_say(page->html, QW_M_DIAGNOSIS_WAITS, v.diagnosis->name, NULL,
                    NULL);
        qw_html_put(page->html, "</p>");
        qw_page_reloads(page, here);
    }
    qw_html_put(page->html, "<p><a href=\"%s/account/%s\">%m</a></p>",
                page->portal->base_path, v.external->id, QW_M_BACK_TO_ACCOUNT);
    return NULL;
}

/* ---- its part of the account's page -------------------------------------------- */

void qw_diagnosis_button(const qw_page_t *page, const char *external_id,
                         const char *name)
{
    qw_page_form(page, "diagnose");
    qw_page_hidden(page, "account", external_id);
    qw_page_hidden(page, "name", name);
    qw_html_put(page->html, "<button aria-label=\"%m %s\">%m</button></form>",
                QW_M_DIAGNOSE, name, QW_M_DIAGNOSE);
}

void qw_diagnosis_form(const qw_page_t *page, const char *external_id)
{
    qw_page_form(page, "diagnose");
    qw_page_hidden(page, "account", external_id);
    qw_html_put(
        page->html,
        "<h3>%m</h3><p>%m</p><p><label for=\"diagnose-name\">%m</label> "
        "<input id=\"diagnose-name\" name=\"name\" required></p>"
        "<button>%m</button></form>",
        QW_M_DIAGNOSE_NAME, QW_M_DIAGNOSE_HOW, QW_M_DIAGNOSE_WHICH,
        QW_M_DIAGNOSE);
}

void qw_diagnosis_list_say(const qw_page_t *page,
                           const apr_array_header_t *list)
{
    if (list->nelts == 0)
        return;
    qw_html_put(page->html, "<h3>%m</h3><ul>", QW_M_DIAGNOSES);
    for (int i = 0; i < list->nelts; i++) {
        const qw_diagnosis_t *d = APR_ARRAY_IDX(list, i, qw_diagnosis_t *);

        qw_html_put(page->html, "<li><a href=\"%s/diagnosis/%s\">%s</a> ",
                    page->portal->base_path, d->id, d->name);
        if (d->ended == 0)
            qw_html_put(page->html, "(%m)", QW_M_DIAGNOSIS_RUNS);
        else
            qw_page_time(page, d->ended);
        qw_html_put(page->html, "</li>");
    }
    qw_html_put(page->html, "</ul>");
}
