/* der.h -- a small DER writer and a strict reader. Threads: one object, one
 * thread. */
#ifndef QW_X509_DER_H
#define QW_X509_DER_H

#include "base/bytes.h"

#include <apr_pools.h>
#include <apr_time.h>

enum {
    QW_DER_BOOLEAN = 0x01,
    QW_DER_INTEGER = 0x02,
    QW_DER_BIT_STRING = 0x03,
    QW_DER_OCTET_STRING = 0x04,
    QW_DER_NULL = 0x05,
    QW_DER_OID = 0x06,
    QW_DER_ENUMERATED = 0x0a,
    QW_DER_UTF8 = 0x0c,
    QW_DER_PRINTABLE = 0x13,
    QW_DER_T61 = 0x14,
    QW_DER_IA5 = 0x16,
    QW_DER_UTC_TIME = 0x17,
    QW_DER_GENERALIZED_TIME = 0x18,
    QW_DER_SEQUENCE = 0x30,
    QW_DER_SET = 0x31,
    QW_DER_CONTEXT = 0x80,    /* [n] primitive, add n */
    QW_DER_CONTEXT_OF = 0xa0, /* [n] constructed, add n */
    QW_DER_MAX_DEPTH = 24
};

/* The end of what has none: 9999-12-31T23:59:59Z, RFC5280-4.1.2.5. */
#define QW_TIME_NEVER apr_time_from_sec(APR_INT64_C(253402300799))

/* Writing: what was written is BYTES; it grows in POOL and cannot fail. */
typedef struct {
    unsigned char *data;
    apr_size_t len, room;
    apr_pool_t *pool;
} qw_der_t;

void qw_der_start(qw_der_t *der, apr_pool_t *pool);
qw_bytes_t qw_der_bytes(const qw_der_t *der);

/* Everything until qw_der_close(MARK) is the content of an element of TAG:
 *     mark = qw_der_open(d, QW_DER_SEQUENCE); ... qw_der_close(d, mark); */
apr_size_t qw_der_open(qw_der_t *der, int tag);
void qw_der_close(qw_der_t *der, apr_size_t mark);

/* One whole element; bytes that are already DER; an element from text. */
void qw_der_put(qw_der_t *der, int tag, const void *data, apr_size_t len);
void qw_der_raw(qw_der_t *der, const qw_bytes_t *bytes);
void qw_der_text(qw_der_t *der, int tag, const char *text);

/* UTCTime before 2050, else GeneralizedTime, of WHEN in whole seconds.
 * RFC5280-4.1.2.5 */
void qw_der_time(qw_der_t *der, apr_time_t when);

/* GeneralizedTime of WHEN in whole seconds, in any year. RFC6960-4.2.2.1 */
void qw_der_generalized(qw_der_t *der, apr_time_t when);

/* Tag and length of an element whose LEN octets of content stand elsewhere; the
 * whole of an INTEGER that is not negative. */
void qw_der_head(qw_der_t *der, int tag, apr_uint64_t len);
void qw_der_number(qw_der_t *der, apr_int64_t number);

/* A whole BIT STRING of all bits of BYTES. */
void qw_der_bits(qw_der_t *der, const qw_bytes_t *bytes);

/* Reading: what is left of it. Nothing is copied. */
typedef qw_bytes_t qw_der_in_t;

/* Tag of the next element; -1 at the end. */
int qw_der_tag(const qw_der_in_t *in);

/* The next element: *WHOLE with tag and length, *CONTENT without (either may
 * be NULL). 0, and IN stays where it is, if there is none of TAG (-1: any), or
 * its length is indefinite, not minimal or beyond the end. */
int qw_der_next(qw_der_in_t *in, int tag, qw_bytes_t *whole,
                qw_bytes_t *content);

/* As qw_der_next() for content that is read on. */
int qw_der_enter(qw_der_in_t *in, int tag, qw_der_in_t *content);

/* 1 if BYTES is exactly one element, DER in depth: minimal lengths, integers
 * and object identifiers, BOOLEAN 00 or FF, no bits after the last, sets in
 * order, strings not in pieces, times in the form of RFC5280-4.1.2.5. What is
 * inside an OCTET STRING is not looked at. */
int qw_der_is_strict(const qw_bytes_t *bytes);

/* 1 and *WHEN from content of a UTCTime or GeneralizedTime of TAG, in the form
 * of RFC5280-4.1.2.5. */
int qw_der_parse_time(apr_time_t *when, int tag, const qw_bytes_t *content);

/* The next element, if it is a time in one of these two forms. */
int qw_der_next_time(qw_der_in_t *in, apr_time_t *when);

int qw_bytes_equal(const qw_bytes_t *a, const qw_bytes_t *b);

#endif
