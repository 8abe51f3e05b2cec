-- Lines of orders of which nothing was invoiced; without what became a subscription.
-- name: billing.order_lines
SELECT o.id, o.company_id, o.contact_id, o.owner_id, o.deal_id, l.product_id, l.tax_percent,
       l.amount_minor, l.amount_currency, l.name, o.tax_chosen
  FROM sales_order o JOIN order_line l ON l.order_id = o.id
 WHERE o.ordered_on >= :from AND o.ordered_on < :to AND (:order = 0 OR o.id = :order)
   AND o.status <> 'cancelled' AND o.deleted_at IS NULL AND l.deleted_at IS NULL
   AND l.subscription_id IS NULL AND l.amount_minor <> 0
   AND (o.company_id IS NOT NULL OR o.contact_id IS NOT NULL)
   AND NOT EXISTS (SELECT 1 FROM invoice i
                    WHERE i.order_id = o.id AND i.kind = 'invoice' AND i.voided = 0
                      AND i.deleted_at IS NULL)
   AND NOT EXISTS (SELECT 1 FROM invoice_line x JOIN invoice i ON i.id = x.invoice_id
                    WHERE x.order_id = o.id AND i.kind = 'invoice' AND i.voided = 0
                      AND i.deleted_at IS NULL AND x.deleted_at IS NULL)
 ORDER BY o.id, l.position, l.id LIMIT 50000;

-- Subscriptions that run in these days, with what they cost from which day on, and the order's line
-- that they came from.
-- name: billing.subscriptions
SELECT s.id, s.company_id, s.contact_id, s.owner_id, s.deal_id, s.name, s.started_on, s.ends_on,
       p.from_date, p.amount_minor, p.months, p.amount_currency,
       (SELECT l.product_id FROM order_line l WHERE l.subscription_id = s.id
           AND l.deleted_at IS NULL ORDER BY l.id LIMIT 1),
       (SELECT l.tax_percent FROM order_line l WHERE l.subscription_id = s.id
           AND l.deleted_at IS NULL ORDER BY l.id LIMIT 1),
       (SELECT o.tax_chosen FROM order_line l JOIN sales_order o ON o.id = l.order_id
         WHERE l.subscription_id = s.id AND l.deleted_at IS NULL ORDER BY l.id LIMIT 1)
  FROM subscription s JOIN subscription_phase p ON p.subscription_id = s.id
 WHERE s.started_on < :to AND (s.ends_on IS NULL OR s.ends_on > :from)
   AND s.deleted_at IS NULL AND p.deleted_at IS NULL
 ORDER BY s.id, p.from_date, p.id LIMIT 200000;

-- name: billing.invoiced_period
SELECT COUNT(*) FROM invoice_line x JOIN invoice i ON i.id = x.invoice_id
 WHERE x.subscription_id = :subscription AND x.service_from = :from AND i.kind = 'invoice'
   AND i.voided = 0 AND i.deleted_at IS NULL AND x.deleted_at IS NULL;
