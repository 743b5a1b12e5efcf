/* The table of commands. */
#include "ctl/ctl.h"

#define IDENTITY                                                               \
    "identity= organization= organization-identifier= country= state= "        \
    "locality= street= postal-code= business-category= serial-number= "        \
    "jurisdiction-country= jurisdiction-state= jurisdiction-locality= "        \
    "given-name= surname= pseudonym= psd2-roles= nca-name= nca-id= "
#define VERIFICATION                                                           \
    "profiles= verified-by= verified-method= verified-at= expires= "

const qwc_command_t qwc_commands[] = {
    { "schema", "create", QWC_ON_STORE, 0, 0, "", "schema-dir=",
      qwc_schema_create, "make the tables of an empty database" },
    { "schema", "upgrade", QWC_ON_STORE, 0, 0, "", "schema-dir= dry-run",
      qwc_schema_upgrade, "bring the tables to this version" },
    { "schema", "check", QWC_ON_STORE, 0, 0, "", "", qwc_schema_check,
      "say whether the tables are of this version" },

    { "ca", "init-demo", QWC_ON_NOTHING, 1, 1, "DIRECTORY",
      "organization= organization-identifier= country= key= profiles=",
      qwc_ca_init_demo, "make a demo root and a dedicated issuing CA" },
    { "seal-key", "create", QWC_ON_NOTHING, 1, 1, "FILE", "",
      qwc_seal_key_create, "make a key file for QwacmeSealKey" },
    { "seal-key", "rotate", QWC_ON_WRITE, 0, 0, "", "dry-run",
      qwc_seal_key_rotate, "seal every MAC key anew under the first key" },

    { "account", "create", QWC_ON_WRITE, 1, 1, "NAME",
      IDENTITY VERIFICATION "terms= dry-run", qwc_account_create,
      "register an external account with its verified identity" },
    { "account", "verify", QWC_ON_WRITE, 1, 1, "ACCOUNT",
      IDENTITY VERIFICATION "dry-run", qwc_account_verify,
      "record a new verification of the identity" },
    { "account", "show", QWC_ON_READ, 1, 1, "ACCOUNT", "", qwc_account_show,
      "show an external account with its domains and binding keys" },
    { "account", "list", QWC_ON_READ, 0, 0, "", "", qwc_account_list,
      "list the external accounts" },
    { "account", "suspend", QWC_ON_WRITE, 1, 1, "ACCOUNT", "reason= dry-run",
      qwc_account_suspend, "stop everything of an external account at once" },
    { "account", "resume", QWC_ON_WRITE, 1, 1, "ACCOUNT", "reason= dry-run",
      qwc_account_resume, "let a suspended external account act again" },
    { "account", "close", QWC_ON_WRITE, 1, 1, "ACCOUNT", "reason= dry-run",
      qwc_account_close, "end an external account for good" },
    { "account", "agree", QWC_ON_WRITE, 1, 1, "ACCOUNT", "terms= dry-run",
      qwc_account_agree, "record that an operator agreed to the terms" },

    { "domain", "add", QWC_ON_WRITE, 2, -1, "ACCOUNT NAME...",
      "subtree wildcard shared confirmed-by= confirmed-at= reviewed-by= "
      "dry-run",
      qwc_domain_add, "add names to the domain list" },
    { "domain", "remove", QWC_ON_WRITE, 2, -1, "ACCOUNT NAME...", "dry-run",
      qwc_domain_remove, "take names off the domain list" },
    { "domain", "list", QWC_ON_READ, 1, 1, "ACCOUNT", "all", qwc_domain_list,
      "list the names in force; with --all the removed ones too" },

    { "binding", "create", QWC_ON_WRITE, 1, 1, "ACCOUNT",
      "uses= expires= algorithms= thumbprint=", qwc_binding_create,
      "make a KeyID and MAC key; the MAC key is shown this once" },
    { "binding", "list", QWC_ON_READ, 1, 1, "ACCOUNT", "", qwc_binding_list,
      "list the binding keys" },
    { "binding", "revoke", QWC_ON_WRITE, 1, 1, "KEYID", "cascade dry-run",
      qwc_binding_revoke,
      "refuse a KeyID; with --cascade suspend what it bound" },

    { "acme-account", "list", QWC_ON_READ, 0, 1, "[ACCOUNT]", "",
      qwc_acme_account_list, "list ACME accounts, of one external account" },
    { "acme-account", "suspend", QWC_ON_WRITE, 1, 1, "ID", "reason= dry-run",
      qwc_acme_account_suspend, "stop an ACME account at once" },
    { "acme-account", "resume", QWC_ON_WRITE, 1, 1, "ID", "reason= dry-run",
      qwc_acme_account_resume, "let a suspended ACME account act again" },

    { "certificate", "list", QWC_ON_READ, 0, 0, "",
      "account= acme-account= limit= after=", qwc_certificate_list,
      "list certificates, oldest first" },
    { "certificate", "show", QWC_ON_READ, 1, 1, "ID|SERIAL", "",
      qwc_certificate_show, "show a certificate, decoded" },
    { "certificate", "describe", QWC_ON_NOTHING, 1, 1, "FILE", "",
      qwc_certificate_describe, "decode the first certificate of a PEM file" },
    { "certificate", "revoke", QWC_ON_WRITE, 1, -1, "ID|SERIAL...",
      "reason= dry-run", qwc_certificate_revoke, "revoke certificates" },

    { "tls-binding", "create", QWC_ON_NOTHING, 1, -1, "CERTIFICATE...",
      "chain= key= pin= labels= kid= algorithm= expires= out=",
      qwc_tls_binding_create,
      "bind TLS certificates to a 2-QWAC, for the site's holder" },
    { "tls-binding", "verify", QWC_ON_NOTHING, 1, -1,
      "BINDING [CERTIFICATE...]", "host= trusted= at=", qwc_tls_binding_verify,
      "say whether browsers would take such a binding" },

    { "limit", "set", QWC_ON_WRITE, 3, 3, "LIMIT SUBJECT RATE",
      "burst= comment= expires= dry-run", qwc_limit_set,
      "another rate for an address, a domain or account:NAME, for a while" },
    { "limit", "remove", QWC_ON_WRITE, 2, 2, "LIMIT SUBJECT", "dry-run",
      qwc_limit_remove, "end such an exception" },
    { "limit", "list", QWC_ON_READ, 0, 0, "", "", qwc_limit_list,
      "list the exceptions in force" },
    { "limit", "paused", QWC_ON_READ, 0, 0, "", "", qwc_limit_paused,
      "list names whose validations only failed" },
    { "limit", "unpause", QWC_ON_WRITE, 2, -1, "ACME-ACCOUNT NAME...",
      "dry-run", qwc_limit_unpause, "let an account try such names again" },

    { "blocklist", "import", QWC_ON_NOTHING, 1, -1, "FILE|FOLDER...",
      "output= replace", qwc_blocklist_import,
      "add lists of weak keys to the file of QwacmeWeakKeys" },
    { "blocklist", "make-debian", QWC_ON_NOTHING, 0, 0, "",
      "kinds= pids= threads= output= replace", qwc_blocklist_make_debian,
      "add the weak keys of Debian's OpenSSL to that file; takes hours" },
    { "blocklist", "stat", QWC_ON_NOTHING, 0, 1, "[FILE]", "",
      qwc_blocklist_stat, "count what is in that file" },
    { "blocklist", "check", QWC_ON_STORE, 1, 1, "FILE", "", qwc_blocklist_check,
      "say what would be refused of the keys in a PEM file; exit 1 if any" },
    { "blocklist", "add", QWC_ON_WRITE, 1, 1, "FILE", "reason= dry-run",
      qwc_blocklist_add, "block the keys in a PEM file, for good" },
    { "blocklist", "list", QWC_ON_STORE, 0, 0, "", "limit=", qwc_blocklist_list,
      "list the keys that were blocked, newest first" },

    { "incident", "load", QWC_ON_WRITE, 2, 2, "NAME FILE", "url= dry-run",
      qwc_incident_load, "have the certificates of a list renewed at once" },
    { "incident", "list", QWC_ON_READ, 0, 0, "", "", qwc_incident_list,
      "list the incidents" },
    { "incident", "clear", QWC_ON_WRITE, 1, 1, "NAME", "dry-run",
      qwc_incident_clear, "end an incident" },

    { "event", "list", QWC_ON_READ, 0, 0, "", "subject= limit=", qwc_event_list,
      "list what happened, newest first" },

    { "ledger", "verify", QWC_ON_STORE, 0, 0, "", "", qwc_ledger_verify,
      "compare ledger, spool and key count; exit 1 on any finding" },
    { "ledger", "reconcile", QWC_ON_STORE, 0, 0, "", "", qwc_ledger_reconcile,
      "adopt or orphan attempts that a crash left" },
    { "ledger", "resume", QWC_ON_STORE, 0, 0, "", "reason=", qwc_ledger_resume,
      "clear a halt of issuance" },
    { "signer", "health", QWC_ON_STORE, 0, 0, "", "", qwc_signer_health,
      "say whether the signer issues; exit 3 and the reason if not" },
    { NULL, NULL, QWC_ON_NOTHING, 0, 0, NULL, NULL, NULL, NULL }
};
