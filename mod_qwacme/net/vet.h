/* vet.h -- which addresses may be dialled. Threads: any. */
#ifndef QW_NET_VET_H
#define QW_NET_VET_H

#include <apr_pools.h>
#include <apr_tables.h>

#include <sys/socket.h>

/* NULL if ADDRESS is a public unicast address; else what it is, "loopback
 * (127.0.0.0/8)", a static string. ALLOW_PRIVATE (test authorities) also lets
 * loopback, private and unique local addresses through, nothing more. */
const char *qw_vet_address(const struct sockaddr *address, int allow_private);

/* The same of text, "192.0.2.1" or "2001:db8::1"; what does not parse is
 * refused. */
const char *qw_vet_text(const char *address, int allow_private);

/* All refused netblocks, "10.0.0.0/8", as const char * in POOL: a resolver must
 * not talk to name servers there. */
apr_array_header_t *qw_vet_netblocks(apr_pool_t *pool);

#endif
