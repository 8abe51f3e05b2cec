-- Where support's mail comes in, and receipts sent lately.

-- name: support.mailbox
SELECT id FROM mailbox WHERE purpose = 'support' AND active = 1 AND deleted_at IS NULL ORDER BY id LIMIT 1;

-- name: support.receipts
SELECT count(*) FROM mail_message WHERE contact_id = :contact AND source = 'ticket_receipt' AND created_at >= :since;
