#include "x509/path.h"

#include "base/own.h"
#include "base/text.h"

#include <apr_strings.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <openssl/x509_vfy.h>

typedef struct {
    X509_stack *certs; /* leaf first */
    apr_pool_t *pool;
} path_t;

static qw_problem_t *read_all(X509_stack **certs,
                              const apr_array_header_t *ders, const char *what,
                              apr_pool_t *pool)
{
    X509_stack *list = qw_own_X509_stack(pool, sk_X509_new_null());
    int i;

    for (i = 0; i < ders->nelts; i++) {
        const qw_bytes_t *der = &APR_ARRAY_IDX(ders, i, qw_bytes_t);
        const unsigned char *at = der->data;
        X509 *cert = d2i_X509(NULL, &at, (long)der->len);

        if (cert == NULL || at != der->data + der->len
            || sk_X509_push(list, cert) == 0) {
            X509_free(cert);
            return QW_FAIL_BECAUSE(pool, MALFORMED, qw_openssl_reasons(pool),
                                   "certificate %d of %s does not parse", i + 1,
                                   what);
        }
    }
    *certs = list;
    return NULL;
}

static const char *subject_text(const X509 *cert, apr_pool_t *pool)
{
    char line[256];

    X509_NAME_oneline(X509_get_subject_name(cert), line, sizeof(line));
    return qw_text_safe(line, sizeof(line), pool);
}

/* The order of the chain: OpenSSL would sort it, browsers need not. */
static qw_problem_t *check_order(const path_t *path)
{
    int i, last = sk_X509_num(path->certs) - 1;

    for (i = 0; i < last; i++) {
        X509 *cert = sk_X509_value(path->certs, i);
        X509 *next = sk_X509_value(path->certs, i + 1);

        if (X509_check_issued(next, cert) != X509_V_OK
            || X509_verify(cert, X509_get0_pubkey(next)) != 1) {
            ERR_clear_error();
            return QW_FAIL(path->pool, MALFORMED,
                           "certificate %d of the chain (%s) is not issued by "
                           "certificate %d (%s); give the 2-QWAC first, then "
                           "each one's issuer",
                           i + 1, subject_text(cert, path->pool), i + 2,
                           subject_text(next, path->pool));
        }
    }
    return NULL;
}

static qw_problem_t *explain(const path_t *path, X509_STORE_CTX *ctx)
{
    int error = X509_STORE_CTX_get_error(ctx);
    int depth = X509_STORE_CTX_get_error_depth(ctx);
    X509 *cert = X509_STORE_CTX_get_current_cert(ctx);
    const char *name =
        cert != NULL ? subject_text(cert, path->pool) : "the chain";

    ERR_clear_error();
    switch (error) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE: /* a namesake is trusted */
        return QW_FAIL(path->pool, UNAUTHORIZED,
                       "the chain ends at nobody who is trusted (%s); complete "
                       "the chain, or trust its issuer",
                       name);
    default:
        return QW_FAIL(path->pool, MALFORMED,
                       "certificate %d of the chain (%s): %s; have it issued "
                       "anew or mend the chain",
                       depth + 1, name, X509_verify_cert_error_string(error));
    }
}

/* A trusted CA need not be a root: PARTIAL_CHAIN. */
static qw_problem_t *verify(const path_t *path, const X509_stack *trusted,
                            apr_time_t when)
{
    X509_STORE *store = qw_own_X509_STORE(path->pool, X509_STORE_new());
    X509_STORE_CTX *ctx =
        qw_own_X509_STORE_CTX(path->pool, X509_STORE_CTX_new());
    int i, good;

    good = store != NULL && ctx != NULL;
    for (i = 0; good && i < sk_X509_num(trusted); i++)
        good = X509_STORE_add_cert(store, sk_X509_value(trusted, i));
    if (!good
        || X509_STORE_CTX_init(ctx, store, sk_X509_value(path->certs, 0),
                               path->certs)
               != 1)
        return QW_FAIL_BECAUSE(path->pool, SERVER_INTERNAL,
                               qw_openssl_reasons(path->pool),
                               "the chain cannot be looked at");
    X509_STORE_CTX_set_time(ctx, 0, (time_t)apr_time_sec(when));
    X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_PARTIAL_CHAIN);
    return X509_verify_cert(ctx) == 1 ? NULL : explain(path, ctx);
}

qw_problem_t *qw_path_check(const apr_array_header_t *chain,
                            const apr_array_header_t *trusted, apr_time_t when,
                            apr_pool_t *pool)
{
    path_t path = { NULL, pool };
    X509_stack *anchors;
    apr_array_header_t *last = apr_array_make(pool, 1, sizeof(qw_bytes_t));

    QW_TRY(read_all(&path.certs, chain, "the chain", pool));
    if (sk_X509_num(path.certs) < 2)
        return QW_FAIL(pool, MALFORMED,
                       "the chain is the 2-QWAC alone; add the certificate of "
                       "its issuing CA");
    QW_TRY(check_order(&path));
    APR_ARRAY_PUSH(last, qw_bytes_t) =
        APR_ARRAY_IDX(chain, chain->nelts - 1, qw_bytes_t);
    QW_TRY(read_all(&anchors, trusted != NULL ? trusted : last, "those trusted",
                    pool));
    return verify(&path, anchors, when);
}

qw_problem_t *qw_path_leads(const apr_array_header_t *chain,
                            const apr_array_header_t *trusted, apr_time_t when,
                            apr_pool_t *pool)
{
    path_t path = { NULL, pool };
    X509_stack *anchors;

    QW_TRY(read_all(&path.certs, chain, "the chain", pool));
    QW_TRY(read_all(&anchors, trusted, "those trusted", pool));
    return verify(&path, anchors, when);
}

qw_problem_t *qw_path_extension(qw_bytes_t *value,
                                const apr_array_header_t *chain,
                                const char *oid, apr_pool_t *pool)
{
    const qw_bytes_t *der = &APR_ARRAY_IDX(chain, 0, qw_bytes_t);
    const unsigned char *at = der->data;
    X509 *cert = qw_own_X509(pool, d2i_X509(NULL, &at, (long)der->len));
    ASN1_OBJECT *id = OBJ_txt2obj(oid, 1);
    const ASN1_OCTET_STRING *octets;
    int found = cert != NULL ? X509_get_ext_by_OBJ(cert, id, -1) : -1;
    int again = found >= 0 ? X509_get_ext_by_OBJ(cert, id, found) : -1;

    ASN1_OBJECT_free(id);
    value->data = NULL;
    value->len = 0;
    if (cert == NULL || again >= 0)
        return QW_FAIL_BECAUSE(pool, MALFORMED, qw_openssl_reasons(pool),
                               "certificate 1 of the chain does not parse, or "
                               "has an extension twice");
    if (found < 0)
        return NULL;
    octets = X509_EXTENSION_get_data(X509_get_ext(cert, found));
    value->len = (apr_size_t)ASN1_STRING_length(octets);
    value->data = apr_pmemdup(pool, ASN1_STRING_get0_data(octets), value->len);
    return NULL;
}
