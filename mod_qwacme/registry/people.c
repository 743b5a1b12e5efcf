/* Who may enter the portal. */
#include "registry/people.h"

#include "base/text.h"
#include "base/world.h"
#include "registry/approval.h"
#include "registry/invite.h"
#include "registry/note.h"

#include <apr_strings.h>
#include <unicase.h>
#include <uninorm.h>

#include <stdlib.h>
#include <string.h>

enum { NAME_MOST = 64, MAIL_MOST = 254 };

/* Spaces at both ends and doubled ones are no part of a name. */
static const char *one_space(const char *text, apr_pool_t *pool)
{
    apr_array_header_t *words = apr_array_make(pool, 4, sizeof(const char *));
    char *copy = apr_pstrdup(pool, text), *word, *last = NULL;

    for (word = apr_strtok(copy, " ", &last); word != NULL;
         word = apr_strtok(NULL, " ", &last))
        APR_ARRAY_PUSH(words, const char *) = word;
    return qw_text_join(words, " ", pool);
}

qw_problem_t *qw_person_key(const char **key, const char *name,
                            apr_pool_t *pool)
{
    size_t len = 0;
    uint8_t *folded;

    if (name == NULL || !qw_text_is_utf8(name, strlen(name))
        || *one_space(name, pool) == '\0' || qw_text_chars(name) > NAME_MOST
        || strcmp(qw_text_safe(name, 512, pool), name) != 0)
        return QW_FAIL(pool, INVALID_INPUT,
                       "name: '%s' is not 1 to 64 printable characters",
                       qw_text_safe(name, NAME_MOST, pool));
    folded = u8_casefold((const uint8_t *)name, strlen(name) + 1, NULL,
                         UNINORM_NFKC, NULL, &len);
    if (folded == NULL)
        return QW_FAIL(pool, SERVER_INTERNAL, "the name could not be folded");
    *key = one_space((const char *)folded, pool);
    free(folded);
    return NULL;
}

static qw_problem_t *check_mail(const char *mail, apr_pool_t *pool)
{
    const char *at = mail != NULL ? strrchr(mail, '@') : NULL;

    if (at == NULL || at == mail || strchr(at, '.') == NULL
        || strlen(mail) > MAIL_MOST || strchr(mail, ' ') != NULL
        || strcmp(qw_text_safe(mail, MAIL_MOST, pool), mail) != 0)
        return QW_FAIL(pool, INVALID_INPUT, "mail: '%s' is not a mail address",
                       qw_text_safe(mail, 64, pool));
    return NULL;
}

static qw_problem_t *check(const qw_registry_t *r, const qw_newcomer_t *n)
{
    QW_TRY(check_mail(n->mail, r->pool));
    if (n->language == NULL
        || (strcmp(n->language, "en") != 0 && strcmp(n->language, "fr") != 0))
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "language: '%s' is neither en nor fr",
                       qw_text_safe(n->language, 16, r->pool));
    if (n->expires <= qw_authority_now(r->authority))
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "expires: '%s' is not in the future",
                       qw_text_time(n->expires, r->pool));
    return NULL;
}

static json_t *person_json(const qw_person_t *p, apr_pool_t *pool)
{
    json_t *detail = qw_json_new_object(pool);

    json_object_set_new(detail, "role", json_string(p->role));
    json_object_set_new(detail, "name", json_string(p->name));
    return detail;
}

/* Nobody is officer of those that they act for: whoever has the mail address or the
 * user name of the one is not invited as the other. */
static qw_problem_t *check_other_role(const qw_registry_t *r,
                                      const qw_newcomer_t *n, const char *role,
                                      const char *authority)
{
    const char *other = strcmp(role, "officer") == 0 ? "operator" : "officer";
    qw_person_t p = { .authority = authority,
                      .mail = n->mail,
                      .login = n->login };
    int known;

    if (strcmp(role, "auditor") == 0)
        return NULL;
    QW_TRY(qw_person_other_role(&known, r->db, other, &p, r->pool));
    if (!known)
        return NULL;
    return QW_FAIL(r->pool, CONFLICT,
                   "mail: '%s', or the user name, is that of an %s: nobody is "
                   "officer and operator",
                   n->mail, other);
}

/* One whose name nobody has where this one could meet it. */
static qw_problem_t *insert(qw_person_t *p, const qw_registry_t *r,
                            const qw_newcomer_t *n)
{
    qw_person_t *found;
    int elsewhere = 0;

    QW_TRY(qw_person_key(&p->name_key, n->name, r->pool));
    QW_TRY(qw_person_find(&found, r->db, p->name_key, r->authority->name,
                          r->pool));
    if (found == NULL && *p->authority == '\0')
        QW_TRY(qw_person_elsewhere(&elsewhere, r->db, p->name_key, r->pool));
    if (found != NULL || elsewhere)
        return QW_FAIL(r->pool, CONFLICT,
                       "name: '%s' is known already (case and forms of letters "
                       "do not count); choose another, or give --again for a "
                       "new invitation of the same person",
                       found != NULL ? found->name : n->name);
    QW_TRY(qw_id_make(&p->id, r->pool));
    p->name = one_space(n->name, r->pool);
    p->mail = n->mail;
    p->language = n->language;
    p->login = n->login;
    p->created = qw_authority_now(r->authority);
    p->created_by = r->actor;
    QW_TRY(qw_person_insert(r->db, p, r->pool));
    return qw_registry_note(r, "person.invite", "person", p->id,
                            person_json(p, r->pool));
}

/* *PERSON with NAME and one of two roles; NOT_FOUND. */
static qw_problem_t *find(qw_person_t **person, const qw_registry_t *r,
                          const char *name, int operator_)
{
    const char *key;

    QW_TRY(qw_person_key(&key, name, r->pool));
    QW_TRY(qw_person_find(person, r->db, key, r->authority->name, r->pool));
    if (*person == NULL
        || (strcmp((*person)->role, "operator") == 0) != operator_)
        return QW_FAIL(r->pool, NOT_FOUND, "there is no %s '%s'",
                       operator_ ? "operator" : "officer or auditor",
                       qw_text_safe(name, NAME_MOST, r->pool));
    return NULL;
}

qw_problem_t *qw_registry_check_officer(const qw_registry_t *r,
                                        const qw_newcomer_t *n,
                                        const char *role, int all)
{
    if (strcmp(role, "officer") != 0 && strcmp(role, "auditor") != 0)
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "role: '%s' is neither officer nor auditor",
                       qw_text_safe(role, 16, r->pool));
    if (n->again)
        return NULL;
    QW_TRY(check(r, n));
    return check_other_role(r, n, role, all ? "" : r->authority->name);
}

qw_problem_t *qw_registry_invite_officer(qw_invitation_t *invitation,
                                         const qw_registry_t *r,
                                         const qw_newcomer_t *n,
                                         const char *role, int all)
{
    qw_person_t fresh = { 0 }, *p = &fresh;

    QW_TRY(qw_registry_check_officer(r, n, role, all));
    fresh.authority = all ? "" : r->authority->name;
    fresh.role = role;
    if (n->again)
        QW_TRY(find(&p, r, n->name, 0));
    else
        QW_TRY(insert(p, r, n));
    return qw_invite_make(invitation, r, p, n->expires);
}

/* PERSON acts for EXTERNAL too. */
static qw_problem_t *add_operator(const qw_registry_t *r,
                                  const qw_external_t *external,
                                  const qw_person_t *p)
{
    json_t *detail = person_json(p, r->pool);
    qw_operator_t o = { NULL,
                        p->id,
                        external->authority,
                        external->id,
                        qw_authority_now(r->authority),
                        r->actor };
    qw_problem_t *prob;

    QW_TRY(qw_id_make(&o.id, r->pool));
    prob = qw_operator_insert(r->db, &o, r->pool);
    if (prob != NULL && prob->code == QW_E_CONFLICT)
        return QW_FAIL(r->pool, CONFLICT,
                       "'%s' is an operator of '%s' already; give --again for "
                       "a new invitation",
                       p->name, external->name);
    QW_TRY(prob);
    json_object_set_new(detail, "person", json_string(p->id));
    return qw_registry_note(r, "operator.add", "external", external->id,
                            detail);
}

static qw_problem_t *invite_again(qw_invitation_t *invitation,
                                  const qw_registry_t *r,
                                  const qw_external_t *external,
                                  const qw_newcomer_t *n)
{
    qw_person_t *p;
    int has;

    QW_TRY(find(&p, r, n->name, 1));
    QW_TRY(qw_operator_has(&has, r->db, p->id, external->id, r->pool));
    if (!has)
        return QW_FAIL(r->pool, NOT_FOUND, "'%s' is no operator of '%s'",
                       p->name, external->name);
    return qw_invite_make(invitation, r, p, n->expires);
}

qw_problem_t *qw_registry_invite_operator(qw_invitation_t *invitation,
                                          const qw_registry_t *r,
                                          const qw_external_t *external,
                                          const qw_newcomer_t *n)
{
    qw_person_t fresh = { 0 }, *p;
    const char *key;

    if (external->status == QW_external_CLOSED)
        return QW_FAIL(r->pool, CONFLICT, "the external account is closed");
    if (n->again)
        return invite_again(invitation, r, external, n);
    QW_TRY(qw_person_key(&key, n->name, r->pool));
    QW_TRY(qw_person_find(&p, r->db, key, r->authority->name, r->pool));
    if (p != NULL && strcmp(p->role, "operator") == 0) {
        invitation->person_id = p->id;
        invitation->token = NULL;
        return add_operator(r, external, p);
    }
    QW_TRY(check(r, n));
    QW_TRY(check_other_role(r, n, "operator", r->authority->name));
    fresh.authority = r->authority->name;
    fresh.role = "operator";
    QW_TRY(insert(&fresh, r, n));
    QW_TRY(add_operator(r, external, &fresh));
    return qw_invite_make(invitation, r, &fresh, n->expires);
}

static qw_problem_t *remove_person(const qw_registry_t *r, const qw_person_t *p)
{
    apr_time_t now = qw_authority_now(r->authority);

    QW_TRY(qw_person_remove(r->db, p->id, r->actor, now, r->pool));
    QW_TRY(qw_session_end_all(r->db, p->id, r->pool));
    QW_TRY(qw_authenticator_release(r->db, p->id, r->pool));
    QW_TRY(qw_invite_void(r->db, p->id, now, r->pool));
    QW_TRY(qw_approval_drop(r, p, NULL));
    return qw_registry_note(r, "person.remove", "person", p->id,
                            person_json(p, r->pool));
}

qw_problem_t *qw_registry_remove_officer(const qw_registry_t *r,
                                         const char *name)
{
    qw_person_t *p;

    QW_TRY(find(&p, r, name, 0));
    return remove_person(r, p);
}

/* OPR-07: somebody must be there to act for the account. */
static qw_problem_t *check_last(const qw_registry_t *r,
                                const qw_external_t *external,
                                const qw_person_t *p)
{
    apr_array_header_t *all;

    if (external->status == QW_external_CLOSED || p->status != QW_person_ACTIVE)
        return NULL;
    QW_TRY(qw_operator_list(&all, r->db, external->id, r->pool));
    for (int i = 0; i < all->nelts; i++) {
        const qw_person_t *other = APR_ARRAY_IDX(all, i, qw_person_t *);

        if (other->status == QW_person_ACTIVE && strcmp(other->id, p->id) != 0)
            return NULL;
    }
    return QW_FAIL(r->pool, CONFLICT,
                   "'%s' is the last operator of '%s'; invite another one "
                   "first, who has to accept",
                   p->name, external->name);
}

qw_problem_t *qw_registry_remove_operator(const qw_registry_t *r,
                                          const qw_external_t *external,
                                          const char *name)
{
    json_t *detail;
    apr_int64_t left;
    qw_problem_t *prob;
    qw_person_t *p;

    QW_TRY(find(&p, r, name, 1));
    QW_TRY(qw_external_lock(r->db, external->id, r->pool));
    QW_TRY(check_last(r, external, p));
    prob = qw_operator_remove(r->db, p->id, external->id, r->actor,
                              qw_authority_now(r->authority), r->pool);
    if (prob != NULL && prob->code == QW_E_CONFLICT)
        return QW_FAIL(r->pool, NOT_FOUND, "'%s' is no operator of '%s'",
                       p->name, external->name);
    QW_TRY(prob);
    detail = person_json(p, r->pool);
    json_object_set_new(detail, "person", json_string(p->id));
    QW_TRY(qw_registry_note(r, "operator.remove", "external", external->id,
                            detail));
    QW_TRY(qw_approval_drop(r, p, external->id));
    QW_TRY(qw_operator_count(&left, r->db, p->id, r->pool));
    return left == 0 ? remove_person(r, p) : NULL;
}
