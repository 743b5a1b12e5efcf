/* approved.h -- everything that can be approved, whatever the way in: the table
 * for qw_approval_approve(). Its baton is a qw_invitation_t, which is filled in if
 * what was approved invites somebody. Threads: read-only. */
#ifndef QW_CA_APPROVED_H
#define QW_CA_APPROVED_H

#include "registry/approval.h"

extern const qw_approval_action_t qw_approved[];

#endif
