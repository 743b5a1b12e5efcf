#include "x509/der.h"

#include <string.h>

enum { FIRST_ROOM = 1536 };

void qw_der_start(qw_der_t *der, apr_pool_t *pool)
{
    der->data = apr_palloc(pool, FIRST_ROOM);
    der->len = 0;
    der->room = FIRST_ROOM;
    der->pool = pool;
}

qw_bytes_t qw_der_bytes(const qw_der_t *der)
{
    qw_bytes_t bytes = { der->data, der->len };

    return bytes;
}

/* LEN more bytes at the end, not yet written. */
static unsigned char *grow(qw_der_t *der, apr_size_t len)
{
    unsigned char *data;

    if (der->room - der->len < len) {
        der->room = 2 * (der->room + len);
        data = apr_palloc(der->pool, der->room);
        memcpy(data, der->data, der->len);
        der->data = data;
    }
    der->len += len;
    return der->data + der->len - len;
}

/* Octets that the length LEN takes. */
static apr_size_t length_size(apr_uint64_t len)
{
    apr_size_t size = 1;

    if (len < 0x80)
        return 1;
    while (len > 0) {
        size++;
        len >>= 8;
    }
    return size;
}

static void put_length(unsigned char *out, apr_uint64_t len, apr_size_t size)
{
    apr_size_t i;

    if (size == 1) {
        out[0] = (unsigned char)len;
        return;
    }
    out[0] = (unsigned char)(0x80 | (size - 1));
    for (i = size - 1; i > 0; i--) {
        out[i] = (unsigned char)(len & 0xff);
        len >>= 8;
    }
}

apr_size_t qw_der_open(qw_der_t *der, int tag)
{
    *grow(der, 1) = (unsigned char)tag;
    return der->len;
}

void qw_der_close(qw_der_t *der, apr_size_t mark)
{
    apr_size_t len = der->len - mark, size = length_size(len);

    (void)grow(der, size);
    memmove(der->data + mark + size, der->data + mark, len);
    put_length(der->data + mark, len, size);
}

void qw_der_put(qw_der_t *der, int tag, const void *data, apr_size_t len)
{
    apr_size_t size = length_size(len);
    unsigned char *out = grow(der, 1 + size + len);

    out[0] = (unsigned char)tag;
    put_length(out + 1, len, size);
    if (len > 0)
        memcpy(out + 1 + size, data, len);
}

void qw_der_raw(qw_der_t *der, const qw_bytes_t *bytes)
{
    if (bytes->len > 0)
        memcpy(grow(der, bytes->len), bytes->data, bytes->len);
}

void qw_der_text(qw_der_t *der, int tag, const char *text)
{
    qw_der_put(der, tag, text, strlen(text));
}

static void two_digits(char *out, int n)
{
    out[0] = (char)('0' + n / 10 % 10);
    out[1] = (char)('0' + n % 10);
}

/* TEXT: the 15 characters of a GeneralizedTime. Returns the year. */
static int time_text(char *text, apr_time_t when)
{
    apr_time_exp_t t;
    int year;

    apr_time_exp_gmt(&t, when);
    year = t.tm_year + 1900;
    two_digits(text, year / 100);
    two_digits(text + 2, year);
    two_digits(text + 4, t.tm_mon + 1);
    two_digits(text + 6, t.tm_mday);
    two_digits(text + 8, t.tm_hour);
    two_digits(text + 10, t.tm_min);
    two_digits(text + 12, t.tm_sec);
    text[14] = 'Z';
    return year;
}

void qw_der_time(qw_der_t *der, apr_time_t when)
{
    char text[15];

    if (time_text(text, when) < 2050)
        qw_der_put(der, QW_DER_UTC_TIME, text + 2, 13);
    else
        qw_der_put(der, QW_DER_GENERALIZED_TIME, text, 15);
}

void qw_der_generalized(qw_der_t *der, apr_time_t when)
{
    char text[15];

    (void)time_text(text, when);
    qw_der_put(der, QW_DER_GENERALIZED_TIME, text, sizeof(text));
}

void qw_der_head(qw_der_t *der, int tag, apr_uint64_t len)
{
    apr_size_t size = length_size(len);
    unsigned char *out = grow(der, 1 + size);

    out[0] = (unsigned char)tag;
    put_length(out + 1, len, size);
}

void qw_der_number(qw_der_t *der, apr_int64_t number)
{
    unsigned char octets[9] = { 0 };
    apr_size_t at = sizeof(octets);

    do {
        octets[--at] = (unsigned char)(number & 0xff);
        number >>= 8;
    } while (number > 0);
    if (octets[at] & 0x80)
        at--;
    qw_der_put(der, QW_DER_INTEGER, octets + at, sizeof(octets) - at);
}

void qw_der_bits(qw_der_t *der, const qw_bytes_t *bytes)
{
    static const unsigned char no_unused_bits = 0;
    const qw_bytes_t zero = { &no_unused_bits, 1 };
    apr_size_t bits = qw_der_open(der, QW_DER_BIT_STRING);

    qw_der_raw(der, &zero);
    qw_der_raw(der, bytes);
    qw_der_close(der, bits);
}
