-- When a contact became a lead: a milestone of attribution, whoever asks.
-- name: attribution.lead_at
SELECT lead_at FROM contact WHERE id = :contact;
