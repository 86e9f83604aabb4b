SET LOCAL lock_timeout = '5s';

DROP TABLE inbox.messages;
DROP FUNCTION inbox.note_message();
DROP TABLE inbox.conversations;
DROP TABLE inbox.channels;
DELETE FROM operations.status_transitions
WHERE entity = 'inbox.conversations';
