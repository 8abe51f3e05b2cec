-- name: health.rules
SELECT id, name, area, filter, points, COALESCE(weight, 1) FROM health_rule
 WHERE active = 1 AND deleted_at IS NULL ORDER BY area, points, id LIMIT 100;

-- name: health.rule_count
SELECT COUNT(*) FROM health_rule;

-- name: health.of
SELECT id FROM customer_health WHERE company_id = :company AND deleted_at IS NULL
 ORDER BY id LIMIT 8;

-- name: health.known
SELECT COUNT(*) FROM customer_health WHERE company_id = :company AND deleted_at IS NULL;

-- name: health.worth
SELECT CAST(COALESCE(SUM(mrr_base_minor), 0) AS BIGINT),
       MIN(CASE WHEN status = 'active' THEN renews_on ELSE ends_on END)
  FROM subscription
 WHERE company_id = :company AND status IN ('active', 'cancelled') AND deleted_at IS NULL;

-- Who has a health, and who pays.
-- name: health.companies
SELECT id FROM company c
 WHERE deleted_at IS NULL AND id > :after
   AND (EXISTS (SELECT 1 FROM customer_health h
                 WHERE h.company_id = c.id AND h.deleted_at IS NULL)
     OR EXISTS (SELECT 1 FROM subscription s WHERE s.company_id = c.id AND s.deleted_at IS NULL)
     OR EXISTS (SELECT 1 FROM sales_order o WHERE o.company_id = c.id AND o.deleted_at IS NULL))
 ORDER BY id LIMIT :limit;

-- name: health.company_of
SELECT company_id FROM contact WHERE id = :contact AND company_id IS NOT NULL;
