-- What the mails of a broadcast or a flow have in common.

-- name: mailing.put
INSERT INTO mailing (id, source, source_id, variant, links, utm_source, utm_medium, utm_campaign, utm_content)
VALUES (:id, :source, :source_id, :variant, :links, :utm_source, :utm_medium, :utm_campaign, :utm_content)
    ON CONFLICT (source, source_id, variant) DO UPDATE SET links = excluded.links, utm_source = excluded.utm_source,
       utm_medium = excluded.utm_medium, utm_campaign = excluded.utm_campaign, utm_content = excluded.utm_content;

-- name: mailing.of
SELECT links, utm_source, utm_medium, utm_campaign, utm_content FROM mailing
 WHERE source = :source AND source_id = :source_id AND variant = :variant;
