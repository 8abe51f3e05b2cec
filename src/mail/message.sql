-- Mails handed over: see mail.h. state: 0 waiting, 1 sending, 2 sent, 3 deferred, 4 bounced, 5 failed, 6 skipped,
-- 7 unsure, 8 held. lane: 0 now, 1 person, 2 bulk.

-- name: mail.add
INSERT INTO mail_message (id, created_at, state, lane, due_at, sender_id, contact_id, user_id, address, to_name, domain,
    topic_id, content_id, source, source_id, variant, key, in_reply_to, thread_refs, subject)
VALUES (:id, :now, 0, :lane, :due, :sender, :contact, :user, :address, :to_name, :domain,
    :topic, :content, :source, :source_id, :variant, :key, :in_reply_to, :thread_refs, :subject)
ON CONFLICT DO NOTHING;

-- name: mail.by_key
SELECT id FROM mail_message WHERE key = :key AND key <> '';

-- name: mail.add_body
INSERT INTO mail_body (id, subject, html, plain, data) VALUES (:id, :subject, :html, :plain, :data);

-- name: mail.add_file
INSERT INTO mail_file (id, message_id, name, type, bytes) VALUES (:id, :message, :name, :type, :bytes);

-- name: mail.get
SELECT id, created_at, sender_id, contact_id, user_id, topic_id, content_id, source_id, variant, state, lane, attempts,
       due_at, sent_at, finished_at, address, to_name, source, reason, code, reply, in_reply_to, thread_refs, subject
  FROM mail_message WHERE id = :id;

-- name: mail.hold
UPDATE mail_message SET state = 8 WHERE source = :source AND source_id = :source_id AND state IN (0, 3);

-- name: mail.release
UPDATE mail_message SET state = CASE WHEN attempts = 0 THEN 0 ELSE 3 END
 WHERE source = :source AND source_id = :source_id AND state = 8;

-- name: mail.cancel
UPDATE mail_message SET state = 6, reason = :reason, finished_at = :now
 WHERE source = :source AND source_id = :source_id AND state IN (0, 3, 8);

-- name: mail.counts
SELECT state, count(*) FROM mail_message WHERE source = :source AND source_id = :source_id GROUP BY state;

-- name: mail.counts_of_variant
SELECT state, count(*) FROM mail_message
 WHERE source = :source AND source_id = :source_id AND variant = :variant GROUP BY state;

-- name: mail.set_bounced
UPDATE mail_message SET state = 4, reason = :reason, code = :code, reply = :reply, finished_at = :now
 WHERE id = :id AND state IN (2, 3, 7);

-- name: mail.add_try
INSERT INTO mail_try (id, message_id, at, state, code, reply, host) VALUES (:id, :message, :at, :state, :code, :reply, :host);
