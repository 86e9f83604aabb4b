-- name: operations.replace_answers :rowcount
-- Puts bodies of stored answers in the place of those that `old` names; an answer whose key was taken over meanwhile
-- stays. The keys once more as arrays: for a join alone a generic plan reads all that the tenant has.
-- param: tenant_id uuid  = '00000000-0000-7000-8000-000000000001'
-- param: secrets   jsonb = '[{"caller": "nobody", "key": "7d3f", "old": {"body": "\\x00"}, "new": {"body": "\\x01"}}]'
WITH given AS (
    SELECT
        s.caller,
        s.key,
        (s.old ->> 'body')::bytea AS old_body,
        (s.new ->> 'body')::bytea AS new_body
    FROM jsonb_to_recordset(:secrets) AS s (caller text, key text, old jsonb, new jsonb)
)

UPDATE operations.idempotency_keys AS k
SET body = given.new_body
FROM given
WHERE k.tenant_id = :tenant_id
    AND k.caller = any(array(SELECT g.caller FROM given AS g))
    AND k.key = any(array(SELECT g.key FROM given AS g))
    AND k.caller = given.caller
    AND k.key = given.key
    AND k.body = given.old_body;
