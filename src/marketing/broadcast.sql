-- Broadcasts: where sending stands, who gets one, what they did with it. States of recipients: 0 waits, 1 handed to
-- delivery, 2 skipped, 3 cancelled, 4 waits for the winner.

-- name: broadcast.contact
SELECT email, timezone, country FROM contact WHERE id = :contact AND deleted_at IS NULL;

-- Who was sent it, and neither opened nor clicked it as far as people's own acts are known.
-- name: broadcast.non_openers
SELECT r.contact_id FROM broadcast_recipient r LEFT JOIN mail_message m ON m.id = r.message_id
 WHERE r.broadcast_id = :broadcast AND r.contact_id > :after AND r.state = 1 AND r.opened_at IS NULL
   AND r.clicked_at IS NULL AND coalesce(m.state, r.mail_state) = 2
 ORDER BY r.contact_id LIMIT :limit;

-- name: broadcast.handed
SELECT count(*) FROM broadcast_recipient WHERE broadcast_id = :broadcast AND state = 1;

-- name: broadcast.counted
SELECT answer FROM broadcast_count WHERE broadcast_id = :broadcast AND version = :version;

-- name: broadcast.put_count
INSERT INTO broadcast_count (broadcast_id, version, answer) VALUES (:broadcast, :version, :answer)
    ON CONFLICT (broadcast_id) DO UPDATE SET version = excluded.version, answer = excluded.answer;

-- ---- sending ----

-- name: broadcast.run
SELECT phase, source_at, after_id, place, test_size, winner, decide_at, free_at, next_at, recipients, skipped, dirty,
       results_at
  FROM broadcast_run WHERE broadcast_id = :broadcast;

-- name: broadcast.run_add
INSERT INTO broadcast_run (broadcast_id, phase, source_at, after_id, place, test_size, winner, decide_at, free_at, next_at,
    recipients, skipped, dirty, results, results_at)
VALUES (:broadcast, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, 1, '', 0) ON CONFLICT DO NOTHING;

-- name: broadcast.run_put
UPDATE broadcast_run SET phase = :phase, source_at = :source, after_id = :after, place = :place, test_size = :test,
       winner = :winner, decide_at = :decide, free_at = :free, recipients = :recipients, skipped = :skipped
 WHERE broadcast_id = :broadcast;

-- name: broadcast.run_next
UPDATE broadcast_run SET next_at = :at WHERE broadcast_id = :broadcast;

-- name: broadcast.add_recipient
INSERT INTO broadcast_recipient (id, broadcast_id, contact_id, variant, state, lot, due_at, reason)
VALUES (:id, :broadcast, :contact, 0, :state, :lot, :due, :reason) ON CONFLICT DO NOTHING;

-- name: broadcast.draw
SELECT id FROM broadcast_recipient WHERE broadcast_id = :broadcast AND state = 4 ORDER BY lot, id LIMIT :limit;

-- name: broadcast.drawn
UPDATE broadcast_recipient SET state = 0, variant = :variant WHERE id = :id;

-- name: broadcast.due
SELECT r.id, r.contact_id, r.variant, coalesce(c.email, ''), coalesce(c.first_name, ''), coalesce(c.last_name, '')
  FROM broadcast_recipient r LEFT JOIN contact c ON c.id = r.contact_id AND c.deleted_at IS NULL
 WHERE r.broadcast_id = :broadcast AND r.state = :state AND r.due_at <= :now ORDER BY r.due_at, r.id LIMIT :limit;

-- name: broadcast.next_due
SELECT due_at FROM broadcast_recipient WHERE broadcast_id = :broadcast AND state = :state ORDER BY due_at, id LIMIT 1;

-- name: broadcast.handed_over
UPDATE broadcast_recipient SET state = 1, variant = :variant, message_id = :message WHERE id = :id;

-- name: broadcast.left_out
UPDATE broadcast_recipient SET state = 2, reason = :reason WHERE id = :id;

-- name: broadcast.cancel_some
UPDATE broadcast_recipient SET state = 3 WHERE id IN
   (SELECT id FROM broadcast_recipient WHERE broadcast_id = :broadcast AND state = :state ORDER BY due_at, id LIMIT :limit);

-- Those whom the clock or what happened calls for.
-- name: broadcast.to_watch
SELECT b.id FROM broadcast b LEFT JOIN broadcast_run r ON r.broadcast_id = b.id
 WHERE b.status IN ('scheduled', 'sending') AND b.deleted_at IS NULL ORDER BY b.id LIMIT :limit;

-- name: broadcast.dirty
SELECT broadcast_id FROM broadcast_run WHERE dirty = 1 ORDER BY broadcast_id LIMIT :limit;

-- ---- what they did ----

-- name: broadcast.soil
UPDATE broadcast_run SET dirty = 1 WHERE broadcast_id = :broadcast AND dirty = 0;

-- name: broadcast.opened
UPDATE broadcast_recipient SET opened_at = coalesce(opened_at, CAST(:at AS BIGINT)), device = CASE WHEN device = '' THEN :device ELSE device END,
       client = CASE WHEN client = '' THEN :client ELSE client END
 WHERE broadcast_id = :broadcast AND contact_id = :contact;

-- name: broadcast.opened_by_program
UPDATE broadcast_recipient SET auto_opened_at = :at
 WHERE broadcast_id = :broadcast AND contact_id = :contact AND auto_opened_at IS NULL;

-- A click is an opening too, also where pictures are not shown.
-- name: broadcast.clicked
UPDATE broadcast_recipient SET clicked_at = coalesce(clicked_at, CAST(:at AS BIGINT)), opened_at = coalesce(opened_at, CAST(:at AS BIGINT)),
       clicks = clicks + 1, last_click_at = :at, device = CASE WHEN device = '' THEN :device ELSE device END,
       client = CASE WHEN client = '' THEN :client ELSE client END
 WHERE broadcast_id = :broadcast AND contact_id = :contact;

-- name: broadcast.unsubscribed
UPDATE broadcast_recipient SET left_at = :at WHERE broadcast_id = :broadcast AND contact_id = :contact AND left_at IS NULL;

-- name: broadcast.complained
UPDATE broadcast_recipient SET complained_at = :at
 WHERE broadcast_id = :broadcast AND contact_id = :contact AND complained_at IS NULL;

-- name: broadcast.replied
UPDATE broadcast_recipient SET replied_at = :at
 WHERE broadcast_id = :broadcast AND contact_id = :contact AND replied_at IS NULL;

-- name: broadcast.link_click
INSERT INTO broadcast_click (broadcast_id, link, contact_id, variant, first_at, times, url)
VALUES (:broadcast, :link, :contact, :variant, :at, 1, :url)
    ON CONFLICT (broadcast_id, link, contact_id) DO UPDATE SET times = broadcast_click.times + 1;

-- The mail that this person clicked last, if not too long ago.
-- name: broadcast.last_clicked
SELECT id, broadcast_id FROM broadcast_recipient
 WHERE contact_id = :contact AND last_click_at >= :since ORDER BY last_click_at DESC, id DESC LIMIT 1;

-- name: broadcast.became_lead
UPDATE broadcast_recipient SET lead_at = :at WHERE id = :id AND lead_at IS NULL;

-- name: broadcast.got_deal
UPDATE broadcast_recipient SET deals = deals + 1 WHERE id = :id;

-- name: broadcast.won_deal
UPDATE broadcast_recipient SET won = won + 1, revenue_minor = revenue_minor + :value WHERE id = :id;

-- ---- results ----

-- name: broadcast.tally
SELECT r.variant, r.state, coalesce(m.state, r.mail_state), count(*),
       count(r.opened_at), CAST(sum(CASE WHEN r.auto_opened_at IS NOT NULL AND r.opened_at IS NULL THEN 1 ELSE 0 END) AS BIGINT),
       count(r.clicked_at), CAST(sum(r.clicks) AS BIGINT), count(r.left_at), count(r.complained_at), count(r.replied_at),
       count(r.lead_at), CAST(sum(r.deals) AS BIGINT), CAST(sum(r.won) AS BIGINT), CAST(sum(r.revenue_minor) AS BIGINT),
       CAST(sum(CASE WHEN r.lead_at IS NOT NULL OR r.deals > 0 THEN 1 ELSE 0 END) AS BIGINT)
  FROM broadcast_recipient r LEFT JOIN mail_message m ON m.id = r.message_id
 WHERE r.broadcast_id = :broadcast GROUP BY r.variant, r.state, coalesce(m.state, r.mail_state);

-- Why some did not get it: ours before it was handed over, delivery's afterwards.
-- name: broadcast.reasons
SELECT reason, count(*) AS n FROM broadcast_recipient WHERE broadcast_id = :broadcast AND state = 2 GROUP BY reason
UNION ALL
SELECT m.reason, count(*) FROM broadcast_recipient r JOIN mail_message m ON m.id = r.message_id
 WHERE r.broadcast_id = :broadcast AND r.state = 1 AND m.state = 6 GROUP BY m.reason
 ORDER BY n DESC LIMIT 50;

-- name: broadcast.bounces
SELECT coalesce(m.reason, '') AS why, count(*) AS n FROM broadcast_recipient r LEFT JOIN mail_message m ON m.id = r.message_id
 WHERE r.broadcast_id = :broadcast AND r.state = 1 AND coalesce(m.state, r.mail_state) IN (4, 5)
 GROUP BY coalesce(m.reason, '') ORDER BY n DESC, why LIMIT 50;

-- name: broadcast.links
SELECT link, max(url) AS url, count(*) AS people, CAST(sum(times) AS BIGINT) AS clicks FROM broadcast_click
 WHERE broadcast_id = :broadcast GROUP BY link ORDER BY people DESC, url LIMIT :limit;

-- Opens and clicks by the hour since it began.
-- name: broadcast.by_hour
SELECT (opened_at - :since) / 3600000 AS hour, count(*), count(clicked_at) FROM broadcast_recipient
 WHERE broadcast_id = :broadcast AND opened_at IS NOT NULL AND opened_at >= :since AND opened_at < :until
 GROUP BY (opened_at - :since) / 3600000 ORDER BY hour LIMIT :limit;

-- name: broadcast.by_device
SELECT device, count(*) AS n FROM broadcast_recipient
 WHERE broadcast_id = :broadcast AND opened_at IS NOT NULL GROUP BY device ORDER BY n DESC, device LIMIT 20;

-- name: broadcast.by_client
SELECT client, count(*) AS n FROM broadcast_recipient
 WHERE broadcast_id = :broadcast AND opened_at IS NOT NULL GROUP BY client ORDER BY n DESC, client LIMIT 20;

-- name: broadcast.put_results
UPDATE broadcast_run SET results = :results, results_at = :at, dirty = 0 WHERE broadcast_id = :broadcast;

-- name: broadcast.results
SELECT results FROM broadcast_run WHERE broadcast_id = :broadcast AND results <> '';

-- name: broadcast.people
SELECT r.contact_id, r.variant, r.state, r.reason, coalesce(m.state, r.mail_state), coalesce(m.reason, ''), coalesce(m.sent_at, 0),
       coalesce(r.opened_at, 0), coalesce(r.auto_opened_at, 0), coalesce(r.clicked_at, 0), r.clicks, coalesce(r.left_at, 0),
       coalesce(r.complained_at, 0), coalesce(r.replied_at, 0), r.deals, r.won, r.revenue_minor, r.id,
       coalesce(c.email, ''), coalesce(c.first_name, ''), coalesce(c.last_name, ''), coalesce(c.id, 0)
  FROM broadcast_recipient r LEFT JOIN mail_message m ON m.id = r.message_id
       LEFT JOIN contact c ON c.id = r.contact_id AND c.deleted_at IS NULL
 WHERE r.broadcast_id = :broadcast AND r.contact_id > :after
   AND (:which = 'all'
     OR (:which = 'delivered' AND coalesce(m.state, r.mail_state) = 2)
     OR (:which = 'opened' AND r.opened_at IS NOT NULL)
     OR (:which = 'not_opened' AND coalesce(m.state, r.mail_state) = 2 AND r.opened_at IS NULL)
     OR (:which = 'clicked' AND r.clicked_at IS NOT NULL)
     OR (:which = 'bounced' AND coalesce(m.state, r.mail_state) IN (4, 5))
     OR (:which = 'left' AND r.left_at IS NOT NULL)
     OR (:which = 'replied' AND r.replied_at IS NOT NULL)
     OR (:which = 'converted' AND (r.lead_at IS NOT NULL OR r.deals > 0))
     OR (:which = 'skipped' AND (r.state IN (2, 3) OR coalesce(m.state, r.mail_state) = 6))
     OR (:which = 'waiting' AND (r.state IN (0, 4) OR coalesce(m.state, r.mail_state) IN (0, 1, 3, 7, 8))))
 ORDER BY r.contact_id LIMIT :limit;

-- ---- archive ----

-- name: broadcast.archive
SELECT b.id, b.name, b.slug, b.subject, b.started_at FROM broadcast b
 WHERE b.topic_id = :topic AND b.in_archive = 1 AND b.started_at IS NOT NULL AND b.status IN ('sending', 'finished')
   AND b.deleted_at IS NULL ORDER BY b.started_at DESC, b.id DESC LIMIT :limit;

-- name: broadcast.begun
SELECT id FROM broadcast WHERE started_at IS NOT NULL AND deleted_at IS NULL ORDER BY id LIMIT :limit;

-- name: broadcast.run_sent
UPDATE broadcast_run SET phase = 2 WHERE broadcast_id = :broadcast;

-- What last asked for this mail, judged to be a person.
-- name: broadcast.agent
SELECT client FROM mail_hit WHERE message_id = :message AND client <> '' AND coalesce(human, 1) = 1 ORDER BY at DESC, id DESC LIMIT 1;
