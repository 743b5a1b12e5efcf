/* issue.pml -- write-ahead issuance as a model: two signers on one order, death
 * at every arrow, commits whose answer is lost, and a reconciler that may act
 * too early because a paused signer looks like a dead one.
 *
 *   TX1 commit -> sign -> spool -> TX2 compare-and-set
 *
 * Shown for every interleaving: no signature without a row, no serial signed
 * twice, an issued row has exactly one signature, one order has at most one
 * certificate, a valid order has one.
 *
 * Mistakes that the model must find, each with -D:
 *   BUG_ACK        a commit is reported as done although it was rolled back
 *   BUG_ORDER      signs before the write-ahead commit
 *   BUG_NOCAS      TX2 without compare-and-set
 *   BUG_RESIGN     the reconciler signs the same serial again
 *   BUG_UNCERTAIN  a commit of unknown outcome is taken for done
 *   BUG_ADOPT      the reconciler adopts without a spool record
 */
#define N 4 /* attempts, each with a serial of its own */

#define NONE 0 /* states of an attempt */
#define SIGNING 1
#define ISSUED 2
#define ORPHAN 3

#define READY 0 /* states of the order */
#define PROCESSING 1
#define VALID 2

#define REFUSED 0 /* outcomes of a commit */
#define COMMITTED 1
#define UNKNOWN 2

byte attempt[N];
byte signatures[N];
bit spool[N];
byte order = READY;
byte current = 255;
byte next = 0;
byte deaths = 0;

#define DIE                                                                    \
    if                                                                         \
    :: deaths < 3 -> deaths++; goto again                                      \
    :: true                                                                    \
    fi

inline claim(s)
{
    attempt[s] = SIGNING;
    order = PROCESSING;
    current = s
}

/* Order by compare-and-set, serial and bytes to be signed: one transaction. */
inline write_ahead(s, outcome)
{
    atomic {
        if
        :: order == READY && next < N ->
            s = next;
            next++;
            if
            :: claim(s); outcome = COMMITTED
            :: claim(s); outcome = UNKNOWN   /* done, the answer was lost */
            :: outcome = UNKNOWN             /* rolled back, the same     */
            :: outcome = REFUSED
#ifdef BUG_ACK
            :: outcome = COMMITTED
#endif
            fi
        :: else -> s = 255; outcome = REFUSED
        fi
    }
}

active [2] proctype signer()
{
    byte s;
    byte outcome;
again:
    do
    :: order == VALID || next >= N -> break
    :: order != VALID && next < N ->
#ifdef BUG_ORDER
        atomic {
            if
            :: order == READY -> s = next; signatures[s]++
            :: else -> goto again
            fi
        }
        DIE;
        atomic {
            if
            :: order == READY && s == next -> next++; claim(s)
            :: else -> goto again
            fi
        }
#else
        write_ahead(s, outcome);
        if
        :: outcome == COMMITTED
        :: outcome == UNKNOWN ->
#ifdef BUG_UNCERTAIN
            skip
#else
            goto again
#endif
        :: else -> goto again
        fi;
        DIE;
        signatures[s]++;
#endif
        DIE;
        spool[s] = 1;
        DIE;
#ifdef BUG_NOCAS
        atomic { attempt[s] = ISSUED; order = VALID; current = s }
#else
        atomic {
            if
            :: attempt[s] == SIGNING && current == s && order == PROCESSING ->
                attempt[s] = ISSUED; order = VALID
            :: else /* someone reconciled it: it stays revoked */
            fi
        }
#endif
    od
}

/* On the signer's own machine it sees the spool, elsewhere it does not. */
active proctype reconciler()
{
    do
    :: atomic {
        order == PROCESSING && attempt[current] == SIGNING ->
#ifdef BUG_RESIGN
        signatures[current]++; attempt[current] = ISSUED; order = VALID
#else
        if
        :: spool[current] -> attempt[current] = ISSUED; order = VALID
#ifdef BUG_ADOPT
        :: attempt[current] = ISSUED; order = VALID
#endif
        :: attempt[current] = ORPHAN; order = READY
        fi
#endif
      }
    :: order == VALID -> break
    :: timeout -> break
    od
}

#define accounted(i) (signatures[i] == 0 || attempt[i] != NONE)
#define once(i) (signatures[i] <= 1)
#define true_issue(i) (attempt[i] != ISSUED || signatures[i] == 1)
#define sound(i) (accounted(i) && once(i) && true_issue(i))
#define certificates                                                           \
    ((attempt[0] == ISSUED) + (attempt[1] == ISSUED) + (attempt[2] == ISSUED)  \
     + (attempt[3] == ISSUED))

ltl ledger_is_sound {
    [] (sound(0) && sound(1) && sound(2) && sound(3) && certificates <= 1
        && (order != VALID || attempt[current] == ISSUED))
}
