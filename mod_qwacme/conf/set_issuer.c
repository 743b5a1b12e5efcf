/* QwacmeIssuer, QwacmeOCSPKey, and the URLs that lead to what an issuer publishes. */
#include "conf/setters.h"
#include "conf/value.h"

#include "base/text.h"

#include <apr_strings.h>

#include <string.h>

#define CREDENTIAL "credential:"
#define FILE_LETTERS                                                           \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

/* A file, or a URI of another scheme: "pkcs11:token=...". */
static int is_key_place(const char *value)
{
    const char *colon = strchr(value, ':');

    return value[0] == '/' || (colon != NULL && colon - value >= 2);
}

static const char *set_key(qw_issuer_conf_t *issuer, const qw_setting_t *s,
                           const char *value)
{
    if (!issuer->for_ocsp && strcmp(value, "none") == 0)
        return NULL;
    if (!is_key_place(value))
        return qw_value_bad(s, value,
                            issuer->for_ocsp
                                ? "is neither an absolute path nor a URI such "
                                  "as pkcs11:token=qwac;object=ocsp"
                                : "is neither an absolute path nor a URI such "
                                  "as pkcs11:token=qwac;object=issuing; write "
                                  "none for an issuer that signs no more");
    /* not shown: it stands in it */
    if (strstr(value, "pin-value") != NULL)
        return qw_value_bad(s, "pin-value",
                            "would show the PIN to whoever reads the "
                            "configuration; name a file that holds it");
    issuer->key_uri = apr_pstrdup(s->pool, value);
    return NULL;
}

static const char *set_pin(qw_issuer_conf_t *issuer, const qw_setting_t *s,
                           const char *value)
{
    const char *name = value + strlen(CREDENTIAL);

    if (strncmp(value, CREDENTIAL, strlen(CREDENTIAL)) == 0) {
        if (*name == '\0' || *name == '.'
            || name[strspn(name, FILE_LETTERS)] != '\0')
            return qw_value_bad(s, value,
                                "names no credential; write the ID of a "
                                "LoadCredential= of the service");
        issuer->pin_credential = apr_pstrdup(s->pool, name);
        return NULL;
    }
    if (value[0] != '/')
        return qw_value_bad(s, value,
                            "is not an absolute path; name a file that holds "
                            "the PIN, or credential:NAME");
    issuer->pin_path = apr_pstrdup(s->pool, value);
    return NULL;
}

static const char *set_option(qw_issuer_conf_t *issuer, const qw_setting_t *s,
                              const char *value)
{
    if (strncmp(value, "for=", 4) != 0)
        return set_pin(issuer, s, value);
    if (strcmp(value, "for=rsa") == 0)
        issuer->takes = QW_TAKES_RSA;
    else if (strcmp(value, "for=ecdsa") == 0)
        issuer->takes = QW_TAKES_ECDSA;
    else
        return qw_value_bad(s, value,
                            "is no kind of keys; write for=rsa or for=ecdsa");
    return NULL;
}

const char *qw_set_issuer(const qw_setting_t *s)
{
    qw_issuer_conf_t issuer = { 0 };
    const char *error;
    int i;

    if (s->argv[0][0] != '/')
        return qw_value_bad(s, s->argv[0],
                            "is not an absolute path; start it with '/'");
    error = set_key(&issuer, s, s->argv[1]);
    for (i = 2; i < s->argc && error == NULL; i++)
        error = set_option(&issuer, s, s->argv[i]);
    if (error != NULL)
        return error;
    issuer.chain_path = apr_pstrdup(s->pool, s->argv[0]);
    APR_ARRAY_PUSH(s->authority->issuers, qw_issuer_conf_t) = issuer;
    return NULL;
}

static const char *set_ocsp_option(qw_issuer_conf_t *key, const qw_setting_t *s,
                                   const char *value)
{
    static const char issuer[] = "issuer=";
    const char *path = value + sizeof(issuer) - 1;

    if (strncmp(value, issuer, sizeof(issuer) - 1) != 0)
        return set_pin(key, s, value);
    if (*path != '/')
        return qw_value_bad(s, value,
                            "names no issuer; write the CHAIN of its "
                            "QwacmeIssuer after issuer=");
    key->chain_path = apr_pstrdup(s->pool, path);
    return NULL;
}

const char *qw_set_ocsp_key(const qw_setting_t *s)
{
    qw_issuer_conf_t key = { .for_ocsp = 1 };
    const char *error = set_key(&key, s, s->argv[0]);
    int i;

    for (i = 1; i < s->argc && error == NULL; i++)
        error = set_ocsp_option(&key, s, s->argv[i]);
    if (error == NULL)
        APR_ARRAY_PUSH(s->authority->ocsp_keys, qw_issuer_conf_t) = key;
    return error;
}

/* An http URL that is PLAIN with something in its placeholders. */
static const char *set_url(const qw_setting_t *s, const char *plain,
                           const char *bad)
{
    qw_setting_t probe = *s;
    const char *error;

    if (strchr(plain, '{') != NULL)
        return qw_value_bad(s, s->argv[0], bad);
    probe.argv = &plain;
    error = qw_set_http_url(&probe);
    return error != NULL ? error : qw_set_text(s);
}

/* An http URL that may have %{issuer} where issuers differ. */
const char *qw_set_issuer_url(const qw_setting_t *s)
{
    return set_url(s, qw_issuer_url(s->argv[0], "0", s->pool),
                   "has another placeholder than %{issuer}");
}

const char *qw_set_crl_url(const qw_setting_t *s)
{
    const char *plain = qw_issuer_url(s->argv[0], "0", s->pool);

    return set_url(s, qw_period_url(plain, "", s->pool),
                   "has another placeholder than %{issuer} and %{period}");
}
