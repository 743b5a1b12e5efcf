/* ctl.h -- qwacmectl: one row per command, one function per row.
 * Threads: one. */
#ifndef QWC_CTL_H
#define QWC_CTL_H

#include "base/json.h"
#include "base/put.h"
#include "base/seal.h"
#include "ca/cases.h"
#include "conf/conf.h"
#include "registry/people.h"
#include "registry/registry.h"
#include "base/world.h"
#include "model/ledger.h"
#include "store/store.h"
#include "x509/keylist.h"

#include <stdio.h>

/* Exit codes, documented in qwacmectl(8). */
enum {
    QWC_EXIT_OK = 0,
    QWC_EXIT_REFUSED = 1,    /* the request was understood and refused */
    QWC_EXIT_USAGE = 2,      /* the command line was not understood */
    QWC_EXIT_UNAVAILABLE = 3 /* database away; nothing was changed */
};

/* What a command stands on: nothing, the configuration, a store, a store and
 * one authority, or a reading or writing transaction on one authority. */
typedef enum {
    QWC_ON_NOTHING,
    QWC_ON_STORE,
    QWC_ON_AUTHORITY,
    QWC_ON_READ,
    QWC_ON_WRITE
} qwc_ground_e;

typedef struct qwc_command_t qwc_command_t;

/* One run of the program. */
typedef struct {
    const qwc_command_t *command;
    apr_table_t *options;     /* "name" -> value, "" for a flag */
    apr_array_header_t *args; /* of const char * */
    const qw_conf_t *conf;    /* NULL on nothing */
    qw_store_t *store;        /* NULL on nothing */
    const qw_authority_t *authority;
    qw_registry_t registry; /* db is set inside a transaction */
    json_t *result;         /* object or array, or NULL */
    const char *text;       /* shown to people in place of result */
    apr_pool_t *pool;
} qwc_call_t;

struct qwc_command_t {
    const char *noun, *verb;
    qwc_ground_e ground;
    int min_args, max_args; /* -1: any number */
    const char *args;       /* for the usage line */
    const char *options;    /* words; "name=" takes a value */
    qw_problem_t *(*run)(qwc_call_t *call);
    const char *help;
};

/* Every command, ending with a NULL noun. */
extern const qwc_command_t qwc_commands[];

/* ---- what commands use --------------------------------------------------- */

/* Value of option NAME or NULL; argument N, borrowed. */
const char *qwc_option(const qwc_call_t *call, const char *name);
const char *qwc_arg(const qwc_call_t *call, int n);

/* *WHEN of option NAME: RFC 3339, a date, or a time from now ("90d", "12h");
 * BY_DEFAULT (the same forms, or NULL for 0) if it is absent. INVALID_INPUT. */
qw_problem_t *qwc_time(apr_time_t *when, const qwc_call_t *call,
                       const char *name, const char *by_default) QW_MUST_CHECK;

/* *N of option NAME, from MIN to MAX; BY_DEFAULT if it is absent. */
qw_problem_t *qwc_number(int *n, const qwc_call_t *call, const char *name,
                         int min, int max, int by_default) QW_MUST_CHECK;

/* The external account that argument N names. */
qw_problem_t *qwc_external(qw_external_t **external, const qwc_call_t *call,
                           int n) QW_MUST_CHECK;

/* Show APPROVAL, which was asked for, and what is to be done next. */
void qwc_asked(qwc_call_t *call, const qw_approval_t *approval);

/* Add to the result what INVITATION has, if it was made: shown once. */
void qwc_put_invitation(qwc_call_t *call, const qw_invitation_t *invitation);

/* Let SUBJECT (QW_SUBJECT_...) ID act again, or *ASKED for that, and shown so, if
 * it needs two persons. */
qw_problem_t *qwc_resume(int *asked, qwc_call_t *call, const char *subject,
                         const char *id) QW_MUST_CHECK;

/* The seal ring of the configuration. */
qw_problem_t *qwc_ring(qw_seal_ring_t **ring,
                       const qwc_call_t *call) QW_MUST_CHECK;

/* Set CALL->conf and CALL->store, for a command that stands on nothing and may
 * want them. */
qw_problem_t *qwc_open_store(qwc_call_t *call) QW_MUST_CHECK;

/* *CERTIFICATE of KEY, an id or a serial as printed; NOT_FOUND. */
qw_problem_t *qwc_certificate(qw_certificate_t **certificate,
                              const qwc_call_t *call,
                              const char *key) QW_MUST_CHECK;

/* Set CALL->conf, for a command that stands on nothing and wants it. */
qw_problem_t *qwc_read_conf(qwc_call_t *call) QW_MUST_CHECK;

/* *MAKE holds what the file at *PATH does, which option output or the
 * configuration names, unless it is to be replaced. Then write it there, and
 * count it in CALL->result. */
qw_problem_t *qwc_keylist_begin(qw_keylist_make_t **make, const char **path,
                                qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_keylist_end(qw_keylist_make_t *make, const char *path,
                              qwc_call_t *call) QW_MUST_CHECK;

/* *SERIALS (const char *, lower-case hex) of the file at PATH: one on a line, in
 * any case, with colons or without; '#' begins a comment. INVALID_INPUT. */
qw_problem_t *qwc_read_serials(apr_array_header_t **serials, const char *path,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* *KEYS: of EVP_PKEY *, in the PEM file at PATH. */
qw_problem_t *qwc_read_keys(apr_array_header_t **keys, const qwc_call_t *call,
                            const char *path) QW_MUST_CHECK;

/* *REASON of option reason; BY_DEFAULT if it is absent. INVALID_INPUT. */
qw_problem_t *qwc_reason(int *reason, const qwc_call_t *call,
                         int by_default) QW_MUST_CHECK;

/* *KEY by what argument TEXT is: 64 hex digits of the SPKI's hash (then without
 * a thumbprint), or a PEM file with one key. */
qw_problem_t *qwc_key_named(qw_key_id_t *key, const qwc_call_t *call,
                            const char *text) QW_MUST_CHECK;

/* ---- cases (case_view.c, cmd_case.c) ---------------------------------------- */

/* C without its items, for programs. */
json_t *qwc_case_json(const qw_case_t *c, apr_pool_t *pool);
/* An item; AUTHORITY is not shown where it is this one. */
json_t *qwc_item_json(const qw_case_item_t *item, const char *authority,
                      apr_pool_t *pool);
/* The same for people: lines for LINES (const char *), nothing a terminal could
 * obey in them. */
void qwc_case_lines(apr_array_header_t *lines, const qw_case_t *c,
                    apr_pool_t *pool);
const char *qwc_item_line(const qw_case_item_t *item, apr_pool_t *pool);
/* "4 revoke, 1 suspend-account" and as an object, of qw_case_item_t * in ITEMS. */
const char *qwc_counts_line(const json_t *counts, apr_pool_t *pool);
json_t *qwc_counts_of(const apr_array_header_t *items, apr_pool_t *pool);

/* Work case ID off with options rate, early, retry and json of CALL; progress
 * goes to standard error. */
qw_problem_t *qwc_case_work(qwc_call_t *call, const char *id) QW_MUST_CHECK;
/* Set CALL->result and CALL->text to a report on case ID; ITEMS: with them. */
qw_problem_t *qwc_case_tell(qwc_call_t *call, const char *id,
                            int items) QW_MUST_CHECK;

/* *LIST: what of EXTERNAL runs out, the soonest first (cmd_reminder.c). */
qw_problem_t *qwc_clocks(json_t **list, const qwc_call_t *call,
                         const qw_external_t *external) QW_MUST_CHECK;

/* Read the command line into CALL; the problem is a usage message. */
qw_problem_t *qwc_parse(qwc_call_t *call, int argc,
                        const char *const *argv) QW_MUST_CHECK;

/* Show the result to people, or as JSON with --json. */
void qwc_print(const qwc_call_t *call);

/* Usage of one noun, or of all if NULL. */
void qwc_usage(FILE *out, const char *noun);

/* ---- commands, by file --------------------------------------------------- */
qw_problem_t *qwc_schema_create(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_schema_upgrade(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_schema_check(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_ca_init_demo(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_seal_key_create(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_seal_key_rotate(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_account_create(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_account_verify(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_account_show(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_account_list(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_account_suspend(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_account_resume(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_account_close(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_account_agree(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_account_copy_to_test(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_domain_add(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_domain_remove(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_domain_list(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_domain_diagnose(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_binding_create(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_binding_list(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_binding_rename(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_binding_expire(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_binding_suspend(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_binding_resume(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_binding_revoke(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_acme_account_list(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_acme_account_suspend(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_acme_account_resume(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_approval_list(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_approval_show(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_approval_approve(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_approval_reject(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_certificate_list(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_certificate_show(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_certificate_describe(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_certificate_revoke(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_tls_binding_create(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_tls_binding_verify(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_limit_set(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_limit_remove(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_limit_list(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_limit_paused(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_limit_unpause(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_blocklist_import(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_blocklist_make_debian(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_blocklist_stat(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_blocklist_check(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_blocklist_add(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_blocklist_list(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_incident_load(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_incident_list(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_incident_clear(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_officer_invite(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_officer_list(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_officer_remove(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_operator_invite(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_operator_list(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_operator_remove(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_passkey_list(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_action_list(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_action_verify(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_passkey_remove(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_event_list(qwc_call_t *call) QW_MUST_CHECK;

qw_problem_t *qwc_compromise_acme_account(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_compromise_external(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_compromise_key(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_compromise_binding(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_compromise_mis_issuance(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_compromise_ca_drill(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_certificate_bulk_revoke(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_case_list(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_case_show(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_case_run(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_case_report(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_case_note(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_case_close(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_report_add(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_report_list(qwc_call_t *call) QW_MUST_CHECK;

qw_problem_t *qwc_reminder_list(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_reminder_test(qwc_call_t *call) QW_MUST_CHECK;

qw_problem_t *qwc_ledger_verify(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_ledger_reconcile(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_ledger_resume(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_signer_health(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_status_show(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_issuer_end(qwc_call_t *call) QW_MUST_CHECK;

/* evidence */
qw_problem_t *qwc_audit_seal(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_audit_head(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_audit_verify(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_audit_export(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_dossier_make(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_dossier_verify(qwc_call_t *call) QW_MUST_CHECK;
qw_problem_t *qwc_statement_make(qwc_call_t *call) QW_MUST_CHECK;

#endif
