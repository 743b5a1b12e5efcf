/* caa.h -- may this CA issue for a name? Its owner says so by CAA records,
 * RFC8659, and by whom and how they are asked for, RFC8657.
 * Threads: any. */
#ifndef QW_CHECK_CAA_H
#define QW_CHECK_CAA_H

#include "base/json.h"
#include "dns/resolve.h"
#include "model/account.h"
#include "model/authority.h"

typedef struct {
    const qw_authority_t *authority;
    const qw_account_t *account; /* NULL: accounturi is for the primary to
                                    judge, not for this perspective */
    const char *domain;          /* A-labels, lower case, without "*." */
    int wildcard;
    const char *method;  /* qw_validator_t.caa_method that shows control; NULL:
                            the same of validationmethods */
    apr_time_t deadline; /* absolute, real clock */
} qw_caa_t;

/* NULL: the owner of ASK->domain lets this CA issue. CAA: no; the detail names
 * the record that says so. DNS: not known, which is no permission. EVIDENCE, an
 * object, gets every lookup up to the name whose records counted, "foundAt",
 * that name, and its "iodef" addresses.
 * Looks at the name and each name above it but the root, at once. */
qw_problem_t *qw_caa_check(json_t *evidence, const qw_caa_t *ask,
                           apr_pool_t *pool) QW_MUST_CHECK;

/* The same for the records of one name: ANSWER has at least one. */
qw_problem_t *qw_caa_judge(const qw_caa_t *ask, const qw_answer_t *answer,
                           apr_pool_t *pool) QW_MUST_CHECK;

#endif
