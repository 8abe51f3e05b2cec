-- Who opened and clicked: hits as they come, what became of mails, and of the links of a source's mails.
-- kind: 0 open, 1 click, 2 trap. human: NULL not judged yet.

-- name: track.sites
SELECT domain, aliases FROM site WHERE deleted_at IS NULL;

-- name: track.add_hit
INSERT INTO mail_hit (id, at, message_id, kind, link, url, marks, client, network)
VALUES (:id, :at, :message, :kind, :link, :url, :marks, :client, :network);

-- Mails with hits that nobody has looked at, oldest first.
-- name: track.to_judge
SELECT DISTINCT message_id FROM (SELECT message_id FROM mail_hit
 WHERE human IS NULL AND at <= :until ORDER BY at LIMIT :limit) AS waiting ORDER BY message_id;

-- name: track.hits
SELECT id, at, message_id, kind, link, marks, url, client, network, coalesce(human, -1), visitor, day_visitor
  FROM mail_hit WHERE message_id = :message AND at >= :since ORDER BY at, id LIMIT :limit;

-- name: track.oldest
SELECT min(at) FROM mail_hit WHERE message_id = :message AND human IS NULL;

-- name: track.hit
SELECT id, at, message_id, kind, link, marks, url, client, network, coalesce(human, -1), visitor, day_visitor
  FROM mail_hit WHERE id = :id;

-- name: track.set_judged
UPDATE mail_hit SET human = :human, reasons = :reasons WHERE id = :id;

-- name: track.set_arrived
UPDATE mail_hit SET visitor = :visitor, day_visitor = :day WHERE id = :id;

-- name: track.purge
DELETE FROM mail_hit WHERE id IN (SELECT id FROM mail_hit WHERE at < :before AND human IS NOT NULL ORDER BY at LIMIT :limit);

-- name: track.seen
SELECT coalesce(opened_at, 0), coalesce(clicked_at, 0), coalesce(unsubscribed_at, 0)
  FROM mail_seen WHERE message_id = :message;

-- name: track.put_seen
INSERT INTO mail_seen (message_id, contact_id, source, source_id, variant, opened_at, opens, clicked_at, clicks,
                       unsubscribed_at, machine_opens, machine_clicks)
VALUES (:message, :contact, :source, :source_id, :variant, :opened, :opens, :clicked, :clicks, :unsubscribed,
        :machine_opens, :machine_clicks)
ON CONFLICT (message_id) DO UPDATE SET
    opened_at = coalesce(mail_seen.opened_at, excluded.opened_at),
    clicked_at = coalesce(mail_seen.clicked_at, excluded.clicked_at),
    unsubscribed_at = coalesce(mail_seen.unsubscribed_at, excluded.unsubscribed_at),
    opens = mail_seen.opens + excluded.opens, clicks = mail_seen.clicks + excluded.clicks,
    machine_opens = mail_seen.machine_opens + excluded.machine_opens,
    machine_clicks = mail_seen.machine_clicks + excluded.machine_clicks;

-- name: track.clicked_before
SELECT count(*) FROM (SELECT 1 FROM mail_hit
 WHERE message_id = :message AND link = :link AND kind = 1 AND human = 1 AND id <> :id LIMIT 1) AS before;

-- name: track.count_link
INSERT INTO mail_link (source, source_id, variant, link, url, clicks, people)
VALUES (:source, :source_id, :variant, :link, :url, 1, :people)
ON CONFLICT (source, source_id, variant, link) DO UPDATE SET
    clicks = mail_link.clicks + 1, people = mail_link.people + excluded.people;

-- name: track.counts
SELECT count(opened_at), count(clicked_at), count(unsubscribed_at),
       coalesce(sum(CASE WHEN opened_at IS NULL AND clicked_at IS NULL AND machine_opens + machine_clicks > 0
                         THEN 1 ELSE 0 END), 0)
  FROM mail_seen WHERE source = :source AND source_id = :source_id AND (:variant < 0 OR variant = :variant);

-- name: track.links
SELECT link, min(url), sum(clicks), sum(people) FROM mail_link
 WHERE source = :source AND source_id = :source_id AND (:variant < 0 OR variant = :variant)
 GROUP BY link ORDER BY link LIMIT 200;
