-- name: operations.is_sharded :one
-- Whether the database is spread over a Citus cluster, as migrations/setup/citus.sql does it: each new connection asks.
-- not null: is_sharded
SELECT coalesce(current_setting('citus.propagate_set_commands', true), '') = 'local' AS is_sharded;
