/* TLS certificate bindings, for www.example.fr and its certificate, at the time
 * of the sample. An input that begins with '{' is a header before it is encoded.
 * Nothing is left in OpenSSL's queue of errors. */
#include "fuzz.h"

#include "x509_golden.h"

#include "ctl/binding_check.h"

#include <openssl/err.h>

static qwc_binding_terms_t terms_of(apr_pool_t *pool)
{
    qwc_leaf_t leaf = { "leaf.pem", golden_der(golden_qncp_w_pem, pool),
                        apr_time_from_sec(1812628799) };
    qwc_binding_terms_t terms = { 0 };

    terms.leaves = apr_array_make(pool, 1, sizeof(qwc_leaf_t));
    APR_ARRAY_PUSH(terms.leaves, qwc_leaf_t) = leaf;
    terms.trusted = apr_array_make(pool, 1, sizeof(qw_bytes_t));
    APR_ARRAY_PUSH(terms.trusted, qw_bytes_t) = golden_der(golden_ca_pem, pool);
    terms.host = "www.example.fr";
    terms.now = apr_time_from_sec(1795435200);
    return terms;
}

/* A parsed one has what its reader counts on. */
static void look(const qw_tls_binding_t *b)
{
    FUZZ_MUST(b->alg != NULL && b->hash_method != NULL);
    FUZZ_MUST(b->x5c->nelts >= 1 && b->signature.len > 0);
    FUZZ_MUST(b->pars->nelts == b->hashes->nelts && b->pars->nelts >= 1);
    FUZZ_MUST(b->exp >= 0 && b->iat >= 0);
}

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    qwc_binding_terms_t terms = terms_of(pool);
    qwc_binding_facts_t facts = { 0 };
    const char *text = (const char *)data;
    qw_problem_t *prob;

    if (len > 0 && *data == '{') {
        text = apr_pstrcat(pool, qw_b64url_encode(data, len, pool), "..AAAA",
                           NULL);
        len = strlen(text);
    }
    prob = qwc_binding_check(&facts, text, len, &terms, pool);
    FUZZ_MUST(ERR_peek_error() == 0);
    if (facts.binding != NULL)
        look(facts.binding);
    if (prob == NULL)
        fuzz_taken++;
    else
        FUZZ_MUST(prob->code == QW_E_MALFORMED
                  || prob->code == QW_E_UNAUTHORIZED
                  || prob->code == QW_E_BAD_PUBLIC_KEY);
}
