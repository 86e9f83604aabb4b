-- name: studio.apply_critique :one
-- Makes the adjustment of a critique, and dates that in it, by studio.adjust() and studio.note_application(). No
-- row when there is no such critique; one that is applied, or was accurate, is refused.
-- row: adjustment
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000044'
-- param: reason    text = 'As its critique says.'
INSERT INTO studio.scoring_adjustments AS a (tenant_id, critique_id, reason)
SELECT
    :tenant_id,
    c.id,
    :reason
FROM studio.self_critiques AS c
WHERE c.tenant_id = :tenant_id
    AND c.id = :id
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
