#include "acme/proof.h"

#include "base/b64.h"
#include "base/text.h"
#include "base/world.h"
#include "check/check.h"
#include "model/dates.h"
#include "store/db_order.h"

#include <apr_strings.h>

#include <string.h>

enum { TOKEN_BYTES = 32 };

/* RFC8555-8: 256 bits, base64url. */
static qw_problem_t *make_token(const char **token, apr_pool_t *pool)
{
    unsigned char bytes[TOKEN_BYTES];

    QW_TRY(qw_random(bytes, sizeof(bytes), pool));
    *token = qw_b64url_encode(bytes, sizeof(bytes), pool);
    return NULL;
}

static qw_problem_t *add_challenge(qw_db_t *db, const char *authz_id,
                                   const char *type, apr_pool_t *pool)
{
    qw_challenge_t c = { 0 };

    QW_TRY(qw_id_make(&c.id, pool));
    QW_TRY(make_token(&c.token, pool));
    c.authz_id = authz_id;
    c.type = type;
    return qw_challenge_insert(db, &c, pool);
}

static qw_problem_t *make(qw_authz_t **authz, const qw_call_t *call,
                          qw_db_t *db, const qw_authz_t *like)
{
    qw_authz_t *a = apr_pmemdup(call->pool, like, sizeof(*a));
    const apr_array_header_t *types = call->authority->challenges;
    int i;

    QW_TRY(qw_id_make(&a->id, call->pool));
    a->authority = call->authority->name;
    a->external_id = call->account->external_id;
    a->status = QW_authz_PENDING;
    a->created = call->now;
    a->expires = call->now + call->authority->authz_lifetime;
    QW_TRY(qw_authz_insert(db, a, call->pool));
    for (i = 0; i < types->nelts; i++) {
        const char *type = APR_ARRAY_IDX(types, i, const char *);

        if (!a->wildcard || qw_validator_find(type)->proves_wildcard)
            QW_TRY(add_challenge(db, a->id, type, call->pool));
    }
    *authz = a;
    return NULL;
}

/* How long a proof may be used again: as configured, never longer than the
 * policy clock allows. Pre-authorization is of no use without. */
static apr_interval_time_t reuse_of(const qw_authority_t *authority,
                                    apr_time_t now)
{
    apr_interval_time_t most = qw_rule_span(QW_RULE_DCV_REUSE, now);
    apr_interval_time_t reuse = authority->authz_reuse;

    if (reuse == 0 && authority->pre_authorization)
        reuse = authority->authz_lifetime;
    return reuse < most ? reuse : most;
}

static qw_problem_t *find(qw_authz_t **authz, const qw_call_t *call,
                          qw_db_t *db, qw_authz_t *like)
{
    apr_interval_time_t reuse = reuse_of(call->authority, call->now);

    *authz = NULL;
    like->status = QW_authz_VALID;
    if (reuse > 0)
        QW_TRY(qw_authz_find(authz, db, like, call->now, call->now - reuse,
                             call->pool));
    if (*authz != NULL
        && !qw_text_in(call->authority->challenges, (*authz)->method))
        *authz = NULL; /* shown in a way that is no longer offered */
    like->status = QW_authz_PENDING;
    if (*authz == NULL && call->authority->pre_authorization)
        return qw_authz_find(authz, db, like, call->now, 0, call->pool);
    return NULL;
}

qw_problem_t *qw_proof_for(qw_authz_t **authz, int *found,
                           const qw_call_t *call, qw_db_t *db, const char *name)
{
    qw_authz_t like = { 0 };

    like.account_id = call->account->id;
    like.created = call->account->stopped_at; /* [LIM-21] */
    like.wildcard = strncmp(name, "*.", 2) == 0;
    like.name = like.wildcard ? name + 2 : name;
    QW_TRY(find(authz, call, db, &like));
    *found = *authz != NULL;
    return *found ? NULL : make(authz, call, db, &like);
}
