-- why:    a recycled lead goes into a chosen nurture flow; both teams' promises are measured in working hours; an answer can be
--         taken back.
-- step:   expand.
-- engine: both, one text.
ALTER TABLE handoff ADD COLUMN flow_id BIGINT;
ALTER TABLE handoff ADD COLUMN answer_hours BIGINT;
ALTER TABLE handoff ADD COLUMN touch_hours BIGINT;
ALTER TABLE handoff ADD COLUMN contact_before TEXT NOT NULL DEFAULT '';
ALTER TABLE handoff ADD COLUMN contact_before_fold TEXT NOT NULL DEFAULT '';
CREATE INDEX handoff_by_flow_id ON handoff ("flow_id", id, deleted_at);
UPDATE handoff SET answer_hours = (response_minutes * 100 + 30) / 60 WHERE response_minutes IS NOT NULL;
-- expect 0: answered hand-offs whose time is not told in hours
SELECT count(*) FROM handoff WHERE response_minutes IS NOT NULL AND answer_hours IS NULL;
