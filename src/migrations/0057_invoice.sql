-- why:    invoices and credit notes with their lines, payments, and what they settle (S7); the tax of an order's line.
-- step:   expand.
-- engine: both, one text.
CREATE TABLE invoice (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    number TEXT NOT NULL DEFAULT '',
    number_fold TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT '',
    company_id BIGINT,
    contact_id BIGINT,
    owner_id BIGINT,
    issued_on BIGINT,
    due_on BIGINT,
    net_minor BIGINT,
    net_currency TEXT NOT NULL DEFAULT '',
    net_base_minor BIGINT,
    tax_minor BIGINT,
    tax_currency TEXT NOT NULL DEFAULT '',
    tax_base_minor BIGINT,
    total_minor BIGINT,
    total_currency TEXT NOT NULL DEFAULT '',
    total_base_minor BIGINT,
    paid_minor BIGINT,
    paid_currency TEXT NOT NULL DEFAULT '',
    paid_base_minor BIGINT,
    balance_minor BIGINT,
    balance_currency TEXT NOT NULL DEFAULT '',
    balance_base_minor BIGINT,
    paid_on BIGINT,
    days_to_pay BIGINT,
    order_id BIGINT,
    deal_id BIGINT,
    credits_id BIGINT,
    voided INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX invoice_by_created_at ON invoice ("created_at", id, deleted_at);
CREATE INDEX invoice_trash ON invoice (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX invoice_unique_number_fold ON invoice ("number_fold") WHERE deleted_at IS NULL AND "number_fold" <> '';
CREATE INDEX invoice_by_status ON invoice ("status", id, deleted_at);
CREATE INDEX invoice_by_company_id ON invoice ("company_id", id, deleted_at);
CREATE INDEX invoice_by_contact_id ON invoice ("contact_id", id, deleted_at);
CREATE INDEX invoice_by_owner_id ON invoice ("owner_id", id, deleted_at);
CREATE INDEX invoice_by_issued_on ON invoice ("issued_on", id, deleted_at);
CREATE INDEX invoice_by_due_on ON invoice ("due_on", id, deleted_at);
CREATE INDEX invoice_by_balance_base_minor ON invoice ("balance_base_minor", id, deleted_at);
CREATE INDEX invoice_by_paid_on ON invoice ("paid_on", id, deleted_at);
CREATE INDEX invoice_by_order_id ON invoice ("order_id", id, deleted_at);
CREATE INDEX invoice_by_deal_id ON invoice ("deal_id", id, deleted_at);
CREATE INDEX invoice_by_credits_id ON invoice ("credits_id", id, deleted_at);
CREATE TABLE invoice_line (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    invoice_id BIGINT,
    position BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    product_id BIGINT,
    quantity BIGINT,
    unit_price_minor BIGINT,
    unit_price_currency TEXT NOT NULL DEFAULT '',
    unit_price_base_minor BIGINT,
    discount_percent BIGINT,
    tax_percent BIGINT,
    amount_minor BIGINT,
    amount_currency TEXT NOT NULL DEFAULT '',
    amount_base_minor BIGINT,
    order_id BIGINT,
    subscription_id BIGINT,
    service_from BIGINT,
    service_to BIGINT
);
CREATE INDEX invoice_line_by_created_at ON invoice_line ("created_at", id, deleted_at);
CREATE INDEX invoice_line_trash ON invoice_line (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX invoice_line_by_invoice_id ON invoice_line ("invoice_id", id, deleted_at);
CREATE INDEX invoice_line_by_position ON invoice_line ("position", id, deleted_at);
CREATE INDEX invoice_line_by_product_id ON invoice_line ("product_id", id, deleted_at);
CREATE INDEX invoice_line_by_order_id ON invoice_line ("order_id", id, deleted_at);
CREATE INDEX invoice_line_by_subscription_id ON invoice_line ("subscription_id", id, deleted_at);
CREATE TABLE payment (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    received_on BIGINT,
    amount_minor BIGINT,
    amount_currency TEXT NOT NULL DEFAULT '',
    amount_base_minor BIGINT,
    method TEXT NOT NULL DEFAULT '',
    reference TEXT NOT NULL DEFAULT '',
    reference_fold TEXT NOT NULL DEFAULT '',
    invoice_id BIGINT,
    company_id BIGINT,
    contact_id BIGINT,
    owner_id BIGINT,
    used_minor BIGINT,
    used_currency TEXT NOT NULL DEFAULT '',
    used_base_minor BIGINT,
    left_over_minor BIGINT,
    left_over_currency TEXT NOT NULL DEFAULT '',
    left_over_base_minor BIGINT,
    note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX payment_by_created_at ON payment ("created_at", id, deleted_at);
CREATE INDEX payment_trash ON payment (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX payment_by_received_on ON payment ("received_on", id, deleted_at);
CREATE INDEX payment_by_invoice_id ON payment ("invoice_id", id, deleted_at);
CREATE INDEX payment_by_company_id ON payment ("company_id", id, deleted_at);
CREATE INDEX payment_by_contact_id ON payment ("contact_id", id, deleted_at);
CREATE INDEX payment_by_owner_id ON payment ("owner_id", id, deleted_at);
CREATE INDEX payment_by_left_over_base_minor ON payment ("left_over_base_minor", id, deleted_at);
CREATE TABLE settlement (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    invoice_id BIGINT,
    payment_id BIGINT,
    credit_id BIGINT,
    amount_minor BIGINT,
    amount_currency TEXT NOT NULL DEFAULT '',
    amount_base_minor BIGINT,
    on_date BIGINT,
    closes_minor BIGINT,
    closes_currency TEXT NOT NULL DEFAULT '',
    closes_base_minor BIGINT,
    owner_id BIGINT
);
CREATE INDEX settlement_by_created_at ON settlement ("created_at", id, deleted_at);
CREATE INDEX settlement_trash ON settlement (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX settlement_by_invoice_id ON settlement ("invoice_id", id, deleted_at);
CREATE INDEX settlement_by_payment_id ON settlement ("payment_id", id, deleted_at);
CREATE INDEX settlement_by_credit_id ON settlement ("credit_id", id, deleted_at);
CREATE INDEX settlement_by_on_date ON settlement ("on_date", id, deleted_at);
CREATE INDEX settlement_by_owner_id ON settlement ("owner_id", id, deleted_at);
ALTER TABLE order_line ADD COLUMN tax_percent BIGINT;
