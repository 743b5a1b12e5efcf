#include "base/world.h"

#include "base/b64.h"
#include "base/failpoint.h"
#include "base/own.h"

#include <openssl/rand.h>

#include <string.h>

enum { ID_BYTES = 16, ID_CHARS = 22 };
enum { MINUS = 62 }; /* '-' in base64url */

static int private_random(unsigned char *out, apr_size_t len)
{
    return RAND_priv_bytes(out, (int)len) == 1;
}

static const qw_world_t real = { apr_time_now, private_random };
static const qw_world_t *current = &real;

const qw_world_t *qw_world(void)
{
    return current;
}

void qw_world_set(const qw_world_t *world)
{
    current = world != NULL ? world : &real;
}

int qw_is_due(apr_time_t due, apr_interval_time_t every)
{
    apr_time_t now = current->now();

    return now >= due || due - now > every;
}

qw_problem_t *qw_random(unsigned char *out, apr_size_t len, apr_pool_t *pool)
{
    QW_FAILPOINT("random", pool);
    if (!current->random(out, len))
        return QW_FAIL_BECAUSE(pool, UNAVAILABLE, qw_openssl_reasons(pool),
                               "no randomness is to be had; try again later");
    return NULL;
}

/* On a command line an id must not look like an option. */
qw_problem_t *qw_id_make(const char **id, apr_pool_t *pool)
{
    unsigned char bytes[ID_BYTES];

    QW_TRY(qw_random(bytes, sizeof(bytes), pool));
    if (bytes[0] >> 2 == MINUS)
        bytes[0] ^= 0x80;
    *id = qw_b64url_encode(bytes, sizeof(bytes), pool);
    return NULL;
}

int qw_id_is(const char *text)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz0123456789-_";

    /* 128 bits leave four of the last character's six: A, Q, g or w */
    return strlen(text) == ID_CHARS && strspn(text, alphabet) == ID_CHARS
           && strchr("AQgw", text[ID_CHARS - 1]) != NULL;
}
