/* packet.h -- records out of a DNS answer. Threads: any. */
#ifndef QW_DNS_PACKET_H
#define QW_DNS_PACKET_H

#include "dns/resolve.h"

/* Add to ANSWER, whose values are an array already, the records of its type in
 * the LEN bytes of PACKET (rdata; of TXT the strings joined), and count the
 * CNAMEs that led to them. NULL, or what is wrong with the packet. */
const char *qw_packet_read(qw_answer_t *answer, const unsigned char *packet,
                           apr_size_t len, apr_pool_t *pool);

#endif
