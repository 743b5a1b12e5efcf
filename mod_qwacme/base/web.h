/* web.h -- what browsers send, and how text goes into a page. Threads: any. */
#ifndef QW_BASE_WEB_H
#define QW_BASE_WEB_H

#include "base/problem.h"

enum { QW_FORM_FIELDS_MOST = 32 };

/* *FIELDS, name -> value in POOL, of LEN bytes BODY of
 * application/x-www-form-urlencoded; lines end with "\n" whatever the browser
 * says. MALFORMED: a bad %XX, NUL, no UTF-8, a name twice, too many fields. */
qw_problem_t *qw_form_parse(apr_table_t **fields, const char *body,
                            apr_size_t len, apr_pool_t *pool) QW_MUST_CHECK;

/* The index in OFFERED ("en", "fr", NULL at the end) of the language that HEADER,
 * an Accept-Language or NULL, likes best; 0 if none or nothing is known. */
int qw_language_choose(const char *header, const char *const *offered,
                       apr_pool_t *pool);

/* TEXT, UTF-8, in POOL, as it may stand between tags and in quoted attributes:
 * & < > " ' escaped, control characters but "\n" replaced. "" of NULL. */
const char *qw_html(const char *text, apr_pool_t *pool);

#endif
