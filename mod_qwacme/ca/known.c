#include "ca/known.h"

#include "x509/issuer.h"

#include <apr_strings.h>

qw_problem_t *qw_known_list(qw_keylist_t **list, const qw_conf_t *conf,
                            apr_pool_t *pool)
{
    qw_problem_t *prob;

    *list = NULL;
    if (conf->weak_keys == NULL)
        return NULL;
    prob = qw_keylist_open(list, conf->weak_keys, pool);
    if (prob != NULL)
        prob->detail =
            apr_pstrcat(pool, "QwacmeWeakKeys: ", prob->detail, NULL);
    return prob;
}

static qw_problem_t *add_own(apr_array_header_t *own, const qw_authority_t *a,
                             apr_pool_t *pool)
{
    int i;

    for (i = 0; i < a->issuers->nelts; i++) {
        qw_issuer_t *issuer;

        QW_TRY(qw_issuer_read(
            &issuer, APR_ARRAY_IDX(a->issuers, i, qw_issuer_conf_t).chain_path,
            pool));
        APR_ARRAY_PUSH(own, const char *) = issuer->spki_hash;
    }
    return NULL;
}

qw_problem_t *qw_known_load(qw_known_keys_t **known, const qw_conf_t *conf,
                            apr_pool_t *pool)
{
    qw_known_keys_t *k = apr_pcalloc(pool, sizeof(*k));
    qw_keylist_t *list;
    int i;

    QW_TRY(qw_known_list(&list, conf, pool));
    k->list = list;
    k->own = apr_array_make(pool, 4, sizeof(const char *));
    for (i = 0; i < conf->authorities->nelts; i++)
        QW_TRY(add_own(k->own,
                       APR_ARRAY_IDX(conf->authorities, i, qw_authority_t *),
                       pool));
    *known = k;
    return NULL;
}
