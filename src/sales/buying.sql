-- Roles of buying groups, key dates.

-- name: relation.same_role
SELECT count(*) FROM (SELECT 1 FROM buying_role WHERE contact_id = :contact AND role = :role AND deleted_at IS NULL
   AND coalesce(deal_id, 0) = :deal AND coalesce(company_id, 0) = :company AND id <> :self LIMIT 1) AS one;

-- Of what somebody is to be told now, or what comes round again.
-- name: relation.dates_due
SELECT id FROM key_date WHERE deleted_at IS NULL
   AND ((next_on >= :today AND next_on - coalesce(remind_days, 0) <= :today AND coalesce(reminded_for, -1000000) < next_on)
     OR (yearly = 1 AND next_on < :today))
 ORDER BY next_on, id LIMIT :limit;
