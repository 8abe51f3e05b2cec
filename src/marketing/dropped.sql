-- What was not counted, and why.
-- name: dropped.add
INSERT INTO site_dropped (day, site, reason, count) VALUES (:day, :site, :reason, :count)
    ON CONFLICT (day, site, reason) DO UPDATE SET count = site_dropped.count + :count;

-- name: dropped.between
SELECT reason, CAST(SUM(count) AS BIGINT) FROM site_dropped
 WHERE day >= :from_day AND day <= :to_day AND (:site = '' OR site = :site)
 GROUP BY reason ORDER BY 2 DESC, 1 LIMIT 20;
