-- why:    snippets of one's own, typed by a shortcut (S2).
-- step:   expand.
-- engine: both, one text.
ALTER TABLE snippet ADD COLUMN shortcut TEXT NOT NULL DEFAULT '';
ALTER TABLE snippet ADD COLUMN shortcut_fold TEXT NOT NULL DEFAULT '';
ALTER TABLE snippet ADD COLUMN shared TEXT NOT NULL DEFAULT '';
ALTER TABLE snippet ADD COLUMN owner_id BIGINT;
CREATE INDEX snippet_by_owner_id ON snippet ("owner_id", id, deleted_at);
UPDATE snippet SET shared = 'everyone';
