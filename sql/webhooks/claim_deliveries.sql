-- name: webhooks.claim_deliveries :many
-- Gives deliveries that are due to a process, under a lease, with all that it needs to send them: for each enabled
-- endpoint of the tenant as many as it has places, `places` less what is under way, or one while it fails. Others skip
-- the locked rows. The body has what GET /v1/events/stream shows of the event; there is none if retention has deleted
-- it. The secrets are encrypted. Index: deliveries_due.
-- scan: webhooks.endpoints: a tenant has 20 at most
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: lease_id  uuid     = '00000000-0000-7000-8000-000000000009'
-- param: lease     interval = '15 seconds'
-- param: places    int      = 8
-- param: limit     int      = 16
-- not null: lease_id
WITH open AS (
    SELECT
        e.id,
        CASE WHEN e.failing_since IS NULL THEN :places ELSE 1 END - (
            SELECT count(*)
            FROM webhooks.deliveries AS d
            WHERE d.tenant_id = :tenant_id
                AND d.endpoint_id = e.id
                AND d.status = 'delivering'
        ) AS places
    FROM webhooks.endpoints AS e
    WHERE e.tenant_id = :tenant_id
        AND e.status = 'enabled'
    ORDER BY e.id
    FOR NO KEY UPDATE SKIP LOCKED
),

due AS (
    SELECT earliest.id
    FROM open
    INNER JOIN LATERAL (
        SELECT
            d.id,
            d.next_attempt_at
        FROM webhooks.deliveries AS d
        WHERE d.tenant_id = :tenant_id
            AND d.endpoint_id = open.id
            AND d.status = 'pending'
            AND d.next_attempt_at <= now()
        ORDER BY d.next_attempt_at, d.id
        LIMIT greatest(open.places, 0)
        FOR NO KEY UPDATE SKIP LOCKED
    ) AS earliest ON true
    ORDER BY earliest.next_attempt_at, earliest.id
    LIMIT :limit
),

claimed AS (
    UPDATE webhooks.deliveries AS d
    SET
        status = 'delivering',
        lease_id = :lease_id,
        lease_expires_at = now() + :lease
    WHERE d.tenant_id = :tenant_id
        AND d.id = any(array(SELECT due.id FROM due))
    RETURNING
        d.id,
        d.endpoint_id,
        d.event_id,
        d.type,
        d.attempts,
        d.lease_id,
        d.created_at
)

SELECT
    claimed.id,
    claimed.endpoint_id,
    claimed.event_id,
    claimed.attempts,
    claimed.lease_id,
    e.url,
    e.secret,
    CASE WHEN e.previous_expires_at > now() THEN e.previous_secret END AS other_secret,
    CASE
        WHEN claimed.type = 'test'
            THEN json_build_object(
                    'type', claimed.type,
                    'timestamp', claimed.created_at,
                    'data', json_build_object('endpoint_id', claimed.endpoint_id)
                )
        WHEN v.id IS NOT NULL THEN json_build_object(
                'type', claimed.type,
                'timestamp', v.occurred_at,
                'data', json_build_object(
                    'id', v.id,
                    'epoch', v.epoch,
                    'xid', v.xid,
                    'occurred_at', v.occurred_at,
                    'entity', v.entity,
                    'entity_id', v.entity_id,
                    'revision', v.revision,
                    'action', v.action,
                    'changes', v.changes,
                    'actor', v.actor,
                    'key_id', v.key_id,
                    'role', v.role,
                    'request_id', v.request_id,
                    'ip', v.ip,
                    'type', claimed.type,
                    'tweet_id', CASE
                        WHEN claimed.type = 'tweet_status' THEN v.entity_id
                        WHEN claimed.type = 'draft_ready' THEN (v.changes #>> '{tweet_id,1}')::uuid
                    END,
                    'new_status', CASE WHEN claimed.type = 'tweet_status' THEN v.changes #>> '{status,1}' END,
                    'draft_id', CASE WHEN claimed.type = 'draft_ready' THEN v.entity_id ELSE draft.id END
                )
            )
    END::text AS body
FROM claimed
INNER JOIN webhooks.endpoints AS e
    ON e.tenant_id = :tenant_id
    AND e.id = claimed.endpoint_id
LEFT OUTER JOIN operations.events AS v
    ON v.tenant_id = :tenant_id
    AND v.id = claimed.event_id
LEFT OUTER JOIN LATERAL (
    SELECT (array_agg(o.entity_id))[1] AS id
    FROM operations.events AS o
    WHERE o.tenant_id = :tenant_id
        AND o.epoch = v.epoch
        AND o.xid = v.xid
        AND o.entity = 'drafts.drafts'
        AND o.changes #>> '{status,1}' <> 'superseded'
        AND claimed.type = 'tweet_status'
    HAVING count(DISTINCT o.entity_id) = 1
) AS draft ON true;
