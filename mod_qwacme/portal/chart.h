/* chart.h -- inside the portal: small charts, drawn here. Threads: one. */
#ifndef QW_PORTAL_CHART_H
#define QW_PORTAL_CHART_H

#include "portal/page.h"

/* One bar; LABEL is plain UTF-8. */
typedef struct {
    const char *label;
    apr_int64_t value;
} qw_bar_t;

/* Write BARS (qw_bar_t) as an SVG picture that a screen reader calls TITLE, and
 * the same numbers as a table with the columns WHAT and how many. ID, of letters
 * and '-', is the only one on PAGE. Nothing if there are none. */
void qw_chart_say(const qw_page_t *page, const char *id, qw_message_e title,
                  qw_message_e what, const apr_array_header_t *bars);

#endif
