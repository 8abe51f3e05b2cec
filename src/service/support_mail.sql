-- Mails that came to support.

-- Addresses from which nothing is to be answered: our mailboxes for programs, and what we send by.
-- name: support.own
SELECT address FROM mailbox WHERE purpose <> 'person' AND deleted_at IS NULL
UNION SELECT from_address FROM sender WHERE personal = 0 AND deleted_at IS NULL LIMIT :limit;

-- name: support.arrivals
SELECT count(*) FROM mail_arrival;

-- name: support.add_file
INSERT INTO support_file (id, mail_id, name, type, bytes) VALUES (:id, :mail, :name, :type, :bytes);

-- Only of a ticket's own messages.
-- name: support.file
SELECT f.name, f.bytes FROM support_file f
 WHERE f.id = :id AND EXISTS (SELECT 1 FROM conversation_message m
   WHERE m.conversation_id = :conversation AND m.files LIKE :like AND m.deleted_at IS NULL);

-- name: support.made_lately
SELECT count(*) FROM support_mail
 WHERE from_address_fold = :address AND created_at >= :since AND outcome IN ('ticket', 'follow_up') AND deleted_at IS NULL;

-- name: support.twin
SELECT coalesce(ticket_id, 0) FROM support_mail
 WHERE message_id_fold = :message_id AND digest = :digest AND deleted_at IS NULL ORDER BY id LIMIT 1;
