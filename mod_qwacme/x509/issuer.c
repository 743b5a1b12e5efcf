#include "x509/issuer.h"

#include "base/b64.h"
#include "base/text.h"
#include "x509/der.h"
#include "x509/keycheck.h"
#include "x509/profile_row.h"
#include "x509/sigalg.h"

#include <apr_strings.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

enum { ID_DIGITS = 16 };

typedef struct {
    const char *path;
    apr_array_header_t *certs; /* of X509 *, issuing CA first */
    apr_pool_t *pool;
} file_t;

#define REFUSED(f, ...)                                                        \
    QW_FAIL((f)->pool, INVALID_INPUT, "issuer file %s: %s", (f)->path,         \
            apr_psprintf((f)->pool, __VA_ARGS__))

static X509 *cert_at(const file_t *f, int i)
{
    return APR_ARRAY_IDX(f->certs, i, X509 *);
}

static const char *subject_text(const X509 *cert, apr_pool_t *pool)
{
    char line[256];

    X509_NAME_oneline(X509_get_subject_name(cert), line, sizeof(line));
    return qw_text_safe(line, sizeof(line), pool);
}

static qw_problem_t *read_certs(file_t *f)
{
    BIO *bio = qw_own_BIO(f->pool, BIO_new_file(f->path, "r"));
    unsigned long error;
    X509 *cert;

    if (bio == NULL)
        return QW_FAIL_BECAUSE(f->pool, INVALID_INPUT,
                               qw_openssl_reasons(f->pool),
                               "issuer file %s cannot be read; check the path "
                               "and its permissions",
                               f->path);
    while ((cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
        APR_ARRAY_PUSH(f->certs, X509 *) = qw_own_X509(f->pool, cert);
    error = ERR_peek_last_error();
    if (ERR_GET_REASON(error) != PEM_R_NO_START_LINE)
        return QW_FAIL_BECAUSE(f->pool, INVALID_INPUT,
                               qw_openssl_reasons(f->pool),
                               "issuer file %s: certificate %d does not parse",
                               f->path, f->certs->nelts + 1);
    ERR_clear_error();
    if (f->certs->nelts == 0)
        return REFUSED(f, "holds no certificate; give a PEM file with the "
                          "issuing CA first, then its chain without the root");
    return NULL;
}

static qw_problem_t *check_ca(const file_t *f, X509 *cert)
{
    static const struct {
        int nid;
        const char *name;
    } needed[] = { { NID_countryName, "C" },
                   { NID_organizationName, "O" },
                   { NID_organizationIdentifier, "organizationIdentifier" },
                   { NID_commonName, "CN" } };
    X509_NAME *subject = X509_get_subject_name(cert);
    apr_size_t i;

    if ((X509_get_extension_flags(cert) & EXFLAG_CA) == 0)
        return REFUSED(f,
                       "%s is not a CA certificate; put the issuing CA "
                       "first",
                       subject_text(cert, f->pool));
    if ((X509_get_extension_flags(cert) & EXFLAG_KUSAGE) == 0
        || (X509_get_key_usage(cert) & KU_KEY_CERT_SIGN) == 0)
        return REFUSED(f, "%s has no key usage keyCertSign",
                       subject_text(cert, f->pool));
    if (X509_get0_subject_key_id(cert) == NULL)
        return REFUSED(f,
                       "%s has no subject key identifier, which leaves "
                       "must refer to; have it issued with one",
                       subject_text(cert, f->pool));
    for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (X509_NAME_get_index_by_NID(subject, needed[i].nid, -1) < 0)
            return REFUSED(f,
                           "the subject %s has no %s; eIDAS Annex IV(b) "
                           "wants C, O, organizationIdentifier and CN",
                           subject_text(cert, f->pool), needed[i].name);
    }
    return NULL;
}

/* From it come leaves and what tells their status, nothing else:
 * BR-7.1.2.10.4, BR-7.1.2.10.7. */
static qw_problem_t *check_dedicated(const file_t *f, X509 *cert)
{
    const uint32_t allowed =
        KU_KEY_CERT_SIGN | KU_CRL_SIGN | KU_DIGITAL_SIGNATURE;
    const char *subject = subject_text(cert, f->pool);

    if ((X509_get_extension_flags(cert) & EXFLAG_BCONS_CRITICAL) == 0)
        return REFUSED(f, "%s has basicConstraints that are not critical",
                       subject);
    if (X509_get_pathlen(cert) != 0)
        return REFUSED(f,
                       "%s may have CAs below it; have a dedicated issuing CA "
                       "issued, with path length 0",
                       subject);
    if ((X509_get_key_usage(cert) & ~allowed) != 0)
        return REFUSED(f,
                       "%s has key usages beyond keyCertSign, cRLSign and "
                       "digitalSignature; have a dedicated issuing CA issued",
                       subject);
    if ((X509_get_extension_flags(cert) & EXFLAG_XKUSAGE) != 0
        && (X509_get_extended_key_usage(cert) & XKU_ANYEKU) != 0)
        return REFUSED(f,
                       "%s has the extended key usage anyExtendedKeyUsage; "
                       "have a dedicated issuing CA issued",
                       subject);
    return NULL;
}

static int get_times(const X509 *cert, apr_time_t *from, apr_time_t *to)
{
    const ASN1_TIME *a = X509_get0_notBefore(cert);
    const ASN1_TIME *b = X509_get0_notAfter(cert);
    const qw_bytes_t from_text = { ASN1_STRING_get0_data(a),
                                   (apr_size_t)ASN1_STRING_length(a) };
    const qw_bytes_t to_text = { ASN1_STRING_get0_data(b),
                                 (apr_size_t)ASN1_STRING_length(b) };

    return qw_der_parse_time(from, ASN1_STRING_type(a), &from_text)
           && qw_der_parse_time(to, ASN1_STRING_type(b), &to_text);
}

static qw_problem_t *check_times(const file_t *f, const qw_issuer_t *issuer,
                                 apr_time_t now)
{
    if (now < issuer->not_before)
        return REFUSED(f, "is valid from %s only; check the clock",
                       qw_text_time(issuer->not_before, f->pool));
    if (now > issuer->not_after)
        return REFUSED(f, "expired at %s; configure the next issuing CA",
                       qw_text_time(issuer->not_after, f->pool));
    return NULL;
}

/* Certificate N of the file lets as many CAs be below it as there are. */
static qw_problem_t *check_length(const file_t *f, int n)
{
    long most = X509_get_pathlen(cert_at(f, n));

    if (most < 0 || most >= n)
        return NULL;
    return REFUSED(f,
                   "certificate %d (%s) allows %ld CAs below it, and there are "
                   "%d",
                   n + 1, subject_text(cert_at(f, n), f->pool), most, n);
}

/* Each certificate is signed by the next one, and clients bring the root. */
static qw_problem_t *check_chain(const file_t *f)
{
    int i, last = f->certs->nelts - 1;

    for (i = 0; i < last; i++) {
        X509 *next = cert_at(f, i + 1);

        if (X509_check_issued(next, cert_at(f, i)) != X509_V_OK
            || X509_verify(cert_at(f, i), X509_get0_pubkey(next)) != 1) {
            ERR_clear_error();
            return REFUSED(f,
                           "certificate %d (%s) is not issued by "
                           "certificate %d (%s); order them from the "
                           "issuing CA upwards",
                           i + 1, subject_text(cert_at(f, i), f->pool), i + 2,
                           subject_text(next, f->pool));
        }
    }
    for (i = 1; i <= last; i++)
        QW_TRY(check_length(f, i));
    if (X509_self_signed(cert_at(f, last), 0) == 1)
        return REFUSED(f,
                       "certificate %d (%s) is a self-signed root; leave "
                       "it out, and issue from a CA below it",
                       last + 1, subject_text(cert_at(f, last), f->pool));
    return NULL;
}

static const char *chain_pem(const file_t *f)
{
    const char *pem = "";
    int i;

    for (i = 0; i < f->certs->nelts; i++) {
        unsigned char *der = NULL;
        int len = i2d_X509(cert_at(f, i), &der);

        if (len > 0)
            pem = apr_pstrcat(f->pool, pem,
                              qw_pem_encode("CERTIFICATE", der, (apr_size_t)len,
                                            f->pool),
                              NULL);
        OPENSSL_free(der);
    }
    return pem;
}

static qw_problem_t *fill_names(const file_t *f, qw_issuer_t *issuer)
{
    const ASN1_OCTET_STRING *ski = X509_get0_subject_key_id(issuer->cert);
    unsigned char *spki = NULL;
    const unsigned char *name;
    size_t name_len;
    int len;

    if (X509_NAME_get0_der(X509_get_subject_name(issuer->cert), &name,
                           &name_len)
        != 1)
        return REFUSED(f, "its subject does not encode");
    issuer->subject.data = apr_pmemdup(f->pool, name, name_len);
    issuer->subject.len = name_len;
    issuer->ski.len = (apr_size_t)ASN1_STRING_length(ski);
    issuer->ski.data =
        apr_pmemdup(f->pool, ASN1_STRING_get0_data(ski), issuer->ski.len);
    len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(issuer->cert), &spki);
    if (len <= 0)
        return REFUSED(f, "its key does not encode");
    issuer->spki_hash = qw_spki_hash(spki, (apr_size_t)len, f->pool);
    issuer->id = apr_pstrndup(f->pool, issuer->spki_hash, ID_DIGITS);
    OPENSSL_free(spki);
    if (!qw_issuer_hash(issuer, f->pool))
        return REFUSED(f, "this OpenSSL has no SHA-1, by which OCSP names it");
    return NULL;
}

static void fill_purposes(const file_t *f, qw_issuer_t *issuer)
{
    EXTENDED_KEY_USAGE *list =
        X509_get_ext_d2i(issuer->cert, NID_ext_key_usage, NULL, NULL);
    apr_array_header_t *purposes;
    int i;

    if (list == NULL)
        return;
    purposes = apr_array_make(f->pool, 2, sizeof(qw_bytes_t));
    for (i = 0; i < sk_ASN1_OBJECT_num(list); i++) {
        const ASN1_OBJECT *object = sk_ASN1_OBJECT_value(list, i);
        qw_der_t der;

        qw_der_start(&der, f->pool);
        qw_der_put(&der, QW_DER_OID, OBJ_get0_data(object), OBJ_length(object));
        APR_ARRAY_PUSH(purposes, qw_bytes_t) = qw_der_bytes(&der);
    }
    EXTENDED_KEY_USAGE_free(list);
    issuer->purposes = purposes;
}

static int has(const apr_array_header_t *purposes, qw_oid_e oid)
{
    qw_bytes_t want = qw_oid_der(oid);
    int i;

    for (i = 0; i < purposes->nelts; i++) {
        if (qw_bytes_equal(&APR_ARRAY_IDX(purposes, i, qw_bytes_t), &want))
            return 1;
    }
    return 0;
}

const char *qw_issuer_lacks(const qw_issuer_t *issuer,
                            const qw_profile_t *profile)
{
    int i;

    for (i = 0; issuer->purposes != NULL && i < profile->purpose_count; i++) {
        if (!has(issuer->purposes, profile->purposes[i]))
            return qw_oid_label(profile->purposes[i]);
    }
    return NULL;
}

/* 1 if one of PROFILES is for PURPOSE. */
static int is_for(const apr_array_header_t *profiles, const qw_bytes_t *purpose)
{
    int i, j;

    for (i = 0; i < profiles->nelts; i++) {
        const qw_profile_t *profile =
            qw_profile_find(APR_ARRAY_IDX(profiles, i, const char *));

        for (j = 0; profile != NULL && j < profile->purpose_count; j++) {
            if (qw_oid_find(purpose) == profile->purposes[j])
                return 1;
        }
    }
    return 0;
}

const char *qw_issuer_exceeds(const qw_issuer_t *issuer,
                              const apr_array_header_t *profiles,
                              apr_pool_t *pool)
{
    int i;

    for (i = 0; issuer->purposes != NULL && i < issuer->purposes->nelts; i++) {
        const qw_bytes_t *purpose =
            &APR_ARRAY_IDX(issuer->purposes, i, qw_bytes_t);
        qw_oid_e oid = qw_oid_find(purpose);

        if (!is_for(profiles, purpose))
            return oid != QW_OID_COUNT ? qw_oid_label(oid)
                                       : qw_oid_text(purpose, pool);
    }
    return NULL;
}

qw_problem_t *qw_issuer_read(qw_issuer_t **issuer, const char *path,
                             apr_pool_t *pool)
{
    file_t f = { path, apr_array_make(pool, 3, sizeof(X509 *)), pool };
    qw_issuer_t *loaded = apr_pcalloc(pool, sizeof(*loaded));
    qw_problem_t *problem;

    QW_TRY(read_certs(&f));
    loaded->cert = cert_at(&f, 0);
    QW_TRY(check_ca(&f, loaded->cert));
    if (!get_times(loaded->cert, &loaded->not_before, &loaded->not_after))
        return REFUSED(&f, "its validity is not written as RFC 5280 wants");
    loaded->key = X509_get0_pubkey(loaded->cert);
    if (loaded->key == NULL
        || !qw_sigalg_of_key(&loaded->sig_alg, &loaded->digest, loaded->key)) {
        ERR_clear_error();
        return REFUSED(&f, "its key is not RSA, P-256, P-384 or P-521, the "
                           "only ones that BR 6.1.5 allows");
    }
    problem = qw_keycheck(loaded->key, QW_KEY_FOR_CERTIFICATE, NULL, pool);
    if (problem != NULL)
        return REFUSED(&f, "%s", problem->detail);
    QW_TRY(check_chain(&f));
    QW_TRY(check_dedicated(&f, loaded->cert));
    QW_TRY(fill_names(&f, loaded));
    fill_purposes(&f, loaded);
    loaded->chain_pem = chain_pem(&f);
    *issuer = loaded;
    return NULL;
}

qw_problem_t *qw_issuer_load(qw_issuer_t **issuer, const char *path,
                             apr_time_t now, apr_pool_t *pool)
{
    file_t f = { path, NULL, pool };
    qw_issuer_t *read;

    QW_TRY(qw_issuer_read(&read, path, pool));
    QW_TRY(check_times(&f, read, now));
    *issuer = read;
    return NULL;
}

int qw_issuer_is_valid(const qw_issuer_t *issuer, apr_time_t now)
{
    return now >= issuer->not_before && now <= issuer->not_after;
}

int qw_issuer_hash(qw_issuer_t *issuer, apr_pool_t *pool)
{
    const ASN1_BIT_STRING *bits = X509_get0_pubkey_bitstr(issuer->cert);
    qw_bytes_t key = { ASN1_STRING_get0_data(bits),
                       (apr_size_t)ASN1_STRING_length(bits) };
    int i;

    for (i = 0; i < QW_OCSP_HASHES; i++) {
        if (!qw_ocsp_digest(&issuer->ocsp_name_hash[i], i, &issuer->subject,
                            pool)
            || !qw_ocsp_digest(&issuer->ocsp_key_hash[i], i, &key, pool))
            return 0;
    }
    return 1;
}

int qw_issuer_is_ocsp(const qw_issuer_t *issuer, const qw_ocsp_id_t *id)
{
    int hash = qw_ocsp_hash_of(id->digest);

    return hash >= 0
           && qw_bytes_equal(&id->name_hash, &issuer->ocsp_name_hash[hash])
           && qw_bytes_equal(&id->key_hash, &issuer->ocsp_key_hash[hash]);
}

qw_problem_t *qw_digest_verify(const qw_issuer_t *issuer,
                               const qw_bytes_t *digest,
                               const qw_bytes_t *signature, apr_pool_t *pool)
{
    if (!qw_sigalg_verify_digest(issuer->key, issuer->digest, digest,
                                 signature))
        return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL,
                               "the signature over the digest does not verify",
                               "what was signed is not what was to be signed");
    return NULL;
}
