-- name: renewal.of_deal
SELECT id FROM subscription WHERE renewal_id = :deal AND deleted_at IS NULL ORDER BY id LIMIT 1;

-- name: renewal.pipeline
SELECT id FROM pipeline WHERE is_renewal = 1 AND deleted_at IS NULL ORDER BY id LIMIT 1;
