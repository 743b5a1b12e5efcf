#include "gate/keys.h"

#include "base/log.h"
#include "base/text.h"
#include "jose/jwk.h"
#include "store/db_account.h"
#include "store/db_key.h"
#include "store/db_ledger.h"
#include "x509/keylist.h"
#include "x509/spki.h"

#include <string.h>

enum { HASH_CHARS = 64 };

#define COMPROMISED "the key is known to be compromised; make a new one"

qw_problem_t *qw_key_id(qw_key_id_t *id, EVP_PKEY *key, apr_pool_t *pool)
{
    qw_bytes_t spki;

    QW_TRY(qw_jwk_thumbprint(&id->thumbprint, key, pool));
    if (!qw_spki_encode(&spki, key, pool))
        return QW_FAIL(pool, BAD_PUBLIC_KEY,
                       "the public key is of a kind that is not taken");
    id->spki_hash = qw_spki_hash(spki.data, spki.len, pool);
    return NULL;
}

int qw_key_is_hash(const char *text)
{
    return strlen(text) == HASH_CHARS
           && strspn(text, "0123456789abcdefABCDEF") == HASH_CHARS;
}

qw_problem_t *qw_key_read(qw_key_id_t *id, const qw_bytes_t *text,
                          const char *name, apr_pool_t *pool)
{
    apr_array_header_t *keys;

    QW_TRY(qw_keylist_keys(&keys, text, name, pool));
    if (keys->nelts != 1)
        return QW_FAIL(pool, INVALID_INPUT,
                       "%s: %d keys are in it; give one at a time", name,
                       keys->nelts);
    return qw_key_id(id, APR_ARRAY_IDX(keys, 0, EVP_PKEY *), pool);
}

qw_problem_t *qw_gate_account_key(qw_db_t *db, const qw_key_id_t *key,
                                  apr_pool_t *pool)
{
    int found;

    QW_TRY(qw_blocked_key_has(&found, db, key->spki_hash, pool));
    if (found)
        return QW_FAIL(pool, BAD_PUBLIC_KEY, COMPROMISED);
    QW_TRY(qw_certificate_key_used(&found, db, key->spki_hash, pool));
    if (found)
        return QW_FAIL(pool, BAD_PUBLIC_KEY,
                       "the key is in a certificate; make another one for the "
                       "account");
    return NULL;
}

qw_problem_t *qw_gate_unblocked(qw_db_t *db, const char *spki_hash,
                                apr_pool_t *pool)
{
    int found;

    QW_TRY(qw_blocked_key_has(&found, db, spki_hash, pool));
    return found ? QW_FAIL(pool, BAD_CSR, COMPROMISED) : NULL;
}

/* RFC8555-11.1: no account key; and none that is known to be lost. */
qw_problem_t *qw_gate_certificate_key(qw_db_t *db, const qw_key_id_t *key,
                                      const qw_account_t *account,
                                      apr_pool_t *pool)
{
    int found;

    QW_TRY(qw_gate_unblocked(db, key->spki_hash, pool));
    QW_TRY(qw_account_key_used(&found, db, key->thumbprint, pool));
    if (found)
        return QW_FAIL(pool, BAD_CSR,
                       "the key is the key of an ACME account; make another "
                       "one for the certificate");
    QW_TRY(qw_certificate_key_of_others(&found, db, key->spki_hash,
                                        account->authority,
                                        account->external_id, pool));
    if (found)
        return QW_FAIL(pool, BAD_CSR,
                       "the key is in a certificate of another subscriber; "
                       "make a new one");
    return NULL;
}

static void add_good(apr_array_header_t *good, const apr_array_header_t *all,
                     apr_time_t now)
{
    for (int i = 0; i < all->nelts; i++) {
        qw_certificate_t *c = APR_ARRAY_IDX(all, i, qw_certificate_t *);

        if (c->revoked_at == 0 && c->not_after > now)
            APR_ARRAY_PUSH(good, qw_certificate_t *) = c;
    }
}

/* BR-7.1.2.9: with what was promised and never became a certificate. */
static qw_problem_t *find_certificates(qw_db_t *db, qw_blocking_t *blocking,
                                       apr_time_t now, apr_pool_t *pool)
{
    const char *spki_hash = blocking->key.spki_hash;
    apr_array_header_t *issued, *promised;

    QW_TRY(qw_certificate_list_by_key(&issued, db, spki_hash, pool));
    QW_TRY(qw_precert_list_by_key(&promised, db, spki_hash, pool));
    blocking->certificates = apr_array_make(pool, 2, sizeof(void *));
    add_good(blocking->certificates, issued, now);
    add_good(blocking->certificates, promised, now);
    return NULL;
}

qw_problem_t *qw_gate_block_key(qw_db_t *db, qw_blocking_t *blocking,
                                apr_time_t now, apr_pool_t *pool)
{
    qw_blocked_key_t row = { blocking->key.spki_hash, blocking->key.thumbprint,
                             blocking->why, now };

    QW_TRY(qw_blocked_key_lock(db, row.spki_hash, pool));
    QW_TRY(qw_blocked_key_has(&blocking->is_new, db, row.spki_hash, pool));
    blocking->is_new = !blocking->is_new;
    QW_TRY(qw_blocked_key_insert(db, &row, pool));
    QW_TRY(find_certificates(db, blocking, now, pool));
    return qw_account_list_by_key(&blocking->accounts, db, row.thumbprint,
                                  pool);
}

static const char *certificates_of(const qw_blocking_t *b, apr_pool_t *pool)
{
    apr_array_header_t *words = apr_array_make(pool, 2, sizeof(char *));
    int i;

    for (i = 0; i < b->certificates->nelts; i++)
        APR_ARRAY_PUSH(words, const char *) =
            APR_ARRAY_IDX(b->certificates, i, qw_certificate_t *)->serial;
    return i > 0 ? qw_text_join(words, " ", pool) : "none";
}

static const char *accounts_of(const qw_blocking_t *b, apr_pool_t *pool)
{
    apr_array_header_t *words = apr_array_make(pool, 2, sizeof(char *));
    int i;

    for (i = 0; i < b->accounts->nelts; i++)
        APR_ARRAY_PUSH(words, const char *) =
            APR_ARRAY_IDX(b->accounts, i, qw_account_t *)->id;
    return i > 0 ? qw_text_join(words, " ", pool) : "none";
}

void qw_gate_alert(const qw_blocking_t *b, apr_pool_t *pool)
{
    if (!b->is_new && b->certificates->nelts == 0)
        return;
    qw_log(QW_LOG_ERR, 0, pool,
           "QW0320: key %s: blocked: %s; certificates that had it: %s; ACME "
           "accounts that have it: %s",
           b->key.spki_hash, b->why, certificates_of(b, pool),
           accounts_of(b, pool));
}
