-- name: picture.put
INSERT INTO picture (id, name, type, hash, width, height, size, bytes, at, by_user)
VALUES (:id, :name, :type, :hash, :width, :height, :size, :bytes, :at, :user);

-- name: picture.by_hash
SELECT id FROM picture WHERE hash = :hash;

-- name: picture.get
SELECT type, bytes FROM picture WHERE id = :id;

-- name: picture.latest
SELECT id, name, type, width, height, size FROM picture ORDER BY id DESC LIMIT :limit;
