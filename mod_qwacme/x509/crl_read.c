/* crl_read.c -- our own lists, from their files. */
#include "x509/crl.h"

#include "base/b64.h"
#include "x509/cert_parts.h"

#include <apr_file_io.h>
#include <apr_mmap.h>
#include <apr_strings.h>

#define REFUSED(pool, why)                                                     \
    QW_FAIL((pool), MALFORMED, "the list of revoked certificates %s", (why))
#define UNREADABLE(pool, rv, path)                                             \
    QW_FAIL_BECAUSE((pool), SERVER_INTERNAL,                                   \
                    apr_psprintf((pool), "%s: error %d", (path), (rv)),        \
                    "a list of revoked certificates cannot be read")

static qw_bytes_t copy(const qw_bytes_t *bytes, apr_pool_t *pool)
{
    qw_bytes_t mine = { apr_pmemdup(pool, bytes->data, bytes->len),
                        bytes->len };

    return mine;
}

static int read_key_id(qw_crl_facts_t *f, qw_der_in_t value, apr_pool_t *pool)
{
    qw_der_in_t list;
    qw_bytes_t id;

    if (!qw_der_enter(&value, QW_DER_SEQUENCE, &list) || value.len > 0
        || !qw_der_next(&list, QW_DER_CONTEXT + 0, NULL, &id) || list.len > 0)
        return 0;
    f->aki = qw_hex_encode(id.data, id.len, pool);
    return 1;
}

static int read_number(qw_crl_facts_t *f, qw_der_in_t value)
{
    qw_bytes_t octets;
    apr_size_t i;

    if (!qw_der_next(&value, QW_DER_INTEGER, NULL, &octets) || value.len > 0
        || octets.len < 1 || octets.len > 8 || (octets.data[0] & 0x80) != 0)
        return 0;
    for (f->number = 0, i = 0; i < octets.len; i++)
        f->number = f->number << 8 | octets.data[i];
    return 1;
}

static int read_point(qw_crl_facts_t *f, qw_der_in_t value, apr_pool_t *pool)
{
    qw_der_in_t point, name, full_name;
    qw_bytes_t url;

    if (!qw_der_enter(&value, QW_DER_SEQUENCE, &point) || value.len > 0
        || !qw_der_enter(&point, QW_DER_CONTEXT_OF + 0, &name) || point.len > 0
        || !qw_der_enter(&name, QW_DER_CONTEXT_OF + 0, &full_name)
        || name.len > 0
        || !qw_der_next(&full_name, QW_DER_CONTEXT + 6, NULL, &url)
        || full_name.len > 0)
        return 0;
    f->idp_url =
        apr_pstrmemdup(pool, (const char *)url.data, (apr_size_t)url.len);
    return 1;
}

static int read_extension(qw_crl_facts_t *f, const qw_cert_ext_t *ext,
                          apr_pool_t *pool)
{
    qw_der_in_t value = ext->value;

    if (ext->critical != (ext->oid == QW_OID_ISSUING_POINT)
        || !qw_der_is_strict(&ext->value))
        return 0;
    switch ((int)ext->oid) {
    case QW_OID_AUTHORITY_KEY_ID:
        return read_key_id(f, value, pool);
    case QW_OID_CRL_NUMBER:
        return read_number(f, value);
    case QW_OID_ISSUING_POINT:
        return read_point(f, value, pool);
    case QW_OID_EXPIRED_CERTS_ON_CRL:
        return qw_der_next_time(&value, &f->expired_since) && value.len == 0;
    default:
        return 0;
    }
}

static int read_tail(qw_crl_facts_t *f, qw_der_in_t *tbs, apr_pool_t *pool)
{
    qw_der_in_t tagged, list;
    qw_cert_ext_t ext;

    if (!qw_der_is_strict(tbs)
        || !qw_der_enter(tbs, QW_DER_CONTEXT_OF + 0, &tagged) || tbs->len > 0
        || !qw_der_enter(&tagged, QW_DER_SEQUENCE, &list) || tagged.len > 0)
        return 0;
    f->number = -1;
    while (list.len > 0) {
        if (!qw_cert_next_ext(&ext, &list) || !read_extension(f, &ext, pool))
            return 0;
    }
    return f->number >= 0 && f->aki != NULL;
}

static int read_front(qw_crl_facts_t *f, qw_der_in_t *tbs, apr_pool_t *pool)
{
    qw_bytes_t version, sig_alg, issuer;

    if (!qw_der_next(tbs, QW_DER_INTEGER, NULL, &version) || version.len != 1
        || version.data[0] != 1
        || !qw_der_next(tbs, QW_DER_SEQUENCE, &sig_alg, NULL)
        || !qw_bytes_equal(&sig_alg, &f->sig_alg)
        || !qw_der_next(tbs, QW_DER_SEQUENCE, &issuer, NULL)
        || !qw_der_next_time(tbs, &f->this_update)
        || !qw_der_next_time(tbs, &f->next_update))
        return 0;
    f->issuer = copy(&issuer, pool);
    f->is_final = f->next_update == QW_TIME_NEVER;
    return 1;
}

static int count_entries(qw_crl_facts_t *f, qw_der_in_t *tbs)
{
    qw_der_in_t list;

    if (qw_der_tag(tbs) != QW_DER_SEQUENCE)
        return 1;
    if (!qw_der_enter(tbs, QW_DER_SEQUENCE, &list) || list.len == 0)
        return 0;
    for (; list.len > 0; f->entries++) {
        if (!qw_der_next(&list, QW_DER_SEQUENCE, NULL, NULL))
            return 0;
    }
    return 1;
}

/* The three parts of the whole; *TBS is its content. */
static int split(qw_crl_facts_t *f, qw_der_in_t *tbs, const qw_bytes_t *der,
                 apr_pool_t *pool)
{
    qw_bytes_t whole, sig_alg, signature;
    qw_der_in_t in = *der, list;

    if (!qw_der_enter(&in, QW_DER_SEQUENCE, &list) || in.len > 0
        || !qw_der_next(&list, QW_DER_SEQUENCE, &whole, tbs)
        || !qw_der_next(&list, QW_DER_SEQUENCE, &sig_alg, NULL)
        || !qw_der_next(&list, QW_DER_BIT_STRING, NULL, &signature)
        || list.len > 0 || signature.len < 2 || signature.data[0] != 0)
        return 0;
    signature.data++;
    signature.len--;
    f->tbs_at = (apr_uint64_t)(whole.data - der->data);
    f->tbs_len = whole.len;
    f->sig_alg = copy(&sig_alg, pool);
    f->signature = copy(&signature, pool);
    return 1;
}

qw_problem_t *qw_crl_read(qw_crl_facts_t **facts, const qw_bytes_t *der,
                          apr_pool_t *pool)
{
    qw_crl_facts_t *read = apr_pcalloc(pool, sizeof(*read));
    qw_der_in_t tbs;

    if (!split(read, &tbs, der, pool) || !read_front(read, &tbs, pool))
        return REFUSED(pool, "is no CertificateList of version 2");
    if (!count_entries(read, &tbs))
        return REFUSED(pool, "has an entry that is none");
    if (!read_tail(read, &tbs, pool))
        return REFUSED(pool, "does not end with the extensions that ours have");
    *facts = read;
    return NULL;
}

static qw_problem_t *read_open(qw_crl_facts_t **facts, apr_file_t *file,
                               const char *path, apr_pool_t *pool)
{
    qw_problem_t *problem;
    qw_bytes_t der;
    apr_finfo_t info;
    apr_mmap_t *map;
    apr_status_t rv;

    rv = apr_file_info_get(&info, APR_FINFO_SIZE, file);
    if (rv == APR_SUCCESS && info.size == 0)
        return REFUSED(pool, "is empty");
    if (rv == APR_SUCCESS)
        rv = apr_mmap_create(&map, file, 0, (apr_size_t)info.size,
                             APR_MMAP_READ, pool);
    if (rv != APR_SUCCESS)
        return UNREADABLE(pool, rv, path);
    der.data = map->mm;
    der.len = map->size;
    problem = qw_crl_read(facts, &der, pool);
    apr_mmap_delete(map);
    return problem;
}

qw_problem_t *qw_crl_read_file(qw_crl_facts_t **facts, const char *path,
                               apr_pool_t *pool)
{
    qw_problem_t *problem;
    apr_file_t *file;
    apr_status_t rv =
        apr_file_open(&file, path, APR_FOPEN_READ, APR_FPROT_OS_DEFAULT, pool);

    if (APR_STATUS_IS_ENOENT(rv))
        return QW_FAIL(pool, NOT_FOUND,
                       "there is no list of revoked "
                       "certificates");
    if (rv != APR_SUCCESS)
        return UNREADABLE(pool, rv, path);
    problem = read_open(facts, file, path, pool);
    apr_file_close(file);
    return problem;
}
