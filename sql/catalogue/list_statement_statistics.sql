-- name: catalogue.list_statement_statistics :many
-- How the queries do, as pg_stat_statements counts it, if that extension is there: a statement of the service
-- ends with its name, and is there once for rows and once for JSON.
-- not null: query, calls, mean_seconds, max_seconds, rows
SELECT
    named.query,
    sum(named.calls)::bigint AS calls,
    sum(named.total_milliseconds) / sum(named.calls) / 1000 AS mean_seconds,
    max(named.max_milliseconds) / 1000 AS max_seconds,
    sum(named.row_count)::bigint AS rows
FROM (
    SELECT
        substring(s.statement FROM '/\* (\w+\.\w+) \*/$') AS query,
        s.calls,
        s.total_milliseconds,
        s.max_milliseconds,
        s.row_count
    FROM operations.statement_statistics() AS s
) AS named
WHERE named.query IS NOT NULL
    AND named.calls > 0
GROUP BY named.query;
