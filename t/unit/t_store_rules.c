/* The invariants, attacked by plain SQL: the database itself says no. */
#include "box.h"
#include "tap.h"

#include "store/db_job.h"
#include "store/db_ledger.h"
#include "store/db_seal.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

#define ATTEMPT(id, order_id, kind, serial, status, der)                       \
    "INSERT INTO qw_attempt (id, authority, order_id, kind, issuer, serial, "  \
    "tbs, tbs_hash, profile_hash, identity_version, status, node, "            \
    "lease_until, created, der) VALUES ('" id "', 'live', " order_id           \
    ", '" kind "', 'issuer', '" serial "', 'tbs', '" HASH                      \
    "', 'hash', 1, '" status "', 'node', 1, 1, " der ")"

#define CERTIFICATE(id, order_id, account, external, attempt, serial)          \
    "INSERT INTO qw_certificate (id, authority, order_id, account_id, "        \
    "external_id, attempt_id, issuer, serial, spki_hash, fingerprint, names, " \
    "profile, identity_version, not_before, not_after, created, pem) VALUES "  \
    "('" id "', 'live', '" order_id "', '" account "', '" external             \
    "', '" attempt "', 'issuer', '" serial                                     \
    "', 'k', 'f', '[]', 'p', 1, 1, 2, 1, 'PEM')"

#define APPROVAL(id, subject, status)                                          \
    "INSERT INTO qw_approval (id, authority, action, subject_kind, "           \
    "subject_id, request, reason, requested_by, requested_at, expires, "       \
    "status) VALUES ('" id "', 'live', 'resume', 'account', '" subject         \
    "', '{}', 'why', 'ctl:anna', 1, 2, '" status "')"

#define ORDER(id, account, external, authority, status)                        \
    "INSERT INTO qw_order (id, authority, account_id, external_id, status, "   \
    "created, expires, names, profile, profile_hash) VALUES ('" id             \
    "', '" authority "', '" account "', '" external "', '" status              \
    "', 1, 2, '[]', 'p', 'h')"

#define PERSON(id, key)                                                        \
    "INSERT INTO qw_person (id, authority, role, name, name_key, mail, "       \
    "language, status, created, created_by) VALUES ('" id                      \
    "', 'live', 'operator', '" key "', '" key                                  \
    "', 'a@b.c', 'fr', 'invited', 1, 'x')"

#define ACTION(id, nonce)                                                      \
    "INSERT INTO qw_action (id, authority, person_id, authenticator_id, "      \
    "action, nonce, client_data, authenticator_data, signature, at) VALUES ("  \
    "'" id "', 'live', 'p1', 'k1', '{}', '" nonce "', 'c', 'a', 's', 1)"

static qw_problem_t *more(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_external_t e = box_external("ext2");
    qw_binding_t b = box_binding("key2", "ext2");
    qw_account_t a = box_account("acc2", "key2", "ext2");
    qw_domain_t d = { "d1", "ext1", "a.example", 0, 0, "op", 1, NULL, 0, NULL };
    qw_challenge_t c = { "c1", "z-pending", "http-01", "t1", 0, 0, NULL, NULL };
    qw_challenge_t c2 = { "c2", "z-pending", "dns-01", "t2", 0, 0, NULL, NULL };
    qw_event_t v = { "e1", "live", 1, "x", "y", "order", "o", "{}" };
    qw_seal_entry_t place = { 1, "e1", HASH, &v };
    qw_checkpoint_t point = { 1, 0, HASH, 1, "signature", NULL };
    qw_revocation_t r = { "issuer", "77", "live", 4, 5, 6, "x" };

    QW_TRY(qw_external_insert(db, &e, p));
    QW_TRY(qw_binding_insert(db, &b, p));
    QW_TRY(qw_account_insert(db, &a, p));
    QW_TRY(qw_domain_insert(db, &d, p));
    QW_TRY(box_new_order(db, "pending", QW_order_PENDING, "a.example", p));
    QW_TRY(box_new_order(db, "ready", QW_order_READY, "b.example", p));
    QW_TRY(box_new_order(db, "other", QW_order_READY, "c.example", p));
    QW_TRY(box_new_order(db, "third", QW_order_READY, "d.example", p));
    QW_TRY(qw_challenge_insert(db, &c, p));
    QW_TRY(qw_challenge_insert(db, &c2, p));
    QW_TRY(qw_challenge_begin(db, "c1", p));
    QW_TRY(qw_event_insert(db, &v, p));
    QW_TRY(qw_seal_put(db, &place, p));
    QW_TRY(qw_checkpoint_insert(db, &point, p));
    QW_TRY(qw_checkpoint_stamp(db, 1, "timestamp", p));
    QW_TRY(qw_revocation_insert(db, &r, p));
    QW_TRY(qw_nonce_spend(db, "n", 1, p));
    return qw_order_begin(db, "ready", "csr", p);
}

/* What must go well, so that what follows fails for its own reason. */
static const char *const good[] = {
    ATTEMPT("t1", "'ready'", "cert", "01", "signing", "NULL"),
    ATTEMPT("t2", "'other'", "cert", "02", "signing", "NULL"),
    ATTEMPT("t3", "NULL", "crl", "01", "signing", "NULL"),
    ATTEMPT("t4", "'third'", "cert", "04", "signing", "NULL"),
    ATTEMPT("t5", "'pending'", "precert", "05", "signing", "NULL"),
    ATTEMPT("t6", "'other'", "precert", "06", "signing", "NULL"),
    "UPDATE qw_attempt SET status = 'issued', der = 'DER' WHERE id = 't6'",
    "UPDATE qw_attempt SET status = 'spent' WHERE id = 't6'",
    "UPDATE qw_attempt SET status = 'issued', der = 'DER' WHERE id = 't1'",
    "UPDATE qw_attempt SET status = 'orphan' WHERE id = 't2'",
    "UPDATE qw_attempt SET der = 'LATE' WHERE id = 't2'",
    "UPDATE qw_attempt SET lease_until = 9 WHERE id = 't4'",
    CERTIFICATE("cert1", "ready", "acc1", "ext1", "t1", "01"),
    "UPDATE qw_order SET status = 'valid', certificate_id = 'cert1' "
    "WHERE id = 'ready'",
    "INSERT INTO qw_incident (id, authority, name, url, created_by, created) "
    "VALUES ('i1', 'live', 'one', 'u', 'op', 1)",
    "INSERT INTO qw_incident (id, authority, name, url, created_by, created) "
    "VALUES ('i2', 'live', 'two', 'u', 'op', 1)",
    "INSERT INTO qw_recall (certificate_id, incident_id) "
    "VALUES ('cert1', 'i1')",
    "UPDATE qw_incident SET cleared = 5 WHERE id = 'i1'",
    APPROVAL("p1", "s1", "open"),
    APPROVAL("p2", "s2", "open"),
    APPROVAL("p3", "s3", "open"),
    "UPDATE qw_approval SET status = 'approved', decided_by = 'ctl:bert', "
    "decided_at = 5 WHERE id = 'p2'",
    "UPDATE qw_approval SET status = 'rejected', decided_by = 'ctl:anna', "
    "decided_at = 5 WHERE id = 'p3'",
    APPROVAL("p4", "s4", "open"),
    "UPDATE qw_approval SET status = 'approved', decided_by = 'ctl:bert', "
    "decided_at = 5 WHERE id = 'p4'",
    "UPDATE qw_approval SET status = 'expired' WHERE id = 'p4'",
    "INSERT INTO qw_order (id, authority, account_id, external_id, status, "
    "created, expires, names, profile, profile_hash, replaces) VALUES "
    "('renews', 'live', 'acc1', 'ext1', 'pending', 1, 2, '[]', 'p', 'h', 'c')",
    PERSON("p1", "anna"),
    PERSON("p2", "bert"),
    "UPDATE qw_person SET status = 'active' WHERE id = 'p1'",
    "UPDATE qw_person SET status = 'removed', removed_by = 'x' WHERE id = 'p2'",
    PERSON("p3", "bert"),
    "INSERT INTO qw_authenticator (id, person_id, credential_id, algorithm, "
    "public_key, sign_count, aaguid, attestation, transports, created) VALUES "
    "('k1', 'p1', 'c1', -7, 'k', 5, 'a', 'none', '', 1)",
    "INSERT INTO qw_operator (id, person_id, authority, external_id, created, "
    "created_by) VALUES ('o1', 'p1', 'live', 'ext1', 1, 'x')",
    "INSERT INTO qw_invite (id, person_id, secret_hash, created, created_by, "
    "expires, used_at) VALUES ('v1', 'p1', 'h', 1, 'x', 9, 2)",
    "INSERT INTO qw_session (id, authority, person_id, authenticator_id, "
    "created, seen, expires) VALUES ('s1', 'live', 'p1', 'k1', 1, 1, 9)",
    "UPDATE qw_session SET seen = 2 WHERE id = 's1'",
    ACTION("x1", "n1"),
    "INSERT INTO qw_authenticator (id, person_id, credential_id, algorithm, "
    "public_key, sign_count, aaguid, attestation, transports, created, "
    "subject) VALUES ('k2', 'p1', 'env:live:S=a', 0, '', 0, '', 'env', '', 1, "
    "'S=a')",
    "INSERT INTO qw_confirmation (id, session_id, action, shown, expires) "
    "VALUES ('c1', 's1', '{}', 1, 9)",
    "UPDATE qw_binding SET status = 'revoked' WHERE id = 'key2'",
    "UPDATE qw_external SET status = 'closed' WHERE id = 'ext2'",
    "UPDATE qw_account SET status = 'deactivated' WHERE id = 'acc2'",
    "UPDATE qw_domain SET removed_by = 'x', removed_at = 1 WHERE id = 'd1'",
    "UPDATE qw_external SET identity = '{1}', identity_version = 2 "
    "WHERE id = 'ext1'",
};

#define CASE(id, kind, status, opened_by)                                      \
    "INSERT INTO qw_case (id, authority, kind, subject, options, total, "      \
    "status, opened_by, opened) VALUES ('" id "', 'live', '" kind              \
    "', 's', '{}', 3, '" status "', '" opened_by "', 1)"
#define ITEM(case_id, seq, kind, status)                                       \
    "INSERT INTO qw_case_item (case_id, seq, authority, kind, subject_id, "    \
    "label, reason, flagged, not_before, status) VALUES ('" case_id "', " seq  \
    ", 'live', '" kind "', 'x', 'l', 0, 0, 0, '" status "')"
#define END_ITEM(seq, status)                                                  \
    "UPDATE qw_case_item SET status = '" status                                \
    "', at = 1, actor = 'op', result = 'r' WHERE case_id = 'k1' AND seq "      \
    "= " seq

static const char *const good_cases[] = {
    CASE("k1", "bulk-revoke", "open", "op"),
    CASE("k2", "key", "open", "op"),
    ITEM("k1", "1", "revoke", "planned"),
    ITEM("k1", "2", "revoke", "planned"),
    END_ITEM("1", "failed"),
    "UPDATE qw_case_item SET status = 'planned', at = 0, actor = NULL, "
    "result = NULL WHERE case_id = 'k1' AND seq = 1",
    END_ITEM("1", "done"),
    "UPDATE qw_case SET approved_by = 'other', approved = 2 WHERE id = 'k1'",
    "UPDATE qw_case SET warned = 2 WHERE id = 'k1'",
    "UPDATE qw_case SET status = 'closed', conclusion = 'c', "
    "closed_by = 'op', closed = 3 WHERE id = 'k2'",
};

static const struct {
    const char *rule;
    const char *sql;
} bad[] = {
    { "a case begins as open", CASE("k9", "key", "closed", "op") },
    { "of a kind that there is", CASE("k9", "whim", "open", "op") },
    { "what it is about does not change",
      "UPDATE qw_case SET subject = 'x' WHERE id = 'k1'" },
    { "nor who opened it",
      "UPDATE qw_case SET opened_by = 'x' WHERE id = 'k1'" },
    { "nor what was written", "UPDATE qw_case SET text = 'x' WHERE id = 'k1'" },
    { "nor when it is due", "UPDATE qw_case SET due = 9 WHERE id = 'k1'" },
    { "nor who approved it",
      "UPDATE qw_case SET approved_by = 'third' WHERE id = 'k1'" },
    { "who opened it does not approve it",
      CASE("k8", "key", "open", "op") ";UPDATE qw_case SET approved_by = 'op', "
                                      "approved = 2 WHERE id = 'k8'" },
    { "a warning is not taken back",
      "UPDATE qw_case SET warned = 1 WHERE id = 'k1'" },
    { "it is not closed without a conclusion",
      "UPDATE qw_case SET status = 'closed', closed_by = 'op', closed = 3 "
      "WHERE id = 'k1'" },
    { "nor by nobody", "UPDATE qw_case SET status = 'closed', conclusion = 'c' "
                       "WHERE id = 'k1'" },
    { "closed stays closed", "UPDATE qw_case SET status = 'open', conclusion = "
                             "NULL, closed_by = NULL WHERE id = 'k2'" },
    { "cases are not deleted", "DELETE FROM qw_case WHERE id = 'k2'" },
    { "an item begins as planned", ITEM("k1", "3", "revoke", "done") },
    { "of a kind that there is", ITEM("k1", "3", "hold", "planned") },
    { "of an open case", ITEM("k2", "1", "revoke", "planned") },
    { "not more than the case has", ITEM("k1", "4", "revoke", "planned") },
    { "what is done stays done", END_ITEM("1", "failed") },
    { "and is not planned again",
      "UPDATE qw_case_item SET status = 'planned', at = 0, actor = NULL "
      "WHERE case_id = 'k1' AND seq = 1" },
    { "nobody ends an item without a name",
      "UPDATE qw_case_item SET status = 'done' "
      "WHERE case_id = 'k1' AND seq = 2" },
    { "what it is about does not change",
      "UPDATE qw_case_item SET subject_id = 'y', status = 'done', actor = 'op' "
      "WHERE case_id = 'k1' AND seq = 2" },
    { "items are not deleted", "DELETE FROM qw_case_item WHERE seq = 2" },

    { "a name is one person's", PERSON("p9", "anna") },
    { "a person's name stays",
      "UPDATE qw_person SET name_key = 'z' WHERE id = 'p1'" },
    { "a person's role stays",
      "UPDATE qw_person SET role = 'officer' WHERE id = 'p1'" },
    { "a person who came is not invited any more",
      "UPDATE qw_person SET status = 'invited' WHERE id = 'p1'" },
    { "who was removed does not come back",
      "UPDATE qw_person SET status = 'active', removed_by = NULL "
      "WHERE id = 'p2'" },
    { "who was removed was so by somebody",
      "UPDATE qw_person SET status = 'removed' WHERE id = 'p3'" },
    { "persons are permanent", "DELETE FROM qw_person WHERE id = 'p3'" },
    { "OPR-03 a counter never goes back",
      "UPDATE qw_authenticator SET sign_count = 4 WHERE id = 'k1'" },
    { "an authenticator's key stays",
      "UPDATE qw_authenticator SET public_key = 'z' WHERE id = 'k1'" },
    { "an authenticator is one person's",
      "UPDATE qw_authenticator SET person_id = 'p3' WHERE id = 'k1'" },
    { "authenticators are permanent",
      "DELETE FROM qw_authenticator WHERE id = 'k1'" },
    { "an operator is of one account",
      "UPDATE qw_operator SET external_id = 'ext2' WHERE id = 'o1'" },
    { "and of that once",
      "INSERT INTO qw_operator (id, person_id, authority, external_id, "
      "created, created_by) VALUES ('o2', 'p1', 'live', 'ext1', 1, 'x')" },
    { "of its authority",
      "INSERT INTO qw_operator (id, person_id, authority, external_id, "
      "created, created_by) VALUES ('o3', 'p3', 'test', 'ext1', 1, 'x')" },
    { "records of operators are permanent",
      "DELETE FROM qw_operator WHERE id = 'o1'" },
    { "an invitation is used once",
      "UPDATE qw_invite SET used_at = 0 WHERE id = 'v1'" },
    { "invitations are permanent", "DELETE FROM qw_invite WHERE id = 'v1'" },
    { "a session does not get longer",
      "UPDATE qw_session SET expires = 99 WHERE id = 's1'" },
    { "a session is one person's",
      "UPDATE qw_session SET person_id = 'p3' WHERE id = 's1'" },
    { "signed actions do not change",
      "UPDATE qw_action SET action = '[]' WHERE id = 'x1'" },
    { "signed actions are permanent", "DELETE FROM qw_action WHERE id = 'x1'" },
    { "an assertion signs one action", ACTION("x2", "n1") },
    { "an action has its signature or its proof",
      "INSERT INTO qw_action (id, authority, person_id, authenticator_id, "
      "action, nonce, client_data, authenticator_data, at) VALUES "
      "('x3', 'live', 'p1', 'k1', '{}', 'n3', 'c', 'a', 1)" },
    { "and not both",
      "INSERT INTO qw_action (id, authority, person_id, authenticator_id, "
      "action, nonce, client_data, authenticator_data, signature, at, proof) "
      "VALUES ('x4', 'live', 'p1', 'k1', '{}', 'n4', 'c', 'a', 's', 1, '{}')" },
    { "what was shown does not change",
      "UPDATE qw_confirmation SET shown = 0 WHERE id = 'c1'" },
    { "a passkey is never free for another person",
      "UPDATE qw_authenticator SET released = 1 WHERE id = 'k1'" },
    { "a subject is one person's",
      "INSERT INTO qw_authenticator (id, person_id, credential_id, algorithm, "
      "public_key, sign_count, aaguid, attestation, transports, created, "
      "subject) VALUES ('k3', 'p3', 'env:live:S=a', 0, '', 0, '', 'env', '', "
      "1, 'S=A')" },
    { "and keeps its spelling",
      "UPDATE qw_authenticator SET subject = 'S=A' WHERE id = 'k2'" },
    { "an ACME account keeps its external account",
      "UPDATE qw_account SET external_id = 'ext2', binding_id = 'key2' "
      "WHERE id = 'acc1'" },
    { "and its authority",
      "UPDATE qw_account SET authority = 'test' WHERE id = 'acc1'" },
    { "and its binding key",
      "UPDATE qw_account SET binding_id = 'key2' WHERE id = 'acc1'" },
    { "and its id", "UPDATE qw_account SET id = 'x' WHERE id = 'acc1'" },
    { "it always has an external account",
      "INSERT INTO qw_account (id, authority, external_id, binding_id, status, "
      "thumbprint, jwk, contacts, eab, created) VALUES ('a9', 'live', NULL, "
      "'key1', 'valid', 't9', '{}', '[]', '{}', 1)" },
    { "of the same authority",
      "INSERT INTO qw_account (id, authority, external_id, binding_id, status, "
      "thumbprint, jwk, contacts, eab, created) VALUES ('a9', 'test', 'ext1', "
      "'key1', 'valid', 't9', '{}', '[]', '{}', 1)" },
    { "to which the binding key belongs",
      "INSERT INTO qw_account (id, authority, external_id, binding_id, status, "
      "thumbprint, jwk, contacts, eab, created) VALUES ('a9', 'live', 'ext1', "
      "'key2', 'valid', 't9', '{}', '[]', '{}', 1)" },
    { "a thumbprint is in an authority once",
      "INSERT INTO qw_account (id, authority, external_id, binding_id, status, "
      "thumbprint, jwk, contacts, eab, created) VALUES ('a9', 'live', 'ext1', "
      "'key1', 'valid', 'acc1', '{}', '[]', '{}', 1)" },
    { "a deactivated account stays so",
      "UPDATE qw_account SET status = 'valid' WHERE id = 'acc2'" },
    { "no other word for a state",
      "UPDATE qw_account SET status = 'VALID' WHERE id = 'acc1'" },
    { "accounts are not deleted", "DELETE FROM qw_account WHERE id = 'acc1'" },

    { "[ARI-09] one live order replaces a certificate",
      "INSERT INTO qw_order (id, authority, account_id, external_id, status, "
      "created, expires, names, profile, profile_hash, replaces) VALUES "
      "('two', 'live', 'acc1', 'ext1', 'ready', 1, 2, '[]', 'p', 'h', 'c')" },
    { "and does not replace another one later",
      "UPDATE qw_order SET replaces = 'd' WHERE id = 'renews'" },
    { "nor begin to replace one",
      "UPDATE qw_order SET replaces = 'd' WHERE id = 'pending'" },
    { "a cleared incident stays so",
      "UPDATE qw_incident SET cleared = 0 WHERE id = 'i1'" },
    { "an incident keeps its explanation",
      "UPDATE qw_incident SET url = 'v' WHERE id = 'i2'" },
    { "and its name is in an authority once",
      "INSERT INTO qw_incident (id, authority, name, url, created_by, created) "
      "VALUES ('i3', 'live', 'one', 'u', 'op', 1)" },
    { "incidents are not deleted", "DELETE FROM qw_incident WHERE id = 'i2'" },
    { "nor what was in them",
      "DELETE FROM qw_recall WHERE incident_id = 'i1'" },
    { "and that is certificates",
      "INSERT INTO qw_recall (certificate_id, incident_id) "
      "VALUES ('none', 'i2')" },

    { "a request for approval begins as open",
      APPROVAL("p9", "s9", "rejected") },
    { "of one action and subject there is one", APPROVAL("p9", "s1", "open") },
    { "also while it is approved and not done", APPROVAL("p9", "s2", "open") },
    { "[OPR-14] who asks does not approve",
      "UPDATE qw_approval SET status = 'approved', decided_by = 'ctl:anna', "
      "decided_at = 5 WHERE id = 'p1'" },
    { "[OPR-14] in capitals neither",
      "UPDATE qw_approval SET status = 'approved', decided_by = 'ctl: ANNA', "
      "decided_at = 5 WHERE id = 'p1'" },
    { "[OPR-14] nor by another way in",
      "UPDATE qw_approval SET status = 'approved', decided_by = "
      "'officer:anna', decided_at = 5 WHERE id = 'p1'" },
    { "nobody has not approved",
      "UPDATE qw_approval SET status = 'approved' WHERE id = 'p1'" },
    { "what is not approved is not done",
      "UPDATE qw_approval SET status = 'done', decided_by = 'ctl:bert', "
      "decided_at = 5 WHERE id = 'p1'" },
    { "what is rejected stays so",
      "UPDATE qw_approval SET status = 'approved', decided_by = 'ctl:bert' "
      "WHERE id = 'p3'" },
    { "who approved stays on record",
      "UPDATE qw_approval SET status = 'done', decided_by = 'ctl:carl' "
      "WHERE id = 'p2'" },
    { "what nobody made use of in time stays so",
      "UPDATE qw_approval SET status = 'done' WHERE id = 'p4'" },
    { "what was asked for stays as it was",
      "UPDATE qw_approval SET status = 'expired', request = '{1}' "
      "WHERE id = 'p1'" },
    { "and until when",
      "UPDATE qw_approval SET status = 'expired', expires = 9 "
      "WHERE id = 'p1'" },
    { "and by whom",
      "UPDATE qw_approval SET status = 'expired', requested_by = 'ctl:x' "
      "WHERE id = 'p1'" },
    { "requests for approval are not deleted",
      "DELETE FROM qw_approval WHERE id = 'p3'" },

    { "a closed external account stays so",
      "UPDATE qw_external SET status = 'active' WHERE id = 'ext2'" },
    { "an external account keeps its authority",
      "UPDATE qw_external SET authority = 'test' WHERE id = 'ext1'" },
    { "an identity does not change in secret",
      "UPDATE qw_external SET identity = '{2}' WHERE id = 'ext1'" },
    { "and its version does not go back",
      "UPDATE qw_external SET identity_version = 1 WHERE id = 'ext1'" },
    { "a name is in an authority once",
      "UPDATE qw_external SET name = 'ext2' WHERE id = 'ext1'" },
    { "external accounts are not deleted",
      "DELETE FROM qw_external WHERE id = 'ext1'" },

    { "a binding key is not used more often than allowed",
      "UPDATE qw_binding SET uses = 3 WHERE id = 'key1'" },
    { "nor less", "UPDATE qw_binding SET uses = -1 WHERE id = 'key1'" },
    { "a revoked binding key stays so",
      "UPDATE qw_binding SET status = 'active' WHERE id = 'key2'" },
    { "a binding key keeps its external account",
      "UPDATE qw_binding SET external_id = 'ext2' WHERE id = 'key1'" },
    { "its suspension does not begin earlier later",
      "UPDATE qw_binding SET suspended_at = -1 WHERE id = 'key1'" },
    { "nor that of an external account",
      "UPDATE qw_external SET suspended_at = -1 WHERE id = 'ext1'" },
    { "nor that of an ACME account",
      "UPDATE qw_account SET suspended_at = -1 WHERE id = 'acc1'" },
    { "a binding key is suspended, not held",
      "UPDATE qw_binding SET status = 'held' WHERE id = 'key1'" },
    { "and the key it is pinned to",
      "UPDATE qw_binding SET thumbprint = 'x' WHERE id = 'key1'" },
    { "binding keys are not deleted",
      "DELETE FROM qw_binding WHERE id = 'key2'" },

    { "a removed domain does not come back",
      "UPDATE qw_domain SET removed_by = NULL WHERE id = 'd1'" },
    { "domains are not deleted", "DELETE FROM qw_domain WHERE id = 'd1'" },
    { "a subtree is 0 or 1",
      "INSERT INTO qw_domain (id, external_id, name, subtree, wildcard, "
      "confirmed_by, confirmed_at) VALUES ('d9', 'ext1', 'x', 2, 0, 'x', 1)" },

    { "an order is of its account's external account",
      ORDER("o9", "acc1", "ext2", "live", "pending") },
    { "and authority", ORDER("o9", "acc1", "ext1", "test", "pending") },
    { "an order does not begin as valid",
      ORDER("o9", "acc1", "ext1", "live", "processing") },
    { "a pending order is not processed",
      "UPDATE qw_order SET status = 'processing' WHERE id = 'pending'" },
    { "a valid order stays so",
      "UPDATE qw_order SET status = 'invalid' WHERE id = 'ready'" },
    { "and keeps its certificate",
      "UPDATE qw_order SET certificate_id = 'x' WHERE id = 'ready'" },
    { "an order is not valid without a certificate",
      "UPDATE qw_order SET status = 'processing' WHERE id = 'other';"
      "UPDATE qw_order SET status = 'valid' WHERE id = 'other'" },
    { "an order gets no other order's certificate",
      "UPDATE qw_order SET status = 'processing' WHERE id = 'third';"
      "UPDATE qw_order SET status = 'valid', certificate_id = 'cert1' "
      "WHERE id = 'third'" },
    { "the names of an order do not change",
      "UPDATE qw_order SET names = '[\"evil\"]' WHERE id = 'pending'" },

    { "an authorization is of its account's external account",
      "INSERT INTO qw_authz (id, authority, account_id, external_id, name, "
      "wildcard, status, created, expires) VALUES ('z9', 'live', 'acc1', "
      "'ext2', 'x', 0, 'pending', 1, 2)" },
    { "an authorization is not valid without a method",
      "UPDATE qw_authz SET status = 'valid' WHERE id = 'z-pending'" },
    { "its name does not change",
      "UPDATE qw_authz SET name = 'evil' WHERE id = 'z-pending'" },
    { "two challenges of an authorization are not processed at once",
      "UPDATE qw_challenge SET status = 'processing' WHERE id = 'c2'" },
    { "a challenge is not valid without being processed",
      "UPDATE qw_challenge SET status = 'valid' WHERE id = 'c2'" },
    { "a token is there once",
      "UPDATE qw_challenge SET token = 't1' WHERE id = 'c2'" },

    { "an attempt begins as signing",
      ATTEMPT("t9", "'pending'", "cert", "09", "issued", "'DER'") },
    { "without a signature",
      ATTEMPT("t9", "'pending'", "cert", "09", "signing", "'DER'") },
    { "an order has one live attempt",
      ATTEMPT("t9", "'third'", "cert", "09", "signing", "NULL") },
    { "also beside an issued one",
      ATTEMPT("t9", "'ready'", "cert", "09", "signing", "NULL") },
    { "a serial is used once",
      ATTEMPT("t9", "'pending'", "cert", "01", "signing", "NULL") },
    { "a CRL number too",
      ATTEMPT("t9", "NULL", "crl", "01", "signing", "NULL") },
    { "an attempt is not issued without a signature",
      "UPDATE qw_attempt SET status = 'issued' WHERE id = 't4'" },
    { "an orphan is not issued",
      "UPDATE qw_attempt SET status = 'issued', der = 'x' WHERE id = 't2'" },
    { "an issued attempt is no orphan",
      "UPDATE qw_attempt SET status = 'orphan' WHERE id = 't1'" },
    { "a certificate is not spent",
      "UPDATE qw_attempt SET status = 'spent' WHERE id = 't1'" },
    { "a precertificate that is not issued is not spent",
      "UPDATE qw_attempt SET status = 'spent', der = 'x' WHERE id = 't5'" },
    { "what is spent is not issued again",
      "UPDATE qw_attempt SET status = 'issued' WHERE id = 't6'" },
    { "an SCT is of an attempt",
      "INSERT INTO qw_sct (attempt_id, log_id, sct, at) VALUES ('none', "
      "'0123456789012345678901234567890123456789012345678901234567890123', "
      "'x', 1)" },
    { "nor signed again",
      "UPDATE qw_attempt SET status = 'signing' WHERE id = 't1'" },
    { "its signature does not change",
      "UPDATE qw_attempt SET der = 'other' WHERE id = 't1'" },
    { "what was to be signed does not change",
      "UPDATE qw_attempt SET tbs = 'other' WHERE id = 't4'" },
    { "nor its serial", "UPDATE qw_attempt SET serial = 'ff' WHERE id = 't4'" },
    { "nor the identity it is for",
      "UPDATE qw_attempt SET identity_version = 2 WHERE id = 't4'" },
    { "nor its order",
      "UPDATE qw_attempt SET order_id = 'pending' WHERE id = 't4'" },
    { "attempts are not deleted", "DELETE FROM qw_attempt WHERE id = 't2'" },

    { "a certificate is an issued attempt",
      CERTIFICATE("cert9", "third", "acc1", "ext1", "t4", "04") },
    { "not an orphan",
      CERTIFICATE("cert9", "other", "acc1", "ext1", "t2", "02") },
    { "of the order's account",
      CERTIFICATE("cert9", "ready", "acc2", "ext2", "t1", "01") },
    { "an order has one certificate",
      CERTIFICATE("cert9", "ready", "acc1", "ext1", "t1", "01") },
    { "certificates do not change",
      "UPDATE qw_certificate SET pem = 'x' WHERE id = 'cert1'" },
    { "certificates are not deleted",
      "DELETE FROM qw_certificate WHERE id = 'cert1'" },

    { "a revocation is permanent",
      "DELETE FROM qw_revocation WHERE serial = '77'" },
    { "its date too",
      "UPDATE qw_revocation SET revoked_at = 1 WHERE serial = '77'" },
    { "its reason changes to keyCompromise only",
      "UPDATE qw_revocation SET reason = 5 WHERE serial = '77'" },
    { "no hold, no other reason",
      "INSERT INTO qw_revocation (issuer, serial, authority, reason, "
      "requested_at, revoked_at, actor) VALUES ('i', '78', 'live', 6, 1, 1, "
      "'x')" },
    { "a serial is revoked once",
      "INSERT INTO qw_revocation (issuer, serial, authority, reason, "
      "requested_at, revoked_at, actor) VALUES ('issuer', '77', 'live', 1, 1, "
      "1, 'x')" },

    { "events do not change",
      "UPDATE qw_event SET detail = '{1}' WHERE id = 'e1'" },
    { "events are not deleted", "DELETE FROM qw_event WHERE id = 'e1'" },
    { "an event has one place",
      "INSERT INTO qw_seal_entry (seq, event_id, hash) VALUES (2, 'e1', '" HASH
      "')" },
    { "a place is of an event",
      "INSERT INTO qw_seal_entry (seq, event_id, hash) VALUES (2, 'e9', '" HASH
      "')" },
    { "places do not change", "UPDATE qw_seal_entry SET seq = 2" },
    { "nor are they deleted", "DELETE FROM qw_seal_entry" },
    { "a checkpoint does not change", "UPDATE qw_checkpoint SET at = 2" },
    { "its timestamp comes once", "UPDATE qw_checkpoint SET timestamp = 'x'" },
    { "it is not deleted", "DELETE FROM qw_checkpoint" },
    { "a version of an identity does not change",
      "UPDATE qw_identity_version SET identity = '{1}'" },
    { "nor is it deleted", "DELETE FROM qw_identity_version" },
    { "a nonce is spent once",
      "INSERT INTO qw_nonce (nonce, expires) VALUES ('n', 1)" },
};

/* The statements before the last semicolon must go well. */
static int refused(box_t *box, const char *sql)
{
    char *copy = apr_pstrdup(box->pool, sql), *gap = strchr(copy, ';');
    int rv;

    if (gap != NULL) {
        *gap++ = '\0';
        rv = box_raw(box, copy);
        if (rv != 0) {
            printf("# %s\n", apr_dbd_error(box->driver, box->raw, rv));
            return 0;
        }
        copy = gap;
    }
    rv = box_raw(box, copy);
    if (rv != 0)
        printf("# %s\n",
               apr_pstrndup(box->pool, apr_dbd_error(box->driver, box->raw, rv),
                            60));
    return rv != 0;
}

/* Numbers where text may be, and the other way round, are no matter here; the
 * SQL above has whatever comes next. */
static void strict(box_t *box)
{
    ok(refused(box, "UPDATE qw_order SET created = 'soon' WHERE id = 'third'"),
       "a time is a number");
}

static void durable(box_t *box)
{
    ok(box_raw(box, "SET synchronous_commit = off") == 0, "a weak setting");
    ok(refused(box, ATTEMPT("t8", "NULL", "crl", "08", "signing", "NULL")),
       "no attempt is written where a commit may be lost");
    ok(box_raw(box, "SET synchronous_commit = local") == 0, "without standbys");
    ok(box_raw(box, ATTEMPT("t8", "NULL", "crl", "08", "signing", "NULL")) == 0,
       "local is all there is");
}

int main(void)
{
    box_t *box = box_open();
    unsigned i;

    ok(is_good(box_write(box, box_seed, NULL)), "seed");
    ok(is_good(box_write(box, more, NULL)), "more");
    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        int rv = box_raw(box, good[i]);

        ok(rv == 0, "legal: %.60s", good[i]);
        if (rv != 0)
            printf("# %s\n", apr_dbd_error(box->driver, box->raw, rv));
    }
    for (i = 0; i < sizeof(good_cases) / sizeof(good_cases[0]); i++)
        ok(box_raw(box, good_cases[i]) == 0, "legal: %.60s", good_cases[i]);
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ok(refused(box, bad[i].sql), "%s", bad[i].rule);
    strict(box);
    if (!box->is_file)
        durable(box);
    box_close(box);
    return done_testing();
}
