-- why:    a form may wear a brand of its own, and what there was no room for in a flood is counted.
-- step:   expand. The last release ignores both columns.
-- engine: both, one text.
ALTER TABLE form ADD COLUMN brand_id BIGINT;
CREATE INDEX form_by_brand_id ON form ("brand_id", id, deleted_at);
ALTER TABLE form_count ADD COLUMN refused BIGINT NOT NULL DEFAULT 0;
