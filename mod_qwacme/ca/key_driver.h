/* key_driver.h -- ways to open a private key. The driver decides nothing.
 * Threads: one. */
#ifndef QW_CA_KEY_DRIVER_H
#define QW_CA_KEY_DRIVER_H

#include "base/own.h"
#include "model/authority.h"

/* A key that is open. */
typedef struct {
    EVP_PKEY *pkey;
    void *by; /* the driver's own */
} qw_key_held_t;

typedef struct {
    const char *name;
    int may_hang; /* its calls are answered by someone else, or not at all */
    int (*takes)(const char *uri);
    /* *HELD owned by POOL; PIN may be NULL. INVALID_INPUT without the
     * directive. */
    qw_problem_t *(*open)(qw_key_held_t *held, const char *uri, const char *pin,
                          apr_pool_t *pool);
    /* Is HELD still there? Uses the key for nothing. UNAVAILABLE. NULL: it
     * cannot go away. */
    qw_problem_t *(*touch)(const qw_key_held_t *held, const char *uri,
                           const char *pin, apr_pool_t *pool);
} qw_key_driver_t;

extern const qw_key_driver_t qw_key_file, qw_key_pkcs11, qw_key_store;

/* The one that takes URI; qw_key_store if no other does. */
const qw_key_driver_t *qw_key_driver_find(const char *uri);

#endif
