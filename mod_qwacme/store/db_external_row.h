/* db_external_row.h -- inside the store room: the columns of an external account.
 * Threads: as qw_db_t. */
#ifndef QW_STORE_DB_EXTERNAL_ROW_H
#define QW_STORE_DB_EXTERNAL_ROW_H

#include "store/db.h"

/* qw_external_t * of a row that has its columns in their order. */
void *qw_row_external(qw_row_t *row);

#endif
