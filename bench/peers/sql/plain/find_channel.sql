SELECT id, account_id
FROM channels
WHERE external_id = $1
