/* names.h -- identifiers that a client sends. Threads: any. */
#ifndef QW_ACME_NAMES_H
#define QW_ACME_NAMES_H

#include "acme/call.h"

/* *NAME in the call's pool ("*." kept, lower case) of an identifier object.
 * MALFORMED, UNSUPPORTED_IDENTIFIER, REJECTED_IDENTIFIER. */
qw_problem_t *qw_name_of_identifier(const char **name, const qw_call_t *call,
                                    const json_t *identifier) QW_MUST_CHECK;

/* *NAMES (const char *, sorted, each once) of the "identifiers" of a newOrder.
 * As above; with several faults one problem with a subproblem for each. */
qw_problem_t *qw_names_of_order(apr_array_header_t **names,
                                const qw_call_t *call) QW_MUST_CHECK;

/* NAMES as a JSON array, text in POOL. */
const char *qw_names_json(const apr_array_header_t *names, apr_pool_t *pool);

/* Array of const char * of such a text, which is one of ours. */
apr_array_header_t *qw_names_of_json(const char *json, apr_pool_t *pool);

#endif
