-- name: webhooks.create_test :maybe
-- Has a test sent to a webhook endpoint; no row when there is no such endpoint, or it is disabled. It has an entity_id
-- of its own: with that of the endpoint it would wait for the events of the endpoint's row, and it is while they fail
-- that people test. The endpoint is locked first, as wherever deliveries to it begin to wait.
-- scan: operations.epochs: a row per restore or failover
-- param: tenant_id   uuid = '00000000-0000-7000-8000-000000000001'
-- param: endpoint_id uuid = '00000000-0000-7000-8000-000000000091'
WITH endpoint AS (
    SELECT
        e.id,
        operations.horizon(e.tenant_id) AS xid
    FROM webhooks.endpoints AS e
    WHERE e.tenant_id = :tenant_id
        AND e.id = :endpoint_id
        AND e.status = 'enabled'
    FOR NO KEY UPDATE
)

INSERT INTO webhooks.deliveries AS d (tenant_id, endpoint_id, event_id, epoch, xid, type, entity, entity_id)
SELECT
    :tenant_id,
    endpoint.id AS endpoint_id,
    operations.new_id() AS event_id,
    (SELECT max(present.epoch) FROM operations.epochs AS present),
    endpoint.xid,
    'test',
    'webhooks.endpoints',
    operations.new_id() AS entity_id
FROM endpoint
RETURNING d.id;
