-- name: studio.adjust_weight :one
-- Sets a weight; what it was, studio.adjust() adds.
-- row: adjustment
-- param: tenant_id uuid    = '00000000-0000-7000-8000-000000000001'
-- param: category  text    = 'tech'
-- param: platform  text    = 'tiktok'
-- param: type      text    = 'hook-effectiveness'
-- param: new_value numeric = 1.1
-- param: reason    text    = 'As its critique says.'
INSERT INTO studio.scoring_adjustments AS a (tenant_id, category, platform, type, new_value, reason)
VALUES (:tenant_id, :category, :platform, :type, :new_value, :reason)
RETURNING
    a.id,
    a.critique_id,
    a.reverts_id,
    a.category,
    a.platform,
    a.type,
    a.old_value,
    a.new_value,
    a.reason,
    a.applied_at;
