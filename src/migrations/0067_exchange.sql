-- why:    rates of exchange have days: what is won counts at the rate of its day, what is open at today's (S3).
-- step:   expand. A subscription says since when it costs what it does: its rate is of that day.
-- engine: both, one text.
CREATE TABLE exchange_rate (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    currency TEXT NOT NULL DEFAULT '',
    currency_fold TEXT NOT NULL DEFAULT '',
    one_of TEXT NOT NULL DEFAULT '',
    one_of_fold TEXT NOT NULL DEFAULT '',
    rate BIGINT,
    day BIGINT,
    source TEXT NOT NULL DEFAULT '',
    source_fold TEXT NOT NULL DEFAULT '',
    key TEXT NOT NULL DEFAULT '',
    key_fold TEXT NOT NULL DEFAULT ''
);
CREATE INDEX exchange_rate_by_created_at ON exchange_rate ("created_at", id, deleted_at);
CREATE INDEX exchange_rate_trash ON exchange_rate (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX exchange_rate_by_day ON exchange_rate ("day", id, deleted_at);
CREATE UNIQUE INDEX exchange_rate_unique_key_fold ON exchange_rate ("key_fold") WHERE deleted_at IS NULL AND "key_fold" <> '';
CREATE INDEX exchange_rate_pair ON exchange_rate (currency_fold, day) WHERE deleted_at IS NULL;
ALTER TABLE subscription ADD COLUMN priced_on BIGINT;
UPDATE subscription SET priced_on = coalesce(
    (SELECT max(p.from_date) FROM subscription_phase p
      WHERE p.subscription_id = subscription.id AND p.deleted_at IS NULL
        AND p.from_date <= subscription.updated_at / 86400000), started_on);
-- Like other rules of the house: everybody reads them, administrators write them.
UPDATE role SET rules = replace(rules, '"approval_rule":{"read":"all"}',
    '"approval_rule":{"read":"all"},"exchange_rate":{"read":"all"}')
 WHERE rules NOT LIKE '%"exchange_rate"%';
