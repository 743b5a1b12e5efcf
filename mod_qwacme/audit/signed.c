#include "audit/signed.h"

#include "base/json.h"
#include "base/text.h"
#include "model/approval.h"
#include "x509/identity.h"

#include <apr_strings.h>

#include <string.h>

static int is_same(const json_t *a, const char *in_a, const json_t *b,
                   const char *in_b)
{
    return strcmp(qw_json_word(a, in_a), qw_json_word(b, in_b)) == 0;
}

/* What a form ticked is what the list says. */
static int is_flag(const json_t *action, const json_t *object, const char *name)
{
    return (strcmp(qw_json_word(action, name), "yes") == 0)
           == json_is_true(json_object_get(object, name));
}

static int is_of_account(const json_t *action, const json_t *dossier)
{
    return is_same(action, "account",
                   json_object_get(dossier, "externalAccount"), "id");
}

/* ---- does an action say what the dossier says? NULL, or what is different ---- */

typedef const char *(*differs_fn)(const json_t *action, const json_t *object,
                                  const json_t *dossier, apr_pool_t *pool);

/* Its attributes, as the registry keeps them. */
static json_t *attributes_of(const json_t *action, apr_pool_t *pool)
{
    qw_identity_t identity = { 0 };
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)action, name, value)
    {
        if (*qw_json_word(action, name) != '\0')
            (void)qw_identity_set(&identity, name, json_string_value(value));
    }
    return qw_identity_json(&identity, pool);
}

static int is_time(const json_t *action, const char *in_action,
                   const json_t *object, const char *name)
{
    apr_time_t a, b;

    return qw_text_parse_time(&a, qw_json_word(action, in_action))
           && qw_text_parse_time(&b, qw_json_word(object, name)) && a == b;
}

static int is_words(const json_t *action, const json_t *object,
                    const char *name, apr_pool_t *pool)
{
    return strcmp(qw_text_join(qw_text_words(qw_json_word(action, name), pool),
                               " ", pool),
                  qw_text_join(qw_text_words(qw_json_word(object, name), pool),
                               " ", pool))
           == 0;
}

/* OBJECT: an identity of a dossier or of a request; IDENTITY: its attributes. */
static const char *identity_differs(const json_t *action, const json_t *object,
                                    const char *identity, const json_t *dossier,
                                    apr_pool_t *pool)
{
    if (!json_equal(attributes_of(action, pool),
                    json_object_get(object, identity)))
        return "other attributes";
    if (!is_words(action, object, "profiles", pool))
        return "other profiles";
    if (!is_same(action, "verified_method", object, "verifiedMethod"))
        return "another method of verification";
    if (!is_time(action, "verified_at", object, "verifiedAt"))
        return "another time of verification";
    if (strcmp(qw_json_word(action, "do"), "account.create") == 0)
        return is_same(action, "name",
                       json_object_get(dossier, "externalAccount"), "name")
                   ? NULL
                   : "another name of the account";
    return is_of_account(action, dossier) ? NULL : "another account";
}

static const char *version_differs(const json_t *action, const json_t *object,
                                   const json_t *dossier, apr_pool_t *pool)
{
    return identity_differs(action, object, "attributes", dossier, pool);
}

static const char *domain_differs(const json_t *action, const json_t *object,
                                  const json_t *dossier, apr_pool_t *pool)
{
    if (!is_same(action, "name", object, "name"))
        return "another domain name";
    if (!is_flag(action, object, "subtree"))
        return "something else of the names below it";
    if (!is_flag(action, object, "wildcard"))
        return "something else of wildcard names";
    return is_of_account(action, dossier) ? NULL : "another account";
}

static const char *binding_differs(const json_t *action, const json_t *object,
                                   const json_t *dossier, apr_pool_t *pool)
{
    if (apr_atoi64(qw_json_word(action, "uses"))
        != json_integer_value(json_object_get(object, "maxUses")))
        return "another number of uses";
    return is_of_account(action, dossier) ? NULL : "another account";
}

static const char *request_differs(const json_t *action, const json_t *object,
                                   const json_t *dossier, apr_pool_t *pool)
{
    const json_t *request = json_object_get(object, "request");

    if (json_object_get(request, "identity") != NULL)
        return identity_differs(action, request, "identity", dossier, pool);
    if (strcmp(qw_json_word(object, "action"), QW_ACTION_DOMAIN) == 0)
        return domain_differs(action, request, dossier, pool);
    if (!is_same(action, "reason", object, "reason"))
        return "another reason";
    return is_same(action, "account", object, "subject")
                   || is_same(action, "acme", object, "subject")
               ? NULL
               : "another subject";
}

/* The whole request was shown to who decided, and signed with it. */
static const char *decision_differs(const json_t *action, const json_t *object,
                                    const json_t *dossier, apr_pool_t *pool)
{
    int was_approved =
        strcmp(qw_json_word(action, "do"), "approval.approve") == 0;
    json_t *request =
        qw_own_json_t(pool,
                      json_loads(qw_json_word(action, "request"), 0, NULL));

    if (!is_same(action, "approval", object, "id"))
        return "another request for approval";
    if (was_approved
        == (strcmp(qw_json_word(object, "status"), "rejected") == 0))
        return "the other decision";
    if (was_approved
        && !json_equal(request, json_object_get(object, "request")))
        return "another request than is approved";
    return NULL;
}

static int is_as_flagged(const json_t *a, const json_t *b, const char *name)
{
    return json_is_true(json_object_get(a, name))
           == json_is_true(json_object_get(b, name));
}

/* OBJECT: an entry that was asked for by one, and reviewed by who approved it. */
static const char *review_differs(const json_t *action, const json_t *object,
                                  const json_t *dossier, apr_pool_t *pool)
{
    json_t *request =
        qw_own_json_t(pool,
                      json_loads(qw_json_word(action, "request"), 0, NULL));

    if (!is_same(request, "name", object, "name"))
        return "another domain name";
    if (!is_as_flagged(request, object, "subtree")
        || !is_as_flagged(request, object, "wildcard"))
        return "something else of other names";
    return is_of_account(request, dossier) ? NULL : "another account";
}

/* ---- what somebody answers for -------------------------------------------------- */

static const char registrations[] = "account.create account.verify";

static const struct {
    const char *list;   /* member of the dossier: an object or a list of them */
    const char *name;   /* member that says which; NULL: there is one */
    const char *actor;  /* member */
    const char *until;  /* member; NULL: when the certificate was created */
    const char *member; /* gets the id */
    const char *kinds;
    differs_fn differs;
} rows[] = {
    { "identity", NULL, "verifiedBy", NULL, "signedAction", registrations,
      version_differs },
    { "domains", "name", "confirmedBy", "confirmedAt", "signedAction",
      "domain.add", domain_differs },
    { "domains", "name", "reviewedBy", NULL, "reviewAction", "approval.approve",
      review_differs },
    { "bindingKey", NULL, "createdBy", "created", "signedAction",
      "binding.create", binding_differs },
    { "approvals", "id", "requestedBy", "requestedAt", "requestAction",
      "account.create account.verify account.resume acme.resume domain.add",
      request_differs },
    { "approvals", "id", "decidedBy", "decidedAt", "signedAction",
      "approval.approve approval.reject", decision_differs },
};

static apr_time_t time_of(const json_t *object, const char *name)
{
    apr_time_t when = 0;

    (void)qw_text_parse_time(&when, qw_json_word(object, name));
    return when;
}

/* Times of a dossier are of whole seconds. */
static apr_time_t end_of(const json_t *object, const char *member,
                         const json_t *dossier)
{
    apr_time_t when =
        member != NULL
            ? time_of(object, member)
            : time_of(json_object_get(dossier, "certificate"), "created");

    return when + apr_time_from_sec(1);
}

static void add_want(apr_array_header_t *wants, json_t *object, int row,
                     const json_t *dossier, apr_pool_t *pool)
{
    qw_signed_want_t want = { .object = object, .what = rows[row].list };

    want.actor = qw_json_word(object, rows[row].actor);
    if (qw_actor_person(want.actor) == NULL)
        return;
    if (rows[row].name != NULL)
        want.what =
            apr_pstrcat(pool, want.what, " ",
                        qw_text_safe(qw_json_word(object, rows[row].name), 253,
                                     pool),
                        NULL);
    want.member = rows[row].member;
    want.kinds = rows[row].kinds;
    want.until = end_of(object, rows[row].until, dossier);
    want.row = row;
    APR_ARRAY_PUSH(wants, qw_signed_want_t) = want;
}

void qw_signed_wants(apr_array_header_t **wants, const json_t *dossier,
                     apr_pool_t *pool)
{
    *wants = apr_array_make(pool, 8, sizeof(qw_signed_want_t));
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *one = json_object_get(dossier, rows[i].list), *item;
        apr_size_t k;

        if (json_is_object(one))
            add_want(*wants, one, (int)i, dossier, pool);
        json_array_foreach(one, k, item)
            add_want(*wants, item, (int)i, dossier, pool);
    }
}

const char *qw_signed_differs(const qw_signed_want_t *want,
                              const json_t *action, const json_t *dossier,
                              apr_pool_t *pool)
{
    if (!qw_text_in(qw_text_words(want->kinds, pool),
                    qw_json_word(action, "do")))
        return "another kind of action";
    if (strcmp(qw_json_word(action, "person"), qw_actor_person(want->actor))
        != 0)
        return "an action of another person";
    return rows[want->row].differs(action, want->object, dossier, pool);
}
