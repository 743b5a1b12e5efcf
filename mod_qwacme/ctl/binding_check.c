#include "ctl/binding_check.h"

#include "base/text.h"
#include "x509/path.h"
#include "x509/qwac2.h"
#include "x509/spki.h"

/* Clocks of the signer and of whoever looks may differ by that much. */
static const apr_time_t clock_skew = APR_TIME_C(300) * APR_USEC_PER_SEC;

apr_time_t qwc_leaves_end(const apr_array_header_t *leaves)
{
    apr_time_t end = 0;
    int i;

    for (i = 0; i < leaves->nelts; i++) {
        const qwc_leaf_t *leaf = &APR_ARRAY_IDX(leaves, i, qwc_leaf_t);

        if (leaf->not_after > end)
            end = leaf->not_after;
    }
    return end;
}

static qw_problem_t *check_leaves(const qw_tls_binding_t *binding,
                                  const qwc_binding_terms_t *terms,
                                  apr_pool_t *pool)
{
    int i;

    for (i = 0; i < terms->leaves->nelts; i++) {
        const qwc_leaf_t *leaf = &APR_ARRAY_IDX(terms->leaves, i, qwc_leaf_t);

        if (qw_tls_binding_index(binding, &leaf->der, pool) < 0)
            return QW_FAIL(pool, MALFORMED,
                           "the binding does not name the certificate of %s; "
                           "make it anew with that one before it is deployed",
                           leaf->where);
    }
    return NULL;
}

/* 1 if LEAVES are all that the binding names: then the last of them ends it. */
static int knows_all(const qw_tls_binding_t *binding,
                     const apr_array_header_t *leaves, apr_pool_t *pool)
{
    int i, k, found;

    for (i = 0; i < binding->hashes->nelts; i++) {
        for (k = found = 0; k < leaves->nelts && !found; k++)
            found =
                qw_tls_binding_index(binding,
                                     &APR_ARRAY_IDX(leaves, k, qwc_leaf_t).der,
                                     pool)
                == i;
        if (!found)
            return 0;
    }
    return 1;
}

/* TS 119 411-5 Annex B, exp: the soonest of exp, of the longest-lived bound
 * certificate and of the signer's notAfter. */
static qw_problem_t *check_times(qwc_binding_facts_t *facts,
                                 const qwc_binding_terms_t *terms,
                                 apr_pool_t *pool)
{
    const qw_tls_binding_t *b = facts->binding;
    apr_time_t leaves = qwc_leaves_end(terms->leaves);

    facts->end = facts->signer->not_after;
    if (b->exp != 0 && b->exp < facts->end)
        facts->end = b->exp;
    if (leaves != 0 && leaves < facts->end && knows_all(b, terms->leaves, pool))
        facts->end = leaves;
    if (b->iat > terms->now + clock_skew)
        return QW_FAIL(pool, MALFORMED,
                       "the binding was made at %s, in the future; check the "
                       "clocks",
                       qw_text_time(b->iat, pool));
    if (facts->end <= terms->now)
        return QW_FAIL(pool, MALFORMED, "the binding ended at %s; make it anew",
                       qw_text_time(facts->end, pool));
    return NULL;
}

qw_problem_t *qwc_binding_check(qwc_binding_facts_t *facts, const char *text,
                                apr_size_t len,
                                const qwc_binding_terms_t *terms,
                                apr_pool_t *pool)
{
    const qw_bytes_t *signer;
    EVP_PKEY *key;

    QW_TRY(qw_tls_binding_parse(&facts->binding, text, len, pool));
    signer = &APR_ARRAY_IDX(facts->binding->x5c, 0, qw_bytes_t);
    QW_TRY(qw_qwac2_check(signer, terms->host, terms->now, pool));
    QW_TRY(qw_cert_parse(&facts->signer, signer, pool));
    QW_TRY(
        qw_path_check(facts->binding->x5c, terms->trusted, terms->now, pool));
    QW_TRY(qw_spki_key(&key, &facts->signer->spki, pool));
    QW_TRY(qw_tls_binding_verify(facts->binding, key, pool));
    QW_TRY(check_times(facts, terms, pool));
    return check_leaves(facts->binding, terms, pool);
}
