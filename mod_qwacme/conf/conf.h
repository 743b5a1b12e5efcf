/* conf.h -- what the administrator configured, without httpd: httpd's command
 * table and qwacmectl both set it through the rows of directives.def.
 * Threads: written by one while it is read in; read-only afterwards. */
#ifndef QW_CONF_CONF_H
#define QW_CONF_CONF_H

#include "model/authority.h"

/* Whether mail to an smtp:// server goes through STARTTLS. */
typedef enum {
    QW_MAIL_TLS_BY_HOST, /* as required, unless the server is on this machine */
    QW_MAIL_TLS_REQUIRED,
    QW_MAIL_TLS_NEVER
} qw_mail_tls_e;

typedef struct {
    const char
        *db_driver; /* QwacmeDatabase sqlite3 /var/lib/qwacme/qwacme.db */
    const char *db_params;
    const char *portal_db_params; /* of a role of the portal's own, or NULL */
    int db_connections;           /* per process */
    apr_interval_time_t db_wait;
    const char *state_dir;  /* QwacmeStateDir: spool, socket, locks */
    const char *seal_key;   /* QwacmeSealKey: file of seal.h */
    const char *weak_keys;  /* QwacmeWeakKeys: file of keylist.h, or NULL */
    const char *audit_cert; /* QwacmeAuditKey: PEM files; certificates of */
    const char *audit_key;  /* older keys follow the first; NULL: none */
    const char *audit_pin;  /* file of the key's passphrase, or NULL */
    apr_interval_time_t audit_interval; /* between two seals */
    const char *timestamp_url;          /* of an RFC 3161 service, or NULL */
    const char *timestamp_roots;        /* PEM file; NULL: the system's */
    const char *signer_user; /* QwacmeSignerUser, or NULL: httpd's own */
    int validation_threads;  /* per child, at most */
    apr_interval_time_t signer_wait; /* how long a finalize waits */
    apr_interval_time_t key_wait;    /* how long the signer waits for a
                                               token */
    const char *mail_server; /* "smtp://host:port", "smtps://host:port"; NULL:
                                no mail is sent */
    qw_mail_tls_e mail_tls;
    const char *mail_user, *mail_password_path, *mail_credential; /* or NULL */
    const char *mail_password; /* what is there, once loaded; a secret */
    const char *mail_ca;       /* PEM file; NULL: the system's */
    const char *mail_from;
    apr_array_header_t *authorities;        /* of qw_authority_t * */
    apr_array_header_t *local_perspectives; /* of qw_authority_t *: how this
                                               server looks at names as a
                                               perspective of others */
} qw_conf_t;

/* Defaults filled in, no authority. In POOL. */
qw_conf_t *qw_conf_make(apr_pool_t *pool);

/* Where a directive may stand. */
typedef enum {
    QW_CONF_SERVER,
    QW_CONF_AUTHORITY,
    QW_CONF_LOCATION /* httpd's own: accepted here, and forgotten */
} qw_conf_scope_e;

/* One row of directives.def. */
typedef struct {
    const char *name;
    qw_conf_scope_e scope;
    int min_args, max_args; /* max -1: any number */
    const char *help;       /* usage, one line */
} qw_directive_t;

/* By number from 0; NULL after the last. */
const qw_directive_t *qw_directive_at(int n);

/* Set NAME to ARGS. AUTHORITY: the enclosing <QwacmeAuthority>, NULL outside.
 * Returns NULL, or "QwacmeX: 'value' is not ...; cure" in POOL. */
const char *qw_conf_set(qw_conf_t *conf, qw_authority_t *authority,
                        const char *name, int argc, const char *const *argv,
                        apr_pool_t *pool);

/* *AUTHORITY of NAME, made by "<QwacmeAuthority NAME>". Returns an error text
 * for a bad or doubled name. */
const char *qw_conf_add_authority(qw_authority_t **authority, qw_conf_t *conf,
                                  const char *name, apr_pool_t *pool);

/* The same of "<QwacmeLocalPerspective NAME>". The two share their names. */
const char *qw_conf_add_perspective(qw_authority_t **local, qw_conf_t *conf,
                                    const char *name, apr_pool_t *pool);

/* The authority, or local perspective, of NAME, or NULL. */
qw_authority_t *qw_conf_authority(const qw_conf_t *conf, const char *name);
qw_authority_t *qw_conf_perspective(const qw_conf_t *conf, const char *name);

/* What is missing or contradicts itself, without looking at files: one text per
 * finding, "directive, value, cure" (array of const char *); dates are part of
 * it (validity above the maximum at NOW). Empty if it can serve. */
apr_array_header_t *qw_conf_findings(const qw_conf_t *conf, apr_time_t now,
                                     apr_pool_t *pool);

/* What qw_conf_findings() would newly find within DAYS days after NOW, the rules
 * being dated: texts "from 2026-12-15: finding", each with its first day. */
apr_array_header_t *qw_conf_forecast(const qw_conf_t *conf, apr_time_t now,
                                     int days, apr_pool_t *pool);

/* Set CONF->mail_password, in POOL, to what QwacmeMailUser names, if it is
 * there; wiped with POOL. While the process may read it. INVALID_INPUT. */
qw_problem_t *qw_conf_load_mail_password(qw_conf_t *conf,
                                         apr_pool_t *pool) QW_MUST_CHECK;

/* 1 if CONF's mail server is one of this machine: loopback or localhost. */
int qw_conf_mail_is_local(const qw_conf_t *conf);

/* Read the Qwacme directives of an httpd configuration file for qwacmectl:
 * Include and IncludeOptional are followed, Define'd ${VARIABLES} and other
 * directives ignored except that an unknown Qwacme directive is refused with
 * file and line. INVALID_INPUT. */
qw_problem_t *qw_conf_read(qw_conf_t **conf, const char *path,
                           apr_pool_t *pool) QW_MUST_CHECK;

#endif
