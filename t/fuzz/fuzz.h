/* fuzz.h -- a target is one function of bytes and a pool that lives as long as
 * the call. It aborts when something that must always hold does not. */
#ifndef FUZZ_H
#define FUZZ_H

#include "base/bytes.h"
#include "base/problem.h"

#include <apr_pools.h>

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What a target defines. */
void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool);

/* Inputs that were taken, not refused: a corpus where none is shows nothing. */
extern int fuzz_taken;

#define FUZZ_MUST(cond)                                                        \
    do {                                                                       \
        if (!(cond))                                                           \
            abort();                                                           \
    } while (0)

/* The input as a string; NULL if it holds NUL, which no caller passes on. */
static inline const char *fuzz_text(const unsigned char *data, size_t len,
                                    apr_pool_t *pool)
{
    char *text;

    if (memchr(data, '\0', len) != NULL)
        return NULL;
    text = apr_palloc(pool, len + 1);
    memcpy(text, data, len);
    text[len] = '\0';
    return text;
}

#endif
