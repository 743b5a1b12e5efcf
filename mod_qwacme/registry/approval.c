/* Four eyes: asked for by one person, approved by another. */
#include "registry/approval.h"

#include "base/text.h"
#include "base/world.h"
#include "registry/note.h"
#include "store/db_person.h"

#include <apr_strings.h>

#include <string.h>

#define LIFETIME (apr_time_from_sec(7 * 86400))

/* Those who could be anybody. */
static const char *const nobodies[] = { "root", "unknown", "" };

static int is_nobody(const char *name)
{
    for (unsigned i = 0; i < sizeof(nobodies) / sizeof(nobodies[0]); i++)
        if (strcmp(name, nobodies[i]) == 0)
            return 1;
    return 0;
}

/* *NAME of ACTOR: of a person of the portal the user name on this machine, if
 * there is one, else the id. */
static qw_problem_t *name_of(const char **name, const char *actor,
                             const qw_registry_t *r)
{
    const char *colon = strchr(actor, ':'), *id = qw_actor_person(actor);
    qw_person_t *person;

    *name = colon != NULL ? colon + 1 : actor;
    if (id == NULL)
        return NULL;
    QW_TRY(qw_person_get(&person, r->db, id, r->pool));
    if (person->login != NULL)
        *name = person->login;
    return NULL;
}

/* *PERSON behind ACTOR: one and the same whatever the way in and in whichever
 * case it is written. Names that could look like another one are nobody's. */
static qw_problem_t *person_of(const char **person, const char *actor,
                               const qw_registry_t *r)
{
    apr_pool_t *pool = r->pool;
    const char *plain;
    char *name;

    QW_TRY(name_of(&plain, actor, r));
    name = apr_pstrdup(pool, plain);
    apr_collapse_spaces(name, name);
    name = (char *)qw_text_lower(name, pool);
    if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._@+$-")
        != strlen(name))
        return QW_FAIL(pool, UNAUTHORIZED,
                       "'%s' cannot be told from other names for sure; two "
                       "persons need user names of ASCII letters and digits",
                       actor);
    if (is_nobody(name))
        return QW_FAIL(pool, UNAUTHORIZED,
                       "this needs two persons, and '%s' does not say who you "
                       "are; log in as yourself and use sudo",
                       actor);
    *person = name;
    return NULL;
}

static json_t *detail_of(const qw_approval_t *a, apr_pool_t *pool)
{
    json_t *detail = qw_json_new_object(pool);

    json_object_set_new(detail, "action", json_string(a->action));
    json_object_set_new(detail, "kind", json_string(a->subject_kind));
    json_object_set_new(detail, "subject", json_string(a->subject_id));
    json_object_set_new(detail, "requestedBy", json_string(a->requested_by));
    return detail;
}

static qw_problem_t *note(const qw_registry_t *r, const char *event,
                          const qw_approval_t *a, const char *reason)
{
    json_t *detail = detail_of(a, r->pool);

    json_object_set_new(detail, "reason", json_string(reason));
    json_object_set_new(detail, "request", json_loads(a->request, 0, NULL));
    return qw_registry_note(r, event, "approval", a->id, detail);
}

static qw_problem_t *check_reason(const char *reason, apr_pool_t *pool)
{
    return reason != NULL && *reason != '\0'
               ? NULL
               : QW_FAIL(pool, INVALID_INPUT,
                         "reason: say why, for the record");
}

qw_problem_t *qw_approval_request(qw_approval_t **approval,
                                  const qw_registry_t *r,
                                  const qw_asking_t *asking)
{
    qw_approval_t *a = apr_pcalloc(r->pool, sizeof(*a));
    const char *person;
    qw_problem_t *prob;

    QW_TRY(check_reason(asking->reason, r->pool));
    QW_TRY(person_of(&person, r->actor, r));
    QW_TRY(qw_id_make(&a->id, r->pool));
    a->authority = r->authority->name;
    a->action = asking->action;
    a->subject_kind = asking->subject_kind;
    a->subject_id = asking->subject_id;
    a->request = qw_json_dump(asking->request, r->pool);
    a->reason = asking->reason;
    a->requested_by = r->actor;
    a->requested_at = qw_authority_now(r->authority);
    a->expires = a->requested_at + LIFETIME;
    a->status = QW_approval_OPEN;
    QW_TRY(qw_approval_end_overdue(r));
    prob = qw_approval_insert(r->db, a, r->pool);
    if (prob != NULL && prob->code == QW_E_CONFLICT)
        return QW_FAIL(r->pool, CONFLICT,
                       "%s of %s %s is asked for already; 'qwacmectl approval "
                       "list' shows it",
                       a->action, a->subject_kind, a->subject_id);
    QW_TRY(prob);
    *approval = a;
    return note(r, "approval.request", a, a->reason);
}

qw_problem_t *qw_approval_read(json_t **request, const qw_approval_t *a,
                               apr_pool_t *pool)
{
    return qw_json_parse_object(request, a->request, strlen(a->request),
                                "request", pool);
}

apr_time_t qw_approval_ends(const qw_approval_t *a)
{
    return a->status == QW_approval_APPROVED ? a->decided_at + LIFETIME
                                             : a->expires;
}

qw_state_e qw_approval_status(const qw_approval_t *a, apr_time_t now)
{
    int waits =
        a->status == QW_approval_OPEN || a->status == QW_approval_APPROVED;

    return waits && qw_approval_ends(a) <= now ? QW_approval_EXPIRED
                                               : a->status;
}

qw_problem_t *qw_approval_count_overdue(apr_int64_t *n, const qw_registry_t *r)
{
    apr_time_t now = qw_authority_now(r->authority);

    return qw_approval_overdue(n, r->db, r->authority->name, now,
                               now - LIFETIME, r->pool);
}

qw_problem_t *qw_approval_end_overdue(const qw_registry_t *r)
{
    apr_time_t now = qw_authority_now(r->authority);

    return qw_approval_expire(r->db, r->authority->name, now, now - LIFETIME,
                              r->pool);
}

/* *APPROVAL, which is open: to be decided by the actor, now. */
static qw_problem_t *take_up(qw_approval_t **approval, const qw_registry_t *r,
                             const char *id)
{
    apr_time_t now = qw_authority_now(r->authority);
    qw_state_e status;

    QW_TRY(qw_approval_get(approval, r->db, r->authority->name, id, r->pool));
    status = qw_approval_status(*approval, now);
    if (status != QW_approval_OPEN)
        return QW_FAIL(r->pool, CONFLICT, "the request is %s%s%s",
                       qw_state_word(status),
                       (*approval)->decided_by != NULL ? " by " : "",
                       (*approval)->decided_by != NULL ? (*approval)->decided_by
                                                       : "");
    (*approval)->decided_by = r->actor;
    (*approval)->decided_at = now;
    return NULL;
}

static qw_problem_t *decide(const qw_registry_t *r, qw_approval_t *a,
                            qw_state_e status)
{
    qw_problem_t *prob;

    a->status = status;
    prob = qw_approval_decide(r->db, a, r->pool);
    return prob != NULL && prob->code == QW_E_CONFLICT
               ? QW_FAIL(r->pool, CONFLICT,
                         "another person has just decided the request")
               : prob;
}

static qw_problem_t *is_another(const qw_registry_t *r, const qw_approval_t *a)
{
    const char *asked, *approves;

    QW_TRY(person_of(&asked, a->requested_by, r));
    QW_TRY(person_of(&approves, r->actor, r));
    if (strcmp(asked, approves) != 0)
        return NULL;
    return QW_FAIL(r->pool, UNAUTHORIZED,
                   "%s asked for it: another person has to approve",
                   a->requested_by);
}

/* OPR-08: an officer of all authorities is removed in one of them, where what was asked
 * for in others is not seen. */
static qw_problem_t *is_still_there(const qw_registry_t *r,
                                    const qw_approval_t *a)
{
    const char *id = qw_actor_person(a->requested_by);
    qw_person_t *person;

    if (id == NULL)
        return NULL;
    QW_TRY(qw_person_get(&person, r->db, id, r->pool));
    return person->status != QW_person_REMOVED
               ? NULL
               : QW_FAIL(r->pool, CONFLICT,
                         "%s, who asked for it, was removed since; reject it, "
                         "and have somebody else ask",
                         person->name);
}

static const qw_approval_action_t *row_of(const qw_approval_action_t *actions,
                                          const char *action)
{
    while (actions->action != NULL && strcmp(actions->action, action) != 0)
        actions++;
    return actions->action != NULL ? actions : NULL;
}

qw_problem_t *qw_approval_approve(qw_approval_t **approval,
                                  const qw_registry_t *r, const char *id,
                                  const qw_approval_action_t *actions,
                                  void *baton)
{
    const qw_approval_action_t *row;
    qw_approval_t *a;

    QW_TRY(take_up(&a, r, id));
    QW_TRY(is_another(r, a));
    QW_TRY(is_still_there(r, a));
    row = row_of(actions, a->action);
    if (row == NULL)
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "'%s' cannot be approved in this way", a->action);
    QW_TRY(decide(r, a, QW_approval_APPROVED));
    QW_TRY(note(r, "approval.approve", a, a->reason));
    *approval = a;
    QW_TRY(row->run(r, a, baton));
    if (row->is_later)
        return NULL;
    a->status = QW_approval_DONE;
    return qw_approval_set_done(r->db, a->id, r->pool);
}

static qw_problem_t *begin(const qw_registry_t *r, const qw_approval_t *a)
{
    QW_TRY(qw_approval_set_done(r->db, a->id, r->pool));
    return qw_registry_note(r, "approval.done", "approval", a->id,
                            detail_of(a, r->pool));
}

static qw_problem_t *is_no_use(const qw_registry_t *r, const qw_approval_t *a,
                               qw_state_e status)
{
    if (status == QW_approval_EXPIRED && a->decided_by != NULL)
        return QW_FAIL(r->pool, CONFLICT,
                       "the approval of %s, %s, has expired: nothing was done "
                       "within seven days",
                       a->decided_by, qw_text_time(a->decided_at, r->pool));
    return QW_FAIL(r->pool, CONFLICT, "the request is %s",
                   qw_state_word(status));
}

qw_problem_t *qw_approval_use(const qw_registry_t *r, const char *action,
                              const char *subject_kind, const char *subject_id)
{
    apr_time_t now = qw_authority_now(r->authority);
    qw_problem_t *prob;
    qw_approval_t *a;

    QW_TRY(qw_approval_of(&a, r->db, r->authority->name, action, subject_kind,
                          subject_id, r->pool));
    if (qw_approval_status(a, now) == QW_approval_APPROVED) {
        prob = begin(r, a);
        if (prob == NULL || prob->code != QW_E_CONFLICT)
            return prob;
        /* Another has just begun, or ended it. */
        QW_TRY(qw_approval_get(&a, r->db, a->authority, a->id, r->pool));
    }
    if (a->status == QW_approval_DONE)
        return NULL;
    return is_no_use(r, a, qw_approval_status(a, now));
}

qw_problem_t *qw_approval_reject(qw_approval_t **approval,
                                 const qw_registry_t *r, const char *id,
                                 const char *reason)
{
    qw_approval_t *a;

    QW_TRY(check_reason(reason, r->pool));
    QW_TRY(take_up(&a, r, id));
    QW_TRY(decide(r, a, QW_approval_REJECTED));
    *approval = a;
    return note(r, "approval.reject", a, reason);
}

/* By the portal, or by a user name on this machine. */
static int asked_for(const qw_approval_t *a, const qw_person_t *person,
                     apr_pool_t *pool)
{
    const char *login = person->login;

    return strcmp(a->requested_by, qw_person_actor(person->id, pool)) == 0
           || (login != NULL
               && strcmp(a->requested_by,
                         apr_pstrcat(pool, "ctl:", login, NULL))
                      == 0);
}

/* Of a domain the id is the account's, then its name. */
static int is_about(const qw_approval_t *a, const char *external_id)
{
    apr_size_t n = strlen(external_id);

    return strncmp(a->subject_id, external_id, n) == 0
           && (a->subject_id[n] == '\0' || a->subject_id[n] == '/');
}

qw_problem_t *qw_approval_drop(const qw_registry_t *r,
                               const qw_person_t *person,
                               const char *external_id)
{
    apr_array_header_t *open;

    QW_TRY(qw_approval_end_overdue(r));
    QW_TRY(qw_approval_list(&open, r->db, r->authority->name, 0, r->pool));
    for (int i = 0; i < open->nelts; i++) {
        qw_approval_t *a = APR_ARRAY_IDX(open, i, qw_approval_t *);

        if (a->status == QW_approval_OPEN && asked_for(a, person, r->pool)
            && (external_id == NULL || is_about(a, external_id)))
            QW_TRY(qw_approval_reject(&a, r, a->id,
                                      "who asked for it was removed"));
    }
    return NULL;
}
