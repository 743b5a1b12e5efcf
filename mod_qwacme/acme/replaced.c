#include "acme/replaced.h"

#include "acme/cert_id.h"
#include "acme/names.h"
#include "base/text.h"

#include <string.h>

static int share_one(const apr_array_header_t *names, const char *others,
                     apr_pool_t *pool)
{
    const apr_array_header_t *list = qw_names_of_json(others, pool);

    for (int i = 0; i < list->nelts; i++)
        if (qw_text_in(names, APR_ARRAY_IDX(list, i, const char *)))
            return 1;
    return 0;
}

qw_problem_t *qw_replaced_find(qw_certificate_t **certificate, qw_db_t *db,
                               const qw_call_t *call, const char *cert_id,
                               const apr_array_header_t *names,
                               apr_pool_t *pool)
{
    const char *issuer, *serial;
    qw_problem_t *prob = qw_cert_id_read(&issuer, &serial, call, cert_id);
    qw_certificate_t *found = NULL;

    if (prob == NULL)
        prob = qw_certificate_by_serial(&found, db, issuer, serial, pool);
    if (prob != NULL && prob->code != QW_E_NOT_FOUND)
        return prob;
    if (found == NULL || strcmp(found->account_id, call->account->id) != 0
        || strcmp(found->authority, call->authority->name) != 0)
        return QW_FAIL(pool, NOT_FOUND,
                       "replaces: no such certificate of this account");
    if (!share_one(names, found->names, pool))
        return QW_FAIL(pool, MALFORMED,
                       "replaces: the certificate has none of these names");
    *certificate = found;
    return NULL;
}
