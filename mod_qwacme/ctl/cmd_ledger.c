/* ledger verify | reconcile | resume, signer health */
#include "ctl/ctl.h"

#include "ca/client.h"
#include "ca/reconcile.h"
#include "ca/verify.h"

static qw_problem_t *open_ca(qw_ca_t **ca, const qwc_call_t *call)
{
    return qw_ca_open(ca, call->conf, call->store, "qwacmectl", 0, call->pool);
}

qw_problem_t *qwc_ledger_verify(qwc_call_t *call)
{
    qw_verified_t v;
    json_t *findings = json_array();
    const char *node;
    qw_ca_t *ca;
    int i;

    QW_TRY(qw_ca_node(&node, call->conf, call->pool));
    QW_TRY(qw_ca_open(&ca, call->conf, call->store, node, 0, call->pool));
    QW_TRY(qw_ledger_verify(&v, ca, call->pool));
    call->result = qw_json_new_object(call->pool);
    json_object_set_new(call->result, "attempts", json_integer(v.attempts.all));
    json_object_set_new(call->result, "issued",
                        json_integer(v.attempts.issued));
    json_object_set_new(call->result, "orphan",
                        json_integer(v.attempts.orphan));
    json_object_set_new(call->result, "signing",
                        json_integer(v.attempts.signing));
    json_object_set_new(call->result, "spooled", json_integer(v.spooled));
    for (i = 0; i < v.findings->nelts; i++)
        json_array_append_new(findings,
                              json_string(
                                  APR_ARRAY_IDX(v.findings, i, const char *)));
    json_object_set_new(call->result, "findings", findings);
    if (v.findings->nelts > 0)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "the ledger has %d finding(s)", v.findings->nelts);
    return NULL;
}

qw_problem_t *qwc_ledger_reconcile(qwc_call_t *call)
{
    qw_reconciled_t done;
    qw_ca_t *ca;

    QW_TRY(open_ca(&ca, call));
    QW_TRY(qw_reconcile(&done, ca, 0, call->pool));
    call->result = qw_json_new_object(call->pool);
    json_object_set_new(call->result, "adopted", json_integer(done.adopted));
    json_object_set_new(call->result, "orphaned", json_integer(done.orphaned));
    json_object_set_new(call->result, "late", json_integer(done.attached));
    return NULL;
}

qw_problem_t *qwc_ledger_resume(qwc_call_t *call)
{
    const char *reason = qwc_option(call, "reason");

    if (reason == NULL || *reason == '\0')
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "reason: say what the cause of the halt was");
    QW_TRY(qw_ca_resume(call->conf, call->pool));
    call->result = qw_json_new_object(call->pool);
    qw_put_text(call->result, "resumed", reason);
    return NULL;
}

/* Each key may have to be waited for once. */
qw_problem_t *qwc_signer_health(qwc_call_t *call)
{
    const qw_conf_t *conf = call->conf;
    qw_signer_client_t client = { qw_signer_socket(conf, call->pool),
                                  conf->signer_wait };
    qw_problem_t *prob;
    int i;

    for (i = 0; i < conf->authorities->nelts; i++)
        client.wait += APR_ARRAY_IDX(conf->authorities, i, qw_authority_t *)
                           ->issuers->nelts
                       * conf->key_wait;
    prob = qw_signer_health(&client, call->pool);
    if (prob != NULL)
        return prob;
    call->result = qw_json_new_object(call->pool);
    qw_put_text(call->result, "signer", "healthy");
    return NULL;
}
