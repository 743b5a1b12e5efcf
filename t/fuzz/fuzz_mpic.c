/* Answers of perspectives' services: only a known one at the service that was
 * asked gets a vote, and only once. */
#include "fuzz.h"

#include "check/mpic.h"

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    qw_perspective_t here = { "a", "https://a.example/mpic", "RIPE" };
    qw_perspective_t there = { "b", "https://b.example/mpic", "ARIN" };
    qw_vote_t votes[2] = { { NULL } };
    qw_mpic_ask_t ask = { .check = "caa",
                          .target = "www.example.org",
                          .trace = "t1" };
    qw_bytes_t answer = { data, len };

    votes[0].perspective = &here;
    votes[1].perspective = &there;
    qw_mpic_count(votes, 2, here.url, &answer, &ask, pool);
    FUZZ_MUST(votes[1].vote == QW_VOTE_SILENT);
    FUZZ_MUST(votes[0].vote == QW_VOTE_YES || votes[0].why != NULL);
    if (votes[0].vote != QW_VOTE_SILENT)
        fuzz_taken++;
    for (const char *c = votes[0].why; c != NULL && *c != '\0'; c++)
        FUZZ_MUST((unsigned char)*c >= 0x20 && *c != 0x7f);
}
