#include "acme/cert_id.h"

#include "base/b64.h"

#include <apr_strings.h>

#include <string.h>

enum { KEY_ID_MOST = 64, SERIAL_MOST = 21 };

/* As DER has it: not empty, not negative, not zero, no needless zero byte. */
static int is_serial(const qw_bytes_t *serial)
{
    if (serial->len == 0 || serial->len > SERIAL_MOST || serial->data[0] > 0x7f)
        return 0;
    return serial->data[0] != 0 || (serial->len > 1 && serial->data[1] > 0x7f);
}

int qw_cert_id_parse(qw_cert_id_t *id, const char *text, apr_pool_t *pool)
{
    const char *dot = strchr(text, '.');

    return dot != NULL
           && qw_b64url_decode(&id->key_id,
                               apr_pstrmemdup(pool, text,
                                              (apr_size_t)(dot - text)),
                               pool)
           && id->key_id.len > 0 && id->key_id.len <= KEY_ID_MOST
           && qw_b64url_decode(&id->serial, dot + 1, pool)
           && is_serial(&id->serial);
}

static const qw_issuer_t *issuer_of(const qw_call_t *call,
                                    const qw_bytes_t *key_id)
{
    const apr_array_header_t *issuers = call->site->issuers;

    for (int i = 0; i < issuers->nelts; i++) {
        const qw_issuer_t *issuer = APR_ARRAY_IDX(issuers, i, qw_issuer_t *);

        if (issuer->ski.len == key_id->len
            && memcmp(issuer->ski.data, key_id->data, key_id->len) == 0)
            return issuer;
    }
    return NULL;
}

qw_problem_t *qw_cert_id_read(const char **issuer, const char **serial,
                              const qw_call_t *call, const char *text)
{
    const qw_issuer_t *found;
    qw_cert_id_t id;

    if (!qw_cert_id_parse(&id, text, call->pool))
        return QW_FAIL(call->pool, MALFORMED,
                       "a certificate is named by base64url of its authority "
                       "key identifier, '.', and base64url of its serial");
    found = issuer_of(call, &id.key_id);
    if (found == NULL)
        return QW_FAIL(call->pool, NOT_FOUND, "no such certificate");
    *issuer = found->spki_hash;
    *serial = qw_hex_encode(id.serial.data, id.serial.len, call->pool);
    return NULL;
}
