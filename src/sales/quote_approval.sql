-- name: approval.of_quote
SELECT id FROM approval WHERE quote_id = :quote AND deleted_at IS NULL ORDER BY id DESC LIMIT :limit;
