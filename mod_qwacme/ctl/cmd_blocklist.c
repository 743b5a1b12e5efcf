/* blocklist check | add | list: keys, by what the whole server knows of them */
#include "ctl/ctl.h"

#include "audit/audit.h"
#include "ca/known.h"
#include "gate/keys.h"
#include "store/db_key.h"
#include "store/db_ledger.h"

#include <apr_strings.h>

#include <stdio.h>
#include <string.h>

qw_problem_t *qwc_read_keys(apr_array_header_t **keys, const qwc_call_t *call,
                            const char *path)
{
    enum { MOST = 16777216 };
    unsigned char *data = apr_palloc(call->pool, MOST);
    FILE *file = fopen(path, "re");
    qw_bytes_t bytes = { data, 0 };

    if (file == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT, "%s: cannot be opened", path);
    bytes.len = fread(data, 1, MOST, file);
    fclose(file);
    return qw_keylist_keys(keys, &bytes, path, call->pool);
}

/* ---- check ------------------------------------------------------------------ */

typedef struct {
    qw_key_id_t id;
    int blocked;
} look_t;

static qw_problem_t *look(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;

    return qw_blocked_key_has(&l->blocked, db, l->id.spki_hash, pool);
}

/* *WHY KEY is refused everywhere, or NULL. */
static qw_problem_t *judge(const char **why, look_t *l, EVP_PKEY *key,
                           const qw_known_keys_t *known, const qwc_call_t *call)
{
    qw_problem_t *prob =
        qw_keycheck(key, QW_KEY_FOR_ACCOUNT, known, call->pool);

    *why = prob != NULL ? prob->detail : NULL;
    if (prob != NULL && prob->code != QW_E_BAD_PUBLIC_KEY)
        return prob;
    if (qw_key_id(&l->id, key, call->pool) != NULL)
        return NULL;
    QW_TRY(qw_store_read(call->store, look, l, call->pool));
    if (l->blocked)
        *why = "the key was blocked";
    return NULL;
}

static qw_problem_t *add_issuers(qw_known_keys_t *known,
                                 const qw_authority_t *a, apr_pool_t *pool)
{
    int i;

    for (i = 0; i < a->issuers->nelts; i++) {
        qw_issuer_t *issuer;

        QW_TRY(qw_issuer_read(
            &issuer, APR_ARRAY_IDX(a->issuers, i, qw_issuer_conf_t).chain_path,
            pool));
        qw_known_add(known, issuer);
    }
    return NULL;
}

static qw_problem_t *load_known(qw_known_keys_t **known, const qwc_call_t *call)
{
    const apr_array_header_t *authorities = call->conf->authorities;
    int i;

    QW_TRY(qw_known_load(known, call->conf, call->pool));
    for (i = 0; i < authorities->nelts; i++)
        QW_TRY(add_issuers(*known,
                           APR_ARRAY_IDX(authorities, i, qw_authority_t *),
                           call->pool));
    return NULL;
}

static qw_problem_t *check_all(const apr_array_header_t *keys, int *refused,
                               qwc_call_t *call)
{
    qw_known_keys_t *known;
    int i;

    QW_TRY(load_known(&known, call));
    for (i = 0; i < keys->nelts; i++) {
        json_t *object = qw_json_new_object(call->pool);
        look_t l = { { NULL, NULL }, 0 };
        const char *why;

        QW_TRY(
            judge(&why, &l, APR_ARRAY_IDX(keys, i, EVP_PKEY *), known, call));
        qw_put_text(object, "key", l.id.spki_hash);
        qw_put_text(object, "status", why != NULL ? "refused" : "fine");
        qw_put_text(object, "why", why != NULL ? why : "");
        json_array_append(call->result, object);
        *refused += why != NULL;
    }
    return NULL;
}

qw_problem_t *qwc_blocklist_check(qwc_call_t *call)
{
    apr_array_header_t *keys;
    int refused = 0;

    QW_TRY(qwc_read_keys(&keys, call, qwc_arg(call, 0)));
    call->result = qw_json_new_array(call->pool);
    QW_TRY(check_all(keys, &refused, call));
    if (refused == 0)
        return NULL;
    return QW_FAIL(call->pool, INVALID_INPUT, "%s: of %d keys, %d are refused",
                   qwc_arg(call, 0), keys->nelts, refused);
}

/* ---- add -------------------------------------------------------------------- */

static json_t *ids_of(const apr_array_header_t *certificates, apr_pool_t *pool)
{
    json_t *ids = qw_json_new_array(pool);
    int i;

    for (i = 0; i < certificates->nelts; i++) {
        const qw_certificate_t *c =
            APR_ARRAY_IDX(certificates, i, qw_certificate_t *);

        json_array_append_new(ids,
                              json_string(c->attempt_id != NULL ? c->id
                                                                : c->serial));
    }
    return ids;
}

static json_t *accounts_of(const apr_array_header_t *accounts, apr_pool_t *pool)
{
    json_t *ids = qw_json_new_array(pool);
    int i;

    for (i = 0; i < accounts->nelts; i++)
        json_array_append_new(
            ids, json_string(APR_ARRAY_IDX(accounts, i, qw_account_t *)->id));
    return ids;
}

static qw_problem_t *block(qwc_call_t *call, EVP_PKEY *key, const char *why)
{
    qw_blocking_t b = { { NULL, NULL }, why, NULL, NULL, 0 };
    apr_time_t now = qw_authority_now(call->authority);
    json_t *object = qw_json_new_object(call->pool);
    qw_audit_t who = { call->authority->name, now, call->registry.actor, "key",
                       NULL };

    QW_TRY(qw_key_id(&b.key, key, call->pool));
    QW_TRY(qw_gate_block_key(call->registry.db, &b, now, call->pool));
    who.subject_id = b.key.spki_hash;
    qw_put_text(object, "why", why);
    QW_TRY(qw_audit(call->registry.db, &who, "key.block", object, call->pool));
    qw_put_text(object, "key", b.key.spki_hash);
    json_object_set(object, "certificates", ids_of(b.certificates, call->pool));
    json_object_set(object, "accounts", accounts_of(b.accounts, call->pool));
    json_array_append(call->result, object);
    return NULL;
}

qw_problem_t *qwc_blocklist_add(qwc_call_t *call)
{
    const char *why = qwc_option(call, "reason");
    apr_array_header_t *keys;
    int i;

    if (why == NULL || *why == '\0')
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "reason: say how it became known, for the record");
    QW_TRY(qwc_read_keys(&keys, call, qwc_arg(call, 0)));
    call->result = qw_json_new_array(call->pool);
    for (i = 0; i < keys->nelts; i++)
        QW_TRY(block(call, APR_ARRAY_IDX(keys, i, EVP_PKEY *), why));
    return NULL;
}

/* ---- list -------------------------------------------------------------------- */

static json_t *blocked_json(const qw_blocked_key_t *key, apr_pool_t *pool)
{
    json_t *object = qw_json_new_object(pool);

    qw_put_text(object, "key", key->spki_hash);
    qw_put_text(object, "thumbprint", key->thumbprint);
    qw_put_text(object, "why", key->why);
    qw_put_time(object, "at", key->at, pool);
    return object;
}

typedef struct {
    apr_array_header_t *keys;
    int limit;
} listing_t;

static qw_problem_t *list_keys(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    listing_t *l = baton;

    return qw_blocked_key_list(&l->keys, db, APR_INT64_MAX, l->limit, pool);
}

qw_problem_t *qwc_blocklist_list(qwc_call_t *call)
{
    listing_t l = { NULL, 0 };
    int i;

    QW_TRY(qwc_number(&l.limit, call, "limit", 1, 1000000, 100));
    QW_TRY(qw_store_read(call->store, list_keys, &l, call->pool));
    call->result = qw_json_new_array(call->pool);
    for (i = 0; i < l.keys->nelts; i++)
        json_array_append(call->result,
                          blocked_json(APR_ARRAY_IDX(l.keys, i,
                                                     qw_blocked_key_t *),
                                       call->pool));
    return NULL;
}
