-- name: change.add
INSERT INTO change (id, at, user_id, request_id, batch_id, type, record_id, verb, version, fields)
VALUES (:id, :at, :user, :request, :batch, :type, :record, :verb, :version, :fields);

-- name: change.history
SELECT at, user_id, verb, batch_id, request_id, version, fields FROM change
 WHERE type = :type AND record_id = :record ORDER BY id DESC LIMIT :limit;

-- What became of a record after an instant, the newest first. Ids rise with time.
-- name: change.since
SELECT fields FROM change
 WHERE type = :type AND record_id = :record AND id >= :from AND at > :at AND verb IN ('update', 'move')
 ORDER BY version DESC, id DESC;

-- What readers see of records, as one text: with one writer at a time the place of the last change
-- tells it.
-- name: answers.version @sqlite
SELECT CAST(coalesce(max(rowid), 0) AS TEXT) FROM change;

-- name: answers.version @postgres
SELECT CAST(pg_current_snapshot() AS text);

-- name: setting.all
SELECT name, value FROM setting;

-- name: setting.one
SELECT value FROM setting WHERE name = :name;

-- name: setting.put
INSERT INTO setting (id, name, value, updated_at, updated_by)
VALUES (:id, :name, :value, :at, :user)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at,
       updated_by = excluded.updated_by;

-- name: notification.add
INSERT INTO notification (id, user_id, at, icon, text, path, kind, type, record_id, actor_id, batch_id, quiet)
VALUES (:id, :user, :at, :icon, :text, :path, :kind, :type, :record, :actor, :batch, :quiet);

-- name: notification.choices
SELECT notices FROM "user" WHERE id = :user;

-- name: notification.of_batch
SELECT id FROM notification
 WHERE user_id = :user AND read_at IS NULL AND kind = :kind AND batch_id = :batch AND quiet = :quiet ORDER BY id DESC LIMIT 1;

-- name: notification.of_record
SELECT id FROM notification
 WHERE user_id = :user AND read_at IS NULL AND kind = :kind AND record_id = :record AND actor_id = :actor
   AND batch_id IS NULL AND quiet = :quiet
 ORDER BY id DESC LIMIT 1;

-- name: notification.renew
UPDATE notification SET at = :at, text = :text WHERE id = :id;

-- name: notification.times
SELECT times FROM notification WHERE id = :id;

-- What is about many records is about none of them.
-- name: notification.many
UPDATE notification SET at = :at, text = :text, path = :path, times = :times, record_id = NULL WHERE id = :id;

-- name: notification.just_told
SELECT count(*) FROM (SELECT 1 FROM notification
 WHERE user_id = :user AND record_id = :record AND at >= :since
   AND read_at IS NULL AND kind NOT IN ('change', 'comment') LIMIT 1) AS one;

-- name: notification.unread
SELECT count(*) FROM (SELECT 1 FROM notification
 WHERE user_id = :user AND read_at IS NULL AND quiet = 0 LIMIT 100) AS unread;

-- rows: one object an event.
-- name: outbox.add @sqlite
INSERT INTO outbox (kind, contact_id, at, record_id, value_minor, visitor, props, touch, flags, bot, link, other)
SELECT json_extract(value, '$.kind'), json_extract(value, '$.contact'), json_extract(value, '$.at'),
       json_extract(value, '$.record'), json_extract(value, '$.value'), json_extract(value, '$.visitor'),
       json_extract(value, '$.props'), json_extract(value, '$.touch'), json_extract(value, '$.flags'),
       json_extract(value, '$.bot'), json_extract(value, '$.link'), json_extract(value, '$.other')
  FROM json_each(:rows);

-- Numbers must be drawn in the order of commits: who draws one keeps others waiting until it commits.
-- name: outbox.add @postgres
WITH alone AS MATERIALIZED (SELECT pg_advisory_xact_lock(4670722565))
INSERT INTO outbox (id, kind, contact_id, at, record_id, value_minor, visitor, props, touch, flags, bot, link, other)
SELECT nextval('outbox_seq'), x.kind, x.contact, x.at, x.record, x.value, x.visitor, x.props, x.touch, x.flags, x.bot,
       x.link, x.other
  FROM alone, jsonb_to_recordset(CAST(:rows AS JSONB))
    AS x (kind TEXT, contact BIGINT, at BIGINT, record BIGINT, value BIGINT, visitor BIGINT, props TEXT, touch TEXT,
          flags INTEGER, bot INTEGER, link INTEGER, other BIGINT);

-- name: outbox.take
SELECT id, kind, contact_id, at, record_id, value_minor, visitor, props, touch, flags, bot,
       link, other FROM outbox
 WHERE id > :after ORDER BY id LIMIT :limit;

-- name: outbox.forget
DELETE FROM outbox WHERE id <= :seq;

-- name: outbox.any
SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT 1) AS one;

-- name: outbox.advance @sqlite
INSERT INTO sqlite_sequence (name, seq)
SELECT 'outbox', :seq WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'outbox');

-- name: outbox.advance_more @sqlite
UPDATE sqlite_sequence SET seq = :seq WHERE name = 'outbox' AND seq < :seq;

-- name: outbox.advance @postgres
SELECT setval('outbox_seq', GREATEST((SELECT last_value FROM outbox_seq), :seq));

-- name: search.put
INSERT INTO search_doc (id, type, words) VALUES (:id, :type, :words)
ON CONFLICT (id) DO UPDATE SET words = excluded.words;

-- name: search.forget
DELETE FROM search_doc WHERE id = :id;

-- SQLite's index is a table of its own: what is there must be taken out with the very words that went in.
-- name: search.words @sqlite
SELECT words FROM search_doc WHERE id = :id;

-- name: search.unindex @sqlite
INSERT INTO search (search, rowid, words) VALUES ('delete', :id, :words);

-- name: search.rebuild @sqlite
INSERT INTO search (search) VALUES ('rebuild');

-- name: search.index @sqlite
INSERT INTO search (rowid, words) VALUES (:id, :words);

-- ---- who follows ----
-- name: watch.list
SELECT user_id, follows FROM record_follow WHERE record_id = :record ORDER BY id LIMIT 500;

-- name: watch.of
SELECT follows FROM record_follow WHERE record_id = :record AND user_id = :user;

-- name: watch.put
INSERT INTO record_follow (id, type, record_id, user_id, follows, at)
VALUES (:id, :type, :record, :user, :follows, :at)
ON CONFLICT (record_id, user_id) DO UPDATE SET follows = excluded.follows, at = excluded.at;

-- Who said that they do not want to follow goes on not following.
-- name: watch.begin
INSERT INTO record_follow (id, type, record_id, user_id, follows, at)
VALUES (:id, :type, :record, :user, 1, :at)
ON CONFLICT (record_id, user_id) DO NOTHING;

-- name: watch.mine
SELECT type, record_id FROM record_follow WHERE user_id = :user AND follows = 1 ORDER BY id DESC LIMIT 500;
