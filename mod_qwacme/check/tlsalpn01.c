#include "check/tlsalpn01.h"

#include "base/b64.h"
#include "check/attempt.h"
#include "net/tls_probe.h"
#include "x509/acme_id.h"

#include <openssl/evp.h>

#include <string.h>

static const char protocol[] = "acme-tls/1";

static void witness(const qw_attempt_t *attempt, const qw_tls_target_t *target,
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
    json_array_append_new(attempt->requests, request);
}

/* SEEN: of the first address that takes a connection. */
static qw_problem_t *probe(qw_tls_seen_t *seen, qw_attempt_t *attempt,
                           apr_pool_t *pool)
{
    const qw_dcv_t *dcv = attempt->dcv;
    apr_array_header_t *addresses = apr_array_make(pool, 2, sizeof(char *));
    qw_problem_t *prob = NULL;
    qw_tls_target_t target = { .port = qw_attempt_tls_port(attempt),
                               .name = dcv->domain,
                               .alpn = protocol,
                               .allow_private = qw_attempt_private(attempt) };

    QW_TRY(qw_attempt_addresses(addresses, attempt, dcv->domain, pool));
    for (int i = 0; i < addresses->nelts; i++) {
        target.address = APR_ARRAY_IDX(addresses, i, const char *);
        target.deadline = qw_attempt_share(attempt, addresses->nelts - i);
        prob = qw_tls_probe(seen, &target, pool);
        witness(attempt, &target, seen, prob, pool);
        if (prob == NULL || seen->connected)
            break;
    }
    return prob;
}

static qw_problem_t *try_tlsalpn01(json_t *evidence, const qw_dcv_t *dcv,
                                   apr_pool_t *pool)
{
    qw_attempt_t attempt;
    qw_tls_seen_t seen = { 0 };

    QW_TRY(qw_attempt_open(&attempt, evidence, dcv, pool));
    QW_TRY(probe(&seen, &attempt, pool));
    if (seen.alpn == NULL || strcmp(seen.alpn, protocol) != 0)
        return QW_FAIL(pool, UNAUTHORIZED,
                       "%s did not negotiate the protocol acme-tls/1 but %s",
                       dcv->domain, seen.alpn != NULL ? seen.alpn : "none");
    if (seen.leaf.len == 0)
        return QW_FAIL(pool, UNAUTHORIZED, "%s showed no certificate",
                       dcv->domain);
    return qw_acme_id_check(&seen.leaf, dcv->domain, dcv->key_auth, pool);
}

const qw_validator_t qw_tlsalpn01 = { "tls-alpn-01", "tls-alpn-01", 0,
                                      try_tlsalpn01 };
