#include "jose/alg.h"

#include "jose/jws.h"

#include <string.h>

static const qw_alg_t algs[] = {
    { "ES256", "EC", "P-256", "SHA256", 32 },
    { "ES384", "EC", "P-384", "SHA384", 48 },
    { "ES512", "EC", "P-521", "SHA512", 66 },
    { "RS256", "RSA", NULL, "SHA256", 0 },
    { "EdDSA", "OKP", "Ed25519", NULL, 0 },
};

const char *const qw_jws_algorithms[] = { "ES256", "ES384", "ES512",
                                          "RS256", "EdDSA", NULL };

static const struct {
    const char *name;
    const char *digest;
} macs[] = {
    { "HS256", "SHA256" },
    { "HS384", "SHA384" },
    { "HS512", "SHA512" },
};

const qw_alg_t *qw_alg_find(const char *name)
{
    unsigned i;

    for (i = 0; i < sizeof(algs) / sizeof(algs[0]); i++)
        if (strcmp(algs[i].name, name) == 0)
            return &algs[i];
    return NULL;
}

const char *qw_alg_mac_digest(const char *name)
{
    unsigned i;

    for (i = 0; i < sizeof(macs) / sizeof(macs[0]); i++)
        if (strcmp(macs[i].name, name) == 0)
            return macs[i].digest;
    return NULL;
}
