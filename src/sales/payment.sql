-- name: payment.used
SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM settlement
 WHERE payment_id = :payment AND deleted_at IS NULL;

-- name: payment.uses
SELECT COUNT(*) FROM settlement WHERE payment_id = :payment AND deleted_at IS NULL;

-- name: payment.settlements
SELECT id FROM settlement WHERE payment_id = :payment AND deleted_at IS NULL ORDER BY id LIMIT 200;
