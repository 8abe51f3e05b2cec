-- name: notice_mail.user
SELECT email, name, timezone, coalesce(digest_hour, 8), notices FROM "user"
 WHERE id = :user AND active = 1 AND deleted_at IS NULL;

-- name: notice_mail.wait
UPDATE notification SET mail = :mail WHERE id = :id;

-- name: notice_mail.later
UPDATE notification SET mail = 2 WHERE user_id = :user AND mail = 1;

-- What waits, of each record together, the oldest first.
-- name: notice_mail.pending
SELECT id, at, text, path, type, coalesce(record_id, 0) FROM notification
 WHERE user_id = :user AND mail > 0 AND (mail = 1 OR :daily = 1) AND read_at IS NULL
 ORDER BY coalesce(record_id, 0), id LIMIT 300;

-- name: notice_mail.oldest
SELECT coalesce(min(at), 0) FROM notification WHERE user_id = :user AND mail > 0 AND read_at IS NULL;

-- What stands in the mail alone is over with it.
-- name: notice_mail.done
UPDATE notification SET mail = 0, read_at = CASE WHEN quiet = 1 THEN coalesce(read_at, at) ELSE read_at END
 WHERE user_id = :user AND mail > 0 AND (mail = 1 OR :daily = 1);

-- name: notice_mail.away
SELECT count(*) FROM absence
 WHERE user_id = :user AND from_date <= :today AND until_date >= :today AND deleted_at IS NULL;
