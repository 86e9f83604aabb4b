-- name: drafts.get_suggestion :maybe
-- What an edit starts from. It never changes, so it may be read before the decision.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000007'
SELECT
    d.suggested_text,
    d.suggested_html
FROM drafts.drafts AS d
WHERE d.tenant_id = :tenant_id
    AND d.id = :id;
