-- Articles: what is published, and what of them is kept in memory.

-- name: article.edition
SELECT number FROM article_edition WHERE id = 1;

-- name: article.edition_up
UPDATE article_edition SET number = number + 1 WHERE id = 1;

-- name: article.published
SELECT a.id, a.section_id, a.translates_id, a.updated_at, a.slug, a.title, a.summary, a.language, a.visibility, a.text, a.keywords
  FROM article a LEFT JOIN article_section s ON s.id = a.section_id
 WHERE a.status = 'published' AND a.deleted_at IS NULL
 ORDER BY coalesce(s.position, 1000000), coalesce(a.section_id, 0), a.position, a.title_fold, a.id LIMIT :limit;

-- name: article.sections
SELECT id, parent_id, slug, name, summary FROM article_section WHERE deleted_at IS NULL ORDER BY position, name_fold, id LIMIT :limit;

-- name: article.sent
SELECT id FROM ticket_article WHERE ticket_id = :ticket AND article_id = :article AND deleted_at IS NULL LIMIT 1;

-- name: article.sent_with
SELECT id FROM ticket_article WHERE ticket_id = :ticket AND deleted_at IS NULL ORDER BY id LIMIT :limit;

-- name: article.vote_of
SELECT id FROM article_vote WHERE article_id = :article AND visitor = :visitor AND deleted_at IS NULL ORDER BY id DESC LIMIT 1;

-- name: article.votes
SELECT CAST(coalesce(sum(helpful), 0) AS BIGINT), count(*) FROM article_vote WHERE article_id = :article AND deleted_at IS NULL;

-- name: article.solved
SELECT count(DISTINCT ticket_id) FROM ticket_article WHERE article_id = :article AND solved_at IS NOT NULL AND deleted_at IS NULL;

-- name: article.add_reads
INSERT INTO article_read_count (article_id, day, reads) VALUES (:article, :day, :reads)
    ON CONFLICT (article_id, day) DO UPDATE SET reads = article_read_count.reads + excluded.reads;

-- name: article.reads
SELECT CAST(coalesce(sum(reads), 0) AS BIGINT) FROM article_read_count WHERE article_id = :article AND day >= :from_day;

-- name: article.most_read
SELECT article_id, CAST(sum(reads) AS BIGINT) FROM article_read_count WHERE day >= :from_day
 GROUP BY article_id ORDER BY 2 DESC, 1 LIMIT :limit;

-- name: article.report
SELECT a.id, a.title, a.visibility, a.review_on,
       CAST(coalesce((SELECT sum(c.reads) FROM article_read_count c WHERE c.article_id = a.id AND c.day >= :from_day), 0) AS BIGINT) AS reads,
       CAST(coalesce((SELECT sum(v.helpful) FROM article_vote v WHERE v.article_id = a.id AND v.created_at >= :from_ms AND v.deleted_at IS NULL), 0) AS BIGINT),
       (SELECT count(*) FROM article_vote v WHERE v.article_id = a.id AND v.created_at >= :from_ms AND v.deleted_at IS NULL),
       (SELECT count(DISTINCT t.ticket_id) FROM ticket_article t WHERE t.article_id = a.id AND t.solved_at >= :from_ms AND t.deleted_at IS NULL)
  FROM article a WHERE a.status = 'published' AND a.deleted_at IS NULL ORDER BY reads DESC, a.title_fold, a.id LIMIT :limit;

-- name: help.searched
SELECT min(text), CAST(sum(times) AS BIGINT) AS times, CAST(max(found) AS BIGINT) FROM help_search
 WHERE created_at >= :from_ms AND found > 0 AND deleted_at IS NULL GROUP BY text_fold ORDER BY times DESC, 1 LIMIT :limit;

-- name: help.not_found
SELECT min(text), CAST(sum(times) AS BIGINT) AS times, CAST(max(created_at) AS BIGINT) FROM help_search
 WHERE created_at >= :from_ms AND found = 0 AND deleted_at IS NULL GROUP BY text_fold ORDER BY times DESC, 1 LIMIT :limit;

-- name: help.said
SELECT v.article_id, a.title, v.helpful, v.comment, v.created_at FROM article_vote v JOIN article a ON a.id = v.article_id
 WHERE v.comment <> '' AND v.created_at >= :from_ms AND v.deleted_at IS NULL AND a.deleted_at IS NULL ORDER BY v.created_at DESC, v.id DESC LIMIT :limit;
