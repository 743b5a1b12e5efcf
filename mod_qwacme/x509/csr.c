#include "x509/csr.h"

#include "x509/csr_names.h"
#include "x509/der.h"
#include "x509/oid.h"
#include "x509/sigalg.h"
#include "x509/spki.h"

#include <apr_strings.h>
#include <string.h>

/* Where the parts of a request are, borrowed from its octets. */
typedef struct {
    qw_bytes_t signed_part, subject, spki, sig_alg, signature;
    qw_der_in_t attributes;
} parts_t;

/* RFC2986-4 */
static int split(parts_t *parts, const qw_bytes_t *der)
{
    static const unsigned char version_1[] = { 0 };
    const qw_bytes_t want_version = { version_1, sizeof(version_1) };
    qw_der_in_t all = *der, request, info;
    qw_bytes_t version;

    if (!qw_der_is_strict(der) || !qw_der_enter(&all, QW_DER_SEQUENCE, &request)
        || !qw_der_next(&request, QW_DER_SEQUENCE, &parts->signed_part, &info)
        || !qw_der_next(&request, QW_DER_SEQUENCE, &parts->sig_alg, NULL)
        || !qw_der_next(&request, QW_DER_BIT_STRING, NULL, &parts->signature)
        || request.len > 0)
        return 0;
    if (parts->signature.len < 2 || parts->signature.data[0] != 0)
        return 0;
    parts->signature.data++;
    parts->signature.len--;
    return qw_der_next(&info, QW_DER_INTEGER, NULL, &version)
           && qw_bytes_equal(&version, &want_version)
           && qw_der_next(&info, QW_DER_SEQUENCE, &parts->subject, NULL)
           && qw_der_next(&info, QW_DER_SEQUENCE, &parts->spki, NULL)
           && qw_der_enter(&info, QW_DER_CONTEXT_OF + 0, &parts->attributes)
           && info.len == 0;
}

/* The key's finding, told as one about the CSR: RFC8555-7.4 has clients act on
 * badCSR here. */
static qw_problem_t *about_key(qw_problem_t *finding, apr_pool_t *pool)
{
    if (finding == NULL || finding->code != QW_E_BAD_PUBLIC_KEY)
        return finding;
    return QW_FAIL_BECAUSE(pool, BAD_CSR, finding->cause,
                           "the key of the CSR is refused: %s",
                           finding->detail);
}

static qw_problem_t *read_key(qw_csr_t *csr, const parts_t *parts,
                              const qw_known_keys_t *known, apr_pool_t *pool)
{
    QW_TRY(about_key(qw_spki_key(&csr->key, &parts->spki, pool), pool));
    QW_TRY(about_key(qw_keycheck(csr->key, QW_KEY_FOR_CERTIFICATE, known, pool),
                     pool));
    csr->spki.data = apr_pmemdup(pool, parts->spki.data, parts->spki.len);
    csr->spki.len = parts->spki.len;
    return NULL;
}

static qw_problem_t *check_signature(const qw_csr_t *csr, const parts_t *parts,
                                     apr_pool_t *pool)
{
    int rsa = 0;
    const char *digest = qw_sigalg_digest(&parts->sig_alg, &rsa);

    if (digest == NULL || rsa != EVP_PKEY_is_a(csr->key, "RSA"))
        return QW_FAIL(pool, BAD_CSR,
                       "the CSR is signed with an algorithm other than RSA "
                       "(PKCS#1 v1.5) or ECDSA with SHA-256, SHA-384 or "
                       "SHA-512");
    if (!qw_sigalg_verify(csr->key, digest, &parts->signed_part,
                          &parts->signature))
        return QW_FAIL(pool, BAD_CSR,
                       "the signature of the CSR does not verify");
    return NULL;
}

/* Asked for in requests now and then; ignored, critical or not. */
static int is_known_extension(qw_oid_e oid)
{
    return oid >= QW_OID_SUBJECT_KEY_ID && oid <= QW_OID_VAL_ASSURED;
}

typedef struct {
    apr_array_header_t *seen; /* of qw_bytes_t: identifiers so far */
    apr_array_header_t *names;
    int has_alt_names;
    apr_pool_t *pool;
} extensions_t;

static int is_doubled(const extensions_t *e, const qw_bytes_t *id)
{
    int i;

    for (i = 0; i < e->seen->nelts; i++) {
        if (qw_bytes_equal(&APR_ARRAY_IDX(e->seen, i, qw_bytes_t), id))
            return 1;
    }
    return 0;
}

static qw_problem_t *read_extension(extensions_t *e, qw_der_in_t ext)
{
    qw_bytes_t id, yes, value;
    int critical = 0;
    qw_oid_e oid;

    if (!qw_der_next(&ext, QW_DER_OID, &id, NULL))
        return QW_FAIL(e->pool, BAD_CSR, "an extension has no identifier");
    if (qw_der_next(&ext, QW_DER_BOOLEAN, NULL, &yes)) {
        critical = 1;
        if (yes.data[0] != 0xff) /* DER leaves the default out */
            return QW_FAIL(e->pool, BAD_CSR, "the CSR is not DER");
    }
    if (!qw_der_next(&ext, QW_DER_OCTET_STRING, NULL, &value) || ext.len > 0)
        return QW_FAIL(e->pool, BAD_CSR, "an extension has no value");
    if (is_doubled(e, &id))
        return QW_FAIL(e->pool, BAD_CSR, "extension %s stands twice in the CSR",
                       qw_oid_text(&id, e->pool));
    APR_ARRAY_PUSH(e->seen, qw_bytes_t) = id;
    oid = qw_oid_find(&id);
    if (critical && !is_known_extension(oid))
        return QW_FAIL(e->pool, BAD_CSR,
                       "the CSR asks for the unknown critical extension %s",
                       qw_oid_text(&id, e->pool));
    if (oid != QW_OID_SUBJECT_ALT_NAME)
        return NULL;
    e->has_alt_names = 1;
    return qw_csr_add_alt_names(e->names, &value, e->pool);
}

enum { EXTENSIONS_MAX = 64 };

static qw_problem_t *read_extensions(extensions_t *e, qw_der_in_t values)
{
    qw_der_in_t list, ext;

    if (!qw_der_enter(&values, QW_DER_SEQUENCE, &list) || values.len > 0)
        return QW_FAIL(e->pool, BAD_CSR,
                       "the CSR does not ask for exactly one list of "
                       "extensions");
    while (list.len > 0) {
        if (!qw_der_enter(&list, QW_DER_SEQUENCE, &ext)
            || e->seen->nelts >= EXTENSIONS_MAX)
            return QW_FAIL(e->pool, BAD_CSR,
                           "the extensions of the CSR do not parse, or are "
                           "more than %d",
                           EXTENSIONS_MAX);
        QW_TRY(read_extension(e, ext));
    }
    return NULL;
}

static qw_problem_t *read_attribute(extensions_t *e, const qw_bytes_t *id,
                                    qw_der_in_t values, int *requests)
{
    switch (qw_oid_find(id)) {
    case QW_OID_EXTENSION_REQUEST:
        if ((*requests)++ > 0)
            return QW_FAIL(e->pool, BAD_CSR,
                           "the CSR has two extensionRequest attributes");
        return read_extensions(e, values);
    case QW_OID_MS_EXTENSION_REQUEST:
        return QW_FAIL(e->pool, BAD_CSR,
                       "the CSR asks for extensions in Microsoft's attribute; "
                       "use extensionRequest of PKCS#9");
    default: /* a challengePassword and the like: not read */
        return NULL;
    }
}

static qw_problem_t *read_attributes(extensions_t *e, qw_der_in_t attributes)
{
    qw_der_in_t attribute, values;
    int requests = 0;
    qw_bytes_t id;

    while (attributes.len > 0) {
        if (!qw_der_enter(&attributes, QW_DER_SEQUENCE, &attribute)
            || !qw_der_next(&attribute, QW_DER_OID, &id, NULL)
            || !qw_der_enter(&attribute, QW_DER_SET, &values) || values.len == 0
            || attribute.len > 0)
            return QW_FAIL(e->pool, BAD_CSR,
                           "an attribute of the CSR does not parse");
        QW_TRY(read_attribute(e, &id, values, &requests));
    }
    return NULL;
}

/* A commonName must be among the names of the SAN, if there is one. */
static qw_problem_t *read_names(qw_csr_t *csr, const parts_t *parts,
                                apr_pool_t *pool)
{
    extensions_t e = { 0 };
    int distinct;

    e.pool = pool;
    e.names = apr_array_make(pool, 8, sizeof(const char *));
    e.seen = apr_array_make(pool, 8, sizeof(qw_bytes_t));
    QW_TRY(read_attributes(&e, parts->attributes));
    distinct = e.names->nelts;
    QW_TRY(qw_csr_add_common_name(e.names, parts->subject, pool));
    (void)qw_csr_sort_names(e.names);
    if (e.has_alt_names && e.names->nelts > distinct)
        return QW_FAIL(pool, BAD_CSR,
                       "the commonName of the CSR is not among the names of "
                       "its subjectAltName");
    csr->names = e.names;
    return NULL;
}

qw_problem_t *qw_csr_parse(qw_csr_t **csr, const qw_bytes_t *der,
                           const qw_known_keys_t *known, apr_pool_t *pool)
{
    qw_csr_t *parsed = apr_pcalloc(pool, sizeof(*parsed));
    parts_t parts;

    if (!split(&parts, der))
        return QW_FAIL(pool, BAD_CSR,
                       "the CSR is not a PKCS#10 request in strict DER");
    QW_TRY(read_key(parsed, &parts, known, pool));
    QW_TRY(check_signature(parsed, &parts, pool));
    QW_TRY(read_names(parsed, &parts, pool));
    *csr = parsed;
    return NULL;
}

static const char *name_at(const apr_array_header_t *names, int i)
{
    return i < names->nelts ? APR_ARRAY_IDX(names, i, const char *) : NULL;
}

/* Order of two names, NULL after all others. */
static int compare(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return (a == NULL) - (b == NULL);
    return strcmp(a, b);
}

qw_problem_t *qw_csr_check_names(const qw_csr_t *csr,
                                 const apr_array_header_t *names,
                                 apr_pool_t *pool)
{
    apr_array_header_t *want = apr_array_copy(pool, names);
    int i, order;

    (void)qw_csr_sort_names(want);
    for (i = 0; i < want->nelts || i < csr->names->nelts; i++) {
        const char *ordered = name_at(want, i), *found = name_at(csr->names, i);

        order = compare(ordered, found);
        if (order > 0)
            return QW_FAIL(pool, BAD_CSR,
                           "the CSR names %s, the order does not", found);
        if (order < 0)
            return QW_FAIL(pool, BAD_CSR,
                           "the order names %s, the CSR does not", ordered);
    }
    return NULL;
}
