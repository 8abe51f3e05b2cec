-- What came back for mails: see bounce.h. kind: 1 hard, 2 soft, 3 delayed, 4 complaint, 5 auto-reply, 6 reply, 7 delivered.

-- name: report.add
INSERT INTO mail_report (id, at, kind, source, key, message_id, contact_id, address, status, reason, words)
VALUES (:id, :at, :kind, :source, :key, :message, :contact, :address, :status, :reason, :words)
ON CONFLICT DO NOTHING;

-- name: report.newest_to
SELECT m.id FROM mail_message m JOIN contact c ON c.id = m.contact_id
 WHERE c.email_fold = :address AND c.deleted_at IS NULL AND m.sent_at > :since ORDER BY m.id DESC LIMIT 1;

-- name: report.soft_count
SELECT count(*) FROM mail_report WHERE address = :address AND kind = 2 AND at > :since;

-- Ids are in the order of time.
-- name: report.purge
DELETE FROM mail_report WHERE id IN (SELECT id FROM mail_report WHERE id < :before ORDER BY id LIMIT :limit);

-- name: report.list
SELECT id, at, kind, address, status, words, source, coalesce(contact_id, 0) AS contact FROM mail_report
 WHERE (:any = 1 OR kind = :kind) AND id < :before ORDER BY id DESC LIMIT :limit;
