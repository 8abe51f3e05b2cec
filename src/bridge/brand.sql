-- name: brand.default
SELECT id FROM brand WHERE deleted_at IS NULL ORDER BY is_default DESC, id LIMIT 1;

-- name: brand.other_defaults
SELECT id FROM brand WHERE deleted_at IS NULL AND is_default = 1 AND id <> :id LIMIT 20;
