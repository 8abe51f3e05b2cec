-- name: quote.line_ids
SELECT id FROM quote_line WHERE quote_id = :quote AND deleted_at IS NULL ORDER BY position, id LIMIT :limit;

-- name: quote.next_position
SELECT coalesce(max(position), 0) + 10 FROM quote_line WHERE quote_id = :quote AND deleted_at IS NULL;

-- name: quote.version_ids
SELECT id FROM quote WHERE number_fold = :number AND deleted_at IS NULL ORDER BY revision, id LIMIT :limit;

-- name: quote.last_revision
SELECT coalesce(max(revision), 0) FROM quote WHERE number_fold = :number;

-- name: quote.of_deal
SELECT id FROM quote WHERE deal_id = :deal AND deleted_at IS NULL ORDER BY number_fold, revision, id LIMIT :limit;

-- name: quote.past
SELECT id FROM quote
 WHERE status IN ('sent', 'viewed') AND valid_until < :today AND deleted_at IS NULL ORDER BY id LIMIT :limit;

-- name: quote.comment_ids
SELECT id FROM quote_comment WHERE quote_id = :quote AND deleted_at IS NULL ORDER BY id LIMIT :limit;

-- name: quote.file_put
INSERT INTO quote_file (quote_id, hash, bytes, at) VALUES (:quote, :hash, :bytes, :at);

-- name: quote.file_get
SELECT hash, bytes FROM quote_file WHERE quote_id = :quote;
