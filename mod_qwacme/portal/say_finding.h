/* say_finding.h -- what a diagnosis found, in words. Threads: one page, one
 * thread. */
#ifndef QW_PORTAL_SAY_FINDING_H
#define QW_PORTAL_SAY_FINDING_H

#include "base/json.h"
#include "check/finding.h"
#include "portal/page.h"

/* Write FINDINGS, the array of qw_diagnose(), as a list: each with its mood, its
 * words and its cure. Which perspective it was is told to the provider alone: what
 * others learn could help to deceive it. */
void qw_findings_say(const qw_page_t *page, const json_t *findings);

/* The words, and *CURE (NULL if none is needed), of FOUND, one of them, as plain
 * text in POOL; NULL if it is none that is known here. */
const char *qw_finding_text(const char **cure, const json_t *found,
                            qw_language_e language, apr_pool_t *pool);

#endif
