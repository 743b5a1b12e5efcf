/* identity.h -- inside the portal: verified identities, shown and entered.
 * Threads: one. */
#ifndef QW_PORTAL_IDENTITY_H
#define QW_PORTAL_IDENTITY_H

#include "portal/action.h"
#include "x509/attr.h"
#include "x509/identity.h"

/* What a member of an action or of an identity is called. */
qw_message_e qw_member_label(const char *name);

/* Write the identity JSON as terms and descriptions, without the list's tags. */
void qw_identity_say(const qw_page_t *page, const char *json);

/* Write the fields of a verification, filled in from EXTERNAL unless NULL. */
void qw_identity_fields(const qw_page_t *page, const qw_external_t *external);

/* IDENTITY of the members of ACT that are not empty; borrowed. */
void qw_identity_of_act(qw_identity_t *identity, const qw_act_t *act);

#endif
