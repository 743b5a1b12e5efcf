/* witness.h -- in test builds, a count of signatures that is on disk before the
 * signature is known to anyone: what the ledger is compared with. The file is
 * named by QWACME_SIGN_WITNESS. Threads: one. */
#ifndef QW_CA_WITNESS_H
#define QW_CA_WITNESS_H

#ifdef QW_TEST_BUILD
/* HASH: SHA-256 of what was signed. */
void qw_witness(const unsigned char *hash);
#else
#define qw_witness(hash) ((void)(hash))
#endif

#endif
