-- q5.person.sql -- q5.sql for the table by person and time only: DuckDB reads rows in the order they were inserted, so
-- the row before is the person's event before, and nothing has to be sorted to find changes of channel. Only one thread
-- can do that, so it does little else: it passes over all people, those without a form too.
WITH submit AS MATERIALIZED (
    SELECT person, sec AS sent FROM events WHERE kind = 2 AND sec >= {FROM} AND sec < {TO}),
touch AS (
    SELECT person, sec, channel, lag(person) OVER () AS other, lag(channel) OVER () AS before
      FROM events
     WHERE if(kind = 0, channel, kind = 4) <> 0 AND sec >= {FROM} AND sec < {TO}),
change AS (
    SELECT person, sec, channel AS c1,
           if(lag(person, 1) OVER () = person, lag(channel, 1) OVER (), 0) AS c2,
           if(lag(person, 2) OVER () = person, lag(channel, 2) OVER (), 0) AS c3
      FROM touch
     WHERE other IS NULL OR other <> person OR before <> channel),
told AS (
    -- Person and time in one number, for an ASOF JOIN with an equality ends DuckDB 1.5.6 with an internal error.
    SELECT (person::UBIGINT << 32) | sec AS moment, c3, c2, c1 FROM change),
asked AS (
    SELECT (person::UBIGINT << 32) | sent AS moment FROM submit),
met AS MATERIALIZED (
    SELECT c3, c2, c1 FROM asked ASOF JOIN told ON asked.moment > told.moment
     WHERE asked.moment >> 32 = told.moment >> 32),
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
