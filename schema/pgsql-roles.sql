-- Roles of PostgreSQL, run once by its administrator in the schema where the
-- tables are, after 'qwacmectl schema create' and after each upgrade (creating
-- a role that is there fails, which does no harm). httpd's children connect as
-- qwacme_acme, the signer as qwacme_signer, status services as qwacme_status,
-- reports as qwacme_report, qwacmectl as the owner of the tables.

CREATE ROLE qwacme_acme LOGIN;

CREATE ROLE qwacme_signer LOGIN;

CREATE ROLE qwacme_status LOGIN;

CREATE ROLE qwacme_report LOGIN;

CREATE ROLE qwacme_portal LOGIN;

REVOKE ALL ON qw_schema, qw_node, qw_nonce, qw_external, qw_domain, qw_binding,
  qw_account, qw_blocked_key, qw_order, qw_authz, qw_order_authz, qw_challenge,
  qw_job, qw_attempt, qw_certificate, qw_revocation, qw_event, qw_limit,
  qw_limit_override, qw_failure, qw_sct,
  qw_incident, qw_recall, qw_signer, qw_notice, qw_crl, qw_crl_part,
  qw_issuer_end FROM PUBLIC;

REVOKE ALL ON qw_case, qw_case_item FROM PUBLIC;

REVOKE ALL ON qw_person, qw_authenticator, qw_operator, qw_invite, qw_session,
  qw_action FROM PUBLIC;

-- The children see MAC keys (sealed) and change what ACME changes: they cannot
-- write an identity, a domain list, an attempt or a certificate.

GRANT SELECT ON qw_schema, qw_node, qw_nonce, qw_external, qw_domain,
  qw_binding, qw_account, qw_blocked_key, qw_order, qw_authz, qw_order_authz,
  qw_challenge, qw_job, qw_attempt, qw_certificate, qw_revocation, qw_event,
  qw_limit, qw_limit_override, qw_failure, qw_sct,
  qw_incident, qw_recall, qw_signer, qw_notice, qw_crl, qw_issuer_end
  TO qwacme_acme;

GRANT INSERT ON qw_node, qw_nonce, qw_account, qw_blocked_key, qw_order,
  qw_authz, qw_order_authz, qw_challenge, qw_job, qw_revocation, qw_event,
  qw_limit, qw_failure, qw_sct, qw_notice TO qwacme_acme;

GRANT DELETE ON qw_node, qw_nonce, qw_job, qw_limit, qw_failure TO qwacme_acme;

GRANT UPDATE (tat) ON qw_limit TO qwacme_acme;

GRANT UPDATE (failures, failed_at) ON qw_failure TO qwacme_acme;

GRANT UPDATE (seen) ON qw_node TO qwacme_acme;

GRANT UPDATE (uses, mac_failures, mac_failed_at) ON qw_binding TO qwacme_acme;

GRANT UPDATE (status, contacts, terms_version, terms_at, thumbprint, jwk)
  ON qw_account TO qwacme_acme;

GRANT UPDATE (status, error, csr) ON qw_order TO qwacme_acme;

GRANT UPDATE (status, method, validated_at, expires, caa_at) ON qw_authz
  TO qwacme_acme;

GRANT UPDATE (status, validated_at, error, evidence) ON qw_challenge
  TO qwacme_acme;

GRANT UPDATE (owner, lease_until, tries, returns, due) ON qw_job
  TO qwacme_acme;

GRANT UPDATE (reason, actor, crl_number) ON qw_revocation TO qwacme_acme;

GRANT UPDATE (answered) ON qw_notice TO qwacme_acme;

-- The signer reads what it judges by, and writes the ledger.

GRANT SELECT ON qw_schema, qw_external, qw_domain, qw_account, qw_blocked_key,
  qw_order, qw_authz, qw_order_authz, qw_challenge, qw_attempt, qw_certificate,
  qw_revocation, qw_event, qw_sct, qw_signer, qw_notice, qw_crl, qw_crl_part,
  qw_issuer_end TO qwacme_signer;

GRANT SELECT (id, status, suspended_at) ON qw_binding TO qwacme_signer;

GRANT INSERT ON qw_attempt, qw_certificate, qw_revocation, qw_blocked_key,
  qw_event, qw_job, qw_signer, qw_notice, qw_crl, qw_crl_part
  TO qwacme_signer;

GRANT DELETE ON qw_signer, qw_notice, qw_crl_part TO qwacme_signer;

GRANT UPDATE (started, seen) ON qw_signer TO qwacme_signer;

GRANT UPDATE (answered) ON qw_notice TO qwacme_signer;

GRANT UPDATE (number, listed, attempt_id, this_update, next_update, entries,
  newest) ON qw_crl TO qwacme_signer;

GRANT UPDATE (status, error, csr, certificate_id) ON qw_order TO qwacme_signer;

GRANT UPDATE (status, signed_at, der, node, lease_until) ON qw_attempt
  TO qwacme_signer;

GRANT UPDATE (reason, actor, crl_number, published_at) ON qw_revocation
  TO qwacme_signer;

GRANT SELECT ON qw_schema, qw_attempt, qw_certificate, qw_revocation,
  qw_signer, qw_notice, qw_crl TO qwacme_status;

-- Reports see everything but secrets.

GRANT SELECT ON qw_schema, qw_external, qw_domain, qw_account, qw_blocked_key,
  qw_order, qw_authz, qw_order_authz, qw_challenge, qw_job, qw_attempt,
  qw_certificate, qw_revocation, qw_event, qw_sct,
  qw_incident, qw_recall, qw_signer, qw_notice, qw_crl, qw_issuer_end
  TO qwacme_report;

GRANT SELECT (id, authority, external_id, algs, status, max_uses, uses, expires,
  created, created_by, suspended_at, label) ON qw_binding TO qwacme_report;

-- Requests for approval are made and decided by qwacmectl and at the portal. A
-- child ends those whose time is over: without who decided it can approve none.

REVOKE ALL ON qw_approval FROM PUBLIC;

GRANT SELECT (authority, status, expires, decided_at), UPDATE (status)
  ON qw_approval TO qwacme_acme;

GRANT SELECT ON qw_approval TO qwacme_report;

-- Cases: a child takes reports of problems, warns of what is due, and revokes
-- what a case has set a time for.

GRANT SELECT, INSERT ON qw_case TO qwacme_acme;

GRANT UPDATE (warned) ON qw_case TO qwacme_acme;

GRANT SELECT ON qw_case_item TO qwacme_acme;

GRANT UPDATE (status, at, actor, result) ON qw_case_item TO qwacme_acme;

GRANT SELECT ON qw_case, qw_case_item TO qwacme_report;

-- Whoever writes an event has it wait for its seal. A child seals, and can
-- neither undo nor redo that.

REVOKE ALL ON qw_identity_version, qw_seal_queue, qw_seal_entry,
  qw_checkpoint FROM PUBLIC;

GRANT INSERT ON qw_seal_queue TO qwacme_acme, qwacme_signer;

GRANT SELECT ON qw_identity_version, qw_seal_queue, qw_seal_entry,
  qw_checkpoint TO qwacme_acme, qwacme_report;

GRANT DELETE ON qw_seal_queue TO qwacme_acme;

GRANT INSERT ON qw_seal_entry, qw_checkpoint TO qwacme_acme;

GRANT UPDATE (timestamp) ON qw_checkpoint TO qwacme_acme;

-- The portal (QwacmePortalDatabase) writes what operators and officers sign, and
-- neither certificates nor what leads to one.

GRANT SELECT ON qw_schema, qw_nonce, qw_external, qw_domain, qw_binding,
  qw_account, qw_blocked_key, qw_failure, qw_certificate, qw_revocation,
  qw_event, qw_approval, qw_case, qw_person, qw_authenticator, qw_operator,
  qw_invite, qw_session, qw_action TO qwacme_portal;

GRANT INSERT ON qw_nonce, qw_external, qw_identity_version, qw_domain,
  qw_binding, qw_event, qw_seal_queue, qw_approval, qw_person,
  qw_authenticator, qw_operator, qw_invite, qw_session, qw_action
  TO qwacme_portal;

GRANT UPDATE (status, reason, suspended_at, terms_version, terms_at, identity,
  identity_version, verified_at, verified_by, verified_method, profiles, expires)
  ON qw_external TO qwacme_portal;

GRANT UPDATE (removed_by, removed_at) ON qw_domain TO qwacme_portal;

GRANT UPDATE (status, suspended_at, label, expires) ON qw_binding
  TO qwacme_portal;

GRANT UPDATE (suspended, suspended_at) ON qw_account TO qwacme_portal;

GRANT UPDATE (status, decided_by, decided_at) ON qw_approval TO qwacme_portal;

GRANT UPDATE (approved_by, approved) ON qw_case TO qwacme_portal;

-- Officers open cases, which suspend and revoke. Authorizations are ended by a
-- child.

GRANT SELECT ON qw_case_item, qw_order, qw_authz, qw_attempt, qw_signer,
  qw_notice TO qwacme_portal;

GRANT INSERT ON qw_case, qw_case_item, qw_revocation, qw_notice
  TO qwacme_portal;

GRANT UPDATE (answered) ON qw_notice TO qwacme_portal;

GRANT UPDATE (status, at, actor, result) ON qw_case_item TO qwacme_portal;

-- They block a key, and have renewed what was mis-issued.

GRANT SELECT ON qw_incident, qw_recall TO qwacme_portal;

GRANT INSERT ON qw_blocked_key, qw_incident, qw_recall TO qwacme_portal;

GRANT UPDATE (language, status, removed_by, removed_at) ON qw_person
  TO qwacme_portal;

GRANT UPDATE (sign_count, used_at, removed_by, removed_at, released)
  ON qw_authenticator TO qwacme_portal;

GRANT UPDATE (removed_by, removed_at) ON qw_operator TO qwacme_portal;

GRANT UPDATE (tries, used_at) ON qw_invite TO qwacme_portal;

GRANT UPDATE (seen) ON qw_session TO qwacme_portal;

GRANT DELETE ON qw_session TO qwacme_portal;

-- Workers of the children clear out sessions that expired.

GRANT SELECT (id, expires), DELETE ON qw_session TO qwacme_acme;

-- What waits for a person who logs in once more, and how often people tried.

REVOKE ALL ON qw_confirmation FROM PUBLIC;

GRANT SELECT, INSERT, DELETE ON qw_confirmation TO qwacme_portal;

GRANT SELECT (id, expires), DELETE ON qw_confirmation TO qwacme_acme;

GRANT SELECT ON qw_limit_override, qw_limit TO qwacme_portal;

GRANT INSERT, UPDATE (tat) ON qw_limit TO qwacme_portal;

GRANT SELECT ON qw_person, qw_operator, qw_action TO qwacme_report;

-- A diagnosis is asked for at the portal, which counts it against its limit, and
-- made by a child.

REVOKE ALL ON qw_diagnosis FROM PUBLIC;

GRANT SELECT, INSERT ON qw_diagnosis TO qwacme_portal;

GRANT INSERT ON qw_job TO qwacme_portal;

GRANT SELECT, INSERT ON qw_limit TO qwacme_portal;

GRANT UPDATE (tat) ON qw_limit TO qwacme_portal;

GRANT SELECT ON qw_limit_override TO qwacme_portal;

GRANT SELECT, DELETE ON qw_diagnosis TO qwacme_acme;

GRANT UPDATE (ended, findings) ON qw_diagnosis TO qwacme_acme;

-- The portal shows how far orders are, and reports what failed, without the tokens
-- of challenges.

GRANT SELECT ON qw_order_authz, qw_sct TO qwacme_portal;

GRANT SELECT (id, authz_id, type, position, status, validated_at, error, evidence)
  ON qw_challenge TO qwacme_portal;

REVOKE ALL ON qw_download FROM PUBLIC;

GRANT SELECT, INSERT ON qw_download TO qwacme_acme;

GRANT SELECT ON qw_download TO qwacme_portal;
-- Children remind people by mail of what runs out.

REVOKE ALL ON qw_reminder FROM PUBLIC;

GRANT SELECT, INSERT ON qw_reminder TO qwacme_acme;

GRANT UPDATE (status, due, owner, lease_until, tries, ended, result)
  ON qw_reminder TO qwacme_acme;

GRANT SELECT (id, authority, role, mail, language, status, created)
  ON qw_person TO qwacme_acme;

GRANT SELECT (person_id, external_id, removed_by) ON qw_operator TO qwacme_acme;

GRANT SELECT ON qw_reminder TO qwacme_report;
