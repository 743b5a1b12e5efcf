#include "x509/der.h"

#include "base/text.h"

#include <string.h>

int qw_bytes_equal(const qw_bytes_t *a, const qw_bytes_t *b)
{
    return a->len == b->len
           && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

int qw_der_tag(const qw_der_in_t *in)
{
    return in->len > 0 ? in->data[0] : -1;
}

/* Length of the content at *LEN and of what stands before it at *HEAD. Lengths
 * beyond four octets and tags beyond 30 do not occur in what we read. */
static int read_head(const qw_der_in_t *in, apr_size_t *head, apr_size_t *len)
{
    apr_size_t i, size;

    if (in->len < 2 || (in->data[0] & 0x1f) == 0x1f)
        return 0;
    *head = 2;
    *len = in->data[1];
    if (*len < 0x80)
        return *len <= in->len - *head;
    size = *len & 0x7f;
    if (size == 0 || size > 4 || in->len < 2 + size || in->data[2] == 0)
        return 0;
    for (*len = 0, i = 0; i < size; i++)
        *len = (*len << 8) | in->data[2 + i];
    *head = 2 + size;
    return *len >= 0x80 && *len <= in->len - *head;
}

int qw_der_next(qw_der_in_t *in, int tag, qw_bytes_t *whole,
                qw_bytes_t *content)
{
    apr_size_t head, len;

    if (!read_head(in, &head, &len) || (tag >= 0 && in->data[0] != tag))
        return 0;
    if (whole != NULL) {
        whole->data = in->data;
        whole->len = head + len;
    }
    if (content != NULL) {
        content->data = in->data + head;
        content->len = len;
    }
    in->data += head + len;
    in->len -= head + len;
    return 1;
}

int qw_der_enter(qw_der_in_t *in, int tag, qw_der_in_t *content)
{
    return qw_der_next(in, tag, NULL, content);
}

static int is_minimal_integer(const qw_bytes_t *c)
{
    if (c->len == 0)
        return 0;
    if (c->len == 1)
        return 1;
    return !(c->data[0] == 0x00 && (c->data[1] & 0x80) == 0)
           && !(c->data[0] == 0xff && (c->data[1] & 0x80) != 0);
}

static int is_oid(const qw_bytes_t *c)
{
    apr_size_t i;
    int first = 1;

    for (i = 0; i < c->len; i++) {
        if (first && c->data[i] == 0x80)
            return 0;
        first = (c->data[i] & 0x80) == 0;
    }
    return c->len > 0 && first;
}

static int is_bit_string(const qw_bytes_t *c)
{
    unsigned char unused;

    if (c->len == 0 || c->data[0] > 7)
        return 0;
    unused = c->data[0];
    if (c->len == 1)
        return unused == 0;
    return (c->data[c->len - 1] & ((1 << unused) - 1)) == 0;
}

static int is_ascii(const qw_bytes_t *c)
{
    apr_size_t i;

    for (i = 0; i < c->len && c->data[i] < 0x80; i++)
        continue;
    return i == c->len;
}

/* DER of a primitive of the universal class. */
static int is_strict_primitive(int tag, const qw_bytes_t *c)
{
    apr_time_t when;

    switch (tag) {
    case 0x00: /* end of contents */
        return 0;
    case QW_DER_BOOLEAN:
        return c->len == 1 && (c->data[0] == 0x00 || c->data[0] == 0xff);
    case QW_DER_INTEGER:
    case QW_DER_ENUMERATED:
        return is_minimal_integer(c);
    case QW_DER_BIT_STRING:
        return is_bit_string(c);
    case QW_DER_NULL:
        return c->len == 0;
    case QW_DER_OID:
        return is_oid(c);
    case QW_DER_UTF8:
        return qw_text_is_utf8((const char *)c->data, c->len);
    case QW_DER_IA5:
        return is_ascii(c);
    case QW_DER_UTC_TIME:
    case QW_DER_GENERALIZED_TIME:
        return qw_der_parse_time(&when, tag, c);
    default:
        return tag != 0x10 && tag != 0x11; /* SEQUENCE, SET: constructed */
    }
}

/* Order of elements of a SET OF: as octets, the shorter first if it is the
 * beginning of the longer. X.690-11.6 */
static int is_after(const qw_bytes_t *b, const qw_bytes_t *a)
{
    apr_size_t len = a->len < b->len ? a->len : b->len;
    int order = memcmp(a->data, b->data, len);

    return order < 0 || (order == 0 && a->len <= b->len);
}

static int all_strict(qw_der_in_t in, int depth, int in_order);

/* One element of TAG at DEPTH. */
static int is_strict_element(int tag, const qw_bytes_t *content, int depth)
{
    int universal = (tag & 0xc0) == 0;

    if ((tag & 0x20) == 0)
        return !universal || is_strict_primitive(tag, content);
    if (universal && tag != QW_DER_SEQUENCE && tag != QW_DER_SET)
        return 0;
    return depth < QW_DER_MAX_DEPTH
           && all_strict(*content, depth + 1, tag == QW_DER_SET);
}

static int all_strict(qw_der_in_t in, int depth, int in_order)
{
    qw_bytes_t whole, content, last = { NULL, 0 };
    int tag;

    while ((tag = qw_der_tag(&in)) >= 0) {
        if (!qw_der_next(&in, -1, &whole, &content)
            || !is_strict_element(tag, &content, depth))
            return 0;
        if (in_order && last.len > 0 && !is_after(&whole, &last))
            return 0;
        last = whole;
    }
    return 1;
}

int qw_der_is_strict(const qw_bytes_t *bytes)
{
    qw_der_in_t in = *bytes;

    return qw_der_next(&in, -1, NULL, NULL) && in.len == 0
           && all_strict(*bytes, 0, 0);
}

/* Two digits at AT; -1 if they are none. */
static int number_at(const unsigned char *at)
{
    if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
        return -1;
    return (at[0] - '0') * 10 + at[1] - '0';
}

int qw_der_parse_time(apr_time_t *when, int tag, const qw_bytes_t *content)
{
    const unsigned char *at = content->data;
    apr_time_exp_t t = { 0 }, back;
    int century, year;

    if (content->len != (tag == QW_DER_UTC_TIME ? 13 : 15)
        || at[content->len - 1] != 'Z')
        return 0;
    if (tag == QW_DER_UTC_TIME) {
        century = number_at(at) >= 50 ? 19 : 20;
    }
    else {
        century = number_at(at);
        at += 2;
    }
    year = number_at(at);
    t.tm_mon = number_at(at + 2) - 1;
    t.tm_mday = number_at(at + 4);
    t.tm_hour = number_at(at + 6);
    t.tm_min = number_at(at + 8);
    t.tm_sec = number_at(at + 10);
    t.tm_year = century * 100 + year - 1900;
    if (century < 0 || year < 0 || t.tm_mon < 0 || t.tm_mon > 11
        || t.tm_mday < 1 || t.tm_mday > 31 || t.tm_hour < 0 || t.tm_hour > 23
        || t.tm_min < 0 || t.tm_min > 59 || t.tm_sec < 0 || t.tm_sec > 59)
        return 0;
    if (apr_time_exp_gmt_get(when, &t) != APR_SUCCESS)
        return 0;
    apr_time_exp_gmt(&back, *when);
    return back.tm_mday == t.tm_mday;
}

int qw_der_next_time(qw_der_in_t *in, apr_time_t *when)
{
    qw_bytes_t text;
    int tag = qw_der_tag(in);

    return (tag == QW_DER_UTC_TIME || tag == QW_DER_GENERALIZED_TIME)
           && qw_der_next(in, tag, NULL, &text)
           && qw_der_parse_time(when, tag, &text);
}
