#include "audit/dossier.h"

#include "audit/signed.h"
#include "base/b64.h"
#include "base/put.h"
#include "store/db_account.h"
#include "store/db_approval.h"
#include "store/db_external.h"
#include "store/db_ledger.h"
#include "store/db_order.h"

#include <apr_hash.h>
#include <apr_strings.h>

#include <stdlib.h>
#include <string.h>

enum { APPROVALS_MOST = 1000000 };

typedef struct {
    qw_db_t *db;
    const qw_dossier_about_t *about;
    const char *authority;
    json_t *root;
    qw_order_t *order;
    qw_account_t *account;
    apr_array_header_t *names;    /* const char *: of the certificate */
    apr_array_header_t *subjects; /* const char *: whose events belong here */
    apr_array_header_t *entries;  /* qw_seal_entry_t * */
    const char *precert_id;       /* NULL: there was none */
    apr_pool_t *pool;
} maker_t;

static void add_subject(maker_t *m, const char *id)
{
    APR_ARRAY_PUSH(m->subjects, const char *) = id;
}

/* ---- certificate and order ---- */

static void put_certificate(maker_t *m)
{
    const qw_certificate_t *c = m->about->certificate;
    json_t *o = json_object();

    json_object_set_new(m->root, "certificate", o);
    qw_put_text(o, "id", c->id);
    qw_put_text(o, "serial", c->serial);
    qw_put_text(o, "issuer", c->issuer);
    qw_put_text(o, "fingerprint", c->fingerprint);
    qw_put_json(o, "names", c->names);
    qw_put_text(o, "profile", c->profile);
    qw_put_int(o, "identityVersion", c->identity_version);
    qw_put_time(o, "notBefore", c->not_before, m->pool);
    qw_put_time(o, "notAfter", c->not_after, m->pool);
    qw_put_time(o, "created", c->created, m->pool);
    qw_put_text(o, "pem", c->pem);
    qw_put_text(o, "chain", m->about->chain_pem);
    add_subject(m, c->id);
}

static qw_problem_t *put_order(maker_t *m)
{
    const qw_order_t *r;
    json_t *o = json_object();

    json_object_set_new(m->root, "order", o);
    QW_TRY(qw_order_get(&m->order, m->db, m->authority, NULL,
                        m->about->certificate->order_id, m->pool));
    r = m->order;
    qw_put_text(o, "id", r->id);
    qw_put_text(o, "status", qw_state_word(r->status));
    qw_put_time(o, "created", r->created, m->pool);
    qw_put_time(o, "expires", r->expires, m->pool);
    qw_put_json(o, "names", r->names);
    qw_put_text(o, "profile", r->profile);
    qw_put_text(o, "profileHash", r->profile_hash);
    qw_put_text(o, "replaces", r->replaces);
    qw_put_text(o, "csr", r->csr);
    add_subject(m, r->id);
    return NULL;
}

static json_t *challenge_json(maker_t *m, const qw_challenge_t *c)
{
    json_t *o = json_object();

    qw_put_text(o, "id", c->id);
    qw_put_text(o, "type", c->type);
    qw_put_text(o, "token", c->token);
    qw_put_text(o, "status", qw_state_word(c->status));
    qw_put_time(o, "validatedAt", c->validated_at, m->pool);
    qw_put_json(o, "evidence", c->evidence);
    qw_put_json(o, "error", c->error);
    add_subject(m, c->id);
    return o;
}

static qw_problem_t *put_authz(json_t *list, maker_t *m, const qw_authz_t *z)
{
    json_t *o = json_object(), *challenges = json_array();
    apr_array_header_t *all;

    json_array_append_new(list, o);
    json_object_set_new(o, "challenges", challenges);
    qw_put_text(o, "id", z->id);
    qw_put_text(o, "name", qw_authz_identifier(z, m->pool));
    qw_put_text(o, "status", qw_state_word(z->status));
    qw_put_text(o, "method", z->method);
    qw_put_time(o, "created", z->created, m->pool);
    qw_put_time(o, "expires", z->expires, m->pool);
    qw_put_time(o, "validatedAt", z->validated_at, m->pool);
    qw_put_time(o, "caaAt", z->caa_at, m->pool);
    add_subject(m, z->id);
    QW_TRY(qw_challenge_list(&all, m->db, z->id, m->pool));
    for (int i = 0; i < all->nelts; i++)
        json_array_append_new(
            challenges,
            challenge_json(m, APR_ARRAY_IDX(all, i, qw_challenge_t *)));
    return NULL;
}

static qw_problem_t *put_authzs(maker_t *m)
{
    json_t *list = json_array();
    apr_array_header_t *authzs;

    json_object_set_new(m->root, "authorizations", list);
    QW_TRY(qw_authz_of_order(&authzs, m->db, m->order->id, m->pool));
    for (int i = 0; i < authzs->nelts; i++)
        QW_TRY(put_authz(list, m, APR_ARRAY_IDX(authzs, i, qw_authz_t *)));
    return NULL;
}

/* ---- the subscriber ---- */

static qw_problem_t *put_account(maker_t *m)
{
    const qw_account_t *a;
    json_t *o = json_object();

    json_object_set_new(m->root, "acmeAccount", o);
    QW_TRY(qw_account_get(&m->account, m->db, m->authority,
                          m->about->certificate->account_id, m->pool));
    a = m->account;
    qw_put_text(o, "id", a->id);
    qw_put_text(o, "status", qw_state_word(a->status));
    qw_put_text(o, "keyId", a->binding_id);
    qw_put_text(o, "thumbprint", a->thumbprint);
    qw_put_json(o, "jwk", a->jwk);
    qw_put_json(o, "contacts", a->contacts);
    qw_put_text(o, "termsVersion", a->terms_version);
    qw_put_time(o, "termsAt", a->terms_at, m->pool);
    qw_put_time(o, "created", a->created, m->pool);
    add_subject(m, a->id);
    return NULL;
}

static qw_problem_t *put_binding(maker_t *m)
{
    json_t *o = json_object();
    qw_binding_t *b;

    json_object_set_new(m->root, "bindingKey", o);
    QW_TRY(qw_binding_get(&b, m->db, m->authority, m->account->binding_id,
                          m->pool));
    qw_put_text(o, "keyId", b->id);
    qw_put_text(o, "algorithms", b->algs);
    qw_put_text(o, "status", qw_state_word(b->status));
    qw_put_int(o, "uses", b->uses);
    qw_put_int(o, "maxUses", b->max_uses);
    qw_put_time(o, "expires", b->expires, m->pool);
    qw_put_time(o, "created", b->created, m->pool);
    qw_put_text(o, "createdBy", b->created_by);
    qw_put_text(o, "thumbprint", b->thumbprint);
    add_subject(m, b->id);
    return NULL;
}

static qw_problem_t *put_external(maker_t *m)
{
    json_t *o = json_object();
    qw_external_t *e;

    json_object_set_new(m->root, "externalAccount", o);
    QW_TRY(qw_external_get(&e, m->db, m->authority,
                           m->about->certificate->external_id, m->pool));
    qw_put_text(o, "id", e->id);
    qw_put_text(o, "name", e->name);
    qw_put_text(o, "status", qw_state_word(e->status));
    qw_put_time(o, "created", e->created, m->pool);
    qw_put_time(o, "expires", e->expires, m->pool);
    qw_put_text(o, "termsVersion", e->terms_version);
    qw_put_time(o, "termsAt", e->terms_at, m->pool);
    add_subject(m, e->id);
    return NULL;
}

/* As it was when the certificate was issued. */
static qw_problem_t *put_identity(maker_t *m)
{
    const qw_certificate_t *c = m->about->certificate;
    json_t *o = json_object();
    qw_identity_version_t *v;

    json_object_set_new(m->root, "identity", o);
    QW_TRY(qw_identity_version_get(&v, m->db, c->external_id,
                                   c->identity_version, m->pool));
    qw_put_int(o, "version", v->version);
    qw_put_json(o, "attributes", v->identity);
    qw_put_time(o, "verifiedAt", v->verified_at, m->pool);
    qw_put_text(o, "verifiedBy", v->verified_by);
    qw_put_text(o, "verifiedMethod", v->verified_method);
    qw_put_text(o, "profiles", v->profiles);
    return NULL;
}

/* ---- the domain list ---- */

static int covers(const qw_domain_t *d, const char *name)
{
    int is_wild = strncmp(name, "*.", 2) == 0;
    const char *plain = is_wild ? name + 2 : name;
    apr_size_t n = strlen(plain), k = strlen(d->name);

    if (is_wild && !d->wildcard)
        return 0;
    if (strcmp(plain, d->name) == 0)
        return 1;
    return d->subtree && n > k && plain[n - k - 1] == '.'
           && strcmp(plain + n - k, d->name) == 0;
}

static int was_in_force(const qw_domain_t *d, apr_time_t at)
{
    return d->confirmed_at <= at
           && (d->removed_by == NULL || d->removed_at > at);
}

static json_t *covered(const maker_t *m, const qw_domain_t *d)
{
    json_t *list = json_array();

    for (int i = 0; i < m->names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(m->names, i, const char *);

        if (covers(d, name))
            json_array_append_new(list, json_string(name));
    }
    return list;
}

static void put_domain(json_t *list, maker_t *m, const qw_domain_t *d)
{
    json_t *o = json_object();

    json_array_append_new(list, o);
    qw_put_text(o, "id", d->id);
    qw_put_text(o, "name", d->name);
    qw_put_flag(o, "subtree", d->subtree);
    qw_put_flag(o, "wildcard", d->wildcard);
    qw_put_text(o, "confirmedBy", d->confirmed_by);
    qw_put_time(o, "confirmedAt", d->confirmed_at, m->pool);
    qw_put_text(o, "reviewedBy", d->reviewed_by);
    qw_put_text(o, "removedBy", d->removed_by);
    qw_put_time(o, "removedAt", d->removed_at, m->pool);
    json_object_set_new(o, "covers", covered(m, d));
    add_subject(m, apr_pstrcat(m->pool, m->about->certificate->external_id, "/",
                               d->name, NULL));
}

static qw_problem_t *put_domains(maker_t *m)
{
    const qw_certificate_t *c = m->about->certificate;
    json_t *list = json_array();
    apr_array_header_t *all;

    json_object_set_new(m->root, "domains", list);
    QW_TRY(qw_domain_list(&all, m->db, c->external_id, 1, m->pool));
    for (int i = 0; i < all->nelts; i++) {
        const qw_domain_t *d = APR_ARRAY_IDX(all, i, qw_domain_t *);

        if (was_in_force(d, c->created)
            && json_array_size(qw_own_json_t(m->pool, covered(m, d))) > 0)
            put_domain(list, m, d);
    }
    return NULL;
}

/* ---- the ledger ---- */

static void put_attempt(json_t *list, maker_t *m, const qw_attempt_t *t)
{
    json_t *o = json_object();

    json_array_append_new(list, o);
    qw_put_text(o, "id", t->id);
    qw_put_text(o, "kind", t->kind);
    qw_put_text(o, "status", qw_state_word(t->status));
    qw_put_text(o, "issuer", t->issuer);
    qw_put_text(o, "serial", t->serial);
    qw_put_text(o, "tbs", t->tbs);
    qw_put_text(o, "tbsHash", t->tbs_hash);
    qw_put_text(o, "profileHash", t->profile_hash);
    qw_put_int(o, "identityVersion", t->identity_version);
    qw_put_text(o, "node", t->node);
    qw_put_time(o, "created", t->created, m->pool);
    qw_put_time(o, "signedAt", t->signed_at, m->pool);
    qw_put_text(o, "der", t->der);
    add_subject(m, t->id);
    if (strcmp(t->kind, QW_KIND_PRECERT) == 0
        && strcmp(t->serial, m->about->certificate->serial) == 0)
        m->precert_id = t->id;
}

static qw_problem_t *put_attempts(maker_t *m)
{
    json_t *list = json_array();
    apr_array_header_t *all;

    json_object_set_new(m->root, "attempts", list);
    QW_TRY(qw_attempt_of_order(&all, m->db, m->order->id, m->pool));
    for (int i = 0; i < all->nelts; i++)
        put_attempt(list, m, APR_ARRAY_IDX(all, i, qw_attempt_t *));
    return NULL;
}

static const qw_ct_log_t *find_log(const maker_t *m, const char *id)
{
    const apr_array_header_t *logs = m->about->authority->ct_logs;

    for (int i = 0; i < logs->nelts; i++)
        if (strcmp(APR_ARRAY_IDX(logs, i, qw_ct_log_t).id, id) == 0)
            return &APR_ARRAY_IDX(logs, i, qw_ct_log_t);
    return NULL;
}

static void put_sct(json_t *list, const maker_t *m, const qw_sct_t *s)
{
    const qw_ct_log_t *log = find_log(m, s->log_id);
    json_t *o = json_object();

    json_array_append_new(list, o);
    qw_put_text(o, "logId", s->log_id);
    qw_put_text(o, "sct", s->sct);
    qw_put_time(o, "at", s->at, m->pool);
    if (log == NULL)
        return;
    qw_put_text(o, "operator", log->operator_name);
    qw_put_text(o, "log", log->description);
    qw_put_text(o, "key",
                qw_b64url_encode(log->key.data, log->key.len, m->pool));
}

static qw_problem_t *put_scts(maker_t *m)
{
    json_t *list = json_array();
    apr_array_header_t *scts;

    json_object_set_new(m->root, "scts", list);
    if (m->precert_id == NULL)
        return NULL;
    QW_TRY(qw_sct_list(&scts, m->db, m->precert_id, m->pool));
    for (int i = 0; i < scts->nelts; i++)
        put_sct(list, m, APR_ARRAY_IDX(scts, i, qw_sct_t *));
    return NULL;
}

static qw_problem_t *put_revocation(maker_t *m)
{
    const qw_certificate_t *c = m->about->certificate;
    qw_revocation_t *r;
    json_t *o;

    QW_TRY(qw_revocation_get(&r, m->db, c->issuer, c->serial, m->pool));
    if (r == NULL)
        return NULL;
    o = json_object();
    json_object_set_new(m->root, "revocation", o);
    qw_put_int(o, "reason", r->reason);
    qw_put_time(o, "requestedAt", r->requested_at, m->pool);
    qw_put_time(o, "revokedAt", r->revoked_at, m->pool);
    qw_put_text(o, "actor", r->actor);
    return NULL;
}

/* ---- four eyes ---- */

static int is_subject(const maker_t *m, const char *id)
{
    for (int i = 0; i < m->subjects->nelts; i++)
        if (strcmp(APR_ARRAY_IDX(m->subjects, i, const char *), id) == 0)
            return 1;
    return 0;
}

static void put_approval(json_t *list, maker_t *m, const qw_approval_t *a)
{
    json_t *o = json_object();

    json_array_append_new(list, o);
    qw_put_text(o, "id", a->id);
    qw_put_text(o, "action", a->action);
    qw_put_text(o, "kind", a->subject_kind);
    qw_put_text(o, "subject", a->subject_id);
    qw_put_json(o, "request", a->request);
    qw_put_text(o, "reason", a->reason);
    qw_put_text(o, "status", qw_state_word(a->status));
    qw_put_text(o, "requestedBy", a->requested_by);
    qw_put_time(o, "requestedAt", a->requested_at, m->pool);
    qw_put_text(o, "decidedBy", a->decided_by);
    qw_put_time(o, "decidedAt", a->decided_at, m->pool);
    add_subject(m, a->id);
}

/* Of a new account there was no id when it was asked for. */
static int is_of_new(const maker_t *m, const qw_approval_t *a)
{
    const json_t *e = json_object_get(m->root, "externalAccount");

    return strcmp(a->subject_kind, QW_SUBJECT_NEW) == 0
           && strcmp(a->subject_id,
                     json_string_value(json_object_get(e, "name")))
                  == 0;
}

/* Of everything that has been put before. */
static qw_problem_t *put_approvals(maker_t *m)
{
    json_t *list = json_array();
    apr_array_header_t *all;

    json_object_set_new(m->root, "approvals", list);
    QW_TRY(
        qw_approval_list(&all, m->db, m->authority, APPROVALS_MOST, m->pool));
    for (int i = 0; i < all->nelts; i++) {
        const qw_approval_t *a = APR_ARRAY_IDX(all, i, qw_approval_t *);

        if (is_subject(m, a->subject_id) || is_of_new(m, a))
            put_approval(list, m, a);
    }
    return NULL;
}

/* ---- events ---- */

static int by_place(const void *a, const void *b)
{
    const qw_seal_entry_t *x = *(qw_seal_entry_t *const *)a;
    const qw_seal_entry_t *y = *(qw_seal_entry_t *const *)b;

    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static qw_problem_t *collect_events(maker_t *m)
{
    for (int i = 0; i < m->subjects->nelts; i++) {
        apr_array_header_t *some;

        QW_TRY(qw_seal_of_subject(&some, m->db, m->authority,
                                  APR_ARRAY_IDX(m->subjects, i, const char *),
                                  m->pool));
        for (int k = 0; k < some->nelts; k++)
            if (APR_ARRAY_IDX(some, k, qw_seal_entry_t *)->seq > 0)
                APR_ARRAY_PUSH(m->entries, qw_seal_entry_t *) =
                    APR_ARRAY_IDX(some, k, qw_seal_entry_t *);
    }
    qsort(m->entries->elts, (size_t)m->entries->nelts,
          sizeof(qw_seal_entry_t *), by_place);
    return NULL;
}

/* The gate decides in the transaction that this event is of: without its permit
 * there is neither. */
static void put_gate(json_t *list, maker_t *m, const qw_event_t *e)
{
    json_t *o, *detail;

    if (strcmp(e->event, "certificate.sign") != 0)
        return;
    o = json_object();
    json_array_append_new(list, o);
    qw_put_text(o, "decision", "may sign");
    qw_put_text(o, "event", e->id);
    qw_put_time(o, "at", e->at, m->pool);
    detail = qw_own_json_t(m->pool, json_loads(e->detail, 0, NULL));
    json_object_set(o, "attempt", json_object_get(detail, "attempt"));
    json_object_set(o, "kind", json_object_get(detail, "kind"));
    json_object_set(o, "tbs", json_object_get(detail, "tbs"));
    if (json_object_get(detail, "lint") != NULL)
        json_object_set(o, "lint", json_object_get(detail, "lint"));
}

static qw_problem_t *put_events(maker_t *m)
{
    json_t *gate = json_array(), *stretches;

    json_object_set_new(m->root, "gate", gate);
    QW_TRY(collect_events(m));
    for (int i = 0; i < m->entries->nelts; i++)
        put_gate(gate, m,
                 APR_ARRAY_IDX(m->entries, i, qw_seal_entry_t *)->event);
    QW_TRY(qw_dossier_stretches(&stretches, m->db, m->entries, m->pool));
    json_object_set(m->root, "chain", stretches);
    return NULL;
}

/* ---- all of it ---- */

static void put_frame(maker_t *m)
{
    const qw_authority_t *a = m->about->authority;
    json_t *o = json_object();

    qw_put_text(m->root, "format", "qwacme-dossier-1");
    qw_put_time(m->root, "made", m->about->now, m->pool);
    json_object_set_new(m->root, "authority", o);
    qw_put_text(o, "name", a->name);
    qw_put_text(o, "kind", a->kind == QW_KIND_TEST ? "test" : "production");
    qw_put_text(o, "url", a->base_url);
    qw_put_text(o, "portalUrl", a->portal_url);
}

static void read_names(maker_t *m)
{
    json_t *names =
               qw_own_json_t(m->pool,
                             json_loads(m->about->certificate->names, 0, NULL)),
           *name;
    apr_size_t i;

    json_array_foreach(names, i, name) if (json_is_string(name))
        APR_ARRAY_PUSH(m->names, const char *) = json_string_value(name);
}

qw_problem_t *qw_dossier_make(json_t **dossier, qw_db_t *db,
                              const qw_dossier_about_t *about, apr_pool_t *pool)
{
    maker_t m = { .db = db, .about = about, .pool = pool };

    m.authority = about->authority->name;
    m.root = qw_json_new_object(pool);
    m.names = apr_array_make(pool, 4, sizeof(const char *));
    m.subjects = apr_array_make(pool, 16, sizeof(const char *));
    m.entries = apr_array_make(pool, 32, sizeof(qw_seal_entry_t *));
    put_frame(&m);
    read_names(&m);
    put_certificate(&m);
    QW_TRY(put_order(&m));
    QW_TRY(put_authzs(&m));
    QW_TRY(put_account(&m));
    QW_TRY(put_binding(&m));
    QW_TRY(put_external(&m));
    QW_TRY(put_identity(&m));
    QW_TRY(put_domains(&m));
    QW_TRY(put_attempts(&m));
    QW_TRY(put_scts(&m));
    QW_TRY(put_revocation(&m));
    QW_TRY(put_approvals(&m));
    QW_TRY(qw_signed_put(m.root, m.entries, db, pool));
    QW_TRY(put_events(&m));
    *dossier = m.root;
    return NULL;
}

qw_problem_t *qw_dossier_sign(json_t **signed_dossier, json_t *dossier,
                              const qw_cms_signer_t *signer, apr_pool_t *pool)
{
    qw_bytes_t text = qw_chain_bytes(dossier, pool), signature;
    json_t *root = qw_json_new_object(pool);

    QW_TRY(qw_cms_sign(&signature, signer, &text, 0, pool));
    json_object_set(root, "dossier", dossier);
    qw_put_text(root, "signature",
                qw_b64url_encode(signature.data, signature.len, pool));
    *signed_dossier = root;
    return NULL;
}
