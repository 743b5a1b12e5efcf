-- Roles of PostgreSQL, run once by its administrator after the schema was made.
-- httpd's children connect as qwacme_acme, the signer as qwacme_signer, status
-- services as qwacme_status, reports as qwacme_report, qwacmectl as the owner.

CREATE ROLE qwacme_acme LOGIN;

CREATE ROLE qwacme_signer LOGIN;

CREATE ROLE qwacme_status LOGIN;

CREATE ROLE qwacme_report LOGIN;

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC;

GRANT SELECT ON ALL TABLES IN SCHEMA public TO qwacme_acme, qwacme_signer, qwacme_report;

GRANT SELECT ON qw_schema, qw_certificate, qw_revocation, qw_attempt TO qwacme_status;

GRANT INSERT, UPDATE, DELETE ON qw_nonce, qw_node, qw_job TO qwacme_acme;

GRANT INSERT, UPDATE ON qw_account, qw_order, qw_authz, qw_challenge TO qwacme_acme;

GRANT INSERT ON qw_order_authz, qw_event, qw_blocked_key TO qwacme_acme, qwacme_signer;

GRANT INSERT, UPDATE ON qw_revocation TO qwacme_acme, qwacme_signer;

GRANT UPDATE (uses, mac_failures, mac_failed_at) ON qw_binding TO qwacme_acme;

GRANT UPDATE (status, error, certificate_id, csr) ON qw_order TO qwacme_signer;

GRANT INSERT ON qw_attempt, qw_certificate TO qwacme_signer;

GRANT UPDATE (status, signed_at, der) ON qw_attempt TO qwacme_signer;
