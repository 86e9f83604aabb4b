SELECT id, number, title, tagline, problem, solution, why_now, target_segment, quick_win, starred
FROM pipelines.opportunity_cards
WHERE tenant_id = $1 AND run_id = $2 AND user_id = $3
ORDER BY number
