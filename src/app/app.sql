-- name: app.outbox_applied
SELECT count(*) FROM outbox WHERE id <= :seq;
