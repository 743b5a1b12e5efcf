#include "ca/known.h"

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

qw_problem_t *qw_known_load(qw_known_keys_t **known, const qw_conf_t *conf,
                            apr_pool_t *pool)
{
    qw_known_keys_t *k = apr_pcalloc(pool, sizeof(*k));
    qw_keylist_t *list;

    QW_TRY(qw_known_list(&list, conf, pool));
    k->list = list;
    k->own = apr_array_make(pool, 4, sizeof(const char *));
    *known = k;
    return NULL;
}

void qw_known_add(qw_known_keys_t *known, const qw_issuer_t *issuer)
{
    APR_ARRAY_PUSH(known->own, const char *) = issuer->spki_hash;
}
