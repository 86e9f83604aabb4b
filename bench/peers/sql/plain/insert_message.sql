INSERT INTO messages (id, conversation_id, external_id, direction, subject, body_text)
VALUES ($1, $2, $3, 'inbound', $4, $5)
RETURNING id
