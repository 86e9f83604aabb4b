-- The same desk as one designs it in Prisma's schema without Draftroom: text ids that the application makes, single
-- foreign keys, the indexes that come to mind with the tables, and no trigger, no row-level security, no event log. The
-- application writes its audit itself. A superuser runs the file in an empty database; the peers' role owns all.

SET LOCAL ROLE bench_peer;

CREATE TYPE tweet_status AS ENUM ('unclassified', 'skipped', 'relevant', 'drafted', 'posted');
CREATE TYPE reply_status AS ENUM ('pending', 'approved', 'rejected', 'superseded');
CREATE TYPE channel_type AS ENUM ('email', 'chat', 'shopify', 'slack');
CREATE TYPE message_direction AS ENUM ('inbound', 'outbound', 'system');
CREATE TYPE draft_status AS ENUM ('pending', 'sent', 'superseded', 'archived');
CREATE TYPE action_type AS ENUM ('approve', 'edit', 'reject');
CREATE TYPE run_status AS ENUM ('pending', 'running', 'completed', 'failed', 'cancelled');
CREATE TYPE audit_action AS ENUM ('CREATE', 'UPDATE', 'DELETE', 'APPROVE', 'REJECT', 'POST', 'SCHEDULE');

CREATE TABLE accounts (
    id text PRIMARY KEY,
    name text NOT NULL,
    created_at timestamp(3) NOT NULL DEFAULT current_timestamp,
    updated_at timestamp(3) NOT NULL
);

CREATE TABLE users (
    id text PRIMARY KEY,
    account_id text NOT NULL REFERENCES accounts (id) ON UPDATE CASCADE ON DELETE RESTRICT,
    email text NOT NULL UNIQUE,
    display_name text NOT NULL,
    role text NOT NULL DEFAULT 'agent',
    created_at timestamp(3) NOT NULL DEFAULT current_timestamp,
    updated_at timestamp(3) NOT NULL
);

CREATE TABLE audit_events (
    id text PRIMARY KEY,
    user_id text REFERENCES users (id) ON UPDATE CASCADE ON DELETE SET NULL,
    action audit_action NOT NULL,
    entity_type text NOT NULL,
    entity_id text NOT NULL,
    diff jsonb,
    ip_address text,
    created_at timestamp(3) NOT NULL DEFAULT current_timestamp
);
CREATE INDEX ON audit_events (entity_type, entity_id);
CREATE INDEX ON audit_events (action);
CREATE INDEX ON audit_events (created_at);

-- Tweets and their drafts.

CREATE TABLE tweets (
    id text PRIMARY KEY,
    external_id text NOT NULL UNIQUE,
    author_handle text NOT NULL,
    full_text text NOT NULL,
    text_preview text NOT NULL,
    posted_at timestamp(3),
    status tweet_status NOT NULL DEFAULT 'unclassified',
    relevance_score double precision,
    flags jsonb,
    in_reply_to_id text REFERENCES tweets (id) ON UPDATE CASCADE ON DELETE SET NULL,
    episode_id text,
    created_at timestamp(3) NOT NULL DEFAULT current_timestamp,
    updated_at timestamp(3) NOT NULL
);
CREATE INDEX ON tweets (status);
CREATE INDEX ON tweets (episode_id);
CREATE INDEX ON tweets (relevance_score);
CREATE INDEX ON tweets (in_reply_to_id);

CREATE TABLE draft_replies (
    id text PRIMARY KEY,
    tweet_id text NOT NULL REFERENCES tweets (id) ON UPDATE CASCADE ON DELETE CASCADE,
    model_name text NOT NULL,
    prompt_version text NOT NULL,
    version integer NOT NULL,
    text text NOT NULL,
    status reply_status NOT NULL DEFAULT 'pending',
    created_at timestamp(3) NOT NULL DEFAULT current_timestamp,
    updated_at timestamp(3) NOT NULL
);
CREATE INDEX ON draft_replies (tweet_id, status);

-- The inbox.

CREATE TABLE channels (
    id text PRIMARY KEY,
    account_id text NOT NULL REFERENCES accounts (id) ON UPDATE CASCADE ON DELETE RESTRICT,
    type channel_type NOT NULL,
    external_id text NOT NULL UNIQUE,
    name text NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamp(3) NOT NULL DEFAULT current_timestamp,
    updated_at timestamp(3) NOT NULL
);
CREATE INDEX ON channels (account_id, type);

CREATE TABLE conversations (
    id text PRIMARY KEY,
    account_id text NOT NULL REFERENCES accounts (id) ON UPDATE CASCADE ON DELETE RESTRICT,
    channel_id text NOT NULL REFERENCES channels (id) ON UPDATE CASCADE ON DELETE RESTRICT,
    external_id text NOT NULL UNIQUE,
    subject text,
    status text NOT NULL DEFAULT 'open',
    customer_email text,
    customer_name text,
    created_at timestamp(3) NOT NULL DEFAULT current_timestamp,
    updated_at timestamp(3) NOT NULL
);
CREATE INDEX ON conversations (account_id, status);
CREATE INDEX ON conversations (channel_id, created_at);

CREATE TABLE messages (
    id text PRIMARY KEY,
    conversation_id text NOT NULL REFERENCES conversations (id) ON UPDATE CASCADE ON DELETE RESTRICT,
    external_id text,
    direction message_direction NOT NULL,
    subject text,
    body_text text NOT NULL,
    body_html text,
    sent_at timestamp(3) NOT NULL DEFAULT current_timestamp,
    metadata jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX ON messages (conversation_id, sent_at);

CREATE TABLE drafts (
    id text PRIMARY KEY,
    conversation_id text NOT NULL REFERENCES conversations (id) ON UPDATE CASCADE ON DELETE RESTRICT,
    trigger_message_id text UNIQUE REFERENCES messages (id) ON UPDATE CASCADE ON DELETE SET NULL,
    author_user_id text REFERENCES users (id) ON UPDATE CASCADE ON DELETE SET NULL,
    model_key text NOT NULL,
    prompt_version text NOT NULL,
    status draft_status NOT NULL DEFAULT 'pending',
    suggested_text text NOT NULL,
    suggested_html text,
    top_sources jsonb NOT NULL DEFAULT '[]',
    created_at timestamp(3) NOT NULL DEFAULT current_timestamp,
    updated_at timestamp(3) NOT NULL
);
CREATE INDEX ON drafts (conversation_id, status);
CREATE INDEX ON drafts (status, created_at);

CREATE TABLE draft_actions (
    id text PRIMARY KEY,
    draft_id text NOT NULL REFERENCES drafts (id) ON UPDATE CASCADE ON DELETE RESTRICT,
    user_id text NOT NULL REFERENCES users (id) ON UPDATE CASCADE ON DELETE RESTRICT,
    type action_type NOT NULL,
    final_text text,
    final_html text,
    notes text,
    diff_json jsonb,
    message_id text REFERENCES messages (id) ON UPDATE CASCADE ON DELETE SET NULL,
    created_at timestamp(3) NOT NULL DEFAULT current_timestamp
);
CREATE INDEX ON draft_actions (draft_id);
CREATE INDEX ON draft_actions (user_id, created_at);

CREATE TABLE job_queue (
    id text PRIMARY KEY,
    account_id text,
    job_type text NOT NULL,
    status text NOT NULL DEFAULT 'pending',
    priority integer NOT NULL DEFAULT 5,
    payload jsonb NOT NULL,
    result jsonb,
    error_message text,
    attempts integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL DEFAULT 3,
    scheduled_for timestamp(3) NOT NULL DEFAULT current_timestamp,
    started_at timestamp(3),
    completed_at timestamp(3),
    created_at timestamp(3) NOT NULL DEFAULT current_timestamp
);
CREATE INDEX ON job_queue (status, priority, scheduled_for);
CREATE INDEX ON job_queue (job_type, status);

-- Pipelines.

CREATE TABLE runs (
    id text PRIMARY KEY,
    user_id text NOT NULL REFERENCES users (id) ON UPDATE CASCADE ON DELETE CASCADE,
    company_id text NOT NULL,
    company_name text NOT NULL,
    document_name text NOT NULL,
    document_url text NOT NULL,
    status run_status NOT NULL DEFAULT 'pending',
    current_stage integer NOT NULL DEFAULT 0,
    error_message text,
    created_at timestamp(3) NOT NULL DEFAULT current_timestamp,
    updated_at timestamp(3) NOT NULL,
    completed_at timestamp(3)
);
CREATE INDEX ON runs (user_id, created_at);
CREATE INDEX ON runs (status);
CREATE INDEX ON runs (company_id);

CREATE TABLE opportunity_cards (
    id text PRIMARY KEY,
    run_id text NOT NULL REFERENCES runs (id) ON UPDATE CASCADE ON DELETE CASCADE,
    user_id text NOT NULL REFERENCES users (id) ON UPDATE CASCADE ON DELETE CASCADE,
    number integer NOT NULL,
    title text NOT NULL,
    tagline text NOT NULL,
    problem text NOT NULL,
    solution text NOT NULL,
    why_now text NOT NULL,
    target_segment text NOT NULL,
    quick_win text NOT NULL,
    starred boolean NOT NULL DEFAULT false,
    created_at timestamp(3) NOT NULL DEFAULT current_timestamp,
    updated_at timestamp(3) NOT NULL
);
CREATE INDEX ON opportunity_cards (user_id, starred);
CREATE INDEX ON opportunity_cards (user_id, created_at);
CREATE INDEX ON opportunity_cards (run_id, number);

CREATE TABLE inspiration_reports (
    id text PRIMARY KEY,
    run_id text NOT NULL UNIQUE REFERENCES runs (id) ON UPDATE CASCADE ON DELETE CASCADE,
    inspiration1_title text NOT NULL,
    inspiration1_content text NOT NULL,
    inspiration1_elements text [],
    inspiration2_title text NOT NULL,
    inspiration2_content text NOT NULL,
    inspiration2_elements text [],
    created_at timestamp(3) NOT NULL DEFAULT current_timestamp,
    updated_at timestamp(3) NOT NULL
);
CREATE INDEX ON inspiration_reports (run_id);

CREATE TABLE stage_outputs (
    id text PRIMARY KEY,
    run_id text NOT NULL REFERENCES runs (id) ON UPDATE CASCADE ON DELETE CASCADE,
    stage_number integer NOT NULL,
    markdown_output text NOT NULL,
    json_output jsonb,
    created_at timestamp(3) NOT NULL DEFAULT current_timestamp
);
CREATE INDEX ON stage_outputs (run_id, stage_number);
