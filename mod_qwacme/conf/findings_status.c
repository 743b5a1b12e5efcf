#include "conf/findings_status.h"

#include "base/text.h"

#include <apr_strings.h>

#include <string.h>

typedef struct {
    apr_array_header_t *texts; /* of const char * */
    const qw_conf_t *conf;
    const qw_authority_t *authority;
    apr_pool_t *pool;
} look_t;

static void found(look_t *look, const char *text)
{
    APR_ARRAY_PUSH(look->texts, const char *) = text;
}

static int same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* ---- keys of responders ---- */

/* A responder that is broken into must not come to the CA's key. */
static void look_at_ocsp_key(look_t *look, const char *uri,
                             const qw_authority_t *other)
{
    const apr_array_header_t *issuers = other->issuers,
                             *keys = other->ocsp_keys;
    int i, found_one = 0;

    for (i = 0; i < issuers->nelts; i++)
        found_one |=
            same(uri, APR_ARRAY_IDX(issuers, i, qw_issuer_conf_t).key_uri);
    for (i = 0; other != look->authority && i < keys->nelts; i++)
        found_one |=
            same(uri, APR_ARRAY_IDX(keys, i, qw_issuer_conf_t).key_uri);
    if (found_one)
        found(look, apr_psprintf(look->pool,
                                 "QwacmeOCSPKey: '%s' is %s of the authority "
                                 "'%s'; give the responder a key of its own",
                                 uri,
                                 other != look->authority ? "a key"
                                                          : "an issuing key",
                                 other->name));
}

static int is_chain(const qw_authority_t *a, const char *path)
{
    for (int i = 0; i < a->issuers->nelts; i++)
        if (same(path,
                 APR_ARRAY_IDX(a->issuers, i, qw_issuer_conf_t).chain_path))
            return 1;
    return 0;
}

static int is_given_before(const apr_array_header_t *keys, int n)
{
    const char *chain = APR_ARRAY_IDX(keys, n, qw_issuer_conf_t).chain_path;

    for (int i = 0; i < n; i++) {
        const char *other = APR_ARRAY_IDX(keys, i, qw_issuer_conf_t).chain_path;

        if (same(chain, other) || (chain == NULL && other == NULL))
            return 1;
    }
    return 0;
}

static void look_at_ocsp_keys(look_t *look)
{
    const qw_authority_t *a = look->authority;

    for (int i = 0; i < a->ocsp_keys->nelts; i++) {
        const qw_issuer_conf_t *key =
            &APR_ARRAY_IDX(a->ocsp_keys, i, qw_issuer_conf_t);

        if (key->chain_path != NULL && !is_chain(a, key->chain_path))
            found(look, apr_psprintf(look->pool,
                                     "QwacmeOCSPKey: 'issuer=%s' is the CHAIN "
                                     "of no QwacmeIssuer; write one of them",
                                     key->chain_path));
        if (is_given_before(a->ocsp_keys, i))
            found(look, apr_psprintf(look->pool,
                                     "QwacmeOCSPKey: '%s' is a second key of "
                                     "the same responder; write issuer=CHAIN "
                                     "for that of one issuer",
                                     key->key_uri));
        for (int k = 0; k < look->conf->authorities->nelts; k++)
            look_at_ocsp_key(look, key->key_uri,
                             APR_ARRAY_IDX(look->conf->authorities, k,
                                           qw_authority_t *));
    }
}

/* ---- what is shown at an URL, and by whom ---- */

enum { SHOWN = 3 };

typedef struct {
    const char *directive, *url;
} shown_t;

static void list_shown(shown_t shown[SHOWN], const qw_authority_t *a)
{
    const shown_t all[SHOWN] = { { "QwacmeIssuerURL", a->issuer_url },
                                 { "QwacmeCRLURL", a->crl_url },
                                 { "QwacmeOCSPURL", a->ocsp_url } };

    memcpy(shown, all, sizeof(all));
}

/* Host, port and path of URL as a client asks for them; a slash at the end tells
 * no two apart. */
static const char *place_of(const char *url, apr_pool_t *pool)
{
    const char *host = strstr(url, "://") + 3;
    apr_size_t len = strcspn(host, "/");
    const char *path = host + len;
    apr_size_t path_len = strlen(path);

    if (path_len > 0 && path[path_len - 1] == '/')
        path_len--;
    if (len > 3 && strncmp(host + len - 3, ":80", 3) == 0)
        len -= 3;
    return apr_pstrcat(pool,
                       qw_text_lower(apr_pstrmemdup(pool, host, len), pool),
                       apr_pstrmemdup(pool, path, path_len), NULL);
}

/* Only with the issuer's id in it one URL is several. */
static int is_one_place(const char *a, const char *b, int same_kind,
                        apr_pool_t *pool)
{
    return a != NULL && b != NULL
           && (!same_kind || strstr(a, "%{issuer}") == NULL)
           && strcmp(place_of(a, pool), place_of(b, pool)) == 0;
}

static void look_at_shown(look_t *look, const qw_authority_t *other)
{
    shown_t ours[SHOWN], theirs[SHOWN];

    list_shown(ours, look->authority);
    list_shown(theirs, other);
    for (int i = 0; i < SHOWN; i++)
        for (int k = other == look->authority ? i + 1 : 0; k < SHOWN; k++)
            if (is_one_place(ours[i].url, theirs[k].url, i == k, look->pool))
                found(look,
                      apr_psprintf(look->pool,
                                   "%s: '%s' is where %s of the authority '%s' "
                                   "leads too; choose another host or path",
                                   ours[i].directive, ours[i].url,
                                   theirs[k].directive, other->name));
}

apr_array_header_t *qw_conf_status_findings(const qw_conf_t *conf, int n,
                                            apr_pool_t *pool)
{
    const apr_array_header_t *all = conf->authorities;
    look_t look = { apr_array_make(pool, 2, sizeof(const char *)), conf,
                    APR_ARRAY_IDX(all, n, qw_authority_t *), pool };

    look_at_ocsp_keys(&look);
    for (int i = n; i < all->nelts; i++)
        look_at_shown(&look, APR_ARRAY_IDX(all, i, qw_authority_t *));
    return look.texts;
}
