-- why:    products, prices and quotes with versions, approvals and signatures.
-- step:   expand.
-- engine: both, one text.
CREATE TABLE tax_rate (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    percent BIGINT,
    country TEXT NOT NULL DEFAULT '',
    country_fold TEXT NOT NULL DEFAULT '',
    is_default INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX tax_rate_by_created_at ON tax_rate ("created_at", id, deleted_at);
CREATE INDEX tax_rate_trash ON tax_rate (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX tax_rate_unique_name_fold ON tax_rate ("name_fold") WHERE deleted_at IS NULL AND "name_fold" <> '';
CREATE INDEX tax_rate_by_name_fold ON tax_rate ("name_fold", id, deleted_at);
CREATE TABLE product (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    sku TEXT NOT NULL DEFAULT '',
    sku_fold TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    category TEXT NOT NULL DEFAULT '',
    category_fold TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT '',
    months BIGINT,
    price_minor BIGINT,
    price_currency TEXT NOT NULL DEFAULT '',
    price_base_minor BIGINT,
    cost_minor BIGINT,
    cost_currency TEXT NOT NULL DEFAULT '',
    cost_base_minor BIGINT,
    unit TEXT NOT NULL DEFAULT '',
    unit_fold TEXT NOT NULL DEFAULT '',
    tax_rate_id BIGINT,
    active INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX product_by_created_at ON product ("created_at", id, deleted_at);
CREATE INDEX product_trash ON product (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX product_by_name_fold ON product ("name_fold", id, deleted_at);
CREATE UNIQUE INDEX product_unique_sku_fold ON product ("sku_fold") WHERE deleted_at IS NULL AND "sku_fold" <> '';
CREATE INDEX product_by_category_fold ON product ("category_fold", id, deleted_at);
CREATE INDEX product_by_tax_rate_id ON product ("tax_rate_id", id, deleted_at);
CREATE TABLE product_part (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    bundle_id BIGINT,
    product_id BIGINT,
    quantity BIGINT
);
CREATE INDEX product_part_by_created_at ON product_part ("created_at", id, deleted_at);
CREATE INDEX product_part_trash ON product_part (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX product_part_by_bundle_id ON product_part ("bundle_id", id, deleted_at);
CREATE INDEX product_part_by_product_id ON product_part ("product_id", id, deleted_at);
CREATE TABLE price_book (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    currency TEXT NOT NULL DEFAULT '',
    currency_fold TEXT NOT NULL DEFAULT '',
    is_default INTEGER NOT NULL DEFAULT 0,
    valid_from BIGINT,
    valid_until BIGINT,
    tax_included INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX price_book_by_created_at ON price_book ("created_at", id, deleted_at);
CREATE INDEX price_book_trash ON price_book (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX price_book_unique_name_fold ON price_book ("name_fold") WHERE deleted_at IS NULL AND "name_fold" <> '';
CREATE INDEX price_book_by_name_fold ON price_book ("name_fold", id, deleted_at);
CREATE TABLE price_book_entry (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    book_id BIGINT,
    product_id BIGINT,
    from_quantity BIGINT,
    unit_price_minor BIGINT,
    unit_price_currency TEXT NOT NULL DEFAULT '',
    unit_price_base_minor BIGINT
);
CREATE INDEX price_book_entry_by_created_at ON price_book_entry ("created_at", id, deleted_at);
CREATE INDEX price_book_entry_trash ON price_book_entry (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX price_book_entry_by_book_id ON price_book_entry ("book_id", id, deleted_at);
CREATE INDEX price_book_entry_by_product_id ON price_book_entry ("product_id", id, deleted_at);
CREATE TABLE quote (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    number TEXT NOT NULL DEFAULT '',
    number_fold TEXT NOT NULL DEFAULT '',
    revision BIGINT,
    title TEXT NOT NULL DEFAULT '',
    title_fold TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT '',
    deal_id BIGINT,
    company_id BIGINT,
    contact_id BIGINT,
    owner_id BIGINT,
    currency TEXT NOT NULL DEFAULT '',
    currency_fold TEXT NOT NULL DEFAULT '',
    price_book_id BIGINT,
    tax_included INTEGER NOT NULL DEFAULT 0,
    valid_until BIGINT,
    intro TEXT NOT NULL DEFAULT '',
    terms TEXT NOT NULL DEFAULT '',
    discount_percent BIGINT,
    discount_amount_minor BIGINT,
    discount_amount_currency TEXT NOT NULL DEFAULT '',
    discount_amount_base_minor BIGINT,
    subtotal_minor BIGINT,
    subtotal_currency TEXT NOT NULL DEFAULT '',
    subtotal_base_minor BIGINT,
    discount_minor BIGINT,
    discount_currency TEXT NOT NULL DEFAULT '',
    discount_base_minor BIGINT,
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
    value_minor BIGINT,
    value_currency TEXT NOT NULL DEFAULT '',
    value_base_minor BIGINT,
    cost_minor BIGINT,
    cost_currency TEXT NOT NULL DEFAULT '',
    cost_base_minor BIGINT,
    margin BIGINT,
    discount_given BIGINT,
    sent_at BIGINT,
    opened_at BIGINT,
    seen_at BIGINT,
    opens BIGINT,
    decided_at BIGINT,
    signed_by TEXT NOT NULL DEFAULT '',
    signed_by_fold TEXT NOT NULL DEFAULT '',
    signed_from TEXT NOT NULL DEFAULT '',
    signed_from_fold TEXT NOT NULL DEFAULT '',
    declined_because TEXT NOT NULL DEFAULT '',
    document_hash TEXT NOT NULL DEFAULT '',
    document_hash_fold TEXT NOT NULL DEFAULT '',
    file_hash TEXT NOT NULL DEFAULT '',
    file_hash_fold TEXT NOT NULL DEFAULT '',
    replaces_id BIGINT,
    building INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX quote_by_created_at ON quote ("created_at", id, deleted_at);
CREATE INDEX quote_trash ON quote (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX quote_by_number_fold ON quote ("number_fold", id, deleted_at);
CREATE INDEX quote_by_status ON quote ("status", id, deleted_at);
CREATE INDEX quote_by_deal_id ON quote ("deal_id", id, deleted_at);
CREATE INDEX quote_by_company_id ON quote ("company_id", id, deleted_at);
CREATE INDEX quote_by_contact_id ON quote ("contact_id", id, deleted_at);
CREATE INDEX quote_by_owner_id ON quote ("owner_id", id, deleted_at);
CREATE INDEX quote_by_price_book_id ON quote ("price_book_id", id, deleted_at);
CREATE INDEX quote_by_valid_until ON quote ("valid_until", id, deleted_at);
CREATE INDEX quote_by_net_base_minor ON quote ("net_base_minor", id, deleted_at);
CREATE INDEX quote_by_total_base_minor ON quote ("total_base_minor", id, deleted_at);
CREATE INDEX quote_by_value_base_minor ON quote ("value_base_minor", id, deleted_at);
CREATE INDEX quote_by_sent_at ON quote ("sent_at", id, deleted_at);
CREATE INDEX quote_by_decided_at ON quote ("decided_at", id, deleted_at);
CREATE INDEX quote_by_replaces_id ON quote ("replaces_id", id, deleted_at);
CREATE TABLE quote_line (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    quote_id BIGINT,
    position BIGINT,
    kind TEXT NOT NULL DEFAULT '',
    product_id BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    quantity BIGINT,
    unit TEXT NOT NULL DEFAULT '',
    unit_fold TEXT NOT NULL DEFAULT '',
    unit_price_minor BIGINT,
    unit_price_currency TEXT NOT NULL DEFAULT '',
    unit_price_base_minor BIGINT,
    unit_cost_minor BIGINT,
    unit_cost_currency TEXT NOT NULL DEFAULT '',
    unit_cost_base_minor BIGINT,
    discount_percent BIGINT,
    discount_amount_minor BIGINT,
    discount_amount_currency TEXT NOT NULL DEFAULT '',
    discount_amount_base_minor BIGINT,
    tax_rate_id BIGINT,
    tax_percent BIGINT,
    months BIGINT,
    optional INTEGER NOT NULL DEFAULT 0,
    chosen INTEGER NOT NULL DEFAULT 0,
    amount_minor BIGINT,
    amount_currency TEXT NOT NULL DEFAULT '',
    amount_base_minor BIGINT
);
CREATE INDEX quote_line_by_created_at ON quote_line ("created_at", id, deleted_at);
CREATE INDEX quote_line_trash ON quote_line (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX quote_line_by_quote_id ON quote_line ("quote_id", id, deleted_at);
CREATE INDEX quote_line_by_position ON quote_line ("position", id, deleted_at);
CREATE INDEX quote_line_by_product_id ON quote_line ("product_id", id, deleted_at);
CREATE INDEX quote_line_by_tax_rate_id ON quote_line ("tax_rate_id", id, deleted_at);
CREATE TABLE quote_comment (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    quote_id BIGINT,
    kind TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT ''
);
CREATE INDEX quote_comment_by_created_at ON quote_comment ("created_at", id, deleted_at);
CREATE INDEX quote_comment_trash ON quote_comment (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX quote_comment_by_quote_id ON quote_comment ("quote_id", id, deleted_at);
CREATE TABLE approval_rule (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    filter TEXT NOT NULL DEFAULT '',
    approver_id BIGINT,
    position BIGINT,
    active INTEGER NOT NULL DEFAULT 0,
    delegate_id BIGINT,
    away_from BIGINT,
    away_until BIGINT
);
CREATE INDEX approval_rule_by_created_at ON approval_rule ("created_at", id, deleted_at);
CREATE INDEX approval_rule_trash ON approval_rule (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX approval_rule_unique_name_fold ON approval_rule ("name_fold") WHERE deleted_at IS NULL AND "name_fold" <> '';
CREATE INDEX approval_rule_by_approver_id ON approval_rule ("approver_id", id, deleted_at);
CREATE INDEX approval_rule_by_position ON approval_rule ("position", id, deleted_at);
CREATE INDEX approval_rule_by_delegate_id ON approval_rule ("delegate_id", id, deleted_at);
CREATE TABLE approval (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    quote_id BIGINT,
    rule_id BIGINT,
    why TEXT NOT NULL DEFAULT '',
    why_fold TEXT NOT NULL DEFAULT '',
    approver_id BIGINT,
    status TEXT NOT NULL DEFAULT '',
    position BIGINT,
    comment TEXT NOT NULL DEFAULT '',
    decided_at BIGINT,
    decided_by BIGINT
);
CREATE INDEX approval_by_created_at ON approval ("created_at", id, deleted_at);
CREATE INDEX approval_trash ON approval (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX approval_by_quote_id ON approval ("quote_id", id, deleted_at);
CREATE INDEX approval_by_rule_id ON approval ("rule_id", id, deleted_at);
CREATE INDEX approval_by_approver_id ON approval ("approver_id", id, deleted_at);
CREATE INDEX approval_by_status ON approval ("status", id, deleted_at);
CREATE INDEX approval_by_decided_by ON approval ("decided_by", id, deleted_at);
-- The last number of each kind and year: drawn in the transaction that makes the document, so that none is missing.
CREATE TABLE document_number (
    series TEXT NOT NULL,
    year BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (series, year)
);
-- The PDF of a quote as it was signed.
CREATE TABLE quote_file (
    quote_id BIGINT PRIMARY KEY,
    hash TEXT NOT NULL,
    bytes BLOB NOT NULL,
    at BIGINT NOT NULL
);
