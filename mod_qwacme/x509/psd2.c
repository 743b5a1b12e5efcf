#include "x509/psd2.h"

#include "base/text.h"
#include "x509/oid.h"
#include "x509/orgid.h"

#include <apr_strings.h>
#include <string.h>

static const struct {
    const char *name;
    qw_oid_e oid;
} roles[] = {
#define QW_PSP_ROLE(name, oid) { name, QW_OID_##oid },
#include "x509/psd2.def"
};

enum { ROLES = sizeof(roles) / sizeof(roles[0]) };

/* Number of the role whose name is the LEN octets of NAME; ROLES if none. */
static int find(const char *name, apr_size_t len)
{
    int i;

    for (i = 0; i < ROLES; i++) {
        if (strlen(roles[i].name) == len
            && memcmp(roles[i].name, name, len) == 0)
            break;
    }
    return i;
}

/* The role at *AT, which moves on behind it and the space after it. */
static int next_role(const char **at)
{
    apr_size_t len = strcspn(*at, " ");
    int role = find(*at, len);

    *at += len;
    if (at[0][0] == ' ')
        (*at)++;
    return role;
}

static qw_problem_t *check_roles(const char *text, apr_pool_t *pool)
{
    const char *at = text;
    unsigned seen = 0;

    do {
        int role = next_role(&at);

        if (role == ROLES)
            return QW_FAIL(pool, INVALID_INPUT,
                           "psd2_roles \"%s\" is not a list of PSP_AS, "
                           "PSP_PI, PSP_AI, PSP_IC or Unspecified, separated "
                           "by one space",
                           qw_text_safe(text, 64, pool));
        if (seen & (1u << role))
            return QW_FAIL(pool, INVALID_INPUT, "psd2_roles has %s twice",
                           roles[role].name);
        seen |= 1u << role;
    } while (*at != '\0');
    return NULL;
}

/* "FR-ACPR": a country and 2 to 8 capital letters. TS119495-5.2.3 */
static int is_nca_id(const char *id)
{
    char country[3] = "";
    apr_size_t n;

    if (strlen(id) < 5 || id[2] != '-')
        return 0;
    memcpy(country, id, 2);
    n = strspn(id + 3, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return n >= 2 && n <= 8 && id[3 + n] == '\0' && qw_country_is(country);
}

static qw_problem_t *check_authority(const qw_identity_t *identity,
                                     apr_pool_t *pool)
{
    const char *at = identity->nca_name;

    for (; at != NULL && *at != '\0'; at++) {
        if (*at < 0x20 || *at > 0x7e)
            return QW_FAIL(pool, INVALID_INPUT,
                           "nca_name \"%s\" is not in ASCII; write the "
                           "authority's name in English",
                           qw_text_safe(identity->nca_name, 64, pool));
    }
    if (identity->nca_id != NULL && !is_nca_id(identity->nca_id))
        return QW_FAIL(pool, INVALID_INPUT,
                       "nca_id \"%s\" is not a country, a hyphen and 2 to 8 "
                       "capital letters, as in FR-ACPR",
                       qw_text_safe(identity->nca_id, 32, pool));
    return NULL;
}

/* PSDFR-ACPR-16528 is a number that FR-ACPR gave. */
static qw_problem_t *check_number(const qw_identity_t *identity,
                                  apr_pool_t *pool)
{
    const char *number = identity->organization_identifier;
    apr_size_t n;

    if (number == NULL || identity->nca_id == NULL
        || strncmp(number, "PSD", 3) != 0)
        return NULL;
    n = strlen(identity->nca_id);
    if (strncmp(number + 3, identity->nca_id, n) == 0 && number[3 + n] == '-')
        return NULL;
    return QW_FAIL(pool, INVALID_INPUT,
                   "organization_identifier \"%s\" is not a number of the "
                   "authority nca_id \"%s\"",
                   qw_text_safe(number, 64, pool),
                   qw_text_safe(identity->nca_id, 32, pool));
}

qw_problem_t *qw_psd2_check(const qw_identity_t *identity, apr_pool_t *pool)
{
    if (identity->psd2_roles != NULL)
        QW_TRY(check_roles(identity->psd2_roles, pool));
    QW_TRY(check_authority(identity, pool));
    return check_number(identity, pool);
}

static void put_role(qw_der_t *der, int role)
{
    qw_bytes_t id = qw_oid_der(roles[role].oid);
    apr_size_t pair = qw_der_open(der, QW_DER_SEQUENCE);

    qw_der_raw(der, &id);
    qw_der_text(der, QW_DER_UTF8, roles[role].name);
    qw_der_close(der, pair);
}

void qw_psd2_put(qw_der_t *der, const qw_identity_t *identity)
{
    qw_bytes_t id = qw_oid_der(QW_OID_PSD2_STATEMENT);
    apr_size_t statement = qw_der_open(der, QW_DER_SEQUENCE), info, list;
    const char *at = identity->psd2_roles;

    qw_der_raw(der, &id);
    info = qw_der_open(der, QW_DER_SEQUENCE);
    list = qw_der_open(der, QW_DER_SEQUENCE);
    while (*at != '\0')
        put_role(der, next_role(&at));
    qw_der_close(der, list);
    qw_der_text(der, QW_DER_UTF8, identity->nca_name);
    qw_der_text(der, QW_DER_UTF8, identity->nca_id);
    qw_der_close(der, info);
    qw_der_close(der, statement);
}
