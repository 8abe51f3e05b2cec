-- Mails with a topic that a contact had since then, at most so many of them.
-- name: cap.mails
SELECT count(*) FROM (SELECT 1 FROM mail_message
 WHERE contact_id = :contact AND topic_id IS NOT NULL AND sent_at >= :since AND state IN (2, 4) LIMIT :limit) AS had;
