-- What every column and function is for; what pg_stat_statements knows; the scopes of the catalogue for API keys.
-- depends: 0006.attachments

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- Identity -------------------------------------------------------------------------------------------

COMMENT ON COLUMN identity.tenants.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN identity.tenants.name IS 'What people call it; 1 to 200 characters.';
COMMENT ON COLUMN identity.tenants.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN identity.tenants.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN identity.tenants.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';

COMMENT ON COLUMN identity.users.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN identity.users.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN identity.users.email IS
'At most one user of the tenant has it, in upper or lower case. A service may name its user by it.';
COMMENT ON COLUMN identity.users.display_name IS 'What people call the user; 1 to 200 characters.';
COMMENT ON COLUMN identity.users.role IS 'What the user may do: viewer, agent, approver or admin.';
COMMENT ON COLUMN identity.users.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN identity.users.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN identity.users.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';

COMMENT ON COLUMN identity.api_keys.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN identity.api_keys.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN identity.api_keys.name IS
'What people call it; 1 to 200 characters, and not unique: a rotated key keeps it.';
COMMENT ON COLUMN identity.api_keys.scopes IS
'What the key may do: one or more of those in api_keys_scopes_check.';
COMMENT ON COLUMN identity.api_keys.expires_at IS
'From then on the key is refused; NULL is never. Rotation brings it forward to the end of the grace.';
COMMENT ON COLUMN identity.api_keys.revoked_at IS
'Since when the key is refused because it was revoked; NULL while it is not.';
COMMENT ON COLUMN identity.api_keys.created_at IS
'When the row was inserted: the start of the transaction.';

-- Inbox ----------------------------------------------------------------------------------------------

COMMENT ON COLUMN inbox.channels.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN inbox.channels.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN inbox.channels.type IS 'email, chat, shopify or slack.';
COMMENT ON COLUMN inbox.channels.name IS 'What people call it; 1 to 200 characters.';
COMMENT ON COLUMN inbox.channels.metadata IS
'What the integration keeps with it: any JSON object under 64 KB.';
COMMENT ON COLUMN inbox.channels.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN inbox.channels.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN inbox.channels.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';

COMMENT ON COLUMN inbox.conversations.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN inbox.conversations.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN inbox.conversations.channel_id IS 'The channel through which the customer writes.';
COMMENT ON COLUMN inbox.conversations.subject IS
'Of the first message that had one, until a person changes it; NULL if there is none. Archiving leaves it.';
COMMENT ON COLUMN inbox.conversations.status IS
'open, closed or archived; operations.status_transitions has the legal changes. Archiving removes the texts.';
COMMENT ON COLUMN inbox.conversations.customer_email IS
'As the latest message said that named one, or a person since; NULL if unknown. Archiving leaves it.';
COMMENT ON COLUMN inbox.conversations.customer_name IS
'As the latest message said that named one, or a person since; NULL if unknown. Archiving leaves it.';
COMMENT ON COLUMN inbox.conversations.last_message_at IS
'When the latest message of any direction was sent; kept by inbox.note_message(). NULL before the first.';
COMMENT ON COLUMN inbox.conversations.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN inbox.conversations.updated_at IS
'When status, subject or customer last changed; kept by operations.touch().';
COMMENT ON COLUMN inbox.conversations.revision IS
'Counts the changes of status, subject and customer: the ETag over HTTP; kept by operations.touch().';

COMMENT ON COLUMN inbox.messages.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN inbox.messages.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN inbox.messages.conversation_id IS 'The conversation that it is part of.';
COMMENT ON COLUMN inbox.messages.direction IS
'inbound is from the customer, outbound is to the customer, system is neither.';
COMMENT ON COLUMN inbox.messages.subject IS
'Its own subject; NULL if it has none. Masked in the event log; archiving leaves it.';
COMMENT ON COLUMN inbox.messages.body_text IS
'Plain text, at most 256 KB; NULL once archiving removed it. Masked in the event log.';
COMMENT ON COLUMN inbox.messages.body_html IS
'As HTML, at most 512 KB; NULL if there is none. Archiving removes it. Masked in the event log.';
COMMENT ON COLUMN inbox.messages.metadata IS
'What the channel tells beside the text, under 64 KB; empty once archived. Masked in the event log.';
COMMENT ON COLUMN inbox.messages.sent_at IS
'When it was sent, as the channel or the posting worker says; else when it was stored.';
COMMENT ON COLUMN inbox.messages.created_at IS
'When the row was inserted: the start of the transaction.';

COMMENT ON COLUMN inbox.attachments.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN inbox.attachments.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN inbox.attachments.message_id IS
'The message that the file belongs to; NULL when it belongs to a draft.';
COMMENT ON COLUMN inbox.attachments.draft_id IS
'The draft that the file belongs to; NULL when it belongs to a message.';
COMMENT ON COLUMN inbox.attachments.file_name IS
'What the file is called for people; 1 to 255 characters.';
COMMENT ON COLUMN inbox.attachments.mime_type IS
'The media type, as whoever attached the file says: image/png for example.';
COMMENT ON COLUMN inbox.attachments.size_bytes IS
'The size in bytes, as whoever attached the file says.';
COMMENT ON COLUMN inbox.attachments.created_at IS
'When the row was inserted: the start of the transaction.';

-- Drafts ---------------------------------------------------------------------------------------------

COMMENT ON COLUMN drafts.drafts.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN drafts.drafts.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN drafts.drafts.conversation_id IS 'The conversation that the draft is a reply to.';
COMMENT ON COLUMN drafts.drafts.status IS
'pending, approved, rejected, superseded, sent or archived. It is sent when its reply is confirmed, not before.';
COMMENT ON COLUMN drafts.drafts.model_key IS
'The model that made it, as the drafting service calls it; 1 to 200 characters.';
COMMENT ON COLUMN drafts.drafts.prompt_version IS
'The prompt that it was made with, as the drafting service calls it; 1 to 200 characters.';
COMMENT ON COLUMN drafts.drafts.suggested_text IS
'Plain text, at most 32 KB; never changes. NULL once archiving removed it. Masked in the event log.';
COMMENT ON COLUMN drafts.drafts.suggested_html IS
'As HTML, at most 128 KB; NULL if there is none. Archiving removes it. Masked in the event log.';
COMMENT ON COLUMN drafts.drafts.style_score IS
'From 0 to 1, as the drafting service scored it; NULL if it did not.';
COMMENT ON COLUMN drafts.drafts.toxicity_score IS
'From 0 to 1, as the drafting service scored it; NULL if it did not.';
COMMENT ON COLUMN drafts.drafts.tokens_in IS 'Tokens that the model read; NULL if not reported.';
COMMENT ON COLUMN drafts.drafts.tokens_out IS 'Tokens that the model wrote; NULL if not reported.';
COMMENT ON COLUMN drafts.drafts.latency_ms IS
'How long the model took, in milliseconds; NULL if not reported.';
COMMENT ON COLUMN drafts.drafts.superseded_by_id IS
'The draft that took its place, if one did: set by drafts.number_draft(), or by the person who superseded it.';
COMMENT ON COLUMN drafts.drafts.created_at IS 'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN drafts.drafts.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN drafts.drafts.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT drafts_version_check ON drafts.drafts IS 'version: must be at least 1';

COMMENT ON COLUMN drafts.draft_actions.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN drafts.draft_actions.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN drafts.draft_actions.draft_id IS 'The draft that was decided on.';
COMMENT ON COLUMN drafts.draft_actions.user_id IS 'The person who decided.';
COMMENT ON COLUMN drafts.draft_actions.type IS
'approve, edit, reject, supersede or archive. All but archive are the one decision on the draft.';
COMMENT ON COLUMN drafts.draft_actions.final_text IS
'What goes out after an approval or an edit, NULL for others. Archiving removes it. Masked in the event log.';
COMMENT ON COLUMN drafts.draft_actions.final_html IS
'As HTML; NULL if there is none. Archiving removes it. Masked in the event log.';
COMMENT ON COLUMN drafts.draft_actions.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN drafts.draft_actions.redacted_at IS
'When archiving the conversation removed final_text, final_html and diff; NULL before.';

COMMENT ON COLUMN drafts.scheduled_replies.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN drafts.scheduled_replies.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN drafts.scheduled_replies.conversation_id IS
'The conversation that the reply goes to: the one of the draft.';
COMMENT ON COLUMN drafts.scheduled_replies.draft_id IS 'The approved draft; it has one reply at most.';
COMMENT ON COLUMN drafts.scheduled_replies.status IS
'held, scheduled, claimed, sent, failed, unknown or cancelled; operations.status_transitions has the changes.';
COMMENT ON COLUMN drafts.scheduled_replies.final_text IS
'What is sent, as the decision has it; NULL once archiving removed it. Masked in the event log.';
COMMENT ON COLUMN drafts.scheduled_replies.final_html IS
'As HTML; NULL if there is none. Archiving removes it. Masked in the event log.';
COMMENT ON COLUMN drafts.scheduled_replies.attempts IS
'How often it was claimed; counted by drafts.claim_replies, from 0 again after drafts.schedule_reply.';
COMMENT ON COLUMN drafts.scheduled_replies.max_attempts IS
'After so many attempts, 1 to 100, it fails and is not tried again by itself.';
COMMENT ON COLUMN drafts.scheduled_replies.locked_by IS
'The worker that claimed it last, for people to read; NULL before the first claim.';
COMMENT ON COLUMN drafts.scheduled_replies.lease_expires_at IS
'Until when the claim holds; moved on by heartbeats. NULL unless claimed. After it the outcome is unknown.';
COMMENT ON COLUMN drafts.scheduled_replies.error IS
'Why the latest attempt failed, or has no known outcome; emptied by drafts.schedule_reply and by a confirmation.';
COMMENT ON COLUMN drafts.scheduled_replies.sent_at IS
'When it was sent, as who confirmed it says, else when that was confirmed; NULL until sent.';
COMMENT ON COLUMN drafts.scheduled_replies.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN drafts.scheduled_replies.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN drafts.scheduled_replies.redacted_at IS
'When archiving the conversation removed final_text and final_html; NULL before.';
COMMENT ON COLUMN drafts.scheduled_replies.revision IS
'Counts the changes, heartbeats too: the ETag over HTTP; kept by operations.touch().';

COMMENT ON COLUMN drafts.learning_samples.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN drafts.learning_samples.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN drafts.learning_samples.epoch IS 'The cluster that xid is of: operations.epochs.';
COMMENT ON COLUMN drafts.learning_samples.draft_id IS 'The draft that was corrected.';
COMMENT ON COLUMN drafts.learning_samples.action_id IS
'The edit that corrected it; it has one sample at most.';
COMMENT ON COLUMN drafts.learning_samples.model_key IS 'The model that made the draft; copied from it.';
COMMENT ON COLUMN drafts.learning_samples.prompt_version IS
'The prompt that the draft was made with; copied from it.';
COMMENT ON COLUMN drafts.learning_samples.suggested_text IS
'What the model suggested; copied, and not removed by archiving. Masked in the event log.';
COMMENT ON COLUMN drafts.learning_samples.final_text IS
'What the person made of it; copied, and not removed by archiving. Masked in the event log.';
COMMENT ON COLUMN drafts.learning_samples.diff IS
'The edit as operations, which a CHECK replays with drafts.apply_diff(). Masked in the event log.';
COMMENT ON COLUMN drafts.learning_samples.edit_distance IS
'Levenshtein distance from suggested_text to final_text, in characters.';
COMMENT ON COLUMN drafts.learning_samples.embeddings IS
'A vector for retraining, a list of numbers, under 64 KB; NULL if none was sent. Masked in the event log.';
COMMENT ON COLUMN drafts.learning_samples.created_at IS
'When the row was inserted: the start of the transaction.';

-- Operations -----------------------------------------------------------------------------------------

COMMENT ON COLUMN operations.status_transitions.from_status IS 'The status before; new for an INSERT.';
COMMENT ON COLUMN operations.status_transitions.to_status IS 'The status after.';

COMMENT ON COLUMN operations.epochs.epoch IS
'1 for the first cluster, 2 for the next; operations.current_epoch() is the greatest.';
COMMENT ON COLUMN operations.epochs.reason IS 'Why it began, for people to read.';
COMMENT ON COLUMN operations.epochs.started_at IS
'When the row was added; for the next cluster, before the service writes to it.';

COMMENT ON COLUMN operations.applied_migrations.migration_id IS 'The name of the file, without .sql.';
COMMENT ON COLUMN operations.applied_migrations.checksum IS
'SHA-256 of the file in hexadecimal, line endings aside; written by migrations/post-apply.py.';

COMMENT ON COLUMN operations.events.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN operations.events.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN operations.events.epoch IS 'The cluster that xid is of: operations.epochs.';
COMMENT ON COLUMN operations.events.occurred_at IS
'When the row was changed, by the clock: within the transaction, not at its start.';
COMMENT ON COLUMN operations.events.entity_id IS
'The id of the row that was changed, which may be gone.';
COMMENT ON COLUMN operations.events.actor IS
'app.actor, such as user:<id>, key:<id> or user:<id> via key:<id>; without it, the database role.';
COMMENT ON COLUMN operations.events.role IS
'The role of the user who acted, from app.role; NULL when none did.';
COMMENT ON COLUMN operations.events.request_id IS
'The X-Request-Id of the HTTP request, from app.request_id; NULL when there was none.';
COMMENT ON COLUMN operations.events.ip IS
'The address of the HTTP client, from app.ip, else of the database client; NULL over a socket file.';

COMMENT ON COLUMN operations.jobs.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN operations.jobs.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN operations.jobs.type IS
'What kind of work: draft, crawl, ingest_goldens or corrections_sync.';
COMMENT ON COLUMN operations.jobs.status IS
'queued, running, succeeded, failed or cancelled; operations.status_transitions has the legal changes.';
COMMENT ON COLUMN operations.jobs.payload IS
'What to work on, under 64 KB. Of a draft that intake asks for: conversation_id and message_id.';
COMMENT ON COLUMN operations.jobs.run_at IS
'Not claimed before; moved on by the backoff after a failure.';
COMMENT ON COLUMN operations.jobs.attempts IS
'How often it was claimed; counted by operations.claim_jobs, from 0 again after operations.retry_job.';
COMMENT ON COLUMN operations.jobs.max_attempts IS
'After so many attempts, 1 to 100, it fails and is not tried again by itself.';
COMMENT ON COLUMN operations.jobs.locked_by IS
'The worker that claimed it last, for people to read; NULL before the first claim.';
COMMENT ON COLUMN operations.jobs.lease_expires_at IS
'Until when the claim holds; moved on by heartbeats. NULL unless running. After it the job is queued again, or fails.';
COMMENT ON COLUMN operations.jobs.started_at IS 'When it was claimed last; NULL before the first claim.';
COMMENT ON COLUMN operations.jobs.finished_at IS
'When it succeeded, failed for good or was cancelled; NULL before, and again after operations.retry_job.';
COMMENT ON COLUMN operations.jobs.error IS
'Why the latest failed attempt failed; emptied by operations.complete_job. A failed job always has it.';
COMMENT ON COLUMN operations.jobs.metrics IS
'What the worker measured, as it reports: any JSON object under 64 KB; NULL if it reported none.';
COMMENT ON COLUMN operations.jobs.created_at IS
'When the row was inserted: the start of the transaction.';

COMMENT ON COLUMN operations.notifications.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN operations.notifications.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN operations.notifications.type IS
'draft_ready; delivery_unknown or delivery_failed of a reply; job_failed of a draft, ingest_failed of other jobs.';
COMMENT ON COLUMN operations.notifications.payload IS
'The ids of what it is about: draft_id, conversation_id, scheduled_reply_id or job_id, as the type needs.';
COMMENT ON COLUMN operations.notifications.read_at IS
'When it was marked as read; NULL while it is unread.';
COMMENT ON COLUMN operations.notifications.created_at IS
'When the row was inserted: the start of the transaction.';

COMMENT ON COLUMN operations.source_documents.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN operations.source_documents.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN operations.source_documents.source_url IS
'Where the document comes from, 1 to 2048 bytes; at most one row of the tenant has it.';
COMMENT ON COLUMN operations.source_documents.title IS
'What the document is called for people; NULL if unknown.';
COMMENT ON COLUMN operations.source_documents.hash IS
'Of the content, as the indexer computes it; NULL if unknown.';
COMMENT ON COLUMN operations.source_documents.indexed_at IS
'When the vector store last took it in, as the indexer says.';
COMMENT ON COLUMN operations.source_documents.next_refresh_at IS
'When the indexer means to take it in again; NULL if it has no plan.';
COMMENT ON COLUMN operations.source_documents.metadata IS
'What the indexer tells beside that: any JSON object under 64 KB.';
COMMENT ON COLUMN operations.source_documents.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN operations.source_documents.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN operations.source_documents.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';

COMMENT ON COLUMN operations.idempotency_keys.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN operations.idempotency_keys.key IS
'What the request had as Idempotency-Key: 1 to 255 printable ASCII characters.';
COMMENT ON COLUMN operations.idempotency_keys.status IS
'The HTTP status of the answer; NULL only inside the transaction that took the key.';
COMMENT ON COLUMN operations.idempotency_keys.headers IS
'The answer''s Content-Type, ETag and Location, by name; NULL as long as status is.';
COMMENT ON COLUMN operations.idempotency_keys.body IS
'The answer''s body, encrypted under SECRET_KEY: it may hold a new API key. NULL as long as status is.';
COMMENT ON COLUMN operations.idempotency_keys.created_at IS
'When the key was taken; anew when it was taken over after it had expired.';
COMMENT ON COLUMN operations.idempotency_keys.expires_at IS
'24 hours after it was taken; from then on the next request takes it over. The row stays until it is deleted.';

COMMENT ON FUNCTION operations.current_epoch() IS
'The present epoch: events and learning samples are written with it.';
COMMENT ON FUNCTION operations.refuse_change() IS
'BEFORE UPDATE or DELETE on events: refuses both, unless the whole tenant is erased.';

-- A conversation is of one tenant. Without knowing that, the planner takes it for as good to read all messages of
-- the conversation as to read the one with an external id.
CREATE STATISTICS inbox.messages_conversation (DEPENDENCIES)
ON tenant_id, conversation_id FROM inbox.messages;
COMMENT ON STATISTICS inbox.messages_conversation IS
'That a conversation has few messages, whatever the tenant: for the index on their external ids.';

-- Statistics ------------------------------------------------------------------------------------------

CREATE FUNCTION operations.statement_statistics()
RETURNS TABLE (
    statement text,
    calls bigint,
    total_milliseconds double precision,
    max_milliseconds double precision,
    row_count bigint
)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    extension_schema text;
BEGIN
    SELECT n.nspname
    INTO extension_schema
    FROM pg_extension AS e
    INNER JOIN pg_namespace AS n ON n.oid = e.extnamespace
    WHERE e.extname = 'pg_stat_statements';

    IF extension_schema IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT s.query, s.calls, s.total_exec_time, s.max_exec_time, s.rows
        FROM %I.pg_stat_statements AS s
        WHERE s.userid = current_user::regrole AND s.toplevel
            AND s.dbid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())',
        extension_schema
    );
EXCEPTION
    -- The extension was made, but the server was not started with its library; or it is not for this role.
    WHEN object_not_in_prerequisite_state OR insufficient_privilege THEN
        RETURN;
END
$$;

COMMENT ON FUNCTION operations.statement_statistics() IS
'What pg_stat_statements counted of the current role''s statements; nothing where that extension is not there.';

-- Scopes ---------------------------------------------------------------------------------------------

-- Last, for it keeps others out of the table until the commit. Every key that satisfied the shorter list satisfies the
-- longer one, and a tenant has few keys: to check them again is quick.
ALTER TABLE identity.api_keys
-- squawk-ignore ban-drop-constraint
DROP CONSTRAINT api_keys_scopes_check,
-- squawk-ignore constraint-missing-not-valid
ADD CONSTRAINT api_keys_scopes_check CHECK (
    cardinality(scopes) > 0
    AND scopes <@ ARRAY[
        'tenants:create', 'identity:read', 'identity:write', 'users:act',
        'intake:write', 'inbox:read', 'inbox:write',
        'drafts:read', 'drafts:write', 'drafts:decide', 'drafts:deliver', 'drafts:export',
        'jobs:read', 'jobs:write', 'jobs:work', 'events:read',
        'notifications:read', 'notifications:write', 'sources:read', 'sources:write',
        'catalogue:read', 'catalogue:try'
    ]
);
COMMENT ON CONSTRAINT api_keys_scopes_check ON identity.api_keys IS
'scopes: must hold one or more known scopes';
