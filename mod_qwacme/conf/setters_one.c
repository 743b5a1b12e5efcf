/* Setters of one directive each. */
#include "conf/setters.h"
#include "conf/value.h"

#include "base/text.h"

#include <apr_strings.h>

#include <arpa/inet.h>
#include <string.h>

const char *qw_set_database(const qw_setting_t *s)
{
    if (strcmp(s->argv[0], "sqlite3") != 0 && strcmp(s->argv[0], "pgsql") != 0)
        return qw_value_bad(s, s->argv[0],
                            "is no database; write sqlite3 or pgsql");
    if (strcmp(s->argv[0], "sqlite3") == 0 && s->argv[1][0] != '/')
        return qw_value_bad(s, s->argv[1],
                            "is not an absolute path; start it with '/'");
    if (s->argv[1][0] == '\0')
        return qw_value_bad(s, "", "is empty; name host, dbname and user");
    s->conf->db_driver = apr_pstrdup(s->pool, s->argv[0]);
    s->conf->db_params = apr_pstrdup(s->pool, s->argv[1]);
    return NULL;
}

const char *qw_set_audit_key(const qw_setting_t *s)
{
    for (int i = 0; i < s->argc; i++)
        if (s->argv[i][0] != '/')
            return qw_value_bad(s, s->argv[i],
                                "is not an absolute path; start it with '/'");
    s->conf->audit_cert = apr_pstrdup(s->pool, s->argv[0]);
    s->conf->audit_key = apr_pstrdup(s->pool, s->argv[1]);
    s->conf->audit_pin = s->argc > 2 ? apr_pstrdup(s->pool, s->argv[2]) : NULL;
    return NULL;
}

/* RFC3161-3.4: http is enough, for the answer is signed. */
const char *qw_set_timestamp(const qw_setting_t *s)
{
    if (!qw_value_is_url(s->argv[0], "https://")
        && !qw_value_is_url(s->argv[0], "http://"))
        return qw_value_bad(s, s->argv[0],
                            "is not an http or https URL with a host");
    if (s->argc > 1 && s->argv[1][0] != '/')
        return qw_value_bad(s, s->argv[1],
                            "is not an absolute path; start it with '/'");
    s->conf->timestamp_url = apr_pstrdup(s->pool, s->argv[0]);
    s->conf->timestamp_roots =
        s->argc > 1 ? apr_pstrdup(s->pool, s->argv[1]) : NULL;
    return NULL;
}

const char *qw_set_kind(const qw_setting_t *s)
{
    if (strcmp(s->argv[0], "production") == 0)
        s->authority->kind = QW_KIND_PRODUCTION;
    else if (strcmp(s->argv[0], "test") == 0)
        s->authority->kind = QW_KIND_TEST;
    else
        return qw_value_bad(s, s->argv[0],
                            "is no kind; write production or test");
    return NULL;
}

const char *qw_set_base_url(const qw_setting_t *s)
{
    const char *url = s->argv[0], *path;

    if (!qw_value_is_url(url, "https://") || strpbrk(url, "?#") != NULL)
        return qw_value_bad(s, url,
                            "is not an https URL of scheme, host and path");
    if (url[strlen(url) - 1] == '/')
        return qw_value_bad(s, url, "ends with '/'; leave that off");
    path = strchr(url + strlen("https://"), '/');
    s->authority->base_url = apr_pstrdup(s->pool, url);
    s->authority->base_path = path != NULL ? apr_pstrdup(s->pool, path) : "";
    return NULL;
}

const char *qw_set_challenges(const qw_setting_t *s)
{
    static const char *const known[] = { "http-01", "dns-01", "tls-alpn-01" };
    int i;
    unsigned k;

    for (i = 0; i < s->argc; i++) {
        for (k = 0; k < sizeof(known) / sizeof(known[0]); k++)
            if (strcmp(s->argv[i], known[k]) == 0)
                break;
        if (k == sizeof(known) / sizeof(known[0]))
            return qw_value_bad(s, s->argv[i],
                                "is no challenge; choose from http-01, dns-01 "
                                "and tls-alpn-01");
    }
    return qw_set_words(s);
}

const char *qw_set_terms(const qw_setting_t *s)
{
    if (s->argv[0][0] == '\0' || strlen(s->argv[0]) > 64)
        return qw_value_bad(s, s->argv[0],
                            "is no version; write 1 to 64 characters");
    if (!qw_value_is_url(s->argv[1], "https://"))
        return qw_value_bad(s, s->argv[1], "is not an https URL with a host");
    s->authority->terms_version = apr_pstrdup(s->pool, s->argv[0]);
    s->authority->terms_url = apr_pstrdup(s->pool, s->argv[1]);
    return NULL;
}

/* EN319412-5-4.3.4: language as two lower-case letters, URL by https. */
const char *qw_set_pds(const qw_setting_t *s)
{
    qw_pds_t pds;

    if (strlen(s->argv[0]) != 2
        || strspn(s->argv[0], "abcdefghijklmnopqrstuvwxyz") != 2)
        return qw_value_bad(s, s->argv[0],
                            "is no language; write two lower-case letters");
    if (!qw_value_is_url(s->argv[1], "https://"))
        return qw_value_bad(s, s->argv[1], "is not an https URL with a host");
    pds.language = apr_pstrdup(s->pool, s->argv[0]);
    pds.url = apr_pstrdup(s->pool, s->argv[1]);
    APR_ARRAY_PUSH(s->authority->pds, qw_pds_t) = pds;
    return NULL;
}

static int is_resolver(const char *value, apr_pool_t *pool)
{
    const char *at = strchr(value, '@'), *address = value;
    unsigned char binary[16];
    char *end;

    if (at != NULL) {
        apr_int64_t port = apr_strtoi64(at + 1, &end, 10);

        if (end == at + 1 || *end != '\0' || port < 1 || port > 65535)
            return 0;
        address = apr_pstrmemdup(pool, value, (apr_size_t)(at - value));
    }
    return inet_pton(AF_INET, address, binary) == 1
           || inet_pton(AF_INET6, address, binary) == 1;
}

const char *qw_set_resolvers(const qw_setting_t *s)
{
    int i;

    for (i = 0; i < s->argc; i++)
        if (!is_resolver(s->argv[i], s->pool))
            return qw_value_bad(s, s->argv[i],
                                "is not an address, or an address@port, of a "
                                "resolver");
    return qw_set_words(s);
}

static int is_region(const char *value)
{
    static const char *const regions[] = { "AFRINIC", "APNIC", "ARIN", "LACNIC",
                                           "RIPE" };
    unsigned i;

    for (i = 0; i < sizeof(regions) / sizeof(regions[0]); i++)
        if (strcmp(value, regions[i]) == 0)
            return 1;
    return 0;
}

static int is_code(const char *value)
{
    apr_size_t n = strlen(value);

    return n >= 1 && n <= 64
           && strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
                            "XYZ0123456789-_.")
                  == n;
}

const char *qw_set_perspective(const qw_setting_t *s)
{
    apr_array_header_t *all = s->authority->perspectives;
    qw_perspective_t perspective;
    int i;

    if (!is_code(s->argv[0]))
        return qw_value_bad(s, s->argv[0],
                            "is no code; write 1 to 64 letters, digits, '-', "
                            "'_' and '.'");
    for (i = 0; i < all->nelts; i++)
        if (strcmp(APR_ARRAY_IDX(all, i, qw_perspective_t).code, s->argv[0])
            == 0)
            return qw_value_bad(s, s->argv[0], "is named twice");
    if (!qw_value_is_url(s->argv[1], "https://"))
        return qw_value_bad(s, s->argv[1], "is not an https URL with a host");
    if (!is_region(s->argv[2]))
        return qw_value_bad(s, s->argv[2],
                            "is no region; write AFRINIC, APNIC, ARIN, LACNIC "
                            "or RIPE");
    perspective.code = apr_pstrdup(s->pool, s->argv[0]);
    perspective.url = apr_pstrdup(s->pool, s->argv[1]);
    perspective.region = apr_pstrdup(s->pool, s->argv[2]);
    APR_ARRAY_PUSH(all, qw_perspective_t) = perspective;
    return NULL;
}

const char *qw_set_linter(const qw_setting_t *s)
{
    static const char program[] = "exec:";
    const char *place = s->argv[0];
    int i;

    if (strncmp(place, program, sizeof(program) - 1) == 0) {
        if (place[sizeof(program) - 1] != '/' || s->argc > 1)
            return qw_value_bad(s, place,
                                "is not exec: and the absolute path of a "
                                "program, and nothing else");
    }
    else if (!qw_value_is_url(place, "https://")
             && !qw_value_is_url(place, "http://"))
        return qw_value_bad(s, place,
                            "is neither the URL of a pkimetal nor "
                            "exec:/PROGRAM");
    else if (place[strlen(place) - 1] == '/')
        return qw_value_bad(s, place, "ends with '/'; leave that off");
    s->authority->linter = apr_pstrdup(s->pool, place);
    apr_array_clear(s->authority->linters);
    for (i = 1; i < s->argc; i++)
        APR_ARRAY_PUSH(s->authority->linters, const char *) =
            apr_pstrdup(s->pool, s->argv[i]);
    return NULL;
}

const char *qw_set_limit(const qw_setting_t *s)
{
    qw_limit_e which;
    qw_limit_t limit;

    if (!qw_limit_find(&which, s->argv[0]))
        return qw_value_bad(s, s->argv[0],
                            "is no limit; docs/DIRECTIVES names them");
    if (!qw_limit_parse(&limit, s->argv[1], s->argc > 2 ? s->argv[2] : NULL))
        return qw_value_bad(s, s->argv[1],
                            "is no rate; write a count and a time, such as "
                            "300/3h, perhaps a burst, or off");
    s->authority->limits[which] = limit;
    return NULL;
}

static int is_percent(int *percent, const qw_setting_t *s, const char *text)
{
    char *end;
    apr_int64_t n = apr_strtoi64(text, &end, 10);

    *percent = (int)n;
    return end != text && *end == '\0' && n >= s->low && n <= s->high;
}

const char *qw_set_renewal_window(const qw_setting_t *s)
{
    int percent[2];

    for (int i = 0; i < 2; i++)
        if (!is_percent(&percent[i], s, s->argv[i]))
            return qw_value_bad(s, s->argv[i],
                                "is no percentage from 10 to 95");
    if (percent[0] >= percent[1])
        return qw_value_bad(s, s->argv[1],
                            "is not after the start; write the end as the "
                            "greater percentage");
    s->authority->renewal_start = percent[0];
    s->authority->renewal_end = percent[1];
    return NULL;
}

const char *qw_set_four_eyes(const qw_setting_t *s)
{
    int i;

    if (s->argc == 1 && strcmp(s->argv[0], "none") == 0) {
        apr_array_clear(s->authority->four_eyes);
        return NULL;
    }
    for (i = 0; i < s->argc; i++)
        if (!qw_is_action(s->argv[i]))
            return qw_value_bad(s, s->argv[i],
                                "is no action; choose from resume, "
                                "bulk-revoke, register, domain, officer and "
                                "recovery, "
                                "or write none alone");
    return qw_set_words(s);
}

const char *qw_set_mail(const qw_setting_t *s)
{
    const char *address = s->argv[0], *at = strchr(address, '@');

    if (at == NULL || at == address || at[1] == '\0' || strchr(at + 1, '@')
        || strlen(address) > 254 || strpbrk(address, " \t<>\"'?&%,;:\\"))
        return qw_value_bad(s, address,
                            "is no mail address, as in report@qtsp.example");
    *(const char **)s->member = apr_pstrdup(s->pool, address);
    return NULL;
}
