-- name: team.count
SELECT count(*) FROM team;

-- name: role.count
SELECT count(*) FROM role;

-- name: role.admin
SELECT id FROM role WHERE admin = 1 AND deleted_at IS NULL ORDER BY id LIMIT 1;

-- name: role.users
SELECT count(*) FROM "user" WHERE role_id = :role AND deleted_at IS NULL;

-- Active administrators but this one, who can sign in.
-- name: user.other_admins
SELECT count(*) FROM "user" u JOIN role r ON r.id = u.role_id
 WHERE r.admin = 1 AND r.deleted_at IS NULL AND u.active = 1 AND u.deleted_at IS NULL AND u.id <> :id;

-- Active administrators by another role than this one.
-- name: user.other_admins_by_role
SELECT count(*) FROM "user" u JOIN role r ON r.id = u.role_id
 WHERE r.admin = 1 AND r.deleted_at IS NULL AND r.id <> :role AND u.active = 1
   AND u.deleted_at IS NULL;

-- name: user.is_admin_role
SELECT admin FROM role WHERE id = :id;

-- name: user.manager
SELECT COALESCE(manager_id, 0) FROM "user" WHERE id = :id;
