#include "check/tlsalpn01.h"

#include "base/b64.h"
#include "check/trial.h"
#include "net/tls_probe.h"
#include "x509/acme_id.h"

#include <openssl/evp.h>

#include <string.h>

static const char protocol[] = "acme-tls/1";

static void witness(const qw_trial_t *trial, const qw_tls_target_t *target,
                    const qw_tls_seen_t *seen, const qw_problem_t *prob,
                    apr_pool_t *pool)
{
    json_t *request = json_object();
    unsigned char digest[32];

    json_object_set_new(request, "address", json_string(target->address));
    json_object_set_new(request, "port", json_integer(target->port));
    if (seen->version != NULL)
        json_object_set_new(request, "tls", json_string(seen->version));
    if (seen->alpn != NULL)
        json_object_set_new(request, "alpn", json_string(seen->alpn));
    if (seen->leaf.len > 0
        && EVP_Digest(seen->leaf.data, seen->leaf.len, digest, NULL,
                      EVP_sha256(), NULL)
               == 1)
        json_object_set_new(request, "certificate",
                            json_string(
                                qw_hex_encode(digest, sizeof digest, pool)));
    if (prob != NULL)
        json_object_set_new(request, "error", json_string(prob->detail));
    json_array_append_new(trial->requests, request);
}

/* SEEN: of the first address that takes a connection. */
static qw_problem_t *probe(qw_tls_seen_t *seen, qw_trial_t *trial,
                           apr_pool_t *pool)
{
    const qw_dcv_t *dcv = trial->dcv;
    apr_array_header_t *addresses = apr_array_make(pool, 2, sizeof(char *));
    qw_problem_t *prob = NULL;
    qw_tls_target_t target = { .port = qw_trial_tls_port(trial),
                               .name = dcv->domain,
                               .alpn = protocol,
                               .allow_private = qw_trial_private(trial) };

    QW_TRY(qw_trial_addresses(addresses, trial, dcv->domain, pool));
    for (int i = 0; i < addresses->nelts; i++) {
        target.address = APR_ARRAY_IDX(addresses, i, const char *);
        target.deadline = qw_trial_share(trial, addresses->nelts - i);
        prob = qw_tls_probe(seen, &target, pool);
        witness(trial, &target, seen, prob, pool);
        if (prob == NULL || seen->connected)
            break;
    }
    return prob;
}

static qw_problem_t *try_tlsalpn01(json_t *evidence, const qw_dcv_t *dcv,
                                   apr_pool_t *pool)
{
    qw_trial_t trial;
    qw_tls_seen_t seen = { 0 };

    QW_TRY(qw_trial_open(&trial, evidence, dcv, pool));
    QW_TRY(probe(&seen, &trial, pool));
    if (seen.alpn == NULL || strcmp(seen.alpn, protocol) != 0)
        return QW_FAIL(pool, UNAUTHORIZED,
                       "%s did not negotiate the protocol acme-tls/1 but %s",
                       dcv->domain, seen.alpn != NULL ? seen.alpn : "none");
    if (seen.leaf.len == 0)
        return QW_FAIL(pool, UNAUTHORIZED, "%s showed no certificate",
                       dcv->domain);
    return qw_acme_id_check(&seen.leaf, dcv->domain, dcv->digest, pool);
}

const qw_validator_t qw_tlsalpn01 = { "tls-alpn-01", "tls-alpn-01", 0,
                                      try_tlsalpn01 };
