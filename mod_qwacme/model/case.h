/* case.h -- cases: a compromise, a mass revocation or a problem report, with
 * what is to be done for it, item by item. Plain structs; permanent rows. */
#ifndef QW_MODEL_CASE_H
#define QW_MODEL_CASE_H

#include "model/state.h"

#include <apr_time.h>

/* Kinds of cases. */
#define QW_CASE_ACME_ACCOUNT     "acme-account"
#define QW_CASE_EXTERNAL_ACCOUNT "external-account"
#define QW_CASE_KEY              "key"
#define QW_CASE_BINDING          "binding"
#define QW_CASE_MIS_ISSUANCE     "mis-issuance"
#define QW_CASE_CA_DRILL         "ca-drill"
#define QW_CASE_BULK_REVOKE      "bulk-revoke"
#define QW_CASE_PROBLEM_REPORT   "problem-report"

typedef struct {
    const char *id; /* "20261126-7KQ2M9XA": people read it out */
    const char *authority;
    const char *kind;
    const char *subject; /* what it is about: an id, a serial, a name */
    const char *options; /* JSON: how its items were chosen */
    apr_int64_t total;   /* items that it has once all are written */
    qw_state_e status;   /* case */
    const char *opened_by;
    apr_time_t opened;
    apr_time_t due;          /* when it must be settled; 0: no clock runs */
    const char *contact;     /* of who reported it, or NULL */
    const char *text;        /* what they wrote, or NULL */
    const char *approved_by; /* the second person, or NULL */
    apr_time_t approved;
    apr_int64_t warned;     /* level of the last warning; 0: none */
    const char *conclusion; /* set when it is closed, as the two below */
    const char *closed_by;
    apr_time_t closed;
} qw_case_t;

/* Kinds of items, and what SUBJECT_ID of each is. */
#define QW_ITEM_SUSPEND_ACCOUNT  "suspend-account"  /* ACME account */
#define QW_ITEM_SUSPEND_EXTERNAL "suspend-external" /* external account */
#define QW_ITEM_SUSPEND_BINDING  "suspend-binding"  /* KeyID */
#define QW_ITEM_REVOKE_BINDING   "revoke-binding"   /* KeyID */
#define QW_ITEM_END_ACCESS       "end-access"       /* person */
#define QW_ITEM_KILL_AUTHZ       "kill-authz"       /* authorization */
#define QW_ITEM_BLOCK_KEY        "block-key"        /* hash of the SPKI */
#define QW_ITEM_RECALL           "recall"           /* serial */
#define QW_ITEM_REVOKE           "revoke"           /* certificate's id */
#define QW_ITEM_REVOKE_PRECERT   "revoke-precert"   /* attempt's id */
#define QW_ITEM_LIST             "list"             /* nothing is done to it */

typedef struct {
    const char *case_id;
    apr_int64_t seq; /* from 1, in the order of working */
    const char *authority;
    const char *kind;
    const char *subject_id;
    const char *label;     /* for people: serial, name, thumbprint of a key */
    apr_int64_t reason;    /* CRLReason of a revocation */
    apr_int64_t flagged;   /* issued in the suspected window */
    apr_time_t not_before; /* not to be done earlier; 0: at once */
    qw_state_e status;     /* case_item */
    apr_time_t at;         /* when it ended, by whom, with what */
    const char *actor;
    const char *result;
    apr_time_t requested_at, revoked_at; /* of a revoked certificate */
    apr_time_t published_at;             /* 0: no answer or list has it yet */
    apr_int64_t crl_number;              /* of the first list with it, or 0 */
} qw_case_item_t;

/* How many items of KIND are in STATUS. */
typedef struct {
    const char *kind;
    qw_state_e status;
    apr_int64_t n;
} qw_case_count_t;

/* A certificate that may come to a case: what choosing needs. */
typedef struct {
    const char *id;
    const char *authority;
    const char *account_id;
    const char *external_id;
    const char *issuer;
    const char *serial;
    const char *names; /* JSON array */
    apr_time_t created;
    apr_time_t not_after;
    apr_time_t revoked_at; /* 0: not revoked */
    apr_int64_t reason;
} qw_case_pick_t;

#endif
