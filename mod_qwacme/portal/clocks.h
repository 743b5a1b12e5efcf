/* clocks.h -- what runs out, on the pages. Threads: one page, one thread. */
#ifndef QW_PORTAL_CLOCKS_H
#define QW_PORTAL_CLOCKS_H

#include "model/clock.h"
#include "portal/page.h"

/* Write the section of EXTERNAL's page: each of its clocks, those of its
 * BINDINGS (qw_binding_t *) that can be used still too. Nothing of a closed one. */
void qw_clocks_say(const qw_page_t *page, const qw_external_t *external,
                   const apr_array_header_t *bindings);

/* Write the section of the home page: what of ACCOUNTS (qw_external_t *), those
 * that PAGE's person sees, is late or runs out within 30 days. */
qw_problem_t *qw_clocks_say_near(
    const qw_page_t *page, const apr_array_header_t *accounts) QW_MUST_CHECK;

#endif
