/* clients.h -- inside the portal: a binding key, ready for ACME clients.
 * Threads: one. */
#ifndef QW_PORTAL_CLIENTS_H
#define QW_PORTAL_CLIENTS_H

#include "portal/page.h"

/* Write KID, MAC_KEY and lines for common clients; this once. */
void qw_clients_say(const qw_page_t *page, const char *kid,
                    const char *mac_key);

#endif
