-- The campaign studio: generations of concepts, and the videos that are made of them.
-- depends: 0008.pipelines

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE SCHEMA studio;

COMMENT ON SCHEMA studio IS
'The campaign studio: generated concepts, videos, posts, what they earned and what was learned.';

GRANT USAGE ON SCHEMA studio TO app_rw, app_ro;

-- Subscriptions -------------------------------------------------------------------------------------

CREATE TABLE studio.subscriptions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    tier text NOT NULL DEFAULT 'FREE',
    subscription_status text NOT NULL DEFAULT 'active',
    told_at timestamptz,
    told_by text COLLATE "C",
    allowed bigint NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN subscription_status = 'canceled' THEN 10
            WHEN tier = 'AGENCY' THEN 500
            WHEN tier = 'PRO' THEN 50
            ELSE 10
        END
    ) STORED,
    used bigint NOT NULL DEFAULT 0,
    resets_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT subscriptions_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT subscriptions_tenant_key UNIQUE (tenant_id),
    CONSTRAINT subscriptions_tier_check CHECK (tier IN ('FREE', 'STARTER', 'PRO', 'AGENCY')),
    CONSTRAINT subscriptions_subscription_status_check
    CHECK (subscription_status IN ('active', 'past_due', 'canceled')),
    CONSTRAINT subscriptions_used_check CHECK (used >= 0)
);

COMMENT ON TABLE studio.subscriptions IS
'What a tenant pays for, and how much of it is used. A tenant without a row has what the defaults say.';
COMMENT ON COLUMN studio.subscriptions.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN studio.subscriptions.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN studio.subscriptions.tier IS
'FREE, STARTER, PRO or AGENCY, as the latest of subscription_events says.';
COMMENT ON COLUMN studio.subscriptions.subscription_status IS
'active, past_due or canceled, as the latest of subscription_events says.';
COMMENT ON COLUMN studio.subscriptions.told_at IS
'When the event occurred that tier and subscription_status are from; NULL while there was none.';
COMMENT ON COLUMN studio.subscriptions.told_by IS
'The event_id of that event; NULL while there was none.';
COMMENT ON COLUMN studio.subscriptions.allowed IS
'How many concepts may be generated in 30 days: 10, of PRO 50, of AGENCY 500. A canceled one has what FREE has.';
COMMENT ON COLUMN studio.subscriptions.used IS
'How many were generated before resets_at; counted by studio.charge_generation().';
COMMENT ON COLUMN studio.subscriptions.resets_at IS
'From then on used counts for nothing, and the next generation begins another 30 days; NULL before the first one.';
COMMENT ON COLUMN studio.subscriptions.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN studio.subscriptions.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN studio.subscriptions.revision IS 'Counts the changes; kept by operations.touch().';
COMMENT ON CONSTRAINT subscriptions_tenant_key ON studio.subscriptions IS
'tenant_id: the tenant has its subscription already';
COMMENT ON CONSTRAINT subscriptions_tier_check ON studio.subscriptions IS
'tier: must be FREE, STARTER, PRO or AGENCY';
COMMENT ON CONSTRAINT subscriptions_subscription_status_check ON studio.subscriptions IS
'subscription_status: must be active, past_due or canceled';
COMMENT ON CONSTRAINT subscriptions_used_check ON studio.subscriptions IS
'used: must not be negative';

CALL operations.protect(
    'studio.subscriptions', rows => 'tenant',
    shown => '{tier,subscription_status,told_at,told_by,created_at}',
    fixed => '{created_at}',
    kept => '{tier,subscription_status,told_at,told_by,used,resets_at}',
    quiet => '{used,resets_at}'
);

CREATE TABLE studio.subscription_events (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    event_id text COLLATE "C" NOT NULL,
    occurred_at timestamptz NOT NULL,
    tier text NOT NULL,
    subscription_status text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT subscription_events_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT subscription_events_event_id_key UNIQUE (tenant_id, event_id),
    CONSTRAINT subscription_events_event_id_check
    CHECK (NOT operations.is_blank(event_id) AND length(event_id) <= 200),
    CONSTRAINT subscription_events_occurred_at_check
    CHECK (isfinite(occurred_at) AND occurred_at <= created_at + interval '5 minutes'),
    CONSTRAINT subscription_events_tier_check
    CHECK (tier IN ('FREE', 'STARTER', 'PRO', 'AGENCY')),
    CONSTRAINT subscription_events_subscription_status_check
    CHECK (subscription_status IN ('active', 'past_due', 'canceled'))
);

COMMENT ON TABLE studio.subscription_events IS
'What the billing provider told of a subscription, each event once: to insert a row is to change the subscription,
unless a later event is known. Append-only.';
COMMENT ON COLUMN studio.subscription_events.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN studio.subscription_events.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN studio.subscription_events.event_id IS
'What the provider calls the event, or the platform, if a person decided; 1 to 200 characters.';
COMMENT ON COLUMN studio.subscription_events.occurred_at IS
'When it occurred, as the provider says: events apply in this order, whenever they come. Not in the future.';
COMMENT ON COLUMN studio.subscription_events.tier IS
'The tier from then on: FREE, STARTER, PRO or AGENCY.';
COMMENT ON COLUMN studio.subscription_events.subscription_status IS
'The status from then on: active, past_due or canceled.';
COMMENT ON COLUMN studio.subscription_events.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON CONSTRAINT subscription_events_event_id_key ON studio.subscription_events IS
'event_id: is known already';
COMMENT ON CONSTRAINT subscription_events_event_id_check ON studio.subscription_events IS
'event_id: must have 1 to 200 characters that are not blank';
COMMENT ON CONSTRAINT subscription_events_occurred_at_check ON studio.subscription_events IS
'occurred_at: must not be in the future';
COMMENT ON CONSTRAINT subscription_events_tier_check ON studio.subscription_events IS
'tier: must be FREE, STARTER, PRO or AGENCY';
COMMENT ON CONSTRAINT subscription_events_subscription_status_check ON studio.subscription_events IS
'subscription_status: must be active, past_due or canceled';

CALL operations.protect(
    'studio.subscription_events', rows => 'tenant',
    shown => '{event_id,occurred_at,tier,subscription_status,created_at}',
    writes => '{INSERT}'
);

CREATE FUNCTION studio.apply_subscription_event() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO studio.subscriptions (tenant_id)
    VALUES (NEW.tenant_id)
    ON CONFLICT (tenant_id) DO NOTHING;
    UPDATE studio.subscriptions AS s
    SET
        tier = NEW.tier,
        subscription_status = NEW.subscription_status,
        told_at = NEW.occurred_at,
        told_by = NEW.event_id
    WHERE s.tenant_id = NEW.tenant_id
        AND (s.told_at IS NULL OR (s.told_at, s.told_by) < (NEW.occurred_at, NEW.event_id));
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION studio.apply_subscription_event() IS
'AFTER INSERT on subscription_events: gives the subscription the event''s tier and status, unless a later one did.';

CREATE TRIGGER apply_subscription_event AFTER INSERT ON studio.subscription_events
FOR EACH ROW EXECUTE FUNCTION studio.apply_subscription_event();

-- Generations ---------------------------------------------------------------------------------------

CREATE TABLE studio.generations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    concept_count integer NOT NULL,
    trends jsonb NOT NULL DEFAULT '[]',
    model_key text,
    created_by_id uuid,
    favorite boolean NOT NULL DEFAULT false,
    epoch integer NOT NULL,
    xid xid8 NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT generations_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT generations_created_by_fkey FOREIGN KEY (tenant_id, created_by_id)
    REFERENCES identity.users (tenant_id, id),
    CONSTRAINT generations_concept_count_check CHECK (concept_count BETWEEN 1 AND 100),
    CONSTRAINT generations_trends_check
    CHECK (jsonb_typeof(trends) = 'array' AND octet_length(trends::text) < 65536),
    CONSTRAINT generations_model_key_check CHECK (NOT operations.is_blank(model_key) AND length(model_key) <= 200)
);

COMMENT ON TABLE studio.generations IS
'Batches of concepts that a model made in one go, with the trends that it started from.';
COMMENT ON COLUMN studio.generations.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN studio.generations.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN studio.generations.concept_count IS
'How many concepts it may have, 1 to 100: as many units of the tenant''s quota it costs.';
COMMENT ON COLUMN studio.generations.trends IS
'The trends that were found: a list of objects such as {"topic", "source", "score"}, under 64 KB.';
COMMENT ON COLUMN studio.generations.model_key IS
'The model that made it, as the generating service calls it; NULL if it did not say.';
COMMENT ON COLUMN studio.generations.created_by_id IS
'The user for whom it was made; NULL when a service did that acted for nobody.';
COMMENT ON COLUMN studio.generations.favorite IS 'Whether somebody marked it as a favourite.';
COMMENT ON COLUMN studio.generations.epoch IS
'The cluster that xid is of: operations.epochs. Set by operations.note_transaction().';
COMMENT ON COLUMN studio.generations.xid IS
'The transaction that made it: exports read in the order (epoch, xid, id). Set by operations.note_transaction().';
COMMENT ON COLUMN studio.generations.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN studio.generations.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN studio.generations.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT generations_created_by_fkey ON studio.generations IS
'created_by_id: there is no such user';
COMMENT ON CONSTRAINT generations_concept_count_check ON studio.generations IS
'concept_count: must be from 1 to 100';
COMMENT ON CONSTRAINT generations_trends_check ON studio.generations IS
'trends: must be a list under 64 KB';
COMMENT ON CONSTRAINT generations_model_key_check ON studio.generations IS
'model_key: must have 1 to 200 characters that are not blank';

CREATE INDEX generations_created ON studio.generations (tenant_id, created_at, id);
CREATE INDEX generations_order ON studio.generations (tenant_id, epoch, xid, id);
CREATE INDEX generations_favorite ON studio.generations (tenant_id, created_at, id) WHERE favorite;

CALL operations.protect(
    'studio.generations', rows => 'tenant',
    shown => '{concept_count,created_by_id,favorite,created_at}',
    fixed => '{concept_count,trends,model_key,created_by_id,epoch,xid,created_at}'
);

CREATE FUNCTION studio.charge_generation() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    next_reset CONSTANT timestamptz := now() + interval '30 days';
    subscription studio.subscriptions;
BEGIN
    INSERT INTO studio.subscriptions (tenant_id)
    VALUES (NEW.tenant_id)
    ON CONFLICT (tenant_id) DO NOTHING;
    UPDATE studio.subscriptions AS s
    SET
        used = CASE WHEN s.resets_at > now() THEN s.used ELSE 0 END + NEW.concept_count,
        resets_at = CASE WHEN s.resets_at > now() THEN s.resets_at ELSE next_reset END
    WHERE s.tenant_id = NEW.tenant_id
        AND CASE WHEN s.resets_at > now() THEN s.used ELSE 0 END + NEW.concept_count <= s.allowed;
    IF FOUND THEN
        RETURN NEW;
    END IF;
    SELECT
        s.allowed,
        CASE WHEN s.resets_at > now() THEN s.used ELSE 0 END,
        CASE WHEN s.resets_at > now() THEN s.resets_at END
    INTO subscription.allowed, subscription.used, subscription.resets_at
    FROM studio.subscriptions AS s
    WHERE s.tenant_id = NEW.tenant_id;
    RAISE EXCEPTION '% concepts are requested, % remain',
        NEW.concept_count, greatest(subscription.allowed - subscription.used, 0)
    USING
        ERRCODE = 'DR002',
        DETAIL = jsonb_build_object(
            'allowed', subscription.allowed,
            'used', subscription.used,
            'remaining', greatest(subscription.allowed - subscription.used, 0),
            'requested', NEW.concept_count,
            'resets_at', subscription.resets_at
        );
END
$$;

COMMENT ON FUNCTION studio.charge_generation() IS
'BEFORE INSERT on generations: counts its concepts against the tenant''s subscription, whoever writes, or refuses them
with SQLSTATE DR002 and what is left as the detail.';

CREATE TRIGGER note_transaction BEFORE INSERT ON studio.generations
FOR EACH ROW EXECUTE FUNCTION operations.note_transaction();
CREATE TRIGGER charge_generation BEFORE INSERT ON studio.generations
FOR EACH ROW EXECUTE FUNCTION studio.charge_generation();

-- Concepts ------------------------------------------------------------------------------------------

CREATE TABLE studio.concepts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    generation_id uuid NOT NULL,
    position integer NOT NULL,
    category text NOT NULL,
    title text NOT NULL,
    caption text NOT NULL,
    hashtags text [] NOT NULL DEFAULT '{}',
    script jsonb NOT NULL DEFAULT '[]',
    prompts jsonb NOT NULL DEFAULT '{}',
    why_it_works text,
    monetization text,
    virality jsonb NOT NULL DEFAULT '{}',
    variants jsonb NOT NULL DEFAULT '[]',
    post_time time,
    trend_source text,
    trend_topic text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT concepts_generation_fkey FOREIGN KEY (tenant_id, generation_id)
    REFERENCES studio.generations (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT concepts_position_key UNIQUE (tenant_id, generation_id, position),
    CONSTRAINT concepts_position_check CHECK (position BETWEEN 1 AND 100),
    CONSTRAINT concepts_category_check CHECK (
        category IN (
            'news',
            'absurd',
            'luxury',
            'emotional',
            'tech',
            'cartoon',
            'gaming',
            'fitness',
            'food',
            'finance',
            'music',
            'relationships'
        )
    ),
    CONSTRAINT concepts_title_check CHECK (NOT operations.is_blank(title) AND length(title) <= 300),
    CONSTRAINT concepts_caption_check CHECK (NOT operations.is_blank(caption) AND length(caption) <= 2200),
    CONSTRAINT concepts_hashtags_check CHECK (
        cardinality(hashtags) <= 30
        AND coalesce(array_ndims(hashtags), 1) = 1
        AND array_position(hashtags, NULL) IS NULL
        -- As PostgreSQL writes an array, with "" for what is empty.
        AND hashtags::text !~ '[[:space:]]|""'
        AND octet_length(hashtags::text) <= 4096
    ),
    CONSTRAINT concepts_script_check
    CHECK (jsonb_typeof(script) = 'array' AND octet_length(script::text) < 65536),
    CONSTRAINT concepts_prompts_check CHECK (
        jsonb_typeof(prompts) = 'object'
        AND prompts - '{sora,veo,runway,luma}'::text [] = '{}'
        AND NOT jsonb_path_exists(prompts, '$.* ? (@.type() != "string")')
        AND octet_length(prompts::text) < 65536
    ),
    CONSTRAINT concepts_why_it_works_check CHECK (
        NOT operations.is_blank(why_it_works) AND length(why_it_works) <= 4000
    ),
    CONSTRAINT concepts_monetization_check CHECK (
        NOT operations.is_blank(monetization) AND length(monetization) <= 4000
    ),
    CONSTRAINT concepts_virality_check CHECK (
        jsonb_typeof(virality) = 'object'
        AND virality - '{tiktok,youtube-shorts,instagram-reels}'::text [] = '{}'
        AND NOT jsonb_path_exists(virality, '$.* ? (@.type() != "number" || @ < 0 || @ > 100)')
        AND octet_length(virality::text) < 65536
    ),
    CONSTRAINT concepts_variants_check CHECK (
        jsonb_typeof(variants) = 'array'
        AND NOT jsonb_path_exists(variants, '$[*] ? (@.type() != "object" || !(exists (@.name)))')
        AND octet_length(variants::text) < 65536
    ),
    CONSTRAINT concepts_trend_source_check CHECK (
        NOT operations.is_blank(trend_source) AND length(trend_source) <= 200
    ),
    CONSTRAINT concepts_trend_topic_check CHECK (
        NOT operations.is_blank(trend_topic) AND length(trend_topic) <= 200
    )
);

COMMENT ON TABLE studio.concepts IS
'Ideas for short videos: a script, what is written beside it, and how well it is expected to do.';
COMMENT ON COLUMN studio.concepts.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN studio.concepts.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN studio.concepts.generation_id IS 'The generation that it came with.';
COMMENT ON COLUMN studio.concepts.position IS
'1, 2, 3 within the generation, and at most its concept_count.';
COMMENT ON COLUMN studio.concepts.category IS
'news, absurd, luxury, emotional, tech, cartoon, gaming, fitness, food, finance, music or relationships.';
COMMENT ON COLUMN studio.concepts.title IS 'What people call it; 1 to 300 characters.';
COMMENT ON COLUMN studio.concepts.caption IS 'What is posted with the video; 1 to 2200 characters.';
COMMENT ON COLUMN studio.concepts.hashtags IS
'At most 30, without white space, with or without the leading #; at most 4 KB in all.';
COMMENT ON COLUMN studio.concepts.script IS
'The video''s segments in order: objects with time_range, visual, on_screen_text and camera. Under 64 KB.';
COMMENT ON COLUMN studio.concepts.prompts IS
'What a provider of videos is asked, by provider: sora, veo, runway, luma. Under 64 KB.';
COMMENT ON COLUMN studio.concepts.why_it_works IS
'Why it should spread; at most 4000 characters. NULL if the model did not say.';
COMMENT ON COLUMN studio.concepts.monetization IS
'How it may earn money; at most 4000 characters. NULL if the model did not say.';
COMMENT ON COLUMN studio.concepts.virality IS
'The score that is predicted for it, 0 to 100, by platform: tiktok, youtube-shorts, instagram-reels. Never changed: what
was predicted is compared with what came.';
COMMENT ON COLUMN studio.concepts.variants IS
'What is to be tried against each other: objects with a name, and a hook, title and caption of their own. Under 64 KB.';
COMMENT ON COLUMN studio.concepts.post_time IS
'The time of day, in UTC, at which it should be posted; NULL if any is as good.';
COMMENT ON COLUMN studio.concepts.trend_source IS
'Where the trend was seen that it follows, such as a site; NULL if it follows none.';
COMMENT ON COLUMN studio.concepts.trend_topic IS
'What the trend is about that it follows; NULL if it follows none.';
COMMENT ON COLUMN studio.concepts.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN studio.concepts.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN studio.concepts.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT concepts_generation_fkey ON studio.concepts IS
'generation_id: there is no such generation';
COMMENT ON CONSTRAINT concepts_position_key ON studio.concepts IS
'position: the generation has a concept there';
COMMENT ON CONSTRAINT concepts_position_check ON studio.concepts IS
'position: must be from 1 to 100';
COMMENT ON CONSTRAINT concepts_category_check ON studio.concepts IS
'category: must be one of the twelve categories';
COMMENT ON CONSTRAINT concepts_title_check ON studio.concepts IS
'title: must have 1 to 300 characters that are not blank';
COMMENT ON CONSTRAINT concepts_caption_check ON studio.concepts IS
'caption: must have 1 to 2200 characters that are not blank';
COMMENT ON CONSTRAINT concepts_hashtags_check ON studio.concepts IS
'hashtags: must be at most 30 texts that are not empty and have no white space, 4 KB in all';
COMMENT ON CONSTRAINT concepts_script_check ON studio.concepts IS
'script: must be a list under 64 KB';
COMMENT ON CONSTRAINT concepts_prompts_check ON studio.concepts IS
'prompts: must be an object of texts by provider, under 64 KB';
COMMENT ON CONSTRAINT concepts_why_it_works_check ON studio.concepts IS
'why_it_works: must have 1 to 4000 characters that are not blank';
COMMENT ON CONSTRAINT concepts_monetization_check ON studio.concepts IS
'monetization: must have 1 to 4000 characters that are not blank';
COMMENT ON CONSTRAINT concepts_virality_check ON studio.concepts IS
'virality: must be an object of scores from 0 to 100 by platform';
COMMENT ON CONSTRAINT concepts_variants_check ON studio.concepts IS
'variants: must be a list of objects with a name, under 64 KB';
COMMENT ON CONSTRAINT concepts_trend_source_check ON studio.concepts IS
'trend_source: must have 1 to 200 characters that are not blank';
COMMENT ON CONSTRAINT concepts_trend_topic_check ON studio.concepts IS
'trend_topic: must have 1 to 200 characters that are not blank';

CREATE INDEX concepts_created ON studio.concepts (tenant_id, created_at, category);
CREATE INDEX concepts_category ON studio.concepts (tenant_id, category, id);

CALL operations.protect(
    'studio.concepts', rows => 'tenant',
    shown => '{generation_id,position,category,created_at}',
    fixed => '{generation_id,position,category,virality,created_at}'
);

CREATE FUNCTION studio.check_position() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM
    FROM studio.generations AS g
    WHERE g.tenant_id = NEW.tenant_id
        AND g.id = NEW.generation_id
        AND g.concept_count >= NEW.position;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the generation has fewer concepts'
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION studio.check_position() IS
'AFTER INSERT on concepts: refuses more of them than the generation was charged for.';

CREATE CONSTRAINT TRIGGER concepts_count_check AFTER INSERT ON studio.concepts
DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION studio.check_position();

COMMENT ON CONSTRAINT concepts_count_check ON studio.concepts IS
'position: must be at most the concept_count of the generation';

CREATE TABLE studio.concept_words (
    tenant_id uuid NOT NULL,
    word text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    PRIMARY KEY (tenant_id, word, id)
);

COMMENT ON TABLE studio.concept_words IS
'The words of each concept, for the search: kept by studio.index_concepts(), and gone with the concept.';
COMMENT ON COLUMN studio.concept_words.tenant_id IS
'The tenant: leads the key, and row-level security compares it.';
COMMENT ON COLUMN studio.concept_words.word IS
'A word of its title, caption, hashtags or trend, reduced to its English stem.';
COMMENT ON COLUMN studio.concept_words.id IS 'The concept.';

CALL operations.protect('studio.concept_words', rows => 'tenant', writes => '{INSERT,DELETE}', recorded => false);
CALL operations.index_words(
    'studio.concepts', words => 'studio.concept_words',
    columns => '{title,caption,hashtags,trend_source,trend_topic}'
);

-- Videos --------------------------------------------------------------------------------------------

CREATE TABLE studio.videos (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    concept_id uuid NOT NULL,
    platform text NOT NULL,
    provider text NOT NULL,
    variant text,
    status text NOT NULL DEFAULT 'generating',
    object_key text,
    cdn_url text,
    thumbnail_url text,
    error text,
    metadata jsonb NOT NULL DEFAULT '{}',
    cost_micros bigint,
    generated_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT videos_concept_fkey FOREIGN KEY (tenant_id, concept_id)
    REFERENCES studio.concepts (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT videos_platform_check CHECK (platform IN ('tiktok', 'youtube-shorts', 'instagram-reels')),
    CONSTRAINT videos_provider_check CHECK (provider IN ('sora', 'veo', 'runway', 'luma')),
    CONSTRAINT videos_variant_check CHECK (NOT operations.is_blank(variant) AND length(variant) <= 50),
    CONSTRAINT videos_status_check CHECK (status IN ('generating', 'completed', 'failed')),
    CONSTRAINT videos_generated_check CHECK ((status = 'completed') = (generated_at IS NOT NULL)),
    CONSTRAINT videos_object_key_check CHECK (
        (status = 'completed') = (object_key IS NOT NULL)
        AND NOT operations.is_blank(object_key)
        AND octet_length(object_key) <= 1024
    ),
    CONSTRAINT videos_cdn_url_check CHECK (
        cdn_url ~* '^https?://[^[:space:]/]+[^[:space:]]*$' AND octet_length(cdn_url) <= 2048
    ),
    CONSTRAINT videos_thumbnail_url_check CHECK (
        thumbnail_url ~* '^https?://[^[:space:]/]+[^[:space:]]*$' AND octet_length(thumbnail_url) <= 2048
    ),
    CONSTRAINT videos_error_check CHECK (
        (status = 'failed') = (error IS NOT NULL)
        AND NOT operations.is_blank(error)
        AND octet_length(error) <= 8192
    ),
    CONSTRAINT videos_metadata_check
    CHECK (jsonb_typeof(metadata) = 'object' AND octet_length(metadata::text) < 65536),
    CONSTRAINT videos_cost_micros_check CHECK (cost_micros >= 0)
);

COMMENT ON TABLE studio.videos IS
'Videos of concepts: asked for, made by a provider, then posted.';
COMMENT ON COLUMN studio.videos.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN studio.videos.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN studio.videos.concept_id IS 'The concept that it shows.';
COMMENT ON COLUMN studio.videos.platform IS
'The platform that it is cut for: tiktok, youtube-shorts or instagram-reels.';
COMMENT ON COLUMN studio.videos.provider IS 'Who makes it: sora, veo, runway or luma.';
COMMENT ON COLUMN studio.videos.variant IS
'The name of the concept''s variant that it shows; NULL for the concept as it is.';
COMMENT ON COLUMN studio.videos.status IS
'generating, completed or failed; operations.status_transitions has the legal changes.';
COMMENT ON COLUMN studio.videos.object_key IS
'Where the file lies in the object store, at most 1024 bytes; NULL until it is completed.';
COMMENT ON COLUMN studio.videos.cdn_url IS
'Where the file is delivered from, http or https; NULL if from nowhere yet.';
COMMENT ON COLUMN studio.videos.thumbnail_url IS
'A still picture of it, http or https; NULL if there is none.';
COMMENT ON COLUMN studio.videos.error IS 'Why it failed, at most 8 KB; NULL unless it failed.';
COMMENT ON COLUMN studio.videos.metadata IS
'What the provider tells beside that, such as its settings: any JSON object under 64 KB.';
COMMENT ON COLUMN studio.videos.cost_micros IS
'Millionths of the currency unit that making it cost; NULL if the price is unknown, which is not 0.';
COMMENT ON COLUMN studio.videos.generated_at IS 'When it was completed; NULL until then.';
COMMENT ON COLUMN studio.videos.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN studio.videos.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN studio.videos.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT videos_concept_fkey ON studio.videos IS 'concept_id: there is no such concept';
COMMENT ON CONSTRAINT videos_platform_check ON studio.videos IS
'platform: must be tiktok, youtube-shorts or instagram-reels';
COMMENT ON CONSTRAINT videos_provider_check ON studio.videos IS
'provider: must be sora, veo, runway or luma';
COMMENT ON CONSTRAINT videos_variant_check ON studio.videos IS
'variant: must have 1 to 50 characters that are not blank';
COMMENT ON CONSTRAINT videos_status_check ON studio.videos IS
'status: must be generating, completed or failed';
COMMENT ON CONSTRAINT videos_generated_check ON studio.videos IS
'generated_at: a completed video has it, no other has';
COMMENT ON CONSTRAINT videos_object_key_check ON studio.videos IS
'object_key: a completed video has one that is not blank, of at most 1024 bytes, no other has';
COMMENT ON CONSTRAINT videos_cdn_url_check ON studio.videos IS
'cdn_url: must be an address that begins with http:// or https://, of at most 2048 bytes';
COMMENT ON CONSTRAINT videos_thumbnail_url_check ON studio.videos IS
'thumbnail_url: must be an address that begins with http:// or https://, of at most 2048 bytes';
COMMENT ON CONSTRAINT videos_error_check ON studio.videos IS
'error: a failed video says why, in at most 8 KB, no other does';
COMMENT ON CONSTRAINT videos_metadata_check ON studio.videos IS
'metadata: must be an object under 64 KB';
COMMENT ON CONSTRAINT videos_cost_micros_check ON studio.videos IS
'cost_micros: must not be negative';

CREATE INDEX videos_concept ON studio.videos (tenant_id, concept_id, id);
CREATE INDEX videos_status ON studio.videos (tenant_id, status, id);

CALL operations.protect(
    'studio.videos', rows => 'tenant',
    shown => '{concept_id,platform,provider,status,cost_micros,generated_at,created_at}',
    fixed => '{concept_id,platform,provider,variant,created_at}'
);

INSERT INTO operations.status_transitions (entity, from_status, to_status)
VALUES
('studio.videos', 'new', 'generating'),
('studio.videos', 'generating', 'completed'),
('studio.videos', 'generating', 'failed');

CALL operations.guard_status('studio.videos');
