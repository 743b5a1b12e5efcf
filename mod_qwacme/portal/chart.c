#include "portal/chart.h"

#include <apr_strings.h>

/* A line of text and its bar below, in pixels: only widths follow the window, so
 * that text stays as large as it is elsewhere. */
enum { ROW = 44, TEXT_AT = 16, BAR_AT = 22, PER_CENT = 100 };

static apr_int64_t largest(const apr_array_header_t *bars)
{
    apr_int64_t most = 1;

    for (int i = 0; i < bars->nelts; i++)
        if (APR_ARRAY_IDX(bars, i, qw_bar_t).value > most)
            most = APR_ARRAY_IDX(bars, i, qw_bar_t).value;
    return most;
}

static const char *number(apr_int64_t n, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%" APR_INT64_T_FMT, n);
}

static void draw(const qw_page_t *page, const char *id, qw_message_e title,
                 const apr_array_header_t *bars)
{
    apr_int64_t most = largest(bars);

    qw_html_put(page->html,
                "<svg class=\"chart\" role=\"img\" aria-labelledby=\"%s\" "
                "width=\"100%%\" height=\"%i\"><title id=\"%s\">%m</title>",
                id, bars->nelts * ROW, id, title);
    for (int i = 0; i < bars->nelts; i++) {
        const qw_bar_t *bar = &APR_ARRAY_IDX(bars, i, qw_bar_t);

        qw_html_put(page->html,
                    "<text x=\"0\" y=\"%i\">%s \xc2\xb7 %s</text><rect x=\"0\" "
                    "y=\"%i\" width=\"%i%%\" height=\"14\"/>",
                    i * ROW + TEXT_AT, bar->label,
                    number(bar->value, page->pool), i * ROW + BAR_AT,
                    (int)(bar->value * PER_CENT / most));
    }
    qw_html_put(page->html, "</svg>");
}

void qw_chart_say(const qw_page_t *page, const char *id, qw_message_e title,
                  qw_message_e what, const apr_array_header_t *bars)
{
    if (bars->nelts == 0)
        return;
    qw_html_put(page->html, "<h2>%m</h2>", title);
    draw(page, id, title, bars);
    qw_html_put(page->html,
                "<table><thead><tr><th scope=\"col\">%m</th><th "
                "scope=\"col\">%m</th></tr></thead><tbody>",
                what, QW_M_COUNT);
    for (int i = 0; i < bars->nelts; i++) {
        const qw_bar_t *bar = &APR_ARRAY_IDX(bars, i, qw_bar_t);

        qw_html_put(page->html, "<tr><th scope=\"row\">%s</th><td>%s</td></tr>",
                    bar->label, number(bar->value, page->pool));
    }
    qw_html_put(page->html, "</tbody></table>");
}
