/* What PostgreSQL needs otherwise; the same labels and arguments as qw.sql. */

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
