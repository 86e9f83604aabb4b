INSERT INTO conversations (
    id, account_id, channel_id, external_id, subject, customer_email, customer_name, updated_at
)
VALUES ($1, $2, $3, $4, $5, $6, $7, now())
ON CONFLICT (external_id) DO UPDATE SET
    status = 'open',
    customer_email = excluded.customer_email,
    customer_name = excluded.customer_name,
    updated_at = excluded.updated_at
RETURNING id, status
