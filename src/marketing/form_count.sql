-- Views, starts and posts of forms by day and source.
-- name: form_count.add
INSERT INTO form_count (form_id, day, source, views, starts, submits, refused)
VALUES (:form, :day, :source, :views, :starts, :submits, :refused)
    ON CONFLICT (form_id, day, source) DO UPDATE SET views = form_count.views + excluded.views,
       starts = form_count.starts + excluded.starts, submits = form_count.submits + excluded.submits,
       refused = form_count.refused + excluded.refused;

-- name: form_count.days
SELECT day, CAST(SUM(views) AS BIGINT), CAST(SUM(starts) AS BIGINT), CAST(SUM(submits) AS BIGINT),
       CAST(SUM(refused) AS BIGINT) FROM form_count
 WHERE form_id = :form AND day >= :from_day GROUP BY day ORDER BY day LIMIT 1000;

-- name: form_count.sources
SELECT source, CAST(SUM(views) AS BIGINT), CAST(SUM(starts) AS BIGINT), CAST(SUM(submits) AS BIGINT) FROM form_count
 WHERE form_id = :form AND day >= :from_day GROUP BY source ORDER BY 2 DESC, 1 LIMIT :limit;
