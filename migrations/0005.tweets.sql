-- The reply desk: episodes, the steps of their ingestion, and the tweets to reply to.
-- depends: 0004.inbox

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE SCHEMA tweets;

COMMENT ON SCHEMA tweets IS 'The reply desk: episodes, their ingestion, and the tweets to reply to.';

GRANT USAGE ON SCHEMA tweets TO app_rw, app_ro;

-- Episodes ------------------------------------------------------------------------------------------

CREATE TABLE tweets.episodes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    title text NOT NULL,
    raw_transcript text,
    transcript_url text,
    published_at timestamptz,
    created_by_id uuid,
    summary_text text,
    keywords jsonb NOT NULL DEFAULT '{}',
    summary_embedding real [],
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT episodes_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT episodes_created_by_fkey FOREIGN KEY (tenant_id, created_by_id)
    REFERENCES identity.users (tenant_id, id),
    CONSTRAINT episodes_title_check CHECK (NOT operations.is_blank(title) AND length(title) <= 300),
    CONSTRAINT episodes_raw_transcript_check CHECK (
        length(operations.trimmed(raw_transcript)) >= 50 AND octet_length(raw_transcript) <= 1048576
    ),
    CONSTRAINT episodes_transcript_url_check CHECK (
        transcript_url ~* '^https?://[^[:space:]/]+[^[:space:]]*$' AND octet_length(transcript_url) <= 2048
    ),
    CONSTRAINT episodes_transcript_check
    CHECK (raw_transcript IS NOT NULL OR transcript_url IS NOT NULL),
    CONSTRAINT episodes_summary_text_check CHECK (
        NOT operations.is_blank(summary_text) AND octet_length(summary_text) <= 32768
    ),
    CONSTRAINT episodes_keywords_check CHECK (
        jsonb_typeof(keywords) = 'object'
        AND (NOT keywords ? 'list' OR jsonb_typeof(keywords -> 'list') = 'array')
        AND octet_length(keywords::text) < 65536
    ),
    CONSTRAINT episodes_summary_embedding_check CHECK (
        array_ndims(summary_embedding) = 1
        AND cardinality(summary_embedding) = 1536
        AND array_position(summary_embedding, NULL) IS NULL
        AND array_position(summary_embedding, 'NaN') IS NULL
    )
);

COMMENT ON TABLE tweets.episodes IS
'Episodes of a podcast: what tweets are about, and what replies may refer to.';
COMMENT ON COLUMN tweets.episodes.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN tweets.episodes.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN tweets.episodes.title IS 'What people call it; 1 to 300 characters.';
COMMENT ON COLUMN tweets.episodes.raw_transcript IS
'What was said, 50 characters to 1 MB; NULL if only transcript_url is known.';
COMMENT ON COLUMN tweets.episodes.transcript_url IS
'Where the transcript lies, http or https; NULL if raw_transcript is all there is.';
COMMENT ON COLUMN tweets.episodes.published_at IS
'When listeners got it; NULL if unknown or not yet.';
COMMENT ON COLUMN tweets.episodes.created_by_id IS
'The user who added it; NULL when a service did that acted for nobody.';
COMMENT ON COLUMN tweets.episodes.summary_text IS
'What it is about, at most 32 KB; NULL before it was summarised.';
COMMENT ON COLUMN tweets.episodes.keywords IS
'list has the keywords; other keys, such as meta, are the ingestion''s own. Under 64 KB.';
COMMENT ON COLUMN tweets.episodes.summary_embedding IS
'The summary as a vector of 1536 dimensions; NULL if there is none.';
COMMENT ON COLUMN tweets.episodes.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN tweets.episodes.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN tweets.episodes.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT episodes_created_by_fkey ON tweets.episodes IS
'created_by_id: there is no such user';
COMMENT ON CONSTRAINT episodes_title_check ON tweets.episodes IS
'title: must have 1 to 300 characters that are not blank';
COMMENT ON CONSTRAINT episodes_raw_transcript_check ON tweets.episodes IS
'raw_transcript: must have 50 characters or more, and at most 1 MB';
COMMENT ON CONSTRAINT episodes_transcript_url_check ON tweets.episodes IS
'transcript_url: must be an address that begins with http:// or https://, of at most 2048 bytes';
COMMENT ON CONSTRAINT episodes_transcript_check ON tweets.episodes IS
'raw_transcript: is required, or transcript_url';
COMMENT ON CONSTRAINT episodes_summary_text_check ON tweets.episodes IS
'summary_text: must not be blank, and at most 32 KB';
COMMENT ON CONSTRAINT episodes_keywords_check ON tweets.episodes IS
'keywords: must be an object under 64 KB whose list is a list';
COMMENT ON CONSTRAINT episodes_summary_embedding_check ON tweets.episodes IS
'summary_embedding: must have 1536 numbers';


CALL operations.protect(
    'tweets.episodes', rows => 'tenant',
    shown => '{published_at,created_by_id,created_at}',
    fixed => '{created_by_id,created_at}'
);

-- Ingestion steps -----------------------------------------------------------------------------------

CREATE TABLE tweets.ingestion_steps (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    episode_id uuid NOT NULL,
    name text NOT NULL,
    position bigint NOT NULL,
    status text NOT NULL DEFAULT 'pending',
    attempts integer NOT NULL DEFAULT 0,
    started_at timestamptz,
    finished_at timestamptz,
    error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT ingestion_steps_episode_fkey FOREIGN KEY (tenant_id, episode_id)
    REFERENCES tweets.episodes (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT ingestion_steps_name_key UNIQUE (tenant_id, episode_id, name),
    CONSTRAINT ingestion_steps_position_key UNIQUE (tenant_id, episode_id, position),
    CONSTRAINT ingestion_steps_name_check CHECK (name ~ '^[A-Za-z0-9_]{1,50}$'),
    CONSTRAINT ingestion_steps_position_check CHECK (position BETWEEN 1 AND 100),
    CONSTRAINT ingestion_steps_status_check
    CHECK (status IN ('pending', 'running', 'success', 'failed')),
    CONSTRAINT ingestion_steps_attempts_check CHECK (attempts >= 0),
    CONSTRAINT ingestion_steps_started_check
    CHECK ((status = 'pending') = (started_at IS NULL)),
    CONSTRAINT ingestion_steps_finished_check
    CHECK ((status IN ('success', 'failed')) = (finished_at IS NOT NULL)),
    CONSTRAINT ingestion_steps_error_check CHECK ((status = 'failed') = (error IS NOT NULL)),
    CONSTRAINT ingestion_steps_error_text_check CHECK (
        NOT operations.is_blank(error) AND octet_length(error) <= 8192
    )
);

COMMENT ON TABLE tweets.ingestion_steps IS
'What is done with an episode before tweets are compared with it, one step after another.';
COMMENT ON COLUMN tweets.ingestion_steps.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN tweets.ingestion_steps.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN tweets.ingestion_steps.episode_id IS 'The episode that is ingested.';
COMMENT ON COLUMN tweets.ingestion_steps.name IS
'chunking, embedding, summary, keywords, or what the ingestion calls it; 1 to 50 letters, digits and underscores.';
COMMENT ON COLUMN tweets.ingestion_steps.position IS
'The order within the episode, from 1; a step that is added later comes after those that are there.';
COMMENT ON COLUMN tweets.ingestion_steps.status IS
'pending, running, success or failed; operations.status_transitions has the legal changes.';
COMMENT ON COLUMN tweets.ingestion_steps.attempts IS 'How often it was started.';
COMMENT ON COLUMN tweets.ingestion_steps.started_at IS
'When it was last started; NULL while it is pending.';
COMMENT ON COLUMN tweets.ingestion_steps.finished_at IS
'When it succeeded or failed; NULL while it is pending or running.';
COMMENT ON COLUMN tweets.ingestion_steps.error IS
'Why it failed, at most 8 KB; NULL unless it failed.';
COMMENT ON COLUMN tweets.ingestion_steps.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN tweets.ingestion_steps.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN tweets.ingestion_steps.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT ingestion_steps_episode_fkey ON tweets.ingestion_steps IS
'episode_id: there is no such episode';
COMMENT ON CONSTRAINT ingestion_steps_name_key ON tweets.ingestion_steps IS
'name: the episode has a step of this name';
COMMENT ON CONSTRAINT ingestion_steps_position_key ON tweets.ingestion_steps IS
'position: the episode has a step there';
COMMENT ON CONSTRAINT ingestion_steps_name_check ON tweets.ingestion_steps IS
'name: must have 1 to 50 letters, digits and underscores';
COMMENT ON CONSTRAINT ingestion_steps_position_check ON tweets.ingestion_steps IS
'position: must be from 1 to 100, as many steps as an episode may have';
COMMENT ON CONSTRAINT ingestion_steps_status_check ON tweets.ingestion_steps IS
'status: must be pending, running, success or failed';
COMMENT ON CONSTRAINT ingestion_steps_attempts_check ON tweets.ingestion_steps IS
'attempts: must not be negative';
COMMENT ON CONSTRAINT ingestion_steps_started_check ON tweets.ingestion_steps IS
'started_at: a pending step has none, every other has it';
COMMENT ON CONSTRAINT ingestion_steps_finished_check ON tweets.ingestion_steps IS
'finished_at: a step that succeeded or failed has it, no other has';
COMMENT ON CONSTRAINT ingestion_steps_error_check ON tweets.ingestion_steps IS
'error: a failed step says why, no other does';
COMMENT ON CONSTRAINT ingestion_steps_error_text_check ON tweets.ingestion_steps IS
'error: must not be blank, and at most 8 KB';

CREATE INDEX ingestion_steps_unfinished ON tweets.ingestion_steps (tenant_id, started_at, id)
WHERE finished_at IS NULL;

CALL operations.protect(
    'tweets.ingestion_steps', rows => 'tenant',
    shown => '{episode_id,name,position,status,attempts,started_at,finished_at,created_at}',
    fixed => '{episode_id,name,position,created_at}'
);

INSERT INTO operations.status_transitions (entity, from_status, to_status)
VALUES
('tweets.ingestion_steps', 'new', 'pending'),
('tweets.ingestion_steps', 'pending', 'running'),
('tweets.ingestion_steps', 'running', 'success'),
('tweets.ingestion_steps', 'running', 'failed'),
('tweets.ingestion_steps', 'failed', 'running'),
('tweets.ingestion_steps', 'failed', 'pending');

CALL operations.guard_status('tweets.ingestion_steps');

-- Tweets --------------------------------------------------------------------------------------------

CREATE TABLE tweets.tweets (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    external_id text NOT NULL,
    author_handle text NOT NULL,
    full_text text NOT NULL,
    text_preview text NOT NULL GENERATED ALWAYS AS ("left"(full_text, 140)) STORED,
    posted_at timestamptz,
    status text NOT NULL DEFAULT 'unclassified',
    relevance_score double precision,
    model_key text,
    flags jsonb,
    in_reply_to_external_id text,
    episode_id uuid,
    draft_count bigint NOT NULL DEFAULT 0,
    has_draft boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT tweets_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT tweets_episode_fkey FOREIGN KEY (tenant_id, episode_id)
    REFERENCES tweets.episodes (tenant_id, id),
    CONSTRAINT tweets_external_id_key UNIQUE (tenant_id, external_id),
    CONSTRAINT tweets_external_id_check CHECK (external_id ~ '^[A-Za-z0-9_-]{1,64}$'),
    CONSTRAINT tweets_author_handle_check
    CHECK (NOT operations.is_blank(author_handle) AND length(author_handle) <= 100),
    CONSTRAINT tweets_full_text_check
    CHECK (NOT operations.is_blank(full_text) AND length(full_text) <= 25000),
    CONSTRAINT tweets_status_check
    CHECK (status IN ('unclassified', 'skipped', 'relevant', 'drafted', 'posted')),
    CONSTRAINT tweets_relevance_score_check CHECK (relevance_score BETWEEN 0 AND 1),
    CONSTRAINT tweets_model_key_check CHECK (NOT operations.is_blank(model_key) AND length(model_key) <= 200),
    CONSTRAINT tweets_flags_check
    CHECK (jsonb_typeof(flags) = 'object' AND octet_length(flags::text) < 65536),
    CONSTRAINT tweets_in_reply_to_external_id_check CHECK (
        in_reply_to_external_id ~ '^[A-Za-z0-9_-]{1,64}$' AND in_reply_to_external_id <> external_id
    )
);

COMMENT ON TABLE tweets.tweets IS
'Tweets as they were found: sorted into relevant and not, then drafted for and replied to.';
COMMENT ON COLUMN tweets.tweets.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN tweets.tweets.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN tweets.tweets.external_id IS
'What X calls the tweet: one that is found again is stored once.';
COMMENT ON COLUMN tweets.tweets.author_handle IS 'Who wrote it, as X calls the account.';
COMMENT ON COLUMN tweets.tweets.full_text IS
'What it says, at most 25000 characters.';
COMMENT ON COLUMN tweets.tweets.text_preview IS
'The first 140 characters of full_text, for lists.';
COMMENT ON COLUMN tweets.tweets.posted_at IS 'When its author posted it; NULL if unknown.';
COMMENT ON COLUMN tweets.tweets.status IS
'unclassified, skipped, relevant, drafted or posted; operations.status_transitions has the legal changes.';
COMMENT ON COLUMN tweets.tweets.relevance_score IS
'From 0 to 1, as it was classified; NULL before, or when a person decided.';
COMMENT ON COLUMN tweets.tweets.model_key IS
'The model that classified it, as the classifying service calls it; NULL if it did not say.';
COMMENT ON COLUMN tweets.tweets.flags IS
'What was noticed about it, such as toxicity and duplicate: an object under 64 KB; NULL if nothing was.';
COMMENT ON COLUMN tweets.tweets.in_reply_to_external_id IS
'What X calls the tweet that it answers, whether that one was found or not; NULL if it begins a thread.';
COMMENT ON COLUMN tweets.tweets.episode_id IS 'The episode that it is about; NULL if unknown.';
COMMENT ON COLUMN tweets.tweets.draft_count IS
'How many drafts it had: the version of the latest; counted by drafts.number_draft().';
COMMENT ON COLUMN tweets.tweets.has_draft IS
'Whether a draft for it is pending or approved; kept by the triggers of drafts.drafts and drafts.scheduled_replies.';
COMMENT ON COLUMN tweets.tweets.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN tweets.tweets.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN tweets.tweets.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT tweets_episode_fkey ON tweets.tweets IS 'episode_id: there is no such episode';
COMMENT ON CONSTRAINT tweets_external_id_key ON tweets.tweets IS 'external_id: is known already';
COMMENT ON CONSTRAINT tweets_external_id_check ON tweets.tweets IS
'external_id: must have 1 to 64 letters, digits, underscores and hyphens';
COMMENT ON CONSTRAINT tweets_author_handle_check ON tweets.tweets IS
'author_handle: must have 1 to 100 characters that are not blank';
COMMENT ON CONSTRAINT tweets_full_text_check ON tweets.tweets IS
'full_text: must have 1 to 25000 characters that are not blank';
COMMENT ON CONSTRAINT tweets_status_check ON tweets.tweets IS
'status: must be unclassified, skipped, relevant, drafted or posted';
COMMENT ON CONSTRAINT tweets_relevance_score_check ON tweets.tweets IS
'relevance_score: must be from 0 to 1';
COMMENT ON CONSTRAINT tweets_model_key_check ON tweets.tweets IS
'model_key: must have 1 to 200 characters that are not blank';
COMMENT ON CONSTRAINT tweets_flags_check ON tweets.tweets IS 'flags: must be an object under 64 KB';
COMMENT ON CONSTRAINT tweets_in_reply_to_external_id_check ON tweets.tweets IS
'in_reply_to_external_id: must have 1 to 64 letters, digits, underscores and hyphens, and be another tweet';

CREATE INDEX tweets_status ON tweets.tweets (tenant_id, status, id);
CREATE INDEX tweets_episode ON tweets.tweets (tenant_id, episode_id, id)
WHERE episode_id IS NOT NULL;
CREATE INDEX tweets_thread ON tweets.tweets (
    tenant_id, in_reply_to_external_id, coalesce(posted_at, created_at), id
)
WHERE in_reply_to_external_id IS NOT NULL;

CALL operations.protect(
    'tweets.tweets', rows => 'tenant',
    shown => '{external_id,posted_at,status,relevance_score,model_key,in_reply_to_external_id,episode_id,created_at}',
    fixed => '{external_id,created_at}',
    kept => '{draft_count,has_draft}',
    quiet => '{draft_count,has_draft}'
);

-- A reply may go out that was approved before somebody classified the tweet.
INSERT INTO operations.status_transitions (entity, from_status, to_status)
VALUES
('tweets.tweets', 'new', 'unclassified'),
('tweets.tweets', 'unclassified', 'relevant'),
('tweets.tweets', 'unclassified', 'skipped'),
('tweets.tweets', 'relevant', 'drafted'),
('tweets.tweets', 'relevant', 'skipped'),
('tweets.tweets', 'drafted', 'relevant'),
('tweets.tweets', 'drafted', 'posted'),
('tweets.tweets', 'skipped', 'relevant'),
('tweets.tweets', 'unclassified', 'posted'),
('tweets.tweets', 'relevant', 'posted'),
('tweets.tweets', 'drafted', 'skipped');

CALL operations.guard_status('tweets.tweets');

CREATE TABLE tweets.tweet_words (
    tenant_id uuid NOT NULL,
    word text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    PRIMARY KEY (tenant_id, word, id)
);

COMMENT ON TABLE tweets.tweet_words IS
'The words of each tweet, for the search: kept by tweets.index_tweets(), and gone with the tweet.';
COMMENT ON COLUMN tweets.tweet_words.tenant_id IS
'The tenant: leads the key, and row-level security compares it.';
COMMENT ON COLUMN tweets.tweet_words.word IS 'A word of full_text, reduced to its English stem.';
COMMENT ON COLUMN tweets.tweet_words.id IS 'The tweet.';

CALL operations.protect(
    'tweets.tweet_words', rows => 'tenant', writes => '{INSERT,DELETE}', recorded => false, derived => true
);
CALL operations.index_words('tweets.tweets', words => 'tweets.tweet_words', columns => '{full_text}');
