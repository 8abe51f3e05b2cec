-- Mails of mailboxes.

-- name: email.is_user
SELECT id FROM "user" WHERE deleted_at IS NULL AND email_fold = :address LIMIT 1;

-- name: email.contact
SELECT id FROM contact WHERE deleted_at IS NULL AND email_fold = :address LIMIT 1;

-- Those in the trash too: what somebody threw away does not come back.
-- name: email.by_key
SELECT id FROM email WHERE message_id_fold = :id AND mail_key_fold = :key LIMIT 1;

-- name: email.thread_of
SELECT thread FROM email WHERE message_id_fold = :id AND deleted_at IS NULL ORDER BY id LIMIT 1;

-- name: email.of_thread
SELECT id FROM email WHERE thread_fold = :thread AND deleted_at IS NULL ORDER BY at, id LIMIT :limit;

-- name: email.threads_with
SELECT e.thread FROM email e JOIN email_person p ON p.email_id = e.id
 WHERE p.contact_id = :contact AND e.deleted_at IS NULL GROUP BY e.thread ORDER BY max(e.at) DESC LIMIT :limit;

-- name: email.add_person
INSERT INTO email_person (contact_id, email_id) VALUES (:contact, :email) ON CONFLICT DO NOTHING;

-- name: email.add_file
INSERT INTO email_file (id, email_id, name, type, bytes) VALUES (:id, :email, :name, :type, :bytes);

-- name: email.file
SELECT name, bytes FROM email_file WHERE id = :id AND email_id = :email;

-- name: email.files
SELECT name, type, bytes FROM email_file WHERE email_id = :email ORDER BY id LIMIT :limit;
