-- why:    buyers are taxed by where they are: VAT ids of companies, the treatment of quotes, orders and invoices (S3, S7).
-- step:   expand. What is there already has none: its lines' rates count as they did.
-- engine: both, one text.
ALTER TABLE company ADD COLUMN vat_id TEXT NOT NULL DEFAULT '';
ALTER TABLE company ADD COLUMN vat_id_fold TEXT NOT NULL DEFAULT '';
ALTER TABLE quote ADD COLUMN tax_chosen TEXT NOT NULL DEFAULT '';
ALTER TABLE quote ADD COLUMN tax_treatment TEXT NOT NULL DEFAULT '';
ALTER TABLE quote ADD COLUMN tax_why TEXT NOT NULL DEFAULT '';
ALTER TABLE quote ADD COLUMN tax_why_fold TEXT NOT NULL DEFAULT '';
CREATE INDEX quote_by_tax_treatment ON quote ("tax_treatment", id, deleted_at);
ALTER TABLE invoice ADD COLUMN tax_treatment TEXT NOT NULL DEFAULT '';
ALTER TABLE invoice ADD COLUMN tax_why TEXT NOT NULL DEFAULT '';
ALTER TABLE invoice ADD COLUMN tax_why_fold TEXT NOT NULL DEFAULT '';
ALTER TABLE sales_order ADD COLUMN tax_chosen TEXT NOT NULL DEFAULT '';
