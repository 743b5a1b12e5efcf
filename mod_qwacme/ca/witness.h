/* witness.h -- in test builds, a count of signatures that is on disk before the
 * signature is known to anyone: what the ledger is compared with. The file is
 * named by QWACME_SIGN_WITNESS. Threads: one. */
#ifndef QW_CA_WITNESS_H
#define QW_CA_WITNESS_H

#include "base/bytes.h"

#ifdef QW_TEST_BUILD
void qw_witness(const qw_bytes_t *tbs);
#else
#define qw_witness(tbs) ((void)(tbs))
#endif

#endif
