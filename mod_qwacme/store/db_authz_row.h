/* db_authz_row.h -- inside the store room: an authorization read from a row,
 * alone or behind its challenge. Threads: one. */
#ifndef QW_STORE_DB_AUTHZ_ROW_H
#define QW_STORE_DB_AUTHZ_ROW_H

#include "store/db.h"

/* A qw_authz_t of the next eleven columns. */
void *qw_row_authz(qw_row_t *row);

#endif
