-- why:    a price that is typed below the list is a discount, too: each line of a quote keeps what the list says.
-- step:   expand.
-- engine: both, one text.
ALTER TABLE quote_line ADD COLUMN list_price_minor BIGINT;
ALTER TABLE quote_line ADD COLUMN list_price_currency TEXT NOT NULL DEFAULT '';
ALTER TABLE quote_line ADD COLUMN list_price_base_minor BIGINT;
