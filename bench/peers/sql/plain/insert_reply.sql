INSERT INTO messages (id, conversation_id, direction, body_text, body_html)
VALUES ($1, $2, 'outbound', $3, $4)
RETURNING id
