SET LOCAL lock_timeout = '5s';

DROP TABLE tweets.tweets;
DROP TABLE tweets.ingestion_steps;
DROP TABLE tweets.episodes;
DELETE FROM operations.status_transitions
WHERE entity IN ('tweets.ingestion_steps', 'tweets.tweets');
