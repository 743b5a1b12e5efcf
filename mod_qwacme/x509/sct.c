#include "x509/sct.h"

#include "base/b64.h"
#include "x509/cert_parts.h"
#include "x509/sigalg.h"
#include "x509/spki.h"

#include <apr_strings.h>

#include <string.h>

enum {
    VERSION_1 = 0,
    CERTIFICATE_TIMESTAMP = 0,
    PRECERT_ENTRY = 1,
    ID_BYTES = 32,
    MOST = 0xffff, /* octets of a TLS vector<0..2^16-1> */
    HASH_SHA256 = 4,
    SIGNATURE_RSA = 1,
    SIGNATURE_ECDSA = 3
};

#define BAD_ANSWER(pool, ...) QW_FAIL((pool), MALFORMED, __VA_ARGS__)
#define UNTRUE(pool, ...)     QW_FAIL((pool), UNAUTHORIZED, __VA_ARGS__)

/* ---- writing TLS structures ---- */

static void put_number(qw_der_t *out, apr_uint64_t value, int octets)
{
    unsigned char bytes[8];
    qw_bytes_t raw = { bytes, (apr_size_t)octets };

    for (int i = octets - 1; i >= 0; i--, value >>= 8)
        bytes[i] = (unsigned char)value;
    qw_der_raw(out, &raw);
}

/* A vector whose length takes OCTETS. */
static void put_vector(qw_der_t *out, const qw_bytes_t *bytes, int octets)
{
    put_number(out, bytes->len, octets);
    qw_der_raw(out, bytes);
}

/* ---- reading them ---- */

static int take_bytes(qw_bytes_t *in, qw_bytes_t *bytes, apr_size_t len)
{
    if (in->len < len)
        return 0;
    bytes->data = in->data;
    bytes->len = len;
    in->data += len;
    in->len -= len;
    return 1;
}

static int take_number(qw_bytes_t *in, apr_uint64_t *value, apr_size_t octets)
{
    qw_bytes_t bytes;

    if (!take_bytes(in, &bytes, octets))
        return 0;
    *value = 0;
    for (apr_size_t i = 0; i < octets; i++)
        *value = *value << 8 | bytes.data[i];
    return 1;
}

static int take_vector(qw_bytes_t *in, qw_bytes_t *bytes)
{
    apr_uint64_t len;

    return take_number(in, &len, 2) && take_bytes(in, bytes, (apr_size_t)len);
}

typedef struct {
    qw_bytes_t id, extensions, signature;
    apr_uint64_t timestamp, hash, algorithm;
} parts_t;

static int split(parts_t *p, const qw_bytes_t *sct)
{
    qw_bytes_t in = *sct;
    apr_uint64_t version;

    return take_number(&in, &version, 1) && version == VERSION_1
           && take_bytes(&in, &p->id, ID_BYTES)
           && take_number(&in, &p->timestamp, 8)
           && take_vector(&in, &p->extensions) && take_number(&in, &p->hash, 1)
           && take_number(&in, &p->algorithm, 1)
           && take_vector(&in, &p->signature) && in.len == 0;
}

/* ---- from a log's answer ---- */

static qw_problem_t *get_octets(qw_bytes_t *bytes, const json_t *answer,
                                const char *name, apr_pool_t *pool)
{
    const char *text;

    QW_TRY(qw_json_text(&text, answer, name, QW_REQUIRED, pool));
    if (!qw_b64_decode(bytes, text, pool) || bytes->len > MOST)
        return BAD_ANSWER(pool, "%s is not base64 of at most %d octets", name,
                          MOST);
    return NULL;
}

qw_problem_t *qw_sct_parse(qw_bytes_t *sct, const json_t *answer,
                           apr_pool_t *pool)
{
    qw_bytes_t id, extensions, signature;
    apr_int64_t version, timestamp;
    qw_der_t out;
    parts_t parts;

    QW_TRY(qw_json_int(&version, answer, "sct_version", QW_REQUIRED, pool));
    QW_TRY(qw_json_int(&timestamp, answer, "timestamp", QW_REQUIRED, pool));
    QW_TRY(get_octets(&id, answer, "id", pool));
    QW_TRY(get_octets(&extensions, answer, "extensions", pool));
    QW_TRY(get_octets(&signature, answer, "signature", pool));
    if (version != VERSION_1 || timestamp < 0 || id.len != ID_BYTES)
        return BAD_ANSWER(pool, "not an SCT of version 1");
    qw_der_start(&out, pool);
    put_number(&out, VERSION_1, 1);
    qw_der_raw(&out, &id);
    put_number(&out, (apr_uint64_t)timestamp, 8);
    put_vector(&out, &extensions, 2);
    qw_der_raw(&out, &signature); /* it has its own header */
    *sct = qw_der_bytes(&out);
    if (!split(&parts, sct))
        return BAD_ANSWER(pool, "signature is not a DigitallySigned structure");
    return NULL;
}

/* ---- verifying ---- */

/* RFC6962-3.2: what the log signs. */
static qw_problem_t *signed_part(qw_bytes_t *bytes, const parts_t *p,
                                 const qw_sct_entry_t *entry, apr_pool_t *pool)
{
    qw_bytes_t tbs, issuer;
    qw_der_t out;

    QW_TRY(qw_sct_embed(&tbs, &entry->tbs, NULL, pool));
    if (!qw_hex_decode(&issuer, entry->issuer_key, pool))
        return UNTRUE(pool, "the issuer has no key hash");
    qw_der_start(&out, pool);
    put_number(&out, VERSION_1, 1);
    put_number(&out, CERTIFICATE_TIMESTAMP, 1);
    put_number(&out, p->timestamp, 8);
    put_number(&out, PRECERT_ENTRY, 2);
    qw_der_raw(&out, &issuer);
    put_vector(&out, &tbs, 3);
    put_vector(&out, &p->extensions, 2);
    *bytes = qw_der_bytes(&out);
    return NULL;
}

qw_problem_t *qw_sct_verify(const qw_bytes_t *sct, const char *log_id,
                            const qw_bytes_t *key, const qw_sct_entry_t *entry,
                            apr_pool_t *pool)
{
    qw_bytes_t bytes;
    EVP_PKEY *pkey;
    parts_t p;
    int rsa;

    if (!split(&p, sct))
        return UNTRUE(pool, "not a signed certificate timestamp");
    if (strcmp(qw_hex_encode(p.id.data, p.id.len, pool), log_id) != 0)
        return UNTRUE(pool, "the SCT is of another log");
    QW_TRY(qw_spki_key(&pkey, key, pool));
    rsa = EVP_PKEY_is_a(pkey, "RSA");
    /* RFC6962-2.1.4: SHA-256 with RSA or with P-256 */
    if (p.hash != HASH_SHA256
        || p.algorithm != (rsa ? SIGNATURE_RSA : SIGNATURE_ECDSA))
        return UNTRUE(pool, "the SCT is not signed with SHA-256 and the log's "
                            "kind of key");
    QW_TRY(signed_part(&bytes, &p, entry, pool));
    if (!qw_sigalg_verify(pkey, "SHA256", &bytes, &p.signature))
        return UNTRUE(pool, "the log's signature over the precertificate does "
                            "not verify");
    return NULL;
}

/* ---- precertificate to certificate ---- */

/* The extension of RFC6962-3.3: an OCTET STRING in an OCTET STRING. */
static void put_list(qw_der_t *out, const apr_array_header_t *scts)
{
    qw_bytes_t id = qw_oid_der(QW_OID_SCT_LIST);
    apr_size_t ext = qw_der_open(out, QW_DER_SEQUENCE), outer, inner, len = 0;

    for (int i = 0; i < scts->nelts; i++)
        len += 2 + APR_ARRAY_IDX(scts, i, qw_bytes_t).len;
    qw_der_raw(out, &id);
    outer = qw_der_open(out, QW_DER_OCTET_STRING);
    inner = qw_der_open(out, QW_DER_OCTET_STRING);
    put_number(out, len, 2);
    for (int i = 0; i < scts->nelts; i++)
        put_vector(out, &APR_ARRAY_IDX(scts, i, qw_bytes_t), 2);
    qw_der_close(out, inner);
    qw_der_close(out, outer);
    qw_der_close(out, ext);
}

static int is_poison(const qw_bytes_t *extension)
{
    qw_bytes_t want = qw_oid_der(QW_OID_CT_POISON), id;
    qw_der_in_t all = *extension, ext;

    return qw_der_enter(&all, QW_DER_SEQUENCE, &ext)
           && qw_der_next(&ext, QW_DER_OID, &id, NULL)
           && qw_bytes_equal(&id, &want);
}

/* The extensions in LIST, the poison replaced. *FOUND: how many there were. */
static void copy_extensions(qw_der_t *out, qw_der_in_t *list,
                            const apr_array_header_t *scts, int *found)
{
    qw_bytes_t extension;

    *found = 0;
    while (qw_der_next(list, QW_DER_SEQUENCE, &extension, NULL)) {
        if (!is_poison(&extension)) {
            qw_der_raw(out, &extension);
            continue;
        }
        (*found)++;
        if (scts != NULL)
            put_list(out, scts);
    }
}

qw_problem_t *qw_sct_embed(qw_bytes_t *final, const qw_bytes_t *precert,
                           const apr_array_header_t *scts, apr_pool_t *pool)
{
    qw_der_in_t all = *precert, tbs = { NULL, 0 }, tagged, list;
    apr_size_t seq, tag, inner;
    int poisons = 0;
    qw_bytes_t part;
    qw_der_t out;

    qw_der_start(&out, pool);
    seq = qw_der_open(&out, QW_DER_SEQUENCE);
    (void)qw_der_enter(&all, QW_DER_SEQUENCE, &tbs);
    while (qw_der_tag(&tbs) != QW_DER_CONTEXT_OF + 3
           && qw_der_next(&tbs, -1, &part, NULL))
        qw_der_raw(&out, &part);
    if (qw_der_enter(&tbs, QW_DER_CONTEXT_OF + 3, &tagged)
        && qw_der_enter(&tagged, QW_DER_SEQUENCE, &list)) {
        tag = qw_der_open(&out, QW_DER_CONTEXT_OF + 3);
        inner = qw_der_open(&out, QW_DER_SEQUENCE);
        copy_extensions(&out, &list, scts, &poisons);
        qw_der_close(&out, inner);
        qw_der_close(&out, tag);
    }
    qw_der_close(&out, seq);
    if (poisons != 1)
        return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL,
                               "not a precertificate: the poison stands not "
                               "once in it",
                               "the certificate cannot be made");
    *final = qw_der_bytes(&out);
    return NULL;
}
