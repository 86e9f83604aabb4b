SELECT stage_number, markdown_output, json_output, created_at
FROM stage_outputs
WHERE run_id = $1
ORDER BY stage_number
