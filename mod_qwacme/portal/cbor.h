/* cbor.h -- what libcbor may be given: it makes room for as many members as an
 * array or a map says it has, before it looks for them. Threads: any. */
#ifndef QW_PORTAL_CBOR_H
#define QW_PORTAL_CBOR_H

#include "base/bytes.h"

/* Octets of the one CBOR item that LEN octets at DATA begin with; 0 if there is
 * none, if it is cut short, of indefinite length, nested deeper than 8, or says
 * that it has more members than it has octets. */
apr_size_t qw_cbor_skim(const unsigned char *data, apr_size_t len);

/* 1 if authenticator data DATA are of the form that their flags say, so that all
 * of their CBOR is skimmed: a credential (WITH_KEY) or none, extensions or none,
 * nothing else. */
int qw_authenticator_data_is_plain(const qw_bytes_t *data, int with_key);

#endif
