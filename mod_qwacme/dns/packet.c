#include "dns/packet.h"

#include <apr_strings.h>
#include <ldns/ldns.h>

#include <string.h>

enum { NSCOUNT_AT = 8 };

/* Rdata of RR. A TXT record's strings lose their length bytes. */
static qw_bytes_t rdata(const ldns_rr *rr, apr_pool_t *pool)
{
    int skip = ldns_rr_get_type(rr) == LDNS_RR_TYPE_TXT;
    qw_bytes_t value = { NULL, 0 };
    unsigned char *to;

    for (size_t i = 0; i < ldns_rr_rd_count(rr); i++)
        value.len += ldns_rdf_size(ldns_rr_rdf(rr, i));
    to = apr_palloc(pool, value.len + 1);
    value.data = to;
    value.len = 0;
    for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
        const ldns_rdf *field = ldns_rr_rdf(rr, i);

        if (ldns_rdf_size(field) <= (size_t)skip)
            continue;
        memcpy(to + value.len, ldns_rdf_data(field) + skip,
               ldns_rdf_size(field) - skip);
        value.len += ldns_rdf_size(field) - skip;
    }
    to[value.len] = '\0';
    return value;
}

/* ldns takes an address of no bytes. */
static int has_size(const qw_bytes_t *value, qw_rr_e type)
{
    return (type != QW_RR_A || value->len == 4)
           && (type != QW_RR_AAAA || value->len == 16);
}

/* What is wrong with RR, or NULL. */
static const char *take(qw_answer_t *answer, const ldns_rr *rr,
                        apr_pool_t *pool)
{
    qw_bytes_t value;

    if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_CNAME)
        answer->cnames++;
    if (ldns_rr_get_type(rr) != (ldns_rr_type)answer->type)
        return NULL;
    value = rdata(rr, pool);
    if (!has_size(&value, answer->type))
        return "an address in the answer has a wrong length";
    APR_ARRAY_PUSH(answer->values, qw_bytes_t) = value;
    return NULL;
}

/* PACKET without its authority and additional sections: we need nothing of
 * them, and ldns loses memory over a wrong OPT record. */
static unsigned char *without_rest(const unsigned char *packet, apr_size_t len,
                                   apr_pool_t *pool)
{
    unsigned char *copy = apr_pmemdup(pool, packet, len);

    if (len >= LDNS_HEADER_SIZE)
        memset(copy + NSCOUNT_AT, 0, LDNS_HEADER_SIZE - NSCOUNT_AT);
    return copy;
}

const char *qw_packet_read(qw_answer_t *answer, const unsigned char *bytes,
                           apr_size_t len, apr_pool_t *pool)
{
    ldns_pkt *packet = NULL;
    const ldns_rr_list *list;
    const char *fault = NULL;

    if (ldns_wire2pkt(&packet, without_rest(bytes, len, pool), len)
        != LDNS_STATUS_OK)
        return "the answer does not parse";
    list = ldns_pkt_answer(packet);
    for (size_t i = 0; i < ldns_rr_list_rr_count(list) && fault == NULL; i++)
        fault = take(answer, ldns_rr_list_rr(list, i), pool);
    ldns_pkt_free(packet);
    if (fault == NULL && answer->cnames > QW_MAX_CNAMES)
        fault = "more than 8 CNAMEs in a row";
    return fault;
}
