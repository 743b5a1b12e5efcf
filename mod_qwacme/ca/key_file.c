/* A private key in a PEM file, perhaps encrypted. */
#include "ca/key_driver.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <openssl/pem.h>

#include <string.h>

enum { PIN_MOST = 256 };

qw_problem_t *qw_key_pin(const char **pin, const qw_issuer_conf_t *conf,
                         apr_pool_t *pool)
{
    char *text, buf[120];
    apr_size_t len = PIN_MOST;
    apr_file_t *file;
    apr_status_t rv;

    *pin = NULL;
    if (conf->pin_path == NULL)
        return NULL;
    text = (char *)qw_own_secret(pool, PIN_MOST + 1);
    rv = apr_file_open(&file, conf->pin_path, APR_FOPEN_READ, 0, pool);
    if (rv == APR_SUCCESS) {
        rv = apr_file_read_full(file, text, len, &len);
        apr_file_close(file);
    }
    if (rv != APR_SUCCESS && rv != APR_EOF)
        return QW_FAIL(pool, INVALID_INPUT, "QwacmeIssuer: PIN file %s: %s",
                       conf->pin_path, apr_strerror(rv, buf, sizeof(buf)));
    text[strcspn(text, "\r\n")] = '\0';
    *pin = text;
    return NULL;
}

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

static qw_problem_t *open_file(EVP_PKEY **key, const qw_issuer_conf_t *conf,
                               apr_pool_t *pool)
{
    const char *path = conf->key_uri;
    const char *pin;
    BIO *bio;

    QW_TRY(qw_key_pin(&pin, conf, pool));
    if (strncmp(path, "file://", 7) == 0)
        path += 7;
    else if (strncmp(path, "file:", 5) == 0)
        path += 5;
    bio = qw_own_BIO(pool, BIO_new_file(path, "r"));
    *key =
        bio != NULL
            ? qw_own_EVP_PKEY(pool, PEM_read_bio_PrivateKey(bio, NULL, give_pin,
                                                            (void *)pin))
            : NULL;
    if (*key == NULL)
        return QW_FAIL_BECAUSE(pool, INVALID_INPUT, qw_openssl_reasons(pool),
                               "QwacmeIssuer: no private key can be read from "
                               "%s",
                               path);
    return NULL;
}

const qw_key_driver_t qw_key_file = { "file", takes, open_file };
