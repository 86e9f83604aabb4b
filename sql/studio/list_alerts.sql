-- name: studio.list_alerts :many
-- Which alerts are on now. Compared without division, so exactly at its threshold none is. value is NULL as long as
-- there are no cases, and then none is on.
-- Index: videos_ended, and the primary key of post_attempts: an attempt's row is made when it ends.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- not null: name, severity, is_on, threshold, cases, since
WITH videos_of_hour AS (
    SELECT
        count(*) AS cases,
        count(*) FILTER (WHERE v.status = 'failed') AS total
    FROM studio.videos AS v
    WHERE v.tenant_id = :tenant_id
        AND v.ended_at > now() - interval '1 hour'
),

attempts_of_day AS (
    SELECT
        count(*) AS cases,
        count(*) FILTER (WHERE a.outcome <> 'posted') AS total
    FROM studio.post_attempts AS a
    WHERE a.tenant_id = :tenant_id
        AND a.id >= operations.first_id(now() - interval '24 hours')
        AND a.finished_at > now() - interval '24 hours'
),

costs_of_day AS (
    SELECT
        count(v.cost_micros) AS cases,
        coalesce(sum(v.cost_micros), 0) AS total
    FROM studio.videos AS v
    WHERE v.tenant_id = :tenant_id
        AND v.ended_at > now() - interval '24 hours'
),

rule AS (
    SELECT
        'generation_failures' AS name,
        'critical' AS severity,
        0.10 AS threshold,
        interval '1 hour' AS span,
        f.cases,
        f.total::numeric AS total
    FROM videos_of_hour AS f
    UNION ALL
    SELECT
        'posting_failures' AS name,
        'warning' AS severity,
        0.05 AS threshold,
        interval '24 hours' AS span,
        f.cases,
        f.total::numeric AS total
    FROM attempts_of_day AS f
    UNION ALL
    SELECT
        'cost_per_video' AS name,
        'warning' AS severity,
        10000000 AS threshold,
        interval '24 hours' AS span,
        f.cases,
        f.total
    FROM costs_of_day AS f
)

SELECT
    rule.name,
    rule.severity,
    rule.total > rule.threshold * rule.cases AS is_on,
    (rule.total / nullif(rule.cases, 0))::double precision AS value,
    rule.threshold::double precision AS threshold,
    rule.cases,
    now() - rule.span AS since
FROM rule
ORDER BY rule.name;
