SET LOCAL lock_timeout = '5s';

DROP FUNCTION operations.statement_statistics();
DROP STATISTICS inbox.messages_conversation;

COMMENT ON COLUMN identity.tenants.id IS NULL;
COMMENT ON COLUMN identity.tenants.name IS NULL;
COMMENT ON COLUMN identity.tenants.created_at IS NULL;
COMMENT ON COLUMN identity.tenants.updated_at IS NULL;
COMMENT ON COLUMN identity.tenants.revision IS NULL;

COMMENT ON COLUMN identity.users.tenant_id IS NULL;
COMMENT ON COLUMN identity.users.id IS NULL;
COMMENT ON COLUMN identity.users.email IS NULL;
COMMENT ON COLUMN identity.users.display_name IS NULL;
COMMENT ON COLUMN identity.users.role IS NULL;
COMMENT ON COLUMN identity.users.created_at IS NULL;
COMMENT ON COLUMN identity.users.updated_at IS NULL;
COMMENT ON COLUMN identity.users.revision IS NULL;

COMMENT ON COLUMN identity.api_keys.tenant_id IS NULL;
COMMENT ON COLUMN identity.api_keys.id IS NULL;
COMMENT ON COLUMN identity.api_keys.name IS NULL;
COMMENT ON COLUMN identity.api_keys.scopes IS NULL;
COMMENT ON COLUMN identity.api_keys.expires_at IS NULL;
COMMENT ON COLUMN identity.api_keys.revoked_at IS NULL;
COMMENT ON COLUMN identity.api_keys.created_at IS NULL;

COMMENT ON COLUMN inbox.channels.tenant_id IS NULL;
COMMENT ON COLUMN inbox.channels.id IS NULL;
COMMENT ON COLUMN inbox.channels.type IS NULL;
COMMENT ON COLUMN inbox.channels.name IS NULL;
COMMENT ON COLUMN inbox.channels.metadata IS NULL;
COMMENT ON COLUMN inbox.channels.created_at IS NULL;
COMMENT ON COLUMN inbox.channels.updated_at IS NULL;
COMMENT ON COLUMN inbox.channels.revision IS NULL;

COMMENT ON COLUMN inbox.conversations.tenant_id IS NULL;
COMMENT ON COLUMN inbox.conversations.id IS NULL;
COMMENT ON COLUMN inbox.conversations.channel_id IS NULL;
COMMENT ON COLUMN inbox.conversations.subject IS NULL;
COMMENT ON COLUMN inbox.conversations.status IS NULL;
COMMENT ON COLUMN inbox.conversations.customer_email IS NULL;
COMMENT ON COLUMN inbox.conversations.customer_name IS NULL;
COMMENT ON COLUMN inbox.conversations.last_message_at IS NULL;
COMMENT ON COLUMN inbox.conversations.created_at IS NULL;
COMMENT ON COLUMN inbox.conversations.updated_at IS NULL;
COMMENT ON COLUMN inbox.conversations.revision IS NULL;

COMMENT ON COLUMN inbox.messages.tenant_id IS NULL;
COMMENT ON COLUMN inbox.messages.id IS NULL;
COMMENT ON COLUMN inbox.messages.conversation_id IS NULL;
COMMENT ON COLUMN inbox.messages.direction IS NULL;
COMMENT ON COLUMN inbox.messages.subject IS NULL;
COMMENT ON COLUMN inbox.messages.body_text IS NULL;
COMMENT ON COLUMN inbox.messages.body_html IS NULL;
COMMENT ON COLUMN inbox.messages.metadata IS NULL;
COMMENT ON COLUMN inbox.messages.sent_at IS NULL;
COMMENT ON COLUMN inbox.messages.created_at IS NULL;

COMMENT ON COLUMN inbox.attachments.tenant_id IS NULL;
COMMENT ON COLUMN inbox.attachments.id IS NULL;
COMMENT ON COLUMN inbox.attachments.message_id IS NULL;
COMMENT ON COLUMN inbox.attachments.draft_id IS NULL;
COMMENT ON COLUMN inbox.attachments.file_name IS NULL;
COMMENT ON COLUMN inbox.attachments.mime_type IS NULL;
COMMENT ON COLUMN inbox.attachments.size_bytes IS NULL;
COMMENT ON COLUMN inbox.attachments.created_at IS NULL;

COMMENT ON COLUMN drafts.drafts.tenant_id IS NULL;
COMMENT ON COLUMN drafts.drafts.id IS NULL;
COMMENT ON COLUMN drafts.drafts.conversation_id IS NULL;
COMMENT ON COLUMN drafts.drafts.status IS NULL;
COMMENT ON COLUMN drafts.drafts.model_key IS NULL;
COMMENT ON COLUMN drafts.drafts.prompt_version IS NULL;
COMMENT ON COLUMN drafts.drafts.suggested_text IS NULL;
COMMENT ON COLUMN drafts.drafts.suggested_html IS NULL;
COMMENT ON COLUMN drafts.drafts.style_score IS NULL;
COMMENT ON COLUMN drafts.drafts.toxicity_score IS NULL;
COMMENT ON COLUMN drafts.drafts.tokens_in IS NULL;
COMMENT ON COLUMN drafts.drafts.tokens_out IS NULL;
COMMENT ON COLUMN drafts.drafts.latency_ms IS NULL;
COMMENT ON COLUMN drafts.drafts.superseded_by_id IS NULL;
COMMENT ON COLUMN drafts.drafts.created_at IS NULL;
COMMENT ON COLUMN drafts.drafts.updated_at IS NULL;
COMMENT ON COLUMN drafts.drafts.revision IS NULL;
COMMENT ON CONSTRAINT drafts_version_check ON drafts.drafts IS NULL;

COMMENT ON COLUMN drafts.draft_actions.tenant_id IS NULL;
COMMENT ON COLUMN drafts.draft_actions.id IS NULL;
COMMENT ON COLUMN drafts.draft_actions.draft_id IS NULL;
COMMENT ON COLUMN drafts.draft_actions.user_id IS NULL;
COMMENT ON COLUMN drafts.draft_actions.type IS NULL;
COMMENT ON COLUMN drafts.draft_actions.final_text IS NULL;
COMMENT ON COLUMN drafts.draft_actions.final_html IS NULL;
COMMENT ON COLUMN drafts.draft_actions.created_at IS NULL;
COMMENT ON COLUMN drafts.draft_actions.redacted_at IS NULL;

COMMENT ON COLUMN drafts.scheduled_replies.tenant_id IS NULL;
COMMENT ON COLUMN drafts.scheduled_replies.id IS NULL;
COMMENT ON COLUMN drafts.scheduled_replies.conversation_id IS NULL;
COMMENT ON COLUMN drafts.scheduled_replies.draft_id IS NULL;
COMMENT ON COLUMN drafts.scheduled_replies.status IS NULL;
COMMENT ON COLUMN drafts.scheduled_replies.final_text IS NULL;
COMMENT ON COLUMN drafts.scheduled_replies.final_html IS NULL;
COMMENT ON COLUMN drafts.scheduled_replies.attempts IS NULL;
COMMENT ON COLUMN drafts.scheduled_replies.max_attempts IS NULL;
COMMENT ON COLUMN drafts.scheduled_replies.locked_by IS NULL;
COMMENT ON COLUMN drafts.scheduled_replies.lease_expires_at IS NULL;
COMMENT ON COLUMN drafts.scheduled_replies.error IS NULL;
COMMENT ON COLUMN drafts.scheduled_replies.sent_at IS NULL;
COMMENT ON COLUMN drafts.scheduled_replies.created_at IS NULL;
COMMENT ON COLUMN drafts.scheduled_replies.updated_at IS NULL;
COMMENT ON COLUMN drafts.scheduled_replies.redacted_at IS NULL;
COMMENT ON COLUMN drafts.scheduled_replies.revision IS NULL;

COMMENT ON COLUMN drafts.learning_samples.tenant_id IS NULL;
COMMENT ON COLUMN drafts.learning_samples.id IS NULL;
COMMENT ON COLUMN drafts.learning_samples.epoch IS NULL;
COMMENT ON COLUMN drafts.learning_samples.draft_id IS NULL;
COMMENT ON COLUMN drafts.learning_samples.action_id IS NULL;
COMMENT ON COLUMN drafts.learning_samples.model_key IS NULL;
COMMENT ON COLUMN drafts.learning_samples.prompt_version IS NULL;
COMMENT ON COLUMN drafts.learning_samples.suggested_text IS NULL;
COMMENT ON COLUMN drafts.learning_samples.final_text IS NULL;
COMMENT ON COLUMN drafts.learning_samples.diff IS NULL;
COMMENT ON COLUMN drafts.learning_samples.edit_distance IS NULL;
COMMENT ON COLUMN drafts.learning_samples.embeddings IS NULL;
COMMENT ON COLUMN drafts.learning_samples.created_at IS NULL;

COMMENT ON COLUMN operations.status_transitions.from_status IS NULL;
COMMENT ON COLUMN operations.status_transitions.to_status IS NULL;

COMMENT ON COLUMN operations.epochs.epoch IS NULL;
COMMENT ON COLUMN operations.epochs.reason IS NULL;
COMMENT ON COLUMN operations.epochs.started_at IS NULL;

COMMENT ON COLUMN operations.applied_migrations.migration_id IS NULL;
COMMENT ON COLUMN operations.applied_migrations.checksum IS NULL;

COMMENT ON COLUMN operations.events.tenant_id IS NULL;
COMMENT ON COLUMN operations.events.id IS NULL;
COMMENT ON COLUMN operations.events.epoch IS NULL;
COMMENT ON COLUMN operations.events.occurred_at IS NULL;
COMMENT ON COLUMN operations.events.entity_id IS NULL;
COMMENT ON COLUMN operations.events.actor IS NULL;
COMMENT ON COLUMN operations.events.role IS NULL;
COMMENT ON COLUMN operations.events.request_id IS NULL;
COMMENT ON COLUMN operations.events.ip IS NULL;

COMMENT ON COLUMN operations.jobs.tenant_id IS NULL;
COMMENT ON COLUMN operations.jobs.id IS NULL;
COMMENT ON COLUMN operations.jobs.type IS NULL;
COMMENT ON COLUMN operations.jobs.status IS NULL;
COMMENT ON COLUMN operations.jobs.payload IS NULL;
COMMENT ON COLUMN operations.jobs.run_at IS NULL;
COMMENT ON COLUMN operations.jobs.attempts IS NULL;
COMMENT ON COLUMN operations.jobs.max_attempts IS NULL;
COMMENT ON COLUMN operations.jobs.locked_by IS NULL;
COMMENT ON COLUMN operations.jobs.lease_expires_at IS NULL;
COMMENT ON COLUMN operations.jobs.started_at IS NULL;
COMMENT ON COLUMN operations.jobs.finished_at IS NULL;
COMMENT ON COLUMN operations.jobs.error IS NULL;
COMMENT ON COLUMN operations.jobs.metrics IS NULL;
COMMENT ON COLUMN operations.jobs.created_at IS NULL;

COMMENT ON COLUMN operations.notifications.tenant_id IS NULL;
COMMENT ON COLUMN operations.notifications.id IS NULL;
COMMENT ON COLUMN operations.notifications.type IS NULL;
COMMENT ON COLUMN operations.notifications.payload IS NULL;
COMMENT ON COLUMN operations.notifications.read_at IS NULL;
COMMENT ON COLUMN operations.notifications.created_at IS NULL;

COMMENT ON COLUMN operations.source_documents.tenant_id IS NULL;
COMMENT ON COLUMN operations.source_documents.id IS NULL;
COMMENT ON COLUMN operations.source_documents.source_url IS NULL;
COMMENT ON COLUMN operations.source_documents.title IS NULL;
COMMENT ON COLUMN operations.source_documents.hash IS NULL;
COMMENT ON COLUMN operations.source_documents.indexed_at IS NULL;
COMMENT ON COLUMN operations.source_documents.next_refresh_at IS NULL;
COMMENT ON COLUMN operations.source_documents.metadata IS NULL;
COMMENT ON COLUMN operations.source_documents.created_at IS NULL;
COMMENT ON COLUMN operations.source_documents.updated_at IS NULL;
COMMENT ON COLUMN operations.source_documents.revision IS NULL;

COMMENT ON COLUMN operations.idempotency_keys.tenant_id IS NULL;
COMMENT ON COLUMN operations.idempotency_keys.key IS NULL;
COMMENT ON COLUMN operations.idempotency_keys.status IS NULL;
COMMENT ON COLUMN operations.idempotency_keys.headers IS NULL;
COMMENT ON COLUMN operations.idempotency_keys.body IS NULL;
COMMENT ON COLUMN operations.idempotency_keys.created_at IS NULL;
COMMENT ON COLUMN operations.idempotency_keys.expires_at IS NULL;

COMMENT ON FUNCTION operations.current_epoch() IS NULL;
COMMENT ON FUNCTION operations.refuse_change() IS NULL;

-- First, for its lock: no key with one of the scopes slips in between.
ALTER TABLE identity.api_keys DROP CONSTRAINT api_keys_scopes_check;
-- A key for nothing else is revoked. It must hold a scope, and holds one that it cannot use any more.
UPDATE identity.api_keys
SET
    scopes = '{sources:read}',
    revoked_at = coalesce(revoked_at, now())
WHERE scopes <@ '{catalogue:read,catalogue:try}';
UPDATE identity.api_keys
SET scopes = array_remove(array_remove(scopes, 'catalogue:read'), 'catalogue:try')
WHERE scopes && '{catalogue:read,catalogue:try}';
ALTER TABLE identity.api_keys
ADD CONSTRAINT api_keys_scopes_check CHECK (
    cardinality(scopes) > 0
    AND scopes <@ ARRAY[
        'tenants:create', 'identity:read', 'identity:write', 'users:act',
        'intake:write', 'inbox:read', 'inbox:write',
        'drafts:read', 'drafts:write', 'drafts:decide', 'drafts:deliver', 'drafts:export',
        'jobs:read', 'jobs:write', 'jobs:work', 'events:read',
        'notifications:read', 'notifications:write', 'sources:read', 'sources:write'
    ]
);
COMMENT ON CONSTRAINT api_keys_scopes_check ON identity.api_keys IS
'scopes: must hold one or more known scopes';
