/* dns01.h -- RFC8555-8.4. Threads: any. */
#ifndef QW_CHECK_DNS01_H
#define QW_CHECK_DNS01_H

#include "check/check.h"

extern const qw_validator_t qw_dns01;

#endif
