/* A dossier, with nothing but itself and who is trusted. */
#include "audit/dossier.h"
#include "audit/signed.h"
#include "audit/walk.h"

#include "base/b64.h"
#include "base/json.h"
#include "base/text.h"
#include "x509/cert.h"
#include "x509/evidence.h"
#include "x509/pem.h"
#include "x509/timestamp.h"

#include <apr_strings.h>

#include <string.h>

typedef struct {
    const json_t *dossier;
    const apr_array_header_t *trusted;
    const char *timestamp_roots;
    qw_assertion_check_fn check;
    apr_array_header_t *checked, *findings;
    qw_bytes_t der, issuer; /* the certificate and its issuer's */
    qw_cert_facts_t *facts;
    apr_pool_t *pool;
} reader_t;

#define UNTRUE(v, ...) QW_FAIL((v)->pool, UNAUTHORIZED, __VA_ARGS__)

static int is_same(const json_t *object, const char *name, const char *value)
{
    return value != NULL && strcmp(qw_json_word(object, name), value) == 0;
}

static qw_problem_t *bytes_of(qw_bytes_t *bytes, const reader_t *v,
                              const json_t *object, const char *name)
{
    if (json_object_get(object, name) == NULL
        || !qw_b64url_decode(bytes, qw_json_word(object, name), v->pool))
        return UNTRUE(v, "%s is missing or damaged", name);
    return NULL;
}

/* ---- the certificate ---- */

static qw_problem_t *check_certificate(reader_t *v)
{
    const json_t *c = json_object_get(v->dossier, "certificate");
    qw_cert_facts_t *issuer;

    QW_TRY(qw_pem_certificate(&v->der, qw_json_word(c, "pem"), "pem", v->pool));
    QW_TRY(qw_pem_certificate(&v->issuer, qw_json_word(c, "chain"), "chain",
                              v->pool));
    QW_TRY(qw_cert_parse(&v->facts, &v->der, v->pool));
    QW_TRY(qw_cert_parse(&issuer, &v->issuer, v->pool));
    if (!is_same(c, "serial", v->facts->serial)
        || !is_same(c, "fingerprint", v->facts->fingerprint))
        return UNTRUE(v, "it is another certificate than the dossier says");
    if (!is_same(c, "issuer", issuer->spki_hash))
        return UNTRUE(v, "its chain starts with another issuer");
    return NULL;
}

/* The issued attempt of KIND with the certificate's serial. */
static const json_t *find_attempt(const reader_t *v, const char *kind)
{
    const json_t *list = json_object_get(v->dossier, "attempts"), *t;
    const char *serial = v->facts != NULL ? v->facts->serial : NULL;
    apr_size_t i;

    json_array_foreach(list, i, t)
    {
        if (is_same(t, "kind", kind) && is_same(t, "serial", serial)
            && is_same(t, "status", "issued"))
            return t;
    }
    return NULL;
}

static qw_problem_t *check_attempt(qw_bytes_t *tbs, const reader_t *v,
                                   const json_t *t)
{
    qw_bytes_t der;

    QW_TRY(bytes_of(&der, v, t, "der"));
    QW_TRY(bytes_of(tbs, v, t, "tbs"));
    if (!is_same(t, "tbsHash", qw_hex_sha256(tbs->data, tbs->len, v->pool)))
        return UNTRUE(v, "its hash is that of other bytes");
    return qw_evidence_certificate(&der, tbs, &v->issuer, v->pool);
}

/* Octet by octet what was written down before it was signed. */
static qw_problem_t *check_ledger(reader_t *v)
{
    const json_t *t = find_attempt(v, QW_KIND_CERT);
    qw_bytes_t tbs, der;

    if (t == NULL)
        return UNTRUE(v, "no issued attempt of the certificate is in it");
    QW_TRY(check_attempt(&tbs, v, t));
    QW_TRY(bytes_of(&der, v, t, "der"));
    if (strcmp(qw_hex_sha256(der.data, der.len, v->pool), v->facts->fingerprint)
        != 0)
        return UNTRUE(v, "the attempt is of another certificate");
    return NULL;
}

static qw_problem_t *check_request(reader_t *v)
{
    qw_bytes_t csr;

    QW_TRY(bytes_of(&csr, v, json_object_get(v->dossier, "order"), "csr"));
    return qw_evidence_request(&csr, &v->der, v->pool);
}

/* ---- SCTs ---- */

/* One that is embedded, among those of the dossier. */
static qw_problem_t *check_sct(const reader_t *v, const qw_bytes_t *sct,
                               const qw_sct_entry_t *entry)
{
    const json_t *list = json_object_get(v->dossier, "scts"), *s;
    const char *text = qw_b64url_encode(sct->data, sct->len, v->pool);
    qw_bytes_t key;
    apr_size_t i;

    json_array_foreach(list, i, s)
    {
        if (!is_same(s, "sct", text))
            continue;
        QW_TRY(bytes_of(&key, v, s, "key"));
        if (!is_same(s, "logId", qw_hex_sha256(key.data, key.len, v->pool)))
            return UNTRUE(v, "the key of a log is not that of its id");
        return qw_sct_verify(sct, qw_json_word(s, "logId"), &key, entry,
                             v->pool);
    }
    return UNTRUE(v, "one is in the certificate and not in the dossier");
}

static qw_problem_t *check_scts(reader_t *v)
{
    const json_t *t = find_attempt(v, QW_KIND_PRECERT);
    const json_t *c = json_object_get(v->dossier, "certificate");
    qw_sct_entry_t entry = { { NULL, 0 }, qw_json_word(c, "issuer") };
    qw_bytes_t made, tbs;
    apr_array_header_t *scts;

    QW_TRY(qw_evidence_scts(&scts, &v->der, v->pool));
    if (t == NULL)
        return scts->nelts > 0 ? UNTRUE(v, "its precertificate is missing")
                               : NULL;
    QW_TRY(check_attempt(&entry.tbs, v, t));
    for (int i = 0; i < scts->nelts; i++)
        QW_TRY(check_sct(v, &APR_ARRAY_IDX(scts, i, qw_bytes_t), &entry));
    QW_TRY(qw_sct_embed(&made, &entry.tbs, scts, v->pool));
    QW_TRY(bytes_of(&tbs, v, find_attempt(v, QW_KIND_CERT), "tbs"));
    if (made.len != tbs.len || memcmp(made.data, tbs.data, tbs.len) != 0)
        return UNTRUE(v, "the certificate says something else than its "
                         "precertificate");
    return NULL;
}

/* ---- who and which names ---- */

static int is_covered(const json_t *domains, const char *name)
{
    const json_t *d, *covered;
    apr_size_t i, k;

    json_array_foreach(domains, i, d)
    {
        json_array_foreach(json_object_get(d, "covers"), k, covered)
        {
            if (strcmp(json_string_value(covered), name) == 0)
                return 1;
        }
    }
    return 0;
}

static int is_proven(const json_t *authzs, const char *name)
{
    const json_t *z, *c;
    apr_size_t i, k;

    json_array_foreach(authzs, i, z)
    {
        if (!is_same(z, "name", name))
            continue;
        json_array_foreach(json_object_get(z, "challenges"), k, c)
        {
            if (is_same(c, "status", "valid")
                && json_is_object(json_object_get(c, "evidence")))
                return 1;
        }
    }
    return 0;
}

static qw_problem_t *check_names(reader_t *v)
{
    const json_t *c = json_object_get(v->dossier, "certificate"), *name;
    apr_size_t i;

    json_array_foreach(json_object_get(c, "names"), i, name)
    {
        const char *text = json_string_value(name);

        if (!is_covered(json_object_get(v->dossier, "domains"), text))
            return UNTRUE(v, "%s was on no domain list",
                          qw_text_safe(text, 253, v->pool));
        if (!is_proven(json_object_get(v->dossier, "authorizations"), text))
            return UNTRUE(v, "there is no evidence of control of %s",
                          qw_text_safe(text, 253, v->pool));
    }
    return NULL;
}

static qw_problem_t *check_identity(reader_t *v)
{
    const json_t *c = json_object_get(v->dossier, "certificate");
    const json_t *i = json_object_get(v->dossier, "identity");

    if (json_integer_value(json_object_get(c, "identityVersion"))
            != json_integer_value(json_object_get(i, "version"))
        || !json_is_object(json_object_get(i, "attributes"))
        || *qw_json_word(i, "verifiedBy") == '\0')
        return UNTRUE(v, "it is not the version of the certificate");
    return NULL;
}

/* ---- the chain ---- */

/* The records of STRETCH lead from what is before it to its checkpoint. */
static qw_problem_t *check_records(const reader_t *v, const json_t *stretch,
                                   const qw_checkpoint_t *c)
{
    const char *hash = qw_json_word(stretch, "before");
    apr_int64_t seq = 0;
    const json_t *record;
    apr_size_t i;

    json_array_foreach(json_object_get(stretch, "records"), i, record)
    {
        const json_t *event = json_object_get(record, "event");
        const char *digest = event != NULL ? qw_chain_digest(event, v->pool)
                                           : qw_json_word(record, "digest");
        apr_int64_t own = json_integer_value(json_object_get(record, "seq"));

        if (i > 0 && own != seq + 1)
            return UNTRUE(v, "record %" APR_INT64_T_FMT " is missing", seq + 1);
        seq = own;
        hash = qw_chain_link(hash, seq, digest, v->pool);
    }
    if (seq != c->seq || strcmp(hash, c->hash) != 0)
        return UNTRUE(v,
                      "the records do not lead to checkpoint %" APR_INT64_T_FMT,
                      c->seq);
    return NULL;
}

static qw_problem_t *check_timestamp(const reader_t *v,
                                     const qw_checkpoint_t *c)
{
    qw_bytes_t signature, token;
    apr_time_t at;

    if (c->timestamp == NULL)
        return NULL;
    if (!qw_b64url_decode(&signature, c->signature, v->pool)
        || !qw_b64url_decode(&token, c->timestamp, v->pool))
        return UNTRUE(v, "a timestamp is damaged");
    return qw_timestamp_verify(&at, &token, &signature, v->timestamp_roots,
                               v->pool);
}

static qw_problem_t *check_chain(reader_t *v)
{
    const json_t *stretch, *list = json_object_get(v->dossier, "chain");
    apr_size_t i;

    if (json_array_size(list) == 0)
        return UNTRUE(v, "no event is in it");
    json_array_foreach(list, i, stretch)
    {
        json_t *plain = qw_json_new_object(v->pool);
        qw_checkpoint_t *c;

        json_object_update(plain, (json_t *)stretch);
        json_object_del(plain, "before");
        json_object_del(plain, "records");
        QW_TRY(qw_checkpoint_of(&c, plain, v->pool));
        QW_TRY(qw_checkpoint_verify(c, v->trusted, v->pool));
        QW_TRY(check_records(v, stretch, c));
        QW_TRY(check_timestamp(v, c));
    }
    return NULL;
}

/* ---- the gate ---- */

static const json_t *find_event(const reader_t *v, const char *id)
{
    const json_t *stretch, *record;
    apr_size_t i, k;

    json_array_foreach(json_object_get(v->dossier, "chain"), i, stretch)
    {
        json_array_foreach(json_object_get(stretch, "records"), k, record)
        {
            const json_t *event = json_object_get(record, "event");

            if (event != NULL && is_same(event, "id", id))
                return event;
        }
    }
    return NULL;
}

/* What the gate let through, by a sealed event, is what was signed. */
static qw_problem_t *check_gate(reader_t *v)
{
    const json_t *t = find_attempt(v, QW_KIND_CERT), *g, *event;
    json_t *detail;
    apr_size_t i;

    json_array_foreach(json_object_get(v->dossier, "gate"), i, g)
    {
        if (!is_same(g, "attempt", qw_json_word(t, "id")))
            continue;
        event = find_event(v, qw_json_word(g, "event"));
        detail =
            qw_own_json_t(v->pool,
                          json_loads(qw_json_word(event, "detail"), 0, NULL));
        if (!is_same(event, "event", "certificate.sign")
            || !is_same(detail, "tbs", qw_json_word(t, "tbsHash")))
            return UNTRUE(v, "the event of its decision is missing or about "
                             "something else");
        return NULL;
    }
    return UNTRUE(v, "there is no decision for the certificate");
}

/* ---- people ---- */

static qw_problem_t *check_passkeys(reader_t *v)
{
    return qw_signed_check_passkeys(v->dossier, v->pool);
}

static qw_problem_t *check_signatures(reader_t *v)
{
    return qw_signed_check_signatures(v->dossier, v->check, v->pool);
}

static qw_problem_t *check_actions(reader_t *v)
{
    return qw_signed_check_wants(v->dossier, v->pool);
}

/* ---- all of it ---- */

static const struct {
    const char *what;
    qw_problem_t *(*check)(reader_t *v);
} checks[] = {
    { "certificate", check_certificate },
    { "ledger: the certificate is over the bytes that were written down",
      check_ledger },
    { "request: signed by the certificate's key", check_request },
    { "SCTs: the certificate is its precertificate's, each SCT is good",
      check_scts },
    { "names: each was on the domain list, and control of it was shown",
      check_names },
    { "identity: the version that the certificate is by", check_identity },
    { "chain: the events are under signed checkpoints", check_chain },
    { "gate: what it let through is what was signed", check_gate },
    { "passkeys: each was registered by a sealed event", check_passkeys },
    { "signatures: each signed action is its passkey's", check_signatures },
    { "actions: who answers for something has signed just that",
      check_actions },
};

static void note(reader_t *v, const char *what, const qw_problem_t *prob)
{
    if (prob == NULL)
        APR_ARRAY_PUSH(v->checked, const char *) = what;
    else
        APR_ARRAY_PUSH(v->findings, const char *) =
            apr_psprintf(v->pool, "%.*s: %s%s%s%s", (int)strcspn(what, ":"),
                         what, prob->detail, prob->cause != NULL ? " [" : "",
                         prob->cause != NULL ? prob->cause : "",
                         prob->cause != NULL ? "]" : "");
}

static qw_problem_t *check_signature(reader_t *v, const json_t *signed_doc)
{
    qw_bytes_t text, signature;

    if (!json_is_object(v->dossier) || json_object_size(signed_doc) != 2
        || !is_same(v->dossier, "format", "qwacme-dossier-1"))
        return UNTRUE(v, "this is no dossier");
    text = qw_chain_bytes(v->dossier, v->pool);
    QW_TRY(bytes_of(&signature, v, signed_doc, "signature"));
    return qw_cms_verify(&signature, &text, v->trusted, v->pool);
}

/* What comes later stands on the certificate: without one it is not looked at. */
void qw_dossier_verify(apr_array_header_t **checked,
                       apr_array_header_t **findings, const json_t *signed_doc,
                       const apr_array_header_t *trusted,
                       const char *timestamp_roots, qw_assertion_check_fn check,
                       apr_pool_t *pool)
{
    reader_t v = { .trusted = trusted,
                   .timestamp_roots = timestamp_roots,
                   .check = check,
                   .pool = pool };
    unsigned i;

    v.dossier = json_object_get(signed_doc, "dossier");
    v.checked = apr_array_make(pool, 8, sizeof(const char *));
    v.findings = apr_array_make(pool, 4, sizeof(const char *));
    *checked = v.checked;
    *findings = v.findings;
    note(&v, "signature", check_signature(&v, signed_doc));
    if (!json_is_object(v.dossier))
        return;
    for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        note(&v, checks[i].what, checks[i].check(&v));
        if (v.facts == NULL)
            return;
    }
}
