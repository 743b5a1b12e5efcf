#include "tap.h"
#include "x509_golden.h"

#include "base/world.h"
#include "x509/demo_ca.h"
#include "x509/issuer.h"

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_general.h>
#include <openssl/err.h>
#include <stdlib.h>

static const char *dir;

static const char *path(const char *name, apr_pool_t *p)
{
    return apr_pstrcat(p, dir, "/", name, NULL);
}

static const char *slurp(const char *name, apr_pool_t *p)
{
    char *text = apr_pcalloc(p, 65536);
    FILE *f = fopen(path(name, p), "r");

    if (f != NULL) {
        text[fread(text, 1, 65535, f)] = '\0';
        fclose(f);
    }
    return text;
}

/* A demo CA in DIRECTORY; PROFILES may be NULL. */
static qw_problem_t *make_demo(const char *directory, const char *key_type,
                               const char *profiles, apr_pool_t *p)
{
    const qw_demo_ca_t wanted = { directory, "Example QTSP", "NTRFR-123456789",
                                  "FR",      key_type,       profiles };

    return qw_demo_ca_make(&wanted, p);
}

static const char *write_file(const char *name, const char *text, apr_pool_t *p)
{
    FILE *f = fopen(path(name, p), "w");

    if (f != NULL) {
        fputs(text, f);
        fclose(f);
    }
    return path(name, p);
}

static qw_problem_t *load(const char *file, apr_pool_t *p)
{
    qw_issuer_t *issuer;

    return qw_issuer_load(&issuer, file, qw_world()->now(), p);
}

static void refuses(const char *text, const char *says, const char *what,
                    apr_pool_t *p)
{
    const char *file = write_file("bad.pem", text, p);
    qw_problem_t *problem = load(file, p);

    ok(problem != NULL && problem->code == QW_E_INVALID_INPUT
           && strstr(problem->detail, file) != NULL
           && strstr(problem->detail, says) != NULL,
       "%s", what);
    if (problem == NULL || strstr(problem->detail, says) == NULL)
        printf("# %s\n", problem == NULL ? "taken" : problem->detail);
    ok(ERR_peek_error() == 0, "and the error queue is empty");
}

static void demo(apr_pool_t *p)
{
    qw_issuer_t *issuer = NULL;
    qw_problem_t *problem;
    apr_finfo_t info = { 0 };
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    X509 *root;
    BIO *bio;

    problem = make_demo(dir, "P-256", NULL, p);
    ok(problem == NULL, "a demo CA is made");
    if (problem != NULL)
        printf("# %s\n", qw_problem_for_log(problem, p));
    ok(apr_stat(&info, path("issuing-key.pem", p), APR_FINFO_PROT, p)
               == APR_SUCCESS
           && info.protection == (APR_FPROT_UREAD | APR_FPROT_UWRITE),
       "keys are the owner's alone");
    problem = make_demo(dir, "P-256", NULL, p);
    ok(problem != NULL && strstr(problem->detail, "exists already") != NULL,
       "and not overwritten");
    problem =
        qw_issuer_load(&issuer, path("issuing.pem", p), qw_world()->now(), p);
    ok(problem == NULL, "its issuing CA loads");
    if (problem != NULL) {
        printf("# %s\n", problem->detail);
        return;
    }
    is_str(qw_hex_encode(issuer->sig_alg.data, issuer->sig_alg.len, p),
           "300a06082a8648ce3d040302", "P-256 signs with SHA-256");
    is_str(issuer->digest, "SHA256", "by that name");
    is_str(issuer->chain_pem, slurp("issuing.pem", p), "the chain as it was");
    ok(issuer->ski.len == 20 && strlen(issuer->spki_hash) == 64
           && issuer->subject.data[0] == 0x30
           && issuer->not_after > issuer->not_before,
       "what leaves need is there");
    bio = BIO_new_file(path("root.pem", p), "r");
    root = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    X509_STORE_add_cert(store, root);
    X509_STORE_CTX_init(ctx, store, issuer->cert, NULL);
    X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_X509_STRICT);
    ok(X509_verify_cert(ctx) == 1, "the issuing CA verifies up to the root: %s",
       X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    X509_free(root);
    BIO_free(bio);
}

static void key_types(apr_pool_t *p)
{
    static const char *const cases[][3] = {
        { "P-384", "300a06082a8648ce3d040303", "SHA384" },
        { "P-521", "300a06082a8648ce3d040304", "SHA512" },
        { "RSA-2048", "300d06092a864886f70d01010b0500", "SHA256" }
    };
    const char *top = dir;
    apr_size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        qw_issuer_t *issuer = NULL;

        dir = apr_pstrcat(p, top, "/", cases[i][0], NULL);
        ok(make_demo(dir, cases[i][0], NULL, p) == NULL
               && qw_issuer_load(&issuer, path("issuing.pem", p),
                                 qw_world()->now(), p)
                      == NULL,
           "a CA of %s", cases[i][0]);
        if (issuer == NULL)
            continue;
        is_str(qw_hex_encode(issuer->sig_alg.data, issuer->sig_alg.len, p),
               cases[i][1], "its algorithm");
        is_str(issuer->digest, cases[i][2], "its digest");
    }
    dir = top;
}

static void arguments(apr_pool_t *p)
{
    const char *other = apr_pstrcat(p, dir, "/none", NULL);
    apr_finfo_t info;

    const qw_demo_ca_t bad[] = {
        { other, "X", "123", "FR", "P-256", NULL },
        { other, "X", "NTRFR-1", "France", "P-256", NULL },
        { other, "X", "NTRFR-1", "FR", "DSA", NULL },
        { other, "", "NTRFR-1", "FR", "P-256", NULL },
        { other, "X", "NTRFR-1", "FR", "P-256", "dv" },
    };
    apr_size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ok(qw_demo_ca_make(&bad[i], p) != NULL, "bad argument %d", (int)i);
    ok(APR_STATUS_IS_ENOENT(apr_stat(&info, other, APR_FINFO_TYPE, p)),
       "and nothing is made");
}

static void times(apr_pool_t *p)
{
    const char *file = path("issuing.pem", p);
    qw_issuer_t *issuer = NULL;
    qw_problem_t *problem;

    if (load(file, p) != NULL
        || qw_issuer_load(&issuer, file, qw_world()->now(), p) != NULL)
        return;
    problem = qw_issuer_load(&issuer, file, issuer->not_after + 1, p);
    ok(problem != NULL && strstr(problem->detail, "expired at") != NULL,
       "an expired issuer");
    problem = qw_issuer_load(&issuer, file, 0, p);
    ok(problem != NULL && strstr(problem->detail, "valid from") != NULL,
       "an issuer of the future");
}

static const char *alter(X509 *cert, EVP_PKEY *key, apr_pool_t *p)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data, *text;
    long len;

    X509_sign(cert, key, EVP_sha256());
    PEM_write_bio_X509(bio, cert);
    len = BIO_get_mem_data(bio, &data);
    text = apr_pstrmemdup(p, data, (apr_size_t)len);
    BIO_free(bio);
    return text;
}

static EVP_PKEY *root_key(apr_pool_t *p)
{
    BIO *bio = BIO_new_file(path("root-key.pem", p), "r");
    EVP_PKEY *key =
        qw_own_EVP_PKEY(p, PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL));

    BIO_free(bio);
    return key;
}

static X509 *issuing(apr_pool_t *p)
{
    BIO *bio = BIO_new_file(path("issuing.pem", p), "r");
    X509 *cert = qw_own_X509(p, PEM_read_bio_X509(bio, NULL, NULL, NULL));

    BIO_free(bio);
    return cert;
}

static void drop_ext(X509 *cert, int nid)
{
    X509_EXTENSION_free(
        X509_delete_ext(cert, X509_get_ext_by_NID(cert, nid, -1)));
}

static void altered(apr_pool_t *p)
{
    static const struct {
        int nid;
        const char *says;
    } names[] = { { NID_countryName, "has no C;" },
                  { NID_organizationName, "has no O;" },
                  { NID_organizationIdentifier,
                    "has no organizationIdentifier;" },
                  { NID_commonName, "has no CN;" } };
    EVP_PKEY *key = root_key(p), *other;
    X509 *cert;
    apr_size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        X509_NAME *name;

        cert = issuing(p);
        name = X509_get_subject_name(cert);
        X509_NAME_ENTRY_free(X509_NAME_delete_entry(
            name, X509_NAME_get_index_by_NID(name, names[i].nid, -1)));
        refuses(alter(cert, key, p), names[i].says, names[i].says, p);
    }
    cert = issuing(p);
    drop_ext(cert, NID_subject_key_identifier);
    refuses(alter(cert, key, p), "subject key identifier", "no SKI", p);
    cert = issuing(p);
    drop_ext(cert, NID_basic_constraints);
    refuses(alter(cert, key, p), "not a CA", "no CA", p);
    cert = issuing(p);
    drop_ext(cert, NID_key_usage);
    refuses(alter(cert, key, p), "keyCertSign", "no key usage", p);
    cert = issuing(p);
    other = qw_own_EVP_PKEY(p, EVP_EC_gen("secp256k1"));
    X509_set_pubkey(cert, other);
    refuses(alter(cert, key, p), "P-521", "a curve we do not sign with", p);
    cert = issuing(p);
    other = qw_own_EVP_PKEY(p, EVP_RSA_gen(1024));
    X509_set_pubkey(cert, other);
    refuses(alter(cert, key, p), "1024", "a key that is too short", p);
}

static void set_ext(X509 *cert, int nid, const char *value)
{
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    drop_ext(cert, nid);
    X509_add_ext(cert, ext, -1);
    X509_EXTENSION_free(ext);
}

static void dedicated(apr_pool_t *p)
{
    static const struct {
        int nid;
        const char *value, *says;
    } cases[] = {
        { NID_basic_constraints, "CA:TRUE,pathlen:0", "not critical" },
        { NID_basic_constraints, "critical,CA:TRUE", "path length 0" },
        { NID_basic_constraints, "critical,CA:TRUE,pathlen:1",
          "path length 0" },
        { NID_key_usage, "critical,keyCertSign,keyEncipherment",
          "key usages beyond" },
        { NID_ext_key_usage, "serverAuth,anyExtendedKeyUsage",
          "anyExtendedKeyUsage" },
    };
    EVP_PKEY *key = root_key(p);
    apr_size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        X509 *cert = issuing(p);

        set_ext(cert, cases[i].nid, cases[i].value);
        refuses(alter(cert, key, p), cases[i].says, cases[i].value, p);
    }
}

/* The CA above the issuing one lets VALUE be below it. */
static const char *below(const char *value, apr_pool_t *p)
{
    BIO *bio = BIO_new_file(path("root.pem", p), "r");
    X509 *above = qw_own_X509(p, PEM_read_bio_X509(bio, NULL, NULL, NULL));
    EVP_PKEY *other = qw_own_EVP_PKEY(p, EVP_EC_gen("P-256"));
    X509_NAME *name = X509_NAME_dup(X509_get_subject_name(above));

    BIO_free(bio);
    X509_NAME_add_entry_by_txt(name, "OU", MBSTRING_ASC,
                               (const unsigned char *)"above", -1, -1, 0);
    X509_set_issuer_name(above, name);
    X509_NAME_free(name);
    set_ext(above, NID_basic_constraints, value);
    return apr_pstrcat(p, slurp("issuing.pem", p), alter(above, other, p),
                       NULL);
}

static void lengths(apr_pool_t *p)
{
    refuses(below("critical,CA:TRUE,pathlen:0", p), "allows 0 CAs below it",
            "a CA above that allows none below it", p);
    ok(load(write_file("three.pem", below("critical,CA:TRUE,pathlen:1", p), p),
            p)
           == NULL,
       "one that allows one");
}

static qw_issuer_t *with_purposes(const char *purposes, apr_pool_t *p)
{
    EVP_PKEY *key = root_key(p);
    X509 *cert = issuing(p);
    qw_issuer_t *issuer = NULL;

    if (purposes != NULL)
        set_ext(cert, NID_ext_key_usage, purposes);
    else
        drop_ext(cert, NID_ext_key_usage);
    ok(qw_issuer_load(&issuer,
                      write_file("purposes.pem", alter(cert, key, p), p),
                      qw_world()->now(), p)
           == NULL,
       "an issuer for %s", purposes != NULL ? purposes : "anything");
    return issuer;
}

static void purposes(apr_pool_t *p)
{
    static const struct {
        const char *purposes, *profile, *lacks, *exceeds;
    } cases[] = {
        { NULL, "2-qwac", "", "" },
        { "serverAuth", "qevcp-w", "", "" },
        { "serverAuth", "qncp-w-gen-psd2", "TLS client authentication", "" },
        { "serverAuth", "2-qwac", "TLS certificate binding (2-QWAC)",
          "TLS server authentication" },
        { "serverAuth,clientAuth", "qncp-w-gen-psd2", "", "" },
        { "serverAuth,clientAuth", "qncp-w", "", "TLS client authentication" },
        { "0.4.0.194115.1.0", "2-qwac", "", "" },
        { "serverAuth,1.2.3.4", "qncp-w", "", "1.2.3.4" },
    };
    apr_size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        qw_issuer_t *issuer = with_purposes(cases[i].purposes, p);
        apr_array_header_t *names = apr_array_make(p, 1, sizeof(char *));
        const char *lacks, *exceeds;

        APR_ARRAY_PUSH(names, const char *) = cases[i].profile;
        lacks = qw_issuer_lacks(issuer, qw_profile_find(cases[i].profile));
        exceeds = qw_issuer_exceeds(issuer, names, p);
        is_str(lacks != NULL ? lacks : "", cases[i].lacks, cases[i].profile);
        is_str(exceeds != NULL ? exceeds : "", cases[i].exceeds,
               "and what it should not have");
    }
}

/* The demo CA is for what it is told. */
static void demo_purposes(apr_pool_t *p)
{
    const char *top = dir;
    qw_issuer_t *issuer = NULL;

    dir = apr_pstrcat(p, top, "/gen", NULL);
    ok(make_demo(dir, "P-256", "qncp-w-gen qncp-w-gen-psd2 2-qwac", p) == NULL
           && qw_issuer_load(&issuer, path("issuing.pem", p), qw_world()->now(),
                             p)
                  == NULL
           && issuer->purposes->nelts == 3,
       "a demo CA for three purposes");
    dir = top;
}

static void files(apr_pool_t *p)
{
    const char *bundle = slurp("bundle.pem", p), *root = slurp("root.pem", p);
    const char *leaf = slurp("issuing.pem", p);
    char *broken = apr_pstrdup(p, leaf);
    qw_problem_t *problem = load("/nonexistent/ca.pem", p);

    ok(problem != NULL
           && strstr(problem->detail, "/nonexistent/ca.pem") != NULL,
       "a file that is not there");
    refuses("", "holds no certificate", "an empty file", p);
    refuses(slurp("issuing-key.pem", p), "holds no certificate", "a key file",
            p);
    broken[100] = '!';
    refuses(broken, "certificate 1 does not parse", "broken PEM", p);
    refuses(apr_pstrcat(p, leaf, broken, NULL), "certificate 2 does not parse",
            "broken PEM behind a good one", p);
    refuses(bundle, "self-signed root", "a root at the end", p);
    refuses(root, "self-signed root", "a root alone", p);
    refuses(apr_pstrcat(p, leaf, leaf, NULL), "is not issued by",
            "links that do not verify", p);
    refuses(apr_pstrcat(p, leaf, golden_ca_pem, NULL), "is not issued by",
            "links of strangers", p);
    refuses(golden_qevcp_w_pem, "not a CA", "a leaf", p);
}

/* A leaf issued under the demo CA is good for OpenSSL, too. */
static void leaf(apr_pool_t *p)
{
    qw_tbs_in_t in =
        golden_in(golden_qevcp_w_pem, qw_profile_find("qevcp-w"),
                  golden_ev_identity(p), "www.example.fr example.fr", p);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    unsigned char signature[256];
    size_t len = sizeof(signature);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    STACK_OF(X509) *chain = sk_X509_new_null();
    qw_issuer_t *issuer = NULL;
    qw_bytes_t tbs, der, sig;
    const unsigned char *at;
    X509 *root, *cert;
    BIO *bio;
    EVP_PKEY *key;

    bio = BIO_new_file(path("issuing-key.pem", p), "r");
    key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    bio = BIO_new_file(path("root.pem", p), "r");
    root = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    if (qw_issuer_load(&issuer, path("issuing.pem", p), qw_world()->now(), p)
        != NULL)
        return;
    in.issuer = issuer;
    in.not_before = qw_world()->now();
    if (qw_tbs_make(&tbs, &in, p) != NULL)
        return;
    EVP_DigestSignInit_ex(md, NULL, issuer->digest, NULL, NULL, key, NULL);
    EVP_DigestSign(md, signature, &len, tbs.data, tbs.len);
    sig.data = signature;
    sig.len = len;
    ok(qw_tbs_lint(&tbs, &in, p) == NULL
           && qw_cert_assemble(&der, &tbs, issuer, &sig, p) == NULL
           && qw_cert_verify(&der, &tbs, issuer, p) == NULL,
       "a leaf is made, linted, signed and verified");
    at = der.data;
    cert = d2i_X509(NULL, &at, (long)der.len);
    X509_STORE_add_cert(store, root);
    sk_X509_push(chain, issuer->cert);
    X509_STORE_CTX_init(ctx, store, cert, chain);
    X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SSL_SERVER);
    X509_VERIFY_PARAM_set1_host(X509_STORE_CTX_get0_param(ctx),
                                "www.example.fr", 0);
    X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(ctx),
                                X509_V_FLAG_X509_STRICT);
    ok(X509_verify_cert(ctx) == 1, "OpenSSL verifies it, strictly: %s",
       X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
    sk_X509_free(chain);
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    X509_free(root);
    X509_free(cert);
    EVP_PKEY_free(key);
    EVP_MD_CTX_free(md);
}

int main(void)
{
    char template[] = "/tmp/t_issuer.XXXXXX";
    char command[64];
    apr_pool_t *p;

    setvbuf(stdout, NULL, _IOLBF, 0);
    apr_initialize();
    apr_pool_create(&p, NULL);
    dir = mkdtemp(template);
    if (dir == NULL)
        return 1;
    demo(p);
    key_types(p);
    arguments(p);
    times(p);
    altered(p);
    dedicated(p);
    lengths(p);
    purposes(p);
    demo_purposes(p);
    files(p);
    leaf(p);
    snprintf(command, sizeof(command), "rm -r %s", dir);
    ok(system(command) == 0, "the directory is removed");
    apr_pool_destroy(p);
    return done_testing();
}
