-- name: operations.erase_answers :one
-- Looks at some idempotency keys, in the order of the primary key: takes the stored answers from all of them, because
-- an answer may hold any text, and deletes those whose key itself names a customer's address. What was done is still
-- known, so a request that is repeated is not done again. A dry run only counts. `last_key` is where the next batch
-- begins, NULL at the end.
-- param: tenant_id uuid    = '00000000-0000-7000-8000-000000000001'
-- param: mention   text    = 'kim@example\.com'
-- param: after     jsonb   = '{"caller": "", "key": ""}'
-- param: limit     int     = 1000
-- param: dry_run   boolean = true
-- not null: rows
WITH looked AS MATERIALIZED (
    SELECT
        k.caller,
        k.key,
        k.key ~* :mention AS names_address,
        k.body IS NOT NULL AS has_answer
    FROM operations.idempotency_keys AS k
    WHERE k.tenant_id = :tenant_id
        AND (k.caller, k.key) > (:after::jsonb ->> 'caller', :after::jsonb ->> 'key')
    ORDER BY k.caller, k.key
    LIMIT :limit
),

named AS (
    SELECT looked.key
    FROM looked
    WHERE looked.names_address
),

unnamed AS (
    SELECT looked.key
    FROM looked
    WHERE NOT looked.names_address
),

deleted AS (
    DELETE FROM operations.idempotency_keys AS k
    WHERE k.tenant_id = :tenant_id
        AND k.caller = any(array(SELECT looked.caller FROM looked))
        AND k.key = any(array(SELECT named.key FROM named))
        AND NOT :dry_run
    RETURNING k.key
),

-- All callers with all keys that were looked at: a pair that is not among those would be in another batch.
emptied AS (
    UPDATE operations.idempotency_keys AS k
    SET
        body = NULL,
        headers = NULL
    WHERE k.tenant_id = :tenant_id
        AND k.caller = any(array(SELECT looked.caller FROM looked))
        AND k.key = any(array(SELECT unnamed.key FROM unnamed))
        AND k.body IS NOT NULL
        AND NOT :dry_run
    RETURNING k.key
)

SELECT
    CASE
        WHEN :dry_run THEN count(*) FILTER (WHERE looked.names_address OR looked.has_answer)
        ELSE (SELECT count(*) FROM deleted) + (SELECT count(*) FROM emptied)
    END AS rows,
    (
        jsonb_agg(
            jsonb_build_object('caller', looked.caller, 'key', looked.key)
            ORDER BY looked.caller DESC, looked.key DESC
        )
    ) -> 0 AS last_key
FROM looked;
