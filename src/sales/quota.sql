-- name: quota.people
SELECT u.id, u.name, t.id, t.name FROM "user" u JOIN team t ON t.id = u.team_id
 WHERE u.active = 1 AND t.kind = 'sales' AND u.deleted_at IS NULL AND t.deleted_at IS NULL
 ORDER BY t.name, t.id, u.name, u.id LIMIT 150;

-- name: quota.products
SELECT id, name, 0, '' FROM product WHERE active = 1 AND deleted_at IS NULL
 ORDER BY name, id LIMIT 150;

-- Everybody, and whom they report to.
-- name: quota.reports
SELECT id, name, COALESCE(manager_id, 0) FROM "user" WHERE deleted_at IS NULL ORDER BY name, id
 LIMIT 2000;
