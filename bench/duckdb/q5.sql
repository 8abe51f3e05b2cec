-- q5.sql -- the last three channels before a form was submitted, without repeats (0: none); the twenty commonest.
-- Each change of channel holds until the next one, so a form finds its change by a hash join and a span of time.
-- (An ASOF JOIN by person, which reads better, ends DuckDB 1.5.6 with an internal error.)
WITH submit AS MATERIALIZED (
    SELECT person, sec AS sent FROM events WHERE kind = 2 AND sec >= {FROM} AND sec < {TO}),
touch AS (
    -- A page view with a channel or an email click, in one expression: OR takes more than twice as long.
    SELECT person, sec, channel, lag(channel) OVER (PARTITION BY person ORDER BY sec) AS before
      FROM events
     WHERE if(kind = 0, channel, kind = 4) <> 0 AND sec >= {FROM} AND sec < {TO}
       AND person IN (SELECT person FROM submit)),
change AS (
    SELECT person, sec, channel AS c1, lag(channel, 1, 0) OVER history AS c2, lag(channel, 2, 0) OVER history AS c3,
           lead(sec, 1, 4294967295) OVER history AS until
      FROM touch
     WHERE before IS NULL OR before <> channel
    WINDOW history AS (PARTITION BY person ORDER BY sec)),
met AS MATERIALIZED (
    SELECT c3, c2, c1 FROM change JOIN submit USING (person) WHERE sent > sec AND sent <= until),
counted AS (
    SELECT c3, c2, c1, count(*) AS n FROM met GROUP BY c3, c2, c1
     UNION ALL
    SELECT 0, 0, 0, (SELECT count(*) FROM submit) - (SELECT count(*) FROM met))
SELECT c3, c2, c1, sum(n) AS n
  FROM counted
 GROUP BY c3, c2, c1
HAVING sum(n) > 0
 ORDER BY n DESC, c3, c2, c1
 LIMIT 20
