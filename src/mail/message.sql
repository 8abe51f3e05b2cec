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
INSERT INTO mail_body (id, subject, html, plain, data, reply_to, from_name, automatic, shown_to, cc)
VALUES (:id, :subject, :html, :plain, :data, :reply_to, :from_name, :automatic, :shown_to, :cc);

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

-- name: mail.underway
SELECT count(*) FROM (SELECT 1 AS one FROM mail_message
  WHERE source = :source AND source_id = :source_id AND state IN (0, 1) LIMIT :limit) AS underway;

-- name: mail.set_bounced
UPDATE mail_message SET state = 4, reason = :reason, code = :code, reply = :reply, finished_at = :now
 WHERE id = :id AND state IN (2, 3, 7);

-- name: mail.add_try
INSERT INTO mail_try (id, message_id, at, state, code, reply, host) VALUES (:id, :message, :at, :state, :code, :reply, :host);

-- name: mail.due
SELECT id, lane, domain FROM mail_message
 WHERE sender_id = :sender AND lane = :lane AND state IN (0, 3) AND due_at <= :now ORDER BY due_at, id LIMIT :limit;

-- name: mail.next_due
SELECT due_at FROM mail_message
 WHERE sender_id = :sender AND lane = :lane AND state IN (0, 3) ORDER BY due_at, id LIMIT 1;

-- name: mail.take
UPDATE mail_message SET state = 1, node = :node, claimed_at = :now
 WHERE id = :id AND state IN (0, 3) AND due_at <= :now
RETURNING id, created_at, sender_id, contact_id, user_id, topic_id, content_id, source_id, variant, state, lane, attempts,
       due_at, sent_at, finished_at, address, to_name, source, reason, code, reply, in_reply_to, thread_refs, subject,
       first_try_at, domain;

-- name: mail.give_back
UPDATE mail_message SET state = CASE WHEN attempts = 0 THEN 0 ELSE 3 END, due_at = :due, claimed_at = NULL
 WHERE id = :id AND state = 1;

-- name: mail.postpone
UPDATE mail_message SET due_at = :due WHERE id = :id AND state IN (0, 3);

-- name: mail.set_sent
UPDATE mail_message SET state = 2, attempts = attempts + 1, first_try_at = coalesce(first_try_at, :now), sent_at = :now,
       finished_at = :now, claimed_at = NULL, subject = :subject, reason = '', code = :code, reply = :reply
 WHERE id = :id AND state = 1;

-- name: mail.set_later
UPDATE mail_message SET state = 3, attempts = attempts + 1, first_try_at = coalesce(first_try_at, :now), due_at = :due,
       claimed_at = NULL, reason = :reason, code = :code, reply = :reply
 WHERE id = :id AND state = 1;

-- name: mail.set_over
UPDATE mail_message SET state = :state, attempts = attempts + :tried,
       first_try_at = CASE WHEN :tried = 1 THEN coalesce(first_try_at, :now) ELSE first_try_at END, finished_at = :now,
       claimed_at = NULL, subject = :subject, reason = :reason, code = :code, reply = :reply
 WHERE id = :id AND state = 1;

-- name: mail.set_unsure
UPDATE mail_message SET state = 7, attempts = attempts + 1, first_try_at = coalesce(first_try_at, :now),
       claimed_at = NULL, reason = :reason, reply = :reply
 WHERE id = :id AND state = 1;

-- name: mail.left_sending
SELECT id, attempts FROM mail_message WHERE state = 1 AND node = :node ORDER BY id;

-- name: mail.abandoned
SELECT id FROM mail_message WHERE state = 1 AND claimed_at < :before ORDER BY id LIMIT 1000;

-- name: mail.sent_since
SELECT count(*) FROM mail_message WHERE sender_id = :sender AND sent_at IS NOT NULL AND sent_at > :since;

-- name: mail.body
SELECT subject, html, plain, data, reply_to, from_name, automatic, shown_to, cc FROM mail_body WHERE id = :id;

-- name: mail.files
SELECT name, type, bytes FROM mail_file WHERE message_id = :message ORDER BY id;

-- name: mail.senders
SELECT id, version, active, host, coalesce(connections, 4), coalesce(per_hour, 0), coalesce(per_day, 0),
       coalesce(warm_up_from, -1), coalesce(warm_up_first, 50), coalesce(warm_up_growth, 40), port
  FROM sender WHERE deleted_at IS NULL ORDER BY id LIMIT 256;

-- name: mail.paces
SELECT domain, per_minute, coalesce(connections, 0) FROM mail_pace WHERE deleted_at IS NULL ORDER BY id LIMIT 1024;

-- name: mail.of_source
SELECT id FROM mail_message WHERE source = :source AND source_id = :source_id ORDER BY id LIMIT :limit;
