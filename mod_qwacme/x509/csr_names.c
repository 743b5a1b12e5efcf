#include "x509/csr_names.h"

#include "base/text.h"
#include "x509/oid.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

enum { DNS_NAME_MAX = 253, COMMON_NAME_MAX = 64 };

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int qw_csr_sort_names(apr_array_header_t *names)
{
    const char **name = (const char **)names->elts;
    int i, kept = 0, doubled;

    if (names->nelts > 1)
        qsort(name, (size_t)names->nelts, sizeof(*name), compare);
    for (i = 0; i < names->nelts; i++) {
        if (kept == 0 || strcmp(name[kept - 1], name[i]) != 0)
            name[kept++] = name[i];
    }
    doubled = kept < names->nelts;
    names->nelts = kept;
    return doubled;
}

/* Letters, digits, hyphens, dots, '_' and '*': enough to compare it with the
 * order, whose names are checked with more care. */
static const char *domain_name(const qw_bytes_t *value, apr_pool_t *pool)
{
    const char *name =
        apr_pstrmemdup(pool, (const char *)value->data, value->len);

    if (value->len == 0 || value->len > DNS_NAME_MAX
        || strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                        "0123456789-._*")
               != value->len)
        return NULL;
    return qw_text_lower(name, pool);
}

static const char *safe(const qw_bytes_t *value, apr_pool_t *pool)
{
    return qw_text_safe(apr_pstrmemdup(pool, (const char *)value->data,
                                       value->len),
                        128, pool);
}

static qw_problem_t *add_common_name(apr_array_header_t *names, int tag,
                                     const qw_bytes_t *value, apr_pool_t *pool)
{
    const char *name = NULL;

    if (tag == QW_DER_UTF8 || tag == QW_DER_PRINTABLE || tag == QW_DER_IA5)
        name = domain_name(value, pool);
    if (name == NULL || value->len > COMMON_NAME_MAX)
        return QW_FAIL(pool, BAD_CSR,
                       "the commonName \"%s\" of the CSR is not a domain name "
                       "of up to 64 characters; leave the subject empty",
                       safe(value, pool));
    if (names->nelts > 0)
        return QW_FAIL(pool, BAD_CSR,
                       "the CSR has two commonNames; leave the subject empty");
    APR_ARRAY_PUSH(names, const char *) = name;
    return NULL;
}

static qw_problem_t *read_rdn(apr_array_header_t *names, qw_der_in_t rdn,
                              apr_pool_t *pool)
{
    const qw_bytes_t common_name = qw_oid_der(QW_OID_COMMON_NAME);
    qw_der_in_t pair;
    qw_bytes_t type, value;
    int tag;

    while (rdn.len > 0) {
        if (!qw_der_enter(&rdn, QW_DER_SEQUENCE, &pair)
            || !qw_der_next(&pair, QW_DER_OID, &type, NULL))
            return QW_FAIL(pool, BAD_CSR,
                           "the subject of the CSR does not parse");
        tag = qw_der_tag(&pair);
        if (!qw_der_next(&pair, -1, NULL, &value) || pair.len > 0)
            return QW_FAIL(pool, BAD_CSR,
                           "the subject of the CSR does not parse");
        if (qw_bytes_equal(&type, &common_name))
            QW_TRY(add_common_name(names, tag, &value, pool));
    }
    return NULL;
}

qw_problem_t *qw_csr_add_common_name(apr_array_header_t *names,
                                     qw_der_in_t subject, apr_pool_t *pool)
{
    apr_array_header_t *found = apr_array_make(pool, 1, sizeof(const char *));
    qw_der_in_t name, rdn;

    if (!qw_der_enter(&subject, QW_DER_SEQUENCE, &name))
        return QW_FAIL(pool, BAD_CSR, "the CSR has no subject");
    while (name.len > 0) {
        if (!qw_der_enter(&name, QW_DER_SET, &rdn) || rdn.len == 0)
            return QW_FAIL(pool, BAD_CSR,
                           "the subject of the CSR does not parse");
        QW_TRY(read_rdn(found, rdn, pool));
    }
    apr_array_cat(names, found);
    return NULL;
}

qw_problem_t *qw_csr_add_alt_names(apr_array_header_t *names,
                                   const qw_bytes_t *value, apr_pool_t *pool)
{
    apr_array_header_t *found = apr_array_make(pool, 8, sizeof(const char *));
    qw_der_in_t all = *value, list;
    qw_bytes_t content;
    const char *name;

    if (!qw_der_is_strict(value) || !qw_der_enter(&all, QW_DER_SEQUENCE, &list)
        || list.len == 0)
        return QW_FAIL(pool, BAD_CSR,
                       "the subjectAltName of the CSR is not DER, or empty");
    while (list.len > 0) {
        if (!qw_der_next(&list, QW_DER_CONTEXT + 2, NULL, &content))
            return QW_FAIL(pool, BAD_CSR,
                           "the subjectAltName of the CSR holds something "
                           "else than DNS names");
        name = domain_name(&content, pool);
        if (name == NULL)
            return QW_FAIL(pool, BAD_CSR,
                           "\"%s\" in the subjectAltName of the CSR is not a "
                           "domain name",
                           safe(&content, pool));
        APR_ARRAY_PUSH(found, const char *) = name;
    }
    if (qw_csr_sort_names(found))
        return QW_FAIL(pool, BAD_CSR,
                       "a name stands twice in the subjectAltName of the CSR");
    apr_array_cat(names, found);
    return NULL;
}
