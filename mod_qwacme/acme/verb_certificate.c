/* Download, RFC8555-7.4.2: the leaf and the chain of its issuer, or another
 * chain that is configured. */
#include "acme/render.h"
#include "base/log.h"
#include "base/world.h"
#include "store/db_ledger.h"

#include <apr_strings.h>

#include <stdlib.h>
#include <string.h>

typedef struct {
    const qw_call_t *call;
    qw_certificate_t *certificate;
    apr_time_t fetched; /* before; 0: never */
} look_t;

static qw_problem_t *read_certificate(qw_db_t *db, void *baton,
                                      apr_pool_t *pool)
{
    look_t *l = baton;

    QW_TRY(qw_certificate_get(&l->certificate, db, l->call->authority->name,
                              l->call->account->id, l->call->id, pool));
    return qw_download_get(&l->fetched, db, l->certificate->id, pool);
}

static qw_problem_t *write_down(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;

    return qw_download_insert(db, l->certificate->id, l->call->now, pool);
}

/* The portal shows it; a client gets its certificate whether it is noted or not. */
static void note_first(look_t *l)
{
    qw_problem_t *prob = NULL;

    if (l->fetched == 0)
        prob =
            qw_store_write(l->call->site->store, write_down, l, l->call->pool);
    if (prob != NULL)
        qw_log_problem("QW0572", prob, l->call->pool);
}

/* Number N among those of CHAINS that lead to the issuer of the certificate. */
static const char *chain_of(const look_t *l, const apr_array_header_t *chains,
                            int n)
{
    int i;

    for (i = 0; i < chains->nelts; i++) {
        const qw_issuer_t *issuer = APR_ARRAY_IDX(chains, i, qw_issuer_t *);

        if (strcmp(issuer->spki_hash, l->certificate->issuer) == 0 && n-- == 0)
            return issuer->chain_pem;
    }
    return NULL;
}

/* 0 is the issuer's own chain, then come the others as configured. */
static const char *chain_number(const look_t *l, int n)
{
    const qw_site_t *site = l->call->site;

    return n == 0 ? chain_of(l, site->issuers, 0)
                  : chain_of(l, site->alternates, n - 1);
}

/* Number of the chain asked for; -1 if that is no number. */
static int wanted_chain(const qw_call_t *call)
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

static void link_others(qw_reply_t *reply, const look_t *l, int shown)
{
    const qw_call_t *call = l->call;
    const char *url =
        qw_authority_url(call->authority, "cert", call->id, call->pool);
    int i;

    for (i = 0; chain_number(l, i) != NULL; i++)
        if (i != shown)
            qw_reply_link(reply,
                          i == 0 ? url
                                 : apr_psprintf(call->pool, "%s/%d", url, i),
                          "alternate", call->pool);
}

static qw_problem_t *no_chain(const look_t *l, int n)
{
    apr_pool_t *pool = l->call->pool;

    if (n > 0)
        return QW_FAIL(pool, NOT_FOUND, "no such resource");
    return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL,
                           apr_pstrcat(pool, "no QwacmeIssuer has the key ",
                                       l->certificate->issuer, NULL),
                           "the certificate's chain is not configured");
}

qw_problem_t *qw_verb_certificate(const qw_call_t *call, qw_reply_t *reply)
{
    int n = wanted_chain(call);
    look_t l = { .call = call };
    const char *chain;

    if (!qw_id_is(call->id) || n < 0)
        return QW_FAIL(call->pool, NOT_FOUND, "no such resource");
    QW_TRY(qw_store_read(call->site->store, read_certificate, &l, call->pool));
    chain = chain_number(&l, n);
    if (chain == NULL)
        return no_chain(&l, n);
    note_first(&l);
    reply->status = 200;
    reply->content_type = "application/pem-certificate-chain";
    reply->body = apr_pstrcat(call->pool, l.certificate->pem, chain, NULL);
    reply->body_len = strlen(reply->body);
    link_others(reply, &l, n);
    return NULL;
}
