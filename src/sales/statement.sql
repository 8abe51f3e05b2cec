-- name: commission.same_tier
SELECT COUNT(*) FROM commission_tier
 WHERE plan_id = :plan AND from_percent = :from AND COALESCE(product_id, 0) = :product
   AND id <> :id AND deleted_at IS NULL;

-- name: commission.manager
SELECT manager_id FROM "user" WHERE id = :user AND manager_id IS NOT NULL;

-- name: commission.split_sum
SELECT CAST(COALESCE(SUM(percent), 0) AS BIGINT) FROM commission_split
 WHERE deal_id = :deal AND id <> :id AND deleted_at IS NULL;

-- name: commission.tiers
SELECT from_percent, rate_percent FROM commission_tier
 WHERE plan_id = :plan AND product_id IS NULL AND deleted_at IS NULL
 ORDER BY from_percent, id LIMIT 20;

-- name: commission.product_rate
SELECT rate_percent FROM commission_tier
 WHERE plan_id = :plan AND product_id = :product AND deleted_at IS NULL ORDER BY id LIMIT 1;

-- name: commission.splits
SELECT user_id, percent FROM commission_split WHERE deal_id = :deal AND deleted_at IS NULL
 ORDER BY id LIMIT 100;

-- What was won: deals of this person, and those that they share.
-- name: commission.won
SELECT d.id, d.closed_at, d.amount_base_minor, d.owner_id, d.name FROM deal d
 WHERE d.status = 'won' AND d.closed_at >= :from AND d.closed_at < :to AND d.deleted_at IS NULL
   AND d.amount_base_minor IS NOT NULL
   AND (d.owner_id = :user
     OR EXISTS (SELECT 1 FROM commission_split s
                 WHERE s.deal_id = d.id AND s.user_id = :user AND s.deleted_at IS NULL))
 ORDER BY d.closed_at, d.id LIMIT 5000;

-- Parts of a deal's order that have a rate of their own.
-- name: commission.products
SELECT l.product_id, CAST(SUM(l.amount_base_minor) AS BIGINT)
  FROM sales_order o JOIN order_line l ON l.order_id = o.id
 WHERE o.deal_id = :deal AND o.status <> 'cancelled' AND o.deleted_at IS NULL
   AND l.deleted_at IS NULL
   AND EXISTS (SELECT 1 FROM commission_tier t WHERE t.plan_id = :plan
                  AND t.product_id = l.product_id AND t.deleted_at IS NULL)
 GROUP BY l.product_id ORDER BY l.product_id LIMIT 100;

-- What was paid of the invoices of such deals; refunds below 0.
-- name: commission.paid
SELECT d.id, s.on_date, s.closes_minor, d.owner_id, d.name, i.net_base_minor, i.total_base_minor
  FROM settlement s JOIN invoice i ON i.id = s.invoice_id JOIN deal d ON d.id = i.deal_id
 WHERE s.payment_id IS NOT NULL AND s.on_date >= :from AND s.on_date < :to
   AND s.deleted_at IS NULL AND i.deleted_at IS NULL AND d.deleted_at IS NULL
   AND (d.owner_id = :user
     OR EXISTS (SELECT 1 FROM commission_split x
                 WHERE x.deal_id = d.id AND x.user_id = :user AND x.deleted_at IS NULL))
 ORDER BY s.on_date, s.id LIMIT 5000;

-- What was earned on approved statements by deals that are won no more, and was not taken back yet.
-- name: commission.claws
SELECT e.id, e.deal_id, e.amount_minor, e.text FROM commission_entry e
  JOIN commission_statement s ON s.id = e.statement_id
  LEFT JOIN deal d ON d.id = e.deal_id
 WHERE s.plan_id = :plan AND s.owner_id = :user AND s.status <> 'draft' AND s.from_date < :from
   AND s.deleted_at IS NULL AND e.deleted_at IS NULL AND e.kind = 'earned'
   AND (d.id IS NULL OR d.status <> 'won' OR d.deleted_at IS NOT NULL)
   AND NOT EXISTS (SELECT 1 FROM commission_entry c WHERE c.claws_id = e.id
                      AND c.statement_id <> :statement AND c.deleted_at IS NULL)
 ORDER BY e.id LIMIT 1000;

-- name: commission.statement
SELECT id FROM commission_statement
 WHERE plan_id = :plan AND owner_id = :user AND from_date = :from AND deleted_at IS NULL
 ORDER BY id LIMIT 1;

-- name: commission.entries
SELECT id FROM commission_entry WHERE statement_id = :statement AND deleted_at IS NULL
 ORDER BY position, id LIMIT 10000;

-- name: commission.people
SELECT m.plan_id, m.user_id FROM commission_member m JOIN commission_plan p ON p.id = m.plan_id
 WHERE p.active = 1 AND p.from_date <= :day AND (p.until_date IS NULL OR p.until_date >= :day)
   AND (m.from_date IS NULL OR m.from_date <= :day)
   AND (m.until_date IS NULL OR m.until_date >= :day)
   AND p.deleted_at IS NULL AND m.deleted_at IS NULL
 ORDER BY m.plan_id, m.user_id LIMIT 2000;
