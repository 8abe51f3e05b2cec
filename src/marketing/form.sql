-- name: form.by_slug
SELECT id FROM form WHERE slug_fold = :slug AND deleted_at IS NULL;
