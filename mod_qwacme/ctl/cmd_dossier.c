/* dossier make | verify */
#include "ctl/ctl.h"

#include "audit/dossier.h"
#include "ctl/evidence.h"
#include "portal/signature.h"
#include "x509/issuer.h"
#include "x509/timestamp.h"

#include <apr_strings.h>

#include <string.h>

typedef struct {
    qwc_call_t *call;
    json_t *dossier;
    qw_dossier_about_t about;
} make_t;

/* The chain file whose first certificate has issued C. */
static qw_problem_t *find_chain(const char **pem, const qwc_call_t *call,
                                const qw_certificate_t *c)
{
    const apr_array_header_t *all = call->authority->issuers;

    for (int i = 0; i < all->nelts; i++) {
        qw_issuer_t *issuer;

        QW_TRY(
            qw_issuer_read(&issuer,
                           APR_ARRAY_IDX(all, i, qw_issuer_conf_t).chain_path,
                           call->pool));
        *pem = issuer->chain_pem;
        if (strcmp(issuer->spki_hash, c->issuer) == 0)
            return NULL;
    }
    return QW_FAIL(call->pool, INVALID_INPUT,
                   "no QwacmeIssuer of authority %s has issued it; keep the "
                   "chain of an old one configured, with 'none' for its key",
                   call->authority->name);
}

static qw_problem_t *collect(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    make_t *m = baton;
    qw_certificate_t *certificate;

    m->call->registry.db = db;
    QW_TRY(qwc_certificate(&certificate, m->call, qwc_arg(m->call, 0)));
    m->about.certificate = certificate;
    QW_TRY(find_chain(&m->about.chain_pem, m->call, certificate));
    return qw_dossier_make(&m->dossier, db, &m->about, pool);
}

/* Its own events shall be in it too: what waits is sealed first. */
qw_problem_t *qwc_dossier_make(qwc_call_t *call)
{
    const char *out = qwc_option(call, "out");
    make_t m = { .call = call };
    qw_sealer_t *sealer;
    json_t *document;
    int n;

    QW_TRY(qwc_sealer(&sealer, call));
    QW_TRY(qw_audit_seal(&n, sealer, call->store, call->pool));
    m.about.authority = call->authority;
    m.about.now = qw_world()->now();
    QW_TRY(qw_store_read(call->store, collect, &m, call->pool));
    QW_TRY(qw_dossier_sign(&document, m.dossier, sealer->signer, call->pool));
    if (out == NULL) {
        call->result = document;
        call->text = qw_json_dump(document, call->pool);
        return NULL;
    }
    QW_TRY(qwc_write_file(
        out,
        apr_pstrcat(call->pool, qw_json_dump(document, call->pool), "\n", NULL),
        call->pool));
    call->result = qw_json_new_object(call->pool);
    qw_put_text(call->result, "file", out);
    qw_put_text(call->result, "serial", m.about.certificate->serial);
    return NULL;
}

static json_t *list_of(const apr_array_header_t *texts)
{
    json_t *list = json_array();

    for (int i = 0; i < texts->nelts; i++)
        json_array_append_new(list, json_string(
                                        APR_ARRAY_IDX(texts, i, const char *)));
    return list;
}

qw_problem_t *qwc_dossier_verify(qwc_call_t *call)
{
    apr_array_header_t *checked, *findings;
    const apr_array_header_t *trusted;
    const char *text;
    json_t *document;

    QW_TRY(qwc_trusted(&trusted, call));
    if (trusted == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "certificate: name the file with that of the audit key");
    QW_TRY(qwc_read_file(&text, qwc_arg(call, 0), call->pool));
    document = qw_own_json_t(call->pool,
                             json_loads(text, JSON_REJECT_DUPLICATES, NULL));
    qw_dossier_verify(&checked, &findings, document, trusted,
                      qwc_option(call, "timestamp-roots"), qw_signature_check,
                      call->pool);
    call->result = qw_json_new_object(call->pool);
    json_object_set_new(call->result, "checked", list_of(checked));
    json_object_set_new(call->result, "findings", list_of(findings));
    if (findings->nelts > 0)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "the dossier has %d finding(s)", findings->nelts);
    return NULL;
}
