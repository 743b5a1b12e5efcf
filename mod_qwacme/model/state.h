/* state.h -- states and their legal changes, from states.def. Threads: any. */
#ifndef QW_MODEL_STATE_H
#define QW_MODEL_STATE_H

typedef enum {
    QW_STATE_NONE,
#define QW_STATE(kind, name, word) QW_##kind##_##name,
#define QW_MOVE(kind, from, to)
#include "model/states.def"
    QW_STATE_COUNT
} qw_state_e;

/* The word of the RFC and of the database: "pending". */
const char *qw_state_word(qw_state_e state);

/* The state of KIND ("order") whose word is WORD; QW_STATE_NONE if none. */
qw_state_e qw_state_of(const char *kind, const char *word);

/* 1 if the table lets FROM become TO. */
int qw_state_may_move(qw_state_e from, qw_state_e to);

#endif
