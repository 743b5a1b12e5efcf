/* The stylesheet and the script, which are files of this room. */
#include "portal/page.h"

#include <string.h>

static const char style[] = {
#include "portal/style_css.h"
    '\0'
};

static const char script[] = {
#include "portal/portal_js.h"
    '\0'
};

static qw_problem_t *serve_as(qw_page_t *page, const char *type,
                              const char *text)
{
    page->reply->status = 200;
    page->reply->content_type = type;
    page->reply->body = text;
    page->reply->body_len = strlen(text);
    return NULL;
}

qw_problem_t *qw_page_style(qw_page_t *page)
{
    return serve_as(page, "text/css; charset=utf-8", style);
}

qw_problem_t *qw_page_script(qw_page_t *page)
{
    return serve_as(page, "text/javascript; charset=utf-8", script);
}
