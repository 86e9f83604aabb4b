SET LOCAL lock_timeout = '5s';

DROP TABLE drafts.learning_samples;
DROP TABLE drafts.scheduled_replies;
DROP FUNCTION drafts.require_kept_conversation();
DROP TABLE drafts.draft_actions;
DROP FUNCTION drafts.apply_diff(jsonb, text);
DROP TABLE drafts.drafts;
DROP FUNCTION drafts.number_draft();
DELETE FROM operations.status_transitions
WHERE entity IN ('drafts.drafts', 'drafts.scheduled_replies');
