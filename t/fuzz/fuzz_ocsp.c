/* What clients of OCSP send, and what stands in our own files of answers and
 * lists. */
#include "fuzz.h"

#include "x509/crl.h"
#include "x509/ocsp_answer.h"
#include "x509/ocsp_request.h"

static void read_request(const qw_bytes_t *der, apr_pool_t *pool)
{
    qw_ocsp_request_t *request;
    qw_problem_t *prob = qw_ocsp_request_parse(&request, der, pool);
    int i;

    if (prob != NULL) {
        FUZZ_MUST(prob->code == QW_E_MALFORMED);
        return;
    }
    fuzz_taken++;
    FUZZ_MUST(request->n >= 1 && request->n <= QW_OCSP_MOST_IDS);
    FUZZ_MUST(request->nonce.data == NULL
              || (request->nonce.len >= 1
                  && request->nonce.len <= QW_OCSP_MOST_NONCE));
    for (i = 0; i < request->n; i++) {
        const qw_ocsp_id_t *id = &request->ids[i];
        int hash = qw_ocsp_hash_of(id->digest);

        FUZZ_MUST(strlen(id->serial) >= 2 && strlen(id->serial) <= 40);
        FUZZ_MUST(hash < 0 || id->key_hash.len == qw_ocsp_hash_size(hash));
    }
}

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    qw_bytes_t der = { data, len };
    qw_ocsp_answer_t *answer;
    qw_crl_facts_t *list;

    read_request(&der, pool);
    if (qw_ocsp_answer_read(&answer, &der, pool) == NULL) {
        fuzz_taken++;
        FUZZ_MUST(answer->n >= 1 && answer->id.digest != NULL);
        FUZZ_MUST(answer->tbs.len + answer->signature.len < len);
    }
    if (qw_crl_read(&list, &der, pool) == NULL) {
        fuzz_taken++;
        FUZZ_MUST(list->tbs_at + list->tbs_len <= len && list->number >= 0);
    }
}
