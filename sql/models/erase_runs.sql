-- name: models.erase_runs :one
-- Looks at some model runs, in the order of their ids, and empties those that name a customer's address: their costs
-- still count. A dry run only counts. `last_id` is where the next batch begins, NULL at the end. The owner alone may.
-- Index: the primary key.
-- param: tenant_id uuid    = '00000000-0000-7000-8000-000000000001'
-- param: mention   text    = 'kim@example\.com'
-- param: after_id  uuid    = '00000000-0000-0000-0000-000000000000'
-- param: limit     int     = 1000
-- param: dry_run   boolean = true
-- not null: rows
WITH looked AS (
    SELECT
        r.id,
        concat_ws(' ', r.input_ref, r.error, r.meta::text) ~* :mention AS names_address
    FROM models.model_runs AS r
    WHERE r.tenant_id = :tenant_id
        AND r.id > :after_id
    ORDER BY r.id
    LIMIT :limit
)

SELECT
    CASE
        WHEN :dry_run THEN count(*) FILTER (WHERE looked.names_address)
        ELSE models.redact_runs(:tenant_id, array_agg(looked.id) FILTER (WHERE looked.names_address))
    END AS rows,
    (array_agg(looked.id ORDER BY looked.id DESC))[1] AS last_id
FROM looked;
