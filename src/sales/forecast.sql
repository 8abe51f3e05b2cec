-- All that was ever said of deals, deal by deal in the order in which it was. Ids rise with time.
-- name: forecast.changes
SELECT record_id, at, verb, batch_id, fields, id FROM change
 WHERE type = 'deal' AND (record_id > :record OR (record_id = :record AND id > :id))
 ORDER BY record_id, id LIMIT :limit;

-- The same of those deals only that were touched from an instant on.
-- name: forecast.changes_since
SELECT c.record_id, c.at, c.verb, c.batch_id, c.fields, c.id FROM change c
 WHERE c.type = 'deal' AND (c.record_id > :record OR (c.record_id = :record AND c.id > :id))
   AND c.record_id IN (SELECT d.id FROM deal d WHERE d.updated_at >= :since)
 ORDER BY c.record_id, c.id LIMIT :limit;

-- Also those in the trash: deals have been there.
-- name: forecast.stages
SELECT s.id, s.name, s.pipeline_id, s.probability, s.position FROM stage s
 WHERE s.kind = 'open' ORDER BY s.pipeline_id, s.position, s.id LIMIT :limit;

-- Who sells, and who has: also those who have left.
-- name: forecast.sellers
SELECT u.id, u.name, coalesce(u.team_id, 0), coalesce(t.name, ''),
       CASE WHEN t.kind = 'sales' AND u.active = 1 AND u.deleted_at IS NULL THEN 1 ELSE 0 END
  FROM "user" u LEFT JOIN team t ON t.id = u.team_id AND t.deleted_at IS NULL
 ORDER BY coalesce(t.name, ''), u.name, u.id LIMIT :limit;

-- name: forecast.serving
SELECT id FROM forecast_model WHERE deleted_at IS NULL ORDER BY made_at DESC, id DESC LIMIT 1;

-- name: forecast.last_week
SELECT coalesce(max(week), 0) FROM forecast_snapshot WHERE deleted_at IS NULL;

-- name: forecast.body
SELECT coalesce(body, '') FROM forecast_model WHERE id = :id;
