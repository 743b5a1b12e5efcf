#include "ca/preflight.h"

#include "base/seal.h"
#include "base/text.h"
#include "ca/ct.h"
#include "ca/key.h"
#include "ca/known.h"
#include "ca/suits.h"
#include "x509/cms.h"

#include <apr_hash.h>
#include <apr_strings.h>

#include <errno.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* What anyone outside of owner and group may do with a file that we name. */
typedef enum { OTHERS_READ, OTHERS_NOTHING } others_e;

static qw_problem_t *refuse(const char *directive, const char *value,
                            const char *what, apr_pool_t *pool)
{
    return QW_FAIL(pool, INVALID_INPUT, "%s: '%s' %s", directive,
                   qw_text_safe(value, 256, pool), what);
}

static const char *reason(int number, apr_pool_t *pool)
{
    char buf[120];

    return apr_pstrdup(pool, apr_strerror(number, buf, sizeof(buf)));
}

/* PATH is a file that this process can read, and not open to everyone. */
static qw_problem_t *check_file(const char *directive, const char *path,
                                others_e others, const char *cure,
                                apr_pool_t *pool)
{
    struct stat st;

    if (stat(path, &st) != 0
        || faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) != 0)
        return refuse(directive, path,
                      apr_psprintf(pool, "cannot be read (%s); %s",
                                   reason(errno, pool), cure),
                      pool);
    if (!S_ISREG(st.st_mode))
        return refuse(directive, path,
                      apr_psprintf(pool, "is no file; %s", cure), pool);
    if (st.st_mode & S_IWOTH)
        return refuse(directive, path,
                      "can be written by everyone; chmod o-w it", pool);
    if (others == OTHERS_NOTHING && (st.st_mode & S_IROTH))
        return refuse(directive, path, "can be read by everyone; chmod o-r it",
                      pool);
    return NULL;
}

static qw_problem_t *check_state_dir(const qw_conf_t *conf, apr_pool_t *pool)
{
    struct stat st;

    if (stat(conf->state_dir, &st) != 0 || !S_ISDIR(st.st_mode))
        return refuse("QwacmeStateDir", conf->state_dir,
                      "is not a folder; make it, owned by the signer's user",
                      pool);
    if (st.st_mode & S_IWOTH)
        return refuse("QwacmeStateDir", conf->state_dir,
                      "can be written by everyone; chmod o-w it", pool);
    return NULL;
}

static qw_problem_t *check_database(const qw_conf_t *conf, apr_pool_t *pool)
{
    if (strcmp(conf->db_driver, "sqlite3") != 0)
        return NULL;
    if (faccessat(AT_FDCWD, conf->db_params, F_OK, AT_EACCESS) != 0)
        return refuse("QwacmeDatabase", conf->db_params,
                      "is not there; make it with 'qwacmectl schema create'",
                      pool);
    return check_file("QwacmeDatabase", conf->db_params, OTHERS_NOTHING,
                      "give it to httpd's user", pool);
}

static qw_problem_t *check_seal_key(const qw_conf_t *conf, apr_pool_t *pool)
{
    qw_seal_ring_t *ring;
    qw_problem_t *prob;

    QW_TRY(check_file("QwacmeSealKey", conf->seal_key, OTHERS_NOTHING,
                      "make it with 'qwacmectl seal-key create FILE'", pool));
    prob = qw_seal_ring_load(&ring, conf->seal_key, pool);
    if (prob != NULL)
        prob->detail = apr_pstrcat(pool, "QwacmeSealKey: ", prob->detail, NULL);
    return prob;
}

static qw_problem_t *check_weak_keys(const qw_conf_t *conf, apr_pool_t *pool)
{
    qw_keylist_t *list;

    if (conf->weak_keys == NULL)
        return NULL;
    QW_TRY(check_file("QwacmeWeakKeys", conf->weak_keys, OTHERS_READ,
                      "make it with 'qwacmectl blocklist import'", pool));
    return qw_known_list(&list, conf, pool);
}

static qw_problem_t *check_audit_key(const qw_conf_t *conf, apr_pool_t *pool)
{
    qw_cms_signer_t *signer;

    if (conf->audit_key == NULL)
        return NULL;
    QW_TRY(check_file("QwacmeAuditKey", conf->audit_cert, OTHERS_READ,
                      "name the certificate of the audit key", pool));
    QW_TRY(check_file("QwacmeAuditKey", conf->audit_key, OTHERS_NOTHING,
                      "name a PEM file", pool));
    if (conf->audit_pin != NULL)
        QW_TRY(check_file("QwacmeAuditKey", conf->audit_pin, OTHERS_NOTHING,
                          "name a file that holds the passphrase", pool));
    if (conf->timestamp_roots != NULL)
        QW_TRY(check_file("QwacmeTimestampURL", conf->timestamp_roots,
                          OTHERS_READ, "name a PEM file of root certificates",
                          pool));
    return qw_cms_signer_load(&signer, conf->audit_cert, conf->audit_key,
                              conf->audit_pin, pool);
}

static qw_problem_t *check_mail(const qw_conf_t *conf, apr_pool_t *pool)
{
    if (conf->mail_password_path != NULL)
        QW_TRY(check_file("QwacmeMailUser", conf->mail_password_path,
                          OTHERS_NOTHING, "name a file that holds the password",
                          pool));
    if (conf->mail_ca == NULL)
        return NULL;
    return check_file("QwacmeMailCACertificateFile", conf->mail_ca, OTHERS_READ,
                      "name a PEM file of root certificates", pool);
}

/* How many operators have a log that takes what is issued today. */
static int operators_open(const qw_authority_t *a, apr_time_t not_after,
                          apr_pool_t *pool)
{
    apr_array_header_t *names = apr_array_make(pool, 8, sizeof(char *));
    int i;

    for (i = 0; i < a->ct_logs->nelts; i++) {
        const qw_ct_log_t *log = &APR_ARRAY_IDX(a->ct_logs, i, qw_ct_log_t);

        if (qw_ct_log_takes(log, not_after)
            && !qw_text_in(names, log->operator_name))
            APR_ARRAY_PUSH(names, const char *) = log->operator_name;
    }
    return names->nelts;
}

static const char *logged_profile(const qw_authority_t *a)
{
    int i;

    for (i = 0; i < a->profiles->nelts; i++) {
        const char *name = APR_ARRAY_IDX(a->profiles, i, const char *);

        if (qw_profile_needs_ct(qw_profile_find(name)))
            return name;
    }
    return NULL;
}

/* Browsers take no certificate that is not logged. */
static qw_problem_t *check_logs(const qw_authority_t *a, apr_pool_t *pool)
{
    apr_time_t now = qw_authority_now(a), end;
    const char *profile = logged_profile(a);
    int needed, there;

    if (profile == NULL || (a->ct_logs->nelts == 0 && a->kind == QW_KIND_TEST))
        return NULL;
    if (a->ct_logs->nelts == 0)
        return refuse("QwacmeCTLogList is missing, and QwacmeProfiles", profile,
                      "is one that browsers take only if it is logged; name "
                      "the log list",
                      pool);
    end = now + apr_time_from_sec((apr_time_t)a->validity_days * 86400);
    needed = qw_ct_needed(now, end - apr_time_from_sec(1));
    there = operators_open(a, end, pool);
    if (there >= needed)
        return NULL;
    return refuse("QwacmeCTLogList", a->name,
                  apr_psprintf(pool,
                               "has logs of %d operators that take "
                               "certificates until %s; %d are needed; get "
                               "the latest list",
                               there, qw_text_time(end, pool), needed),
                  pool);
}

/* A key that signs for two authorities could not tell their names apart. */
static qw_problem_t *check_separation(const qw_authority_t *a,
                                      const char *chain_path,
                                      const qw_issuer_t *issuer,
                                      apr_hash_t *keys, apr_pool_t *pool)
{
    const qw_authority_t *other =
        apr_hash_get(keys, issuer->spki_hash, APR_HASH_KEY_STRING);

    if (other != NULL && other != a)
        return refuse(
            "QwacmeIssuer", chain_path,
            apr_psprintf(pool,
                         "has the issuing key of the authority '%s' "
                         "(%s) too; give '%s' (%s) a key of its own",
                         other->name,
                         other->kind == QW_KIND_TEST ? "test" : "production",
                         a->name,
                         a->kind == QW_KIND_TEST ? "test" : "production"),
            pool);
    apr_hash_set(keys, issuer->spki_hash, APR_HASH_KEY_STRING, a);
    return NULL;
}

/* NOW 0: whether it is valid does not matter. */
static qw_problem_t *load_chain(qw_issuer_t **issuer, const char *directive,
                                const char *path, apr_time_t now,
                                apr_pool_t *pool)
{
    qw_problem_t *prob;

    QW_TRY(check_file(directive, path, OTHERS_READ,
                      "check the path and its permissions", pool));
    prob = now != 0 ? qw_issuer_load(issuer, path, now, pool)
                    : qw_issuer_read(issuer, path, pool);
    if (prob != NULL)
        prob->detail = apr_pstrcat(pool, directive, ": ", prob->detail, NULL);
    return prob;
}

/* One that is not valid yet waits for its day, one that expired stays for what
 * it signed: but one signs today. */
static qw_problem_t *check_today(const qw_authority_t *a, apr_pool_t *pool)
{
    qw_problem_t *first = NULL;
    int i;

    for (i = 0; i < a->issuers->nelts; i++) {
        const qw_issuer_conf_t *c =
            &APR_ARRAY_IDX(a->issuers, i, qw_issuer_conf_t);
        qw_problem_t *prob;
        qw_issuer_t *issuer;

        if (c->key_uri == NULL)
            continue;
        prob = load_chain(&issuer, "QwacmeIssuer", c->chain_path,
                          qw_authority_now(a), pool);
        if (prob == NULL)
            return NULL;
        if (first == NULL)
            first = prob;
    }
    return first;
}

/* The first that is valid is the one that signs; one behind it may be at its
 * end. */
static int is_relied_on(const qw_authority_t *a, const qw_issuer_t *issuer,
                        int *first)
{
    apr_time_t now = qw_authority_now(a);
    int relied = issuer->not_after - now > apr_time_from_sec(86400)
                 || (*first && qw_issuer_is_valid(issuer, now));

    if (qw_issuer_is_valid(issuer, now))
        *first = 0;
    return relied;
}

static qw_problem_t *check_issuers(const qw_authority_t *a, apr_hash_t *keys,
                                   apr_hash_t *own, apr_pool_t *pool)
{
    int i, first = 1;

    for (i = 0; i < a->issuers->nelts; i++) {
        const qw_issuer_conf_t *c =
            &APR_ARRAY_IDX(a->issuers, i, qw_issuer_conf_t);
        qw_issuer_t *issuer;

        QW_TRY(load_chain(&issuer, "QwacmeIssuer", c->chain_path, 0, pool));
        QW_TRY(check_separation(a, c->chain_path, issuer, keys, pool));
        if (apr_hash_get(own, issuer->spki_hash, APR_HASH_KEY_STRING) != NULL)
            return refuse("QwacmeIssuer", c->chain_path,
                          "has the key of another QwacmeIssuer of this "
                          "authority; name it by QwacmeAlternateChain",
                          pool);
        if (c->key_uri != NULL && is_relied_on(a, issuer, &first))
            QW_TRY(qw_issuer_suits(a, issuer, c->chain_path, pool));
        apr_hash_set(own, issuer->spki_hash, APR_HASH_KEY_STRING, issuer);
    }
    return check_today(a, pool);
}

/* RFC8555-7.4.2: another chain "starting with the end-entity certificate": it
 * must lead to the certificate's own issuer. */
static qw_problem_t *check_alternates(const qw_authority_t *a, apr_hash_t *own,
                                      apr_pool_t *pool)
{
    int i;

    for (i = 0; i < a->alternates->nelts; i++) {
        const char *path = APR_ARRAY_IDX(a->alternates, i, const char *);
        qw_issuer_t *issuer;

        QW_TRY(load_chain(&issuer, "QwacmeAlternateChain", path,
                          qw_authority_now(a), pool));
        if (apr_hash_get(own, issuer->spki_hash, APR_HASH_KEY_STRING) == NULL)
            return refuse("QwacmeAlternateChain", path,
                          "starts with the key of none of this authority's "
                          "QwacmeIssuer; name a chain of the same issuing CA",
                          pool);
    }
    return NULL;
}

static qw_problem_t *check_authority(const qw_authority_t *a, apr_hash_t *keys,
                                     apr_pool_t *pool)
{
    apr_hash_t *own = apr_hash_make(pool);

    QW_TRY(qw_profiles_suit(a, pool));
    QW_TRY(check_logs(a, pool));
    QW_TRY(check_issuers(a, keys, own, pool));
    QW_TRY(check_alternates(a, own, pool));
    if (a->trust_anchor != NULL)
        QW_TRY(check_file("QwacmeTrustAnchor", a->trust_anchor, OTHERS_READ,
                          "install the package of the DNS root's anchor",
                          pool));
    if (a->perspective_ca != NULL)
        QW_TRY(check_file("QwacmePerspectiveCACertificateFile",
                          a->perspective_ca, OTHERS_READ,
                          "name a PEM file of root certificates", pool));
    if (a->perspective_identity_path != NULL)
        QW_TRY(check_file("QwacmePerspectiveCertificateFile",
                          a->perspective_identity_path, OTHERS_NOTHING,
                          "name a PEM file with a certificate and its key",
                          pool));
    if (a->perspective_api_key_path != NULL)
        QW_TRY(check_file("QwacmePerspectiveAPIKeyFile",
                          a->perspective_api_key_path, OTHERS_NOTHING,
                          "name a file that holds the API key", pool));
    if (a->passkey_roots != NULL)
        QW_TRY(check_file("QwacmePasskeyRoots", a->passkey_roots, OTHERS_READ,
                          "name a PEM file of root certificates", pool));
    if (a->test_clock != NULL)
        QW_TRY(check_file("QwacmeTestClock", a->test_clock, OTHERS_READ,
                          "write '0' into it", pool));
    return NULL;
}

qw_problem_t *qw_preflight_files(const qw_conf_t *conf, apr_pool_t *pool)
{
    apr_hash_t *keys = apr_hash_make(pool);
    int i;

    QW_TRY(check_state_dir(conf, pool));
    QW_TRY(check_database(conf, pool));
    QW_TRY(check_seal_key(conf, pool));
    QW_TRY(check_weak_keys(conf, pool));
    QW_TRY(check_audit_key(conf, pool));
    QW_TRY(check_mail(conf, pool));
    for (i = 0; i < conf->authorities->nelts; i++)
        QW_TRY(check_authority(APR_ARRAY_IDX(conf->authorities, i,
                                             qw_authority_t *),
                               keys, pool));
    return NULL;
}

static qw_problem_t *check_key_files(const char *directive,
                                     const qw_issuer_conf_t *c,
                                     apr_pool_t *pool)
{
    if (c->key_uri[0] == '/')
        QW_TRY(check_file(directive, c->key_uri, OTHERS_NOTHING,
                          "name a key that the signer's user can read", pool));
    if (c->pin_path != NULL)
        QW_TRY(check_file(directive, c->pin_path, OTHERS_NOTHING,
                          "name a PIN file that the signer's user can read",
                          pool));
    return NULL;
}

/* Of the responder of the issuer of C, if it is to have one that is there. */
static qw_problem_t *check_ocsp_key(qw_keyring_t *ring, const qw_authority_t *a,
                                    const qw_issuer_conf_t *c,
                                    const qw_issuer_t *issuer, apr_pool_t *pool)
{
    const qw_issuer_conf_t *key = qw_authority_ocsp_key(a, c->chain_path);
    qw_problem_t *prob;

    if (key == NULL)
        return NULL;
    QW_TRY(check_key_files("QwacmeOCSPKey", key, pool));
    prob = qw_key_open(qw_key_make(ring, key, issuer, pool), pool);
    if (prob != NULL && prob->code == QW_E_UNAVAILABLE)
        prob->detail = apr_pstrcat(pool, "QwacmeOCSPKey: ",
                                   qw_text_safe(key->key_uri, 120, pool), ": ",
                                   prob->cause, NULL);
    return prob;
}

static qw_problem_t *check_key(qw_keyring_t *ring, const qw_authority_t *a,
                               const qw_issuer_conf_t *c, apr_pool_t *pool)
{
    qw_issuer_t *issuer;
    qw_problem_t *prob;

    QW_TRY(check_key_files("QwacmeIssuer", c, pool));
    QW_TRY(load_chain(&issuer, "QwacmeIssuer", c->chain_path, 0, pool));
    prob = qw_key_open(qw_key_make(ring, c, issuer, pool), pool);
    if (prob != NULL)
        prob->detail =
            apr_psprintf(pool,
                         "%s; name the key of the first certificate in %s",
                         prob->code == QW_E_UNAVAILABLE
                             ? apr_pstrcat(pool, "QwacmeIssuer: ",
                                           qw_text_safe(c->key_uri, 120, pool),
                                           ": ", prob->cause, NULL)
                             : prob->detail,
                         c->chain_path);
    return prob != NULL ? prob : check_ocsp_key(ring, a, c, issuer, pool);
}

static qw_problem_t *check_keys(qw_keyring_t *ring, const qw_authority_t *a,
                                apr_pool_t *pool)
{
    int i;

    for (i = 0; i < a->issuers->nelts; i++) {
        const qw_issuer_conf_t *c =
            &APR_ARRAY_IDX(a->issuers, i, qw_issuer_conf_t);

        if (c->key_uri != NULL)
            QW_TRY(check_key(ring, a, c, pool));
    }
    return NULL;
}

qw_problem_t *qw_preflight_signer(const qw_conf_t *conf, apr_pool_t *pool)
{
    qw_keyring_t *ring;
    int i;

    if (faccessat(AT_FDCWD, conf->state_dir, R_OK | W_OK | X_OK, AT_EACCESS)
        != 0)
        return refuse("QwacmeStateDir", conf->state_dir,
                      "cannot be written by the signer's user; chown it", pool);
    QW_TRY(check_weak_keys(conf, pool));
    QW_TRY(qw_keyring_make(&ring, conf->key_wait, pool));
    for (i = 0; i < conf->authorities->nelts; i++)
        QW_TRY(check_keys(ring,
                          APR_ARRAY_IDX(conf->authorities, i, qw_authority_t *),
                          pool));
    return NULL;
}
