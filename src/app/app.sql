-- name: app.outbox_applied
SELECT count(*) FROM outbox WHERE id <= :seq;

-- name: app.outbox_given @sqlite
SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0);

-- name: app.outbox_given @postgres
SELECT last_value FROM outbox_seq;
