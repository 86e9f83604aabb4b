-- name: operations.enter_transaction :exec
-- Says for whom the transaction runs, until it ends: row-level security reads the tenant, and the user where rows
-- are a user's own; the event log reads the rest. It is the first statement of every transaction, and sent together
-- with the next.
-- param: tenant_id  uuid      = '00000000-0000-7000-8000-000000000001'
-- param: actor      text      = 'user:00000000-0000-7000-8000-000000000002'
-- param: key_id     uuid NULL = '00000000-0000-7000-8000-000000000003'
-- param: user_id    uuid NULL = '00000000-0000-7000-8000-000000000002'
-- param: role       text NULL = 'agent'
-- param: request_id text NULL = 'a1b2c3'
-- param: ip         text NULL = '127.0.0.1'
SELECT
    set_config('app.tenant_id', :tenant_id::text, true) AS tenant_id,
    set_config('app.actor', :actor, true) AS actor,
    set_config('app.key_id', coalesce(:key_id::text, ''), true) AS key_id,
    set_config('app.user_id', coalesce(:user_id::text, ''), true) AS user_id,
    set_config('app.role', coalesce(:role, ''), true) AS role,
    set_config('app.request_id', coalesce(:request_id, ''), true) AS request_id,
    set_config('app.ip', coalesce(:ip, ''), true) AS ip,
    set_config('app.action', '', true) AS action;
