-- name: models.export_runs_naming :many
-- The model runs with the address of a customer in them.
-- scan: models.model_runs: what they name is within their texts and JSON
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: mention   text = 'kim@example\.com'
-- not null: entity, data
SELECT
    'models.model_runs' AS entity,
    to_jsonb(r) - 'tenant_id' AS data
FROM models.model_runs AS r
WHERE r.tenant_id = :tenant_id
    AND concat_ws(' ', r.input_ref, r.error, r.meta::text) ~* :mention
ORDER BY r.id;
