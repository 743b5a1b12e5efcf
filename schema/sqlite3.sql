-- The schema on SQLite. Statements are separated by an empty line.
-- Times are microseconds UTC, truth is 0 or 1, DER is base64url.

CREATE TABLE qw_schema (
  version INTEGER NOT NULL
) STRICT;

CREATE TABLE qw_node (
  id TEXT PRIMARY KEY,
  started INTEGER NOT NULL,
  seen INTEGER NOT NULL
) STRICT;

CREATE TABLE qw_nonce (
  nonce TEXT PRIMARY KEY,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX qw_nonce_expires ON qw_nonce (expires);

CREATE TABLE qw_external (
  id TEXT PRIMARY KEY,
  authority TEXT NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'closed')),
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  identity TEXT NOT NULL,
  identity_version INTEGER NOT NULL,
  verified_at INTEGER NOT NULL,
  verified_by TEXT NOT NULL,
  verified_method TEXT NOT NULL,
  profiles TEXT NOT NULL,
  terms_version TEXT,
  terms_at INTEGER NOT NULL DEFAULT 0,
  reason TEXT,
  suspended_at INTEGER NOT NULL DEFAULT 0,
  UNIQUE (authority, name),
  UNIQUE (id, authority)
) STRICT;

CREATE TRIGGER qw_external_move BEFORE UPDATE ON qw_external
WHEN NEW.id <> OLD.id OR NEW.authority <> OLD.authority
  OR NEW.created <> OLD.created OR NEW.identity_version < OLD.identity_version
  OR NEW.suspended_at < OLD.suspended_at
  OR (NEW.identity <> OLD.identity
      AND NEW.identity_version = OLD.identity_version)
  OR (OLD.status = 'closed' AND NEW.status <> OLD.status)
BEGIN SELECT RAISE(ABORT, 'illegal change of an external account'); END;

CREATE TRIGGER qw_external_stays BEFORE DELETE ON qw_external
BEGIN SELECT RAISE(ABORT, 'external accounts are permanent'); END;

-- Each version of an identity, as it was when certificates were issued by it.

CREATE TABLE qw_identity_version (
  external_id TEXT NOT NULL REFERENCES qw_external (id),
  version INTEGER NOT NULL,
  identity TEXT NOT NULL,
  verified_at INTEGER NOT NULL,
  verified_by TEXT NOT NULL,
  verified_method TEXT NOT NULL,
  profiles TEXT NOT NULL,
  PRIMARY KEY (external_id, version)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER qw_identity_version_fixed BEFORE UPDATE ON qw_identity_version
BEGIN SELECT RAISE(ABORT, 'versions of an identity do not change'); END;

CREATE TRIGGER qw_identity_version_stays BEFORE DELETE ON qw_identity_version
BEGIN SELECT RAISE(ABORT, 'versions of an identity are permanent'); END;

CREATE TRIGGER qw_identity_first AFTER INSERT ON qw_external
BEGIN
  INSERT INTO qw_identity_version (external_id, version, identity, verified_at,
    verified_by, verified_method, profiles)
  VALUES (NEW.id, NEW.identity_version, NEW.identity, NEW.verified_at,
    NEW.verified_by, NEW.verified_method, NEW.profiles);
END;

CREATE TRIGGER qw_identity_next AFTER UPDATE ON qw_external
WHEN NEW.identity_version <> OLD.identity_version
BEGIN
  INSERT INTO qw_identity_version (external_id, version, identity, verified_at,
    verified_by, verified_method, profiles)
  VALUES (NEW.id, NEW.identity_version, NEW.identity, NEW.verified_at,
    NEW.verified_by, NEW.verified_method, NEW.profiles);
END;

CREATE TABLE qw_domain (
  id TEXT PRIMARY KEY,
  external_id TEXT NOT NULL REFERENCES qw_external (id),
  name TEXT NOT NULL,
  subtree INTEGER NOT NULL CHECK (subtree IN (0, 1)),
  wildcard INTEGER NOT NULL CHECK (wildcard IN (0, 1)),
  confirmed_by TEXT NOT NULL,
  confirmed_at INTEGER NOT NULL,
  removed_by TEXT,
  removed_at INTEGER NOT NULL DEFAULT 0,
  reviewed_by TEXT
) STRICT;

CREATE INDEX qw_domain_external ON qw_domain (external_id, name);

CREATE INDEX qw_domain_name ON qw_domain (name);

CREATE UNIQUE INDEX qw_domain_in_force ON qw_domain (external_id, name)
  WHERE removed_by IS NULL;

CREATE TRIGGER qw_domain_move BEFORE UPDATE ON qw_domain
WHEN OLD.removed_by IS NOT NULL OR NEW.id <> OLD.id
  OR NEW.external_id <> OLD.external_id OR NEW.name <> OLD.name
  OR NEW.subtree <> OLD.subtree OR NEW.wildcard <> OLD.wildcard
  OR NEW.confirmed_by <> OLD.confirmed_by
  OR NEW.confirmed_at <> OLD.confirmed_at
  OR NEW.reviewed_by IS NOT OLD.reviewed_by
BEGIN SELECT RAISE(ABORT, 'an entry of a domain list is only removed'); END;

CREATE TRIGGER qw_domain_stays BEFORE DELETE ON qw_domain
BEGIN SELECT RAISE(ABORT, 'entries of domain lists are permanent'); END;

CREATE TABLE qw_binding (
  id TEXT PRIMARY KEY,
  authority TEXT NOT NULL,
  external_id TEXT NOT NULL,
  sealed TEXT NOT NULL,
  algs TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'revoked')),
  max_uses INTEGER NOT NULL CHECK (max_uses > 0),
  uses INTEGER NOT NULL DEFAULT 0 CHECK (uses >= 0 AND uses <= max_uses),
  expires INTEGER NOT NULL,
  thumbprint TEXT,
  created INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  mac_failures INTEGER NOT NULL DEFAULT 0,
  mac_failed_at INTEGER NOT NULL DEFAULT 0,
  suspended_at INTEGER NOT NULL DEFAULT 0,
  label TEXT NOT NULL DEFAULT '',
  UNIQUE (id, external_id),
  FOREIGN KEY (external_id, authority) REFERENCES qw_external (id, authority)
) STRICT;

CREATE INDEX qw_binding_external ON qw_binding (external_id, created);

CREATE TRIGGER qw_binding_move BEFORE UPDATE ON qw_binding
WHEN NEW.id <> OLD.id OR NEW.authority <> OLD.authority
  OR NEW.external_id <> OLD.external_id OR NEW.uses < OLD.uses
  OR NEW.thumbprint IS NOT OLD.thumbprint
  OR NEW.suspended_at < OLD.suspended_at
  OR (OLD.status = 'revoked' AND NEW.status <> OLD.status)
BEGIN SELECT RAISE(ABORT, 'illegal change of a binding key'); END;

CREATE TRIGGER qw_binding_stays BEFORE DELETE ON qw_binding
BEGIN SELECT RAISE(ABORT, 'binding keys are permanent'); END;

CREATE TABLE qw_account (
  id TEXT PRIMARY KEY,
  authority TEXT NOT NULL,
  external_id TEXT NOT NULL,
  binding_id TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('valid', 'deactivated', 'revoked')),
  suspended INTEGER NOT NULL DEFAULT 0 CHECK (suspended IN (0, 1)),
  thumbprint TEXT NOT NULL,
  jwk TEXT NOT NULL,
  contacts TEXT NOT NULL,
  eab TEXT NOT NULL,
  terms_version TEXT,
  terms_at INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL,
  suspended_at INTEGER NOT NULL DEFAULT 0,
  UNIQUE (authority, thumbprint),
  UNIQUE (id, external_id, authority),
  FOREIGN KEY (binding_id, external_id)
    REFERENCES qw_binding (id, external_id),
  FOREIGN KEY (external_id, authority) REFERENCES qw_external (id, authority)
) STRICT;

CREATE INDEX qw_account_external ON qw_account (external_id, created);

CREATE INDEX qw_account_thumbprint ON qw_account (thumbprint);

CREATE TRIGGER qw_account_bound BEFORE UPDATE ON qw_account
WHEN NEW.external_id <> OLD.external_id OR NEW.authority <> OLD.authority
  OR NEW.id <> OLD.id OR NEW.binding_id <> OLD.binding_id
  OR NEW.suspended_at < OLD.suspended_at
BEGIN SELECT RAISE(ABORT, 'an ACME account is bound for ever'); END;

CREATE TRIGGER qw_account_move BEFORE UPDATE OF status ON qw_account
WHEN OLD.status <> 'valid' AND NEW.status <> OLD.status
BEGIN SELECT RAISE(ABORT, 'illegal account transition'); END;

CREATE TRIGGER qw_account_stays BEFORE DELETE ON qw_account
BEGIN SELECT RAISE(ABORT, 'accounts are permanent'); END;

CREATE TABLE qw_blocked_key (
  spki_hash TEXT PRIMARY KEY,
  thumbprint TEXT NOT NULL,
  why TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;

CREATE INDEX qw_blocked_key_thumbprint ON qw_blocked_key (thumbprint);

CREATE INDEX qw_blocked_key_at ON qw_blocked_key (at);

CREATE TRIGGER qw_blocked_key_fixed BEFORE UPDATE ON qw_blocked_key
BEGIN SELECT RAISE(ABORT, 'blocked keys do not change'); END;

CREATE TRIGGER qw_blocked_key_stays BEFORE DELETE ON qw_blocked_key
BEGIN SELECT RAISE(ABORT, 'blocked keys are permanent'); END;

CREATE TABLE qw_order (
  id TEXT PRIMARY KEY,
  authority TEXT NOT NULL,
  account_id TEXT NOT NULL,
  external_id TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN
    ('pending', 'ready', 'processing', 'valid', 'invalid')),
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  names TEXT NOT NULL,
  profile TEXT NOT NULL,
  profile_hash TEXT NOT NULL,
  error TEXT,
  certificate_id TEXT,
  csr TEXT,
  replaces TEXT,
  CHECK ((status = 'valid') = (certificate_id IS NOT NULL)),
  FOREIGN KEY (account_id, external_id, authority)
    REFERENCES qw_account (id, external_id, authority)
) STRICT;

CREATE INDEX qw_order_account ON qw_order (account_id, created, id);

CREATE INDEX qw_order_external ON qw_order (external_id, created);

CREATE INDEX qw_order_open ON qw_order (account_id, names, profile)
  WHERE status IN ('pending', 'ready');

CREATE INDEX qw_order_expires ON qw_order (expires)
  WHERE status IN ('pending', 'ready');

CREATE INDEX qw_order_processing ON qw_order (authority)
  WHERE status = 'processing';

CREATE UNIQUE INDEX qw_order_replaces ON qw_order (authority, replaces)
  WHERE replaces IS NOT NULL AND status <> 'invalid';

CREATE TRIGGER qw_order_move BEFORE UPDATE ON qw_order
WHEN NEW.account_id <> OLD.account_id OR NEW.external_id <> OLD.external_id
  OR NEW.authority <> OLD.authority OR NEW.names <> OLD.names
  OR NEW.replaces IS NOT OLD.replaces
  OR (NEW.status <> OLD.status AND NOT (
       (OLD.status = 'pending' AND NEW.status IN ('ready', 'invalid'))
    OR (OLD.status = 'ready' AND NEW.status IN ('processing', 'invalid'))
    OR (OLD.status = 'processing' AND NEW.status IN ('valid', 'ready', 'invalid'))))
BEGIN SELECT RAISE(ABORT, 'illegal order transition'); END;

CREATE TRIGGER qw_order_finish BEFORE UPDATE ON qw_order
WHEN NEW.certificate_id IS NOT OLD.certificate_id AND NOT (
  OLD.certificate_id IS NULL AND EXISTS (
    SELECT 1 FROM qw_certificate c
    WHERE c.id = NEW.certificate_id AND c.order_id = NEW.id))
BEGIN SELECT RAISE(ABORT, 'a valid order has its certificate'); END;

CREATE TRIGGER qw_order_begin BEFORE INSERT ON qw_order
WHEN NEW.status NOT IN ('pending', 'ready')
BEGIN SELECT RAISE(ABORT, 'an order begins as pending or ready'); END;

CREATE TABLE qw_authz (
  id TEXT PRIMARY KEY,
  authority TEXT NOT NULL,
  account_id TEXT NOT NULL,
  external_id TEXT NOT NULL,
  name TEXT NOT NULL,
  wildcard INTEGER NOT NULL CHECK (wildcard IN (0, 1)),
  status TEXT NOT NULL CHECK (status IN
    ('pending', 'valid', 'invalid', 'deactivated', 'expired', 'revoked')),
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  method TEXT,
  validated_at INTEGER NOT NULL DEFAULT 0,
  caa_at INTEGER NOT NULL DEFAULT 0,
  CHECK (status <> 'valid' OR method IS NOT NULL),
  FOREIGN KEY (account_id, external_id, authority)
    REFERENCES qw_account (id, external_id, authority)
) STRICT;

CREATE INDEX qw_authz_name ON qw_authz (account_id, name, wildcard, created);

CREATE INDEX qw_authz_expires ON qw_authz (expires)
  WHERE status IN ('pending', 'valid');

CREATE TRIGGER qw_authz_move BEFORE UPDATE ON qw_authz
WHEN NEW.account_id <> OLD.account_id OR NEW.name <> OLD.name
  OR NEW.wildcard <> OLD.wildcard
  OR (NEW.status <> OLD.status AND NOT (
       OLD.status = 'pending'
    OR (OLD.status = 'valid' AND NEW.status IN ('deactivated', 'expired', 'revoked'))))
BEGIN SELECT RAISE(ABORT, 'illegal authorization transition'); END;

CREATE TABLE qw_order_authz (
  order_id TEXT NOT NULL REFERENCES qw_order (id),
  position INTEGER NOT NULL,
  authz_id TEXT NOT NULL REFERENCES qw_authz (id),
  PRIMARY KEY (order_id, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX qw_order_authz_authz ON qw_order_authz (authz_id);

CREATE TABLE qw_challenge (
  id TEXT PRIMARY KEY,
  authz_id TEXT NOT NULL REFERENCES qw_authz (id),
  position INTEGER NOT NULL,
  type TEXT NOT NULL,
  token TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL CHECK (status IN
    ('pending', 'processing', 'valid', 'invalid')),
  validated_at INTEGER NOT NULL DEFAULT 0,
  error TEXT,
  evidence TEXT,
  UNIQUE (authz_id, type)
) STRICT;

CREATE UNIQUE INDEX qw_challenge_one ON qw_challenge (authz_id)
  WHERE status = 'processing';

CREATE TRIGGER qw_challenge_move BEFORE UPDATE OF status ON qw_challenge
WHEN NEW.status <> OLD.status AND NOT (
       OLD.status = 'pending' AND NEW.status IN ('processing', 'invalid')
    OR OLD.status = 'processing')
BEGIN SELECT RAISE(ABORT, 'illegal challenge transition'); END;

CREATE TABLE qw_job (
  id TEXT PRIMARY KEY,
  authority TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  due INTEGER NOT NULL,
  owner TEXT,
  lease_until INTEGER NOT NULL DEFAULT 0,
  tries INTEGER NOT NULL DEFAULT 0,
  returns INTEGER NOT NULL DEFAULT 0,
  UNIQUE (kind, subject_id)
) STRICT;

CREATE INDEX qw_job_due ON qw_job (kind, due);

CREATE INDEX qw_job_account ON qw_job (account_id);

CREATE TABLE qw_diagnosis (
  id TEXT PRIMARY KEY,
  authority TEXT NOT NULL,
  external_id TEXT NOT NULL REFERENCES qw_external (id),
  name TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  ended INTEGER NOT NULL DEFAULT 0,
  findings TEXT
) STRICT;

CREATE UNIQUE INDEX qw_diagnosis_one ON qw_diagnosis (external_id)
  WHERE ended = 0;

CREATE INDEX qw_diagnosis_external ON qw_diagnosis (external_id, created);

CREATE INDEX qw_diagnosis_expires ON qw_diagnosis (expires);

CREATE TABLE qw_limit (
  authority TEXT NOT NULL,
  name TEXT NOT NULL,
  subject TEXT NOT NULL,
  tat INTEGER NOT NULL,
  PRIMARY KEY (authority, name, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX qw_limit_tat ON qw_limit (tat);

CREATE TABLE qw_limit_override (
  authority TEXT NOT NULL,
  name TEXT NOT NULL,
  subject TEXT NOT NULL,
  rate TEXT NOT NULL,
  burst TEXT NOT NULL,
  comment TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  PRIMARY KEY (authority, name, subject)
) STRICT;

CREATE TABLE qw_failure (
  account_id TEXT NOT NULL REFERENCES qw_account (id),
  name TEXT NOT NULL,
  failures INTEGER NOT NULL,
  failed_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE qw_attempt (
  id TEXT PRIMARY KEY,
  authority TEXT NOT NULL,
  order_id TEXT REFERENCES qw_order (id),
  kind TEXT NOT NULL CHECK (kind IN ('cert', 'precert', 'crl', 'ocsp')),
  issuer TEXT NOT NULL,
  serial TEXT NOT NULL,
  tbs TEXT NOT NULL,
  tbs_hash TEXT NOT NULL CHECK (length(tbs_hash) = 64),
  profile_hash TEXT NOT NULL,
  identity_version INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN
    ('signing', 'issued', 'orphan', 'spent')),
  node TEXT NOT NULL,
  lease_until INTEGER NOT NULL,
  created INTEGER NOT NULL,
  signed_at INTEGER NOT NULL DEFAULT 0,
  der TEXT,
  crl_period TEXT NOT NULL DEFAULT '',
  not_after INTEGER NOT NULL DEFAULT 0,
  spki_hash TEXT NOT NULL DEFAULT '',
  UNIQUE (issuer, kind, serial),
  CHECK (status NOT IN ('issued', 'spent') OR der IS NOT NULL)
) STRICT;

CREATE UNIQUE INDEX qw_attempt_live ON qw_attempt (order_id, kind)
  WHERE order_id IS NOT NULL AND status IN ('signing', 'issued');

CREATE INDEX qw_attempt_order ON qw_attempt (order_id);

CREATE INDEX qw_attempt_status ON qw_attempt (issuer, status, id);

CREATE INDEX qw_attempt_signed ON qw_attempt (issuer, signed_at);

CREATE INDEX qw_attempt_spki ON qw_attempt (spki_hash)
  WHERE kind = 'precert';

CREATE TRIGGER qw_attempt_begin BEFORE INSERT ON qw_attempt
WHEN NEW.status <> 'signing' OR NEW.der IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'an attempt begins as signing'); END;

CREATE TRIGGER qw_attempt_move BEFORE UPDATE ON qw_attempt
WHEN NEW.id <> OLD.id OR NEW.order_id IS NOT OLD.order_id
  OR NEW.kind <> OLD.kind OR NEW.issuer <> OLD.issuer
  OR NEW.serial <> OLD.serial OR NEW.tbs <> OLD.tbs
  OR NEW.tbs_hash <> OLD.tbs_hash OR NEW.profile_hash <> OLD.profile_hash
  OR NEW.identity_version <> OLD.identity_version
  OR NEW.authority <> OLD.authority OR NEW.crl_period <> OLD.crl_period
  OR NEW.not_after <> OLD.not_after OR NEW.spki_hash <> OLD.spki_hash
  OR (OLD.der IS NOT NULL AND NEW.der IS NOT OLD.der)
  OR (NEW.status <> OLD.status AND OLD.status <> 'signing'
    AND NOT (OLD.status = 'issued' AND NEW.status = 'spent'
      AND NEW.kind = 'precert'))
  OR (NEW.status = 'spent' AND OLD.status NOT IN ('issued', 'spent'))
BEGIN SELECT RAISE(ABORT, 'illegal ledger transition'); END;

CREATE TRIGGER qw_attempt_stays BEFORE DELETE ON qw_attempt
BEGIN SELECT RAISE(ABORT, 'ledger rows are permanent'); END;

CREATE TABLE qw_sct (
  attempt_id TEXT NOT NULL REFERENCES qw_attempt (id),
  log_id TEXT NOT NULL CHECK (length(log_id) = 64),
  sct TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (attempt_id, log_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE qw_certificate (
  id TEXT PRIMARY KEY,
  authority TEXT NOT NULL,
  order_id TEXT NOT NULL UNIQUE REFERENCES qw_order (id),
  account_id TEXT NOT NULL REFERENCES qw_account (id),
  external_id TEXT NOT NULL REFERENCES qw_external (id),
  attempt_id TEXT NOT NULL UNIQUE REFERENCES qw_attempt (id),
  issuer TEXT NOT NULL,
  serial TEXT NOT NULL,
  spki_hash TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  names TEXT NOT NULL,
  profile TEXT NOT NULL,
  identity_version INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  not_after INTEGER NOT NULL,
  created INTEGER NOT NULL,
  pem TEXT NOT NULL,
  UNIQUE (issuer, serial)
) STRICT;

CREATE INDEX qw_certificate_list ON qw_certificate (authority, created, id);

CREATE INDEX qw_certificate_spki ON qw_certificate (spki_hash);

CREATE INDEX qw_certificate_external ON qw_certificate (external_id, created, id);

CREATE INDEX qw_certificate_account ON qw_certificate (account_id, created, id);

CREATE INDEX qw_certificate_serial ON qw_certificate (serial);

CREATE TRIGGER qw_certificate_begin BEFORE INSERT ON qw_certificate
WHEN NOT EXISTS (
  SELECT 1 FROM qw_attempt t JOIN qw_order o ON o.id = t.order_id
  WHERE t.id = NEW.attempt_id AND t.status = 'issued' AND t.kind = 'cert'
    AND t.issuer = NEW.issuer AND t.serial = NEW.serial
    AND t.authority = NEW.authority AND o.id = NEW.order_id
    AND o.account_id = NEW.account_id AND o.external_id = NEW.external_id)
BEGIN SELECT RAISE(ABORT, 'a certificate is an issued attempt of its order'); END;

CREATE TRIGGER qw_certificate_fixed BEFORE UPDATE ON qw_certificate
BEGIN SELECT RAISE(ABORT, 'certificates do not change'); END;

CREATE TRIGGER qw_certificate_stays BEFORE DELETE ON qw_certificate
BEGIN SELECT RAISE(ABORT, 'certificates are permanent'); END;

CREATE TABLE qw_revocation (
  issuer TEXT NOT NULL,
  serial TEXT NOT NULL,
  authority TEXT NOT NULL,
  reason INTEGER NOT NULL CHECK (reason IN (0, 1, 3, 4, 5, 9)),
  requested_at INTEGER NOT NULL,
  revoked_at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  crl_period TEXT NOT NULL DEFAULT '',
  not_after INTEGER NOT NULL DEFAULT 0,
  crl_number INTEGER NOT NULL DEFAULT 0,
  published_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (issuer, serial)
) STRICT, WITHOUT ROWID;

CREATE INDEX qw_revocation_period ON qw_revocation (issuer, crl_period, serial);

CREATE INDEX qw_revocation_unlisted ON qw_revocation (issuer, crl_period)
  WHERE crl_number = 0;

CREATE INDEX qw_revocation_listed ON qw_revocation (issuer, crl_number);

CREATE INDEX qw_revocation_unpublished
  ON qw_revocation (issuer, crl_period, requested_at) WHERE published_at = 0;

CREATE TRIGGER qw_revocation_move BEFORE UPDATE ON qw_revocation
WHEN NEW.issuer <> OLD.issuer OR NEW.serial <> OLD.serial
  OR NEW.authority <> OLD.authority
  OR NEW.requested_at <> OLD.requested_at OR NEW.revoked_at <> OLD.revoked_at
  OR NEW.crl_period <> OLD.crl_period OR NEW.not_after <> OLD.not_after
  OR (NEW.reason <> OLD.reason AND NEW.reason <> 1)
  OR (OLD.published_at <> 0 AND NEW.published_at <> OLD.published_at)
BEGIN SELECT RAISE(ABORT, 'a revocation only becomes keyCompromise'); END;

CREATE TRIGGER qw_revocation_stays BEFORE DELETE ON qw_revocation
BEGIN SELECT RAISE(ABORT, 'revocations are permanent'); END;

CREATE TABLE qw_signer (
  id TEXT PRIMARY KEY,
  started INTEGER NOT NULL,
  seen INTEGER NOT NULL
) STRICT;

CREATE TABLE qw_notice (
  node TEXT NOT NULL REFERENCES qw_signer (id) ON DELETE CASCADE,
  issuer TEXT NOT NULL,
  serial TEXT NOT NULL,
  answered INTEGER NOT NULL DEFAULT 0 CHECK (answered IN (0, 1)),
  PRIMARY KEY (node, issuer, serial)
) STRICT, WITHOUT ROWID;

CREATE INDEX qw_notice_open ON qw_notice (node, issuer) WHERE answered = 0;

CREATE INDEX qw_notice_serial ON qw_notice (issuer, serial);

CREATE TABLE qw_crl (
  issuer TEXT NOT NULL,
  period TEXT NOT NULL,
  authority TEXT NOT NULL,
  number INTEGER NOT NULL,
  listed INTEGER NOT NULL DEFAULT 0,
  attempt_id TEXT REFERENCES qw_attempt (id),
  this_update INTEGER NOT NULL DEFAULT 0,
  next_update INTEGER NOT NULL DEFAULT 0,
  entries INTEGER NOT NULL DEFAULT 0,
  newest INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (issuer, period),
  CHECK (listed <= number)
) STRICT;

CREATE INDEX qw_crl_attempt ON qw_crl (attempt_id);

CREATE TRIGGER qw_crl_move BEFORE UPDATE ON qw_crl
WHEN NEW.issuer <> OLD.issuer OR NEW.period <> OLD.period
  OR NEW.authority <> OLD.authority OR NEW.number < OLD.number
  OR NEW.listed < OLD.listed
BEGIN SELECT RAISE(ABORT, 'a CRL number only grows'); END;

CREATE TRIGGER qw_crl_stays BEFORE DELETE ON qw_crl
BEGIN SELECT RAISE(ABORT, 'CRL numbers are permanent'); END;

CREATE TABLE qw_crl_part (
  issuer TEXT NOT NULL,
  period TEXT NOT NULL,
  number INTEGER NOT NULL,
  part INTEGER NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (issuer, period, number, part)
) STRICT;

CREATE TABLE qw_issuer_end (
  issuer TEXT PRIMARY KEY,
  authority TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL
) STRICT;

CREATE TRIGGER qw_issuer_end_fixed BEFORE UPDATE ON qw_issuer_end
BEGIN SELECT RAISE(ABORT, 'an issuer ends for good'); END;

CREATE TRIGGER qw_issuer_end_stays BEFORE DELETE ON qw_issuer_end
BEGIN SELECT RAISE(ABORT, 'an issuer ends for good'); END;

CREATE TABLE qw_incident (
  id TEXT PRIMARY KEY,
  authority TEXT NOT NULL,
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created INTEGER NOT NULL,
  cleared INTEGER NOT NULL DEFAULT 0,
  UNIQUE (authority, name)
) STRICT;

CREATE TRIGGER qw_incident_move BEFORE UPDATE ON qw_incident
WHEN OLD.cleared <> 0 OR NEW.id <> OLD.id OR NEW.authority <> OLD.authority
  OR NEW.name <> OLD.name OR NEW.url <> OLD.url OR NEW.created <> OLD.created
  OR NEW.created_by <> OLD.created_by
BEGIN SELECT RAISE(ABORT, 'an incident is only cleared'); END;

CREATE TRIGGER qw_incident_stays BEFORE DELETE ON qw_incident
BEGIN SELECT RAISE(ABORT, 'incidents are permanent'); END;

CREATE TABLE qw_recall (
  certificate_id TEXT NOT NULL REFERENCES qw_certificate (id),
  incident_id TEXT NOT NULL REFERENCES qw_incident (id),
  PRIMARY KEY (certificate_id, incident_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX qw_recall_incident ON qw_recall (incident_id);

CREATE TRIGGER qw_recall_stays BEFORE DELETE ON qw_recall
BEGIN SELECT RAISE(ABORT, 'incidents are permanent'); END;

CREATE TABLE qw_approval (
  id TEXT PRIMARY KEY,
  authority TEXT NOT NULL,
  action TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  request TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (reason <> ''),
  requested_by TEXT NOT NULL,
  requested_at INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  decided_by TEXT,
  decided_at INTEGER NOT NULL DEFAULT 0,
  status TEXT NOT NULL CHECK (status IN
    ('open', 'approved', 'rejected', 'expired', 'done')),
  CHECK (CASE status WHEN 'open' THEN decided_by IS NULL
    WHEN 'expired' THEN 1 = 1 ELSE decided_by IS NOT NULL END),
  CHECK (status NOT IN ('approved', 'done') OR
    lower(trim(substr(decided_by, instr(decided_by, ':') + 1))) <>
    lower(trim(substr(requested_by, instr(requested_by, ':') + 1))))
) STRICT;

CREATE UNIQUE INDEX qw_approval_open
  ON qw_approval (authority, action, subject_kind, subject_id)
  WHERE status IN ('open', 'approved');

CREATE INDEX qw_approval_at ON qw_approval (authority, requested_at, id);

CREATE TRIGGER qw_approval_begin BEFORE INSERT ON qw_approval
WHEN NEW.status <> 'open'
BEGIN SELECT RAISE(ABORT, 'a request for approval begins as open'); END;

CREATE TRIGGER qw_approval_move BEFORE UPDATE ON qw_approval
WHEN NEW.id <> OLD.id OR NEW.authority <> OLD.authority
  OR NEW.action <> OLD.action OR NEW.subject_kind <> OLD.subject_kind
  OR NEW.subject_id <> OLD.subject_id OR NEW.request <> OLD.request
  OR NEW.reason <> OLD.reason OR NEW.requested_by <> OLD.requested_by
  OR NEW.requested_at <> OLD.requested_at OR NEW.expires <> OLD.expires
  OR (OLD.decided_by IS NOT NULL AND (NEW.decided_by IS NOT OLD.decided_by
    OR NEW.decided_at <> OLD.decided_at))
  OR NOT (
       (OLD.status = 'open' AND NEW.status IN ('approved', 'rejected', 'expired'))
    OR (OLD.status = 'approved' AND NEW.status IN ('done', 'expired')))
BEGIN SELECT RAISE(ABORT, 'a request for approval is only decided'); END;

CREATE TRIGGER qw_approval_stays BEFORE DELETE ON qw_approval
BEGIN SELECT RAISE(ABORT, 'requests for approval are permanent'); END;

CREATE TABLE qw_case (
  id TEXT PRIMARY KEY,
  authority TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('acme-account', 'external-account', 'key',
    'binding', 'mis-issuance', 'ca-drill', 'bulk-revoke', 'problem-report')),
  subject TEXT NOT NULL,
  options TEXT NOT NULL,
  total INTEGER NOT NULL CHECK (total >= 0),
  status TEXT NOT NULL CHECK (status IN ('open', 'closed')),
  opened_by TEXT NOT NULL,
  opened INTEGER NOT NULL,
  due INTEGER NOT NULL DEFAULT 0,
  contact TEXT,
  text TEXT,
  approved_by TEXT,
  approved INTEGER NOT NULL DEFAULT 0,
  warned INTEGER NOT NULL DEFAULT 0,
  conclusion TEXT,
  closed_by TEXT,
  closed INTEGER NOT NULL DEFAULT 0,
  CHECK ((status = 'closed') = (conclusion IS NOT NULL)),
  CHECK ((status = 'closed') = (closed_by IS NOT NULL)),
  CHECK (approved_by IS NULL OR approved_by <> opened_by)
) STRICT;

CREATE INDEX qw_case_list ON qw_case (authority, opened, id);

CREATE INDEX qw_case_subject ON qw_case (subject, kind);

CREATE INDEX qw_case_due ON qw_case (authority, due)
  WHERE status = 'open' AND due > 0;

CREATE TRIGGER qw_case_begin BEFORE INSERT ON qw_case
WHEN NEW.status <> 'open' OR NEW.approved_by IS NOT NULL OR NEW.warned <> 0
BEGIN SELECT RAISE(ABORT, 'a case begins as open'); END;

CREATE TRIGGER qw_case_move BEFORE UPDATE ON qw_case
WHEN OLD.status = 'closed' OR NEW.id <> OLD.id
  OR NEW.authority <> OLD.authority OR NEW.kind <> OLD.kind
  OR NEW.subject <> OLD.subject OR NEW.options <> OLD.options
  OR NEW.total <> OLD.total OR NEW.opened_by <> OLD.opened_by
  OR NEW.opened <> OLD.opened OR NEW.due <> OLD.due
  OR NEW.contact IS NOT OLD.contact OR NEW.text IS NOT OLD.text
  OR NEW.warned < OLD.warned
  OR (OLD.approved_by IS NOT NULL AND (NEW.approved_by IS NOT OLD.approved_by
    OR NEW.approved <> OLD.approved))
BEGIN SELECT RAISE(ABORT, 'a case is only warned of, approved and closed'); END;

CREATE TRIGGER qw_case_stays BEFORE DELETE ON qw_case
BEGIN SELECT RAISE(ABORT, 'cases are permanent'); END;

CREATE TABLE qw_case_item (
  case_id TEXT NOT NULL REFERENCES qw_case (id),
  seq INTEGER NOT NULL,
  authority TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('suspend-account', 'suspend-external',
    'suspend-binding', 'revoke-binding', 'kill-authz', 'end-access', 'block-key',
    'recall',
    'revoke', 'revoke-precert', 'list')),
  subject_id TEXT NOT NULL,
  label TEXT NOT NULL,
  reason INTEGER NOT NULL CHECK (reason IN (0, 1, 3, 4, 5, 9)),
  flagged INTEGER NOT NULL CHECK (flagged IN (0, 1)),
  not_before INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN
    ('planned', 'done', 'failed', 'skipped')),
  at INTEGER NOT NULL DEFAULT 0,
  actor TEXT,
  result TEXT,
  PRIMARY KEY (case_id, seq),
  CHECK ((status = 'planned') = (actor IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX qw_case_item_next ON qw_case_item (case_id, status, seq);

CREATE INDEX qw_case_item_scheduled ON qw_case_item (authority, not_before)
  WHERE status = 'planned' AND not_before > 0;

CREATE TRIGGER qw_case_item_begin BEFORE INSERT ON qw_case_item
WHEN NEW.status <> 'planned' OR NEW.seq < 1 OR NOT EXISTS (
  SELECT 1 FROM qw_case c WHERE c.id = NEW.case_id AND c.status = 'open'
    AND NEW.seq <= c.total)
BEGIN SELECT RAISE(ABORT, 'an item is planned, of an open case'); END;

CREATE TRIGGER qw_case_item_move BEFORE UPDATE ON qw_case_item
WHEN NEW.case_id <> OLD.case_id OR NEW.seq <> OLD.seq
  OR NEW.authority <> OLD.authority OR NEW.kind <> OLD.kind
  OR NEW.subject_id <> OLD.subject_id OR NEW.label <> OLD.label
  OR NEW.reason <> OLD.reason OR NEW.flagged <> OLD.flagged
  OR NEW.not_before <> OLD.not_before
  OR NOT ((OLD.status = 'planned' AND NEW.status <> 'planned')
    OR (OLD.status = 'failed' AND NEW.status = 'planned'))
BEGIN SELECT RAISE(ABORT, 'an item of a case is only worked off'); END;

CREATE TRIGGER qw_case_item_stays BEFORE DELETE ON qw_case_item
BEGIN SELECT RAISE(ABORT, 'cases are permanent'); END;

CREATE TABLE qw_person (
  id TEXT PRIMARY KEY,
  authority TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('officer', 'operator', 'auditor')),
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  mail TEXT NOT NULL,
  language TEXT NOT NULL CHECK (language IN ('en', 'fr')),
  status TEXT NOT NULL CHECK (status IN ('invited', 'active', 'removed')),
  created INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  login TEXT,
  removed_by TEXT,
  removed_at INTEGER NOT NULL DEFAULT 0,
  CHECK ((status = 'removed') = (removed_by IS NOT NULL))
) STRICT;

CREATE UNIQUE INDEX qw_person_name ON qw_person (authority, name_key)
  WHERE status <> 'removed';

CREATE INDEX qw_person_key ON qw_person (name_key);

CREATE INDEX qw_person_role ON qw_person (role, authority, name);

CREATE TRIGGER qw_person_move BEFORE UPDATE ON qw_person
WHEN OLD.status = 'removed' OR NEW.id <> OLD.id
  OR NEW.authority <> OLD.authority OR NEW.role <> OLD.role
  OR NEW.name <> OLD.name OR NEW.name_key <> OLD.name_key
  OR NEW.created <> OLD.created OR NEW.created_by <> OLD.created_by
  OR NEW.login IS NOT OLD.login
  OR (NEW.status = 'invited' AND OLD.status <> 'invited')
BEGIN SELECT RAISE(ABORT, 'illegal change of a person'); END;

CREATE TRIGGER qw_person_stays BEFORE DELETE ON qw_person
BEGIN SELECT RAISE(ABORT, 'persons are permanent'); END;

CREATE TABLE qw_authenticator (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES qw_person (id),
  credential_id TEXT NOT NULL,
  algorithm INTEGER NOT NULL,
  public_key TEXT NOT NULL,
  sign_count INTEGER NOT NULL CHECK (sign_count >= 0),
  aaguid TEXT NOT NULL,
  attestation TEXT NOT NULL,
  transports TEXT NOT NULL,
  created INTEGER NOT NULL,
  used_at INTEGER NOT NULL DEFAULT 0,
  removed_by TEXT,
  removed_at INTEGER NOT NULL DEFAULT 0,
  subject TEXT,
  released INTEGER NOT NULL DEFAULT 0 CHECK (released IN (0, 1)),
  CHECK (subject IS NOT NULL OR released = 0)
) STRICT;

-- A subject that httpd names is free again when its person is gone.

CREATE UNIQUE INDEX qw_authenticator_credential
  ON qw_authenticator (credential_id) WHERE released = 0;

CREATE INDEX qw_authenticator_person ON qw_authenticator (person_id, created);

CREATE TRIGGER qw_authenticator_move BEFORE UPDATE ON qw_authenticator
WHEN (OLD.removed_by IS NOT NULL
    AND (NEW.removed_by IS NOT OLD.removed_by OR NEW.released = OLD.released))
  OR NEW.id <> OLD.id
  OR NEW.person_id <> OLD.person_id OR NEW.credential_id <> OLD.credential_id
  OR NEW.algorithm <> OLD.algorithm OR NEW.public_key <> OLD.public_key
  OR NEW.sign_count < OLD.sign_count OR NEW.created <> OLD.created
  OR NEW.subject IS NOT OLD.subject OR NEW.released < OLD.released
BEGIN SELECT RAISE(ABORT, 'illegal change of an authenticator'); END;

CREATE TRIGGER qw_authenticator_stays BEFORE DELETE ON qw_authenticator
BEGIN SELECT RAISE(ABORT, 'authenticators are permanent'); END;

CREATE TABLE qw_operator (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES qw_person (id),
  authority TEXT NOT NULL,
  external_id TEXT NOT NULL,
  created INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  removed_by TEXT,
  removed_at INTEGER NOT NULL DEFAULT 0,
  FOREIGN KEY (external_id, authority) REFERENCES qw_external (id, authority)
) STRICT;

CREATE UNIQUE INDEX qw_operator_in_force ON qw_operator (person_id, external_id)
  WHERE removed_by IS NULL;

CREATE INDEX qw_operator_external ON qw_operator (external_id, created);

CREATE TRIGGER qw_operator_move BEFORE UPDATE ON qw_operator
WHEN OLD.removed_by IS NOT NULL OR NEW.id <> OLD.id
  OR NEW.person_id <> OLD.person_id OR NEW.external_id <> OLD.external_id
  OR NEW.authority <> OLD.authority OR NEW.created <> OLD.created
  OR NEW.created_by <> OLD.created_by
BEGIN SELECT RAISE(ABORT, 'an operator is only removed'); END;

CREATE TRIGGER qw_operator_stays BEFORE DELETE ON qw_operator
BEGIN SELECT RAISE(ABORT, 'records of operators are permanent'); END;

CREATE TABLE qw_invite (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES qw_person (id),
  secret_hash TEXT NOT NULL,
  created INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  expires INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  used_at INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX qw_invite_person ON qw_invite (person_id, created);

CREATE TRIGGER qw_invite_move BEFORE UPDATE ON qw_invite
WHEN OLD.used_at <> 0 OR NEW.id <> OLD.id
  OR NEW.person_id <> OLD.person_id OR NEW.secret_hash <> OLD.secret_hash
  OR NEW.expires <> OLD.expires OR NEW.tries < OLD.tries
BEGIN SELECT RAISE(ABORT, 'an invitation is used once'); END;

CREATE TRIGGER qw_invite_stays BEFORE DELETE ON qw_invite
BEGIN SELECT RAISE(ABORT, 'invitations are permanent'); END;

CREATE TABLE qw_session (
  id TEXT PRIMARY KEY,
  authority TEXT NOT NULL,
  person_id TEXT NOT NULL REFERENCES qw_person (id),
  authenticator_id TEXT NOT NULL REFERENCES qw_authenticator (id),
  created INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT;

CREATE INDEX qw_session_person ON qw_session (person_id);

CREATE INDEX qw_session_authenticator ON qw_session (authenticator_id);

CREATE INDEX qw_session_expires ON qw_session (expires);

CREATE TRIGGER qw_session_move BEFORE UPDATE ON qw_session
WHEN NEW.id <> OLD.id OR NEW.person_id <> OLD.person_id
  OR NEW.authority <> OLD.authority
  OR NEW.authenticator_id <> OLD.authenticator_id
  OR NEW.created <> OLD.created OR NEW.expires <> OLD.expires
BEGIN SELECT RAISE(ABORT, 'a session is only seen'); END;

-- What was shown to a person who has yet to prove once more who it is.

CREATE TABLE qw_confirmation (
  id TEXT PRIMARY KEY,
  session_id TEXT NOT NULL,
  action TEXT NOT NULL,
  shown INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT;

CREATE INDEX qw_confirmation_expires ON qw_confirmation (expires);

CREATE TRIGGER qw_confirmation_fixed BEFORE UPDATE ON qw_confirmation
BEGIN SELECT RAISE(ABORT, 'what was shown does not change'); END;

CREATE TABLE qw_action (
  id TEXT PRIMARY KEY,
  authority TEXT NOT NULL,
  external_id TEXT REFERENCES qw_external (id),
  person_id TEXT NOT NULL REFERENCES qw_person (id),
  authenticator_id TEXT NOT NULL REFERENCES qw_authenticator (id),
  action TEXT NOT NULL,
  nonce TEXT NOT NULL UNIQUE,
  client_data TEXT,
  authenticator_data TEXT,
  signature TEXT,
  at INTEGER NOT NULL,
  proof TEXT,
  CHECK ((proof IS NULL) = (client_data IS NOT NULL
    AND authenticator_data IS NOT NULL AND signature IS NOT NULL))
) STRICT;

CREATE INDEX qw_action_external ON qw_action (external_id, at);

CREATE INDEX qw_action_person ON qw_action (person_id, at);

CREATE INDEX qw_action_authenticator ON qw_action (authenticator_id);

CREATE TRIGGER qw_action_fixed BEFORE UPDATE ON qw_action
BEGIN SELECT RAISE(ABORT, 'signed actions do not change'); END;

CREATE TRIGGER qw_action_stays BEFORE DELETE ON qw_action
BEGIN SELECT RAISE(ABORT, 'signed actions are permanent'); END;

CREATE TABLE qw_event (
  id TEXT PRIMARY KEY,
  authority TEXT NOT NULL,
  at INTEGER NOT NULL,
  event TEXT NOT NULL,
  actor TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;

CREATE INDEX qw_event_at ON qw_event (authority, at);

CREATE INDEX qw_event_subject ON qw_event (subject_id, at);

CREATE TRIGGER qw_event_fixed BEFORE UPDATE ON qw_event
BEGIN SELECT RAISE(ABORT, 'events do not change'); END;

CREATE TRIGGER qw_event_stays BEFORE DELETE ON qw_event
BEGIN SELECT RAISE(ABORT, 'events are permanent'); END;

-- Events that are in no batch yet; the order of sealing is that of these rows.

CREATE TABLE qw_seal_queue (
  at INTEGER NOT NULL,
  event_id TEXT NOT NULL REFERENCES qw_event (id),
  PRIMARY KEY (at, event_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX qw_seal_queue_event ON qw_seal_queue (event_id);

CREATE TRIGGER qw_event_waits AFTER INSERT ON qw_event
BEGIN INSERT INTO qw_seal_queue (at, event_id) VALUES (NEW.at, NEW.id); END;

CREATE TABLE qw_seal_entry (
  seq INTEGER PRIMARY KEY CHECK (seq > 0),
  event_id TEXT NOT NULL UNIQUE REFERENCES qw_event (id),
  hash TEXT NOT NULL CHECK (length(hash) = 64)
) STRICT;

CREATE TRIGGER qw_seal_entry_fixed BEFORE UPDATE ON qw_seal_entry
BEGIN SELECT RAISE(ABORT, 'the chain of events does not change'); END;

CREATE TRIGGER qw_seal_entry_stays BEFORE DELETE ON qw_seal_entry
BEGIN SELECT RAISE(ABORT, 'the chain of events is permanent'); END;

CREATE TABLE qw_checkpoint (
  seq INTEGER PRIMARY KEY REFERENCES qw_seal_entry (seq),
  previous INTEGER NOT NULL,
  hash TEXT NOT NULL CHECK (length(hash) = 64),
  at INTEGER NOT NULL,
  signature TEXT NOT NULL,
  timestamp TEXT,
  CHECK (previous >= 0 AND previous < seq)
) STRICT;

CREATE TRIGGER qw_checkpoint_move BEFORE UPDATE ON qw_checkpoint
WHEN OLD.timestamp IS NOT NULL OR NEW.seq <> OLD.seq
  OR NEW.previous <> OLD.previous OR NEW.hash <> OLD.hash OR NEW.at <> OLD.at
  OR NEW.signature <> OLD.signature
BEGIN SELECT RAISE(ABORT, 'a checkpoint only gets its timestamp'); END;

CREATE TRIGGER qw_checkpoint_stays BEFORE DELETE ON qw_checkpoint
BEGIN SELECT RAISE(ABORT, 'checkpoints are permanent'); END;

-- One mail to one person about one clock at one time before its end; by the key,
-- it is made once. It is claimed, sent, ended.

CREATE TABLE qw_reminder (
  id TEXT PRIMARY KEY,
  authority TEXT NOT NULL,
  external_id TEXT NOT NULL,
  clock TEXT NOT NULL CHECK (clock IN
    ('account', 'identity', 'terms', 'binding')),
  subject TEXT NOT NULL,
  ends INTEGER NOT NULL,
  ahead INTEGER NOT NULL,
  mail TEXT NOT NULL,
  person_id TEXT,
  language TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('open', 'sent', 'void')),
  created INTEGER NOT NULL,
  due INTEGER NOT NULL,
  owner TEXT,
  lease_until INTEGER NOT NULL DEFAULT 0,
  tries INTEGER NOT NULL DEFAULT 0,
  ended INTEGER NOT NULL DEFAULT 0,
  result TEXT,
  UNIQUE (external_id, clock, subject, ends, ahead, mail),
  FOREIGN KEY (external_id, authority) REFERENCES qw_external (id, authority)
) STRICT;

CREATE INDEX qw_reminder_due ON qw_reminder (authority, due)
  WHERE status = 'open';

CREATE INDEX qw_reminder_list ON qw_reminder (authority, created, id);

CREATE INDEX qw_binding_ending ON qw_binding (authority, expires)
  WHERE status = 'active';

CREATE TRIGGER qw_reminder_move BEFORE UPDATE ON qw_reminder
WHEN OLD.status <> 'open' OR NEW.id <> OLD.id
  OR NEW.authority <> OLD.authority OR NEW.external_id <> OLD.external_id
  OR NEW.clock <> OLD.clock OR NEW.subject <> OLD.subject
  OR NEW.ends <> OLD.ends OR NEW.ahead <> OLD.ahead OR NEW.mail <> OLD.mail
  OR NEW.created <> OLD.created OR NEW.tries < OLD.tries
BEGIN SELECT RAISE(ABORT, 'a reminder is only sent, once'); END;

CREATE TRIGGER qw_reminder_stays BEFORE DELETE ON qw_reminder
BEGIN SELECT RAISE(ABORT, 'reminders are permanent'); END;

PRAGMA application_id = 1365721923;

INSERT INTO qw_schema (version) VALUES (1);

CREATE TABLE qw_download (
  certificate_id TEXT PRIMARY KEY REFERENCES qw_certificate (id),
  at INTEGER NOT NULL
) STRICT;
