#include "x509/profile_row.h"

#include "base/b64.h"
#include "base/text.h"
#include "x509/subject.h"

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

int qw_profile_is_browsers(const qw_profile_t *profile)
{
    return profile->rules == QW_RULES_BR;
}

int qw_profile_has_client_auth(const qw_profile_t *profile)
{
    int i;

    for (i = 0; i < profile->purpose_count; i++) {
        if (profile->purposes[i] == QW_OID_CLIENT_AUTH)
            return 1;
    }
    return 0;
}

int qw_profile_max_days(const qw_profile_t *profile)
{
    return profile->max_days;
}

qw_problem_t *qw_profile_check_names(const qw_profile_t *profile,
                                     const apr_array_header_t *names,
                                     apr_pool_t *pool)
{
    const char *name;

    return qw_subject_common_name(&name, profile, names, pool);
}

int qw_profile_states(const qw_profile_t *profile,
                      const qw_identity_t *identity, qw_statement_e statement)
{
    if ((profile->statements & statement) == 0)
        return 0;
    if (statement == QW_STATES_LEGAL)
        return identity->organization_identifier != NULL;
    if (statement == QW_STATES_NATURAL)
        return identity->serial_number != NULL;
    return 1;
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

static const char *oid_list(const qw_oid_e *oids, int n, apr_pool_t *pool)
{
    const char *text = "";
    int i;

    for (i = 0; i < n; i++) {
        qw_bytes_t der = qw_oid_der(oids[i]);

        text = apr_pstrcat(pool, text, " ", qw_oid_text(&der, pool), NULL);
    }
    return text;
}

const char *qw_profile_hash(const qw_profile_t *profile, apr_pool_t *pool)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    const char *text = apr_psprintf(
        pool,
        "name %s\nrules %d\npolicies%s\npurposes%s\nusage %x\n"
        "statements %x\nmust %s\nmay %s\nany of %s\norgid schemes %s\n"
        "days %d\nflags %x\n",
        profile->name, (int)profile->rules,
        oid_list(profile->policies, profile->policy_count, pool),
        oid_list(profile->purposes, profile->purpose_count, pool),
        profile->usage, profile->statements, attr_names(profile->must, pool),
        attr_names(profile->may, pool), attr_names(profile->any_of, pool),
        profile->orgid_schemes != NULL ? profile->orgid_schemes : "any",
        profile->max_days, profile->flags);

    SHA256((const unsigned char *)text, strlen(text), hash);
    return qw_hex_encode(hash, sizeof(hash), pool);
}
