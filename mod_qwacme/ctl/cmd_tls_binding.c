/* tls-binding create | verify: what the holder of a 2-QWAC does. Neither a
 * configuration nor a database is needed. */
#include "ctl/ctl.h"

#include "base/file.h"
#include "base/text.h"
#include "ca/key_driver.h"
#include "ca/pin.h"
#include "ctl/binding_check.h"
#include "x509/pem.h"
#include "x509/spki.h"

#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_strings.h>

#include <string.h>

enum { FILE_MOST = 262144 };

/* ---- files --------------------------------------------------------------- */

static qw_problem_t *failed(const char *path, apr_status_t rv, apr_pool_t *pool)
{
    char why[120];

    return QW_FAIL(pool, INVALID_INPUT, "%s: %s", path,
                   apr_strerror(rv, why, sizeof(why)));
}

static qw_problem_t *read_file(qw_bytes_t *bytes, const char *path,
                               apr_pool_t *pool)
{
    char *text = apr_palloc(pool, FILE_MOST + 1);
    apr_size_t len = FILE_MOST;
    apr_status_t rv = qw_file_read(text, &len, path, pool);

    if (rv == APR_SUCCESS)
        return QW_FAIL(pool, INVALID_INPUT, "%s: more than %d bytes", path,
                       FILE_MOST);
    if (rv != APR_EOF)
        return failed(path, rv, pool);
    bytes->data = (const unsigned char *)text;
    bytes->len = len;
    return NULL;
}

static apr_status_t write_all(apr_file_t *file, const char *text,
                              apr_pool_t *pool)
{
    const char *name;
    apr_status_t rv = apr_file_name_get(&name, file);

    if (rv == APR_SUCCESS)
        rv = apr_file_write_full(file, text, strlen(text), NULL);
    if (rv == APR_SUCCESS)
        rv = apr_file_perms_set(name, APR_FPROT_UREAD | APR_FPROT_UWRITE
                                          | APR_FPROT_GREAD | APR_FPROT_WREAD);
    if (rv == APR_SUCCESS)
        rv = apr_file_sync(file);
    return rv;
}

/* In one step: whoever reads PATH finds the old one or the new one, whole. */
static qw_problem_t *replace_file(const char *path, const char *text,
                                  apr_pool_t *pool)
{
    char *temp = apr_pstrcat(pool, path, ".XXXXXX", NULL);
    apr_file_t *file;
    apr_status_t rv =
        apr_file_mktemp(&file, temp,
                        APR_FOPEN_CREATE | APR_FOPEN_EXCL | APR_FOPEN_WRITE,
                        pool);

    if (rv != APR_SUCCESS)
        return failed(path, rv, pool);
    rv = write_all(file, text, pool);
    apr_file_close(file);
    if (rv == APR_SUCCESS)
        rv = apr_file_rename(temp, path, pool);
    if (rv == APR_SUCCESS)
        return NULL;
    (void)apr_file_remove(temp, pool);
    return failed(path, rv, pool);
}

/* The file that option NAME names. */
static qw_problem_t *read_certificates(apr_array_header_t **ders,
                                       const qwc_call_t *call, const char *name)
{
    const char *path = qwc_option(call, name);
    qw_bytes_t pem;

    *ders = NULL;
    if (path == NULL)
        return NULL;
    QW_TRY(read_file(&pem, path, call->pool));
    return qw_pem_certificates(ders, (const char *)pem.data, path, call->pool);
}

/* ---- TLS certificates ---------------------------------------------------- */

static qw_problem_t *read_leaf(qwc_leaf_t *leaf, const char *path,
                               apr_pool_t *pool)
{
    qw_cert_facts_t *facts;
    qw_problem_t *prob;
    qw_bytes_t pem;

    QW_TRY(read_file(&pem, path, pool));
    QW_TRY(qw_pem_certificate(&leaf->der, (const char *)pem.data, path, pool));
    prob = qw_cert_parse(&facts, &leaf->der, pool);
    if (prob != NULL)
        return QW_FAIL(pool, INVALID_INPUT, "%s: %s", path, prob->detail);
    leaf->where = path;
    leaf->not_after = facts->not_after;
    return NULL;
}

/* Number of DER in LEAVES, or -1. */
static int find_leaf(const apr_array_header_t *leaves, const qw_bytes_t *der)
{
    int i;

    for (i = 0; i < leaves->nelts; i++) {
        const qwc_leaf_t *leaf = &APR_ARRAY_IDX(leaves, i, qwc_leaf_t);

        if (leaf->der.len == der->len
            && memcmp(leaf->der.data, der->data, der->len) == 0)
            return i;
    }
    return -1;
}

/* Labels are free text: as given, else the names of the files. */
static qw_problem_t *labels_of(apr_array_header_t **labels,
                               const qwc_call_t *call)
{
    const char *given = qwc_option(call, "labels");
    int i;

    if (given != NULL)
        *labels = qw_text_words(given, call->pool);
    else {
        *labels =
            apr_array_make(call->pool, call->args->nelts, sizeof(const char *));
        for (i = 0; i < call->args->nelts; i++)
            APR_ARRAY_PUSH(*labels, const char *) =
                apr_filepath_name_get(qwc_arg(call, i));
    }
    if ((*labels)->nelts != call->args->nelts)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "labels: %d for %d certificates; give one for each",
                       (*labels)->nelts, call->args->nelts);
    return NULL;
}

/* Every certificate of the command line once, with its hash and label. */
static qw_problem_t *bind_leaves(qw_tls_binding_t *b,
                                 apr_array_header_t *leaves,
                                 const qwc_call_t *call)
{
    apr_array_header_t *labels;
    qwc_leaf_t leaf;
    int i;

    QW_TRY(labels_of(&labels, call));
    b->hash_method = "S256";
    b->pars = apr_array_make(call->pool, 2, sizeof(const char *));
    b->hashes = apr_array_make(call->pool, 2, sizeof(const char *));
    for (i = 0; i < call->args->nelts; i++) {
        QW_TRY(read_leaf(&leaf, qwc_arg(call, i), call->pool));
        if (find_leaf(leaves, &leaf.der) >= 0)
            continue;
        APR_ARRAY_PUSH(leaves, qwc_leaf_t) = leaf;
        APR_ARRAY_PUSH(b->pars, const char *) =
            APR_ARRAY_IDX(labels, i, const char *);
        APR_ARRAY_PUSH(b->hashes, const char *) =
            qw_tls_binding_hash(b->hash_method, &leaf.der, call->pool);
    }
    return NULL;
}

/* ---- the key ------------------------------------------------------------- */

/* The drivers speak of the directive that they usually serve. */
static const char *without_directive(const char *detail)
{
    static const char name[] = "QwacmeIssuer: ";
    apr_size_t len = sizeof(name) - 1;

    return strncmp(detail, name, len) == 0 ? detail + len : detail;
}

static qw_problem_t *open_key(EVP_PKEY **key, const qwc_call_t *call)
{
    qw_issuer_conf_t conf = { 0 };
    qw_key_held_t held = { NULL, NULL };
    qw_problem_t *prob;
    const char *pin;

    conf.key_uri = qwc_option(call, "key");
    conf.pin_path = qwc_option(call, "pin");
    if (conf.key_uri == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "key: say where the private key of the 2-QWAC is, a "
                       "file or a pkcs11: URI");
    prob = qw_pin_read(&pin, &conf, call->pool);
    if (prob == NULL)
        prob = qw_key_driver_find(conf.key_uri)
                   ->open(&held, conf.key_uri, pin, call->pool);
    if (prob != NULL)
        return QW_FAIL_BECAUSE(call->pool, INVALID_INPUT, prob->cause,
                               "key: %s", without_directive(prob->detail));
    *key = held.pkey;
    return NULL;
}

static qw_problem_t *open_signer(EVP_PKEY **key, qw_tls_binding_t *b,
                                 qw_cert_facts_t **facts,
                                 const qwc_call_t *call)
{
    EVP_PKEY *public_key;

    QW_TRY(read_certificates(&b->x5c, call, "chain"));
    if (b->x5c == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "chain: give the file with the 2-QWAC first, then its "
                       "issuing CA");
    if (b->x5c->nelts > QW_TLS_BINDING_CHAIN_MOST)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "chain: %d certificates; give the 2-QWAC and its chain "
                       "alone",
                       b->x5c->nelts);
    QW_TRY(qw_cert_parse(facts, &APR_ARRAY_IDX(b->x5c, 0, qw_bytes_t),
                         call->pool));
    QW_TRY(qw_spki_key(&public_key, &(*facts)->spki, call->pool));
    QW_TRY(open_key(key, call));
    if (EVP_PKEY_eq(*key, public_key) != 1) {
        (void)qw_openssl_reasons(call->pool);
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "key: it is not that of the first certificate of %s; "
                       "put the 2-QWAC first in the chain",
                       qwc_option(call, "chain"));
    }
    return qw_tls_binding_alg(&b->alg, public_key,
                              qwc_option(call, "algorithm"), call->pool);
}

/* ---- results ------------------------------------------------------------- */

static json_t *bound_json(const qw_tls_binding_t *b,
                          const apr_array_header_t *leaves, apr_pool_t *pool)
{
    json_t *list = json_array();
    int i, k;

    for (i = 0; i < b->pars->nelts; i++) {
        json_t *row = json_object();

        qw_put_text(row, "label", APR_ARRAY_IDX(b->pars, i, const char *));
        qw_put_text(row, "hash", APR_ARRAY_IDX(b->hashes, i, const char *));
        for (k = 0; k < leaves->nelts; k++) {
            const qwc_leaf_t *leaf = &APR_ARRAY_IDX(leaves, k, qwc_leaf_t);

            if (qw_tls_binding_index(b, &leaf->der, pool) != i)
                continue;
            qw_put_text(row, "file", leaf->where);
            qw_put_time(row, "notAfter", leaf->not_after, pool);
        }
        json_array_append_new(list, row);
    }
    return list;
}

static json_t *facts_json(const qwc_binding_facts_t *facts,
                          const apr_array_header_t *leaves, apr_pool_t *pool)
{
    const qw_tls_binding_t *b = facts->binding;
    json_t *object = qw_json_new_object(pool);

    qw_put_text(object, "algorithm", b->alg);
    qw_put_text(object, "kid", b->kid);
    qw_put_text(object, "signer", facts->signer->fingerprint);
    qw_put_time(object, "signerNotAfter", facts->signer->not_after, pool);
    qw_put_time(object, "issued", b->iat, pool);
    qw_put_time(object, "expires", facts->end, pool);
    qw_put_text(object, "hashMethod", b->hash_method);
    json_object_set_new(object, "bound", bound_json(b, leaves, pool));
    return object;
}

/* ---- commands ------------------------------------------------------------ */

/* The soonest of what was asked for, the longest-lived certificate and the
 * signer's end: TS 119 411-5 Annex B, exp. */
static qw_problem_t *set_times(qw_tls_binding_t *b, const qwc_call_t *call,
                               const apr_array_header_t *leaves,
                               const qw_cert_facts_t *signer)
{
    apr_time_t end = qwc_leaves_end(leaves);

    QW_TRY(qwc_time(&b->exp, call, "expires", NULL));
    if (b->exp == 0 || b->exp > end)
        b->exp = end;
    if (b->exp > signer->not_after)
        b->exp = signer->not_after;
    b->iat = qw_world()->now();
    return NULL;
}

qw_problem_t *qwc_tls_binding_create(qwc_call_t *call)
{
    qwc_binding_terms_t terms = { 0 };
    qw_tls_binding_t b = { 0 };
    const char *out = qwc_option(call, "out"), *text;
    qwc_binding_facts_t facts;
    qw_cert_facts_t *signer;
    EVP_PKEY *key;

    QW_TRY(open_signer(&key, &b, &signer, call));
    terms.leaves = apr_array_make(call->pool, 2, sizeof(qwc_leaf_t));
    QW_TRY(bind_leaves(&b, terms.leaves, call));
    QW_TRY(set_times(&b, call, terms.leaves, signer));
    b.kid = qwc_option(call, "kid");
    QW_TRY(qw_tls_binding_make(&text, &b, key, call->pool));
    /* What browsers would not take never leaves. */
    terms.now = b.iat;
    QW_TRY(qwc_binding_check(&facts, text, strlen(text), &terms, call->pool));
    if (out != NULL)
        QW_TRY(replace_file(out, text, call->pool));
    else
        call->text = text;
    call->result = facts_json(&facts, terms.leaves, call->pool);
    qw_put_text(call->result, "out", out);
    qw_put_text(call->result, "binding", out == NULL ? text : NULL);
    return NULL;
}

static qw_problem_t *read_terms(qwc_binding_terms_t *terms,
                                const qwc_call_t *call)
{
    int i;

    terms->leaves = apr_array_make(call->pool, 2, sizeof(qwc_leaf_t));
    for (i = 1; i < call->args->nelts; i++)
        QW_TRY(read_leaf(&APR_ARRAY_PUSH(terms->leaves, qwc_leaf_t),
                         qwc_arg(call, i), call->pool));
    terms->host = qwc_option(call, "host");
    QW_TRY(read_certificates(&terms->trusted, call, "trusted"));
    return qwc_time(&terms->now, call, "at", "0s");
}

static const char *checked(const void *against)
{
    return against != NULL ? "yes" : "not checked";
}

qw_problem_t *qwc_tls_binding_verify(qwc_call_t *call)
{
    qwc_binding_terms_t terms = { 0 };
    qwc_binding_facts_t facts;
    qw_problem_t *prob;
    qw_bytes_t text;

    QW_TRY(read_terms(&terms, call));
    QW_TRY(read_file(&text, qwc_arg(call, 0), call->pool));
    prob = qwc_binding_check(&facts, (const char *)text.data, text.len, &terms,
                             call->pool);
    if (prob == NULL) {
        call->result = facts_json(&facts, terms.leaves, call->pool);
        qw_put_text(call->result, "trusted", checked(terms.trusted));
        qw_put_text(call->result, "hostCovered", checked(terms.host));
    }
    else if (qwc_option(call, "json") != NULL) {
        call->result = qw_json_new_object(call->pool);
        qw_put_text(call->result, "refused", prob->detail);
    }
    return prob;
}
