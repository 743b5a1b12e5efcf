#include "x509/demo_ca.h"

#include "base/own.h"
#include "base/text.h"
#include "base/world.h"
#include "x509/orgid.h"
#include "x509/profile_row.h"
#include "x509/sigalg.h"

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_strings.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

typedef struct {
    const char *dir, *organization, *orgid, *country, *key_type;
    const char *purposes; /* as OpenSSL reads them */
    apr_pool_t *pool;
} demo_t;

typedef struct {
    X509 *cert;
    EVP_PKEY *key;
} ca_t;

static qw_problem_t *openssl_failed(const demo_t *d)
{
    return QW_FAIL_BECAUSE(d->pool, SERVER_INTERNAL,
                           qw_openssl_reasons(d->pool),
                           "the demo CA cannot be made");
}

static qw_problem_t *make_key(EVP_PKEY **key, const demo_t *d)
{
    const char *type = d->key_type;

    if (strcmp(type, "P-256") == 0 || strcmp(type, "P-384") == 0
        || strcmp(type, "P-521") == 0)
        *key = EVP_EC_gen(type);
    else if (strcmp(type, "RSA-2048") == 0 || strcmp(type, "RSA-3072") == 0
             || strcmp(type, "RSA-4096") == 0)
        *key = EVP_RSA_gen((unsigned int)apr_atoi64(type + 4));
    else
        return QW_FAIL(d->pool, INVALID_INPUT,
                       "key type \"%s\" is not P-256, P-384, P-521, RSA-2048, "
                       "RSA-3072 or RSA-4096",
                       qw_text_safe(type, 32, d->pool));
    *key = qw_own_EVP_PKEY(d->pool, *key);
    return *key != NULL ? NULL : openssl_failed(d);
}

static int add_text(X509_NAME *name, const char *attribute, const char *value)
{
    return X509_NAME_add_entry_by_txt(name, attribute, MBSTRING_UTF8,
                                      (const unsigned char *)value, -1, -1, 0);
}

static int set_subject(X509 *cert, const demo_t *d, const char *suffix)
{
    X509_NAME *name = X509_get_subject_name(cert);

    return add_text(name, "C", d->country)
           && add_text(name, "O", d->organization)
           && add_text(name, "organizationIdentifier", d->orgid)
           && add_text(name, "CN",
                       apr_pstrcat(d->pool, d->organization, suffix, NULL));
}

static int set_serial(X509 *cert, apr_pool_t *pool)
{
    unsigned char bytes[16];
    BIGNUM *number;
    int done;

    if (!qw_world()->random(bytes, sizeof(bytes)))
        return 0;
    bytes[0] = (unsigned char)((bytes[0] & 0x3f) | 0x40);
    number = qw_own_BIGNUM(pool, BN_bin2bn(bytes, sizeof(bytes), NULL));
    done = number != NULL
           && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
    return done;
}

static int set_validity(X509 *cert, int years)
{
    time_t now = (time_t)apr_time_sec(qw_world()->now());
    /* an hour back: clocks of demo clients differ */
    time_t from = now - 3600, to = from + (time_t)years * 365 * 86400 - 1;

    return X509_time_adj_ex(X509_getm_notBefore(cert), 0, 0, &from) != NULL
           && X509_time_adj_ex(X509_getm_notAfter(cert), 0, 0, &to) != NULL;
}

static int add_ext(X509 *cert, X509V3_CTX *ctx, int nid, const char *value)
{
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, ctx, nid, value);
    int done = ext != NULL && X509_add_ext(cert, ext, -1);

    X509_EXTENSION_free(ext);
    return done;
}

/* anyPolicy: BR-7.1.2.10.5 lets a CA of the root's own organization have it.
 * OpenSSL makes this extension from text only with a configuration. */
static int add_any_policy(X509 *cert)
{
    static const unsigned char any_policy[] = { 0x30, 0x08, 0x30, 0x06, 0x06,
                                                0x04, 0x55, 0x1d, 0x20, 0x00 };
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    X509_EXTENSION *ext = NULL;
    int done;

    if (value != NULL
        && ASN1_OCTET_STRING_set(value, any_policy, sizeof(any_policy)))
        ext = X509_EXTENSION_create_by_NID(NULL, NID_certificate_policies, 0,
                                           value);
    done = ext != NULL && X509_add_ext(cert, ext, -1);
    X509_EXTENSION_free(ext);
    ASN1_OCTET_STRING_free(value);
    return done;
}

/* PURPOSES of an issuing CA; NULL: a root. */
static int add_extensions(X509 *cert, X509 *issuer, const char *purposes)
{
    X509V3_CTX ctx;

    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509V3_set_ctx_nodb(&ctx);
    if (!add_ext(cert, &ctx, NID_basic_constraints,
                 purposes == NULL ? "critical,CA:TRUE"
                                  : "critical,CA:TRUE,pathlen:0")
        || !add_ext(cert, &ctx, NID_key_usage, "critical,keyCertSign,cRLSign")
        || !add_ext(cert, &ctx, NID_subject_key_identifier, "hash"))
        return 0;
    if (purposes == NULL)
        return 1;
    return add_ext(cert, &ctx, NID_authority_key_identifier, "keyid:always")
           && add_ext(cert, &ctx, NID_ext_key_usage, purposes)
           && add_any_policy(cert);
}

/* Signed by PARENT, or by itself if that is NULL. */
static qw_problem_t *make_ca(ca_t *ca, const ca_t *parent, const demo_t *d)
{
    const ca_t *signer = parent != NULL ? parent : ca;
    const char *digest;
    qw_bytes_t alg;

    QW_TRY(make_key(&ca->key, d));
    ca->cert = qw_own_X509(d->pool, X509_new());
    if (ca->cert == NULL || !X509_set_version(ca->cert, X509_VERSION_3)
        || !set_serial(ca->cert, d->pool)
        || !set_validity(ca->cert, parent != NULL ? 3 : 10)
        || !set_subject(ca->cert, d,
                        parent != NULL ? " Demo QWAC CA 1" : " Demo Root CA")
        || !X509_set_issuer_name(ca->cert, X509_get_subject_name(signer->cert))
        || !X509_set_pubkey(ca->cert, ca->key)
        || !add_extensions(ca->cert, signer->cert,
                           parent != NULL ? d->purposes : NULL)
        || !qw_sigalg_of_key(&alg, &digest, signer->key)
        || !X509_sign(ca->cert, signer->key, EVP_get_digestbyname(digest)))
        return openssl_failed(d);
    return NULL;
}

static qw_problem_t *save(const demo_t *d, const char *name, BIO *content,
                          int secret)
{
    const char *path = apr_pstrcat(d->pool, d->dir, "/", name, NULL);
    apr_int32_t mode = APR_FPROT_UREAD | APR_FPROT_UWRITE;
    apr_file_t *file;
    apr_status_t rv;
    char *data;
    long len = BIO_get_mem_data(content, &data);
    char why[120];

    if (!secret)
        mode |= APR_FPROT_GREAD | APR_FPROT_WREAD;
    rv = apr_file_open(&file, path,
                       APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_EXCL,
                       mode, d->pool);
    if (rv == APR_SUCCESS)
        rv = apr_file_write_full(file, data, (apr_size_t)len, NULL);
    if (rv == APR_SUCCESS)
        rv = apr_file_close(file);
    if (rv != APR_SUCCESS)
        return QW_FAIL(d->pool, INVALID_INPUT, "%s cannot be written: %s", path,
                       apr_strerror(rv, why, sizeof(why)));
    return NULL;
}

/* The certificates of FIRST and SECOND (or NULL) as one file. */
static qw_problem_t *save_certs(const demo_t *d, const char *name,
                                const ca_t *first, const ca_t *second)
{
    BIO *bio = qw_own_BIO(d->pool, BIO_new(BIO_s_mem()));

    if (bio == NULL || !PEM_write_bio_X509(bio, first->cert)
        || (second != NULL && !PEM_write_bio_X509(bio, second->cert)))
        return openssl_failed(d);
    return save(d, name, bio, 0);
}

static qw_problem_t *save_key(const demo_t *d, const char *name, const ca_t *ca)
{
    BIO *bio = qw_own_BIO(d->pool, BIO_new(BIO_s_secmem()));

    if (bio == NULL
        || !PEM_write_bio_PrivateKey(bio, ca->key, NULL, NULL, 0, NULL, NULL))
        return openssl_failed(d);
    return save(d, name, bio, 1);
}

static qw_problem_t *check_place(const demo_t *d)
{
    static const char *const names[] = { "root.pem", "root-key.pem",
                                         "issuing.pem", "issuing-key.pem",
                                         "bundle.pem" };
    apr_finfo_t info;
    apr_status_t rv;
    char why[120];
    apr_size_t i;

    rv = apr_dir_make_recursive(d->dir,
                                APR_FPROT_UREAD | APR_FPROT_UWRITE
                                    | APR_FPROT_UEXECUTE,
                                d->pool);
    if (rv != APR_SUCCESS)
        return QW_FAIL(d->pool, INVALID_INPUT, "%s cannot be made: %s", d->dir,
                       apr_strerror(rv, why, sizeof(why)));
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *path = apr_pstrcat(d->pool, d->dir, "/", names[i], NULL);

        if (apr_stat(&info, path, APR_FINFO_LINK, d->pool) != APR_ENOENT)
            return QW_FAIL(d->pool, INVALID_INPUT,
                           "%s exists already; remove it or name another "
                           "directory",
                           path);
    }
    return NULL;
}

static qw_problem_t *check_arguments(const demo_t *d)
{
    qw_orgid_t parsed;

    QW_TRY(qw_orgid_parse(&parsed, d->orgid, d->pool));
    if (!qw_country_is(d->country))
        return QW_FAIL(d->pool, INVALID_INPUT,
                       "country \"%s\" is not a code of ISO 3166-1 (two "
                       "capital letters)",
                       qw_text_safe(d->country, 16, d->pool));
    /* the commonName adds up to 15 characters to it */
    if (!qw_text_is_utf8(d->organization, strlen(d->organization))
        || qw_text_chars(d->organization) < 1
        || qw_text_chars(d->organization) > 49)
        return QW_FAIL(d->pool, INVALID_INPUT,
                       "organization \"%s\" is not UTF-8 of 1 to 49 characters",
                       qw_text_safe(d->organization, 64, d->pool));
    return NULL;
}

/* Of all PROFILES (words), each once. */
static qw_problem_t *find_purposes(demo_t *d, const char *profiles)
{
    apr_array_header_t *words = qw_text_words(profiles, d->pool);
    apr_array_header_t *found = apr_array_make(d->pool, 3, sizeof(char *));
    int i, j;

    for (i = 0; i < words->nelts; i++) {
        const char *word = APR_ARRAY_IDX(words, i, const char *);
        const qw_profile_t *profile = qw_profile_find(word);

        if (profile == NULL)
            return QW_FAIL(d->pool, INVALID_INPUT,
                           "\"%s\" is no certificate profile",
                           qw_text_safe(word, 32, d->pool));
        for (j = 0; j < profile->purpose_count; j++) {
            qw_bytes_t der = qw_oid_der(profile->purposes[j]);
            const char *text = qw_oid_text(&der, d->pool);

            if (!qw_text_in(found, text))
                APR_ARRAY_PUSH(found, const char *) = text;
        }
    }
    d->purposes = qw_text_join(found, ",", d->pool);
    return NULL;
}

qw_problem_t *qw_demo_ca_make(const qw_demo_ca_t *wanted, apr_pool_t *pool)
{
    demo_t d = { wanted->dir,
                 wanted->organization,
                 wanted->orgid,
                 wanted->country,
                 wanted->key_type,
                 NULL,
                 pool };
    ca_t root = { 0 }, issuing = { 0 };

    QW_TRY(check_arguments(&d));
    QW_TRY(find_purposes(&d, wanted->profiles != NULL ? wanted->profiles
                                                      : "qevcp-w"));
    QW_TRY(make_ca(&root, NULL, &d));
    QW_TRY(make_ca(&issuing, &root, &d));
    QW_TRY(check_place(&d));
    QW_TRY(save_key(&d, "root-key.pem", &root));
    QW_TRY(save_key(&d, "issuing-key.pem", &issuing));
    QW_TRY(save_certs(&d, "root.pem", &root, NULL));
    QW_TRY(save_certs(&d, "issuing.pem", &issuing, NULL));
    return save_certs(&d, "bundle.pem", &issuing, &root);
}
