INSERT INTO inbox.conversations AS c (tenant_id, channel_id, external_id, subject, customer_email, customer_name)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant_id, channel_id, external_id) DO UPDATE SET
    status = 'open',
    subject = coalesce(c.subject, excluded.subject),
    customer_email = coalesce(excluded.customer_email, c.customer_email),
    customer_name = coalesce(excluded.customer_name, c.customer_name)
RETURNING id, status
