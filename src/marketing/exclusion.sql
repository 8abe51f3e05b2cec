-- name: exclusion.all
SELECT e.kind, e.value, COALESCE(s.domain, '') FROM exclusion e LEFT JOIN site s ON s.id = e.site_id
 WHERE e.deleted_at IS NULL ORDER BY e.id LIMIT 1000;
