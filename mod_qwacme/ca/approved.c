#include "ca/approved.h"

#include "ca/cases.h"
#include "registry/people.h"
#include "registry/registration.h"

const qw_approval_action_t qw_approved[] = {
    { QW_ACTION_RESUME, qw_registry_resume_approved, 0 },
    { QW_ACTION_BULK_REVOKE, qw_cases_approved, 1 },
    { QW_ACTION_REGISTER, qw_registry_registration_approved, 0 },
    { QW_ACTION_DOMAIN, qw_registry_domain_approved, 0 },
    { QW_ACTION_OFFICER, qw_registry_officer_approved, 0 },
    { QW_ACTION_RECOVERY, qw_registry_recovery_approved, 0 },
    { NULL, NULL, 0 },
};
