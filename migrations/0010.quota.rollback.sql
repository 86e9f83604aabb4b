SET LOCAL lock_timeout = '5s';

DROP TABLE models.quota_usage;
DROP TABLE models.quota_limits;
