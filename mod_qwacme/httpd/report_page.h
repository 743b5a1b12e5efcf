/* report_page.h -- the page for reports of problems, in two languages, without
 * scripts. Threads: any. */
#ifndef QWM_REPORT_PAGE_H
#define QWM_REPORT_PAGE_H

#include <apr_tables.h>

/* Languages of the page, ending with NULL. */
extern const char *const qwm_report_languages[];

/* What the page shows. Text is UTF-8 as it was typed: the page escapes it. */
typedef struct {
    int language;        /* index above */
    const char *address; /* mail address of the provider, or NULL */
    apr_table_t *fields; /* what was typed, or NULL */
    const char *fault;   /* member that is wrong ("subject", "contact", "text",
                            "problem"), "form", "often", "away", or NULL */
    const char *number;  /* the report's, "" if it gets none; NULL: not sent */
} qwm_report_page_t;

/* HTML in POOL. */
const char *qwm_report_page(const qwm_report_page_t *page, apr_pool_t *pool);

/* Its style sheet. */
extern const char qwm_report_style[];

#endif
