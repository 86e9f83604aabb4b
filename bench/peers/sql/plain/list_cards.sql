SELECT id, number, title, tagline, problem, solution, why_now, target_segment, quick_win, starred
FROM opportunity_cards
WHERE run_id = $1
ORDER BY number
