/* approval.h -- what one person asks for and another one approves: four eyes.
 * Plain structs, as in account.h. */
#ifndef QW_MODEL_APPROVAL_H
#define QW_MODEL_APPROVAL_H

#include "model/state.h"

#include <apr_time.h>

/* What may need two persons: words of QwacmeFourEyes. */
#define QW_ACTION_RESUME      "resume"
#define QW_ACTION_BULK_REVOKE "bulk-revoke"
#define QW_ACTION_REGISTER    "register"
#define QW_ACTION_DOMAIN      "domain"
#define QW_ACTION_OFFICER     "officer"
#define QW_ACTION_RECOVERY    "recovery"

/* What a request for a new external account is about: its name, as there is no id
 * yet. */
#define QW_SUBJECT_NEW "registration"

typedef struct {
    const char *id;
    const char *authority;
    const char *action; /* one of the words above */
    const char *subject_kind, *subject_id;
    const char *request; /* canonical JSON: all that shall happen */
    const char *reason;
    const char *requested_by; /* an actor: "ctl:<user>", "officer:<id>" */
    apr_time_t requested_at;  /* of the authority, as all here */
    apr_time_t expires;
    const char *decided_by; /* NULL until then */
    apr_time_t decided_at;
    qw_state_e status; /* approval */
} qw_approval_t;

#endif
