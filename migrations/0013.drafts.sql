-- Drafts for tweets: one workflow for two kinds of subject, a conversation or a tweet.
-- depends: 0012.operations

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- The platform's length -------------------------------------------------------------------------------

CREATE FUNCTION drafts.tweet_length(text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
    -- Plain ASCII without what could be a link, as most replies are, is counted at once: a CHECK counts again at each
    -- change of its row.
    WHEN octet_length($1) = length($1) AND $1 !~ '\.[A-Za-z0-9]' THEN length($1)
    ELSE (
        SELECT
            length(shortened.words)
            + length(
                regexp_replace(shortened.words, '[\u0001-\u10FF\u2000-\u200D\u2010-\u201F\u2032-\u2037]', '', 'g')
            )
        FROM (
            SELECT
                regexp_replace(
                    regexp_replace(
                        normalize($1),
                        -- A link: with https:// under any top-level domain, without it under a common one.
                        '(?<![a-z0-9@$#＠＃])'
                        || '(?:https?://(?:' || patterns.letter || '(?:[_-]*' || patterns.letter || ')*\.)*'
                        || patterns.letter || '(?:-*' || patterns.letter || ')*\.[a-z]{2,}'
                        || '|(?<![-_./])(?:[a-z0-9](?:[_-]*[a-z0-9])*\.)*'
                        || '[a-z0-9](?:-*[a-z0-9])*\.(?:' || patterns.domain || '))'
                        || '(?![a-z0-9@+_-])(?::[0-9]+)?'
                        || '(?:[/?](?:' || patterns.character || '|\(' || patterns.character || '*\))*'
                        || '(?:' || patterns.last_character || '|\(' || patterns.character || '*\))|/)?',
                        repeat('x', 23),
                        'gi'
                    ),
                    -- An emoji: a flag, a key, or symbols with their variants, joined.
                    '[\U0001F1E6-\U0001F1FF]{2}|[0-9#*]\uFE0F?\u20E3'
                    || '|' || patterns.symbol || '(?:\u200D' || patterns.symbol || ')*',
                    'xx',
                    'g'
                ) AS words
            FROM (
                SELECT
                    '[a-z0-9\u00C0-\u024F\u0400-\u04FF]' AS letter,
                    'ad|ae|af|ag|ai|al|am|an|ao|aq|ar|as|at|au|aw|ax|az|ba|bb|bd|be|bf|bg|bh|bi|bj|bl|bm|'
                    || 'bn|bo|bq|br|bs|bt|bv|bw|by|bz|ca|cc|cd|cf|cg|ch|ci|ck|cl|cm|cn|co|cr|cu|cv|cw|cx|cy|'
                    || 'cz|de|dj|dk|dm|do|dz|ec|ee|eg|eh|er|es|et|eu|fi|fj|fk|fm|fo|fr|ga|gb|gd|ge|gf|gg|gh|'
                    || 'gi|gl|gm|gn|gp|gq|gr|gs|gt|gu|gw|gy|hk|hm|hn|hr|ht|hu|id|ie|il|im|in|io|iq|ir|is|it|'
                    || 'je|jm|jo|jp|ke|kg|kh|ki|km|kn|kp|kr|kw|ky|kz|la|lb|lc|li|lk|lr|ls|lt|lu|lv|ly|ma|mc|'
                    || 'md|me|mf|mg|mh|mk|ml|mm|mn|mo|mp|mq|mr|ms|mt|mu|mv|mw|mx|my|mz|na|nc|ne|nf|ng|ni|nl|'
                    || 'no|np|nr|nu|nz|om|pa|pe|pf|pg|ph|pk|pl|pm|pn|pr|ps|pt|pw|py|qa|re|ro|rs|ru|rw|sa|sb|'
                    || 'sc|sd|se|sg|sh|si|sj|sk|sl|sm|sn|so|sr|ss|st|su|sv|sx|sy|sz|tc|td|tf|tg|th|tj|tk|tl|'
                    || 'tm|tn|to|tp|tr|tt|tv|tw|tz|ua|ug|uk|um|us|uy|uz|va|vc|ve|vg|vi|vn|vu|wf|ws|ye|yt|za|'
                    || 'zm|zw|com|net|org|info|biz|edu|gov|int|mil|name|pro|app|dev|blog|news|shop|store|'
                    || 'site|online|tech|xyz|live|cloud|page|link|club|bar' AS domain,
                    '[!#-''*-;=?-~\u00C0-\u024F\u0400-\u04FF]' AS character,
                    '[a-z0-9_=#/&+\u00C0-\u024F\u0400-\u04FF-]' AS last_character,
                    '[©®‼⁉™ℹ\u2194-\u21AA\u231A-\u23FF\u24C2\u25AA-\u25FE\u2600-\u27BF\u2934-\u2935\u2B05-\u2B55'
                    || '〰〽㊗㊙\U0001F000-\U0001FAFF]'
                    || '[\uFE0F\U0001F3FB-\U0001F3FF\U000E0020-\U000E007F]*' AS symbol
            ) AS patterns
        ) AS shortened
    )
END;

COMMENT ON FUNCTION drafts.tweet_length(text) IS
'The length of a text as X counts it, 280 at most: after normalization (NFC) a link counts 23 and an emoji 2, of the
other characters those up to U+10FF and the common punctuation 1, all others 2.';

-- Tweets ----------------------------------------------------------------------------------------------

ALTER TABLE tweets.tweets ADD COLUMN draft_count bigint NOT NULL DEFAULT 0;

COMMENT ON COLUMN tweets.tweets.draft_count IS
'How many drafts it had: the version of the latest; counted by drafts.number_draft().';

-- A reply may go out that was approved before somebody classified the tweet.
INSERT INTO operations.status_transitions (entity, from_status, to_status)
VALUES
('tweets.tweets', 'unclassified', 'posted'),
('tweets.tweets', 'relevant', 'posted'),
('tweets.tweets', 'drafted', 'skipped');

-- Drafts ----------------------------------------------------------------------------------------------

-- No draft is of a tweet yet: to check what is new and to make the indexes is to read the table once.
ALTER TABLE drafts.drafts ADD COLUMN tweet_id uuid;
-- A worker of before meets replies without a conversation only once somebody drafts for a tweet.
-- squawk-ignore ban-drop-not-null
ALTER TABLE drafts.drafts ALTER COLUMN conversation_id DROP NOT NULL;
ALTER TABLE drafts.drafts
-- squawk-ignore constraint-missing-not-valid
ADD CONSTRAINT drafts_subject_check CHECK (num_nonnulls(conversation_id, tweet_id) = 1);
ALTER TABLE drafts.drafts
-- squawk-ignore constraint-missing-not-valid
ADD CONSTRAINT drafts_tweet_content_check CHECK (
    tweet_id IS NULL OR num_nonnulls(trigger_message_id, suggested_html) = 0
);
ALTER TABLE drafts.drafts
-- squawk-ignore constraint-missing-not-valid
ADD CONSTRAINT drafts_tweet_length_check CHECK (
    tweet_id IS NULL OR drafts.tweet_length(suggested_text) <= 280
);
ALTER TABLE drafts.drafts
-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
ADD CONSTRAINT drafts_tweet_fkey FOREIGN KEY (tenant_id, tweet_id)
REFERENCES tweets.tweets (tenant_id, id) ON DELETE CASCADE;
ALTER TABLE drafts.drafts
-- squawk-ignore disallowed-unique-constraint, constraint-missing-not-valid
ADD CONSTRAINT drafts_tweet_key UNIQUE (tenant_id, tweet_id, id);
ALTER TABLE drafts.drafts
-- squawk-ignore disallowed-unique-constraint, constraint-missing-not-valid
ADD CONSTRAINT drafts_tweet_version_key UNIQUE (tenant_id, tweet_id, version);
ALTER TABLE drafts.drafts
-- Deferrable, as drafts_superseded_by_fkey is.
-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
ADD CONSTRAINT drafts_superseded_by_tweet_fkey FOREIGN KEY (tenant_id, tweet_id, superseded_by_id)
REFERENCES drafts.drafts (tenant_id, tweet_id, id) DEFERRABLE INITIALLY IMMEDIATE;

COMMENT ON TABLE drafts.drafts IS
'Replies that a model suggests to a conversation or a tweet, one version after another for each.';
COMMENT ON COLUMN drafts.drafts.conversation_id IS 'The conversation that it is for; NULL if it is for a tweet.';
COMMENT ON COLUMN drafts.drafts.tweet_id IS 'The tweet that it is for; NULL if it is for a conversation.';
COMMENT ON COLUMN drafts.drafts.version IS
'1, 2, 3 within the conversation or the tweet, without gap; given by drafts.number_draft().';
COMMENT ON CONSTRAINT drafts_subject_check ON drafts.drafts IS
'tweet_id: a draft is for a conversation or for a tweet';
COMMENT ON CONSTRAINT drafts_tweet_content_check ON drafts.drafts IS
'suggested_html: the draft for a tweet has none, and no trigger_message_id';
COMMENT ON CONSTRAINT drafts_tweet_length_check ON drafts.drafts IS
'suggested_text: must have at most 280 characters as X counts them';
COMMENT ON CONSTRAINT drafts_tweet_fkey ON drafts.drafts IS 'tweet_id: there is no such tweet';
COMMENT ON CONSTRAINT drafts_tweet_version_key ON drafts.drafts IS
'version: the tweet has a draft of this version';
COMMENT ON CONSTRAINT drafts_superseded_by_tweet_fkey ON drafts.drafts IS
'superseded_by_id: the tweet has no such draft';

-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX drafts_one_pending_of_tweet ON drafts.drafts (tenant_id, tweet_id)
WHERE status = 'pending';
COMMENT ON INDEX drafts.drafts_one_pending_of_tweet IS 'tweet_id: has a pending draft already';
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX drafts_live_of_tweet ON drafts.drafts (tenant_id, tweet_id)
WHERE status IN ('pending', 'approved');

CREATE OR REPLACE FUNCTION drafts.number_draft() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    subject_status text;
BEGIN
    -- Locks the subject: its drafts are numbered one after another, and a number that is rolled back is given
    -- again.
    IF NEW.tweet_id IS NULL THEN
        UPDATE inbox.conversations AS c
        SET draft_count = c.draft_count + 1
        WHERE c.tenant_id = NEW.tenant_id AND c.id = NEW.conversation_id
        RETURNING c.draft_count, c.status INTO NEW.version, subject_status;
    ELSE
        UPDATE tweets.tweets AS t
        SET
            draft_count = t.draft_count + 1,
            status = CASE t.status WHEN 'relevant' THEN 'drafted' ELSE t.status END
        WHERE t.tenant_id = NEW.tenant_id AND t.id = NEW.tweet_id
        RETURNING t.draft_count, t.status INTO NEW.version, subject_status;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such conversation or tweet'
        USING
            ERRCODE = 'foreign_key_violation',
            SCHEMA = 'drafts',
            CONSTRAINT = CASE WHEN NEW.tweet_id IS NULL THEN 'drafts_conversation_fkey' ELSE 'drafts_tweet_fkey' END;
    END IF;
    IF subject_status = 'archived' THEN
        RAISE EXCEPTION 'an archived conversation takes no drafts' USING ERRCODE = 'DR001';
    END IF;
    IF subject_status IN ('skipped', 'posted') THEN
        RAISE EXCEPTION 'a tweet that is % takes no drafts', subject_status USING ERRCODE = 'DR001';
    END IF;
    SET CONSTRAINTS ALL DEFERRED;
    UPDATE drafts.drafts AS d
    SET status = 'superseded', superseded_by_id = NEW.id
    WHERE d.tenant_id = NEW.tenant_id
        AND d.conversation_id = NEW.conversation_id
        AND d.status = 'pending';
    UPDATE drafts.drafts AS d
    SET status = 'superseded', superseded_by_id = NEW.id
    WHERE d.tenant_id = NEW.tenant_id
        AND d.tweet_id = NEW.tweet_id
        AND d.status = 'pending';
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION drafts.number_draft() IS
'BEFORE INSERT on drafts: gives the next version, supersedes the pending draft, and makes a relevant tweet a drafted
one, whoever inserts.';

CREATE FUNCTION drafts.return_tweet() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE tweets.tweets AS t
    SET status = 'relevant'
    WHERE t.tenant_id = NEW.tenant_id
        AND t.id = NEW.tweet_id
        AND t.status = 'drafted'
        AND NOT EXISTS (
            SELECT FROM drafts.drafts AS d
            WHERE d.tenant_id = NEW.tenant_id
                AND d.tweet_id = NEW.tweet_id
                AND d.status IN ('pending', 'approved')
        );
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION drafts.return_tweet() IS
'AFTER a draft of a tweet was rejected, superseded or archived: a tweet without a live draft is relevant again.';

-- Not within number_draft(): the draft that supersedes is about to be there.
CREATE TRIGGER return_tweet AFTER UPDATE ON drafts.drafts
FOR EACH ROW WHEN (
    new.tweet_id IS NOT NULL
    AND old.status IN ('pending', 'approved')
    AND new.status IN ('rejected', 'superseded', 'archived')
    AND pg_trigger_depth() = 0
)
EXECUTE FUNCTION drafts.return_tweet();

CREATE FUNCTION drafts.keep_tweet() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF NEW.status = 'posted' AND NOT EXISTS (
        SELECT FROM drafts.scheduled_replies AS r
        WHERE r.tenant_id = NEW.tenant_id AND r.tweet_id = NEW.id AND r.status = 'sent'
    ) THEN
        RAISE EXCEPTION 'a tweet is posted when a reply to it was sent' USING ERRCODE = 'DR001';
    END IF;
    IF (NEW.status = 'skipped' OR OLD.status = 'drafted' AND NEW.status = 'relevant') AND EXISTS (
        SELECT FROM drafts.drafts AS d
        WHERE d.tenant_id = NEW.tenant_id
            AND d.tweet_id = NEW.id
            AND d.status IN ('pending', 'approved')
    ) THEN
        RAISE EXCEPTION 'the tweet has a draft that is pending or approved' USING ERRCODE = 'DR001';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION drafts.keep_tweet() IS
'BEFORE a tweet''s status changes: it says posted only after a reply was sent, and a tweet with a live draft is
neither skipped nor relevant again.';

CREATE TRIGGER keep_tweet BEFORE UPDATE ON tweets.tweets
FOR EACH ROW WHEN (old.status IS DISTINCT FROM new.status)
EXECUTE FUNCTION drafts.keep_tweet();

-- Deliveries ------------------------------------------------------------------------------------------

ALTER TABLE drafts.scheduled_replies ADD COLUMN tweet_id uuid;
-- squawk-ignore ban-drop-not-null
ALTER TABLE drafts.scheduled_replies ALTER COLUMN conversation_id DROP NOT NULL;
ALTER TABLE drafts.scheduled_replies
-- squawk-ignore constraint-missing-not-valid
ADD CONSTRAINT scheduled_replies_subject_check CHECK (num_nonnulls(conversation_id, tweet_id) = 1);
ALTER TABLE drafts.scheduled_replies
-- squawk-ignore constraint-missing-not-valid
ADD CONSTRAINT scheduled_replies_tweet_content_check CHECK (tweet_id IS NULL OR final_html IS NULL);
ALTER TABLE drafts.scheduled_replies
-- squawk-ignore constraint-missing-not-valid
ADD CONSTRAINT scheduled_replies_tweet_length_check CHECK (
    tweet_id IS NULL OR drafts.tweet_length(final_text) <= 280
);
ALTER TABLE drafts.scheduled_replies
-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
ADD CONSTRAINT scheduled_replies_tweet_fkey FOREIGN KEY (tenant_id, tweet_id, draft_id)
REFERENCES drafts.drafts (tenant_id, tweet_id, id) ON DELETE CASCADE;
-- squawk-ignore ban-drop-constraint
ALTER TABLE drafts.scheduled_replies DROP CONSTRAINT scheduled_replies_sent_check;
ALTER TABLE drafts.scheduled_replies
-- squawk-ignore constraint-missing-not-valid
ADD CONSTRAINT scheduled_replies_sent_check CHECK (
    num_nonnulls(sent_at, external_id) = CASE status WHEN 'sent' THEN 2 ELSE 0 END
    AND (message_id IS NOT NULL) = (status = 'sent' AND tweet_id IS NULL)
);

COMMENT ON COLUMN drafts.scheduled_replies.conversation_id IS
'The conversation that it answers; NULL if it answers a tweet.';
COMMENT ON COLUMN drafts.scheduled_replies.tweet_id IS
'The tweet that it answers; NULL if it answers a conversation.';
COMMENT ON COLUMN drafts.scheduled_replies.external_id IS 'What the channel, or X, calls the sent message.';
COMMENT ON COLUMN drafts.scheduled_replies.message_id IS
'The outbound message of the conversation, made on confirmation; NULL for a tweet.';
COMMENT ON CONSTRAINT scheduled_replies_subject_check ON drafts.scheduled_replies IS
'tweet_id: a reply answers a conversation or a tweet';
COMMENT ON CONSTRAINT scheduled_replies_tweet_content_check ON drafts.scheduled_replies IS
'final_html: the reply to a tweet has none';
COMMENT ON CONSTRAINT scheduled_replies_tweet_length_check ON drafts.scheduled_replies IS
'final_text: must have at most 280 characters as X counts them';
COMMENT ON CONSTRAINT scheduled_replies_tweet_fkey ON drafts.scheduled_replies IS
'draft_id: the tweet has no such draft';
COMMENT ON CONSTRAINT scheduled_replies_sent_check ON drafts.scheduled_replies IS
'external_id: a sent reply has sent_at and external_id, to a conversation also message_id; no other has';

-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX scheduled_replies_one_live_of_tweet ON drafts.scheduled_replies (tenant_id, tweet_id)
WHERE status IN ('held', 'scheduled', 'claimed', 'unknown');
COMMENT ON INDEX drafts.scheduled_replies_one_live_of_tweet IS
'tweet_id: another reply to this tweet is on its way out';
-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX scheduled_replies_sent_to_tweet ON drafts.scheduled_replies (tenant_id, external_id)
WHERE tweet_id IS NOT NULL;
COMMENT ON INDEX drafts.scheduled_replies_sent_to_tweet IS
'external_id: is the name of another reply that was sent';
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX scheduled_replies_tweet ON drafts.scheduled_replies (tenant_id, tweet_id, status)
WHERE tweet_id IS NOT NULL;

CREATE FUNCTION drafts.require_open_tweet() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    tweet_status text;
BEGIN
    -- Locks the tweet, so that it is not skipped until the reply is there to be seen.
    SELECT t.status INTO tweet_status
    FROM tweets.tweets AS t
    WHERE t.tenant_id = NEW.tenant_id AND t.id = NEW.tweet_id
    FOR NO KEY UPDATE;
    IF tweet_status IN ('skipped', 'posted') THEN
        RAISE EXCEPTION 'a tweet that is % takes no replies', tweet_status USING ERRCODE = 'DR001';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION drafts.require_open_tweet() IS
'BEFORE INSERT on scheduled_replies, and before a failed one is taken up again: refuses a reply to a tweet that is
skipped, or posted already.';

CREATE TRIGGER require_open_tweet BEFORE INSERT ON drafts.scheduled_replies
FOR EACH ROW WHEN (new.tweet_id IS NOT NULL)
EXECUTE FUNCTION drafts.require_open_tweet();
CREATE TRIGGER require_open_tweet_again BEFORE UPDATE ON drafts.scheduled_replies
FOR EACH ROW WHEN (
    new.tweet_id IS NOT NULL AND old.status = 'failed' AND new.status IN ('held', 'scheduled')
)
EXECUTE FUNCTION drafts.require_open_tweet();

CREATE FUNCTION drafts.post_tweet() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE tweets.tweets AS t
    SET status = 'posted'
    WHERE t.tenant_id = NEW.tenant_id AND t.id = NEW.tweet_id;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION drafts.post_tweet() IS
'AFTER a reply to a tweet was confirmed as sent: the tweet is posted, and by nothing else.';

CREATE TRIGGER post_tweet AFTER UPDATE ON drafts.scheduled_replies
FOR EACH ROW WHEN (new.tweet_id IS NOT NULL AND old.status <> 'sent' AND new.status = 'sent')
EXECUTE FUNCTION drafts.post_tweet();

-- Toxic drafts ----------------------------------------------------------------------------------------

ALTER TABLE identity.tenants ADD COLUMN toxicity_threshold double precision NOT NULL DEFAULT 0.5;
ALTER TABLE identity.tenants
-- squawk-ignore constraint-missing-not-valid
ADD CONSTRAINT tenants_toxicity_threshold_check CHECK (toxicity_threshold BETWEEN 0 AND 1);

COMMENT ON COLUMN identity.tenants.toxicity_threshold IS
'From this toxicity score on, who approves a draft must say that it is known to be toxic.';
COMMENT ON CONSTRAINT tenants_toxicity_threshold_check ON identity.tenants IS
'toxicity_threshold: must be from 0 to 1';
