#include "model/state.h"

#include <string.h>

static const struct {
    const char *kind;
    const char *word;
} states[] = {
    { "", "" },
#define QW_STATE(kind, name, word) { #kind, word },
#define QW_MOVE(kind, from, to)
#include "model/states.def"
};

static const struct {
    qw_state_e from, to;
} moves[] = {
#define QW_STATE(kind, name, word)
#define QW_MOVE(kind, from, to) { QW_##kind##_##from, QW_##kind##_##to },
#include "model/states.def"
};

const char *qw_state_word(qw_state_e state)
{
    return states[state].word;
}

qw_state_e qw_state_of(const char *kind, const char *word)
{
    int i;

    for (i = 1; i < QW_STATE_COUNT; i++)
        if (strcmp(states[i].kind, kind) == 0
            && strcmp(states[i].word, word) == 0)
            return (qw_state_e)i;
    return QW_STATE_NONE;
}

int qw_state_may_move(qw_state_e from, qw_state_e to)
{
    unsigned i;

    for (i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
        if (moves[i].from == from && moves[i].to == to)
            return 1;
    return 0;
}
