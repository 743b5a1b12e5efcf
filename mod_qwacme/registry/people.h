/* people.h -- who may enter the portal: officers and auditors of the provider,
 * operators of external accounts. As registry.h: inside the caller's
 * transaction, with an audit event. Threads: as qw_db_t. */
#ifndef QW_REGISTRY_PEOPLE_H
#define QW_REGISTRY_PEOPLE_H

#include "registry/approval.h"
#include "store/db_person.h"

/* Who is invited. */
typedef struct {
    const char *name; /* 1 to 64 printable characters */
    const char *mail;
    const char *language; /* "en" or "fr" */
    const char *login;    /* of an officer who has a user on this machine: for
                             four eyes both are one person; or NULL */
    apr_time_t expires;   /* of the invitation, in the future */
    int again;            /* a new invitation of one who is there: the old one
                               got lost, or the authenticator */
} qw_newcomer_t;

/* How long an invitation lasts, unless somebody says otherwise. */
#define QW_INVITATION_LIFETIME (apr_time_from_sec(7 * 86400))

/* Two secrets, shown once, to be sent on two ways. */
typedef struct {
    const char *person_id;
    const char *token;  /* of the link: 43 characters of base64url; NULL if the
                           person needs no invitation */
    const char *secret; /* "XXXX-XXXX-XXXX" */
} qw_invitation_t;

/* *KEY in POOL: equal for names that people take for the same: case, compatible
 * forms and spaces do not count (NFKC, case folded). INVALID_INPUT for what is
 * no name. */
qw_problem_t *qw_person_key(const char **key, const char *name,
                            apr_pool_t *pool) QW_MUST_CHECK;

/* INVALID_INPUT unless NEWCOMER can be invited as ROLE, "officer" or "auditor", for R's
 * authority or for ALL; CONFLICT for an officer who has the mail address or the user
 * name of an operator: nobody is both. */
qw_problem_t *qw_registry_check_officer(const qw_registry_t *r,
                                        const qw_newcomer_t *newcomer,
                                        const char *role,
                                        int all) QW_MUST_CHECK;

/* Invite an officer or auditor (ROLE) for R's authority, or for ALL.
 * As qw_registry_check_officer(); CONFLICT if the name is taken too, unless
 * NEWCOMER->again. */
qw_problem_t *qw_registry_invite_officer(qw_invitation_t *invitation,
                                         const qw_registry_t *r,
                                         const qw_newcomer_t *newcomer,
                                         const char *role,
                                         int all) QW_MUST_CHECK;

/* *TWO: 1 if officers and auditors are invited and removed by two persons:
 * QwacmeFourEyes says so, and two officers are there who could. */
qw_problem_t *qw_registry_officers_need_two(int *two, const qw_registry_t *r)
    QW_MUST_CHECK;

/* Ask for an invitation as of qw_registry_invite_officer(), seven days from the
 * approval; for a removal. As qw_approval_request(). And what then does it: BATON is
 * a qw_invitation_t for the result. */
qw_problem_t *qw_registry_ask_officer(qw_approval_t **approval,
                                      const qw_registry_t *r,
                                      const qw_newcomer_t *newcomer,
                                      const char *role, int all) QW_MUST_CHECK;
qw_problem_t *qw_registry_ask_officer_removal(qw_approval_t **approval,
                                              const qw_registry_t *r,
                                              const char *name) QW_MUST_CHECK;
qw_problem_t *qw_registry_officer_approved(const qw_registry_t *r,
                                           const qw_approval_t *approval,
                                           void *baton) QW_MUST_CHECK;

/* Make NEWCOMER an operator of EXTERNAL: by invitation, or, if the name is an
 * operator's of another account, at once. CONFLICT if the person is its operator
 * already, unless NEWCOMER->again, or is no operator, or has the mail address or the
 * user name of an officer. */
qw_problem_t *qw_registry_invite_operator(
    qw_invitation_t *invitation, const qw_registry_t *r,
    const qw_external_t *external, const qw_newcomer_t *newcomer) QW_MUST_CHECK;

/* Another passkey for the person with PERSON_ID, who asks for it. */
qw_problem_t *qw_registry_invite_self(qw_invitation_t *invitation,
                                      const qw_registry_t *r,
                                      const char *person_id,
                                      apr_time_t expires) QW_MUST_CHECK;

/* Ask for a new invitation of NAME, an operator of EXTERNAL whose passkey is lost.
 * NOT_FOUND, and as qw_approval_request(). And what then makes it, for seven days:
 * BATON is a qw_invitation_t for the result. */
qw_problem_t *qw_registry_ask_recovery(qw_approval_t **approval,
                                       const qw_registry_t *r,
                                       const qw_external_t *external,
                                       const char *name) QW_MUST_CHECK;
qw_problem_t *qw_registry_recovery_approved(const qw_registry_t *r,
                                            const qw_approval_t *approval,
                                            void *baton) QW_MUST_CHECK;

/* End what NAME may do, and every session, at once. NOT_FOUND. */
qw_problem_t *qw_registry_remove_officer(const qw_registry_t *r,
                                         const char *name) QW_MUST_CHECK;
/* The same for EXTERNAL; a person without any account is removed altogether.
 * CONFLICT if no other active operator would be left. */
qw_problem_t *qw_registry_remove_operator(const qw_registry_t *r,
                                          const qw_external_t *external,
                                          const char *name) QW_MUST_CHECK;

/* *PERSON of the invitation with TOKEN and SECRET (as typed); *INVITE is it.
 * UNAUTHORIZED, the same for every reason; then *WRONG tells that the secret was
 * wrong, and the caller commits qw_registry_count_try(). */
qw_problem_t *qw_registry_invited(qw_person_t **person, qw_invite_t **invite,
                                  int *wrong, const qw_registry_t *r,
                                  const char *token,
                                  const char *secret) QW_MUST_CHECK;
qw_problem_t *qw_registry_count_try(const qw_registry_t *r,
                                    const qw_invite_t *invite) QW_MUST_CHECK;

/* The person of INVITE comes by AUTHENTICATOR (id, person and time are set
 * here). CONFLICT if the invitation was used or the credential is known. */
qw_problem_t *qw_registry_accept(
    const qw_registry_t *r, const qw_person_t *person,
    const qw_invite_t *invite, qw_authenticator_t *authenticator) QW_MUST_CHECK;

/* Remove an authenticator, or a subject, of PERSON_ID; its sessions end. NOT_FOUND. */
qw_problem_t *qw_registry_remove_authenticator(const qw_registry_t *r,
                                               const char *person_id,
                                               const char *id) QW_MUST_CHECK;

#endif
