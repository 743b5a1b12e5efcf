/* States: words, and which may follow which. */
#include "model/state.h"
#include "tap.h"

int main(void)
{
    int from, to, moves = 0;

    is_str(qw_state_word(QW_order_PENDING), "pending", "word");
    is_str(qw_state_word(QW_attempt_ORPHAN), "orphan", "word");
    ok(qw_state_of("order", "valid") == QW_order_VALID, "of a kind");
    ok(qw_state_of("authz", "valid") == QW_authz_VALID, "of another kind");
    ok(qw_state_of("order", "expired") == QW_STATE_NONE,
       "a word of another kind is none");
    ok(qw_state_of("order", "") == QW_STATE_NONE, "nothing is none");
    ok(qw_state_of("", "") == QW_STATE_NONE, "not even of no kind");
    for (from = 0; from < QW_STATE_COUNT; from++)
        for (to = 0; to < QW_STATE_COUNT; to++)
            moves += qw_state_may_move((qw_state_e)from, (qw_state_e)to);
    ok(moves == 45, "as many moves as the table has");
    ok(qw_state_may_move(QW_order_READY, QW_order_PROCESSING), "finalize");
    ok(!qw_state_may_move(QW_order_PENDING, QW_order_PROCESSING),
       "not before it is ready");
    ok(!qw_state_may_move(QW_order_VALID, QW_order_INVALID), "valid stays");
    ok(qw_state_may_move(QW_challenge_PROCESSING, QW_challenge_PENDING),
       "a challenge about which nothing was learnt");
    ok(!qw_state_may_move(QW_attempt_ORPHAN, QW_attempt_ISSUED),
       "an orphan is never issued");
    ok(!qw_state_may_move(QW_external_CLOSED, QW_external_ACTIVE),
       "closed stays closed");
    ok(!qw_state_may_move(QW_person_REMOVED, QW_person_ACTIVE),
       "who was removed is invited anew, as another");
    ok(!qw_state_may_move(QW_order_READY, QW_authz_VALID),
       "nothing moves between kinds");
    return done_testing();
}
