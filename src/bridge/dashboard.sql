-- name: dashboard.ready_count
-- Those in the trash too: who threw one away does not want it back at every start.
SELECT count(*) FROM dashboard WHERE ready = :ready;

-- Which one a user opens first; not one that is in the trash.
-- name: dashboard.first
SELECT d.id FROM dashboard_first f JOIN dashboard d ON d.id = f.dashboard_id
 WHERE f.user_id = :user AND d.deleted_at IS NULL;

-- name: dashboard.first_put
INSERT INTO dashboard_first (user_id, dashboard_id) VALUES (:user, :dashboard)
    ON CONFLICT (user_id) DO UPDATE SET dashboard_id = excluded.dashboard_id;

-- name: dashboard.first_forget
DELETE FROM dashboard_first WHERE user_id = :user;
