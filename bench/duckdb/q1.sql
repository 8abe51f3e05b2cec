-- q1.sql -- funnel by channel of the first page view: page view, form submitted, MQL, deal created, deal won, in this
-- order and within 90 days of the first step. A step carries the latest start that reached the step before it.
-- Most people need no walk: whoever submitted within the window of the first page view, and was no MQL after it, is at
-- step 2. Only the others are sorted, which is what takes the time.
WITH entered AS MATERIALIZED (
    -- Time and channel in one number: its minimum costs less than half of min_by(channel, sec).
    SELECT person, min((sec::UBIGINT << 8) | channel) AS first
      FROM events
     WHERE kind = 0 AND sec >= {FROM} AND sec < {TO}
     GROUP BY person),
submitted AS MATERIALIZED (
    SELECT person, first & 255 AS channel, first >> 8 AS opened, min(sec) FILTER (kind = 2) AS submit,
           max(sec) FILTER (kind = 2) AS submit_last, max(sec) FILTER (kind = 8) AS mql_last
      FROM events JOIN entered USING (person)
     -- The BETWEEN is looked up in the zone maps and tested before the list is.
     WHERE kind BETWEEN 2 AND 8 AND kind IN (2, 8) AND sec >= {FROM} AND sec < {TO}
     GROUP BY person, first
    HAVING submit_last > opened),
plain AS (
    SELECT person, channel FROM submitted
     WHERE submit > opened AND submit - opened <= 7776000 AND (mql_last IS NULL OR mql_last < submit)),
hard AS MATERIALIZED (
    SELECT person, channel, opened FROM submitted ANTI JOIN plain USING (person)),
walk AS (
    -- The kinds are tested together with a column of the other side, else the test would run before the join, on all
    -- events instead of those of few people.
    SELECT person, sec, kind, max(if(kind = 0, sec, NULL)) OVER (PARTITION BY person ORDER BY sec) AS start
      FROM events JOIN hard USING (person)
     WHERE sec >= {FROM} AND sec < {TO} AND if(kind IN (0, 2, 8, 10, 12), sec, 0) >= opened),
submits AS (
    SELECT person, sec, kind, if(kind = 2 AND sec - start <= 7776000, start, NULL) AS start2 FROM walk WHERE kind <> 0),
mqls AS (
    SELECT *, if(kind = 8, max(start2) OVER (PARTITION BY person ORDER BY sec), NULL) AS open3,
           if(sec - open3 <= 7776000, open3, NULL) AS start3
      FROM submits),
deals AS (
    SELECT *, if(kind = 10, max(start3) OVER (PARTITION BY person ORDER BY sec), NULL) AS open4,
           if(sec - open4 <= 7776000, open4, NULL) AS start4
      FROM mqls),
wins AS (
    SELECT *, if(kind = 12, max(start4) OVER (PARTITION BY person ORDER BY sec), NULL) AS open5,
           if(sec - open5 <= 7776000, open5, NULL) AS start5
      FROM deals),
walked AS (
    SELECT person, CASE WHEN count(start5) > 0 THEN 5 WHEN count(start4) > 0 THEN 4 WHEN count(start3) > 0 THEN 3
                        WHEN count(start2) > 0 THEN 2 ELSE 1 END AS step
      FROM wins GROUP BY person),
reached AS (
    SELECT channel, step FROM walked JOIN hard USING (person)
     UNION ALL
    SELECT channel, 2 FROM plain),
further AS (
    SELECT channel, count(*) FILTER (step >= 2) AS n2, count(*) FILTER (step >= 3) AS n3,
           count(*) FILTER (step >= 4) AS n4, count(*) FILTER (step >= 5) AS n5
      FROM reached GROUP BY channel),
started AS (
    SELECT first & 255 AS channel, count(*) AS n1 FROM entered GROUP BY channel)
SELECT channel, n1, coalesce(n2, 0), coalesce(n3, 0), coalesce(n4, 0), coalesce(n5, 0)
  FROM started LEFT JOIN further USING (channel)
 ORDER BY channel
