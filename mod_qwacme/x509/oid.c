#include "x509/oid.h"

#include <apr_strings.h>
#include <string.h>

typedef struct {
    const char *der;
    apr_size_t len;
    const char *label;
} row_t;

static const row_t rows[] = {
#define QW_OID(name, der, label) { der, sizeof(der) - 1, label },
#include "x509/oid.def"
};

qw_bytes_t qw_oid_der(qw_oid_e oid)
{
    qw_bytes_t der = { (const unsigned char *)rows[oid].der, rows[oid].len };

    return der;
}

const char *qw_oid_label(qw_oid_e oid)
{
    return rows[oid].label;
}

qw_oid_e qw_oid_find(const qw_bytes_t *der)
{
    int i;

    for (i = 0; i < QW_OID_COUNT; i++) {
        if (rows[i].len == der->len
            && memcmp(rows[i].der, der->data, der->len) == 0)
            break;
    }
    return (qw_oid_e)i;
}

/* The next arc at *AT; 0 if it is cut short or does not fit. */
static int next_arc(apr_uint64_t *arc, const unsigned char **at,
                    const unsigned char *end)
{
    *arc = 0;
    while (*at < end && (*arc >> 57) == 0) {
        unsigned char byte = *(*at)++;

        *arc = (*arc << 7) | (byte & 0x7f);
        if ((byte & 0x80) == 0)
            return 1;
    }
    return 0;
}

const char *qw_oid_text(const qw_bytes_t *der, apr_pool_t *pool)
{
    const unsigned char *at = der->data + 2, *end = der->data + der->len;
    apr_uint64_t arc, top;
    const char *text;

    if (der->len < 3 || der->data[0] != 0x06 || der->data[1] > 0x7f
        || !next_arc(&arc, &at, end))
        return "?";
    top = arc < 80 ? arc / 40 : 2;
    text = apr_psprintf(pool, "%" APR_UINT64_T_FMT ".%" APR_UINT64_T_FMT, top,
                        arc - top * 40);
    while (at < end) {
        if (!next_arc(&arc, &at, end))
            return "?";
        text = apr_psprintf(pool, "%s.%" APR_UINT64_T_FMT, text, arc);
    }
    return text;
}
