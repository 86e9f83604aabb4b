INSERT INTO audit_events (id, user_id, action, entity_type, entity_id, diff)
VALUES ($1, $2, $3, $4, $5, $6)
