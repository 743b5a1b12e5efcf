/* Download, RFC8555-7.4.2: the leaf and the chain of its issuer, or another
 * chain that is configured. */
#include "acme/render.h"
#include "base/world.h"
#include "store/db_ledger.h"

#include <apr_strings.h>

#include <stdlib.h>
#include <string.h>

typedef struct {
    const qw_call_t *call;
    qw_certificate_t *certificate;
} look_t;

static qw_problem_t *read_certificate(qw_db_t *db, void *baton,
                                      apr_pool_t *pool)
{
    look_t *l = baton;

    return qw_certificate_get(&l->certificate, db, l->call->authority->name,
                              l->call->account->id, l->call->id, pool);
}

static const char *issuer_chain(const qw_call_t *call, const char *spki_hash)
{
    const apr_array_header_t *issuers = call->site->issuers;
    int i;

    for (i = 0; i < issuers->nelts; i++) {
        const qw_issuer_t *issuer = APR_ARRAY_IDX(issuers, i, qw_issuer_t *);

        if (strcmp(issuer->spki_hash, spki_hash) == 0)
            return issuer->chain_pem;
    }
    return NULL;
}

/* Number of the chain asked for: 0 the issuer's own, then as configured; -1 if
 * there is none. */
static int chain_number(const qw_call_t *call)
{
    char *end;
    long n;

    if (call->rest == NULL)
        return 0;
    n = strtol(call->rest, &end, 10);
    if (*end != '\0' || n < 1 || n > call->site->alternates->nelts
        || strcmp(apr_ltoa(call->pool, n), call->rest) != 0)
        return -1;
    return (int)n;
}

static void link_others(qw_reply_t *reply, const qw_call_t *call, int shown)
{
    const char *url =
        qw_authority_url(call->authority, "cert", call->id, call->pool);
    int i;

    for (i = 0; i <= call->site->alternates->nelts; i++)
        if (i != shown)
            qw_reply_link(reply,
                          i == 0 ? url
                                 : apr_psprintf(call->pool, "%s/%d", url, i),
                          "alternate", call->pool);
}

qw_problem_t *qw_verb_certificate(const qw_call_t *call, qw_reply_t *reply)
{
    int n = chain_number(call);
    look_t l = { call, NULL };
    const char *chain;

    if (!qw_id_is(call->id) || n < 0)
        return QW_FAIL(call->pool, NOT_FOUND, "no such resource");
    QW_TRY(qw_store_read(call->site->store, read_certificate, &l, call->pool));
    chain = n == 0 ? issuer_chain(call, l.certificate->issuer)
                   : APR_ARRAY_IDX(call->site->alternates, n - 1, const char *);
    if (chain == NULL)
        return QW_FAIL_BECAUSE(call->pool, SERVER_INTERNAL,
                               apr_pstrcat(call->pool,
                                           "no QwacmeIssuer has "
                                           "the key ",
                                           l.certificate->issuer, NULL),
                               "the certificate's chain is not configured");
    reply->status = 200;
    reply->content_type = "application/pem-certificate-chain";
    reply->body = apr_pstrcat(call->pool, l.certificate->pem, chain, NULL);
    reply->body_len = strlen(reply->body);
    link_others(reply, call, n);
    return NULL;
}
