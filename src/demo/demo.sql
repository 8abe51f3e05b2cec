-- How far the making of the demo company is: 1 it has begun, 2 it is done.
-- name: demo.state
SELECT seq FROM consumer WHERE name = 'demo';

-- name: demo.state_put
INSERT INTO consumer (name, seq) VALUES ('demo', :seq) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq;

-- Whether anybody has worked here.
-- name: demo.used
SELECT count(*) FROM (SELECT 1 FROM "user" UNION ALL SELECT 1 FROM contact UNION ALL SELECT 1 FROM company) AS used;

-- Work that the last steps of the making have done for everybody.
-- name: demo.work_done
DELETE FROM job WHERE state = 0 AND name IN ('score.contact', 'score.all', 'segment.fill', 'segment.follow', 'follow', 'rates.follow',
    'health.all', 'health.company', 'notice.soon', 'notice.daily');

-- What happened before the first start is news of the program alone.
-- name: demo.news_done
UPDATE notification SET mail = 0 WHERE mail > 0;

-- name: demo.touches_done
DELETE FROM segment_touch;

-- The connection that makes it changes most pages of the file again and again: it may keep 64 MB of them, and copies
-- its log into the file when that is worth the while.
-- name: demo.cache @sqlite
PRAGMA cache_size = -65536;

-- name: demo.log_pages @sqlite
PRAGMA wal_autocheckpoint = 16384;

-- name: demo.stages
SELECT id, kind FROM stage WHERE pipeline_id = :pipeline AND deleted_at IS NULL ORDER BY position, id;

-- A reader of a letter, with all that came of it.
-- name: demo.recipient
INSERT INTO broadcast_recipient (id, broadcast_id, contact_id, variant, state, lot, due_at, message_id, mail_state,
    opened_at, auto_opened_at, clicked_at, last_click_at, clicks, left_at, device, client)
VALUES (:id, :broadcast, :contact, :variant, 1, 0, :due, :message, :mail, :opened, :program, :clicked, :clicked,
    :clicks, :left_at, :device, :client);

-- name: demo.message
INSERT INTO mail_message (id, created_at, state, lane, due_at, sender_id, contact_id, address, to_name, domain, topic_id,
    content_id, source, source_id, variant, key, subject, attempts, sent_at, finished_at, reason)
SELECT :id, :at, :state, 2, :at, b.sender_id, c.id, c.email, c.first_name, '', b.topic_id,
       b.content_id, 'broadcast', b.id, :variant, '', :subject, 1, :at, :at, :reason
  FROM broadcast b, contact c WHERE b.id = :broadcast AND c.id = :contact;

-- What they did in the thirty days after the click that was their last until then.
-- name: demo.letter_leads
UPDATE broadcast_recipient SET lead_at =
   (SELECT min(f.created_at) FROM submission f WHERE f.contact_id = broadcast_recipient.contact_id
       AND NOT (f.status <> 'accepted') AND f.created_at >= broadcast_recipient.last_click_at
       AND f.created_at < broadcast_recipient.last_click_at + 2592000000
       AND NOT EXISTS (SELECT 1 FROM broadcast_recipient o WHERE o.contact_id = broadcast_recipient.contact_id
           AND o.last_click_at > broadcast_recipient.last_click_at AND o.last_click_at <= f.created_at))
 WHERE last_click_at IS NOT NULL;

-- name: demo.letter_deals
UPDATE broadcast_recipient SET deals =
   (SELECT count(*) FROM deal d WHERE d.contact_id = broadcast_recipient.contact_id AND d.deleted_at IS NULL
       AND d.created_at >= broadcast_recipient.last_click_at
       AND d.created_at < broadcast_recipient.last_click_at + 2592000000
       AND NOT EXISTS (SELECT 1 FROM broadcast_recipient o WHERE o.contact_id = broadcast_recipient.contact_id
           AND o.last_click_at > broadcast_recipient.last_click_at AND o.last_click_at <= d.created_at)),
   won = (SELECT count(*) FROM deal d WHERE d.contact_id = broadcast_recipient.contact_id AND d.deleted_at IS NULL
       AND NOT (d.status <> 'won') AND d.closed_at >= broadcast_recipient.last_click_at
       AND d.closed_at < broadcast_recipient.last_click_at + 2592000000
       AND NOT EXISTS (SELECT 1 FROM broadcast_recipient o WHERE o.contact_id = broadcast_recipient.contact_id
           AND o.last_click_at > broadcast_recipient.last_click_at AND o.last_click_at <= d.closed_at)),
   revenue_minor = (SELECT coalesce(CAST(sum(d.amount_base_minor) AS BIGINT), 0) FROM deal d
     WHERE d.contact_id = broadcast_recipient.contact_id AND d.deleted_at IS NULL
       AND NOT (d.status <> 'won') AND d.closed_at >= broadcast_recipient.last_click_at
       AND d.closed_at < broadcast_recipient.last_click_at + 2592000000
       AND NOT EXISTS (SELECT 1 FROM broadcast_recipient o WHERE o.contact_id = broadcast_recipient.contact_id
           AND o.last_click_at > broadcast_recipient.last_click_at AND o.last_click_at <= d.closed_at))
 WHERE last_click_at IS NOT NULL;

-- What the flows of the last months have written counts as sent.
-- name: demo.flow_mails
UPDATE mail_message SET state = 2, sent_at = created_at + 20000, finished_at = created_at + 20000
 WHERE source = 'flow' AND state = 0;

-- name: demo.flow_trouble
UPDATE flow_run SET state = 2, due_at = NULL, error = :error WHERE id IN
    (SELECT id FROM flow_run WHERE flow_id = :flow AND state = 0 ORDER BY id DESC LIMIT 3);

-- name: demo.flow_people
SELECT id, created_at FROM contact WHERE deleted_at IS NULL AND email <> '' ORDER BY created_at, email LIMIT 1000000;

-- name: demo.form_posts
SELECT created_at FROM submission WHERE form_id = :form AND status = 'accepted' AND created_at >= :since ORDER BY id LIMIT 100000;

-- name: demo.quote_line
SELECT id FROM quote_line WHERE quote_id = :quote AND unit = :unit AND deleted_at IS NULL ORDER BY position LIMIT 1;

-- name: demo.quote_approval
SELECT id FROM approval WHERE quote_id = :quote AND status = 'pending' ORDER BY id LIMIT 1;

-- Service at rest: what was sent has gone out, what was told has been read.
-- name: demo.tickets_due
SELECT count(*) FROM ticket WHERE next_at <= :now;

-- name: demo.tickets_sent
UPDATE mail_message SET state = 2, attempts = 1, sent_at = due_at, finished_at = due_at
 WHERE source IN ('ticket', 'ticket_receipt', 'ticket_rating') AND state = 0;

-- name: demo.tickets_read
UPDATE notification SET read_at = at WHERE read_at IS NULL AND at < :before AND path LIKE '/tickets/%';

-- name: demo.tickets_about
SELECT id, solved_at FROM ticket WHERE subject_fold = :subject AND solved_at IS NOT NULL AND deleted_at IS NULL ORDER BY solved_at DESC, id LIMIT :limit;

-- name: demo.seen
UPDATE contact SET last_seen_at = :at WHERE id = :contact AND last_seen_at < :at;
-- Deals that are worked on by people of the company, the most wanted first.
-- name: demo.together_deals
SELECT id, owner_id FROM deal
 WHERE status = 'open' AND owner_id IS NOT NULL AND deleted_at IS NULL ORDER BY amount_base_minor DESC, id LIMIT 5;

-- What was told before today has been read, and nothing of it is mailed now.
-- name: demo.together_read
UPDATE notification SET read_at = at WHERE read_at IS NULL AND at < :before AND kind IN ('change', 'comment', 'customer');

-- name: demo.together_mailed
UPDATE notification SET mail = 0 WHERE mail > 0;
