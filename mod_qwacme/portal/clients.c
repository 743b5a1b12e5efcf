#include "portal/clients.h"

#include "registry/clients.h"

void qw_clients_say(const qw_page_t *page, const char *kid, const char *mac_key)
{
    const qw_authority_t *a = page->portal->authority;
    apr_array_header_t *hints = qw_client_hints(a, kid, mac_key, page->pool);

    qw_html_put(
        page->html,
        "<dl class=\"secrets\"><dt>%m</dt><dd><code id=\"kid\">%s</code>"
        "</dd><dt>%m</dt><dd><code id=\"mac-key\">%s</code></dd><dt>%m</dt>"
        "<dd><code>%s</code></dd></dl><h2>%m</h2>",
        QW_M_KEY_ID, kid, QW_M_MAC_KEY, mac_key, QW_M_DIRECTORY,
        qw_authority_url(a, "directory", NULL, page->pool), QW_M_CLIENTS);
    for (int i = 0; i < hints->nelts; i++) {
        const qw_client_hint_t *hint =
            &APR_ARRAY_IDX(hints, i, qw_client_hint_t);

        qw_html_put(page->html,
                    "<h3>%s</h3><pre tabindex=\"0\"><code>%s</code></pre>",
                    hint->client, hint->lines);
    }
}
