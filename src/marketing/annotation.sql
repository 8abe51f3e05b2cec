-- name: annotation.between
SELECT a.day, a.text, 0, a.id FROM annotation a LEFT JOIN site s ON s.id = a.site_id
 WHERE a.deleted_at IS NULL AND a.day >= :from_day AND a.day <= :to_day
   AND (a.site_id IS NULL OR :site = '' OR s.domain = :site)
UNION ALL
SELECT c.start_date, c.name, 1, c.id FROM campaign c
 WHERE :campaigns = 1 AND c.deleted_at IS NULL AND c.start_date >= :from_day AND c.start_date <= :to_day
 ORDER BY 1, 3, 4 LIMIT 200;
