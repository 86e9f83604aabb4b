-- name: studio.sum_reflexion :one
-- How well predictions do: how many critiques there are, how far off they say that predictions were, and what is
-- found most often. The top issue is the scoring issue of most critiques.
-- row: reflexion, the original
-- scan: studio.self_critiques: counts them all
-- scan: studio.reflexion_insights: counts them all
-- scan: studio.scoring_adjustments: counts them all
-- single: at most one row on each side
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- not null: critiques, recent_critiques, accurate_critiques, insights, adjustments, top_issue_critiques
WITH measured AS (
    SELECT
        count(*) AS critiques,
        count(*) FILTER (WHERE c.created_at >= now() - interval '7 days') AS recent_critiques,
        count(*) FILTER (WHERE c.direction = 'accurate') AS accurate_critiques,
        round(avg(abs(c.gap)), 2) AS average_gap,
        round(avg(CASE WHEN c.direction = 'accurate' THEN 1 ELSE 0 END), 4) AS accuracy_rate
    FROM studio.self_critiques AS c
    WHERE c.tenant_id = :tenant_id
),

top AS (
    SELECT
        issue.text AS issue,
        count(DISTINCT c.id) AS critiques
    FROM studio.self_critiques AS c
    CROSS JOIN LATERAL unnest(c.scoring_issues) AS issue (text)
    WHERE c.tenant_id = :tenant_id
    GROUP BY issue.text
    ORDER BY count(DISTINCT c.id) DESC, issue.text ASC
    LIMIT 1
)

SELECT
    measured.critiques,
    measured.recent_critiques,
    measured.accurate_critiques,
    measured.average_gap,
    measured.accuracy_rate,
    (
        SELECT count(*)
        FROM studio.reflexion_insights AS i
        WHERE i.tenant_id = :tenant_id
    ) AS insights,
    (
        SELECT count(*)
        FROM studio.scoring_adjustments AS a
        WHERE a.tenant_id = :tenant_id
    ) AS adjustments,
    top.issue AS top_issue,
    coalesce(top.critiques, 0) AS top_issue_critiques
FROM measured
LEFT OUTER JOIN top ON true;
