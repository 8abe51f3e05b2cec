-- q4.sql -- traffic of one channel and country: views, people and visits (a pause of more than 30 minutes starts one) a
-- day; then the ten pages viewed most. A person's first view of a day is the one whose predecessor is of another day,
-- which saves a DISTINCT.
WITH seen AS MATERIALIZED (
    SELECT person, sec, page
      FROM events
     WHERE kind = 0 AND channel = 3 AND country = 3 AND sec >= {FROM} AND sec < {TO}),
chained AS (
    SELECT sec, (sec - {ZERO}) // 86400 AS day, lag(sec) OVER (PARTITION BY person ORDER BY sec) AS before FROM seen),
days AS (
    SELECT day, count(*) AS views,
           count(*) FILTER (before IS NULL OR (before - {ZERO}) // 86400 < day) AS persons,
           count(*) FILTER (before IS NULL OR sec - before > 1800) AS visits
      FROM chained GROUP BY day),
pages AS (
    SELECT page, count(*) AS views FROM seen GROUP BY page ORDER BY views DESC, page LIMIT 10)
SELECT word, id, views, persons, visits
  FROM (SELECT 1 AS part, day AS place, 'day' AS word, day AS id, views, persons, visits FROM days
         UNION ALL
        SELECT 2, row_number() OVER (ORDER BY views DESC, page), 'page', page, views, NULL, NULL FROM pages)
 ORDER BY part, place
