-- name: approval.of_quote
SELECT id FROM approval WHERE quote_id = :quote AND deleted_at IS NULL ORDER BY id DESC LIMIT :limit;

-- The last day of an absence that is now; no row: they are here.
-- name: approval.absent_until
SELECT until_date FROM absence
 WHERE user_id = :user AND from_date <= :today AND until_date >= :today AND deleted_at IS NULL
 ORDER BY until_date DESC LIMIT 1;

-- What somebody must decide, the oldest first: what was asked of them, and what was asked of an approver who is away, by the rule
-- or by the list, while they are the rule's delegate. :approval 0: all of it. Also read by Home.
-- name: approval.to_decide
SELECT a.id, a.quote_id, a.why, a.asked_because FROM approval a
  JOIN quote q ON q.id = a.quote_id AND q.deleted_at IS NULL
  LEFT JOIN approval_rule r ON r.id = a.rule_id AND r.deleted_at IS NULL
 WHERE a.status = 'pending' AND a.deleted_at IS NULL AND (:approval = 0 OR a.id = :approval)
   AND (a.approver_id = :user
        OR (r.delegate_id = :user
            AND (((r.away_from IS NOT NULL OR r.away_until IS NOT NULL) AND coalesce(r.away_from, :today) <= :today
                  AND coalesce(r.away_until, :today) >= :today)
                 OR EXISTS (SELECT 1 FROM absence b WHERE b.user_id = r.approver_id AND b.from_date <= :today
                               AND b.until_date >= :today AND b.deleted_at IS NULL))))
 ORDER BY a.id LIMIT :limit;
