-- name: pipelines.put_report :maybe
-- The inspiration report of a run, as its worker reports it: the same again replaces it, and the lease is extended. No
-- row when the lease is lost. After enter_for_all_users. Index: inspiration_reports_run_key.
-- param: tenant_id             uuid     = '00000000-0000-7000-8000-000000000001'
-- param: id                    uuid     = '00000000-0000-7000-8000-000000000021'
-- param: lease_id              uuid     = '00000000-0000-7000-8000-000000000009'
-- param: lease                 interval = '60 seconds'
-- param: inspiration1_title    text     = 'Oat milk'
-- param: inspiration1_content  text     = 'Why oats.'
-- param: inspiration1_elements text[]   = '{oats,barista}'
-- param: inspiration2_title    text     = 'Refill'
-- param: inspiration2_content  text     = 'Why refill.'
-- param: inspiration2_elements text[]   = '{}'
-- single: held is one run
WITH held AS (
    UPDATE pipelines.runs AS r
    SET lease_expires_at = now() + :lease
    WHERE r.tenant_id = :tenant_id
        AND r.id = :id
        AND r.lease_id = :lease_id
        AND r.lease_expires_at > now()
    RETURNING
        r.id,
        r.user_id
)

INSERT INTO pipelines.inspiration_reports AS i (
    tenant_id,
    run_id,
    user_id,
    inspiration1_title,
    inspiration1_content,
    inspiration1_elements,
    inspiration2_title,
    inspiration2_content,
    inspiration2_elements
)
SELECT
    :tenant_id,
    held.id AS run_id,
    held.user_id,
    :inspiration1_title,
    :inspiration1_content,
    :inspiration1_elements,
    :inspiration2_title,
    :inspiration2_content,
    :inspiration2_elements
FROM held
ON CONFLICT (tenant_id, run_id) DO UPDATE
    SET
        inspiration1_title = excluded.inspiration1_title,
        inspiration1_content = excluded.inspiration1_content,
        inspiration1_elements = excluded.inspiration1_elements,
        inspiration2_title = excluded.inspiration2_title,
        inspiration2_content = excluded.inspiration2_content,
        inspiration2_elements = excluded.inspiration2_elements
RETURNING
    i.id,
    i.run_id,
    i.inspiration1_title,
    i.inspiration1_content,
    i.inspiration1_elements,
    i.inspiration2_title,
    i.inspiration2_content,
    i.inspiration2_elements,
    i.created_at,
    i.updated_at,
    i.revision;
