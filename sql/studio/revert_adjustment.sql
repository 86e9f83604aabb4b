-- name: studio.revert_adjustment :one
-- Takes an adjustment back by another one, as studio.adjust() allows. No row when there is no such adjustment.
-- row: adjustment
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000046'
-- param: reason    text = 'As its critique says.'
INSERT INTO studio.scoring_adjustments AS a (tenant_id, reverts_id, reason)
SELECT
    :tenant_id,
    r.id,
    :reason
FROM studio.scoring_adjustments AS r
WHERE r.tenant_id = :tenant_id
    AND r.id = :id
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
