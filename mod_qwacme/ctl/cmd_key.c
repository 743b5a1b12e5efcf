/* ca init-demo, seal-key create | rotate */
#include "ctl/ctl.h"

#include "x509/demo_ca.h"

#include <apr_strings.h>

static const char *or_default(const qwc_call_t *call, const char *name,
                              const char *by_default)
{
    const char *value = qwc_option(call, name);

    return value != NULL ? value : by_default;
}

qw_problem_t *qwc_ca_init_demo(qwc_call_t *call)
{
    const char *dir = qwc_arg(call, 0);
    const qw_demo_ca_t wanted = { dir,
                                  or_default(call, "organization", "Demo QTSP"),
                                  or_default(call, "organization-identifier",
                                             "NTRFR-000000000"),
                                  or_default(call, "country", "FR"),
                                  or_default(call, "key", "P-256"),
                                  qwc_option(call, "profiles") };

    QW_TRY(qw_demo_ca_make(&wanted, call->pool));
    call->result = qw_json_new_object(call->pool);
    qw_put_text(call->result, "root",
                apr_pstrcat(call->pool, dir, "/root.pem", NULL));
    qw_put_text(call->result, "issuer",
                apr_pstrcat(call->pool, dir, "/issuing.pem", NULL));
    qw_put_text(call->result, "issuerKey",
                apr_pstrcat(call->pool, dir, "/issuing-key.pem", NULL));
    return NULL;
}

qw_problem_t *qwc_seal_key_create(qwc_call_t *call)
{
    QW_TRY(qw_seal_ring_create(qwc_arg(call, 0), call->pool));
    call->result = qw_json_new_object(call->pool);
    qw_put_text(call->result, "sealKey", qwc_arg(call, 0));
    return NULL;
}

static qw_problem_t *reseal(const qwc_call_t *call, const qw_binding_t *binding,
                            const qw_seal_ring_t *ring)
{
    qw_bytes_t mac_key;
    const char *sealed;

    QW_TRY(qw_binding_open(&mac_key, binding, ring, call->pool));
    QW_TRY(qw_seal(&sealed, ring, &mac_key, qw_binding_aad(binding, call->pool),
                   call->pool));
    return qw_binding_reseal(call->registry.db, binding->id, binding->sealed,
                             sealed, call->pool);
}

static qw_problem_t *reseal_account(int *n, const qwc_call_t *call,
                                    const qw_external_t *external,
                                    const qw_seal_ring_t *ring)
{
    apr_array_header_t *bindings;
    int i;

    QW_TRY(qw_binding_list(&bindings, call->registry.db, external->id,
                           call->pool));
    for (i = 0; i < bindings->nelts; i++, (*n)++)
        QW_TRY(reseal(call, APR_ARRAY_IDX(bindings, i, qw_binding_t *), ring));
    return NULL;
}

qw_problem_t *qwc_seal_key_rotate(qwc_call_t *call)
{
    apr_array_header_t *accounts;
    qw_seal_ring_t *ring;
    int i, n = 0;

    QW_TRY(qwc_ring(&ring, call));
    QW_TRY(qw_external_list(&accounts, call->registry.db, call->authority->name,
                            call->pool));
    for (i = 0; i < accounts->nelts; i++)
        QW_TRY(reseal_account(&n, call,
                              APR_ARRAY_IDX(accounts, i, qw_external_t *),
                              ring));
    call->result = qw_json_new_object(call->pool);
    json_object_set_new(call->result, "resealed", json_integer(n));
    return NULL;
}
