#include "registry/clients.h"

#include <apr_strings.h>

#include <string.h>

/* $S directory, $K KeyID, $H MAC key. */
static const qw_client_hint_t clients[] = {
    { "certbot", "certbot certonly --server $S --eab-kid $K "
                 "--eab-hmac-key $H -d NAME" },
    { "lego", "lego --server $S --email EMAIL --accept-tos --eab --kid $K "
              "--hmac $H -d NAME --http run" },
    { "uacme", "uacme -a $S -y -e $K:$H new EMAIL" },
    { "acme.sh", "acme.sh --register-account --server $S --eab-kid $K "
                 "--eab-hmac-key $H" },
    { "Apache mod_md", "MDCertificateAuthority $S\n"
                       "MDCertificateAgreement accepted\n"
                       "MDExternalAccountBinding $K $H" },
    { "Caddy", "{\n    acme_ca $S\n    acme_eab {\n        key_id $K\n"
               "        mac_key $H\n    }\n}" },
};

static const char *fill_in(const char *line, const char *server,
                           const char *kid, const char *mac_key,
                           apr_pool_t *pool)
{
    const char *out = "", *dollar;

    while ((dollar = strchr(line, '$')) != NULL) {
        const char *value = dollar[1] == 'S'   ? server
                            : dollar[1] == 'K' ? kid
                                               : mac_key;

        out =
            apr_pstrcat(pool, out,
                        apr_pstrmemdup(pool, line, (apr_size_t)(dollar - line)),
                        value, NULL);
        line = dollar + 2;
    }
    return apr_pstrcat(pool, out, line, NULL);
}

apr_array_header_t *qw_client_hints(const qw_authority_t *authority,
                                    const char *kid, const char *mac_key,
                                    apr_pool_t *pool)
{
    const unsigned n = sizeof(clients) / sizeof(clients[0]);
    apr_array_header_t *hints =
        apr_array_make(pool, (int)n, sizeof(qw_client_hint_t));
    const char *server = qw_authority_url(authority, "directory", NULL, pool);

    for (unsigned i = 0; i < n; i++) {
        qw_client_hint_t *hint = apr_array_push(hints);

        hint->client = clients[i].client;
        hint->lines = fill_in(clients[i].lines, server, kid, mac_key, pool);
    }
    return hints;
}
