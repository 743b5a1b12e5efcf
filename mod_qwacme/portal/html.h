/* html.h -- pages, written so that text can never become markup (OPR-16).
 * Threads: one page, one thread. */
#ifndef QW_PORTAL_HTML_H
#define QW_PORTAL_HTML_H

#include "portal/messages.h"

#include <apr_pools.h>

typedef struct qw_html_t qw_html_t;

qw_html_t *qw_html_make(qw_language_e language, apr_pool_t *pool);

/* Write FORM, markup of ours, with these in it, each escaped for text and for
 * attributes in double quotes: %s a string (NULL: nothing), %m a qw_message_e,
 * %i an int, %% a percent sign. */
void qw_html_put(qw_html_t *html, const char *form, ...);

/* Write MESSAGE, escaped, with up to three strings (NULL: none) for $1, $2, $3
 * as <strong>. */
void qw_html_say(qw_html_t *html, qw_message_e message, const char *a,
                 const char *b, const char *c);

/* What was written, in the pool. */
const char *qw_html_text(const qw_html_t *html);

#endif
