/* Every statement mod_qwacme runs. "-- label" starts one, an empty line ends
 * it. %lld binds an apr_int64_t, %s a string or NULL; write %% for a percent
 * sign. Columns are named, times are microseconds UTC. A statement that only
 * one database needs otherwise stands in its own file under the same label. */

-- qw_schema_version
SELECT version FROM qw_schema

-- qw_schema_exists
SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'qw_schema'

-- qw_schema_durability
SELECT j.journal_mode, a.application_id
FROM pragma_journal_mode j, pragma_application_id a

-- qw_schema_set
UPDATE qw_schema SET version = %lld WHERE version = %lld

-- qw_external_insert
INSERT INTO qw_external (id, authority, name, status, created, expires,
  identity, identity_version, verified_at, verified_by, verified_method,
  profiles, terms_version, terms_at)
VALUES (%s, %s, %s, 'active', %lld, %lld, %s, %lld, %lld, %s, %s, %s, NULL, 0)
ON CONFLICT DO NOTHING

-- qw_external_get
SELECT id, authority, name, status, created, expires, identity,
  identity_version, verified_at, verified_by, verified_method, profiles,
  terms_version, terms_at, reason, suspended_at
FROM qw_external WHERE id = %s AND authority = %s

-- qw_external_by_name
SELECT id, authority, name, status, created, expires, identity,
  identity_version, verified_at, verified_by, verified_method, profiles,
  terms_version, terms_at, reason, suspended_at
FROM qw_external WHERE authority = %s AND name = %s

-- qw_external_list
SELECT id, authority, name, status, created, expires, identity,
  identity_version, verified_at, verified_by, verified_method, profiles,
  terms_version, terms_at, reason, suspended_at
FROM qw_external WHERE authority = %s ORDER BY name

-- qw_external_move
UPDATE qw_external SET status = %s, reason = %s WHERE id = %s AND status = %s

-- qw_external_keep
/* SQLite has one writer: nothing to lock. */
SELECT id FROM qw_external WHERE id = %s

-- qw_external_claim
SELECT id FROM qw_external WHERE id = %s

-- qw_external_suspend
/* When the last suspension began stays, and does not go back with a clock. */
UPDATE qw_external SET status = 'suspended', reason = %s,
  suspended_at = CASE WHEN suspended_at < %lld THEN %lld ELSE suspended_at END
WHERE id = %s AND status = 'active'

-- qw_external_set_identity
UPDATE qw_external SET identity = %s, identity_version = identity_version + 1,
  verified_at = %lld, verified_by = %s, verified_method = %s, profiles = %s
WHERE id = %s AND identity_version = %lld

-- qw_external_set_terms
UPDATE qw_external SET terms_version = %s, terms_at = %lld WHERE id = %s

-- qw_external_set_expires
UPDATE qw_external SET expires = %lld WHERE id = %s

-- qw_domain_insert
INSERT INTO qw_domain (id, external_id, name, subtree, wildcard, confirmed_by,
  confirmed_at, reviewed_by)
VALUES (%s, %s, %s, %lld, %lld, %s, %lld, %s)
ON CONFLICT DO NOTHING

-- qw_domain_find
SELECT id, external_id, name, subtree, wildcard, confirmed_by, confirmed_at,
  removed_by, removed_at, reviewed_by
FROM qw_domain WHERE external_id = %s AND name = %s AND removed_by IS NULL

-- qw_domain_list
SELECT id, external_id, name, subtree, wildcard, confirmed_by, confirmed_at,
  removed_by, removed_at, reviewed_by
FROM qw_domain WHERE external_id = %s AND removed_by IS NULL ORDER BY name

-- qw_domain_list_all
SELECT id, external_id, name, subtree, wildcard, confirmed_by, confirmed_at,
  removed_by, removed_at, reviewed_by
FROM qw_domain WHERE external_id = %s ORDER BY name, confirmed_at

-- qw_domain_elsewhere
SELECT e.name FROM qw_domain d JOIN qw_external e ON e.id = d.external_id
WHERE d.name = %s AND d.removed_by IS NULL AND e.authority = %s
  AND e.id <> %s AND e.status <> 'closed'
ORDER BY e.name LIMIT 1

-- qw_domain_remove
UPDATE qw_domain SET removed_by = %s, removed_at = %lld
WHERE external_id = %s AND name = %s AND removed_by IS NULL

-- qw_binding_insert
INSERT INTO qw_binding (id, authority, external_id, sealed, algs, status,
  max_uses, uses, expires, thumbprint, created, created_by)
VALUES (%s, %s, %s, %s, %s, 'active', %lld, 0, %lld, %s, %lld, %s)

-- qw_binding_get
SELECT id, authority, external_id, sealed, algs, status, max_uses, uses,
  expires, thumbprint, created, created_by, mac_failures, mac_failed_at,
  suspended_at, label
FROM qw_binding WHERE id = %s AND authority = %s

-- qw_binding_list
SELECT id, authority, external_id, sealed, algs, status, max_uses, uses,
  expires, thumbprint, created, created_by, mac_failures, mac_failed_at,
  suspended_at, label
FROM qw_binding WHERE external_id = %s ORDER BY created

-- qw_binding_set_label
UPDATE qw_binding SET label = %s WHERE id = %s

-- qw_binding_set_expires
/* Earlier, never later. */
UPDATE qw_binding SET expires = %lld WHERE id = %s AND expires > %lld

-- qw_binding_consume
/* 0 rows: someone else took the last use. */
UPDATE qw_binding SET uses = uses + 1
WHERE id = %s AND status = 'active' AND uses < max_uses AND expires > %lld

-- qw_binding_revoke
UPDATE qw_binding SET status = 'revoked' WHERE id = %s AND status = %s

-- qw_binding_suspend
UPDATE qw_binding SET status = 'suspended',
  suspended_at = CASE WHEN suspended_at < %lld THEN %lld ELSE suspended_at END
WHERE id = %s AND status = 'active'

-- qw_binding_resume
UPDATE qw_binding SET status = 'active' WHERE id = %s AND status = 'suspended'

-- qw_binding_mac_restart
UPDATE qw_binding SET mac_failures = 1, mac_failed_at = %lld
WHERE id = %s AND mac_failed_at <= %lld

-- qw_binding_mac_count
UPDATE qw_binding SET mac_failures = mac_failures + 1 WHERE id = %s

-- qw_binding_reseal
UPDATE qw_binding SET sealed = %s WHERE id = %s AND sealed = %s

-- qw_account_insert
INSERT INTO qw_account (id, authority, external_id, binding_id, status,
  suspended, thumbprint, jwk, contacts, eab, terms_version, terms_at, created)
VALUES (%s, %s, %s, %s, 'valid', 0, %s, %s, %s, %s, %s, %lld, %lld)
ON CONFLICT DO NOTHING

-- qw_account_get
SELECT a.id, a.authority, a.external_id, a.binding_id, a.status, a.suspended,
  a.thumbprint, a.jwk, a.contacts, a.eab, a.terms_version, a.terms_at,
  a.created, a.suspended_at, e.status, e.expires, e.suspended_at, b.status,
  b.suspended_at,
  (SELECT count(*) FROM qw_blocked_key k WHERE k.thumbprint = a.thumbprint)
FROM qw_account a JOIN qw_external e ON e.id = a.external_id
JOIN qw_binding b ON b.id = a.binding_id
WHERE a.id = %s AND a.authority = %s

-- qw_account_by_thumbprint
SELECT a.id, a.authority, a.external_id, a.binding_id, a.status, a.suspended,
  a.thumbprint, a.jwk, a.contacts, a.eab, a.terms_version, a.terms_at,
  a.created, a.suspended_at, e.status, e.expires, e.suspended_at, b.status,
  b.suspended_at,
  (SELECT count(*) FROM qw_blocked_key k WHERE k.thumbprint = a.thumbprint)
FROM qw_account a JOIN qw_external e ON e.id = a.external_id
JOIN qw_binding b ON b.id = a.binding_id
WHERE a.authority = %s AND a.thumbprint = %s

-- qw_account_key_used
SELECT id FROM qw_account WHERE thumbprint = %s

-- qw_account_list
SELECT a.id, a.authority, a.external_id, a.binding_id, a.status, a.suspended,
  a.thumbprint, a.jwk, a.contacts, a.eab, a.terms_version, a.terms_at,
  a.created, a.suspended_at, e.status, e.expires, e.suspended_at, b.status,
  b.suspended_at,
  (SELECT count(*) FROM qw_blocked_key k WHERE k.thumbprint = a.thumbprint)
FROM qw_account a JOIN qw_external e ON e.id = a.external_id
JOIN qw_binding b ON b.id = a.binding_id
WHERE a.authority = %s ORDER BY a.created, a.id

-- qw_account_list_external
SELECT a.id, a.authority, a.external_id, a.binding_id, a.status, a.suspended,
  a.thumbprint, a.jwk, a.contacts, a.eab, a.terms_version, a.terms_at,
  a.created, a.suspended_at, e.status, e.expires, e.suspended_at, b.status,
  b.suspended_at,
  (SELECT count(*) FROM qw_blocked_key k WHERE k.thumbprint = a.thumbprint)
FROM qw_account a JOIN qw_external e ON e.id = a.external_id
JOIN qw_binding b ON b.id = a.binding_id
WHERE a.external_id = %s AND a.authority = %s ORDER BY a.created, a.id

-- qw_account_set_contacts
UPDATE qw_account SET contacts = %s WHERE id = %s

-- qw_account_set_terms
UPDATE qw_account SET terms_version = %s, terms_at = %lld WHERE id = %s

-- qw_account_move
UPDATE qw_account SET status = %s WHERE id = %s AND status = %s

-- qw_account_suspend
UPDATE qw_account SET suspended = 1,
  suspended_at = CASE WHEN suspended_at < %lld THEN %lld ELSE suspended_at END
WHERE id = %s AND suspended = 0

-- qw_account_resume
UPDATE qw_account SET suspended = 0 WHERE id = %s AND suspended = 1

-- qw_account_set_key
UPDATE qw_account SET thumbprint = %s, jwk = %s
WHERE id = %s AND thumbprint = %s AND status = 'valid'
  AND NOT EXISTS (SELECT 1 FROM qw_account b
                  WHERE b.authority = %s AND b.thumbprint = %s)

-- qw_blocked_key_insert
INSERT INTO qw_blocked_key (spki_hash, thumbprint, why, at)
VALUES (%s, %s, %s, %lld)
ON CONFLICT DO NOTHING

-- qw_blocked_key_has
SELECT spki_hash FROM qw_blocked_key WHERE spki_hash = %s

-- qw_blocked_key_lock
/* SQLite has one writer: nothing to lock. */
SELECT spki_hash FROM qw_blocked_key WHERE spki_hash = %s

-- qw_blocked_key_list
SELECT spki_hash, thumbprint, why, at FROM qw_blocked_key
WHERE at <= %lld ORDER BY at DESC LIMIT %lld

-- qw_account_list_by_key
SELECT a.id, a.authority, a.external_id, a.binding_id, a.status, a.suspended,
  a.thumbprint, a.jwk, a.contacts, a.eab, a.terms_version, a.terms_at,
  a.created, a.suspended_at, e.status, e.expires, e.suspended_at, b.status,
  b.suspended_at,
  (SELECT count(*) FROM qw_blocked_key k WHERE k.thumbprint = a.thumbprint)
FROM qw_account a JOIN qw_external e ON e.id = a.external_id
JOIN qw_binding b ON b.id = a.binding_id
WHERE a.thumbprint = %s ORDER BY a.created, a.id

-- qw_certificate_list_by_key
SELECT c.id, c.authority, c.order_id, c.account_id, c.external_id,
  c.attempt_id, c.issuer, c.serial, c.spki_hash, c.fingerprint, c.names,
  c.profile, c.identity_version, c.not_before, c.not_after, c.created, NULL,
  r.revoked_at, r.reason
FROM qw_certificate c
LEFT JOIN qw_revocation r ON r.issuer = c.issuer AND r.serial = c.serial
WHERE c.spki_hash = %s ORDER BY c.created, c.id

-- qw_precert_list_by_key
/* Of those that have no certificate. */
SELECT t.id, t.authority, t.order_id, o.account_id, o.external_id, NULL,
  t.issuer, t.serial, t.spki_hash, '', o.names, o.profile, t.identity_version,
  0, t.not_after, t.signed_at, NULL, r.revoked_at, r.reason
FROM qw_attempt t
JOIN qw_order o ON o.id = t.order_id
LEFT JOIN qw_certificate c ON c.issuer = t.issuer AND c.serial = t.serial
LEFT JOIN qw_revocation r ON r.issuer = t.issuer AND r.serial = t.serial
WHERE t.spki_hash = %s AND t.kind = 'precert'
  AND t.status IN ('issued', 'spent') AND c.id IS NULL
ORDER BY t.signed_at, t.id

-- qw_order_insert
INSERT INTO qw_order (id, authority, account_id, external_id, status, created,
  expires, names, profile, profile_hash, replaces)
VALUES (%s, %s, %s, %s, %s, %lld, %lld, %s, %s, %s, %s)
ON CONFLICT DO NOTHING

-- qw_order_free_replaced
/* An order that has expired replaces nothing, even if nobody has told it yet. */
UPDATE qw_order SET status = 'invalid'
WHERE authority = %s AND replaces = %s AND status <> 'invalid'
  AND status IN ('pending', 'ready') AND expires <= %lld

-- qw_order_link
INSERT INTO qw_order_authz (order_id, position, authz_id)
VALUES (%s, %lld, %s)

-- qw_order_get
SELECT id, authority, account_id, external_id, status, created, expires, names,
  profile, profile_hash, error, certificate_id, csr, replaces
FROM qw_order WHERE id = %s AND authority = %s

-- qw_order_authz_ids
SELECT authz_id FROM qw_order_authz WHERE order_id = %s ORDER BY position

-- qw_order_page
SELECT id, status, created, expires FROM qw_order
WHERE account_id = %s ORDER BY created, id LIMIT %lld

-- qw_order_page_after
SELECT o.id, o.status, o.created, o.expires
FROM qw_order o JOIN qw_order p ON p.id = %s AND p.account_id = o.account_id
WHERE o.account_id = %s
  AND (o.created > p.created OR (o.created = p.created AND o.id > p.id))
ORDER BY o.created, o.id LIMIT %lld

-- qw_order_find_open
SELECT id, authority, account_id, external_id, status, created, expires, names,
  profile, profile_hash, error, certificate_id, csr, replaces
FROM qw_order
WHERE account_id = %s AND names = %s AND profile = %s
  AND status IN ('pending', 'ready') AND expires > %lld AND created >= %lld
ORDER BY created DESC LIMIT 1

-- qw_order_move
/* Only from the state we think it is in: 0 rows means someone else was first. */
UPDATE qw_order SET status = %s, error = COALESCE(%s, error)
WHERE id = %s AND status = %s

-- qw_order_begin
UPDATE qw_order SET status = 'processing', csr = %s
WHERE id = %s AND status = 'ready'

-- qw_order_finish
UPDATE qw_order SET status = 'valid', certificate_id = %s, error = NULL
WHERE id = %s AND status = 'processing'

-- qw_orders_lock
/* SQLite has one writer: nothing to lock. */
SELECT order_id FROM qw_order_authz WHERE authz_id = %s

-- qw_orders_settle
UPDATE qw_order SET status = 'ready'
WHERE status = 'pending'
  AND id IN (SELECT order_id FROM qw_order_authz WHERE authz_id = %s)
  AND NOT EXISTS (
    SELECT 1 FROM qw_order_authz l JOIN qw_authz a ON a.id = l.authz_id
    WHERE l.order_id = qw_order.id AND a.status <> 'valid')

-- qw_orders_fail
UPDATE qw_order SET status = 'invalid', error = %s
WHERE status IN ('pending', 'ready')
  AND id IN (SELECT order_id FROM qw_order_authz WHERE authz_id = %s)

-- qw_orders_of_account_end
UPDATE qw_order SET status = 'invalid', error = %s
WHERE account_id = %s AND status IN ('pending', 'ready')

-- qw_challenges_of_account_end
UPDATE qw_challenge SET status = 'invalid', error = %s
WHERE status IN ('pending', 'processing')
  AND authz_id IN (SELECT id FROM qw_authz
                   WHERE account_id = %s AND status = 'pending')

-- qw_authzs_of_account_end
UPDATE qw_authz SET status = 'deactivated'
WHERE account_id = %s AND status = 'pending'

-- qw_orders_expire
UPDATE qw_order SET status = 'invalid'
WHERE id IN (SELECT id FROM qw_order
             WHERE status IN ('pending', 'ready') AND expires <= %lld
             LIMIT %lld)
  AND status IN ('pending', 'ready')

-- qw_authzs_expire
UPDATE qw_authz SET status = 'expired'
WHERE id IN (SELECT id FROM qw_authz
             WHERE status IN ('pending', 'valid') AND expires <= %lld
             LIMIT %lld)
  AND status IN ('pending', 'valid')

-- qw_order_stranded
SELECT id, authority, account_id, external_id, status, created, expires, names,
  profile, profile_hash, error, certificate_id, csr, replaces
FROM qw_order
WHERE authority = %s AND status = 'processing'
  AND NOT EXISTS (SELECT 1 FROM qw_attempt t
                  WHERE t.order_id = qw_order.id
                    AND t.status IN ('signing', 'issued'))

-- qw_authz_insert
INSERT INTO qw_authz (id, authority, account_id, external_id, name, wildcard,
  status, created, expires)
VALUES (%s, %s, %s, %s, %s, %lld, 'pending', %lld, %lld)

-- qw_authz_get
SELECT id, authority, account_id, external_id, name, wildcard, status, created,
  expires, method, validated_at, caa_at
FROM qw_authz WHERE id = %s AND authority = %s

-- qw_authz_of_order
SELECT a.id, a.authority, a.account_id, a.external_id, a.name, a.wildcard,
  a.status, a.created, a.expires, a.method, a.validated_at, a.caa_at
FROM qw_order_authz l JOIN qw_authz a ON a.id = l.authz_id
WHERE l.order_id = %s ORDER BY l.position

-- qw_authz_find
SELECT id, authority, account_id, external_id, name, wildcard, status, created,
  expires, method, validated_at, caa_at
FROM qw_authz
WHERE account_id = %s AND name = %s AND wildcard = %lld AND status = %s
  AND expires > %lld AND validated_at >= %lld AND created >= %lld
ORDER BY created DESC LIMIT 1

-- qw_authz_move
UPDATE qw_authz SET status = %s WHERE id = %s AND status = %s

-- qw_authz_prove
UPDATE qw_authz SET status = 'valid', method = %s, validated_at = %lld,
  caa_at = %lld, expires = %lld
WHERE id = %s AND status = 'pending'

-- qw_authz_caa
UPDATE qw_authz SET caa_at = %lld WHERE id = %s AND status = 'valid'

-- qw_challenge_insert
INSERT INTO qw_challenge (id, authz_id, position, type, token, status)
VALUES (%s, %s,
  (SELECT count(*) FROM qw_challenge c WHERE c.authz_id = %s), %s, %s,
  'pending')

-- qw_challenge_get
SELECT c.id, c.authz_id, c.type, c.token, c.status, c.validated_at, c.error,
  c.evidence, a.id, a.authority, a.account_id, a.external_id, a.name,
  a.wildcard, a.status, a.created, a.expires, a.method, a.validated_at, a.caa_at
FROM qw_challenge c JOIN qw_authz a ON a.id = c.authz_id
WHERE c.id = %s

-- qw_challenge_list
SELECT id, authz_id, type, token, status, validated_at, error, evidence
FROM qw_challenge WHERE authz_id = %s ORDER BY position

-- qw_challenge_show
SELECT id, authz_id, type, '', status, validated_at, error, evidence
FROM qw_challenge WHERE authz_id = %s ORDER BY position

-- qw_challenge_lock
/* SQLite has one writer: nothing to lock. */
SELECT a.id FROM qw_challenge c JOIN qw_authz a ON a.id = c.authz_id
WHERE c.id = %s

-- qw_challenge_begin
UPDATE qw_challenge SET status = 'processing'
WHERE id = %s AND status = 'pending'
  AND EXISTS (SELECT 1 FROM qw_authz a
              WHERE a.id = qw_challenge.authz_id AND a.status = 'pending')
  AND NOT EXISTS (SELECT 1 FROM qw_challenge o
                  WHERE o.authz_id = qw_challenge.authz_id
                    AND o.status = 'processing')

-- qw_challenge_finish
UPDATE qw_challenge SET status = %s, validated_at = %lld, error = %s,
  evidence = %s
WHERE id = %s AND status = 'processing'

-- qw_job_insert
INSERT INTO qw_job (id, authority, kind, subject_id, account_id, due)
VALUES (%s, %s, %s, %s, %s, %lld)
ON CONFLICT DO NOTHING

-- qw_job_claim
UPDATE qw_job SET owner = %s, lease_until = %lld, tries = tries + 1
WHERE id IN (SELECT id FROM qw_job
             WHERE kind = %s AND due <= %lld AND lease_until <= %lld
             ORDER BY due LIMIT %lld)
  AND lease_until <= %lld
RETURNING id, authority, kind, subject_id, due, owner, lease_until, tries,
  returns

-- qw_job_done
DELETE FROM qw_job WHERE id = %s AND owner = %s AND lease_until = %lld

-- qw_job_release
UPDATE qw_job SET owner = NULL, lease_until = 0, due = %lld, tries = tries - 1,
  returns = returns + 1
WHERE id = %s AND owner = %s AND lease_until = %lld

-- qw_job_next
SELECT min(CASE WHEN lease_until > due THEN lease_until ELSE due END)
FROM qw_job WHERE kind = %s

-- qw_node_seen
INSERT INTO qw_node (id, started, seen) VALUES (%s, %lld, %lld)
ON CONFLICT (id) DO UPDATE SET seen = excluded.seen

-- qw_node_others
SELECT count(*) FROM qw_node WHERE id <> %s AND seen >= %lld

-- qw_node_started
SELECT started FROM qw_node WHERE id = %s

-- qw_nonce_spend
INSERT INTO qw_nonce (nonce, expires) VALUES (%s, %lld) ON CONFLICT DO NOTHING

-- qw_nonce_purge
DELETE FROM qw_nonce
WHERE nonce IN (SELECT nonce FROM qw_nonce WHERE expires < %lld LIMIT %lld)

-- qw_node_purge
DELETE FROM qw_node
WHERE id IN (SELECT id FROM qw_node WHERE seen < %lld LIMIT %lld)

-- qw_attempt_insert
INSERT INTO qw_attempt (id, authority, order_id, kind, issuer, serial, tbs,
  tbs_hash, profile_hash, identity_version, status, node, lease_until, created,
  crl_period, not_after, spki_hash)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %lld, 'signing', %s, %lld, %lld,
  %s, %lld, %s)
ON CONFLICT DO NOTHING

-- qw_attempt_by_serial
SELECT id, authority, order_id, kind, issuer, serial, tbs, tbs_hash,
  profile_hash, identity_version, status, node, lease_until, created,
  signed_at, der, crl_period, not_after
FROM qw_attempt WHERE issuer = %s AND kind = %s AND serial = %s

-- qw_attempt_get
SELECT id, authority, order_id, kind, issuer, serial, tbs, tbs_hash,
  profile_hash, identity_version, status, node, lease_until, created,
  signed_at, der, crl_period, not_after
FROM qw_attempt WHERE id = %s

-- qw_attempt_of_order
SELECT id, authority, order_id, kind, issuer, serial, tbs, tbs_hash,
  profile_hash, identity_version, status, node, lease_until, created,
  signed_at, der
FROM qw_attempt WHERE order_id = %s ORDER BY created, id

-- qw_attempt_issue
UPDATE qw_attempt SET status = 'issued', der = %s, signed_at = %lld
WHERE id = %s AND status = 'signing'

-- qw_attempt_orphan
UPDATE qw_attempt SET status = 'orphan', signed_at = %lld
WHERE id = %s AND status = 'signing'

-- qw_attempt_attach
UPDATE qw_attempt SET der = %s
WHERE id = %s AND status = 'orphan' AND der IS NULL

-- qw_attempt_spend
UPDATE qw_attempt SET status = 'spent'
WHERE order_id = %s AND kind = 'precert' AND status IN ('signing', 'issued')
  AND status = 'issued'

-- qw_attempt_live
SELECT id, authority, order_id, kind, issuer, serial, tbs, tbs_hash,
  profile_hash, identity_version, status, node, lease_until, created,
  signed_at, der, crl_period, not_after
FROM qw_attempt
WHERE order_id = %s AND kind = %s AND status IN ('signing', 'issued')

-- qw_sct_insert
INSERT INTO qw_sct (attempt_id, log_id, sct, at) VALUES (%s, %s, %s, %lld)
ON CONFLICT DO NOTHING

-- qw_sct_list
SELECT attempt_id, log_id, sct, at FROM qw_sct
WHERE attempt_id = %s ORDER BY at, log_id

-- qw_attempt_list
SELECT id, authority, order_id, kind, issuer, serial, tbs, tbs_hash,
  profile_hash, identity_version, status, node, lease_until, created,
  signed_at, der, crl_period, not_after
FROM qw_attempt
WHERE issuer = %s AND status = %s AND id > %s AND lease_until < %lld
ORDER BY id LIMIT %lld

-- qw_attempt_count
SELECT count(*), COALESCE(sum(CASE WHEN status = 'signing' THEN 1 ELSE 0 END), 0),
  COALESCE(sum(CASE WHEN status IN ('issued', 'spent') THEN 1 ELSE 0 END), 0),
  COALESCE(sum(CASE WHEN status = 'orphan' THEN 1 ELSE 0 END), 0)
FROM qw_attempt WHERE issuer = %s

-- qw_attempt_next_issuer
SELECT issuer FROM qw_attempt WHERE issuer > %s ORDER BY issuer LIMIT 1

-- qw_certificate_insert
INSERT INTO qw_certificate (id, authority, order_id, account_id, external_id,
  attempt_id, issuer, serial, spki_hash, fingerprint, names, profile,
  identity_version, not_before, not_after, created, pem)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %lld, %lld, %lld,
  %lld, %s)

-- qw_certificate_get
SELECT c.id, c.authority, c.order_id, c.account_id, c.external_id,
  c.attempt_id, c.issuer, c.serial, c.spki_hash, c.fingerprint, c.names,
  c.profile, c.identity_version, c.not_before, c.not_after, c.created, c.pem,
  r.revoked_at, r.reason
FROM qw_certificate c
LEFT JOIN qw_revocation r ON r.issuer = c.issuer AND r.serial = c.serial
WHERE c.id = %s AND c.authority = %s

-- qw_certificate_by_serial
SELECT c.id, c.authority, c.order_id, c.account_id, c.external_id,
  c.attempt_id, c.issuer, c.serial, c.spki_hash, c.fingerprint, c.names,
  c.profile, c.identity_version, c.not_before, c.not_after, c.created, c.pem,
  r.revoked_at, r.reason
FROM qw_certificate c
LEFT JOIN qw_revocation r ON r.issuer = c.issuer AND r.serial = c.serial
WHERE c.issuer = %s AND c.serial = %s

-- qw_certificate_list
/* Each empty string leaves its column open. The labels differ in the index that
 * they can use: one condition is sure to be there. */
SELECT c.id, c.authority, c.order_id, c.account_id, c.external_id,
  c.attempt_id, c.issuer, c.serial, c.spki_hash, c.fingerprint, c.names,
  c.profile, c.identity_version, c.not_before, c.not_after, c.created, NULL,
  r.revoked_at, r.reason
FROM qw_certificate c
LEFT JOIN qw_revocation r ON r.issuer = c.issuer AND r.serial = c.serial
WHERE c.authority = %s
  AND (%s = '' OR c.external_id = %s)
  AND (%s = '' OR c.account_id = %s)
  AND (%s = '' OR c.spki_hash = %s)
  AND (%s = '' OR c.serial = %s)
  AND (%s = '' OR EXISTS (
    SELECT 1 FROM qw_certificate p WHERE p.id = %s
      AND (c.created > p.created OR (c.created = p.created AND c.id > p.id))))
ORDER BY c.created, c.id LIMIT %lld

-- qw_certificate_list_external
SELECT c.id, c.authority, c.order_id, c.account_id, c.external_id,
  c.attempt_id, c.issuer, c.serial, c.spki_hash, c.fingerprint, c.names,
  c.profile, c.identity_version, c.not_before, c.not_after, c.created, NULL,
  r.revoked_at, r.reason
FROM qw_certificate c
LEFT JOIN qw_revocation r ON r.issuer = c.issuer AND r.serial = c.serial
WHERE c.authority = %s
  AND (%s <> '' AND c.external_id = %s)
  AND (%s = '' OR c.account_id = %s)
  AND (%s = '' OR c.spki_hash = %s)
  AND (%s = '' OR c.serial = %s)
  AND (%s = '' OR EXISTS (
    SELECT 1 FROM qw_certificate p WHERE p.id = %s
      AND (c.created > p.created OR (c.created = p.created AND c.id > p.id))))
ORDER BY c.created, c.id LIMIT %lld

-- qw_certificate_list_account
SELECT c.id, c.authority, c.order_id, c.account_id, c.external_id,
  c.attempt_id, c.issuer, c.serial, c.spki_hash, c.fingerprint, c.names,
  c.profile, c.identity_version, c.not_before, c.not_after, c.created, NULL,
  r.revoked_at, r.reason
FROM qw_certificate c
LEFT JOIN qw_revocation r ON r.issuer = c.issuer AND r.serial = c.serial
WHERE c.authority = %s
  AND (%s = '' OR c.external_id = %s)
  AND (%s <> '' AND c.account_id = %s)
  AND (%s = '' OR c.spki_hash = %s)
  AND (%s = '' OR c.serial = %s)
  AND (%s = '' OR EXISTS (
    SELECT 1 FROM qw_certificate p WHERE p.id = %s
      AND (c.created > p.created OR (c.created = p.created AND c.id > p.id))))
ORDER BY c.created, c.id LIMIT %lld

-- qw_certificate_key_used
SELECT id FROM qw_certificate WHERE spki_hash = %s LIMIT 1

-- qw_certificate_key_of_others
SELECT id FROM qw_certificate
WHERE spki_hash = %s AND authority = %s AND external_id <> %s LIMIT 1

-- qw_certificate_list_spki
SELECT c.id, c.authority, c.order_id, c.account_id, c.external_id,
  c.attempt_id, c.issuer, c.serial, c.spki_hash, c.fingerprint, c.names,
  c.profile, c.identity_version, c.not_before, c.not_after, c.created, NULL,
  r.revoked_at, r.reason
FROM qw_certificate c
LEFT JOIN qw_revocation r ON r.issuer = c.issuer AND r.serial = c.serial
WHERE c.authority = %s
  AND (%s = '' OR c.external_id = %s)
  AND (%s = '' OR c.account_id = %s)
  AND (%s <> '' AND c.spki_hash = %s)
  AND (%s = '' OR c.serial = %s)
  AND (%s = '' OR EXISTS (
    SELECT 1 FROM qw_certificate p WHERE p.id = %s
      AND (c.created > p.created OR (c.created = p.created AND c.id > p.id))))
ORDER BY c.created, c.id LIMIT %lld

-- qw_certificate_list_serial
SELECT c.id, c.authority, c.order_id, c.account_id, c.external_id,
  c.attempt_id, c.issuer, c.serial, c.spki_hash, c.fingerprint, c.names,
  c.profile, c.identity_version, c.not_before, c.not_after, c.created, NULL,
  r.revoked_at, r.reason
FROM qw_certificate c
LEFT JOIN qw_revocation r ON r.issuer = c.issuer AND r.serial = c.serial
WHERE c.authority = %s
  AND (%s = '' OR c.external_id = %s)
  AND (%s = '' OR c.account_id = %s)
  AND (%s = '' OR c.spki_hash = %s)
  AND (%s <> '' AND c.serial = %s)
  AND (%s = '' OR EXISTS (
    SELECT 1 FROM qw_certificate p WHERE p.id = %s
      AND (c.created > p.created OR (c.created = p.created AND c.id > p.id))))
ORDER BY c.created, c.id LIMIT %lld

-- qw_renewal_get
/* All that the time of a renewal depends on. */
SELECT c.serial, c.not_before, c.not_after, r.revoked_at, e.verified_at,
  e.expires, i.created, i.url
FROM qw_certificate c
JOIN qw_external e ON e.id = c.external_id
LEFT JOIN qw_revocation r ON r.issuer = c.issuer AND r.serial = c.serial
LEFT JOIN qw_recall l ON l.certificate_id = c.id
LEFT JOIN qw_incident i ON i.id = l.incident_id AND i.cleared = 0
WHERE c.issuer = %s AND c.serial = %s AND c.authority = %s
ORDER BY COALESCE(i.created, 0) DESC LIMIT 1

-- qw_incident_insert
INSERT INTO qw_incident (id, authority, name, url, created_by, created)
VALUES (%s, %s, %s, %s, %s, %lld)
ON CONFLICT DO NOTHING

-- qw_incident_find
SELECT i.id, i.name, i.url, i.created_by, i.created, i.cleared,
  (SELECT count(*) FROM qw_recall l WHERE l.incident_id = i.id)
FROM qw_incident i WHERE i.authority = %s AND i.name = %s

-- qw_incident_list
SELECT i.id, i.name, i.url, i.created_by, i.created, i.cleared,
  (SELECT count(*) FROM qw_recall l WHERE l.incident_id = i.id)
FROM qw_incident i WHERE i.authority = %s ORDER BY i.name

-- qw_incident_recall
INSERT INTO qw_recall (certificate_id, incident_id)
SELECT c.id, %s FROM qw_certificate c WHERE c.serial = %s AND c.authority = %s
ON CONFLICT DO NOTHING

-- qw_incident_clear
UPDATE qw_incident SET cleared = %lld WHERE id = %s AND cleared = 0

-- qw_revocation_insert
/* On which CRL it belongs, and until when, the ledger knows. */
INSERT INTO qw_revocation (issuer, serial, authority, reason, requested_at,
  revoked_at, actor, crl_period, not_after)
VALUES (%s, %s, %s, %lld, %lld, %lld, %s,
  COALESCE((SELECT max(t.crl_period) FROM qw_attempt t
            WHERE t.issuer = %s AND t.serial = %s
              AND t.kind IN ('cert', 'precert', 'ocsp')), ''),
  COALESCE((SELECT max(t.not_after) FROM qw_attempt t
            WHERE t.issuer = %s AND t.serial = %s
              AND t.kind IN ('cert', 'precert', 'ocsp')), 0))
ON CONFLICT DO NOTHING

-- qw_revocation_get
SELECT issuer, serial, authority, reason, requested_at, revoked_at, actor,
  crl_period, not_after, crl_number, published_at
FROM qw_revocation WHERE issuer = %s AND serial = %s

-- qw_revocation_upgrade
/* The CRL and the answers have to say so too. */
UPDATE qw_revocation SET reason = 1, actor = %s, crl_number = 0
WHERE issuer = %s AND serial = %s AND reason <> 1

-- qw_notice_send
INSERT INTO qw_notice (node, issuer, serial)
SELECT s.id, %s, %s FROM qw_signer s WHERE s.seen >= 0
ON CONFLICT (node, issuer, serial) DO UPDATE SET answered = 0

-- qw_notice_list
SELECT n.serial, 1, r.revoked_at, r.reason
FROM qw_notice n
JOIN qw_revocation r ON r.issuer = n.issuer AND r.serial = n.serial
WHERE n.node = %s AND n.issuer = %s AND n.answered = 0 AND n.serial > %s
ORDER BY n.serial LIMIT %lld

-- qw_notice_answered
/* Unless the reason has changed since. */
UPDATE qw_notice SET answered = 1
WHERE node = %s AND issuer = %s AND serial = %s
  AND EXISTS (SELECT 1 FROM qw_revocation r
              WHERE r.issuer = qw_notice.issuer AND r.serial = qw_notice.serial
                AND r.reason = %lld)

-- qw_notice_ready
SELECT n.serial, 1, r.revoked_at, r.reason
FROM qw_notice n
JOIN qw_revocation r ON r.issuer = n.issuer AND r.serial = n.serial
WHERE n.node = %s AND n.issuer = %s AND n.answered = 1 AND r.crl_period = %s
  AND r.crl_number > 0 AND r.crl_number <= %lld
LIMIT %lld

-- qw_notice_done
DELETE FROM qw_notice
WHERE node = %s AND issuer = %s AND serial = %s AND answered = 1

-- qw_revocation_publish
/* What every node that is alive shows. */
UPDATE qw_revocation SET published_at = %lld
WHERE issuer = %s AND serial = %s AND published_at = 0 AND crl_number > 0
  AND NOT EXISTS (SELECT 1 FROM qw_notice n JOIN qw_signer s ON s.id = n.node
                  WHERE n.issuer = qw_revocation.issuer
                    AND n.serial = qw_revocation.serial AND s.seen >= %lld)

-- qw_revocation_shown
/* What no node that is alive has to do anything for. */
SELECT r.serial, 1, r.revoked_at, r.reason
FROM qw_revocation r
WHERE r.issuer = %s AND r.published_at = 0 AND r.crl_number > 0
  AND NOT EXISTS (SELECT 1 FROM qw_notice n JOIN qw_signer s ON s.id = n.node
                  WHERE n.issuer = r.issuer AND n.serial = r.serial
                    AND s.seen >= %lld)
LIMIT %lld

-- qw_revocation_waiting
SELECT crl_period, count(*), min(requested_at)
FROM qw_revocation WHERE issuer = %s AND crl_number = 0
GROUP BY crl_period

-- qw_revocation_newest
SELECT '', 0, max(crl_number) FROM qw_revocation WHERE issuer = %s

-- qw_revocation_unpublished
SELECT '', count(*), min(requested_at)
FROM qw_revocation WHERE issuer = %s AND published_at = 0

-- qw_revocation_listed
UPDATE qw_revocation SET crl_number = %lld
WHERE issuer = %s AND serial = %s AND crl_number = 0 AND reason = %lld

-- qw_revocation_page
/* Of the full CRL. What was on none is on one. RFC5280-3.3 */
SELECT serial, 1, revoked_at, reason, crl_number, crl_period
FROM qw_revocation
WHERE issuer = %s AND serial > %s
  AND (not_after = 0 OR not_after > %lld OR crl_number = 0)
ORDER BY serial LIMIT %lld

-- qw_revocation_page_period
SELECT serial, 1, revoked_at, reason, crl_number, crl_period
FROM qw_revocation
WHERE issuer = %s AND crl_period = %s AND serial > %s
  AND (not_after = 0 OR not_after > %lld OR crl_number = 0)
ORDER BY serial LIMIT %lld

-- qw_serial_get
SELECT (SELECT count(*) FROM qw_attempt t
        WHERE t.issuer = %s AND t.serial = %s
          AND t.kind IN ('cert', 'precert', 'ocsp')
          AND t.status IN ('issued', 'spent')), r.revoked_at, r.reason
FROM (SELECT 1 AS one) this
LEFT JOIN qw_revocation r ON r.issuer = %s AND r.serial = %s

-- qw_serial_page
SELECT t.serial, CASE WHEN t.status IN ('issued', 'spent') THEN 1 ELSE 0 END,
  r.revoked_at, r.reason
FROM qw_attempt t
LEFT JOIN qw_revocation r ON r.issuer = t.issuer AND r.serial = t.serial
WHERE t.issuer = %s AND t.kind = %s AND t.serial > %s
ORDER BY t.serial LIMIT %lld

-- qw_serial_recent
SELECT t.serial, CASE WHEN t.status IN ('issued', 'spent') THEN 1 ELSE 0 END,
  r.revoked_at, r.reason, t.signed_at
FROM qw_attempt t
LEFT JOIN qw_revocation r ON r.issuer = t.issuer AND r.serial = t.serial
WHERE t.issuer = %s AND t.signed_at > %lld
  AND t.kind IN ('cert', 'precert', 'ocsp')
ORDER BY t.signed_at LIMIT %lld

-- qw_crl_get
SELECT issuer, period, authority, number, listed, attempt_id, this_update,
  next_update, entries, newest
FROM qw_crl WHERE issuer = %s AND period = %s

-- qw_crl_list
SELECT issuer, period, authority, number, listed, attempt_id, this_update,
  next_update, entries, newest
FROM qw_crl WHERE issuer = %s ORDER BY period

-- qw_crl_reserve
INSERT INTO qw_crl (issuer, period, authority, number)
VALUES (%s, %s, %s, %lld)
ON CONFLICT (issuer, period) DO UPDATE SET number = excluded.number
WHERE qw_crl.number = %lld AND qw_crl.number < excluded.number

-- qw_crl_listed
UPDATE qw_crl SET listed = %lld, attempt_id = %s, this_update = %lld,
  next_update = %lld, entries = %lld, newest = %lld
WHERE issuer = %s AND period = %s AND listed < %lld

-- qw_crl_part_insert
INSERT INTO qw_crl_part (issuer, period, number, part, data)
VALUES (%s, %s, %lld, %lld, %s)

-- qw_crl_part_get
SELECT data FROM qw_crl_part
WHERE issuer = %s AND period = %s AND number = %lld AND part = %lld

-- qw_crl_part_purge
DELETE FROM qw_crl_part WHERE issuer = %s AND period = %s AND number < %lld

-- qw_signer_seen
INSERT INTO qw_signer (id, started, seen) VALUES (%s, %lld, %lld)
ON CONFLICT (id) DO UPDATE SET started = excluded.started, seen = excluded.seen

-- qw_signer_others
SELECT count(*) FROM qw_signer WHERE id <> %s AND seen >= %lld

-- qw_signer_purge
DELETE FROM qw_signer WHERE seen < %lld

-- qw_issuer_end_insert
INSERT INTO qw_issuer_end (issuer, authority, at, actor)
VALUES (%s, %s, %lld, %s)
ON CONFLICT DO NOTHING

-- qw_issuer_ended
SELECT at FROM qw_issuer_end WHERE issuer = %s

-- qw_issuer_last_certificate
SELECT max(not_after) FROM qw_attempt
WHERE issuer = %s AND kind IN ('cert', 'precert')

-- qw_approval_insert
INSERT INTO qw_approval (id, authority, action, subject_kind, subject_id,
  request, reason, requested_by, requested_at, expires, status)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %lld, %lld, 'open')
ON CONFLICT DO NOTHING

-- qw_approval_get
SELECT id, authority, action, subject_kind, subject_id, request, reason,
  requested_by, requested_at, expires, decided_by, decided_at, status
FROM qw_approval WHERE id = %s AND authority = %s

-- qw_approval_list_open
SELECT id, authority, action, subject_kind, subject_id, request, reason,
  requested_by, requested_at, expires, decided_by, decided_at, status
FROM qw_approval
WHERE authority = %s AND status IN ('open', 'approved')
ORDER BY requested_at, id

-- qw_approval_list
SELECT id, authority, action, subject_kind, subject_id, request, reason,
  requested_by, requested_at, expires, decided_by, decided_at, status
FROM qw_approval WHERE authority = %s
ORDER BY requested_at DESC, id LIMIT %lld

-- qw_approval_decide
UPDATE qw_approval SET status = %s, decided_by = %s, decided_at = %lld
WHERE id = %s AND status = 'open' AND expires > %lld

-- qw_approval_done
UPDATE qw_approval SET status = 'done' WHERE id = %s AND status = 'approved'

-- qw_approval_overdue
SELECT count(*) FROM qw_approval
WHERE authority = %s AND ((status = 'open' AND expires <= %lld)
  OR (status = 'approved' AND decided_at <= %lld))

-- qw_approval_expire
UPDATE qw_approval SET status = 'expired'
WHERE authority = %s AND ((status = 'open' AND expires <= %lld)
  OR (status = 'approved' AND decided_at <= %lld))

-- qw_approval_of
SELECT id, authority, action, subject_kind, subject_id, request, reason,
  requested_by, requested_at, expires, decided_by, decided_at, status
FROM qw_approval
WHERE authority = %s AND action = %s AND subject_kind = %s AND subject_id = %s
ORDER BY requested_at DESC, id LIMIT 1

-- qw_event_insert
INSERT INTO qw_event (id, authority, at, event, actor, subject_kind,
  subject_id, detail)
VALUES (%s, %s, %lld, %s, %s, %s, %s, %s)

-- qw_event_list
SELECT id, authority, at, event, actor, subject_kind, subject_id, detail
FROM qw_event WHERE authority = %s ORDER BY at DESC, id LIMIT %lld

-- qw_event_list_subject
SELECT id, authority, at, event, actor, subject_kind, subject_id, detail
FROM qw_event WHERE subject_id = %s AND authority = %s
ORDER BY at DESC, id LIMIT %lld

-- qw_job_count
SELECT count(*) FROM qw_job WHERE account_id = %s AND kind = %s

-- qw_limit_spend
INSERT INTO qw_limit (authority, name, subject, tat)
VALUES (%s, %s, %s, %lld)
ON CONFLICT (authority, name, subject) DO UPDATE SET tat =
  CASE WHEN qw_limit.tat <= %lld OR qw_limit.tat > %lld THEN excluded.tat
  ELSE qw_limit.tat + %lld END
RETURNING tat

-- qw_limit_get
SELECT tat FROM qw_limit WHERE authority = %s AND name = %s AND subject = %s

-- qw_limit_purge
DELETE FROM qw_limit
WHERE (authority, name, subject) IN
  (SELECT authority, name, subject FROM qw_limit WHERE tat < %lld LIMIT %lld)

-- qw_limit_overrides
SELECT name, subject, rate, burst, comment, created_by, created, expires
FROM qw_limit_override WHERE authority = %s AND expires > %lld
ORDER BY name, subject

-- qw_limit_override_set
INSERT INTO qw_limit_override (authority, name, subject, rate, burst, comment,
  created_by, created, expires)
VALUES (%s, %s, %s, %s, %s, %s, %s, %lld, %lld)
ON CONFLICT (authority, name, subject) DO UPDATE SET rate = excluded.rate,
  burst = excluded.burst, comment = excluded.comment,
  created_by = excluded.created_by, created = excluded.created,
  expires = excluded.expires

-- qw_limit_override_remove
DELETE FROM qw_limit_override WHERE authority = %s AND name = %s AND subject = %s

-- qw_failure_count
INSERT INTO qw_failure (account_id, name, failures, failed_at)
VALUES (%s, %s, 1, %lld)
ON CONFLICT (account_id, name) DO UPDATE SET
  failures = qw_failure.failures + 1, failed_at = excluded.failed_at

-- qw_failure_forget
DELETE FROM qw_failure WHERE account_id = %s AND name = %s

-- qw_failure_list
SELECT f.account_id, f.name, f.failures, f.failed_at
FROM qw_failure f WHERE f.account_id = %s AND f.failures >= %lld
ORDER BY f.name

-- qw_failure_of_authority
SELECT f.account_id, f.name, f.failures, f.failed_at
FROM qw_failure f JOIN qw_account a ON a.id = f.account_id
WHERE a.authority = %s AND f.failures >= %lld
ORDER BY f.account_id, f.name

-- qw_metrics_issued
SELECT count(*) FROM qw_certificate WHERE issuer = %s

-- qw_metrics_revoked
SELECT count(*) FROM qw_revocation WHERE issuer = %s

/* By the partial indexes of what is open. */
-- qw_metrics_orders
SELECT status, count(*), 0 FROM qw_order
WHERE authority = %s AND status IN ('pending', 'ready') AND expires > %lld
GROUP BY status
UNION ALL
SELECT status, count(*), 0 FROM qw_order
WHERE authority = %s AND status = 'processing' GROUP BY status

-- qw_metrics_jobs
SELECT kind, count(*), min(due) FROM qw_job WHERE authority = %s GROUP BY kind
ORDER BY kind

-- qw_metrics_notices
SELECT node, count(*), 0 FROM qw_notice WHERE issuer = %s AND answered = 0
GROUP BY node ORDER BY node
-- qw_case_insert
INSERT INTO qw_case (id, authority, kind, subject, options, total, status,
  opened_by, opened, due, contact, text)
VALUES (%s, %s, %s, %s, %s, %lld, 'open', %s, %lld, %lld, %s, %s)
ON CONFLICT DO NOTHING

-- qw_case_get
SELECT id, authority, kind, subject, options, total, status, opened_by,
  opened, due, contact, text, approved_by, approved, warned, conclusion,
  closed_by, closed
FROM qw_case WHERE id = %s AND authority = %s

-- qw_case_list
SELECT id, authority, kind, subject, options, total, status, opened_by,
  opened, due, contact, text, approved_by, approved, warned, conclusion,
  closed_by, closed
FROM qw_case
WHERE authority = %s AND (%s = '' OR kind = %s) AND (%s = '' OR status = %s)
ORDER BY opened DESC, id DESC LIMIT %lld

-- qw_case_list_due
SELECT id, authority, kind, subject, options, total, status, opened_by,
  opened, due, contact, text, approved_by, approved, warned, conclusion,
  closed_by, closed
FROM qw_case
WHERE authority = %s AND status = 'open' AND due > 0 AND due <= %lld
ORDER BY due

-- qw_case_newest
SELECT COALESCE(max(opened), 0) FROM qw_case WHERE subject = %s AND kind = %s

-- qw_case_approve
UPDATE qw_case SET approved_by = %s, approved = %lld
WHERE id = %s AND status = 'open' AND approved_by IS NULL

-- qw_case_close
UPDATE qw_case SET status = 'closed', conclusion = %s, closed_by = %s,
  closed = %lld
WHERE id = %s AND status = 'open'

-- qw_case_warn
/* 0 rows: another node has warned. */
UPDATE qw_case SET warned = %lld
WHERE id = %s AND status = 'open' AND warned < %lld

-- qw_case_item_insert
INSERT INTO qw_case_item (case_id, seq, authority, kind, subject_id, label,
  reason, flagged, not_before, status)
VALUES (%s, %lld, %s, %s, %s, %s, %lld, %lld, %lld, 'planned')

-- qw_case_item_next
SELECT case_id, seq, authority, kind, subject_id, label, reason, flagged,
  not_before, status, at, actor, result, 0, 0, 0, 0
FROM qw_case_item
WHERE case_id = %s AND status = 'planned' AND not_before <= %lld
ORDER BY seq LIMIT %lld

-- qw_case_item_next_here
SELECT case_id, seq, authority, kind, subject_id, label, reason, flagged,
  not_before, status, at, actor, result, 0, 0, 0, 0
FROM qw_case_item
WHERE case_id = %s AND status = 'planned' AND authority = %s
  AND not_before <= %lld AND kind <> 'kill-authz'
ORDER BY seq LIMIT %lld

-- qw_case_item_count_here
SELECT count(*) FROM qw_case_item
WHERE case_id = %s AND status = 'planned' AND authority = %s
  AND not_before <= %lld AND kind <> 'kill-authz'

-- qw_case_missed
/* Of few certificates it is asked whether they are items: of new ones. */
SELECT count(*) FROM qw_certificate c
WHERE c.authority = %s AND (c.external_id = %s OR c.account_id = %s)
  AND c.created >= %lld
  AND NOT EXISTS (SELECT 1 FROM qw_case_item i
    WHERE i.case_id = %s AND i.subject_id = c.id)
  AND NOT EXISTS (SELECT 1 FROM qw_revocation r
    WHERE r.issuer = c.issuer AND r.serial = c.serial)

-- qw_case_item_scheduled
SELECT case_id, seq, authority, kind, subject_id, label, reason, flagged,
  not_before, status, at, actor, result, 0, 0, 0, 0
FROM qw_case_item
WHERE authority = %s AND status = 'planned' AND not_before > 0
  AND not_before <= %lld
ORDER BY not_before LIMIT %lld

-- qw_case_item_soonest
SELECT COALESCE(min(not_before), 0) FROM qw_case_item
WHERE authority = %s AND status = 'planned' AND not_before > 0

-- qw_case_item_end
UPDATE qw_case_item SET status = %s, at = %lld, actor = %s, result = %s
WHERE case_id = %s AND seq = %lld AND status = 'planned'

-- qw_case_items_retry
UPDATE qw_case_item SET status = 'planned', at = 0, actor = NULL, result = NULL
WHERE case_id = %s AND status = 'failed'

-- qw_case_items_skip
UPDATE qw_case_item SET status = 'skipped', at = %lld, actor = %s, result = %s
WHERE case_id = %s AND status = 'planned'

-- qw_case_item_list
/* What was revoked, and when: by certificate. */
SELECT i.case_id, i.seq, i.authority, i.kind, i.subject_id, i.label, i.reason,
  i.flagged, i.not_before, i.status, i.at, i.actor, i.result, r.requested_at,
  r.revoked_at, r.published_at, r.crl_number
FROM qw_case_item i
LEFT JOIN qw_certificate c ON c.id = i.subject_id AND i.kind = 'revoke'
LEFT JOIN qw_attempt t ON t.id = i.subject_id AND i.kind = 'revoke-precert'
LEFT JOIN qw_revocation r ON r.issuer = COALESCE(c.issuer, t.issuer)
  AND r.serial = COALESCE(c.serial, t.serial)
WHERE i.case_id = %s AND i.seq > %lld ORDER BY i.seq LIMIT %lld

-- qw_case_item_counts
SELECT kind, status, count(*) FROM qw_case_item WHERE case_id = %s
GROUP BY kind, status ORDER BY kind, status

-- qw_case_pick_authority
SELECT c.id, c.authority, c.account_id, c.external_id, c.issuer, c.serial,
  c.names, c.created, c.not_after, r.revoked_at, r.reason
FROM qw_certificate c
LEFT JOIN qw_revocation r ON r.issuer = c.issuer AND r.serial = c.serial
WHERE c.authority = %s AND (c.created, c.id) > (%lld, %s)
ORDER BY c.created, c.id LIMIT %lld

-- qw_case_pick_external
SELECT c.id, c.authority, c.account_id, c.external_id, c.issuer, c.serial,
  c.names, c.created, c.not_after, r.revoked_at, r.reason
FROM qw_certificate c
LEFT JOIN qw_revocation r ON r.issuer = c.issuer AND r.serial = c.serial
WHERE c.external_id = %s AND (c.created, c.id) > (%lld, %s)
ORDER BY c.created, c.id LIMIT %lld

-- qw_case_pick_account
SELECT c.id, c.authority, c.account_id, c.external_id, c.issuer, c.serial,
  c.names, c.created, c.not_after, r.revoked_at, r.reason
FROM qw_certificate c
LEFT JOIN qw_revocation r ON r.issuer = c.issuer AND r.serial = c.serial
WHERE c.account_id = %s AND (c.created, c.id) > (%lld, %s)
ORDER BY c.created, c.id LIMIT %lld

-- qw_case_pick_key
SELECT c.id, c.authority, c.account_id, c.external_id, c.issuer, c.serial,
  c.names, c.created, c.not_after, r.revoked_at, r.reason
FROM qw_certificate c
LEFT JOIN qw_revocation r ON r.issuer = c.issuer AND r.serial = c.serial
WHERE c.spki_hash = %s AND (c.created, c.id) > (%lld, %s)
ORDER BY c.created, c.id LIMIT %lld

-- qw_case_pick_serial
SELECT c.id, c.authority, c.account_id, c.external_id, c.issuer, c.serial,
  c.names, c.created, c.not_after, r.revoked_at, r.reason
FROM qw_certificate c
LEFT JOIN qw_revocation r ON r.issuer = c.issuer AND r.serial = c.serial
WHERE c.serial = %s AND (c.created, c.id) > (%lld, %s)
ORDER BY c.created, c.id LIMIT %lld

-- qw_case_pick_precert
/* Precertificates that have no certificate. */
SELECT t.id, t.authority, o.account_id, o.external_id, t.issuer, t.serial,
  o.names, t.signed_at, t.not_after, r.revoked_at, r.reason
FROM qw_attempt t
JOIN qw_order o ON o.id = t.order_id
LEFT JOIN qw_certificate c ON c.issuer = t.issuer AND c.serial = t.serial
LEFT JOIN qw_revocation r ON r.issuer = t.issuer AND r.serial = t.serial
WHERE t.issuer = %s AND (t.signed_at, t.id) > (%lld, %s)
  AND t.kind = 'precert' AND t.status IN ('issued', 'spent') AND c.id IS NULL
ORDER BY t.signed_at, t.id LIMIT %lld

-- qw_case_pick_precert_key
SELECT t.id, t.authority, o.account_id, o.external_id, t.issuer, t.serial,
  o.names, t.signed_at, t.not_after, r.revoked_at, r.reason
FROM qw_attempt t
JOIN qw_order o ON o.id = t.order_id
LEFT JOIN qw_certificate c ON c.issuer = t.issuer AND c.serial = t.serial
LEFT JOIN qw_revocation r ON r.issuer = t.issuer AND r.serial = t.serial
WHERE t.spki_hash = %s AND (t.signed_at, t.id) > (%lld, %s)
  AND t.kind = 'precert' AND t.status IN ('issued', 'spent') AND c.id IS NULL
ORDER BY t.signed_at, t.id LIMIT %lld

-- qw_case_authzs
SELECT id, authority, account_id, external_id, name, wildcard, status, created,
  expires, method, validated_at, caa_at
FROM qw_authz
WHERE account_id = %s AND status IN ('pending', 'valid') AND expires > %lld
ORDER BY created, id

-- qw_seal_lock
/* SQLite has one writer: nothing to lock. */
SELECT 1

-- qw_seal_take
/* What has a place already, or is gone, stays for a look at it. */
SELECT e.id, e.authority, e.at, e.event, e.actor, e.subject_kind, e.subject_id,
  e.detail, q.at
FROM qw_seal_queue q JOIN qw_event e ON e.id = q.event_id
WHERE NOT EXISTS (SELECT 1 FROM qw_seal_entry s WHERE s.event_id = q.event_id)
ORDER BY q.at, q.event_id LIMIT %lld

-- qw_seal_waits
SELECT q.event_id FROM qw_seal_queue q ORDER BY q.at, q.event_id LIMIT 1

-- qw_seal_put
INSERT INTO qw_seal_entry (seq, event_id, hash) VALUES (%lld, %s, %s)

-- qw_seal_done
DELETE FROM qw_seal_queue WHERE at = %lld AND event_id = %s

-- qw_seal_tail
SELECT seq, event_id, hash FROM qw_seal_entry
WHERE seq > 0 ORDER BY seq DESC LIMIT 1

-- qw_seal_page
SELECT s.seq, s.event_id, s.hash, e.id, e.authority, e.at, e.event, e.actor,
  e.subject_kind, e.subject_id, e.detail
FROM qw_seal_entry s LEFT JOIN qw_event e ON e.id = s.event_id
WHERE s.seq > %lld ORDER BY s.seq LIMIT %lld

-- qw_seal_unsealed
/* Events that are nowhere in the chain and do not wait for it. */
SELECT e.id FROM qw_event e
WHERE NOT EXISTS (SELECT 1 FROM qw_seal_entry s WHERE s.event_id = e.id)
  AND NOT EXISTS (SELECT 1 FROM qw_seal_queue q WHERE q.event_id = e.id)
ORDER BY e.id LIMIT %lld

-- qw_seal_stuck
/* Rows of the queue whose event is gone, was moved in time, or has its place. */
SELECT q.event_id FROM qw_seal_queue q LEFT JOIN qw_event e ON e.id = q.event_id
WHERE e.id IS NULL OR e.at <> q.at
  OR EXISTS (SELECT 1 FROM qw_seal_entry s WHERE s.event_id = q.event_id)
ORDER BY q.event_id LIMIT %lld

-- qw_seal_of_subject
SELECT s.seq, e.id, s.hash, e.id, e.authority, e.at, e.event, e.actor,
  e.subject_kind, e.subject_id, e.detail
FROM qw_event e LEFT JOIN qw_seal_entry s ON s.event_id = e.id
WHERE e.subject_id = %s AND e.authority = %s ORDER BY s.seq, e.at, e.id

-- qw_checkpoint_insert
INSERT INTO qw_checkpoint (seq, previous, hash, at, signature)
VALUES (%lld, %lld, %s, %lld, %s)
ON CONFLICT DO NOTHING

-- qw_checkpoint_newest
SELECT seq, previous, hash, at, signature, timestamp FROM qw_checkpoint
WHERE seq > 0 ORDER BY seq DESC LIMIT 1

-- qw_checkpoint_page
SELECT seq, previous, hash, at, signature, timestamp FROM qw_checkpoint
WHERE seq > %lld ORDER BY seq LIMIT %lld

-- qw_checkpoint_stamp
UPDATE qw_checkpoint SET timestamp = %s WHERE seq = %lld AND timestamp IS NULL

-- qw_identity_version_get
SELECT version, identity, verified_at, verified_by, verified_method, profiles
FROM qw_identity_version WHERE external_id = %s AND version = %lld

-- qw_actions_of_authority
SELECT e.actor, e.event, count(*) FROM qw_event e
WHERE e.authority = %s AND e.at >= %lld AND e.at < %lld
GROUP BY e.actor, e.event ORDER BY e.actor, e.event

-- qw_actions_of_external
SELECT e.actor, e.event, count(*) FROM qw_event e
WHERE e.authority = %s AND e.at >= %lld AND e.at < %lld
  AND e.subject_id IN (
    SELECT x.id FROM qw_external x WHERE x.id = %s
    UNION ALL SELECT b.id FROM qw_binding b WHERE b.external_id = %s
    UNION ALL SELECT a.id FROM qw_account a WHERE a.external_id = %s
    UNION ALL SELECT o.id FROM qw_account a JOIN qw_order o
      ON o.account_id = a.id WHERE a.external_id = %s
    UNION ALL SELECT z.id FROM qw_account a JOIN qw_authz z
      ON z.account_id = a.id WHERE a.external_id = %s
    UNION ALL SELECT h.id FROM qw_account a JOIN qw_authz z
      ON z.account_id = a.id JOIN qw_challenge h ON h.authz_id = z.id
      WHERE a.external_id = %s
    UNION ALL SELECT t.id FROM qw_account a JOIN qw_order o
      ON o.account_id = a.id JOIN qw_attempt t ON t.order_id = o.id
      WHERE a.external_id = %s
    UNION ALL SELECT c.id FROM qw_certificate c WHERE c.external_id = %s)
GROUP BY e.actor, e.event ORDER BY e.actor, e.event

-- qw_failures_of_authority
SELECT e.event, e.detail FROM qw_event e
WHERE e.authority = %s AND e.at >= %lld AND e.at < %lld
  AND e.event IN ('dcv.fail', 'caa.fail', 'order.refuse', 'certificate.lint',
    'binding.wrong-mac')
ORDER BY e.event

-- qw_failures_of_external
SELECT e.event, e.detail FROM qw_event e
WHERE e.authority = %s AND e.at >= %lld AND e.at < %lld
  AND e.event IN ('dcv.fail', 'caa.fail', 'order.refuse', 'certificate.lint',
    'binding.wrong-mac')
  AND e.subject_id IN (
    SELECT x.id FROM qw_external x WHERE x.id = %s
    UNION ALL SELECT b.id FROM qw_binding b WHERE b.external_id = %s
    UNION ALL SELECT a.id FROM qw_account a WHERE a.external_id = %s
    UNION ALL SELECT o.id FROM qw_account a JOIN qw_order o
      ON o.account_id = a.id WHERE a.external_id = %s
    UNION ALL SELECT z.id FROM qw_account a JOIN qw_authz z
      ON z.account_id = a.id WHERE a.external_id = %s
    UNION ALL SELECT h.id FROM qw_account a JOIN qw_authz z
      ON z.account_id = a.id JOIN qw_challenge h ON h.authz_id = z.id
      WHERE a.external_id = %s
    UNION ALL SELECT t.id FROM qw_account a JOIN qw_order o
      ON o.account_id = a.id JOIN qw_attempt t ON t.order_id = o.id
      WHERE a.external_id = %s
    UNION ALL SELECT c.id FROM qw_certificate c WHERE c.external_id = %s)
ORDER BY e.event

-- qw_person_insert
INSERT INTO qw_person (id, authority, role, name, name_key, mail, language,
  status, created, created_by, login)
VALUES (%s, %s, %s, %s, %s, %s, %s, 'invited', %lld, %s, %s)
ON CONFLICT DO NOTHING

-- qw_person_get
SELECT id, authority, role, name, mail, language, status, created, created_by,
  login, removed_by, removed_at
FROM qw_person WHERE id = %s

-- qw_person_find
/* The one of that name where it may act: in AUTHORITY, or everywhere. */
SELECT id, authority, role, name, mail, language, status, created, created_by,
  login, removed_by, removed_at
FROM qw_person WHERE name_key = %s AND status <> 'removed'
  AND (authority = %s OR authority = '')

-- qw_person_elsewhere
SELECT 1 FROM qw_person WHERE name_key = %s AND status <> 'removed'
LIMIT 1

-- qw_person_other_role
/* Where somebody of that authority, or of all (''), could meet them. */
SELECT 1 FROM qw_person WHERE role = %s AND status <> 'removed'
  AND (%s = '' OR authority = '' OR authority = %s)
  AND (lower(mail) = lower(%s) OR lower(login) = lower(%s))
LIMIT 1

-- qw_person_list
SELECT id, authority, role, name, mail, language, status, created, created_by,
  login, removed_by, removed_at
FROM qw_person WHERE role = %s AND (authority = %s OR authority = '')
ORDER BY name, created

-- qw_person_accept
UPDATE qw_person SET status = 'active' WHERE id = %s AND status = 'invited'

-- qw_person_set_language
UPDATE qw_person SET language = %s WHERE id = %s AND status <> 'removed'

-- qw_person_remove
UPDATE qw_person SET status = 'removed', removed_by = %s, removed_at = %lld
WHERE id = %s AND status <> 'removed'

-- qw_operator_insert
INSERT INTO qw_operator (id, person_id, authority, external_id, created,
  created_by)
VALUES (%s, %s, %s, %s, %lld, %s)
ON CONFLICT DO NOTHING

-- qw_operator_remove
UPDATE qw_operator SET removed_by = %s, removed_at = %lld
WHERE person_id = %s AND external_id = %s AND removed_by IS NULL

-- qw_operator_has
SELECT 1 FROM qw_operator WHERE person_id = %s AND external_id = %s
  AND removed_by IS NULL

-- qw_operator_list
SELECT p.id, p.authority, p.role, p.name, p.mail, p.language, p.status,
  p.created, p.created_by, p.login, p.removed_by, p.removed_at
FROM qw_operator o JOIN qw_person p ON p.id = o.person_id
WHERE o.external_id = %s AND o.removed_by IS NULL AND p.status <> 'removed'
ORDER BY p.name

-- qw_operator_accounts
SELECT e.id, e.authority, e.name, e.status, e.created, e.expires, e.identity,
  e.identity_version, e.verified_at, e.verified_by, e.verified_method,
  e.profiles, e.terms_version, e.terms_at, e.reason
FROM qw_operator o JOIN qw_external e ON e.id = o.external_id
WHERE o.person_id = %s AND o.authority = %s AND o.removed_by IS NULL
ORDER BY e.name

-- qw_operator_count
/* Of all authorities: what is left of a person. */
SELECT count(*) FROM qw_operator WHERE person_id = %s AND removed_by IS NULL

-- qw_invite_insert
INSERT INTO qw_invite (id, person_id, secret_hash, created, created_by, expires)
VALUES (%s, %s, %s, %lld, %s, %lld)

-- qw_invite_get
SELECT id, person_id, secret_hash, created, created_by, expires, tries, used_at
FROM qw_invite WHERE id = %s

-- qw_invite_try
UPDATE qw_invite SET tries = tries + 1 WHERE id = %s AND used_at = 0

-- qw_invite_use
UPDATE qw_invite SET used_at = %lld WHERE id = %s AND used_at = 0

-- qw_invite_void
UPDATE qw_invite SET used_at = %lld WHERE person_id = %s AND used_at = 0

-- qw_authenticator_insert
INSERT INTO qw_authenticator (id, person_id, credential_id, algorithm,
  public_key, sign_count, aaguid, attestation, transports, created, subject)
VALUES (%s, %s, %s, %lld, %s, %lld, %s, %s, %s, %lld, %s)
ON CONFLICT DO NOTHING

-- qw_authenticator_find
/* One that may be used. */
SELECT a.id, a.person_id, a.credential_id, a.algorithm, a.public_key,
  a.sign_count, a.aaguid, a.attestation, a.transports, a.created, a.used_at,
  a.removed_by, a.removed_at, a.subject
FROM qw_authenticator a JOIN qw_person p ON p.id = a.person_id
WHERE a.credential_id = %s AND a.released = 0 AND a.removed_by IS NULL
  AND p.status = 'active'

-- qw_authenticator_list
SELECT id, person_id, credential_id, algorithm, public_key, sign_count, aaguid,
  attestation, transports, created, used_at, removed_by, removed_at, subject
FROM qw_authenticator WHERE person_id = %s ORDER BY created, id

-- qw_authenticator_use
/* WebAuthn-7.2: the counter goes up, or is not kept at all. */
UPDATE qw_authenticator SET sign_count = %lld, used_at = %lld
WHERE id = %s AND removed_by IS NULL
  AND (sign_count < %lld OR (sign_count = 0 AND %lld = 0))

-- qw_authenticator_remove
UPDATE qw_authenticator SET removed_by = %s, removed_at = %lld
WHERE id = %s AND removed_by IS NULL

-- qw_authenticator_step_up
/* One login confirms one change: it is from after the last use. */
UPDATE qw_authenticator SET used_at = %lld
WHERE id = %s AND removed_by IS NULL AND subject IS NOT NULL
  AND used_at < %lld

-- qw_authenticator_release
/* A subject of httpd's is nobody's when its person is gone. */
UPDATE qw_authenticator SET released = 1
WHERE person_id = %s AND subject IS NOT NULL AND released = 0

-- qw_session_insert
INSERT INTO qw_session (id, authority, person_id, authenticator_id, created,
  seen, expires)
VALUES (%s, %s, %s, %s, %lld, %lld, %lld)

-- qw_session_get
/* None of a person or an authenticator that was removed: that ends at once. */
SELECT s.id, s.authority, s.person_id, s.authenticator_id, s.created, s.seen,
  s.expires, a.subject
FROM qw_session s JOIN qw_person p ON p.id = s.person_id
  JOIN qw_authenticator a ON a.id = s.authenticator_id
WHERE s.id = %s AND s.authority = %s AND p.status = 'active'
  AND a.removed_by IS NULL

-- qw_session_see
UPDATE qw_session SET seen = %lld WHERE id = %s

-- qw_session_end
DELETE FROM qw_session WHERE id = %s

-- qw_session_end_all
DELETE FROM qw_session WHERE person_id = %s

-- qw_session_purge
DELETE FROM qw_session
WHERE id IN (SELECT id FROM qw_session WHERE expires < %lld LIMIT %lld)

-- qw_confirmation_insert
INSERT INTO qw_confirmation (id, session_id, action, shown, expires)
VALUES (%s, %s, %s, %lld, %lld)

-- qw_confirmation_get
SELECT id, session_id, action, shown, expires FROM qw_confirmation
WHERE id = %s AND session_id = %s

-- qw_confirmation_take
/* Once. */
DELETE FROM qw_confirmation WHERE id = %s AND session_id = %s

-- qw_confirmation_purge
DELETE FROM qw_confirmation
WHERE id IN (SELECT id FROM qw_confirmation WHERE expires < %lld LIMIT %lld)

-- qw_action_insert
INSERT INTO qw_action (id, authority, external_id, person_id, authenticator_id,
  action, nonce, client_data, authenticator_data, signature, at, proof)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %lld, %s)
ON CONFLICT DO NOTHING

-- qw_action_list
SELECT a.id, a.external_id, a.person_id, p.name, a.authenticator_id, a.action,
  a.nonce, a.client_data, a.authenticator_data, a.signature, a.at, a.proof
FROM qw_action a JOIN qw_person p ON p.id = a.person_id
WHERE a.external_id = %s ORDER BY a.at DESC, a.id LIMIT %lld

-- qw_action_list_person
SELECT a.id, a.external_id, a.person_id, p.name, a.authenticator_id, a.action,
  a.nonce, a.client_data, a.authenticator_data, a.signature, a.at, a.proof
FROM qw_action a JOIN qw_person p ON p.id = a.person_id
WHERE a.person_id = %s ORDER BY a.at DESC, a.id LIMIT %lld

-- qw_external_lock
/* Those who change the same account's operators, one after the other. */
SELECT id FROM qw_external WHERE id = %s

-- qw_diagnosis_insert
INSERT INTO qw_diagnosis (id, authority, external_id, name, asked_by, created,
  expires)
VALUES (%s, %s, %s, %s, %s, %lld, %lld)
ON CONFLICT DO NOTHING

-- qw_diagnosis_get
SELECT id, authority, external_id, name, asked_by, created, expires, ended,
  findings
FROM qw_diagnosis WHERE id = %s AND authority = %s

-- qw_diagnosis_list
SELECT id, authority, external_id, name, asked_by, created, expires, ended,
  findings
FROM qw_diagnosis WHERE external_id = %s AND expires > %lld
ORDER BY created DESC, id LIMIT %lld

-- qw_diagnosis_finish
UPDATE qw_diagnosis SET ended = %lld, findings = %s WHERE id = %s AND ended = 0

-- qw_diagnosis_purge
DELETE FROM qw_diagnosis
WHERE id IN (SELECT id FROM qw_diagnosis WHERE expires < %lld LIMIT %lld)

-- qw_order_latest
SELECT id, authority, account_id, external_id, status, created, expires, names,
  profile, profile_hash, error, certificate_id, csr, replaces
FROM qw_order WHERE external_id = %s
ORDER BY created DESC, id LIMIT %lld

-- qw_download_insert
INSERT INTO qw_download (certificate_id, at) VALUES (%s, %lld)
ON CONFLICT DO NOTHING

-- qw_download_get
SELECT at FROM qw_download WHERE certificate_id = %s
-- qw_reminder_there
SELECT id FROM qw_reminder
WHERE external_id = %s AND clock = %s AND subject = %s AND ends = %lld
  AND ahead = %lld AND mail = %s

-- qw_reminder_insert
/* 0 rows: another node was faster. */
INSERT INTO qw_reminder (id, authority, external_id, clock, subject, ends,
  ahead, mail, person_id, language, status, created, due)
VALUES (%s, %s, %s, %s, %s, %lld, %lld, %s, %s, %s, 'open', %lld, %lld)
ON CONFLICT DO NOTHING

-- qw_reminder_due
SELECT id, authority, external_id, clock, subject, ends, ahead, mail, person_id,
  language, status, created, due, owner, lease_until, tries, ended, result
FROM qw_reminder
WHERE authority = %s AND status = 'open' AND due <= %lld
  AND lease_until <= %lld
ORDER BY due LIMIT %lld

-- qw_reminder_claim
UPDATE qw_reminder SET owner = %s, lease_until = %lld, tries = tries + 1
WHERE id = %s AND status = 'open' AND due <= %lld AND lease_until <= %lld

-- qw_reminder_end
UPDATE qw_reminder SET status = %s, ended = %lld, result = %s
WHERE id = %s AND status = 'open' AND owner = %s

-- qw_reminder_later
UPDATE qw_reminder SET due = %lld, result = %s, owner = NULL, lease_until = 0
WHERE id = %s AND status = 'open' AND owner = %s

-- qw_reminder_list
SELECT id, authority, external_id, clock, subject, ends, ahead, mail, person_id,
  language, status, created, due, owner, lease_until, tries, ended, result
FROM qw_reminder WHERE authority = %s ORDER BY created DESC, id LIMIT %lld

-- qw_reminder_operators
SELECT p.id, p.mail, p.language
FROM qw_operator o JOIN qw_person p ON p.id = o.person_id
WHERE o.external_id = %s AND o.removed_by IS NULL AND p.status = 'active'
ORDER BY p.created, p.id

-- qw_reminder_officers
SELECT id, mail, language FROM qw_person
WHERE role = 'officer' AND (authority = %s OR authority = '')
  AND status = 'active'
ORDER BY created, id

-- qw_external_ending
SELECT id, authority, name, status, created, expires, identity,
  identity_version, verified_at, verified_by, verified_method, profiles,
  terms_version, terms_at, reason, suspended_at
FROM qw_external
WHERE authority = %s AND status <> 'closed'
  AND ((expires > %lld AND expires <= %lld) OR verified_at <= %lld
    OR COALESCE(terms_version, '') <> %s)
ORDER BY name

-- qw_binding_ending
SELECT b.id, b.authority, b.external_id, b.sealed, b.algs, b.status, b.max_uses,
  b.uses, b.expires, b.thumbprint, b.created, b.created_by, b.mac_failures,
  b.mac_failed_at, b.suspended_at
FROM qw_binding b JOIN qw_external e ON e.id = b.external_id
WHERE b.authority = %s AND b.status = 'active' AND b.expires > %lld
  AND b.expires <= %lld AND b.uses < b.max_uses AND e.status <> 'closed'
ORDER BY b.expires

-- qw_soonest_get
SELECT
  COALESCE((SELECT min(expires) FROM qw_external
    WHERE authority = %s AND status <> 'closed' AND expires > %lld), 0),
  COALESCE((SELECT min(verified_at) FROM qw_external
    WHERE authority = %s AND status <> 'closed' AND verified_at > %lld), 0),
  COALESCE((SELECT min(b.expires) FROM qw_binding b
    JOIN qw_external e ON e.id = b.external_id
    WHERE b.authority = %s AND b.status = 'active' AND b.expires > %lld
      AND b.uses < b.max_uses AND e.status <> 'closed'), 0)
