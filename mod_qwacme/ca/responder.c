#include "ca/responder.h"

#include "base/b64.h"
#include "base/file.h"
#include "base/log.h"
#include "base/world.h"
#include "ca/draft.h"
#include "ca/ledgered.h"
#include "ca/status_path.h"
#include "x509/cert.h"
#include "x509/ocsp_answer.h"
#include "x509/pem.h"
#include "x509/responder.h"
#include "x509/sigalg.h"
#include "x509/spki.h"
#include "x509/tbs.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <openssl/pem.h>

enum { FILE_MOST = 16384, LIFE_DAYS = 30 };
#define KEY_FILE "responder-key.pem"
#define LIFE     (apr_time_from_sec((apr_time_t)LIFE_DAYS * 86400))

struct qw_responder_t {
    const qw_ca_t *ca;
    const qw_issuing_t *issuing;
    qw_key_t *held;   /* QwacmeOCSPKey; NULL: it makes its own */
    apr_pool_t *pool; /* of what follows */
    EVP_PKEY *key;    /* of HELD: the public half; NULL: it has none */
    qw_bytes_t cert, sig_alg, key_hash;
    const char *digest;
    apr_time_t not_before, not_after;
};

/* What is being made. */
typedef struct {
    qw_responder_t *responder;
    EVP_PKEY *key;
    qw_bytes_t spki, tbs;
    apr_time_t not_after;
    const char *serial;
} fresh_t;

static const char *path_of(const qw_responder_t *r, const char *name,
                           apr_pool_t *pool)
{
    return apr_pstrcat(pool,
                       qw_status_dir(r->ca->conf, r->issuing->issuer, pool),
                       "/", name, NULL);
}

/* ---- what it has ---- */

static int read_file(qw_bytes_t *bytes, const char *path, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, FILE_MOST + 1);
    apr_size_t len = FILE_MOST;

    if (qw_file_read(text, &len, path, pool) != APR_EOF)
        return 0;
    bytes->data = (unsigned char *)text;
    bytes->len = len;
    return 1;
}

/* 0 if the two do not go together: a crash was between their files. */
static int take(qw_responder_t *r, EVP_PKEY *key, const qw_bytes_t *cert,
                apr_pool_t *pool)
{
    qw_cert_facts_t *facts;
    qw_bytes_t spki;

    if (qw_cert_parse(&facts, cert, pool) != NULL
        || !qw_spki_encode(&spki, key, pool)
        || !qw_bytes_equal(&spki, &facts->spki)
        || !qw_ocsp_key_hash(&r->key_hash, QW_OCSP_SHA1, &spki, pool)
        || !qw_sigalg_of_key(&r->sig_alg, &r->digest, key))
        return 0;
    r->key = key;
    r->cert = *cert;
    r->not_before = facts->not_before;
    r->not_after = facts->not_after;
    return 1;
}

static EVP_PKEY *load_key(const qw_responder_t *r)
{
    EVP_PKEY *key = NULL;
    qw_bytes_t spki;

    if (r->held == NULL)
        return qw_pem_private_key(path_of(r, KEY_FILE, r->pool), NULL, r->pool);
    spki = qw_key_public(r->held);
    return spki.data != NULL && qw_spki_key(&key, &spki, r->pool) == NULL
               ? key
               : NULL;
}

/* Into a pool of its own: what was there before goes. */
static void load(qw_responder_t *r)
{
    qw_bytes_t cert;
    EVP_PKEY *key;

    r->key = NULL;
    r->not_after = 0;
    apr_pool_clear(r->pool);
    key = load_key(r);
    if (key == NULL)
        (void)qw_openssl_reasons(r->pool);
    else if (read_file(&cert, path_of(r, "responder.der", r->pool), r->pool))
        (void)take(r, key, &cert, r->pool);
}

qw_problem_t *qw_responder_make(qw_responder_t **responder, const qw_ca_t *ca,
                                const qw_issuing_t *issuing, apr_pool_t *pool)
{
    qw_responder_t *r = apr_pcalloc(pool, sizeof(*r));
    const qw_issuer_conf_t *conf;

    r->ca = ca;
    r->issuing = issuing;
    conf = qw_authority_ocsp_key(issuing->authority, issuing->conf->chain_path);
    if (conf != NULL && ca->ring != NULL)
        r->held = qw_key_make(ca->ring, conf, issuing->issuer, pool);
    apr_pool_create(&r->pool, pool);
    load(r);
    *responder = r;
    return NULL;
}

int qw_responder_is_ready(const qw_responder_t *r, apr_time_t now)
{
    return r->key != NULL && now >= r->not_before && now < r->not_after
           && (r->held == NULL || qw_key_is_ready(r->held));
}

const char *qw_responder_away(const qw_responder_t *r)
{
    return r->held != NULL ? qw_key_away(r->held) : NULL;
}

apr_time_t qw_responder_not_after(const qw_responder_t *r)
{
    return r->not_after;
}

qw_bytes_t qw_responder_key_hash(const qw_responder_t *r)
{
    return r->key_hash;
}

/* ---- a new one ---- */

static int is_due(const qw_responder_t *r, apr_time_t now)
{
    const qw_issuer_t *issuer = r->issuing->issuer;

    if (!qw_responder_is_ready(r, now))
        return 1;
    return now - r->not_before >= LIFE / 2 && r->not_after < issuer->not_after;
}

static qw_problem_t *make_key(fresh_t *f, apr_pool_t *pool)
{
    if (f->responder->held != NULL) {
        f->spki = qw_key_public(f->responder->held);
        return NULL;
    }
    f->key = qw_own_EVP_PKEY(pool, EVP_EC_gen("P-256"));
    if (f->key != NULL && qw_spki_encode(&f->spki, f->key, pool))
        return NULL;
    return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL, qw_openssl_reasons(pool),
                           "no key for the OCSP responder");
}

static qw_problem_t *make_tbs(fresh_t *f, apr_pool_t *pool)
{
    const qw_issuing_t *issuing = f->responder->issuing;
    unsigned char *serial;
    qw_responder_in_t in = { 0 };

    QW_TRY(qw_draft_serial(&serial, pool));
    f->serial = qw_hex_encode(serial, QW_SERIAL_BYTES, pool);
    in.issuer = issuing->issuer;
    in.spki = f->spki;
    in.serial.data = serial;
    in.serial.len = QW_SERIAL_BYTES;
    in.not_before = qw_authority_now(issuing->authority);
    in.not_after = in.not_before + LIFE - apr_time_from_sec(1);
    f->not_after = in.not_after;
    QW_TRY(qw_responder_tbs(&f->tbs, &in, pool));
    return qw_responder_lint(&f->tbs, &in, pool);
}

static qw_problem_t *assemble(qw_bytes_t *der, void *baton,
                              const qw_bytes_t *signature, apr_pool_t *pool)
{
    fresh_t *f = baton;

    return qw_cert_assemble(der, &f->tbs, f->responder->issuing->issuer,
                            signature, pool);
}

static qw_problem_t *write_key(const fresh_t *f, apr_pool_t *pool)
{
    const qw_file_how_t how = { 0600, 1, 0 };
    BIO *bio = qw_own_BIO(pool, BIO_new(BIO_s_secmem()));
    qw_bytes_t pem;
    char *text;
    long len;

    if (bio == NULL
        || !PEM_write_bio_PrivateKey(bio, f->key, NULL, NULL, 0, NULL, NULL)
        || (len = BIO_get_mem_data(bio, &text)) <= 0)
        return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL, qw_openssl_reasons(pool),
                               "no key for the OCSP responder");
    pem.data = (unsigned char *)text;
    pem.len = (apr_size_t)len;
    return qw_file_replace(path_of(f->responder, KEY_FILE, pool), &pem, &how,
                           pool);
}

static qw_problem_t *install(void *baton, const qw_bytes_t *der,
                             apr_pool_t *pool)
{
    const qw_file_how_t how = { 0644, 1, 0 };
    fresh_t *f = baton;

    if (f->key != NULL)
        QW_TRY(write_key(f, pool));
    else /* one of its own, of before, is of no use any more */
        (void)apr_file_remove(path_of(f->responder, KEY_FILE, pool), pool);
    return qw_file_replace(path_of(f->responder, "responder.der", pool), der,
                           &how, pool);
}

static qw_problem_t *make(qw_responder_t *r, apr_pool_t *pool)
{
    fresh_t f = { .responder = r };
    qw_ledgered_t what = { .issuing = r->issuing,
                           .kind = QW_KIND_OCSP,
                           .assemble = assemble,
                           .install = install,
                           .baton = &f };

    QW_TRY(qw_key_health(r->issuing->key, pool));
    QW_TRY(make_key(&f, pool));
    QW_TRY(make_tbs(&f, pool));
    qw_digest_make(&what.digest, r->issuing->issuer, &f.tbs);
    what.written = f.tbs;
    what.serial = f.serial;
    what.not_after = f.not_after;
    return qw_ledgered_sign(r->ca, &what, pool);
}

/* It may come back as another one: then it needs a certificate. */
static qw_problem_t *hold_key(qw_responder_t *r, apr_pool_t *pool)
{
    if (r->held == NULL || (r->key != NULL && qw_key_is_ready(r->held)))
        return NULL;
    QW_TRY(qw_key_health(r->held, pool));
    load(r);
    return NULL;
}

qw_problem_t *qw_responder_renew(qw_responder_t *r, apr_pool_t *pool)
{
    apr_time_t now = qw_authority_now(r->issuing->authority);

    QW_TRY(hold_key(r, pool));
    if (!is_due(r, now))
        return NULL;
    QW_TRY(make(r, pool));
    load(r);
    qw_log(QW_LOG_INFO, 0, pool,
           "QW0531: issuer %s: its OCSP responder has a new certificate",
           r->issuing->issuer->id);
    return NULL;
}

/* ---- what it does ---- */

static qw_problem_t *sign_held(qw_bytes_t *signature, const qw_responder_t *r,
                               const qw_bytes_t *tbs, apr_pool_t *pool)
{
    qw_digest_t digest = { 0 };

    EVP_Digest(tbs->data, tbs->len, digest.digest, &digest.digest_len,
               EVP_get_digestbyname(r->digest), NULL);
    return qw_key_sign(signature, r->held, &digest, pool);
}

static qw_problem_t *sign(qw_bytes_t *signature, const qw_responder_t *r,
                          const qw_bytes_t *tbs, apr_pool_t *pool)
{
    EVP_MD_CTX *ctx = qw_own_EVP_MD_CTX(pool, EVP_MD_CTX_new());
    size_t len = (size_t)EVP_PKEY_get_size(r->key);
    unsigned char *bytes = apr_palloc(pool, len);

    if (ctx == NULL
        || EVP_DigestSignInit_ex(ctx, NULL, r->digest, NULL, NULL, r->key, NULL)
               != 1
        || EVP_DigestSign(ctx, bytes, &len, tbs->data, tbs->len) != 1)
        return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL, qw_openssl_reasons(pool),
                               "an OCSP answer cannot be signed");
    signature->data = bytes;
    signature->len = len;
    return NULL;
}

qw_problem_t *qw_responder_sign(qw_bytes_t *der, const qw_responder_t *r,
                                const qw_bytes_t *tbs, apr_pool_t *pool)
{
    qw_bytes_t signature;

    QW_TRY(r->held != NULL ? sign_held(&signature, r, tbs, pool)
                           : sign(&signature, r, tbs, pool));
    return qw_ocsp_answer_assemble(der, tbs, &r->sig_alg, &signature, &r->cert,
                                   pool);
}
