-- why:    subscriptions, what they cost from which day on, the movements of monthly recurring revenue, renewals in the pipeline, and orders (S4, S7).
-- step:   expand.
-- engine: both, one text.
CREATE TABLE subscription (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    company_id BIGINT,
    contact_id BIGINT,
    amount_minor BIGINT,
    amount_currency TEXT NOT NULL DEFAULT '',
    amount_base_minor BIGINT,
    months BIGINT,
    started_on BIGINT,
    term_months BIGINT,
    renews_on BIGINT,
    auto_renew INTEGER NOT NULL DEFAULT 0,
    ends_on BIGINT,
    cancel_reason TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    owner_id BIGINT,
    status TEXT NOT NULL DEFAULT '',
    mrr_minor BIGINT,
    mrr_currency TEXT NOT NULL DEFAULT '',
    mrr_base_minor BIGINT,
    deal_id BIGINT,
    renewal_id BIGINT
);
CREATE INDEX subscription_by_created_at ON subscription ("created_at", id, deleted_at);
CREATE INDEX subscription_trash ON subscription (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX subscription_by_company_id ON subscription ("company_id", id, deleted_at);
CREATE INDEX subscription_by_contact_id ON subscription ("contact_id", id, deleted_at);
CREATE INDEX subscription_by_started_on ON subscription ("started_on", id, deleted_at);
CREATE INDEX subscription_by_renews_on ON subscription ("renews_on", id, deleted_at);
CREATE INDEX subscription_by_ends_on ON subscription ("ends_on", id, deleted_at);
CREATE INDEX subscription_by_owner_id ON subscription ("owner_id", id, deleted_at);
CREATE INDEX subscription_by_status ON subscription ("status", id, deleted_at);
CREATE INDEX subscription_by_deal_id ON subscription ("deal_id", id, deleted_at);
CREATE INDEX subscription_by_renewal_id ON subscription ("renewal_id", id, deleted_at);
CREATE TABLE subscription_phase (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    subscription_id BIGINT,
    from_date BIGINT,
    amount_minor BIGINT,
    amount_currency TEXT NOT NULL DEFAULT '',
    amount_base_minor BIGINT,
    months BIGINT,
    note TEXT NOT NULL DEFAULT '',
    note_fold TEXT NOT NULL DEFAULT '',
    mrr_minor BIGINT,
    mrr_currency TEXT NOT NULL DEFAULT '',
    mrr_base_minor BIGINT
);
CREATE INDEX subscription_phase_by_created_at ON subscription_phase ("created_at", id, deleted_at);
CREATE INDEX subscription_phase_trash ON subscription_phase (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX subscription_phase_by_subscription_id ON subscription_phase ("subscription_id", id, deleted_at);
CREATE INDEX subscription_phase_by_from_date ON subscription_phase ("from_date", id, deleted_at);
CREATE TABLE mrr_movement (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    company_id BIGINT,
    contact_id BIGINT,
    subscription_id BIGINT,
    on_date BIGINT,
    kind TEXT NOT NULL DEFAULT '',
    amount_minor BIGINT,
    amount_currency TEXT NOT NULL DEFAULT '',
    amount_base_minor BIGINT,
    logos BIGINT,
    owner_id BIGINT
);
CREATE INDEX mrr_movement_by_created_at ON mrr_movement ("created_at", id, deleted_at);
CREATE INDEX mrr_movement_trash ON mrr_movement (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX mrr_movement_by_company_id ON mrr_movement ("company_id", id, deleted_at);
CREATE INDEX mrr_movement_by_contact_id ON mrr_movement ("contact_id", id, deleted_at);
CREATE INDEX mrr_movement_by_subscription_id ON mrr_movement ("subscription_id", id, deleted_at);
CREATE INDEX mrr_movement_by_on_date ON mrr_movement ("on_date", id, deleted_at);
CREATE INDEX mrr_movement_by_kind ON mrr_movement ("kind", id, deleted_at);
CREATE INDEX mrr_movement_by_owner_id ON mrr_movement ("owner_id", id, deleted_at);
ALTER TABLE pipeline ADD COLUMN is_renewal INTEGER NOT NULL DEFAULT 0;
CREATE TABLE sales_order (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    number TEXT NOT NULL DEFAULT '',
    number_fold TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT '',
    deal_id BIGINT,
    quote_id BIGINT,
    company_id BIGINT,
    contact_id BIGINT,
    owner_id BIGINT,
    ordered_on BIGINT,
    net_minor BIGINT,
    net_currency TEXT NOT NULL DEFAULT '',
    net_base_minor BIGINT,
    tax_minor BIGINT,
    tax_currency TEXT NOT NULL DEFAULT '',
    tax_base_minor BIGINT,
    total_minor BIGINT,
    total_currency TEXT NOT NULL DEFAULT '',
    total_base_minor BIGINT,
    monthly_minor BIGINT,
    monthly_currency TEXT NOT NULL DEFAULT '',
    monthly_base_minor BIGINT,
    note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX sales_order_by_created_at ON sales_order ("created_at", id, deleted_at);
CREATE INDEX sales_order_trash ON sales_order (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX sales_order_by_number_fold ON sales_order ("number_fold", id, deleted_at);
CREATE INDEX sales_order_by_status ON sales_order ("status", id, deleted_at);
CREATE INDEX sales_order_by_deal_id ON sales_order ("deal_id", id, deleted_at);
CREATE INDEX sales_order_by_quote_id ON sales_order ("quote_id", id, deleted_at);
CREATE INDEX sales_order_by_company_id ON sales_order ("company_id", id, deleted_at);
CREATE INDEX sales_order_by_contact_id ON sales_order ("contact_id", id, deleted_at);
CREATE INDEX sales_order_by_owner_id ON sales_order ("owner_id", id, deleted_at);
CREATE INDEX sales_order_by_ordered_on ON sales_order ("ordered_on", id, deleted_at);
CREATE INDEX sales_order_by_net_base_minor ON sales_order ("net_base_minor", id, deleted_at);
CREATE TABLE order_line (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    order_id BIGINT,
    position BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    product_id BIGINT,
    quantity BIGINT,
    months BIGINT,
    amount_minor BIGINT,
    amount_currency TEXT NOT NULL DEFAULT '',
    amount_base_minor BIGINT,
    subscription_id BIGINT
);
CREATE INDEX order_line_by_created_at ON order_line ("created_at", id, deleted_at);
CREATE INDEX order_line_trash ON order_line (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX order_line_by_order_id ON order_line ("order_id", id, deleted_at);
CREATE INDEX order_line_by_position ON order_line ("position", id, deleted_at);
CREATE INDEX order_line_by_product_id ON order_line ("product_id", id, deleted_at);
CREATE INDEX order_line_by_subscription_id ON order_line ("subscription_id", id, deleted_at);
