-- name: invoice.line_ids
SELECT id FROM invoice_line WHERE invoice_id = :invoice AND deleted_at IS NULL
 ORDER BY position, id LIMIT :limit;

-- What was settled, how often, and when last.
-- name: invoice.settled
SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT), COUNT(*), MAX(on_date) FROM settlement
 WHERE invoice_id = :invoice AND deleted_at IS NULL;

-- name: invoice.used
SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT), COUNT(*), MAX(on_date) FROM settlement
 WHERE credit_id = :invoice AND deleted_at IS NULL;

-- name: invoice.fall_due
SELECT id FROM invoice
 WHERE status IN ('open', 'part_paid') AND kind = 'invoice' AND due_on < :day
   AND deleted_at IS NULL
 ORDER BY due_on, id LIMIT 200;
