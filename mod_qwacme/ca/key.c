#include "ca/key.h"

#include "base/log.h"
#include "base/text.h"
#include "base/world.h"
#include "ca/key_driver.h"
#include "ca/key_process.h"
#include "ca/pin.h"
#include "ca/witness.h"
#include "x509/sigalg.h"
#include "x509/spki.h"

#include <apr_strings.h>

#include <openssl/x509.h>

#include <string.h>

#define FRESH      (apr_time_from_sec(1)) /* an answer that is as good as asked */
#define PAUSE_MOST (apr_time_from_sec(8))

enum { WHY_MOST = 400, HASH_BYTES = 32 };

struct qw_keyring_t {
    apr_interval_time_t wait;
    apr_thread_mutex_t *gate;
};

struct qw_key_t {
    const qw_key_driver_t *driver;
    const qw_issuer_conf_t *conf;
    const qw_issuer_t *issuer; /* of a responder's: whom it answers for */
    const char *digest;        /* of a responder's: once it is open */
    qw_bytes_t spki;           /* likewise */
    qw_keyring_t *ring;
    qw_key_process_t process; /* that holds it; of a file: there is none */
    qw_key_held_t held;       /* in the process that holds it */
    const char *pin;          /* while it is opened */
    apr_pool_t *pool;         /* of what is open */
    apr_time_t answered_at, retry_at;
    apr_interval_time_t pause;
    unsigned char refused[HASH_BYTES]; /* hash of a PIN */
    int was_refused;
    int hung;
    char why[WHY_MOST]; /* it is away; "" while it is not */
};

static const qw_key_driver_t *const drivers[] = { &qw_key_pkcs11, &qw_key_file,
                                                  &qw_key_store };

const qw_key_driver_t *qw_key_driver_find(const char *uri)
{
    unsigned i;

    for (i = 0; i < sizeof(drivers) / sizeof(drivers[0]) - 1; i++)
        if (drivers[i]->takes(uri))
            break;
    return drivers[i];
}

qw_problem_t *qw_keyring_make(qw_keyring_t **ring, apr_interval_time_t wait,
                              apr_pool_t *pool)
{
    qw_keyring_t *made = apr_pcalloc(pool, sizeof(*made));

    made->wait = wait;
    if (apr_thread_mutex_create(&made->gate, APR_THREAD_MUTEX_DEFAULT, pool)
        != APR_SUCCESS)
        return QW_FAIL(pool, SERVER_INTERNAL, "no mutex for the keys");
    *ring = made;
    return NULL;
}

void qw_keyring_enter(qw_keyring_t *ring)
{
    apr_thread_mutex_lock(ring->gate);
}

void qw_keyring_leave(qw_keyring_t *ring)
{
    apr_thread_mutex_unlock(ring->gate);
}

static apr_status_t end_process(void *data)
{
    qw_key_process_end(&((qw_key_t *)data)->process);
    return APR_SUCCESS;
}

qw_key_t *qw_key_make(qw_keyring_t *ring, const qw_issuer_conf_t *conf,
                      const qw_issuer_t *issuer, apr_pool_t *pool)
{
    qw_key_t *key = apr_pcalloc(pool, sizeof(*key));

    key->driver = qw_key_driver_find(conf->key_uri);
    key->conf = conf;
    key->issuer = issuer;
    key->ring = ring;
    apr_pool_create(&key->pool, pool);
    apr_pool_cleanup_register(pool, key, end_process, apr_pool_cleanup_null);
    return key;
}

/* ---- in the process that holds the key ---------------------------------- */

static const char *uri_of(const qw_key_t *key, apr_pool_t *pool)
{
    return qw_text_safe(key->conf->key_uri, 120, pool);
}

static const char *directive_of(const qw_key_t *key)
{
    return key->conf->for_ocsp ? "QwacmeOCSPKey" : "QwacmeIssuer";
}

static qw_problem_t *open_held(qw_key_t *key, apr_pool_t *pool)
{
    qw_problem_t *prob =
        key->driver->open(&key->held, key->conf->key_uri, key->pin, key->pool);

    if (prob != NULL)
        prob->detail =
            apr_pstrcat(pool, directive_of(key), ": ", prob->detail, NULL);
    return prob;
}

/* By way of its octets: what an engine holds shows few of its parameters. */
static int read_public(qw_bytes_t *spki, qw_key_t *key, apr_pool_t *pool)
{
    unsigned char *octets = NULL;
    int len = i2d_PUBKEY(key->held.pkey, &octets);
    EVP_PKEY *public_key;
    qw_bytes_t alg;

    if (len <= 0)
        return 0;
    spki->data = apr_pmemdup(pool, octets, (apr_size_t)len);
    spki->len = (apr_size_t)len;
    OPENSSL_free(octets);
    return qw_spki_key(&public_key, spki, pool) == NULL
           && qw_sigalg_of_key(&alg, &key->digest, public_key);
}

/* The public half, for whoever asked this process to hold the other. A responder
 * that is broken into must not come to the CA's key. RFC6960-4.2.2.2 */
static qw_problem_t *show_public(qw_bytes_t *spki, qw_key_t *key,
                                 apr_pool_t *pool)
{
    if (EVP_PKEY_eq(key->held.pkey, key->issuer->key) == 1)
        return QW_FAIL(pool, INVALID_INPUT,
                       "QwacmeOCSPKey: %s is the issuing key; give the "
                       "responder a key of its own",
                       uri_of(key, pool));
    (void)qw_openssl_reasons(pool);
    if (read_public(spki, key, pool))
        return NULL;
    return QW_FAIL_BECAUSE(pool, INVALID_INPUT, qw_openssl_reasons(pool),
                           "QwacmeOCSPKey: %s is neither RSA nor on P-256, "
                           "P-384 or P-521",
                           uri_of(key, pool));
}

static qw_problem_t *check_pair(const qw_key_t *key, apr_pool_t *pool)
{
    if (EVP_PKEY_eq(key->held.pkey, key->issuer->key) == 1)
        return NULL;
    (void)qw_openssl_reasons(pool);
    return QW_FAIL(pool, INVALID_INPUT,
                   "QwacmeIssuer: the key %s is not that of the certificate %s",
                   uri_of(key, pool), key->conf->chain_path);
}

static int sign_digest(unsigned char *bytes, size_t *len, const qw_key_t *key,
                       const qw_digest_t *digest)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->held.pkey, NULL);
    const EVP_MD *md = EVP_get_digestbyname(
        key->conf->for_ocsp ? key->digest : key->issuer->digest);
    int good =
        ctx != NULL && md != NULL && EVP_PKEY_sign_init(ctx) == 1
        && EVP_PKEY_CTX_set_signature_md(ctx, md) == 1
        && EVP_PKEY_sign(ctx, bytes, len, digest->digest, digest->digest_len)
               == 1;

    EVP_PKEY_CTX_free(ctx);
    return good;
}

static qw_problem_t *sign_with(qw_bytes_t *signature, qw_key_t *key,
                               const qw_digest_t *digest, apr_pool_t *pool)
{
    size_t len = (size_t)EVP_PKEY_get_size(key->held.pkey);
    unsigned char *bytes = apr_palloc(pool, len);

    if (!sign_digest(bytes, &len, key, digest))
        return QW_FAIL_BECAUSE(pool, UNAVAILABLE, qw_openssl_reasons(pool),
                               "the key does not sign; try again later");
    if (!key->conf->for_ocsp)
        qw_witness(digest->tbs_hash);
    signature->data = bytes;
    signature->len = len;
    return NULL;
}

/* An empty request: is it there? Any other is to be signed. */
static qw_problem_t *serve(qw_bytes_t *answer, void *baton,
                           const qw_bytes_t *request, apr_pool_t *pool)
{
    qw_key_t *key = baton;
    qw_digest_t digest;

    if (request->len == sizeof(digest)) {
        memcpy(&digest, request->data, sizeof(digest));
        return sign_with(answer, key, &digest, pool);
    }
    if (key->held.pkey != NULL)
        return key->driver->touch(&key->held, key->conf->key_uri, key->pin,
                                  pool);
    QW_TRY(open_held(key, pool));
    return key->conf->for_ocsp ? show_public(answer, key, pool)
                               : check_pair(key, pool);
}

/* ---- in the signer --------------------------------------------------------- */

static void hash_pin(unsigned char hash[HASH_BYTES], const char *pin)
{
    EVP_Q_digest(NULL, "SHA256", NULL, pin, strlen(pin), hash, NULL);
}

static qw_problem_t *check_pin(const qw_key_t *key, apr_pool_t *pool)
{
    unsigned char hash[HASH_BYTES];

    if (key->pin == NULL || !key->was_refused)
        return NULL;
    hash_pin(hash, key->pin);
    if (memcmp(hash, key->refused, HASH_BYTES) != 0)
        return NULL;
    return QW_FAIL(pool, INVALID_INPUT,
                   "%s: %s: the token has refused this PIN; it is "
                   "not tried again, write the right one",
                   directive_of(key), uri_of(key, pool));
}

/* CKR_PIN_INCORRECT and its kin, by the words of engine and provider. */
static void note_refusal(qw_key_t *key, const qw_problem_t *prob)
{
    key->was_refused = key->pin != NULL && prob->cause != NULL
                       && (strstr(prob->cause, "PIN ") != NULL
                           || strstr(prob->cause, "pin ") != NULL);
    if (key->was_refused)
        hash_pin(key->refused, key->pin);
}

static qw_problem_t *ask(qw_bytes_t *answer, qw_key_t *key,
                         const qw_bytes_t *request, apr_pool_t *pool)
{
    QW_TRY(qw_key_process_ask(&key->process, request, pool));
    return qw_key_process_hear(answer, &key->process, key->ring->wait, pool);
}

/* What a process that has just opened a responder's key says of it. */
static qw_problem_t *take_public(qw_key_t *key, const qw_bytes_t *answer,
                                 apr_pool_t *pool)
{
    EVP_PKEY *public_key;
    qw_bytes_t alg;

    if (!key->conf->for_ocsp || answer->len == 0)
        return NULL;
    key->spki.data = apr_pmemdup(key->pool, answer->data, answer->len);
    key->spki.len = answer->len;
    QW_TRY(qw_spki_key(&public_key, &key->spki, pool));
    (void)qw_sigalg_of_key(&alg, &key->digest, public_key);
    return NULL;
}

/* A file's key is opened here. Another's process is asked whether it has it, and
 * not waited for if its predecessor was waited for in vain. */
static qw_problem_t *open_with_pin(qw_key_t *key, int wait, apr_pool_t *pool)
{
    const qw_bytes_t none = { NULL, 0 };
    qw_bytes_t answer = { NULL, 0 };

    if (!key->driver->may_hang) {
        QW_TRY(serve(&answer, key, &none, pool));
        return take_public(key, &answer, pool);
    }
    QW_TRY(
        qw_key_process_start(&key->process, serve, key, key->ring->gate, pool));
    QW_TRY(qw_key_process_ask(&key->process, &none, pool));
    QW_TRY(qw_key_process_hear(&answer, &key->process,
                               wait ? key->ring->wait : 0, pool));
    return take_public(key, &answer, pool);
}

static qw_problem_t *load(qw_key_t *key, int wait, apr_pool_t *pool)
{
    qw_problem_t *prob;

    qw_key_process_end(&key->process);
    apr_pool_clear(key->pool);
    memset(&key->held, 0, sizeof(key->held));
    memset(&key->spki, 0, sizeof(key->spki));
    QW_TRY(qw_pin_read(&key->pin, key->conf, pool));
    prob = check_pin(key, pool);
    if (prob == NULL) {
        prob = open_with_pin(key, wait, pool);
        key->was_refused = 0;
        if (prob != NULL)
            note_refusal(key, prob);
    }
    key->pin = NULL;
    return prob;
}

qw_problem_t *qw_key_open(qw_key_t *key, apr_pool_t *pool)
{
    return load(key, 1, pool);
}

static int is_open(const qw_key_t *key)
{
    return key->driver->may_hang ? key->process.pid != 0
                                 : key->held.pkey != NULL;
}

int qw_key_is_ready(const qw_key_t *key)
{
    return is_open(key) && *key->why == '\0';
}

const char *qw_key_away(const qw_key_t *key)
{
    return *key->why != '\0' ? key->why : NULL;
}

qw_bytes_t qw_key_public(const qw_key_t *key)
{
    return key->spki;
}

static const char *kind_of(const qw_key_t *key)
{
    return key->conf->for_ocsp ? "OCSP " : "";
}

static void note_good(qw_key_t *key, apr_pool_t *pool)
{
    key->answered_at = qw_world()->now();
    key->pause = 0;
    if (*key->why != '\0')
        qw_log(QW_LOG_NOTICE, 0, pool, "QW0174: issuer %s: its %skey is back",
               key->issuer->id, kind_of(key));
    *key->why = '\0';
}

static qw_problem_t *away(const qw_key_t *key, apr_pool_t *pool)
{
    qw_problem_t *prob =
        QW_FAIL_BECAUSE(pool, UNAVAILABLE, apr_pstrdup(pool, key->why),
                        "the %s key is away; try again later",
                        key->conf->for_ocsp ? "OCSP" : "issuing");

    prob->retry_after = apr_time_from_sec(10);
    return prob;
}

static qw_problem_t *note_bad(qw_key_t *key, const qw_problem_t *prob,
                              apr_pool_t *pool)
{
    int was_away = *key->why != '\0';
    const char *cause = prob->cause != NULL ? prob->cause : "";

    qw_key_process_end(&key->process);
    key->pause = key->pause == 0 ? FRESH : 2 * key->pause;
    if (key->pause > PAUSE_MOST)
        key->pause = PAUSE_MOST;
    key->retry_at = qw_world()->now() + key->pause;
    key->hung = prob->rv == APR_TIMEUP;
    if (prob->code == QW_E_UNAVAILABLE)
        apr_cpystrn(key->why, cause, sizeof(key->why));
    else
        apr_snprintf(key->why, sizeof(key->why), "%s%s%s", prob->detail,
                     *cause != '\0' ? ": " : "", cause);
    if (!was_away)
        qw_log(QW_LOG_ERR, 0, pool, "QW0175: issuer %s: its %skey is away: %s",
               key->issuer->id, kind_of(key), key->why);
    return away(key, pool);
}

/* One that hung is opened again while nobody waits. */
static qw_problem_t *look_again(qw_key_t *key, apr_pool_t *pool)
{
    apr_time_t now = qw_world()->now();
    qw_problem_t *prob;
    qw_bytes_t answer;

    if (key->process.asked_at != 0) {
        prob = qw_key_process_hear(&answer, &key->process, 0, pool);
        if (prob == NULL)
            prob = take_public(key, &answer, pool);
    }
    else if (key->driver->may_hang && now < key->retry_at)
        return away(key, pool);
    else
        prob = load(key, !key->hung, pool);
    if (prob == NULL)
        note_good(key, pool);
    else if (prob->rv == APR_TIMEUP
             && now < key->process.asked_at + key->ring->wait)
        return away(key, pool);
    return prob != NULL ? note_bad(key, prob, pool) : NULL;
}

static qw_problem_t *touch(qw_key_t *key, apr_pool_t *pool)
{
    const qw_bytes_t none = { NULL, 0 };
    qw_bytes_t answer;
    qw_problem_t *prob;

    if (!key->driver->may_hang || qw_world()->now() < key->answered_at + FRESH)
        return NULL;
    prob = ask(&answer, key, &none, pool);
    if (prob == NULL || prob->rv == APR_TIMEUP)
        return prob;
    return load(key, 1, pool);
}

qw_problem_t *qw_key_health(qw_key_t *key, apr_pool_t *pool)
{
    qw_problem_t *prob;

    if (*key->why != '\0')
        return look_again(key, pool);
    prob = is_open(key) ? touch(key, pool) : load(key, 1, pool);
    if (prob != NULL)
        return note_bad(key, prob, pool);
    note_good(key, pool);
    return NULL;
}

void qw_digest_make(qw_digest_t *digest, const qw_issuer_t *issuer,
                    const qw_bytes_t *tbs)
{
    memset(digest, 0, sizeof(*digest));
    EVP_Digest(tbs->data, tbs->len, digest->digest, &digest->digest_len,
               EVP_get_digestbyname(issuer->digest), NULL);
    EVP_Digest(tbs->data, tbs->len, digest->tbs_hash, NULL, EVP_sha256(), NULL);
}

qw_problem_t *qw_key_sign(qw_bytes_t *signature, qw_key_t *key,
                          const qw_digest_t *digest, apr_pool_t *pool)
{
    const qw_bytes_t request = { (unsigned char *)digest, sizeof(*digest) };
    qw_problem_t *prob;

    if (!is_open(key) || *key->why != '\0')
        return away(key, pool);
    if (!key->driver->may_hang)
        return sign_with(signature, key, digest, pool);
    prob = ask(signature, key, &request, pool);
    if (prob != NULL)
        return note_bad(key, prob, pool);
    key->answered_at = qw_world()->now();
    return NULL;
}
