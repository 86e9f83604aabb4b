-- name: models.export_runs_about :many
-- The model runs about some conversations, messages or drafts of a customer, without those that name the address:
-- models.export_runs_naming has them.
-- Index: model_runs_input_ref.
-- param: tenant_id uuid  = '00000000-0000-7000-8000-000000000001'
-- param: refs      jsonb = '["00000000-0000-7000-8000-000000000005"]'
-- param: mention   text  = 'kim@example\.com'
-- not null: entity, data
SELECT
    'models.model_runs' AS entity,
    to_jsonb(r) - 'tenant_id' AS data
FROM models.model_runs AS r
WHERE r.tenant_id = :tenant_id
    AND r.input_ref = any(array(SELECT jsonb_array_elements_text(:refs)))
    AND concat_ws(' ', r.input_ref, r.error, r.meta::text) !~* :mention
ORDER BY r.id;
