-- name: approval.of_quote
SELECT id FROM approval WHERE quote_id = :quote AND deleted_at IS NULL ORDER BY id DESC LIMIT :limit;

-- The last day of an absence that is now; no row: they are here.
-- name: approval.absent_until
SELECT until_date FROM absence
 WHERE user_id = :user AND from_date <= :today AND until_date >= :today AND deleted_at IS NULL
 ORDER BY until_date DESC LIMIT 1;

-- Whether somebody stands in for whom this was asked of: the delegate of a rule whose approver is away, by the rule or by the list.
-- name: approval.delegated
SELECT count(*) FROM approval a JOIN approval_rule r ON r.id = a.rule_id AND r.deleted_at IS NULL
 WHERE a.id = :approval AND r.delegate_id = :user
   AND (((r.away_from IS NOT NULL OR r.away_until IS NOT NULL) AND coalesce(r.away_from, :today) <= :today
         AND coalesce(r.away_until, :today) >= :today)
        OR EXISTS (SELECT 1 FROM absence b WHERE b.user_id = r.approver_id AND b.from_date <= :today
                      AND b.until_date >= :today AND b.deleted_at IS NULL));
