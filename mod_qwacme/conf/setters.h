/* setters.h -- what a directive's arguments may be. Threads: any. */
#ifndef QW_CONF_SETTERS_H
#define QW_CONF_SETTERS_H

#include "conf/conf.h"

/* One directive being set. */
typedef struct {
    const char *name;
    void *member; /* of qw_conf_t or qw_authority_t */
    apr_int64_t low, high;
    qw_conf_t *conf;
    qw_authority_t *authority; /* NULL outside of one */
    int argc;
    const char *const *argv;
    apr_pool_t *pool;
} qw_setting_t;

/* NULL, or the error text. */
typedef const char *qw_setter_fn(const qw_setting_t *s);

qw_setter_fn qw_set_ignored;
qw_setter_fn qw_set_text;
qw_setter_fn qw_set_path;
qw_setter_fn qw_set_more_paths;
qw_setter_fn qw_set_number;
qw_setter_fn qw_set_span; /* "90", "90s", "30m", "12h", "7d" */
qw_setter_fn qw_set_flag;
qw_setter_fn qw_set_words;
qw_setter_fn qw_set_domains;
qw_setter_fn qw_set_https_url;
qw_setter_fn qw_set_http_url;
qw_setter_fn qw_set_issuer_url;
qw_setter_fn qw_set_crl_url;
qw_setter_fn qw_set_base_url;
qw_setter_fn qw_set_database;
qw_setter_fn qw_set_audit_key;
qw_setter_fn qw_set_timestamp;
qw_setter_fn qw_set_kind;
qw_setter_fn qw_set_issuer;
qw_setter_fn qw_set_ocsp_key;
qw_setter_fn qw_set_challenges;
qw_setter_fn qw_set_terms;
qw_setter_fn qw_set_pds;
qw_setter_fn qw_set_resolvers;
qw_setter_fn qw_set_perspective;
qw_setter_fn qw_set_limit;
qw_setter_fn qw_set_renewal_window;
qw_setter_fn qw_set_four_eyes;
qw_setter_fn qw_set_names;
qw_setter_fn qw_set_ct_logs;
qw_setter_fn qw_set_linter;
qw_setter_fn qw_set_mail;
qw_setter_fn qw_set_mail_server;
qw_setter_fn qw_set_mail_user;
qw_setter_fn qw_set_reminders;
qw_setter_fn qw_set_portal_session;
qw_setter_fn qw_set_aaguids;
qw_setter_fn qw_set_portal_auth;
qw_setter_fn qw_set_step_up;

#endif
