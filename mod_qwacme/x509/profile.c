#include "x509/profile_row.h"

#include "base/b64.h"
#include "base/text.h"

#include <apr_strings.h>
#include <openssl/sha.h>
#include <string.h>

static const qw_profile_t rows[] = {
#define QW_PROFILE(...) { __VA_ARGS__ },
#include "x509/profile.def"
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

const qw_profile_t *qw_profile_at(int n)
{
    return n >= 0 && n < ROWS ? &rows[n] : NULL;
}

const qw_profile_t *qw_profile_find(const char *name)
{
    int i;

    for (i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    }
    return NULL;
}

const char *qw_profile_name(const qw_profile_t *profile)
{
    return profile->name;
}

const char *qw_profile_title(const qw_profile_t *profile)
{
    return profile->title;
}

int qw_profile_allows_wildcard(const qw_profile_t *profile)
{
    return (profile->flags & QW_PROFILE_WILDCARD) != 0;
}

int qw_profile_needs_ct(const qw_profile_t *profile)
{
    return (profile->flags & QW_PROFILE_CT) != 0;
}

static const char *attr_names(unsigned set, apr_pool_t *pool)
{
    apr_array_header_t *names = apr_array_make(pool, 16, sizeof(const char *));
    int i;

    for (i = 0; i < QW_ATTR_COUNT; i++) {
        if (set & (1u << i))
            APR_ARRAY_PUSH(names, const char *) =
                qw_attr_row((qw_attr_e)i)->name;
    }
    return qw_text_join(names, ",", pool);
}

const char *qw_profile_hash(const qw_profile_t *profile, apr_pool_t *pool)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    qw_bytes_t purpose = qw_oid_der(profile->purpose), policy;
    const char *text = "";
    int i;

    for (i = 0; i < profile->policy_count; i++) {
        policy = qw_oid_der(profile->policies[i]);
        text = apr_pstrcat(pool, text, " ", qw_oid_text(&policy, pool), NULL);
    }
    text = apr_psprintf(
        pool,
        "name %s\npolicies%s\npurpose %s\nmust %s\nmay %s\nany of %s\n"
        "wildcard %d\ncommon name %d\nev orgid %d\n",
        profile->name, text, qw_oid_text(&purpose, pool),
        attr_names(profile->must, pool), attr_names(profile->may, pool),
        attr_names(profile->any_of, pool),
        (profile->flags & QW_PROFILE_WILDCARD) != 0,
        (profile->flags & QW_PROFILE_COMMON_NAME) != 0,
        (profile->flags & QW_PROFILE_EV_ORGID) != 0);
    SHA256((const unsigned char *)text, strlen(text), hash);
    return qw_hex_encode(hash, sizeof(hash), pool);
}
