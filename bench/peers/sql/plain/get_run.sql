SELECT
    r.id, r.user_id, r.company_id, r.company_name, r.document_name, r.document_url, r.status, r.current_stage,
    r.error_message, r.created_at, r.updated_at, r.completed_at,
    i.id AS report_id, i.inspiration1_title AS report_inspiration1_title,
    i.inspiration1_content AS report_inspiration1_content, i.inspiration1_elements AS report_inspiration1_elements,
    i.inspiration2_title AS report_inspiration2_title, i.inspiration2_content AS report_inspiration2_content,
    i.inspiration2_elements AS report_inspiration2_elements, i.created_at AS report_created_at,
    i.updated_at AS report_updated_at
FROM runs AS r
LEFT JOIN inspiration_reports AS i ON i.run_id = r.id
WHERE r.id = $1 AND r.user_id = $2
