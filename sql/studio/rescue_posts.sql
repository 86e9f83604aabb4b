-- name: studio.rescue_posts :exec
-- Leases that ran out: nobody knows whether the worker had posted before it died, so a person must look. To post again
-- could post twice. 100 at a time, so that no claim takes long over it; runs before every claim.
-- Index: social_posts_leased.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
WITH lost AS (
    SELECT p.id
    FROM studio.social_posts AS p
    WHERE p.tenant_id = :tenant_id
        AND p.status = 'claimed'
        AND p.lease_expires_at <= now()
    ORDER BY p.lease_expires_at
    LIMIT 100
    FOR NO KEY UPDATE SKIP LOCKED
),

rescued AS (
    UPDATE studio.social_posts AS p
    SET
        status = 'unknown',
        lease_expires_at = NULL,
        error = 'the lease ran out before the worker reported'
    FROM lost
    WHERE p.tenant_id = :tenant_id
        AND p.id = lost.id
    RETURNING p.id
)

INSERT INTO operations.notifications (tenant_id, type, payload)
SELECT
    :tenant_id,
    'post_unknown',
    jsonb_build_object('social_post_id', rescued.id)
FROM rescued
ON CONFLICT DO NOTHING;
