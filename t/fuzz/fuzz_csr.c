/* CSR: a request that is taken has a key and names in their one form. */
#include "fuzz.h"

#include "x509/csr.h"

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    qw_bytes_t der = { data, len };
    qw_csr_t *csr;

    if (qw_csr_parse(&csr, &der, NULL, pool) != NULL)
        return;
    fuzz_taken++;
    FUZZ_MUST(csr->spki.len > 0 && csr->key != NULL);
    FUZZ_MUST(qw_csr_check_names(csr, csr->names, pool) == NULL);
}
