#include "x509/orgid.h"

#include "base/text.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

static const char countries[] =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI "
    "BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN "
    "CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK "
    "FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM "
    "HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN "
    "KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK "
    "ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP "
    "NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW "
    "SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF "
    "TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI "
    "VN VU WF WS YE YT ZA ZM ZW ";

int qw_country_is(const char *code)
{
    const char *at;

    if (strlen(code) != 2)
        return 0;
    for (at = countries; *at != '\0'; at += 3) {
        if (at[0] == code[0] && at[1] == code[1])
            return 1;
    }
    return 0;
}

/* Characters of SET at the start of TEXT. */
static apr_size_t span(const char *text, int (*is)(char))
{
    apr_size_t n = 0;

    while (text[n] != '\0' && is(text[n]))
        n++;
    return n;
}

static int is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static int is_upper_or_digit(char c)
{
    return is_upper(c) || (c >= '0' && c <= '9');
}

static int is_scheme(const char *scheme)
{
    static const char *const known[] = { "NTR", "VAT", "PSD",
                                         "LEI", "EOR", "EXC" };
    apr_size_t i;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(scheme, known[i]) == 0)
            return 1;
    }
    return span(scheme, is_upper) == 2 && scheme[2] == ':';
}

/* VAT numbers of Greece and Northern Ireland have codes of their own, and an
 * LEI has no country: EN319412-1-5.1.4, EVG-H. */
static int is_country_of(const char *scheme, const char *country)
{
    if (strcmp(scheme, "LEI") == 0)
        return strcmp(country, "XG") == 0;
    if (strcmp(scheme, "VAT") == 0
        && (strcmp(country, "EL") == 0 || strcmp(country, "XI") == 0))
        return 1;
    return qw_country_is(country);
}

/* ISO 17442: 20 characters, remainder 1 modulo 97 (ISO 7064). */
static int is_lei(const char *reference)
{
    unsigned rest = 0;
    const char *at;

    if (strlen(reference) != 20 || span(reference, is_upper_or_digit) != 20)
        return 0;
    for (at = reference; *at != '\0'; at++) {
        rest = is_upper(*at) ? rest * 100 + (unsigned)(*at - 'A' + 10)
                             : rest * 10 + (unsigned)(*at - '0');
        rest %= 97;
    }
    return rest == 1;
}

/* Authority of 2 to 8 letters, hyphen, number. TS119495-5.2.1 */
static int is_psd(const char *reference)
{
    apr_size_t n = span(reference, is_upper);

    return n >= 2 && n <= 8 && reference[n] == '-' && reference[n + 1] != '\0';
}

static int has_space(const char *text)
{
    for (; *text != '\0'; text++) {
        if (apr_isspace(*text) || apr_iscntrl(*text))
            return 1;
    }
    return 0;
}

static qw_problem_t *check_reference(const qw_orgid_t *orgid, const char *safe,
                                     apr_pool_t *pool)
{
    if (*orgid->reference == '\0' || has_space(orgid->reference))
        return QW_FAIL(pool, INVALID_INPUT,
                       "organization_identifier \"%s\" has no reference after "
                       "the country and hyphen, or white space in it",
                       safe);
    if (strcmp(orgid->scheme, "LEI") == 0 && !is_lei(orgid->reference))
        return QW_FAIL(pool, INVALID_INPUT,
                       "organization_identifier \"%s\" is not a valid LEI "
                       "(20 letters and digits with a right check number)",
                       safe);
    if (strcmp(orgid->scheme, "PSD") == 0 && !is_psd(orgid->reference))
        return QW_FAIL(pool, INVALID_INPUT,
                       "organization_identifier \"%s\" is not "
                       "PSDcc-AUTHORITY-number with an authority of 2 to 8 "
                       "capital letters",
                       safe);
    return NULL;
}

qw_problem_t *qw_orgid_parse(qw_orgid_t *orgid, const char *text,
                             apr_pool_t *pool)
{
    const char *safe = qw_text_safe(text, 128, pool), *rest;
    qw_orgid_t parsed = { 0 };
    apr_size_t n;

    if (strlen(text) < 6 || span(text + 3, is_upper) < 2)
        return QW_FAIL(pool, INVALID_INPUT,
                       "organization_identifier \"%s\" is not a scheme (as "
                       "NTR, VAT, PSD, LEI), a country, a hyphen and a "
                       "reference, as in NTRFR-130007669",
                       safe);
    parsed.scheme = apr_pstrndup(pool, text, 3);
    parsed.country = apr_pstrndup(pool, text + 3, 2);
    rest = text + 5;
    if (*rest == '+') {
        n = span(rest + 1, is_upper_or_digit);
        parsed.state = apr_pstrndup(pool, rest + 1, n);
        rest += 1 + n;
        if (n < 1 || n > 3 || strcmp(parsed.scheme, "NTR") != 0)
            return QW_FAIL(pool, INVALID_INPUT,
                           "organization_identifier \"%s\": a subdivision is "
                           "1 to 3 characters and goes with NTR only",
                           safe);
    }
    if (!is_scheme(parsed.scheme)
        || !is_country_of(parsed.scheme, parsed.country) || *rest != '-')
        return QW_FAIL(pool, INVALID_INPUT,
                       "organization_identifier \"%s\": unknown scheme or "
                       "country, or no hyphen after them",
                       safe);
    parsed.reference = apr_pstrdup(pool, rest + 1);
    QW_TRY(check_reference(&parsed, safe, pool));
    *orgid = parsed;
    return NULL;
}

qw_problem_t *qw_person_number_check(const char *text, apr_pool_t *pool)
{
    static const char *const schemes[] = { "PNO", "TIN", "IDC", "PAS" };
    char country[3] = "";
    apr_size_t i;

    if (strlen(text) > 6)
        memcpy(country, text + 3, 2);
    for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (strncmp(text, schemes[i], 3) == 0 && qw_country_is(country)
            && text[5] == '-' && !has_space(text))
            return NULL;
    }
    return QW_FAIL(pool, INVALID_INPUT,
                   "serial_number \"%s\" is not PNO, TIN, IDC or PAS, a "
                   "country, a hyphen and the person's number, as in "
                   "PNOFR-1234567",
                   qw_text_safe(text, 64, pool));
}
