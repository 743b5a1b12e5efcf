/* limit.h -- how often something may happen. Threads: any. */
#ifndef QW_MODEL_LIMIT_H
#define QW_MODEL_LIMIT_H

#include <apr_pools.h>
#include <apr_time.h>

typedef enum {
#define QW_LIMIT(code, name, count, seconds, where) QW_LIMIT_##code,
#include "model/limits.def"
    QW_LIMIT_COUNT
} qw_limit_e;

/* COUNT in PERIOD, evenly; BURST of them at once. COUNT 0: no limit. */
typedef struct {
    int count;
    apr_interval_time_t period;
    int burst;
    int set; /* 0: as the table of limits says */
} qw_limit_t;

/* "orders-per-ip"; and back: 0 if there is none of that name. */
const char *qw_limit_name(qw_limit_e limit);
int qw_limit_find(qw_limit_e *limit, const char *name);

/* What the table says, for a test authority or another. */
qw_limit_t qw_limit_default(qw_limit_e limit, int is_test);

/* 1 and *LIMIT of "300/3h" or "off", and of BURST, a number ("" or NULL: the
 * count). */
int qw_limit_parse(qw_limit_t *limit, const char *rate, const char *burst);

/* "300/3h", in POOL. */
const char *qw_limit_text(const qw_limit_t *limit, apr_pool_t *pool);

/* The time that one of them takes. */
apr_interval_time_t qw_limit_step(const qw_limit_t *limit);

#endif
