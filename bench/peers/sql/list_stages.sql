SELECT stage_number, name, status, markdown_output, json_output, created_at, updated_at
FROM pipelines.stage_outputs
WHERE tenant_id = $1 AND run_id = $2 AND user_id = $3
ORDER BY stage_number
