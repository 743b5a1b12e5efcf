/* invite.h -- invitations of people, inside the registry. Threads: as qw_db_t. */
#ifndef QW_REGISTRY_INVITE_H
#define QW_REGISTRY_INVITE_H

#include "registry/people.h"

/* *INVITATION of PERSON; those before it do not count any more. */
qw_problem_t *qw_invite_make(qw_invitation_t *invitation,
                             const qw_registry_t *r, const qw_person_t *person,
                             apr_time_t expires) QW_MUST_CHECK;

#endif
