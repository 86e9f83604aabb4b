-- name: studio.sum_gains :many
-- What all videos gained in each day or week of UTC, by platform, oldest first. Index: the primary key of
-- analytics_days.
-- row: gain, the original
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: unit      text        = 'day'
-- param: since     timestamptz = '2000-01-01'
-- param: until     timestamptz = '2100-01-01'
-- not null: starts_on, snapshots, views, likes, comments, shares
SELECT
    step.starts_at::date AS starts_on,
    d.platform,
    sum(d.snapshots)::bigint AS snapshots,
    sum(d.views) AS views,
    sum(d.likes) AS likes,
    sum(d.comments) AS comments,
    sum(d.shares) AS shares
FROM studio.analytics_days AS d
CROSS JOIN LATERAL date_trunc(:unit, d.day::timestamp) AS step (starts_at)
WHERE d.tenant_id = :tenant_id
    AND d.day >= (:since AT TIME ZONE 'UTC')::date
    AND d.day < (:until AT TIME ZONE 'UTC')::date
GROUP BY step.starts_at, d.platform
ORDER BY step.starts_at, d.platform;
