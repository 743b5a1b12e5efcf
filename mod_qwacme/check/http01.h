/* http01.h -- RFC8555-8.3. Threads: any. */
#ifndef QW_CHECK_HTTP01_H
#define QW_CHECK_HTTP01_H

#include "check/check.h"

extern const qw_validator_t qw_http01;

#endif
