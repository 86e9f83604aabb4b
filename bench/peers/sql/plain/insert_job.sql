INSERT INTO job_queue (id, account_id, job_type, payload)
VALUES ($1, $2, 'draft', $3)
RETURNING id
