/* db_event_row.h -- inside the store room: an event read from a row, alone or
 * behind its place in the chain. Threads: one. */
#ifndef QW_STORE_DB_EVENT_ROW_H
#define QW_STORE_DB_EVENT_ROW_H

#include "store/db.h"

/* A qw_event_t of the next eight columns; NULL if they are empty. */
void *qw_row_event(qw_row_t *row);

#endif
