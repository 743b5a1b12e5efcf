/* People of the portal: invited by two secrets, known by one name, removed at
 * once. */
#include "registry/people.h"

#include "base/json.h"
#include "base/text.h"
#include "base/world.h"

#include "box.h"
#include "tap.h"

static apr_time_t clock_now = 1800000000;

static apr_time_t now(void)
{
    return apr_time_from_sec(clock_now);
}

static int draw;

/* Every draw another, no two alike. */
static int chance(unsigned char *out, apr_size_t len)
{
    draw++;
    for (apr_size_t i = 0; i < len; i++)
        out[i] = (unsigned char)((apr_size_t)draw * 7 + i * 3);
    return 1;
}

static const qw_world_t world = { now, chance };

static qw_newcomer_t newcomer(const char *name)
{
    return (qw_newcomer_t){ .name = name,
                            .mail = "a@exemple.fr",
                            .language = "fr",
                            .expires = now() + apr_time_from_sec(600) };
}

static void test_keys(apr_pool_t *pool)
{
    static const struct {
        const char *a, *b;
        int same;
        const char *why;
    } rows[] = {
        { "Admin", "admin", 1, "OPR-14 case" },
        { "Admin",
          "\xef\xbc\xa1"
          "dmin",
          1, "OPR-14 full width" },
        { "Zo\xc3\xab", "Zoe\xcc\x88", 1, "OPR-14 composed or not" },
        { "Stra\xc3\x9f"
          "e",
          "STRASSE", 1, "OPR-14 sharp s" },
        { "\xef\xac\x81n", "fin", 1, "OPR-14 ligature" },
        { "a  b", " a b ", 1, "OPR-14 spaces" },
        { "a b", "ab", 0, "but a space is not nothing" },
        { "anna", "annb", 0, "and others are others" },
    };
    const char *a, *b;

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ok(is_good(qw_person_key(&a, rows[i].a, pool))
               && is_good(qw_person_key(&b, rows[i].b, pool))
               && (strcmp(a, b) == 0) == rows[i].same,
           "%s", rows[i].why);
    ok(is_code(qw_person_key(&a, "", pool), QW_E_INVALID_INPUT),
       "nothing is no name");
    ok(is_code(qw_person_key(&a, " ", pool), QW_E_INVALID_INPUT),
       "nor a space");
    ok(is_code(qw_person_key(&a,
                             "a\xe2\x80\x8b"
                             "b",
                             pool),
               QW_E_INVALID_INPUT),
       "OPR-14 nor one with what is not seen");
    ok(is_code(qw_person_key(&a, "a\xff", pool), QW_E_INVALID_INPUT),
       "nor what is no UTF-8");
}

static qw_authenticator_t passkey(const char *credential)
{
    return (qw_authenticator_t){ .credential_id = credential,
                                 .algorithm = -7,
                                 .public_key = "k",
                                 .aaguid = "a",
                                 .attestation = "none",
                                 .transports = "" };
}

/* With TOKEN and SECRET; what became of it. */
static qw_problem_t *come(const qw_registry_t *r, const char *token,
                          const char *secret, const char *credential)
{
    qw_authenticator_t a = passkey(credential);
    qw_person_t *person;
    qw_invite_t *invite;
    int wrong;

    QW_TRY(qw_registry_invited(&person, &invite, &wrong, r, token, secret));
    return qw_registry_accept(r, person, invite, &a);
}

static void test_invitation(const qw_registry_t *r)
{
    qw_newcomer_t n = newcomer("Anne Officer"), twin = newcomer("ANNE officer");
    qw_invitation_t i, again;
    qw_person_t *person;
    qw_invite_t *invite;
    int wrong;

    n.mail = "anne@qtsp.fr";
    ok(is_good(qw_registry_invite_officer(&i, r, &n, "officer", 0)), "invite");
    ok(strlen(i.token) == 43 && strlen(i.secret) == 14, "token and secret");
    ok(is_code(qw_registry_invite_officer(&i, r, &twin, "auditor", 0),
               QW_E_CONFLICT),
       "OPR-14 one identity whatever the case");
    ok(is_code(qw_registry_invite_officer(&i, r, &n, "operator", 0),
               QW_E_INVALID_INPUT),
       "an operator is none of the provider");
    ok(is_code(qw_registry_invited(&person, &invite, &wrong, r, i.token,
                                   "2222-2222-2222"),
               QW_E_UNAUTHORIZED)
           && wrong,
       "a wrong secret");
    ok(is_code(qw_registry_invited(&person, &invite, &wrong, r, "x", i.secret),
               QW_E_UNAUTHORIZED)
           && !wrong,
       "a wrong link");
    ok(is_good(qw_registry_invited(&person, &invite, &wrong, r, i.token,
                                   qw_text_lower(i.secret, r->pool))),
       "both, typed in lower case");
    is_str(person->name, "Anne Officer", "who is meant");
    ok(person->status == QW_person_INVITED, "and not there yet");
    n.again = 1;
    ok(is_good(qw_registry_invite_officer(&again, r, &n, "officer", 0)),
       "a new invitation");
    ok(is_code(come(r, i.token, i.secret, "c0"), QW_E_UNAUTHORIZED),
       "voids the old one");
    ok(is_good(come(r, again.token, again.secret, "c1")), "accept");
    ok(is_code(come(r, again.token, again.secret, "c2"), QW_E_UNAUTHORIZED),
       "once only");
    ok(is_good(qw_person_get(&person, r->db, person->id, r->pool))
           && person->status == QW_person_ACTIVE,
       "now there");
}

static void test_tries(const qw_registry_t *r)
{
    qw_newcomer_t n = newcomer("Bert");
    qw_invitation_t i;
    qw_person_t *person;
    qw_invite_t *invite;
    int wrong, tries;

    ok(is_good(qw_registry_invite_officer(&i, r, &n, "auditor", 1)), "invite");
    for (tries = 0; tries < 5; tries++) {
        (void)!qw_registry_invited(&person, &invite, &wrong, r, i.token, "no");
        ok(wrong && is_good(qw_registry_count_try(r, invite)), "wrong");
    }
    ok(is_code(come(r, i.token, i.secret, "c3"), QW_E_UNAUTHORIZED),
       "after five tries the right one is refused too");
    n.again = 1;
    ok(is_good(qw_registry_invite_officer(&i, r, &n, "auditor", 1)), "again");
    clock_now += 601;
    ok(is_code(come(r, i.token, i.secret, "c3"), QW_E_UNAUTHORIZED),
       "too late");
    clock_now -= 601;
    ok(is_code(come(r, i.token, i.secret, "c1"), QW_E_CONFLICT),
       "a passkey belongs to one person");
}

static qw_problem_t *officers(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    qw_registry_t r = { db, qw_authority_make("live", pool), "ctl:test", pool };

    test_invitation(&r);
    test_tries(&r);
    return NULL;
}

static qw_problem_t *operators(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    qw_registry_t r = { db, qw_authority_make("live", pool), "ctl:test", pool };
    qw_external_t e1 = box_external("ext1"), e2 = box_external("ext2");
    qw_newcomer_t n = newcomer("Olga"), o = newcomer("Otto"),
                  officer = newcomer("anne officer");
    qw_invitation_t i, j;
    apr_array_header_t *list;
    qw_person_t *person;
    qw_session_t s = { "s", "live", NULL, NULL, 1, 1, 2, NULL }, *found;
    qw_authenticator_t *key;

    ok(is_good(qw_external_insert(db, &e1, pool))
           && is_good(qw_external_insert(db, &e2, pool)),
       "two accounts");
    officer.mail = "anne@qtsp.fr";
    ok(is_good(qw_registry_invite_operator(&i, &r, &e1, &n)), "invite");
    ok(is_code(qw_registry_invite_operator(&j, &r, &e1, &n), QW_E_CONFLICT),
       "not twice");
    ok(is_good(qw_registry_invite_operator(&j, &r, &e2, &n)) && j.token == NULL,
       "who is known acts for the other account at once");
    ok(is_code(qw_registry_invite_operator(&j, &r, &e1, &officer),
               QW_E_CONFLICT),
       "an officer is no operator");
    ok(is_good(come(&r, i.token, i.secret, "c9")), "accept");
    ok(is_code(qw_registry_remove_operator(&r, &e1, "OLGA"), QW_E_CONFLICT),
       "OPR-07 the last operator stays");
    ok(is_good(qw_registry_invite_operator(&j, &r, &e1, &o)), "invite another");
    ok(is_code(qw_registry_remove_operator(&r, &e1, "Olga"), QW_E_CONFLICT),
       "OPR-07 one who has not accepted is nobody");
    ok(is_good(come(&r, j.token, j.secret, "c10")), "now they have");
    ok(is_good(qw_authenticator_find(&key, db, "c9", pool)) && key != NULL,
       "a passkey");
    s.person_id = i.person_id;
    s.authenticator_id = key->id;
    ok(is_good(qw_session_insert(db, &s, pool))
           && is_good(qw_session_get(&found, db, "s", "live", pool))
           && found != NULL,
       "a session");
    ok(is_good(qw_session_get(&found, db, "s", "test", pool)) && found == NULL,
       "not at another authority");
    ok(is_good(qw_registry_remove_operator(&r, &e1, "Olga")), "remove");
    ok(is_good(qw_person_get(&person, db, i.person_id, pool))
           && person->status == QW_person_ACTIVE,
       "who has another account is there still");
    ok(is_good(qw_operator_accounts(&list, db, i.person_id, "live", pool))
           && list->nelts == 1,
       "with that one");
    e2.status = QW_external_CLOSED;
    ok(is_good(qw_registry_remove_operator(&r, &e2, "Olga")),
       "OPR-07 a closed account needs nobody");
    ok(is_good(qw_person_get(&person, db, i.person_id, pool))
           && person->status == QW_person_REMOVED,
       "and is gone with the last");
    ok(is_good(qw_session_get(&found, db, "s", "live", pool)) && found == NULL,
       "OPR-08 with every session");
    ok(is_good(qw_authenticator_find(&key, db, "c9", pool)) && key == NULL,
       "OPR-08 and the passkey");
    ok(is_good(qw_registry_remove_officer(&r, "Anne Officer"))
           && is_code(qw_registry_remove_officer(&r, "Anne Officer"),
                      QW_E_NOT_FOUND),
       "an officer goes once");
    ok(is_good(qw_registry_invite_officer(&j, &r, &officer, "officer", 0)),
       "and the name is free again");
    return NULL;
}

/* Olga operates an account of authority "both", or has a user name here. */
static qw_problem_t *both(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    qw_registry_t r = { db, qw_authority_make("both", pool), "ctl:test", pool },
                  other = { db, qw_authority_make("apart", pool), "ctl:test",
                            pool };
    qw_external_t e = box_external("ext3");
    qw_newcomer_t olga = newcomer("Olga B"), twin = newcomer("Olive B"),
                  ann = newcomer("Ann B");
    qw_invitation_t i;

    e.authority = "both";
    olga.mail = "olga@b.test";
    twin.mail = "OLGA@B.test";
    ann.login = "ann";
    ok(is_good(qw_external_insert(db, &e, pool))
           && is_good(qw_registry_invite_operator(&i, &r, &e, &olga)),
       "an operator");
    ok(is_code(qw_registry_invite_officer(&i, &r, &twin, "officer", 0),
               QW_E_CONFLICT)
           && is_code(qw_registry_invite_officer(&i, &r, &twin, "officer", 1),
                      QW_E_CONFLICT)
           && is_code(qw_registry_check_officer(&r, &twin, "officer", 0),
                      QW_E_CONFLICT),
       "nobody is officer and operator: mail addresses in whatever case");
    ok(is_code(qw_registry_invite_officer(&i, &other, &twin, "officer", 1),
               QW_E_CONFLICT),
       "nor by way of another authority");
    ok(is_good(qw_registry_invite_officer(&i, &r, &ann, "officer", 0)),
       "an officer");
    olga.name = "Ann Twin";
    olga.login = "ANN";
    ok(is_code(qw_registry_invite_operator(&i, &r, &e, &olga), QW_E_CONFLICT),
       "nor by the user name");
    ok(is_good(qw_registry_invite_officer(&i, &other, &twin, "officer", 0)),
       "of another authority one may be");
    twin.name = "Auditor B";
    ok(is_good(qw_registry_invite_officer(&i, &r, &twin, "auditor", 0)),
       "an auditor only reads");
    return NULL;
}

/* An officer of all authorities asks in one, and is removed in another. */
static qw_problem_t *gone(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    static const qw_approval_action_t actions[] = {
        { QW_ACTION_RESUME, NULL, 0 }, { NULL, NULL, 0 }
    };
    qw_registry_t here = { db, qw_authority_make("here", pool), "ctl:test",
                           pool },
                  there = { db, qw_authority_make("there", pool), NULL, pool };
    qw_newcomer_t all = newcomer("Alma All");
    qw_asking_t asking = { QW_ACTION_RESUME, "account", "x",
                           qw_json_new_object(pool), "why" };
    qw_approval_t *a, *done;
    qw_invitation_t i;

    all.mail = "alma@qtsp.fr";
    ok(is_good(qw_registry_invite_officer(&i, &here, &all, "officer", 1)),
       "an officer of all");
    there.actor = apr_pstrcat(pool, "portal:", i.person_id, NULL);
    ok(is_good(qw_approval_request(&a, &there, &asking)), "asks");
    ok(is_good(qw_registry_remove_officer(&here, "Alma All")), "is removed");
    there.actor = "ctl:bert";
    ok(is_code(qw_approval_approve(&done, &there, a->id, actions, NULL),
               QW_E_CONFLICT),
       "OPR-08 nothing is approved that nobody wants any more");
    return NULL;
}

static qw_problem_t *counters(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    qw_authenticator_t *a;

    ok(is_good(qw_authenticator_find(&a, db, "c10", pool)) && a != NULL, "one");
    ok(is_good(qw_authenticator_use(db, a->id, 0, 1, pool)), "without counter");
    ok(is_good(qw_authenticator_use(db, a->id, 0, 2, pool)), "it stays at 0");
    ok(is_good(qw_authenticator_use(db, a->id, 7, 3, pool)), "it goes up");
    ok(is_code(qw_authenticator_use(db, a->id, 7, 4, pool), QW_E_CONFLICT),
       "OPR-03 the same again is a copy");
    ok(is_code(qw_authenticator_use(db, a->id, 6, 4, pool), QW_E_CONFLICT),
       "OPR-03 less is a copy");
    ok(is_code(qw_authenticator_use(db, a->id, 0, 4, pool), QW_E_CONFLICT),
       "OPR-03 none any more is a copy");
    return NULL;
}

int main(void)
{
    box_t *box = box_open();

    qw_world_set(&world);
    test_keys(box->pool);
    ok(is_good(box_write(box, officers, NULL)), "committed");
    ok(is_good(box_write(box, operators, NULL)), "committed");
    ok(is_good(box_write(box, both, NULL)), "committed");
    ok(is_good(box_write(box, gone, NULL)), "committed");
    ok(is_good(box_write(box, counters, NULL)), "committed");
    box_close(box);
    return done_testing();
}
