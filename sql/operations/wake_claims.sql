-- name: operations.wake_claims :one
-- Tells all processes of the service that there may be work, of which kinds for which tenants. What listens is
-- service/wakeups.py; a message of one that does not listen is lost, and polling finds the work.
-- param: topics text[] = '{00000000-0000-7000-8000-000000000001/jobs/draft}'
-- not null: topics
SELECT count(pg_notify('draftroom_work', t.topic)::text) AS topics
FROM unnest(:topics::text []) AS t (topic);
