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
    operations.set_local('app.tenant_id', :tenant_id::text) AS tenant_id,
    operations.set_local('app.actor', :actor) AS actor,
    operations.set_local('app.key_id', coalesce(:key_id::text, '')) AS key_id,
    operations.set_local('app.user_id', coalesce(:user_id::text, '')) AS user_id,
    operations.set_local('app.role', coalesce(:role, '')) AS role,
    operations.set_local('app.request_id', coalesce(:request_id, '')) AS request_id,
    operations.set_local('app.ip', coalesce(:ip, '')) AS ip,
    operations.set_local('app.action', '') AS action;
