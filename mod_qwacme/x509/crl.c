/* crl.c -- writing; crl_read.c reads. */
#include "x509/crl.h"

#include "base/b64.h"
#include "x509/ext.h"

enum {
    MOST_SERIAL = 20,
    VERSION_2 = 1,
    ROOM_FOR_REST = 65536 /* octets that a list has besides its entries */
};

#define BROKEN(pool, cause)                                                    \
    QW_FAIL_BECAUSE((pool), SERVER_INTERNAL, (cause),                          \
                    "the list of revoked certificates cannot be made")

static void put_reason(qw_der_t *out, int reason)
{
    unsigned char octet = (unsigned char)reason;
    apr_size_t list = qw_der_open(out, QW_DER_SEQUENCE);
    qw_ext_t e = qw_ext_open(out, QW_OID_CRL_REASON, 0);

    qw_der_put(out, QW_DER_ENUMERATED, &octet, 1);
    qw_ext_close(out, e);
    qw_der_close(out, list);
}

int qw_crl_entry(qw_der_t *out, const char *serial, apr_time_t revoked_at,
                 int reason)
{
    apr_size_t seq;
    qw_bytes_t octets;

    if (!qw_hex_decode(&octets, serial, out->pool) || octets.len == 0
        || octets.len > MOST_SERIAL || reason == 7 || reason > 10)
        return 0;
    seq = qw_der_open(out, QW_DER_SEQUENCE);
    qw_der_put(out, QW_DER_INTEGER, octets.data, octets.len);
    qw_der_time(out, revoked_at);
    if (reason > 0)
        put_reason(out, reason);
    qw_der_close(out, seq);
    return 1;
}

static qw_problem_t *check(const qw_crl_in_t *in, apr_pool_t *pool)
{
    if (in->number < 0)
        return BROKEN(pool, "a negative number");
    if (in->next_update <= in->this_update)
        return BROKEN(pool, "the times are not in order");
    if (in->idp_url != NULL && !qw_ext_is_url(in->idp_url, "http://"))
        return BROKEN(pool, "the distribution point is not http://");
    if (in->entries_len > 0x7fffffff - ROOM_FOR_REST)
        return BROKEN(pool, "longer than 2^31 octets");
    return NULL;
}

static void put_number(qw_der_t *der, apr_int64_t number)
{
    qw_ext_t e = qw_ext_open(der, QW_OID_CRL_NUMBER, 0);

    qw_der_number(der, number);
    qw_ext_close(der, e);
}

/* RFC5280-5.2.5 */
static void put_issuing_point(qw_der_t *der, const char *url)
{
    qw_ext_t e = qw_ext_open(der, QW_OID_ISSUING_POINT, 1);

    qw_ext_put_point(der, url);
    qw_ext_close(der, e);
}

/* EN319411-2-6.3.10 */
static void put_expired_since(qw_der_t *der, apr_time_t since)
{
    qw_ext_t e = qw_ext_open(der, QW_OID_EXPIRED_CERTS_ON_CRL, 0);

    qw_der_generalized(der, since);
    qw_ext_close(der, e);
}

static qw_bytes_t make_tail(const qw_crl_in_t *in, apr_pool_t *pool)
{
    apr_size_t tagged, list;
    qw_der_t der;

    qw_der_start(&der, pool);
    tagged = qw_der_open(&der, QW_DER_CONTEXT_OF + 0);
    list = qw_der_open(&der, QW_DER_SEQUENCE);
    qw_ext_put_authority_key(&der, in->issuer);
    put_number(&der, in->number);
    if (in->idp_url != NULL)
        put_issuing_point(&der, in->idp_url);
    if (in->expired_since != 0)
        put_expired_since(&der, in->expired_since);
    qw_der_close(&der, list);
    qw_der_close(&der, tagged);
    return qw_der_bytes(&der);
}

/* What stands between the header of the whole and the entries. */
static qw_bytes_t make_front(const qw_crl_in_t *in, apr_pool_t *pool)
{
    qw_der_t der;

    qw_der_start(&der, pool);
    qw_der_number(&der, VERSION_2);
    qw_der_raw(&der, &in->issuer->sig_alg);
    qw_der_raw(&der, &in->issuer->subject);
    qw_der_time(&der, in->this_update);
    qw_der_time(&der, in->next_update);
    if (in->entries_len > 0)
        qw_der_head(&der, QW_DER_SEQUENCE, in->entries_len);
    return qw_der_bytes(&der);
}

qw_problem_t *qw_crl_frame(qw_bytes_t *head, qw_bytes_t *tail,
                           const qw_crl_in_t *in, apr_pool_t *pool)
{
    qw_bytes_t front, back;
    qw_der_t der;

    QW_TRY(check(in, pool));
    front = make_front(in, pool);
    back = make_tail(in, pool);
    if (front.len + back.len > ROOM_FOR_REST - 4096)
        return BROKEN(pool, "the issuer's name or the URL is too long");
    qw_der_start(&der, pool);
    qw_der_head(&der, QW_DER_SEQUENCE, front.len + in->entries_len + back.len);
    qw_der_raw(&der, &front);
    *head = qw_der_bytes(&der);
    *tail = back;
    return NULL;
}

qw_problem_t *qw_crl_wrap(qw_bytes_t *start, qw_bytes_t *end,
                          apr_uint64_t tbs_len, const qw_bytes_t *sig_alg,
                          const qw_bytes_t *signature, apr_pool_t *pool)
{
    qw_der_t first, last;

    if (signature->len == 0)
        return BROKEN(pool, "empty signature");
    qw_der_start(&last, pool);
    qw_der_raw(&last, sig_alg);
    qw_der_bits(&last, signature);
    qw_der_start(&first, pool);
    qw_der_head(&first, QW_DER_SEQUENCE, tbs_len + last.len);
    *start = qw_der_bytes(&first);
    *end = qw_der_bytes(&last);
    return NULL;
}
