-- name: dashboard.ready_count
-- Those in the trash too: who threw one away does not want it back at every start.
SELECT count(*) FROM dashboard WHERE ready = :ready;

-- Which one a user opens first; not one that is in the trash.
-- name: dashboard.first
SELECT d.id FROM "user" u JOIN dashboard d ON d.id = u.dashboard_id
 WHERE u.id = :user AND d.deleted_at IS NULL;
