-- q3.sql -- weekly retention: people by the week they were first seen in and the weeks since. A person's weeks are the
-- bits of one number (a year has 53), so people are grouped once, without DISTINCT; then people with equal bits are one
-- row.
WITH active AS (
    SELECT person, bit_or(1::UBIGINT << ((sec - {ZERO}) // 604800)) AS weeks
      FROM events
     WHERE sec >= {FROM} AND sec < {TO}
     GROUP BY person),
alike AS (
    -- The lowest bit's number: weeks XOR (weeks - 1) has the bits up to it.
    SELECT weeks, bit_count(xor(weeks, weeks - 1)) - 1 AS cohort, count(*) AS persons FROM active GROUP BY weeks)
SELECT cohort, week - cohort AS since, sum(persons)
  FROM alike, range(64) AS every(week)
 WHERE (weeks >> week::UBIGINT) & 1 = 1
 GROUP BY cohort, since
 ORDER BY cohort, since
