/* registration.h -- identities that one officer verified and another one
 * approves. As registry.h. Threads: as qw_db_t. */
#ifndef QW_REGISTRY_REGISTRATION_H
#define QW_REGISTRY_REGISTRATION_H

#include "registry/approval.h"

/* INVALID_INPUT unless REGISTRATION can become an external account. */
qw_problem_t *qw_registry_check_registration(
    const qw_registry_t *r,
    const qw_registration_t *registration) QW_MUST_CHECK;

/* Ask that REGISTRATION becomes an external account, or a new verification of
 * EXTERNAL unless NULL. It is checked only when it is approved: try it before.
 * As qw_approval_request(). */
qw_problem_t *qw_registry_ask_registration(
    qw_approval_t **approval, const qw_registry_t *r,
    const qw_registration_t *registration,
    const qw_external_t *external) QW_MUST_CHECK;

/* The row of QW_ACTION_REGISTER: who asked is who verified the identity. */
qw_problem_t *qw_registry_registration_approved(const qw_registry_t *r,
                                                const qw_approval_t *approval,
                                                void *baton) QW_MUST_CHECK;

#endif
