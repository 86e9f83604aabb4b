SET LOCAL lock_timeout = '5s';

DROP TABLE replies.tweets;
DROP TABLE replies.ingestion_steps;
DROP TABLE replies.episodes;
DELETE FROM operations.status_transitions
WHERE entity IN ('replies.ingestion_steps', 'replies.tweets');
