-- name: studio.mark_generation :one
-- Marks a generation as a favourite, or no longer: what is wanted, not the opposite of what is, so that two clicks do
-- not race.
-- row: generation_item
-- param: tenant_id uuid    = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid    = '00000000-0000-7000-8000-000000000030'
-- param: favorite  boolean = true
UPDATE studio.generations AS g
SET favorite = :favorite
WHERE g.tenant_id = :tenant_id
    AND g.id = :id
RETURNING
    g.id,
    g.concept_count,
    g.model_key,
    g.created_by_id,
    g.favorite,
    g.created_at,
    g.updated_at,
    g.revision;
