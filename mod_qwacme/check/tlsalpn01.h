/* tlsalpn01.h -- RFC8737-3. Threads: any. */
#ifndef QW_CHECK_TLSALPN01_H
#define QW_CHECK_TLSALPN01_H

#include "check/check.h"

extern const qw_validator_t qw_tlsalpn01;

#endif
