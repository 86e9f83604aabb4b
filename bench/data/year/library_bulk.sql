-- Two thousand imported resources of each of twelve tenants, every tenth one deleted, with their versions, bookmarks and
-- imports. After desk.sql, in its transaction: the tenants and the functions are those of that file.

CREATE TEMPORARY TABLE imported ON COMMIT DROP AS
SELECT
    i,
    t.n,
    t.id AS tenant_id,
    made.at,
    t.created_at AS tenant_created_at,
    t.users,
    pg_temp.id(format('user %s of %s', 1 + i * 7 % t.users, t.n), t.created_at) AS user_id,
    pg_temp.id(format('imported %s of %s', i, t.n), made.at) AS id
FROM tenant AS t
CROSS JOIN generate_series(1, 2000) AS i
CROSS JOIN LATERAL (SELECT timestamptz '2025-03-01' + i * interval '3 hours' AS at) AS made
WHERE t.n <= 12
ORDER BY i, t.n;

INSERT INTO library.resources (
    tenant_id,
    id,
    public_id,
    resource_type,
    created_by_id,
    owned_by_user_id,
    has_complete_version,
    completed_at,
    bookmarks,
    deleted_at,
    deleted_by_id,
    created_at,
    updated_at
)
SELECT
    r.tenant_id,
    r.id,
    'import' || to_char(r.i, 'FM000000'),
    CASE r.i % 3 WHEN 0 THEN 'Routine' WHEN 1 THEN 'Api' ELSE 'Standard' END,
    r.user_id,
    r.user_id,
    true,
    r.at,
    3,
    CASE WHEN r.i % 10 = 0 THEN timestamptz '2025-12-01' END,
    CASE WHEN r.i % 10 = 0 THEN r.user_id END,
    r.at,
    r.at
FROM imported AS r
ORDER BY r.i, r.n;

INSERT INTO library.resource_versions (
    tenant_id, id, public_id, root_id, version_index, is_complete, audience, created_at, updated_at
)
SELECT
    r.tenant_id,
    pg_temp.id(format('imported version %s of %s', r.i, r.n), r.at),
    'import' || to_char(r.i, 'FM000000'),
    r.id,
    0,
    true,
    r.tenant_id,
    r.at,
    r.at
FROM imported AS r
ORDER BY r.i, r.n;

INSERT INTO library.bookmarks (tenant_id, id, user_id, resource_id, created_at)
SELECT
    r.tenant_id,
    pg_temp.id(format('imported bookmark %s of %s %s', r.i, r.n, k), r.at),
    pg_temp.id(format('user %s of %s', k, r.n), r.tenant_created_at),
    r.id,
    r.at
FROM imported AS r
CROSS JOIN LATERAL generate_series(1, least(3, r.users)) AS k
ORDER BY r.i, r.n, k;

INSERT INTO library.resource_views (tenant_id, resource_id, user_id, viewed_on)
SELECT
    r.tenant_id,
    r.id,
    pg_temp.id(format('user %s of %s', k, r.n), r.tenant_created_at),
    '2025-06-01'
FROM imported AS r
CROSS JOIN LATERAL generate_series(1, least(5, r.users)) AS k
ORDER BY r.i, r.n, k;

INSERT INTO library.imports (tenant_id, id, created_by_id, status, lines, done, finished_at, created_at)
SELECT
    t.id,
    pg_temp.id(format('import %s of %s', k, t.n), t.created_at + k * interval '1 day'),
    pg_temp.id(format('user %s of %s', 1 + k % t.users, t.n), t.created_at),
    'completed',
    2000,
    2000,
    t.created_at + k * interval '1 day',
    t.created_at + k * interval '1 day'
FROM tenant AS t
CROSS JOIN generate_series(1, 40) AS k
WHERE t.n <= 12
ORDER BY t.n, k;
