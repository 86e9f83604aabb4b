-- name: operations.get_backend_pid :one
-- The process of the server that answers: behind a pooler it is not the one that the connection was told of.
-- not null: pid
SELECT pg_backend_pid() AS pid;
