-- name: product.tier
SELECT id FROM price_book_entry
 WHERE book_id = :book AND product_id = :product AND from_quantity <= :quantity AND deleted_at IS NULL
 ORDER BY from_quantity DESC, id LIMIT 1;

-- name: product.same_tier
SELECT count(*) FROM price_book_entry
 WHERE book_id = :book AND product_id = :product AND from_quantity = :quantity AND id <> :self AND deleted_at IS NULL;

-- name: product.parts
SELECT id FROM product_part WHERE bundle_id = :bundle AND deleted_at IS NULL ORDER BY id LIMIT :limit;

-- name: product.is_part
SELECT count(*) FROM product_part WHERE product_id = :product AND deleted_at IS NULL;

-- name: product.other_default_tax
SELECT id FROM tax_rate WHERE is_default = 1 AND country_fold = :country AND id <> :keep AND deleted_at IS NULL;

-- name: product.other_default_book
SELECT id FROM price_book WHERE is_default = 1 AND id <> :keep AND deleted_at IS NULL;

-- name: product.default_tax
SELECT id FROM tax_rate
 WHERE is_default = 1 AND (country_fold = :country OR country_fold = '') AND deleted_at IS NULL
 ORDER BY CASE WHEN country_fold = '' THEN 1 ELSE 0 END, id LIMIT 1;

-- name: product.default_book
SELECT id FROM price_book
 WHERE is_default = 1 AND (valid_from IS NULL OR valid_from <= :today) AND (valid_until IS NULL OR valid_until >= :today)
   AND deleted_at IS NULL
 ORDER BY id LIMIT 1;
