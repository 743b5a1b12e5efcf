/* report.h -- inside the portal: a statement for people. Threads: one. */
#ifndef QW_PORTAL_REPORT_H
#define QW_PORTAL_REPORT_H

#include "portal/page.h"

#include <apr_hash.h>

/* A statement, and who its actors are. */
typedef struct {
    const json_t *made;    /* as audit/statement.h has it */
    const json_t *account; /* that it is about; NULL: all */
    apr_hash_t *names;     /* actor -> name; others are what they are */
} qw_report_t;

/* *NAMES of those of the actors in MADE who are people of the portal. Inside a
 * transaction. */
qw_problem_t *qw_report_names(apr_hash_t **names, const json_t *made,
                              const qw_page_t *page, qw_db_t *db) QW_MUST_CHECK;

/* Write REPORT: charts with their tables, then what there is of each kind, the
 * first some hundred. */
void qw_report_say(const qw_page_t *page, const qw_report_t *report);

#endif
