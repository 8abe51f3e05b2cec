-- why:    broadcasts go out at everybody's own time of day; the country alone does not always tell it.
-- step:   expand. Empty: from the country, else the workspace's.
-- engine: both, one text.
ALTER TABLE contact ADD COLUMN timezone TEXT NOT NULL DEFAULT '';
ALTER TABLE contact ADD COLUMN timezone_fold TEXT NOT NULL DEFAULT '';
