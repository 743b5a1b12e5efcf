/* What PostgreSQL needs otherwise; the same labels and arguments as qw.sql. */

-- qw_schema_exists
SELECT tablename FROM pg_catalog.pg_tables
WHERE tablename = 'qw_schema' AND schemaname = ANY (current_schemas(false))

-- qw_schema_durability
SELECT current_setting('synchronous_commit'),
  current_setting('synchronous_standby_names')

-- qw_challenge_lock
SELECT a.id FROM qw_challenge c JOIN qw_authz a ON a.id = c.authz_id
WHERE c.id = %s FOR UPDATE OF a

-- qw_orders_expire
UPDATE qw_order SET status = 'invalid'
WHERE id IN (SELECT id FROM qw_order
             WHERE status IN ('pending', 'ready') AND expires <= %lld
             LIMIT %lld
             FOR UPDATE SKIP LOCKED)
  AND status IN ('pending', 'ready')

-- qw_authzs_expire
UPDATE qw_authz SET status = 'expired'
WHERE id IN (SELECT id FROM qw_authz
             WHERE status IN ('pending', 'valid') AND expires <= %lld
             LIMIT %lld
             FOR UPDATE SKIP LOCKED)
  AND status IN ('pending', 'valid')

-- qw_orders_lock
SELECT o.id FROM qw_order o JOIN qw_order_authz l ON l.order_id = o.id
WHERE l.authz_id = %s ORDER BY o.id FOR UPDATE OF o

-- qw_job_claim
UPDATE qw_job SET owner = %s, lease_until = %lld, tries = tries + 1
WHERE id IN (SELECT id FROM qw_job
             WHERE kind = %s AND due <= %lld AND lease_until <= %lld
             ORDER BY due LIMIT %lld
             FOR UPDATE SKIP LOCKED)
  AND lease_until <= %lld
RETURNING id, authority, kind, subject_id, due, owner, lease_until, tries,
  returns

-- qw_case_item_next
SELECT case_id, seq, authority, kind, subject_id, label, reason, flagged,
  not_before, status, at, actor, result, 0, 0, 0, 0
FROM qw_case_item
WHERE case_id = %s AND status = 'planned' AND not_before <= %lld
ORDER BY seq LIMIT %lld FOR UPDATE SKIP LOCKED

-- qw_case_item_next_here
SELECT case_id, seq, authority, kind, subject_id, label, reason, flagged,
  not_before, status, at, actor, result, 0, 0, 0, 0
FROM qw_case_item
WHERE case_id = %s AND status = 'planned' AND authority = %s
  AND not_before <= %lld AND kind <> 'kill-authz'
ORDER BY seq LIMIT %lld FOR UPDATE SKIP LOCKED

-- qw_case_item_scheduled
SELECT case_id, seq, authority, kind, subject_id, label, reason, flagged,
  not_before, status, at, actor, result, 0, 0, 0, 0
FROM qw_case_item
WHERE authority = %s AND status = 'planned' AND not_before > 0
  AND not_before <= %lld
ORDER BY not_before LIMIT %lld FOR UPDATE SKIP LOCKED

-- qw_seal_lock
SELECT pg_advisory_xact_lock(1365721923)::text

-- qw_external_lock
SELECT id FROM qw_external WHERE id = %s FOR UPDATE

-- qw_external_keep
/* No row lock: who reads what it judges by may not write it. */
SELECT pg_advisory_xact_lock_shared(1365721924, hashtext(%s))::text

-- qw_external_claim
SELECT pg_advisory_xact_lock(1365721924, hashtext(%s))::text

-- qw_blocked_key_lock
SELECT pg_advisory_xact_lock(1365721925, hashtext(%s))::text
