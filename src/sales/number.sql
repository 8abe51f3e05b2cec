-- name: document.next_number
INSERT INTO document_number (series, year, last) VALUES (:series, :year, 1)
ON CONFLICT (series, year) DO UPDATE SET last = document_number.last + 1
RETURNING last;
