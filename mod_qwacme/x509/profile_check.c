/* profile_check.c -- may this identity stand in a certificate of a profile? */
#include "x509/profile_row.h"

#include "base/text.h"
#include "x509/orgid.h"
#include "x509/psd2.h"

#include <apr_strings.h>
#include <string.h>
#include <strings.h>

typedef struct {
    const qw_profile_t *profile;
    const qw_identity_t *identity;
    apr_array_header_t *findings; /* of qw_problem_t * */
    apr_pool_t *pool;
} check_t;

static void found(check_t *c, qw_problem_t *finding)
{
    if (finding != NULL)
        APR_ARRAY_PUSH(c->findings, qw_problem_t *) = finding;
}

/* Ranges of UTF-8 that a reader does not see or that turn the text around, and
 * combining marks: NFC writes the composed letter. */
static const struct {
    const char *first, *last, *what;
} unwanted[] = {
    { "\x01", "\x1f", "a control character" },
    { "\x7f", "\x7f", "a control character" },
    { "\xc2\x80", "\xc2\x9f", "a control character" },
    { "\xcc\x80", "\xcd\xaf",
      "a combining mark; write the composed letter (NFC)" },
    { "\xe2\x80\x8b", "\xe2\x80\x8f", "an invisible character" },
    { "\xe2\x80\xaa", "\xe2\x80\xae", "a direction character" },
    { "\xe2\x81\xa0", "\xe2\x81\xaf", "an invisible character" },
    { "\xef\xbb\xbf", "\xef\xbb\xbf", "an invisible character" },
};

/* Valid UTF-8 sorts as its characters do. */
static const char *invisible(const char *value)
{
    apr_size_t i, len;

    for (; *value != '\0'; value++) {
        for (i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++) {
            len = strlen(unwanted[i].first);
            if (strncmp(value, unwanted[i].first, len) >= 0
                && strncmp(value, unwanted[i].last, len) <= 0)
                return unwanted[i].what;
        }
    }
    return NULL;
}

/* BR-7.1.4.2: no metadata such as '.', '-' and ' ', nor any other indication
 * that the value is absent. */
static int is_placeholder(const char *value)
{
    static const char *const words[] = { "n/a",     "n.a.",
                                         "none",    "null",
                                         "nil",     "not applicable",
                                         "unknown", "undefined" };
    apr_size_t i;

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcasecmp(value, words[i]) == 0)
            return 1;
    }
    return value[strspn(value, " .,-_/*?'\"#+")] == '\0';
}

static int is_printable_string(const char *value)
{
    return value[strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst"
                               "uvwxyz0123456789 '()+,-./:=?")]
           == '\0';
}

static qw_problem_t *check_value(const qw_attr_row_t *row, const char *value,
                                 apr_pool_t *pool)
{
    const char *safe = qw_text_safe(value, 128, pool), *what;
    apr_size_t len = strlen(value);

    if (!qw_text_is_utf8(value, len))
        return QW_FAIL(pool, INVALID_INPUT, "%s \"%s\" is not UTF-8", row->name,
                       safe);
    if (len == 0 || is_placeholder(value))
        return QW_FAIL(pool, INVALID_INPUT,
                       "%s \"%s\" is a placeholder; leave out what was not "
                       "verified",
                       row->name, safe);
    if (value[0] == ' ' || value[len - 1] == ' ')
        return QW_FAIL(pool, INVALID_INPUT,
                       "%s \"%s\" begins or ends with a space", row->name,
                       safe);
    what = invisible(value);
    if (what != NULL)
        return QW_FAIL(pool, INVALID_INPUT, "%s \"%s\" holds %s", row->name,
                       safe, what);
    if (row->max > 0 && qw_text_chars(value) > row->max)
        return QW_FAIL(pool, INVALID_INPUT,
                       "%s \"%s\" is longer than %d characters", row->name,
                       safe, (int)row->max);
    if (row->tag == QW_DER_PRINTABLE && !is_printable_string(value))
        return QW_FAIL(pool, INVALID_INPUT,
                       "%s \"%s\" holds characters other than ASCII letters, "
                       "digits, space and '()+,-./:=?",
                       row->name, safe);
    return NULL;
}

/* What is not of the subject does no harm where the profile has no use for
 * it. */
static void check_presence(check_t *c)
{
    unsigned set = 0, allowed = c->profile->must | c->profile->may;
    apr_pool_t *pool = c->pool;
    int i;

    for (i = 0; i < QW_ATTR_COUNT; i++) {
        const qw_attr_row_t *row = qw_attr_row((qw_attr_e)i);
        const char *value = qw_identity_get(c->identity, (qw_attr_e)i);

        if (value == NULL) {
            if (c->profile->must & (1u << i))
                found(c,
                      QW_FAIL(pool, INVALID_INPUT, "%s is missing", row->name));
            continue;
        }
        set |= 1u << i;
        if (i < QW_ATTR_IN_SUBJECT && (allowed & (1u << i)) == 0)
            found(c, QW_FAIL(pool, INVALID_INPUT,
                             "%s must not stand in this profile", row->name));
        found(c, check_value(row, value, pool));
    }
    if (c->profile->any_of != 0 && (c->profile->any_of & set) == 0)
        found(c, QW_FAIL(pool, INVALID_INPUT,
                         "neither a name nor a pseudonym is given"));
}

static void check_country(check_t *c, const char *name, const char *value)
{
    if (value != NULL && !qw_country_is(value))
        found(c, QW_FAIL(c->pool, INVALID_INPUT,
                         "%s \"%s\" is not a country code of ISO 3166-1 (two "
                         "capital letters)",
                         name, qw_text_safe(value, 16, c->pool)));
}

/* EVG-7.1.4.2.3: these words exactly. */
static void check_business_category(check_t *c)
{
    static const char *const words[] = { "Private Organization",
                                         "Government Entity", "Business Entity",
                                         "Non-Commercial Entity" };
    const char *value = c->identity->business_category;
    apr_size_t i;

    if (value == NULL)
        return;
    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(value, words[i]) == 0)
            return;
    }
    found(c, QW_FAIL(c->pool, INVALID_INPUT,
                     "business_category \"%s\" is not Private Organization, "
                     "Government Entity, Business Entity or Non-Commercial "
                     "Entity",
                     qw_text_safe(value, 64, c->pool)));
}

/* EVG-H: the number of an NTR identifier is the registration number, and its
 * country the one of registration. */
static qw_problem_t *check_ev_orgid(const qw_orgid_t *orgid,
                                    const qw_identity_t *identity,
                                    apr_pool_t *pool)
{
    const char *country = identity->jurisdiction_country;
    const char *number = identity->serial_number;

    if (strcmp(orgid->scheme, "NTR") != 0)
        return NULL;
    if (country != NULL && strcmp(orgid->country, country) != 0)
        return QW_FAIL(pool, INVALID_INPUT,
                       "organization_identifier names country %s, "
                       "jurisdiction_country is \"%s\"",
                       orgid->country, qw_text_safe(country, 16, pool));
    if (number != NULL && strcmp(orgid->reference, number) != 0)
        return QW_FAIL(pool, INVALID_INPUT,
                       "organization_identifier ends in \"%s\", serial_number "
                       "is \"%s\"",
                       qw_text_safe(orgid->reference, 64, pool),
                       qw_text_safe(number, 64, pool));
    if (orgid->state != NULL && identity->jurisdiction_state == NULL)
        return QW_FAIL(pool, INVALID_INPUT,
                       "organization_identifier names a subdivision, but "
                       "jurisdiction_state is missing");
    return NULL;
}

/* Of a scheme that the profile has; where EN 319 412-1 is promised, without the
 * subdivision that only EVG-H knows. */
static qw_problem_t *check_scheme(const check_t *c, const qw_orgid_t *orgid)
{
    const char *schemes = c->profile->orgid_schemes;

    if (schemes != NULL
        && !qw_text_in(qw_text_words(schemes, c->pool), orgid->scheme))
        return QW_FAIL(c->pool, INVALID_INPUT,
                       "organization_identifier of scheme %s is not allowed "
                       "in this profile; use %s",
                       orgid->scheme,
                       qw_text_join(qw_text_words(schemes, c->pool), ", ",
                                    c->pool));
    if ((c->profile->statements & QW_STATES_LEGAL) && orgid->state != NULL)
        return QW_FAIL(c->pool, INVALID_INPUT,
                       "organization_identifier has a subdivision, which EN "
                       "319 412-1 does not know; leave it out");
    return NULL;
}

static void check_orgid(check_t *c)
{
    const qw_identity_t *identity = c->identity;
    qw_orgid_t orgid = { 0 };
    qw_problem_t *problem;

    if (identity->organization_identifier == NULL)
        return;
    problem =
        qw_orgid_parse(&orgid, identity->organization_identifier, c->pool);
    if (problem == NULL)
        problem = check_scheme(c, &orgid);
    if (problem == NULL && (c->profile->flags & QW_PROFILE_EV_ORGID))
        problem = check_ev_orgid(&orgid, identity, c->pool);
    found(c, problem);
    if (identity->organization != NULL
        && strcmp(identity->organization, identity->organization_identifier)
               == 0)
        found(c, QW_FAIL(c->pool, INVALID_INPUT,
                         "organization_identifier and organization are the "
                         "same; organization is the registered name"));
}

static void check_together(check_t *c)
{
    const qw_identity_t *identity = c->identity;

    check_country(c, "country", identity->country);
    check_country(c, "jurisdiction_country", identity->jurisdiction_country);
    check_business_category(c);
    check_orgid(c);
    found(c, qw_psd2_check(identity, c->pool));
    if ((c->profile->statements & QW_STATES_NATURAL)
        && identity->serial_number != NULL)
        found(c, qw_person_number_check(identity->serial_number, c->pool));
    if (identity->pseudonym != NULL
        && (identity->given_name != NULL || identity->surname != NULL))
        found(c, QW_FAIL(c->pool, INVALID_INPUT,
                         "a pseudonym excludes given_name and surname"));
}

static qw_problem_t *sum_up(const check_t *c)
{
    const char *text = "";
    qw_problem_t *problem, **finding = (qw_problem_t **)c->findings->elts;
    int i;

    if (c->findings->nelts == 0)
        return NULL;
    for (i = 0; i < c->findings->nelts; i++)
        text = apr_pstrcat(c->pool, text, i > 0 ? "; " : "", finding[i]->detail,
                           NULL);
    problem = QW_FAIL(c->pool, INVALID_INPUT,
                      "the identity does not fit profile %s: %s",
                      c->profile->name, text);
    for (i = 0; i < c->findings->nelts; i++)
        qw_problem_add(problem, finding[i], c->pool);
    return problem;
}

qw_problem_t *qw_profile_check_identity(const qw_profile_t *profile,
                                        const qw_identity_t *identity,
                                        apr_pool_t *pool)
{
    check_t c = { profile, identity, NULL, pool };

    c.findings = apr_array_make(pool, 4, sizeof(qw_problem_t *));
    check_presence(&c);
    check_together(&c);
    return sum_up(&c);
}
