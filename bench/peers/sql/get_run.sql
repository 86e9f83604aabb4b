SELECT
    r.id, r.user_id, r.external_id, r.company_id, r.company_name, r.document_name, r.document_url, r.document_type,
    r.document_size, r.pipeline_version, r.status, r.current_stage, r.attempts, r.max_attempts, r.error_message,
    r.lease_expires_at, r.due_at, r.started_at, r.completed_at,
    (1000 * extract(EPOCH FROM r.completed_at - r.started_at))::bigint AS duration_ms,
    r.created_at, r.updated_at, r.revision,
    i.id AS report_id, i.inspiration1_title AS report_inspiration1_title,
    i.inspiration1_content AS report_inspiration1_content, i.inspiration1_elements AS report_inspiration1_elements,
    i.inspiration2_title AS report_inspiration2_title, i.inspiration2_content AS report_inspiration2_content,
    i.inspiration2_elements AS report_inspiration2_elements, i.created_at AS report_created_at,
    i.updated_at AS report_updated_at
FROM pipelines.runs AS r
LEFT JOIN pipelines.inspiration_reports AS i ON i.tenant_id = r.tenant_id AND i.run_id = r.id
WHERE r.tenant_id = $1 AND r.id = $2 AND r.user_id = $3
