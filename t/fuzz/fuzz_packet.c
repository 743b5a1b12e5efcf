/* DNS answers: the first byte chooses the type asked for. What is found lies
 * within bounds and ends with a NUL. */
#include "fuzz.h"

#include "dns/packet.h"

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    static const qw_rr_e types[] = { QW_RR_A, QW_RR_TXT, QW_RR_AAAA,
                                     QW_RR_CAA };
    qw_answer_t answer = { .name = "www.example.org" };

    if (len == 0)
        return;
    answer.type = types[data[0] % 4];
    answer.values = apr_array_make(pool, 4, sizeof(qw_bytes_t));
    if (qw_packet_read(&answer, data + 1, len - 1, pool) != NULL)
        return;
    FUZZ_MUST(answer.cnames <= QW_MAX_CNAMES);
    for (int i = 0; i < answer.values->nelts; i++) {
        const qw_bytes_t *value = &APR_ARRAY_IDX(answer.values, i, qw_bytes_t);

        FUZZ_MUST(value->data[value->len] == '\0');
        FUZZ_MUST(value->len < 65536);
        FUZZ_MUST(answer.type != QW_RR_A || value->len == 4);
        FUZZ_MUST(answer.type != QW_RR_AAAA || value->len == 16);
        fuzz_taken++;
    }
}
