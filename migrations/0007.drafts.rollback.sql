-- The drafts go, with their files, decisions and replies. Their subjects are counted as if there had been none.
SET LOCAL lock_timeout = '5s';

DROP SCHEMA drafts CASCADE;
DELETE FROM operations.status_transitions
WHERE entity LIKE 'drafts.%';
DELETE FROM inbox.attachments
WHERE draft_id IS NOT NULL;
ALTER TABLE inbox.conversations DISABLE TRIGGER fixed;
UPDATE inbox.conversations
SET draft_count = 0
WHERE draft_count > 0;
ALTER TABLE inbox.conversations ENABLE TRIGGER fixed;
ALTER TABLE tweets.tweets DISABLE TRIGGER fixed;
UPDATE tweets.tweets
SET draft_count = 0
WHERE draft_count > 0;
ALTER TABLE tweets.tweets ENABLE TRIGGER fixed;
