/* What a configuration lacks, or says against itself. */
#include "conf/conf.h"
#include "conf/findings_status.h"

#include "base/text.h"
#include "model/dates.h"

#include <apr_strings.h>

#include <string.h>

typedef struct {
    apr_array_header_t *texts; /* of const char * */
    const qw_conf_t *conf;
    const qw_authority_t *authority;
    apr_time_t now;
    apr_pool_t *pool;
} look_t;

static void found(look_t *look, const char *text)
{
    if (look->authority != NULL)
        text = apr_psprintf(look->pool, "%s (in <QwacmeAuthority %s>)", text,
                            look->authority->name);
    APR_ARRAY_PUSH(look->texts, const char *) = text;
}

static void need(look_t *look, int present, const char *directive,
                 const char *why)
{
    if (!present)
        found(look,
              apr_pstrcat(look->pool, directive, " is missing; ", why, NULL));
}

/* Nobody's password goes over a wire in clear. */
static void look_at_mail(look_t *look)
{
    const qw_conf_t *c = look->conf;

    need(look, c->mail_server == NULL || c->mail_from != NULL, "QwacmeMailFrom",
         "write the address that mail by QwacmeMailServer comes from");
    need(look,
         c->mail_server != NULL
             || (c->mail_from == NULL && c->mail_user == NULL
                 && c->mail_ca == NULL),
         "QwacmeMailServer",
         "write smtp://HOST:PORT or smtps://HOST:PORT, or remove "
         "QwacmeMailFrom, "
         "QwacmeMailUser and QwacmeMailCACertificateFile");
    if (c->mail_server != NULL && c->mail_user != NULL
        && c->mail_tls == QW_MAIL_TLS_NEVER && !qw_conf_mail_is_local(c))
        found(look, apr_psprintf(look->pool,
                                 "QwacmeMailServer: '%s' without TLS would get "
                                 "the password of QwacmeMailUser in clear; "
                                 "remove tls=never, or QwacmeMailUser",
                                 c->mail_server));
}

static void look_at_server(look_t *look)
{
    const qw_conf_t *c = look->conf;

    if (c->authorities->nelts == 0 && c->local_perspectives->nelts > 0)
        return;
    need(look, c->db_driver != NULL, "QwacmeDatabase",
         "write QwacmeDatabase sqlite3 FILE");
    need(look, c->state_dir != NULL, "QwacmeStateDir",
         "name a folder that httpd's and the signer's user can write to");
    need(look, c->seal_key != NULL, "QwacmeSealKey",
         "make a file with 'qwacmectl seal-key create FILE' and name it");
    need(look, c->timestamp_url == NULL || c->audit_key != NULL,
         "QwacmeAuditKey",
         "QwacmeTimestampURL has nothing to timestamp without it");
    if (c->portal_db_params != NULL && c->db_driver != NULL
        && strcmp(c->db_driver, "pgsql") != 0)
        found(look,
              "QwacmePortalDatabase: roles are PostgreSQL's; remove it, or "
              "write QwacmeDatabase pgsql");
    look_at_mail(look);
    need(look, c->authorities->nelts > 0, "QwacmeAuthority",
         "write <QwacmeAuthority NAME> ... </QwacmeAuthority>");
}

static int has_english_pds(const qw_authority_t *a)
{
    int i;

    for (i = 0; i < a->pds->nelts; i++)
        if (strcmp(APR_ARRAY_IDX(a->pds, i, qw_pds_t).language, "en") == 0)
            return 1;
    return 0;
}

static int count_signing(const qw_authority_t *a)
{
    int i, n = 0;

    for (i = 0; i < a->issuers->nelts; i++)
        if (APR_ARRAY_IDX(a->issuers, i, qw_issuer_conf_t).key_uri != NULL)
            n++;
    return n;
}

static void need_issuer_in(look_t *look, const char *url, const char *directive)
{
    if (url != NULL && strstr(url, "%{issuer}") == NULL)
        found(look,
              apr_psprintf(look->pool,
                           "%s: '%s' is that of one issuer, and %d sign; "
                           "write %%{issuer} into it",
                           directive, url, count_signing(look->authority)));
}

/* RFC5280-4.2.2.1, RFC5280-5: a CA has its own certificate and its own CRL; a
 * responder may answer for many. */
static void look_at_signing(look_t *look)
{
    const qw_authority_t *a = look->authority;

    need(look, a->issuers->nelts > 0, "QwacmeIssuer",
         "name the certificate chain and the key of the issuing CA");
    if (a->issuers->nelts > 0 && count_signing(a) == 0)
        found(look, "QwacmeIssuer: none of them has a key; name that of the "
                    "one which signs");
    if (count_signing(a) < 2)
        return;
    need_issuer_in(look, a->issuer_url, "QwacmeIssuerURL");
    need_issuer_in(look, a->crl_url, "QwacmeCRLURL");
}

static void look_at_needs(look_t *look)
{
    const qw_authority_t *a = look->authority;

    need(look, a->base_url != NULL, "QwacmeBaseURL",
         "write the https URL under which clients reach the authority");
    look_at_signing(look);
    need(look, a->profiles->nelts > 0, "QwacmeProfiles",
         "name at least one certificate profile, such as qevcp-w");
    need(look, a->terms_url != NULL, "QwacmeTerms",
         "write the version of the terms of service and their URL");
    need(look, a->caa_identities->nelts > 0, "QwacmeCAAIdentities",
         "write the domain name that CAA records name this CA by");
    /* EN319412-5-4.3.4: one of them is in English. */
    need(look, has_english_pds(a), "QwacmePDS en",
         "write the URL of the PKI disclosure statement in English");
    /* BR-7.1.2.7.7: where to find the issuer; BR-4.9: whether it is revoked. */
    need(look, a->issuer_url != NULL, "QwacmeIssuerURL",
         "write the http URL of the issuing certificate");
    need(look, a->crl_url != NULL || a->ocsp_url != NULL,
         "QwacmeCRLURL or QwacmeOCSPURL",
         "write the http URL where revocation is told");
}

static void look_at_period(look_t *look)
{
    const qw_authority_t *a = look->authority;
    int named = a->crl_url != NULL && strstr(a->crl_url, "%{period}") != NULL;

    if (a->crl_period != 0 && !named)
        found(look, "QwacmeCRLPeriod: CRLs of several periods need URLs of "
                    "their own; write %{period} into QwacmeCRLURL");
    if (a->crl_period == 0 && named)
        found(look, "QwacmeCRLURL: %{period} needs QwacmeCRLPeriod; write how "
                    "many days one has");
}

/* WebAuthn's relying parties are hosts with a name. */
static void look_at_portal(look_t *look)
{
    const qw_authority_t *a = look->authority;
    const char *host = a->portal_url != NULL ? a->portal_url + 8 : "a";

    if (*host == '[' || host[strspn(host, "0123456789.")] == '\0'
        || strchr(":/", host[strspn(host, "0123456789.")]) != NULL)
        found(look, apr_psprintf(look->pool,
                                 "QwacmePortalURL: '%s' names an address; "
                                 "write a host name, passkeys need one",
                                 a->portal_url));
    if (a->passkey_aaguids->nelts > 0 && a->passkey_roots == NULL)
        found(look, "QwacmePasskeyAAGUIDs: nobody vouches for what model an "
                    "authenticator is; name the makers' roots with "
                    "QwacmePasskeyRoots");
}

static int needs(const apr_array_header_t *all, const char *name,
                 const char *value)
{
    for (int i = 0; i < all->nelts; i++) {
        const qw_need_t *n = &APR_ARRAY_IDX(all, i, qw_need_t);

        if (strcmp(n->name, name) == 0
            && (value == NULL
                || (n->value != NULL && strcmp(n->value, value) == 0)))
            return 1;
    }
    return 0;
}

static int is_of_client(const char *name)
{
    static const char prefix[] = "SSL_CLIENT_";

    return name != NULL && strncmp(name, prefix, sizeof prefix - 1) == 0;
}

static int uses_certificates(const qw_authority_t *a)
{
    int uses = is_of_client(a->portal_subject)
               || strcmp(a->step_up_time, "connection") == 0;

    for (int i = 0; i < a->portal_needs->nelts; i++)
        uses |= is_of_client(APR_ARRAY_IDX(a->portal_needs, i, qw_need_t).name);
    for (int i = 0; i < a->step_up_needs->nelts; i++)
        uses |=
            is_of_client(APR_ARRAY_IDX(a->step_up_needs, i, qw_need_t).name);
    return uses;
}

/* SUCCESS, and none of the other words that mod_ssl has, says that mod_ssl
 * verified a certificate. */
static int is_verified(const apr_array_header_t *all)
{
    int n = 0;

    for (int i = 0; i < all->nelts; i++)
        n += strcmp(APR_ARRAY_IDX(all, i, qw_need_t).name, "SSL_CLIENT_VERIFY")
             == 0;
    return n == 1 && needs(all, "SSL_CLIENT_VERIFY", "SUCCESS");
}

static void look_at_step_up(look_t *look)
{
    const qw_authority_t *a = look->authority;
    int is_connection = strcmp(a->step_up_time, "connection") == 0;

    if (is_connection && a->step_up_location != NULL)
        found(look, "QwacmePortalStepUp: location: a new connection needs no "
                    "other place; remove it, or write auth-time=VARIABLE");
    if (!is_connection && a->step_up_location == NULL)
        found(look, "QwacmePortalStepUp: location is missing; write where "
                    "people log in once more, with %{return} for the way back");
    if (uses_certificates(a) && !is_verified(a->portal_needs))
        found(look, "QwacmePortalAuth: nothing says that a client certificate "
                    "was verified; add SSL_CLIENT_VERIFY=SUCCESS, and no other "
                    "value of it");
}

/* People prove who they are by passkeys, or by what httpd says. */
static void look_at_portal_auth(look_t *look)
{
    const qw_authority_t *a = look->authority;

    if (a->portal_subject == NULL && a->step_up_time != NULL)
        found(look, "QwacmePortalStepUp: passkeys confirm each change "
                    "themselves; remove it, or write QwacmePortalAuth env");
    if (a->portal_subject == NULL)
        return;
    need(look, a->step_up_time != NULL, "QwacmePortalStepUp",
         "QwacmePortalAuth env asks for it: no session alone changes anything");
    if (a->passkey_aaguids->nelts > 0)
        found(look, "QwacmePasskeyAAGUIDs: with QwacmePortalAuth env nobody "
                    "has a passkey; remove it");
    if (a->step_up_time != NULL)
        look_at_step_up(look);
}

static void look_at_dates(look_t *look)
{
    const qw_authority_t *a = look->authority;
    int days = qw_rule(QW_RULE_VALIDITY, look->now);

    if (a->validity_days > days)
        found(look, apr_psprintf(look->pool,
                                 "QwacmeValidityDays: %d is above %d, the most "
                                 "that is allowed today (%s); write less",
                                 a->validity_days, days,
                                 qw_rule_source(QW_RULE_VALIDITY, look->now)));
    if (a->authz_reuse > qw_rule_span(QW_RULE_DCV_REUSE, look->now))
        found(look, apr_psprintf(look->pool,
                                 "QwacmeAuthorizationReuse: %" APR_TIME_T_FMT
                                 "s is above %d days, the most that is allowed "
                                 "today; write less",
                                 apr_time_sec(a->authz_reuse),
                                 qw_rule(QW_RULE_DCV_REUSE, look->now)));
}

static void refuse(look_t *look, const char *directive, const char *value)
{
    found(look, apr_psprintf(look->pool,
                             "%s: '%s' is for a test authority only; remove "
                             "it, or write QwacmeKind test",
                             directive, value));
}

static void refuse_port(look_t *look, const char *directive, int port,
                        int normal)
{
    if (port != normal)
        refuse(look, directive, apr_itoa(look->pool, port));
}

static int are_apart(const apr_array_header_t *perspectives)
{
    int i;

    for (i = 1; i < perspectives->nelts; i++)
        if (strcmp(APR_ARRAY_IDX(perspectives, i, qw_perspective_t).region,
                   APR_ARRAY_IDX(perspectives, 0, qw_perspective_t).region)
            != 0)
            return 1;
    return 0;
}

/* BR-3.2.2.9: how many, apart, and over a channel that is ours. */
static void look_at_perspectives(look_t *look)
{
    const qw_authority_t *a = look->authority;
    int n = a->perspectives->nelts;
    int least = qw_rule(QW_RULE_PERSPECTIVES, look->now);

    if (a->quorum > n)
        found(look, apr_psprintf(look->pool,
                                 "QwacmePerspectiveQuorum: %d is more than the "
                                 "%d perspectives there are; write less",
                                 a->quorum, n));
    if (a->kind != QW_KIND_PRODUCTION)
        return;
    if (n < least)
        found(look, apr_psprintf(look->pool,
                                 "QwacmePerspective: %d of them, today at "
                                 "least %d are needed; add more",
                                 n, least));
    else if (!are_apart(a->perspectives))
        found(look, "QwacmePerspective: all are in one region; at least two "
                    "regions are needed");
    if (a->quorum > 0 && a->quorum < qw_perspectives_least(n))
        found(look, apr_psprintf(look->pool,
                                 "QwacmePerspectiveQuorum: %d of %d is less "
                                 "than the %d that are allowed; write more",
                                 a->quorum, n, qw_perspectives_least(n)));
    need(look,
         a->perspective_identity_path != NULL
             || a->perspective_api_key_path != NULL,
         "QwacmePerspectiveCertificateFile or QwacmePerspectiveAPIKeyFile",
         "name what shows perspectives that it is us who ask");
}

/* A log answers with a signature, but it must be the log that learns of us. */
static void look_at_logs(look_t *look)
{
    const qw_authority_t *a = look->authority;

    for (int i = 0; i < a->ct_logs->nelts; i++) {
        const char *url = APR_ARRAY_IDX(a->ct_logs, i, qw_ct_log_t).url;

        if (strncmp(url, "https://", 8) != 0)
            refuse(look, "QwacmeCTLogList", url);
    }
}

static void look_at_delays(look_t *look)
{
    const qw_authority_t *a = look->authority;

    if (a->test_nonce_rejection != 0)
        refuse(look, "QwacmeTestNonceRejection",
               apr_itoa(look->pool, a->test_nonce_rejection));
    if (a->test_slow_validation != 0)
        refuse(look, "QwacmeTestSlowValidation",
               apr_psprintf(look->pool, "%ds",
                            (int)apr_time_sec(a->test_slow_validation)));
}

static void look_at_production(look_t *look)
{
    const qw_authority_t *a = look->authority;

    if (a->kind != QW_KIND_PRODUCTION)
        return;
    if (a->test_clock != NULL)
        refuse(look, "QwacmeTestClock", a->test_clock);
    look_at_logs(look);
    refuse_port(look, "QwacmeTestHTTPPort", a->test_http_port, 80);
    refuse_port(look, "QwacmeTestTLSPort", a->test_tls_port, 443);
    if (a->test_private_targets)
        refuse(look, "QwacmeTestPrivateTargets", "on");
    look_at_delays(look);
    if (a->four_eyes->nelts == 0)
        refuse(look, "QwacmeFourEyes", "none");
    if (a->test_insecure_dns)
        refuse(look, "QwacmeTestInsecureDNS", "on");
}

static int same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static void look_at_issuers(look_t *look, const qw_authority_t *other)
{
    const apr_array_header_t *ours = look->authority->issuers,
                             *theirs = other->issuers;
    int i, k;

    for (i = 0; i < ours->nelts; i++)
        for (k = 0; k < theirs->nelts; k++) {
            const char *key = APR_ARRAY_IDX(ours, i, qw_issuer_conf_t).key_uri;

            if (same(key, APR_ARRAY_IDX(theirs, k, qw_issuer_conf_t).key_uri))
                found(look, apr_psprintf(look->pool,
                                         "QwacmeIssuer: '%s' is the key of the "
                                         "authority '%s' too; give each its "
                                         "own CA",
                                         key, other->name));
        }
}

/* 1 if A is B's path or above it. */
static int covers(const char *a, const char *b)
{
    apr_size_t n = strlen(a);

    return strncmp(a, b, n) == 0 && (b[n] == '\0' || b[n] == '/');
}

static void look_at_status(look_t *look, int n)
{
    apr_array_header_t *texts =
        qw_conf_status_findings(look->conf, n, look->pool);

    for (int i = 0; i < texts->nelts; i++)
        found(look, APR_ARRAY_IDX(texts, i, const char *));
}

static void look_at_others(look_t *look, int from)
{
    const qw_authority_t *a = look->authority;
    int i;

    for (i = from; i < look->conf->authorities->nelts; i++) {
        const qw_authority_t *b =
            APR_ARRAY_IDX(look->conf->authorities, i, qw_authority_t *);

        look_at_issuers(look, b);
        if (a->base_url != NULL && b->base_url != NULL
            && (covers(a->base_url, b->base_url)
                || covers(b->base_url, a->base_url)))
            found(look, apr_psprintf(look->pool,
                                     "QwacmeBaseURL: '%s' and '%s' of the "
                                     "authority '%s' are one inside the other; "
                                     "choose paths apart",
                                     a->base_url, b->base_url, b->name));
    }
}

apr_array_header_t *qw_conf_findings(const qw_conf_t *conf, apr_time_t now,
                                     apr_pool_t *pool)
{
    look_t look = { NULL };
    int i;

    look.texts = apr_array_make(pool, 4, sizeof(const char *));
    look.conf = conf;
    look.now = now;
    look.pool = pool;
    look_at_server(&look);
    for (i = 0; i < conf->authorities->nelts; i++) {
        look.authority = APR_ARRAY_IDX(conf->authorities, i, qw_authority_t *);
        look_at_needs(&look);
        look_at_period(&look);
        look_at_status(&look, i);
        look_at_portal(&look);
        look_at_portal_auth(&look);
        look_at_dates(&look);
        look_at_production(&look);
        look_at_perspectives(&look);
        look_at_others(&look, i + 1);
    }
    for (i = 0; i < conf->local_perspectives->nelts; i++) {
        look.authority =
            APR_ARRAY_IDX(conf->local_perspectives, i, qw_authority_t *);
        look_at_production(&look);
    }
    return look.texts;
}

static int is_in(const apr_array_header_t *texts, const char *text)
{
    int i;

    for (i = 0; i < texts->nelts; i++)
        if (strcmp(APR_ARRAY_IDX(texts, i, const char *), text) == 0)
            return 1;
    return 0;
}

apr_array_header_t *qw_conf_forecast(const qw_conf_t *conf, apr_time_t now,
                                     int days, apr_pool_t *pool)
{
    const apr_time_t day = apr_time_from_sec(86400);
    apr_array_header_t *known = qw_conf_findings(conf, now, pool);
    apr_array_header_t *texts = apr_array_make(pool, 2, sizeof(const char *));
    apr_time_t when = now - now % day;
    int i, k;

    for (k = 1; k <= days; k++) {
        apr_array_header_t *then = qw_conf_findings(conf, when + k * day, pool);

        for (i = 0; i < then->nelts; i++) {
            const char *text = APR_ARRAY_IDX(then, i, const char *);

            if (is_in(known, text))
                continue;
            APR_ARRAY_PUSH(known, const char *) = text;
            APR_ARRAY_PUSH(texts, const char *) =
                apr_psprintf(pool, "from %.10s: %s",
                             qw_text_time(when + k * day, pool), text);
        }
    }
    return texts;
}
