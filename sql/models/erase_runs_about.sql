-- name: models.erase_runs_about :one
-- Empties the model runs about conversations, messages or drafts of a customer: their costs still count. A dry run only
-- counts. The owner alone may.
-- Index: model_runs_input_ref.
-- param: tenant_id uuid    = '00000000-0000-7000-8000-000000000001'
-- param: refs      jsonb   = '["00000000-0000-7000-8000-000000000005"]'
-- param: dry_run   boolean = true
-- not null: rows
WITH found AS (
    SELECT r.id
    FROM models.model_runs AS r
    WHERE r.tenant_id = :tenant_id
        AND r.input_ref = any(array(SELECT jsonb_array_elements_text(:refs)))
)

SELECT CASE WHEN :dry_run THEN count(*) ELSE models.redact_runs(:tenant_id, array_agg(found.id)) END AS rows
FROM found;
