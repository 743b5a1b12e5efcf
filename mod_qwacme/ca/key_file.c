/* A private key in a PEM file, perhaps encrypted. */
#include "ca/key_driver.h"

#include <openssl/pem.h>

#include <string.h>

static int takes(const char *uri)
{
    return *uri == '/' || strncmp(uri, "file:", 5) == 0;
}

/* Asked for a passphrase: ours, or none; never a terminal. */
static int give_pin(char *buf, int size, int writing, void *pin)
{
    int len = pin != NULL ? (int)strlen(pin) : 0;

    if (len == 0 || len > size)
        return 0;
    memcpy(buf, pin, (size_t)len);
    return len;
}

static qw_problem_t *open_file(qw_key_held_t *held, const char *path,
                               const char *pin, apr_pool_t *pool)
{
    BIO *bio;

    if (strncmp(path, "file://", 7) == 0)
        path += 7;
    else if (strncmp(path, "file:", 5) == 0)
        path += 5;
    bio = qw_own_BIO(pool, BIO_new_file(path, "r"));
    held->pkey =
        bio != NULL
            ? qw_own_EVP_PKEY(pool, PEM_read_bio_PrivateKey(bio, NULL, give_pin,
                                                            (void *)pin))
            : NULL;
    if (held->pkey == NULL)
        return QW_FAIL_BECAUSE(pool, INVALID_INPUT, qw_openssl_reasons(pool),
                               "QwacmeIssuer: no private key can be read from "
                               "%s",
                               path);
    return NULL;
}

const qw_key_driver_t qw_key_file = { "file", 0, takes, open_file, NULL };
