/* case_next.h -- what people do after a case was worked, in words; the portal and
 * qwacmectl say the same. Threads: any. */
#ifndef QW_PORTAL_CASE_NEXT_H
#define QW_PORTAL_CASE_NEXT_H

#include "portal/messages.h"

/* *N messages, in the order of doing, for cases of KIND (QW_CASE_...); static. *N is
 * 0 for a kind after which nothing is left to people. Never NULL. */
const qw_message_e *qw_case_next(int *n, const char *kind);

#endif
