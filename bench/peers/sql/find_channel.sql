SELECT id
FROM inbox.channels
WHERE tenant_id = $1 AND type = $2 AND external_id = $3
