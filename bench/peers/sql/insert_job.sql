INSERT INTO operations.jobs (tenant_id, type, unique_key, payload)
VALUES ($1, 'draft', $2, $3)
RETURNING id
