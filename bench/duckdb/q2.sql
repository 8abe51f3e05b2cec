-- q2.sql -- attribution of won deals to the touches of the 90 days before: first, last, linear, U-shaped, time decay,
-- in thousandths of a cent, rounded down at each step; by channel, then by campaign.
WITH won AS MATERIALIZED (
    SELECT person, sec AS won_sec, value::BIGINT * 1000 AS credit
      FROM events
     WHERE kind = 12 AND sec >= {FROM} AND sec < {TO}),
history AS MATERIALIZED (
    SELECT person, sec, kind, channel, campaign
      FROM events
     WHERE sec >= {FROM} AND sec < {TO} AND person IN (SELECT person FROM won)),
path AS (
    SELECT channel, campaign, credit,
           floor(1048576 * pow(2.0, -((won_sec - sec) // 86400)::INTEGER / 7.0) + 0.5)::BIGINT AS weight,
           row_number() OVER (PARTITION BY person, won_sec ORDER BY sec) AS place,
           count(*) OVER (PARTITION BY person, won_sec) AS touches,
           sum(weight) OVER (PARTITION BY person, won_sec) AS weights
      FROM history JOIN won USING (person)
     -- A touch is a page view with a channel or an email click. The test names won_sec (never 0) so that it stays above
     -- the join: pushed down, it would be asked of all events and double the time.
     WHERE won_sec::BIGINT - sec BETWEEN 1 AND 7776000 AND if(kind = 0, channel, if(kind = 4, won_sec, 0)) <> 0),
share AS MATERIALIZED (
    SELECT channel, campaign,
           sum(if(place = 1, credit, 0)) AS first,
           sum(if(place = touches, credit, 0)) AS last,
           sum(credit // touches) AS linear,
           sum(CASE WHEN touches = 1 THEN credit
                    WHEN touches = 2 THEN credit // 2
                    WHEN place = 1 OR place = touches THEN credit * 4 // 10
                    ELSE credit * 2 // 10 // (touches - 2) END) AS u_shaped,
           sum(credit * weight // weights) AS decay
      FROM path GROUP BY channel, campaign)
SELECT if(grouping(channel) = 0, 'chan', 'camp') AS word, coalesce(channel, campaign) AS id,
       sum(first), sum(last), sum(linear), sum(u_shaped), sum(decay)
  FROM share
 GROUP BY GROUPING SETS ((channel), (campaign))
 ORDER BY grouping(channel), id
