-- name: order.of_deal
SELECT id FROM sales_order WHERE deal_id = :deal AND status <> 'cancelled' AND deleted_at IS NULL
 ORDER BY id DESC LIMIT 1;

-- The quote that a deal was won with.
-- name: order.quote
SELECT id FROM quote WHERE deal_id = :deal AND status = 'accepted' AND deleted_at IS NULL
 ORDER BY decided_at DESC, id DESC LIMIT 1;

-- name: order.subscriptions
SELECT subscription_id FROM order_line
 WHERE order_id = :order AND subscription_id IS NOT NULL AND deleted_at IS NULL
 ORDER BY id LIMIT 500;
