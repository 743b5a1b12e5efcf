/* The same account in a test authority, where an operator can try everything. */
#include "portal/action.h"

#include <string.h>
#include <strings.h>

/* 1 if AUTHORITY is one that accounts of PAGE's can be copied to. */
static int is_test_place(const qw_authority_t *authority, const qw_page_t *page)
{
    return authority != page->portal->authority
           && authority->kind == QW_KIND_TEST && authority->portal_url != NULL;
}

/* *AUTHORITY that member "to" names. */
static qw_problem_t *find_place(const qw_authority_t **authority,
                                const qw_act_t *act, const qw_page_t *page)
{
    const apr_array_header_t *all = page->portal->authorities;

    for (int i = 0; i < all->nelts; i++) {
        *authority = APR_ARRAY_IDX(all, i, const qw_authority_t *);
        if (is_test_place(*authority, page)
            && strcmp((*authority)->name, qw_act_get(act, "to")) == 0)
            return NULL;
    }
    return QW_FAIL(page->pool, INVALID_INPUT,
                   "to: there is no such test authority with a portal");
}

/* A namesake there would get the account; whose the name is, the provider knows. */
static qw_problem_t *check_namesake(const qw_registry_t *to,
                                    const qw_person_t *person)
{
    qw_person_t *there;
    const char *key;

    QW_TRY(qw_person_key(&key, person->name, to->pool));
    QW_TRY(qw_person_find(&there, to->db, key, to->authority->name, to->pool));
    if (there != NULL && strcasecmp(there->mail, person->mail) != 0)
        return QW_FAIL(to->pool, CONFLICT,
                       "somebody with your name and another mail address is "
                       "known in '%s'; ask the provider",
                       to->authority->name);
    return NULL;
}

static qw_problem_t *invite(qw_act_t *act, const qw_page_t *page,
                            const qw_registry_t *to, const char *id)
{
    qw_newcomer_t n = { 0 };
    qw_external_t *copy;

    n.name = page->person->name;
    n.mail = page->person->mail;
    n.language = page->person->language;
    n.expires = page->now + QW_INVITATION_LIFETIME;
    QW_TRY(check_namesake(to, page->person));
    QW_TRY(qw_registry_find(&copy, to, id));
    act->invited_to = to->authority->portal_url;
    return qw_registry_invite_operator(&act->invitation, to, copy, &n);
}

qw_problem_t *qw_do_copy_to_test(qw_act_t *act, const qw_page_t *page,
                                 const qw_registry_t *r)
{
    qw_registry_t to = *r;
    const char *id;

    QW_TRY(find_place(&to.authority, act, page));
    QW_TRY(qw_registry_copy_to_test(&id, r, &to, act->external));
    return invite(act, page, &to, id);
}

static void say_place(const qw_page_t *page, const qw_external_t *external,
                      const qw_authority_t *authority)
{
    qw_html_put(page->html,
                "<p><a href=\"%s/\">%s</a>: %m <code>%s/directory</code></p>",
                authority->portal_url, authority->name, QW_M_DIRECTORY,
                authority->base_url);
    qw_page_proposal(page, "account.copy", external->id);
    qw_page_hidden(page, "to", authority->name);
    qw_html_put(page->html, "<button aria-label=\"%m %s\">%m</button></form>",
                QW_M_COPY_TO_TEST, authority->name, QW_M_COPY_TO_TEST);
}

void qw_test_say(const qw_page_t *page, const qw_external_t *external)
{
    const apr_array_header_t *all = page->portal->authorities;
    int said = 0;

    if (!qw_page_is_operator(page) || external->status != QW_external_ACTIVE)
        return;
    for (int i = 0; i < all->nelts; i++) {
        const qw_authority_t *a = APR_ARRAY_IDX(all, i, const qw_authority_t *);

        if (!is_test_place(a, page))
            continue;
        if (!said++)
            qw_html_put(page->html, "<h2>%m</h2><p>%m</p>", QW_M_TEST_PLACE,
                        QW_M_TEST_PLACE_HOW);
        say_place(page, external, a);
    }
}
