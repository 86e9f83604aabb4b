-- The drafts of tweets go, with their decisions and replies. A tweet keeps its status.
SET LOCAL lock_timeout = '5s';

ALTER TABLE identity.tenants DROP COLUMN toxicity_threshold;

DROP TRIGGER return_tweet ON drafts.drafts;
DROP TRIGGER keep_tweet ON tweets.tweets;
DROP TRIGGER post_tweet ON drafts.scheduled_replies;
DROP TRIGGER require_open_tweet ON drafts.scheduled_replies;
DROP TRIGGER require_open_tweet_again ON drafts.scheduled_replies;
DROP FUNCTION drafts.return_tweet();
DROP FUNCTION drafts.keep_tweet();
DROP FUNCTION drafts.post_tweet();
DROP FUNCTION drafts.require_open_tweet();

DELETE FROM drafts.drafts
WHERE tweet_id IS NOT NULL;

ALTER TABLE drafts.scheduled_replies DROP CONSTRAINT scheduled_replies_sent_check;
ALTER TABLE drafts.scheduled_replies DROP COLUMN tweet_id;
ALTER TABLE drafts.scheduled_replies ALTER COLUMN conversation_id SET NOT NULL;
ALTER TABLE drafts.scheduled_replies
ADD CONSTRAINT scheduled_replies_sent_check CHECK (
    (status = 'sent') = (num_nonnulls(sent_at, external_id, message_id) = 3)
    AND num_nonnulls(sent_at, external_id, message_id) IN (0, 3)
);
COMMENT ON COLUMN drafts.scheduled_replies.conversation_id IS
'The conversation that the reply goes to: the one of the draft.';
COMMENT ON COLUMN drafts.scheduled_replies.external_id IS 'What the channel calls the sent message.';
COMMENT ON COLUMN drafts.scheduled_replies.message_id IS 'The outbound message, made on confirmation.';
COMMENT ON CONSTRAINT scheduled_replies_sent_check ON drafts.scheduled_replies IS
'external_id: a sent reply has sent_at, external_id and message_id, no other has';

ALTER TABLE drafts.drafts DROP COLUMN tweet_id;
ALTER TABLE drafts.drafts ALTER COLUMN conversation_id SET NOT NULL;
COMMENT ON TABLE drafts.drafts IS 'Replies that a model suggests, one version after another per conversation.';
COMMENT ON COLUMN drafts.drafts.conversation_id IS 'The conversation that the draft is a reply to.';
COMMENT ON COLUMN drafts.drafts.version IS
'1, 2, 3 within the conversation, without gap; given by drafts.number_draft().';
DROP FUNCTION drafts.tweet_length(text);

CREATE OR REPLACE FUNCTION drafts.number_draft() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    conversation_status text;
BEGIN
    -- Locks the conversation: drafts of one conversation are numbered one after another, and a number that
    -- is rolled back is given again.
    UPDATE inbox.conversations AS c
    SET draft_count = c.draft_count + 1
    WHERE c.tenant_id = NEW.tenant_id AND c.id = NEW.conversation_id
    RETURNING c.draft_count, c.status INTO NEW.version, conversation_status;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such conversation'
        USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'drafts_conversation_fkey';
    END IF;
    IF conversation_status = 'archived' THEN
        RAISE EXCEPTION 'an archived conversation takes no drafts' USING ERRCODE = 'DR001';
    END IF;
    SET CONSTRAINTS ALL DEFERRED;
    UPDATE drafts.drafts AS d
    SET status = 'superseded', superseded_by_id = NEW.id
    WHERE d.tenant_id = NEW.tenant_id
        AND d.conversation_id = NEW.conversation_id
        AND d.status = 'pending';
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION drafts.number_draft() IS
'BEFORE INSERT on drafts: gives the next version and supersedes the pending draft, whoever inserts.';

ALTER TABLE tweets.tweets DROP COLUMN draft_count;
DELETE FROM operations.status_transitions
WHERE entity = 'tweets.tweets'
    AND (from_status, to_status) IN (
        ('unclassified', 'posted'), ('relevant', 'posted'), ('drafted', 'skipped')
    );
