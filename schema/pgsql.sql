-- The schema on PostgreSQL. Statements are separated by an empty line.
-- Times are microseconds UTC, truth is 0 or 1, DER is base64url.

CREATE TABLE qw_schema (
  version bigint NOT NULL
);

CREATE TABLE qw_node (
  id text PRIMARY KEY,
  started bigint NOT NULL,
  seen bigint NOT NULL
);

CREATE TABLE qw_nonce (
  nonce text PRIMARY KEY,
  expires bigint NOT NULL
);

CREATE INDEX qw_nonce_expires ON qw_nonce (expires);

CREATE TABLE qw_external (
  id text PRIMARY KEY,
  authority text NOT NULL,
  name text NOT NULL,
  status text NOT NULL CHECK (status IN ('active', 'suspended', 'closed')),
  created bigint NOT NULL,
  expires bigint NOT NULL,
  identity text NOT NULL,
  identity_version bigint NOT NULL,
  verified_at bigint NOT NULL,
  verified_by text NOT NULL,
  verified_method text NOT NULL,
  profiles text NOT NULL,
  terms_version text,
  terms_at bigint NOT NULL DEFAULT 0,
  reason text,
  suspended_at bigint NOT NULL DEFAULT 0,
  UNIQUE (authority, name),
  UNIQUE (id, authority)
);

CREATE FUNCTION qw_external_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'illegal change of an external account'; END $$;

CREATE TRIGGER qw_external_move BEFORE UPDATE ON qw_external
FOR EACH ROW WHEN (NEW.id <> OLD.id OR NEW.authority <> OLD.authority
  OR NEW.created <> OLD.created OR NEW.identity_version < OLD.identity_version
  OR NEW.suspended_at < OLD.suspended_at
  OR (NEW.identity <> OLD.identity
      AND NEW.identity_version = OLD.identity_version)
  OR (OLD.status = 'closed' AND NEW.status <> OLD.status))
EXECUTE FUNCTION qw_external_move();

CREATE FUNCTION qw_external_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'external accounts are permanent'; END $$;

CREATE TRIGGER qw_external_stays BEFORE DELETE ON qw_external
FOR EACH ROW EXECUTE FUNCTION qw_external_stays();

-- Each version of an identity, as it was when certificates were issued by it.

CREATE TABLE qw_identity_version (
  external_id text NOT NULL REFERENCES qw_external (id),
  version bigint NOT NULL,
  identity text NOT NULL,
  verified_at bigint NOT NULL,
  verified_by text NOT NULL,
  verified_method text NOT NULL,
  profiles text NOT NULL,
  PRIMARY KEY (external_id, version)
);

CREATE FUNCTION qw_identity_version_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'versions of an identity do not change'; END $$;

CREATE TRIGGER qw_identity_version_fixed BEFORE UPDATE ON qw_identity_version
FOR EACH ROW EXECUTE FUNCTION qw_identity_version_fixed();

CREATE FUNCTION qw_identity_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'versions of an identity are permanent'; END $$;

CREATE TRIGGER qw_identity_version_stays BEFORE DELETE ON qw_identity_version
FOR EACH ROW EXECUTE FUNCTION qw_identity_version_stays();

CREATE FUNCTION qw_identity_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO qw_identity_version (external_id, version, identity, verified_at,
    verified_by, verified_method, profiles)
  VALUES (NEW.id, NEW.identity_version, NEW.identity, NEW.verified_at,
    NEW.verified_by, NEW.verified_method, NEW.profiles);
  RETURN NULL;
END $$;

CREATE TRIGGER qw_identity_first AFTER INSERT ON qw_external
FOR EACH ROW EXECUTE FUNCTION qw_identity_keep();

CREATE TRIGGER qw_identity_next AFTER UPDATE ON qw_external
FOR EACH ROW WHEN (NEW.identity_version <> OLD.identity_version)
EXECUTE FUNCTION qw_identity_keep();

CREATE TABLE qw_domain (
  id text PRIMARY KEY,
  external_id text NOT NULL REFERENCES qw_external (id),
  name text NOT NULL,
  subtree bigint NOT NULL CHECK (subtree IN (0, 1)),
  wildcard bigint NOT NULL CHECK (wildcard IN (0, 1)),
  confirmed_by text NOT NULL,
  confirmed_at bigint NOT NULL,
  removed_by text,
  removed_at bigint NOT NULL DEFAULT 0,
  reviewed_by text
);

CREATE INDEX qw_domain_external ON qw_domain (external_id, name);

CREATE INDEX qw_domain_name ON qw_domain (name);

CREATE UNIQUE INDEX qw_domain_in_force ON qw_domain (external_id, name)
  WHERE removed_by IS NULL;

CREATE FUNCTION qw_domain_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'an entry of a domain list is only removed'; END $$;

CREATE TRIGGER qw_domain_move BEFORE UPDATE ON qw_domain
FOR EACH ROW WHEN (OLD.removed_by IS NOT NULL OR NEW.id <> OLD.id
  OR NEW.external_id <> OLD.external_id OR NEW.name <> OLD.name
  OR NEW.subtree <> OLD.subtree OR NEW.wildcard <> OLD.wildcard
  OR NEW.confirmed_by <> OLD.confirmed_by
  OR NEW.confirmed_at <> OLD.confirmed_at
  OR NEW.reviewed_by IS DISTINCT FROM OLD.reviewed_by)
EXECUTE FUNCTION qw_domain_move();

CREATE FUNCTION qw_domain_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'entries of domain lists are permanent'; END $$;

CREATE TRIGGER qw_domain_stays BEFORE DELETE ON qw_domain
FOR EACH ROW EXECUTE FUNCTION qw_domain_stays();

CREATE TABLE qw_binding (
  id text PRIMARY KEY,
  authority text NOT NULL,
  external_id text NOT NULL,
  sealed text NOT NULL,
  algs text NOT NULL,
  status text NOT NULL CHECK (status IN ('active', 'suspended', 'revoked')),
  max_uses bigint NOT NULL CHECK (max_uses > 0),
  uses bigint NOT NULL DEFAULT 0 CHECK (uses >= 0 AND uses <= max_uses),
  expires bigint NOT NULL,
  thumbprint text,
  created bigint NOT NULL,
  created_by text NOT NULL,
  mac_failures bigint NOT NULL DEFAULT 0,
  mac_failed_at bigint NOT NULL DEFAULT 0,
  suspended_at bigint NOT NULL DEFAULT 0,
  label text NOT NULL DEFAULT '',
  UNIQUE (id, external_id),
  FOREIGN KEY (external_id, authority) REFERENCES qw_external (id, authority)
);

CREATE INDEX qw_binding_external ON qw_binding (external_id, created);

CREATE FUNCTION qw_binding_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'illegal change of a binding key'; END $$;

CREATE TRIGGER qw_binding_move BEFORE UPDATE ON qw_binding
FOR EACH ROW WHEN (NEW.id <> OLD.id OR NEW.authority <> OLD.authority
  OR NEW.external_id <> OLD.external_id OR NEW.uses < OLD.uses
  OR NEW.thumbprint IS DISTINCT FROM OLD.thumbprint
  OR NEW.suspended_at < OLD.suspended_at
  OR (OLD.status = 'revoked' AND NEW.status <> OLD.status))
EXECUTE FUNCTION qw_binding_move();

CREATE FUNCTION qw_binding_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'binding keys are permanent'; END $$;

CREATE TRIGGER qw_binding_stays BEFORE DELETE ON qw_binding
FOR EACH ROW EXECUTE FUNCTION qw_binding_stays();

CREATE TABLE qw_account (
  id text PRIMARY KEY,
  authority text NOT NULL,
  external_id text NOT NULL,
  binding_id text NOT NULL,
  status text NOT NULL CHECK (status IN ('valid', 'deactivated', 'revoked')),
  suspended bigint NOT NULL DEFAULT 0 CHECK (suspended IN (0, 1)),
  thumbprint text NOT NULL,
  jwk text NOT NULL,
  contacts text NOT NULL,
  eab text NOT NULL,
  terms_version text,
  terms_at bigint NOT NULL DEFAULT 0,
  created bigint NOT NULL,
  suspended_at bigint NOT NULL DEFAULT 0,
  UNIQUE (authority, thumbprint),
  UNIQUE (id, external_id, authority),
  FOREIGN KEY (binding_id, external_id)
    REFERENCES qw_binding (id, external_id),
  FOREIGN KEY (external_id, authority) REFERENCES qw_external (id, authority)
);

CREATE INDEX qw_account_external ON qw_account (external_id, created);

CREATE INDEX qw_account_thumbprint ON qw_account (thumbprint);

CREATE FUNCTION qw_account_bound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'an ACME account is bound for ever'; END $$;

CREATE TRIGGER qw_account_bound BEFORE UPDATE ON qw_account
FOR EACH ROW WHEN (NEW.external_id <> OLD.external_id OR NEW.authority <> OLD.authority
  OR NEW.id <> OLD.id OR NEW.binding_id <> OLD.binding_id
  OR NEW.suspended_at < OLD.suspended_at)
EXECUTE FUNCTION qw_account_bound();

CREATE FUNCTION qw_account_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'illegal account transition'; END $$;

CREATE TRIGGER qw_account_move BEFORE UPDATE OF status ON qw_account
FOR EACH ROW WHEN (OLD.status <> 'valid' AND NEW.status <> OLD.status)
EXECUTE FUNCTION qw_account_move();

CREATE FUNCTION qw_account_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'accounts are permanent'; END $$;

CREATE TRIGGER qw_account_stays BEFORE DELETE ON qw_account
FOR EACH ROW EXECUTE FUNCTION qw_account_stays();

CREATE TABLE qw_blocked_key (
  spki_hash text PRIMARY KEY,
  thumbprint text NOT NULL,
  why text NOT NULL,
  at bigint NOT NULL
);

CREATE INDEX qw_blocked_key_thumbprint ON qw_blocked_key (thumbprint);

CREATE INDEX qw_blocked_key_at ON qw_blocked_key (at);

CREATE FUNCTION qw_blocked_key_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'blocked keys are permanent'; END $$;

CREATE TRIGGER qw_blocked_key_stays BEFORE UPDATE OR DELETE ON qw_blocked_key
FOR EACH ROW EXECUTE FUNCTION qw_blocked_key_stays();

CREATE TABLE qw_order (
  id text PRIMARY KEY,
  authority text NOT NULL,
  account_id text NOT NULL,
  external_id text NOT NULL,
  status text NOT NULL CHECK (status IN
    ('pending', 'ready', 'processing', 'valid', 'invalid')),
  created bigint NOT NULL,
  expires bigint NOT NULL,
  names text NOT NULL,
  profile text NOT NULL,
  profile_hash text NOT NULL,
  error text,
  certificate_id text,
  csr text,
  replaces text,
  CHECK ((status = 'valid') = (certificate_id IS NOT NULL)),
  FOREIGN KEY (account_id, external_id, authority)
    REFERENCES qw_account (id, external_id, authority)
);

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

CREATE FUNCTION qw_order_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'illegal order transition'; END $$;

CREATE TRIGGER qw_order_move BEFORE UPDATE ON qw_order
FOR EACH ROW WHEN (NEW.account_id <> OLD.account_id OR NEW.external_id <> OLD.external_id
  OR NEW.authority <> OLD.authority OR NEW.names <> OLD.names
  OR NEW.replaces IS DISTINCT FROM OLD.replaces
  OR (NEW.status <> OLD.status AND NOT (
       (OLD.status = 'pending' AND NEW.status IN ('ready', 'invalid'))
    OR (OLD.status = 'ready' AND NEW.status IN ('processing', 'invalid'))
    OR (OLD.status = 'processing' AND NEW.status IN ('valid', 'ready', 'invalid')))))
EXECUTE FUNCTION qw_order_move();

CREATE FUNCTION qw_order_finish() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.certificate_id IS NOT NULL OR NOT EXISTS (
    SELECT 1 FROM qw_certificate c
    WHERE c.id = NEW.certificate_id AND c.order_id = NEW.id) THEN
    RAISE EXCEPTION 'a valid order has its certificate';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER qw_order_finish BEFORE UPDATE ON qw_order
FOR EACH ROW WHEN (NEW.certificate_id IS DISTINCT FROM OLD.certificate_id)
EXECUTE FUNCTION qw_order_finish();

CREATE FUNCTION qw_order_begin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'an order begins as pending or ready'; END $$;

CREATE TRIGGER qw_order_begin BEFORE INSERT ON qw_order
FOR EACH ROW WHEN (NEW.status NOT IN ('pending', 'ready'))
EXECUTE FUNCTION qw_order_begin();

CREATE TABLE qw_authz (
  id text PRIMARY KEY,
  authority text NOT NULL,
  account_id text NOT NULL,
  external_id text NOT NULL,
  name text NOT NULL,
  wildcard bigint NOT NULL CHECK (wildcard IN (0, 1)),
  status text NOT NULL CHECK (status IN
    ('pending', 'valid', 'invalid', 'deactivated', 'expired', 'revoked')),
  created bigint NOT NULL,
  expires bigint NOT NULL,
  method text,
  validated_at bigint NOT NULL DEFAULT 0,
  caa_at bigint NOT NULL DEFAULT 0,
  CHECK (status <> 'valid' OR method IS NOT NULL),
  FOREIGN KEY (account_id, external_id, authority)
    REFERENCES qw_account (id, external_id, authority)
);

CREATE INDEX qw_authz_name ON qw_authz (account_id, name, wildcard, created);

CREATE INDEX qw_authz_expires ON qw_authz (expires)
  WHERE status IN ('pending', 'valid');

CREATE FUNCTION qw_authz_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'illegal authorization transition'; END $$;

CREATE TRIGGER qw_authz_move BEFORE UPDATE ON qw_authz
FOR EACH ROW WHEN (NEW.account_id <> OLD.account_id OR NEW.name <> OLD.name
  OR NEW.wildcard <> OLD.wildcard
  OR (NEW.status <> OLD.status AND NOT (
       OLD.status = 'pending'
    OR (OLD.status = 'valid' AND NEW.status IN ('deactivated', 'expired', 'revoked')))))
EXECUTE FUNCTION qw_authz_move();

CREATE TABLE qw_order_authz (
  order_id text NOT NULL REFERENCES qw_order (id),
  position bigint NOT NULL,
  authz_id text NOT NULL REFERENCES qw_authz (id),
  PRIMARY KEY (order_id, position)
);

CREATE INDEX qw_order_authz_authz ON qw_order_authz (authz_id);

CREATE TABLE qw_challenge (
  id text PRIMARY KEY,
  authz_id text NOT NULL REFERENCES qw_authz (id),
  position bigint NOT NULL,
  type text NOT NULL,
  token text NOT NULL UNIQUE,
  status text NOT NULL CHECK (status IN
    ('pending', 'processing', 'valid', 'invalid')),
  validated_at bigint NOT NULL DEFAULT 0,
  error text,
  evidence text,
  UNIQUE (authz_id, type)
);

CREATE UNIQUE INDEX qw_challenge_one ON qw_challenge (authz_id)
  WHERE status = 'processing';

CREATE FUNCTION qw_challenge_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'illegal challenge transition'; END $$;

CREATE TRIGGER qw_challenge_move BEFORE UPDATE OF status ON qw_challenge
FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT (
       OLD.status = 'pending' AND NEW.status IN ('processing', 'invalid')
    OR OLD.status = 'processing'))
EXECUTE FUNCTION qw_challenge_move();

CREATE TABLE qw_job (
  id text PRIMARY KEY,
  authority text NOT NULL,
  kind text NOT NULL,
  subject_id text NOT NULL,
  account_id text NOT NULL,
  due bigint NOT NULL,
  owner text,
  lease_until bigint NOT NULL DEFAULT 0,
  tries bigint NOT NULL DEFAULT 0,
  returns bigint NOT NULL DEFAULT 0,
  UNIQUE (kind, subject_id)
);

CREATE INDEX qw_job_due ON qw_job (kind, due);

CREATE INDEX qw_job_account ON qw_job (account_id);

CREATE TABLE qw_diagnosis (
  id text PRIMARY KEY,
  authority text NOT NULL,
  external_id text NOT NULL REFERENCES qw_external (id),
  name text NOT NULL,
  asked_by text NOT NULL,
  created bigint NOT NULL,
  expires bigint NOT NULL,
  ended bigint NOT NULL DEFAULT 0,
  findings text
);

CREATE UNIQUE INDEX qw_diagnosis_one ON qw_diagnosis (external_id)
  WHERE ended = 0;

CREATE INDEX qw_diagnosis_external ON qw_diagnosis (external_id, created);

CREATE INDEX qw_diagnosis_expires ON qw_diagnosis (expires);

CREATE TABLE qw_limit (
  authority text NOT NULL,
  name text NOT NULL,
  subject text NOT NULL,
  tat bigint NOT NULL,
  PRIMARY KEY (authority, name, subject)
);

CREATE INDEX qw_limit_tat ON qw_limit (tat);

CREATE TABLE qw_limit_override (
  authority text NOT NULL,
  name text NOT NULL,
  subject text NOT NULL,
  rate text NOT NULL,
  burst text NOT NULL,
  comment text NOT NULL,
  created_by text NOT NULL,
  created bigint NOT NULL,
  expires bigint NOT NULL,
  PRIMARY KEY (authority, name, subject)
);

CREATE TABLE qw_failure (
  account_id text NOT NULL REFERENCES qw_account (id),
  name text NOT NULL,
  failures bigint NOT NULL,
  failed_at bigint NOT NULL,
  PRIMARY KEY (account_id, name)
);

CREATE TABLE qw_attempt (
  id text PRIMARY KEY,
  authority text NOT NULL,
  order_id text REFERENCES qw_order (id),
  kind text NOT NULL CHECK (kind IN ('cert', 'precert', 'crl', 'ocsp')),
  issuer text NOT NULL,
  serial text NOT NULL,
  tbs text NOT NULL,
  tbs_hash text NOT NULL CHECK (length(tbs_hash) = 64),
  profile_hash text NOT NULL,
  identity_version bigint NOT NULL,
  status text NOT NULL CHECK (status IN
    ('signing', 'issued', 'orphan', 'spent')),
  node text NOT NULL,
  lease_until bigint NOT NULL,
  created bigint NOT NULL,
  signed_at bigint NOT NULL DEFAULT 0,
  der text,
  crl_period text NOT NULL DEFAULT '',
  not_after bigint NOT NULL DEFAULT 0,
  spki_hash text NOT NULL DEFAULT '',
  UNIQUE (issuer, kind, serial),
  CHECK (status NOT IN ('issued', 'spent') OR der IS NOT NULL)
);

CREATE UNIQUE INDEX qw_attempt_live ON qw_attempt (order_id, kind)
  WHERE order_id IS NOT NULL AND status IN ('signing', 'issued');

CREATE INDEX qw_attempt_order ON qw_attempt (order_id);

CREATE INDEX qw_attempt_status ON qw_attempt (issuer, status, id);

CREATE INDEX qw_attempt_signed ON qw_attempt (issuer, signed_at);

CREATE INDEX qw_attempt_spki ON qw_attempt (spki_hash)
  WHERE kind = 'precert';

CREATE FUNCTION qw_attempt_begin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'an attempt begins as signing'; END $$;

CREATE TRIGGER qw_attempt_begin BEFORE INSERT ON qw_attempt
FOR EACH ROW WHEN (NEW.status <> 'signing' OR NEW.der IS NOT NULL)
EXECUTE FUNCTION qw_attempt_begin();

CREATE FUNCTION qw_attempt_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'illegal ledger transition'; END $$;

CREATE TRIGGER qw_attempt_move BEFORE UPDATE ON qw_attempt
FOR EACH ROW WHEN (NEW.id <> OLD.id OR NEW.order_id IS DISTINCT FROM OLD.order_id
  OR NEW.kind <> OLD.kind OR NEW.issuer <> OLD.issuer
  OR NEW.serial <> OLD.serial OR NEW.tbs <> OLD.tbs
  OR NEW.tbs_hash <> OLD.tbs_hash OR NEW.profile_hash <> OLD.profile_hash
  OR NEW.identity_version <> OLD.identity_version
  OR NEW.authority <> OLD.authority OR NEW.crl_period <> OLD.crl_period
  OR NEW.not_after <> OLD.not_after OR NEW.spki_hash <> OLD.spki_hash
  OR (OLD.der IS NOT NULL AND NEW.der IS DISTINCT FROM OLD.der)
  OR (NEW.status <> OLD.status AND OLD.status <> 'signing'
    AND NOT (OLD.status = 'issued' AND NEW.status = 'spent'
      AND NEW.kind = 'precert'))
  OR (NEW.status = 'spent' AND OLD.status NOT IN ('issued', 'spent')))
EXECUTE FUNCTION qw_attempt_move();

CREATE FUNCTION qw_attempt_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'ledger rows are permanent'; END $$;

CREATE TRIGGER qw_attempt_stays BEFORE DELETE ON qw_attempt
FOR EACH ROW EXECUTE FUNCTION qw_attempt_stays();

CREATE TABLE qw_sct (
  attempt_id text NOT NULL REFERENCES qw_attempt (id),
  log_id text NOT NULL CHECK (length(log_id) = 64),
  sct text NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (attempt_id, log_id)
);

CREATE TABLE qw_certificate (
  id text PRIMARY KEY,
  authority text NOT NULL,
  order_id text NOT NULL UNIQUE REFERENCES qw_order (id),
  account_id text NOT NULL REFERENCES qw_account (id),
  external_id text NOT NULL REFERENCES qw_external (id),
  attempt_id text NOT NULL UNIQUE REFERENCES qw_attempt (id),
  issuer text NOT NULL,
  serial text NOT NULL,
  spki_hash text NOT NULL,
  fingerprint text NOT NULL,
  names text NOT NULL,
  profile text NOT NULL,
  identity_version bigint NOT NULL,
  not_before bigint NOT NULL,
  not_after bigint NOT NULL,
  created bigint NOT NULL,
  pem text NOT NULL,
  UNIQUE (issuer, serial)
);

CREATE INDEX qw_certificate_list ON qw_certificate (authority, created, id);

CREATE INDEX qw_certificate_spki ON qw_certificate (spki_hash);

CREATE INDEX qw_certificate_external ON qw_certificate (external_id, created, id);

CREATE INDEX qw_certificate_account ON qw_certificate (account_id, created, id);

CREATE INDEX qw_certificate_serial ON qw_certificate (serial);

CREATE FUNCTION qw_certificate_begin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM qw_attempt t JOIN qw_order o ON o.id = t.order_id
    WHERE t.id = NEW.attempt_id AND t.status = 'issued' AND t.kind = 'cert'
      AND t.issuer = NEW.issuer AND t.serial = NEW.serial
      AND t.authority = NEW.authority AND o.id = NEW.order_id
      AND o.account_id = NEW.account_id AND o.external_id = NEW.external_id) THEN
    RAISE EXCEPTION 'a certificate is an issued attempt of its order';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER qw_certificate_begin BEFORE INSERT ON qw_certificate
FOR EACH ROW EXECUTE FUNCTION qw_certificate_begin();

CREATE FUNCTION qw_certificate_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'certificates do not change'; END $$;

CREATE TRIGGER qw_certificate_fixed BEFORE UPDATE ON qw_certificate
FOR EACH ROW EXECUTE FUNCTION qw_certificate_fixed();

CREATE FUNCTION qw_certificate_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'certificates are permanent'; END $$;

CREATE TRIGGER qw_certificate_stays BEFORE DELETE ON qw_certificate
FOR EACH ROW EXECUTE FUNCTION qw_certificate_stays();

CREATE TABLE qw_revocation (
  issuer text NOT NULL,
  serial text NOT NULL,
  authority text NOT NULL,
  reason bigint NOT NULL CHECK (reason IN (0, 1, 3, 4, 5, 9)),
  requested_at bigint NOT NULL,
  revoked_at bigint NOT NULL,
  actor text NOT NULL,
  crl_period text NOT NULL DEFAULT '',
  not_after bigint NOT NULL DEFAULT 0,
  crl_number bigint NOT NULL DEFAULT 0,
  published_at bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (issuer, serial)
);

CREATE INDEX qw_revocation_period ON qw_revocation (issuer, crl_period, serial);

CREATE INDEX qw_revocation_unlisted ON qw_revocation (issuer, crl_period)
  WHERE crl_number = 0;

CREATE INDEX qw_revocation_listed ON qw_revocation (issuer, crl_number);

CREATE INDEX qw_revocation_unpublished
  ON qw_revocation (issuer, crl_period, requested_at) WHERE published_at = 0;

CREATE FUNCTION qw_revocation_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a revocation only becomes keyCompromise'; END $$;

CREATE TRIGGER qw_revocation_move BEFORE UPDATE ON qw_revocation
FOR EACH ROW WHEN (NEW.issuer <> OLD.issuer OR NEW.serial <> OLD.serial
  OR NEW.authority <> OLD.authority
  OR NEW.requested_at <> OLD.requested_at OR NEW.revoked_at <> OLD.revoked_at
  OR NEW.crl_period <> OLD.crl_period OR NEW.not_after <> OLD.not_after
  OR (NEW.reason <> OLD.reason AND NEW.reason <> 1)
  OR (OLD.published_at <> 0 AND NEW.published_at <> OLD.published_at))
EXECUTE FUNCTION qw_revocation_move();

CREATE FUNCTION qw_revocation_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'revocations are permanent'; END $$;

CREATE TRIGGER qw_revocation_stays BEFORE DELETE ON qw_revocation
FOR EACH ROW EXECUTE FUNCTION qw_revocation_stays();

CREATE TABLE qw_signer (
  id text PRIMARY KEY,
  started bigint NOT NULL,
  seen bigint NOT NULL
);

CREATE TABLE qw_notice (
  node text NOT NULL REFERENCES qw_signer (id) ON DELETE CASCADE,
  issuer text NOT NULL,
  serial text NOT NULL,
  answered bigint NOT NULL DEFAULT 0 CHECK (answered IN (0, 1)),
  PRIMARY KEY (node, issuer, serial)
);

CREATE INDEX qw_notice_open ON qw_notice (node, issuer) WHERE answered = 0;

CREATE INDEX qw_notice_serial ON qw_notice (issuer, serial);

CREATE TABLE qw_crl (
  issuer text NOT NULL,
  period text NOT NULL,
  authority text NOT NULL,
  number bigint NOT NULL,
  listed bigint NOT NULL DEFAULT 0,
  attempt_id text REFERENCES qw_attempt (id),
  this_update bigint NOT NULL DEFAULT 0,
  next_update bigint NOT NULL DEFAULT 0,
  entries bigint NOT NULL DEFAULT 0,
  newest bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (issuer, period),
  CHECK (listed <= number)
);

CREATE INDEX qw_crl_attempt ON qw_crl (attempt_id);

CREATE FUNCTION qw_crl_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a CRL number only grows'; END $$;

CREATE TRIGGER qw_crl_move BEFORE UPDATE ON qw_crl
FOR EACH ROW WHEN (NEW.issuer <> OLD.issuer OR NEW.period <> OLD.period
  OR NEW.authority <> OLD.authority OR NEW.number < OLD.number
  OR NEW.listed < OLD.listed)
EXECUTE FUNCTION qw_crl_move();

CREATE FUNCTION qw_crl_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'CRL numbers are permanent'; END $$;

CREATE TRIGGER qw_crl_stays BEFORE DELETE ON qw_crl
FOR EACH ROW EXECUTE FUNCTION qw_crl_stays();

CREATE TABLE qw_crl_part (
  issuer text NOT NULL,
  period text NOT NULL,
  number bigint NOT NULL,
  part bigint NOT NULL,
  data text NOT NULL,
  PRIMARY KEY (issuer, period, number, part)
);

CREATE TABLE qw_issuer_end (
  issuer text PRIMARY KEY,
  authority text NOT NULL,
  at bigint NOT NULL,
  actor text NOT NULL
);

CREATE FUNCTION qw_issuer_end_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'an issuer ends for good'; END $$;

CREATE TRIGGER qw_issuer_end_fixed BEFORE UPDATE ON qw_issuer_end
FOR EACH ROW EXECUTE FUNCTION qw_issuer_end_fixed();

CREATE TRIGGER qw_issuer_end_stays BEFORE DELETE ON qw_issuer_end
FOR EACH ROW EXECUTE FUNCTION qw_issuer_end_fixed();

CREATE TABLE qw_incident (
  id text PRIMARY KEY,
  authority text NOT NULL,
  name text NOT NULL,
  url text NOT NULL,
  created_by text NOT NULL,
  created bigint NOT NULL,
  cleared bigint NOT NULL DEFAULT 0,
  UNIQUE (authority, name)
);

CREATE FUNCTION qw_incident_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'an incident is only cleared'; END $$;

CREATE TRIGGER qw_incident_move BEFORE UPDATE ON qw_incident
FOR EACH ROW WHEN (OLD.cleared <> 0 OR NEW.id <> OLD.id
  OR NEW.authority <> OLD.authority OR NEW.name <> OLD.name
  OR NEW.url <> OLD.url OR NEW.created <> OLD.created
  OR NEW.created_by <> OLD.created_by)
EXECUTE FUNCTION qw_incident_move();

CREATE FUNCTION qw_incident_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'incidents are permanent'; END $$;

CREATE TRIGGER qw_incident_stays BEFORE DELETE ON qw_incident
FOR EACH ROW EXECUTE FUNCTION qw_incident_stays();

CREATE TABLE qw_recall (
  certificate_id text NOT NULL REFERENCES qw_certificate (id),
  incident_id text NOT NULL REFERENCES qw_incident (id),
  PRIMARY KEY (certificate_id, incident_id)
);

CREATE INDEX qw_recall_incident ON qw_recall (incident_id);

CREATE TRIGGER qw_recall_stays BEFORE DELETE ON qw_recall
FOR EACH ROW EXECUTE FUNCTION qw_incident_stays();

CREATE TABLE qw_approval (
  id text PRIMARY KEY,
  authority text NOT NULL,
  action text NOT NULL,
  subject_kind text NOT NULL,
  subject_id text NOT NULL,
  request text NOT NULL,
  reason text NOT NULL CHECK (reason <> ''),
  requested_by text NOT NULL,
  requested_at bigint NOT NULL,
  expires bigint NOT NULL,
  decided_by text,
  decided_at bigint NOT NULL DEFAULT 0,
  status text NOT NULL CHECK (status IN
    ('open', 'approved', 'rejected', 'expired', 'done')),
  CHECK (CASE status WHEN 'open' THEN decided_by IS NULL
    WHEN 'expired' THEN 1 = 1 ELSE decided_by IS NOT NULL END),
  CHECK (status NOT IN ('approved', 'done') OR
    lower(trim(substr(decided_by, strpos(decided_by, ':') + 1))) <>
    lower(trim(substr(requested_by, strpos(requested_by, ':') + 1))))
);

CREATE UNIQUE INDEX qw_approval_open
  ON qw_approval (authority, action, subject_kind, subject_id)
  WHERE status IN ('open', 'approved');

CREATE INDEX qw_approval_at ON qw_approval (authority, requested_at, id);

CREATE FUNCTION qw_approval_begin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a request for approval begins as open'; END $$;

CREATE TRIGGER qw_approval_begin BEFORE INSERT ON qw_approval
FOR EACH ROW WHEN (NEW.status <> 'open')
EXECUTE FUNCTION qw_approval_begin();

CREATE FUNCTION qw_approval_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a request for approval is only decided'; END $$;

CREATE TRIGGER qw_approval_move BEFORE UPDATE ON qw_approval
FOR EACH ROW WHEN (NEW.id <> OLD.id OR NEW.authority <> OLD.authority
  OR NEW.action <> OLD.action OR NEW.subject_kind <> OLD.subject_kind
  OR NEW.subject_id <> OLD.subject_id OR NEW.request <> OLD.request
  OR NEW.reason <> OLD.reason OR NEW.requested_by <> OLD.requested_by
  OR NEW.requested_at <> OLD.requested_at OR NEW.expires <> OLD.expires
  OR (OLD.decided_by IS NOT NULL AND (NEW.decided_by IS DISTINCT FROM OLD.decided_by
    OR NEW.decided_at <> OLD.decided_at))
  OR NOT (
       (OLD.status = 'open' AND NEW.status IN ('approved', 'rejected', 'expired'))
    OR (OLD.status = 'approved' AND NEW.status IN ('done', 'expired'))))
EXECUTE FUNCTION qw_approval_move();

CREATE FUNCTION qw_approval_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'requests for approval are permanent'; END $$;

CREATE TRIGGER qw_approval_stays BEFORE DELETE ON qw_approval
FOR EACH ROW EXECUTE FUNCTION qw_approval_stays();

CREATE TABLE qw_case (
  id text PRIMARY KEY,
  authority text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('acme-account', 'external-account', 'key',
    'binding', 'mis-issuance', 'ca-drill', 'bulk-revoke', 'problem-report')),
  subject text NOT NULL,
  options text NOT NULL,
  total bigint NOT NULL CHECK (total >= 0),
  status text NOT NULL CHECK (status IN ('open', 'closed')),
  opened_by text NOT NULL,
  opened bigint NOT NULL,
  due bigint NOT NULL DEFAULT 0,
  contact text,
  text text,
  approved_by text,
  approved bigint NOT NULL DEFAULT 0,
  warned bigint NOT NULL DEFAULT 0,
  conclusion text,
  closed_by text,
  closed bigint NOT NULL DEFAULT 0,
  CHECK ((status = 'closed') = (conclusion IS NOT NULL)),
  CHECK ((status = 'closed') = (closed_by IS NOT NULL)),
  CHECK (approved_by IS NULL OR approved_by <> opened_by)
);

CREATE INDEX qw_case_list ON qw_case (authority, opened, id);

CREATE INDEX qw_case_subject ON qw_case (subject, kind);

CREATE INDEX qw_case_due ON qw_case (authority, due)
  WHERE status = 'open' AND due > 0;

CREATE FUNCTION qw_case_begin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a case begins as open'; END $$;

CREATE TRIGGER qw_case_begin BEFORE INSERT ON qw_case
FOR EACH ROW WHEN (NEW.status <> 'open' OR NEW.approved_by IS NOT NULL
  OR NEW.warned <> 0)
EXECUTE FUNCTION qw_case_begin();

CREATE FUNCTION qw_case_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a case is only warned of, approved and closed'; END $$;

CREATE TRIGGER qw_case_move BEFORE UPDATE ON qw_case
FOR EACH ROW WHEN (OLD.status = 'closed' OR NEW.id <> OLD.id
  OR NEW.authority <> OLD.authority OR NEW.kind <> OLD.kind
  OR NEW.subject <> OLD.subject OR NEW.options <> OLD.options
  OR NEW.total <> OLD.total OR NEW.opened_by <> OLD.opened_by
  OR NEW.opened <> OLD.opened OR NEW.due <> OLD.due
  OR NEW.contact IS DISTINCT FROM OLD.contact OR NEW.text IS DISTINCT FROM OLD.text
  OR NEW.warned < OLD.warned
  OR (OLD.approved_by IS NOT NULL AND (NEW.approved_by IS DISTINCT FROM OLD.approved_by
    OR NEW.approved <> OLD.approved)))
EXECUTE FUNCTION qw_case_move();

CREATE FUNCTION qw_case_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'cases are permanent'; END $$;

CREATE TRIGGER qw_case_stays BEFORE DELETE ON qw_case
FOR EACH ROW EXECUTE FUNCTION qw_case_stays();

CREATE TABLE qw_case_item (
  case_id text NOT NULL REFERENCES qw_case (id),
  seq bigint NOT NULL,
  authority text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('suspend-account', 'suspend-external',
    'suspend-binding', 'revoke-binding', 'kill-authz', 'end-access', 'block-key',
    'recall',
    'revoke', 'revoke-precert', 'list')),
  subject_id text NOT NULL,
  label text NOT NULL,
  reason bigint NOT NULL CHECK (reason IN (0, 1, 3, 4, 5, 9)),
  flagged bigint NOT NULL CHECK (flagged IN (0, 1)),
  not_before bigint NOT NULL,
  status text NOT NULL CHECK (status IN
    ('planned', 'done', 'failed', 'skipped')),
  at bigint NOT NULL DEFAULT 0,
  actor text,
  result text,
  PRIMARY KEY (case_id, seq),
  CHECK ((status = 'planned') = (actor IS NULL))
);

CREATE INDEX qw_case_item_next ON qw_case_item (case_id, status, seq);

CREATE INDEX qw_case_item_scheduled ON qw_case_item (authority, not_before)
  WHERE status = 'planned' AND not_before > 0;

CREATE FUNCTION qw_case_item_begin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status <> 'planned' OR NEW.seq < 1 OR NOT EXISTS (
    SELECT 1 FROM qw_case c WHERE c.id = NEW.case_id AND c.status = 'open'
      AND NEW.seq <= c.total) THEN
    RAISE EXCEPTION 'an item is planned, of an open case';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER qw_case_item_begin BEFORE INSERT ON qw_case_item
FOR EACH ROW EXECUTE FUNCTION qw_case_item_begin();

CREATE FUNCTION qw_case_item_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'an item of a case is only worked off'; END $$;

CREATE TRIGGER qw_case_item_move BEFORE UPDATE ON qw_case_item
FOR EACH ROW WHEN (NEW.case_id <> OLD.case_id OR NEW.seq <> OLD.seq
  OR NEW.authority <> OLD.authority OR NEW.kind <> OLD.kind
  OR NEW.subject_id <> OLD.subject_id OR NEW.label <> OLD.label
  OR NEW.reason <> OLD.reason OR NEW.flagged <> OLD.flagged
  OR NEW.not_before <> OLD.not_before
  OR NOT ((OLD.status = 'planned' AND NEW.status <> 'planned')
    OR (OLD.status = 'failed' AND NEW.status = 'planned')))
EXECUTE FUNCTION qw_case_item_move();

CREATE TRIGGER qw_case_item_stays BEFORE DELETE ON qw_case_item
FOR EACH ROW EXECUTE FUNCTION qw_case_stays();

CREATE TABLE qw_person (
  id text PRIMARY KEY,
  authority text NOT NULL,
  role text NOT NULL CHECK (role IN ('officer', 'operator', 'auditor')),
  name text NOT NULL,
  name_key text NOT NULL,
  mail text NOT NULL,
  language text NOT NULL CHECK (language IN ('en', 'fr')),
  status text NOT NULL CHECK (status IN ('invited', 'active', 'removed')),
  created bigint NOT NULL,
  created_by text NOT NULL,
  login text,
  removed_by text,
  removed_at bigint NOT NULL DEFAULT 0,
  CHECK ((status = 'removed') = (removed_by IS NOT NULL))
);

CREATE UNIQUE INDEX qw_person_name ON qw_person (authority, name_key)
  WHERE status <> 'removed';

CREATE INDEX qw_person_key ON qw_person (name_key);

CREATE INDEX qw_person_role ON qw_person (role, authority, name);

CREATE FUNCTION qw_person_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'illegal change of a person'; END $$;

CREATE TRIGGER qw_person_move BEFORE UPDATE ON qw_person
FOR EACH ROW WHEN (OLD.status = 'removed' OR NEW.id <> OLD.id
  OR NEW.authority <> OLD.authority OR NEW.role <> OLD.role
  OR NEW.name <> OLD.name OR NEW.name_key <> OLD.name_key
  OR NEW.created <> OLD.created OR NEW.created_by <> OLD.created_by
  OR NEW.login IS DISTINCT FROM OLD.login
  OR (NEW.status = 'invited' AND OLD.status <> 'invited'))
EXECUTE FUNCTION qw_person_move();

CREATE FUNCTION qw_person_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'persons are permanent'; END $$;

CREATE TRIGGER qw_person_stays BEFORE DELETE ON qw_person
FOR EACH ROW EXECUTE FUNCTION qw_person_stays();

CREATE TABLE qw_authenticator (
  id text PRIMARY KEY,
  person_id text NOT NULL REFERENCES qw_person (id),
  credential_id text NOT NULL,
  algorithm bigint NOT NULL,
  public_key text NOT NULL,
  sign_count bigint NOT NULL CHECK (sign_count >= 0),
  aaguid text NOT NULL,
  attestation text NOT NULL,
  transports text NOT NULL,
  created bigint NOT NULL,
  used_at bigint NOT NULL DEFAULT 0,
  removed_by text,
  removed_at bigint NOT NULL DEFAULT 0,
  subject text,
  released bigint NOT NULL DEFAULT 0 CHECK (released IN (0, 1)),
  CHECK (subject IS NOT NULL OR released = 0)
);

-- A subject that httpd names is free again when its person is gone.

CREATE UNIQUE INDEX qw_authenticator_credential
  ON qw_authenticator (credential_id) WHERE released = 0;

CREATE INDEX qw_authenticator_person ON qw_authenticator (person_id, created);

CREATE FUNCTION qw_authenticator_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'illegal change of an authenticator'; END $$;

CREATE TRIGGER qw_authenticator_move BEFORE UPDATE ON qw_authenticator
FOR EACH ROW WHEN ((OLD.removed_by IS NOT NULL
    AND (NEW.removed_by IS DISTINCT FROM OLD.removed_by
      OR NEW.released = OLD.released))
  OR NEW.id <> OLD.id
  OR NEW.person_id <> OLD.person_id OR NEW.credential_id <> OLD.credential_id
  OR NEW.algorithm <> OLD.algorithm OR NEW.public_key <> OLD.public_key
  OR NEW.sign_count < OLD.sign_count OR NEW.created <> OLD.created
  OR NEW.subject IS DISTINCT FROM OLD.subject OR NEW.released < OLD.released)
EXECUTE FUNCTION qw_authenticator_move();

CREATE FUNCTION qw_authenticator_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'authenticators are permanent'; END $$;

CREATE TRIGGER qw_authenticator_stays BEFORE DELETE ON qw_authenticator
FOR EACH ROW EXECUTE FUNCTION qw_authenticator_stays();

CREATE TABLE qw_operator (
  id text PRIMARY KEY,
  person_id text NOT NULL REFERENCES qw_person (id),
  authority text NOT NULL,
  external_id text NOT NULL,
  created bigint NOT NULL,
  created_by text NOT NULL,
  removed_by text,
  removed_at bigint NOT NULL DEFAULT 0,
  FOREIGN KEY (external_id, authority) REFERENCES qw_external (id, authority)
);

CREATE UNIQUE INDEX qw_operator_in_force ON qw_operator (person_id, external_id)
  WHERE removed_by IS NULL;

CREATE INDEX qw_operator_external ON qw_operator (external_id, created);

CREATE FUNCTION qw_operator_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'an operator is only removed'; END $$;

CREATE TRIGGER qw_operator_move BEFORE UPDATE ON qw_operator
FOR EACH ROW WHEN (OLD.removed_by IS NOT NULL OR NEW.id <> OLD.id
  OR NEW.person_id <> OLD.person_id OR NEW.external_id <> OLD.external_id
  OR NEW.authority <> OLD.authority OR NEW.created <> OLD.created
  OR NEW.created_by <> OLD.created_by)
EXECUTE FUNCTION qw_operator_move();

CREATE FUNCTION qw_operator_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'records of operators are permanent'; END $$;

CREATE TRIGGER qw_operator_stays BEFORE DELETE ON qw_operator
FOR EACH ROW EXECUTE FUNCTION qw_operator_stays();

CREATE TABLE qw_invite (
  id text PRIMARY KEY,
  person_id text NOT NULL REFERENCES qw_person (id),
  secret_hash text NOT NULL,
  created bigint NOT NULL,
  created_by text NOT NULL,
  expires bigint NOT NULL,
  tries bigint NOT NULL DEFAULT 0,
  used_at bigint NOT NULL DEFAULT 0
);

CREATE INDEX qw_invite_person ON qw_invite (person_id, created);

CREATE FUNCTION qw_invite_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'an invitation is used once'; END $$;

CREATE TRIGGER qw_invite_move BEFORE UPDATE ON qw_invite
FOR EACH ROW WHEN (OLD.used_at <> 0 OR NEW.id <> OLD.id
  OR NEW.person_id <> OLD.person_id OR NEW.secret_hash <> OLD.secret_hash
  OR NEW.expires <> OLD.expires OR NEW.tries < OLD.tries)
EXECUTE FUNCTION qw_invite_move();

CREATE FUNCTION qw_invite_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'invitations are permanent'; END $$;

CREATE TRIGGER qw_invite_stays BEFORE DELETE ON qw_invite
FOR EACH ROW EXECUTE FUNCTION qw_invite_stays();

CREATE TABLE qw_session (
  id text PRIMARY KEY,
  authority text NOT NULL,
  person_id text NOT NULL REFERENCES qw_person (id),
  authenticator_id text NOT NULL REFERENCES qw_authenticator (id),
  created bigint NOT NULL,
  seen bigint NOT NULL,
  expires bigint NOT NULL
);

CREATE INDEX qw_session_person ON qw_session (person_id);

CREATE INDEX qw_session_authenticator ON qw_session (authenticator_id);

CREATE INDEX qw_session_expires ON qw_session (expires);

CREATE FUNCTION qw_session_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a session is only seen'; END $$;

CREATE TRIGGER qw_session_move BEFORE UPDATE ON qw_session
FOR EACH ROW WHEN (NEW.id <> OLD.id OR NEW.person_id <> OLD.person_id
  OR NEW.authority <> OLD.authority
  OR NEW.authenticator_id <> OLD.authenticator_id
  OR NEW.created <> OLD.created OR NEW.expires <> OLD.expires)
EXECUTE FUNCTION qw_session_move();

-- What was shown to a person who has yet to prove once more who it is.

CREATE TABLE qw_confirmation (
  id text PRIMARY KEY,
  session_id text NOT NULL,
  action text NOT NULL,
  shown bigint NOT NULL,
  expires bigint NOT NULL
);

CREATE INDEX qw_confirmation_expires ON qw_confirmation (expires);

CREATE FUNCTION qw_confirmation_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'what was shown does not change'; END $$;

CREATE TRIGGER qw_confirmation_fixed BEFORE UPDATE ON qw_confirmation
FOR EACH ROW EXECUTE FUNCTION qw_confirmation_fixed();

CREATE TABLE qw_action (
  id text PRIMARY KEY,
  authority text NOT NULL,
  external_id text REFERENCES qw_external (id),
  person_id text NOT NULL REFERENCES qw_person (id),
  authenticator_id text NOT NULL REFERENCES qw_authenticator (id),
  action text NOT NULL,
  nonce text NOT NULL UNIQUE,
  client_data text,
  authenticator_data text,
  signature text,
  at bigint NOT NULL,
  proof text,
  CHECK ((proof IS NULL) = (client_data IS NOT NULL
    AND authenticator_data IS NOT NULL AND signature IS NOT NULL))
);

CREATE INDEX qw_action_external ON qw_action (external_id, at);

CREATE INDEX qw_action_person ON qw_action (person_id, at);

CREATE INDEX qw_action_authenticator ON qw_action (authenticator_id);

CREATE FUNCTION qw_action_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'signed actions do not change'; END $$;

CREATE TRIGGER qw_action_fixed BEFORE UPDATE ON qw_action
FOR EACH ROW EXECUTE FUNCTION qw_action_fixed();

CREATE FUNCTION qw_action_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'signed actions are permanent'; END $$;

CREATE TRIGGER qw_action_stays BEFORE DELETE ON qw_action
FOR EACH ROW EXECUTE FUNCTION qw_action_stays();

CREATE TABLE qw_event (
  id text PRIMARY KEY,
  authority text NOT NULL,
  at bigint NOT NULL,
  event text NOT NULL,
  actor text NOT NULL,
  subject_kind text NOT NULL,
  subject_id text NOT NULL,
  detail text NOT NULL
);

CREATE INDEX qw_event_at ON qw_event (authority, at);

CREATE INDEX qw_event_subject ON qw_event (subject_id, at);

CREATE FUNCTION qw_event_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'events do not change'; END $$;

CREATE TRIGGER qw_event_fixed BEFORE UPDATE ON qw_event
FOR EACH ROW EXECUTE FUNCTION qw_event_fixed();

CREATE FUNCTION qw_event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'events are permanent'; END $$;

CREATE TRIGGER qw_event_stays BEFORE DELETE ON qw_event
FOR EACH ROW EXECUTE FUNCTION qw_event_stays();

-- Events that are in no batch yet; the order of sealing is that of these rows.

CREATE TABLE qw_seal_queue (
  at bigint NOT NULL,
  event_id text NOT NULL REFERENCES qw_event (id),
  PRIMARY KEY (at, event_id)
);

CREATE INDEX qw_seal_queue_event ON qw_seal_queue (event_id);

CREATE FUNCTION qw_event_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO qw_seal_queue (at, event_id) VALUES (NEW.at, NEW.id);
  RETURN NULL;
END $$;

CREATE TRIGGER qw_event_waits AFTER INSERT ON qw_event
FOR EACH ROW EXECUTE FUNCTION qw_event_waits();

CREATE TABLE qw_seal_entry (
  seq bigint PRIMARY KEY CHECK (seq > 0),
  event_id text NOT NULL UNIQUE REFERENCES qw_event (id),
  hash text NOT NULL CHECK (length(hash) = 64)
);

CREATE FUNCTION qw_seal_entry_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the chain of events does not change'; END $$;

CREATE TRIGGER qw_seal_entry_fixed BEFORE UPDATE ON qw_seal_entry
FOR EACH ROW EXECUTE FUNCTION qw_seal_entry_fixed();

CREATE FUNCTION qw_seal_entry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the chain of events is permanent'; END $$;

CREATE TRIGGER qw_seal_entry_stays BEFORE DELETE ON qw_seal_entry
FOR EACH ROW EXECUTE FUNCTION qw_seal_entry_stays();

CREATE TABLE qw_checkpoint (
  seq bigint PRIMARY KEY REFERENCES qw_seal_entry (seq),
  previous bigint NOT NULL,
  hash text NOT NULL CHECK (length(hash) = 64),
  at bigint NOT NULL,
  signature text NOT NULL,
  timestamp text,
  CHECK (previous >= 0 AND previous < seq)
);

CREATE FUNCTION qw_checkpoint_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a checkpoint only gets its timestamp'; END $$;

CREATE TRIGGER qw_checkpoint_move BEFORE UPDATE ON qw_checkpoint
FOR EACH ROW WHEN (OLD.timestamp IS NOT NULL OR NEW.seq <> OLD.seq
  OR NEW.previous <> OLD.previous OR NEW.hash <> OLD.hash OR NEW.at <> OLD.at
  OR NEW.signature <> OLD.signature)
EXECUTE FUNCTION qw_checkpoint_move();

CREATE FUNCTION qw_checkpoint_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'checkpoints are permanent'; END $$;

CREATE TRIGGER qw_checkpoint_stays BEFORE DELETE ON qw_checkpoint
FOR EACH ROW EXECUTE FUNCTION qw_checkpoint_stays();

CREATE FUNCTION qw_attempt_durable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')
    AND NOT (current_setting('synchronous_commit') = 'local'
             AND current_setting('synchronous_standby_names') = '') THEN
    RAISE EXCEPTION 'synchronous_commit is %: the ledger needs on',
      current_setting('synchronous_commit');
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER qw_attempt_durable BEFORE INSERT ON qw_attempt
FOR EACH ROW EXECUTE FUNCTION qw_attempt_durable();

CREATE TABLE qw_reminder (
  id text PRIMARY KEY,
  authority text NOT NULL,
  external_id text NOT NULL,
  clock text NOT NULL CHECK (clock IN
    ('account', 'identity', 'terms', 'binding')),
  subject text NOT NULL,
  ends bigint NOT NULL,
  ahead bigint NOT NULL,
  mail text NOT NULL,
  person_id text,
  language text NOT NULL,
  status text NOT NULL CHECK (status IN ('open', 'sent', 'void')),
  created bigint NOT NULL,
  due bigint NOT NULL,
  owner text,
  lease_until bigint NOT NULL DEFAULT 0,
  tries bigint NOT NULL DEFAULT 0,
  ended bigint NOT NULL DEFAULT 0,
  result text,
  UNIQUE (external_id, clock, subject, ends, ahead, mail),
  FOREIGN KEY (external_id, authority) REFERENCES qw_external (id, authority)
);

CREATE INDEX qw_reminder_due ON qw_reminder (authority, due)
  WHERE status = 'open';

CREATE INDEX qw_reminder_list ON qw_reminder (authority, created, id);

CREATE INDEX qw_binding_ending ON qw_binding (authority, expires)
  WHERE status = 'active';

CREATE FUNCTION qw_reminder_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a reminder is only sent, once'; END $$;

CREATE TRIGGER qw_reminder_move BEFORE UPDATE ON qw_reminder
FOR EACH ROW WHEN (OLD.status <> 'open' OR NEW.id <> OLD.id
  OR NEW.authority <> OLD.authority OR NEW.external_id <> OLD.external_id
  OR NEW.clock <> OLD.clock OR NEW.subject <> OLD.subject
  OR NEW.ends <> OLD.ends OR NEW.ahead <> OLD.ahead OR NEW.mail <> OLD.mail
  OR NEW.created <> OLD.created OR NEW.tries < OLD.tries)
EXECUTE FUNCTION qw_reminder_move();

CREATE FUNCTION qw_reminder_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'reminders are permanent'; END $$;

CREATE TRIGGER qw_reminder_stays BEFORE DELETE ON qw_reminder
FOR EACH ROW EXECUTE FUNCTION qw_reminder_stays();

INSERT INTO qw_schema (version) VALUES (1);

CREATE TABLE qw_download (
  certificate_id text PRIMARY KEY REFERENCES qw_certificate (id),
  at bigint NOT NULL
);
