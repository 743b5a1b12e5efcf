/* clients.h -- a binding key in the words of common ACME clients. Threads: any. */
#ifndef QW_REGISTRY_CLIENTS_H
#define QW_REGISTRY_CLIENTS_H

#include "model/authority.h"

typedef struct {
    const char *client; /* "certbot" */
    const char *lines;  /* of a shell or a configuration; LF between them. They
                           have the MAC key: a secret */
} qw_client_hint_t;

/* Of qw_client_hint_t, in POOL. */
apr_array_header_t *qw_client_hints(const qw_authority_t *authority,
                                    const char *kid, const char *mac_key,
                                    apr_pool_t *pool);

#endif
