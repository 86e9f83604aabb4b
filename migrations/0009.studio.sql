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
    CONSTRAINT concepts_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
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
    CONSTRAINT videos_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
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

CREATE TRIGGER check_transition_on_insert BEFORE INSERT ON studio.videos
FOR EACH ROW EXECUTE FUNCTION operations.check_transition('studio.videos');
CREATE TRIGGER check_transition_on_update BEFORE UPDATE ON studio.videos
FOR EACH ROW WHEN (old.status IS DISTINCT FROM new.status)
EXECUTE FUNCTION operations.check_transition('studio.videos');

-- Social accounts -----------------------------------------------------------------------------------

CREATE TABLE studio.social_accounts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    platform text NOT NULL,
    username text NOT NULL,
    access_token bytea,
    refresh_token bytea,
    token_expires_at timestamptz,
    niche text,
    is_active boolean NOT NULL DEFAULT true,
    daily_limit integer NOT NULL DEFAULT 10,
    min_distance_minutes integer NOT NULL DEFAULT 15,
    used_today integer NOT NULL DEFAULT 0,
    used_on date,
    last_claimed_at timestamptz,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT social_accounts_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT social_accounts_username_key UNIQUE (tenant_id, platform, username),
    CONSTRAINT social_accounts_platform_key UNIQUE (tenant_id, id, platform),
    CONSTRAINT social_accounts_platform_check CHECK (platform IN ('tiktok', 'youtube', 'instagram')),
    CONSTRAINT social_accounts_username_check CHECK (username ~ '^[^[:space:]@][^[:space:]]{0,99}$'),
    CONSTRAINT social_accounts_tokens_check CHECK (
        (access_token IS NOT NULL OR NOT (is_active OR refresh_token IS NOT NULL OR token_expires_at IS NOT NULL))
        AND octet_length(access_token) BETWEEN 37 AND 16384
        AND octet_length(refresh_token) BETWEEN 37 AND 16384
    ),
    CONSTRAINT social_accounts_niche_check CHECK (NOT operations.is_blank(niche) AND length(niche) <= 100),
    CONSTRAINT social_accounts_daily_limit_check CHECK (daily_limit BETWEEN 1 AND 1000),
    CONSTRAINT social_accounts_min_distance_minutes_check CHECK (min_distance_minutes BETWEEN 0 AND 1440),
    CONSTRAINT social_accounts_used_check CHECK (
        used_today BETWEEN 0 AND daily_limit AND (used_on IS NOT NULL OR used_today = 0)
    ),
    CONSTRAINT social_accounts_metadata_check
    CHECK (jsonb_typeof(metadata) = 'object' AND octet_length(metadata::text) < 65536)
);

COMMENT ON TABLE studio.social_accounts IS
'Accounts on the platforms, with the tokens to post on them and the places that they have each day.';
COMMENT ON COLUMN studio.social_accounts.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN studio.social_accounts.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN studio.social_accounts.platform IS 'tiktok, youtube or instagram.';
COMMENT ON COLUMN studio.social_accounts.username IS
'What the platform calls the account, without the leading @; at most 100 characters.';
COMMENT ON COLUMN studio.social_accounts.access_token IS
'Encrypted for this row. NULL if somebody took the tokens away, then the account is not active.';
COMMENT ON COLUMN studio.social_accounts.refresh_token IS
'Encrypted for this row; NULL if the platform gave none.';
COMMENT ON COLUMN studio.social_accounts.token_expires_at IS
'Until when the access token works; NULL if the platform did not say.';
COMMENT ON COLUMN studio.social_accounts.niche IS
'What it is about, such as tech, in the words of the concepts'' categories; NULL if about anything.';
COMMENT ON COLUMN studio.social_accounts.is_active IS 'Whether posts go out on it.';
COMMENT ON COLUMN studio.social_accounts.daily_limit IS 'How many posts it takes in a day of UTC, 1 to 1000.';
COMMENT ON COLUMN studio.social_accounts.min_distance_minutes IS
'How many minutes lie between two of its posts at least, 0 to 1440.';
COMMENT ON COLUMN studio.social_accounts.used_today IS
'How many posts have a place on used_on; kept by studio.keep_places(). On a later day it counts as 0.';
COMMENT ON COLUMN studio.social_accounts.used_on IS
'The day of UTC that used_today is of; kept by studio.keep_places(). NULL before the first place was taken.';
COMMENT ON COLUMN studio.social_accounts.last_claimed_at IS
'When a worker last claimed a post of it; kept by studio.keep_places(). NULL before the first time.';
COMMENT ON COLUMN studio.social_accounts.metadata IS
'What the integration keeps with it: any JSON object under 64 KB.';
COMMENT ON COLUMN studio.social_accounts.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN studio.social_accounts.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN studio.social_accounts.revision IS
'Counts the changes, places aside: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT social_accounts_username_key ON studio.social_accounts IS
'username: the platform has this account already';
COMMENT ON CONSTRAINT social_accounts_platform_key ON studio.social_accounts IS
'id: is the account''s own';
COMMENT ON CONSTRAINT social_accounts_platform_check ON studio.social_accounts IS
'platform: must be tiktok, youtube or instagram';
COMMENT ON CONSTRAINT social_accounts_username_check ON studio.social_accounts IS
'username: must have 1 to 100 characters without white space, and no leading @';
COMMENT ON CONSTRAINT social_accounts_tokens_check ON studio.social_accounts IS
'access_token: an active account has one';
COMMENT ON CONSTRAINT social_accounts_niche_check ON studio.social_accounts IS
'niche: must have 1 to 100 characters that are not blank';
COMMENT ON CONSTRAINT social_accounts_daily_limit_check ON studio.social_accounts IS
'daily_limit: must be from 1 to 1000';
COMMENT ON CONSTRAINT social_accounts_min_distance_minutes_check ON studio.social_accounts IS
'min_distance_minutes: must be from 0 to 1440';
COMMENT ON CONSTRAINT social_accounts_used_check ON studio.social_accounts IS
'daily_limit: must not be less than the places that are taken today';
COMMENT ON CONSTRAINT social_accounts_metadata_check ON studio.social_accounts IS
'metadata: must be an object under 64 KB';

CREATE INDEX social_accounts_expiry ON studio.social_accounts (tenant_id, token_expires_at, id)
WHERE is_active AND token_expires_at IS NOT NULL;

CALL operations.protect(
    'studio.social_accounts', rows => 'tenant',
    shown => '{platform,token_expires_at,is_active,daily_limit,min_distance_minutes,created_at}',
    fixed => '{platform,created_at}',
    kept => '{used_today,used_on,last_claimed_at}',
    quiet => '{used_today,used_on,last_claimed_at}'
);

CREATE FUNCTION studio.begin_day() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.used_today := 0;
    NEW.used_on := (now() AT TIME ZONE 'UTC')::date;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION studio.begin_day() IS
'BEFORE an account''s daily limit changes on a later day than its places are of: forgets them.';

CREATE TRIGGER reset_places BEFORE UPDATE ON studio.social_accounts
FOR EACH ROW WHEN (
    old.daily_limit <> new.daily_limit
    AND old.used_today > 0
    AND old.used_on < (now() AT TIME ZONE 'UTC')::date
)
EXECUTE FUNCTION studio.begin_day();

-- Social posts --------------------------------------------------------------------------------------

CREATE TABLE studio.social_posts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    video_id uuid NOT NULL,
    platform text NOT NULL,
    account_id uuid,
    caption text NOT NULL,
    idempotency_key text NOT NULL DEFAULT gen_random_uuid()::text,
    status text NOT NULL DEFAULT 'draft',
    scheduled_for timestamptz,
    reserved_on date,
    attempts integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL DEFAULT 5,
    first_failed_at timestamptz,
    retry_at timestamptz,
    locked_by text,
    lease_id uuid,
    lease_expires_at timestamptz,
    claimed_at timestamptz,
    error text,
    external_id text,
    post_url text,
    posted_at timestamptz,
    overdue_told_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT social_posts_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT social_posts_video_fkey FOREIGN KEY (tenant_id, video_id)
    REFERENCES studio.videos (tenant_id, id),
    CONSTRAINT social_posts_account_fkey FOREIGN KEY (tenant_id, account_id, platform)
    REFERENCES studio.social_accounts (tenant_id, id, platform),
    CONSTRAINT social_posts_idempotency_key_key UNIQUE (tenant_id, idempotency_key),
    CONSTRAINT social_posts_platform_check CHECK (platform IN ('tiktok', 'youtube', 'instagram')),
    CONSTRAINT social_posts_caption_check CHECK (NOT operations.is_blank(caption) AND length(caption) <= 2200),
    CONSTRAINT social_posts_idempotency_key_check CHECK (
        NOT operations.is_blank(idempotency_key) AND length(idempotency_key) <= 200
    ),
    CONSTRAINT social_posts_status_check CHECK (
        status IN ('draft', 'scheduled', 'claimed', 'posted', 'failed', 'unknown', 'cancelled')
    ),
    CONSTRAINT social_posts_scheduled_check CHECK (
        status IN ('draft', 'cancelled') OR num_nonnulls(account_id, scheduled_for) = 2
    ),
    CONSTRAINT social_posts_reserved_check CHECK (
        CASE
            WHEN status IN ('claimed', 'posted', 'unknown') THEN reserved_on IS NOT NULL
            WHEN status <> 'scheduled' THEN reserved_on IS NULL
        END
    ),
    CONSTRAINT social_posts_attempts_check CHECK (
        max_attempts BETWEEN 1 AND 5 AND attempts BETWEEN 0 AND max_attempts
    ),
    CONSTRAINT social_posts_retry_check CHECK (
        retry_at IS NULL OR (status = 'failed' AND retry_at - first_failed_at < interval '24 hours')
    ),
    CONSTRAINT social_posts_lease_check CHECK (
        (status = 'claimed') = (lease_expires_at IS NOT NULL)
        AND (status <> 'claimed' OR num_nonnulls(lease_id, locked_by, claimed_at) = 3)
    ),
    CONSTRAINT social_posts_error_check CHECK (
        (status NOT IN ('failed', 'unknown') OR error IS NOT NULL)
        AND NOT operations.is_blank(error)
        AND octet_length(error) <= 8192
    ),
    CONSTRAINT social_posts_posted_check CHECK (
        num_nonnulls(posted_at, external_id) = CASE status WHEN 'posted' THEN 2 ELSE 0 END
        AND NOT operations.is_blank(external_id)
        AND octet_length(external_id) <= 1024
    ),
    CONSTRAINT social_posts_posted_at_check CHECK (
        posted_at >= created_at AND posted_at - updated_at <= interval '24 hours'
    ),
    CONSTRAINT social_posts_post_url_check CHECK (
        (post_url IS NULL OR status = 'posted')
        AND post_url ~* '^https?://[^[:space:]/]+[^[:space:]]*$'
        AND octet_length(post_url) <= 2048
    )
);

COMMENT ON TABLE studio.social_posts IS
'Videos on their way to an account. Posted means confirmed; an outcome that nobody knows is unknown, and is never tried
again before a person has looked.';
COMMENT ON COLUMN studio.social_posts.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN studio.social_posts.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN studio.social_posts.video_id IS 'The video; it is scheduled only when that is completed.';
COMMENT ON COLUMN studio.social_posts.platform IS 'tiktok, youtube or instagram; that of its account.';
COMMENT ON COLUMN studio.social_posts.account_id IS
'The account that it goes out on; chosen when it is scheduled, NULL before.';
COMMENT ON COLUMN studio.social_posts.caption IS
'What is posted with the video at each attempt; 1 to 2200 characters.';
COMMENT ON COLUMN studio.social_posts.idempotency_key IS
'What the platform is given, if it takes such keys: the same at each attempt, so that it posts once.';
COMMENT ON COLUMN studio.social_posts.status IS
'draft, scheduled, claimed, posted, failed, unknown or cancelled; operations.status_transitions has the changes.';
COMMENT ON COLUMN studio.social_posts.scheduled_for IS 'When it is due; NULL before it is scheduled.';
COMMENT ON COLUMN studio.social_posts.reserved_on IS
'The day of UTC on which it has a place of its account, taken on that day; NULL if it has none. A claim takes one.';
COMMENT ON COLUMN studio.social_posts.attempts IS
'How often it was claimed; counted by studio.claim_posts, from 0 again after studio.schedule_post.';
COMMENT ON COLUMN studio.social_posts.max_attempts IS
'After so many attempts, 1 to 5, it is not tried again by itself.';
COMMENT ON COLUMN studio.social_posts.first_failed_at IS
'When its first attempt failed: it is tried again for 24 hours. NULL if none failed.';
COMMENT ON COLUMN studio.social_posts.retry_at IS
'When a failed post is tried again by itself; NULL if it is not.';
COMMENT ON COLUMN studio.social_posts.locked_by IS
'The worker that claimed it last, for people to read; NULL before the first claim.';
COMMENT ON COLUMN studio.social_posts.lease_id IS
'New for each claim: who reports with an older one has lost the post.';
COMMENT ON COLUMN studio.social_posts.lease_expires_at IS
'Until when the claim holds; moved on by heartbeats. NULL unless claimed. After it the outcome is unknown.';
COMMENT ON COLUMN studio.social_posts.claimed_at IS 'When it was claimed last; NULL before the first claim.';
COMMENT ON COLUMN studio.social_posts.error IS
'Why the latest attempt failed, or has no known outcome, at most 8 KB; NULL if none did.';
COMMENT ON COLUMN studio.social_posts.external_id IS
'What the platform calls the post, at most 1024 bytes; NULL until posted.';
COMMENT ON COLUMN studio.social_posts.post_url IS 'Where people see it, http or https; NULL if nobody said.';
COMMENT ON COLUMN studio.social_posts.posted_at IS
'When it was posted, as who confirmed it says, else when that was confirmed; NULL until posted.';
COMMENT ON COLUMN studio.social_posts.overdue_told_at IS
'When a notification told that it is overdue; NULL if none did.';
COMMENT ON COLUMN studio.social_posts.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN studio.social_posts.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN studio.social_posts.revision IS
'Counts the changes, heartbeats too: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT social_posts_video_fkey ON studio.social_posts IS 'video_id: there is no such video';
COMMENT ON CONSTRAINT social_posts_account_fkey ON studio.social_posts IS
'account_id: there is no such account on this platform';
COMMENT ON CONSTRAINT social_posts_idempotency_key_key ON studio.social_posts IS
'idempotency_key: another post has it';
COMMENT ON CONSTRAINT social_posts_platform_check ON studio.social_posts IS
'platform: must be tiktok, youtube or instagram';
COMMENT ON CONSTRAINT social_posts_caption_check ON studio.social_posts IS
'caption: must have 1 to 2200 characters that are not blank';
COMMENT ON CONSTRAINT social_posts_idempotency_key_check ON studio.social_posts IS
'idempotency_key: must have 1 to 200 characters that are not blank';
COMMENT ON CONSTRAINT social_posts_status_check ON studio.social_posts IS
'status: must be draft, scheduled, claimed, posted, failed, unknown or cancelled';
COMMENT ON CONSTRAINT social_posts_scheduled_check ON studio.social_posts IS
'scheduled_for: a post that is scheduled, or was, has it and an account_id';
COMMENT ON CONSTRAINT social_posts_reserved_check ON studio.social_posts IS
'reserved_on: a post that is claimed, posted or unknown has a place, a scheduled one may have one';
COMMENT ON CONSTRAINT social_posts_attempts_check ON studio.social_posts IS
'max_attempts: must be from 1 to 5, and not less than attempts';
COMMENT ON CONSTRAINT social_posts_retry_check ON studio.social_posts IS
'retry_at: only a failed post is tried again, within 24 hours of its first failure';
COMMENT ON CONSTRAINT social_posts_lease_check ON studio.social_posts IS
'lease_expires_at: a claimed post has a lease, no other has';
COMMENT ON CONSTRAINT social_posts_error_check ON studio.social_posts IS
'error: a failed or unknown post says why, in at most 8 KB';
COMMENT ON CONSTRAINT social_posts_posted_check ON studio.social_posts IS
'external_id: a posted post has it, of at most 1024 bytes, and posted_at; no other has';
COMMENT ON CONSTRAINT social_posts_posted_at_check ON studio.social_posts IS
'posted_at: must be after the post was made, and at most a day ahead';
COMMENT ON CONSTRAINT social_posts_post_url_check ON studio.social_posts IS
'post_url: must be the http or https address, of at most 2048 bytes, of a posted post';

CREATE UNIQUE INDEX social_posts_external_id ON studio.social_posts (tenant_id, account_id, external_id)
WHERE external_id IS NOT NULL;
COMMENT ON INDEX studio.social_posts_external_id IS 'external_id: is the name of another post of the account';
CREATE UNIQUE INDEX social_posts_once ON studio.social_posts (tenant_id, account_id, video_id, md5(caption))
WHERE status NOT IN ('draft', 'cancelled');
COMMENT ON INDEX studio.social_posts_once IS
'caption: another post of the account has this video with this caption';
CREATE INDEX social_posts_due ON studio.social_posts (tenant_id, scheduled_for, id) WHERE status = 'scheduled';
CREATE INDEX social_posts_leased ON studio.social_posts (tenant_id, lease_expires_at) WHERE status = 'claimed';
CREATE INDEX social_posts_retry ON studio.social_posts (tenant_id, retry_at, id) WHERE retry_at IS NOT NULL;
CREATE INDEX social_posts_status ON studio.social_posts (tenant_id, status, id);
CREATE INDEX social_posts_account ON studio.social_posts (tenant_id, account_id, status, scheduled_for, id);
CREATE INDEX social_posts_video ON studio.social_posts (tenant_id, video_id, id);
CREATE INDEX social_posts_posted ON studio.social_posts (tenant_id, platform, posted_at, id)
WHERE status = 'posted';

CALL operations.protect(
    'studio.social_posts', rows => 'tenant',
    shown => '{video_id,platform,account_id,status,scheduled_for,reserved_on,attempts,max_attempts,first_failed_at,retry_at,claimed_at,posted_at,created_at}',  -- noqa: LT05
    fixed => '{video_id,platform,idempotency_key,created_at}',
    quiet => '{overdue_told_at}'
);

INSERT INTO operations.status_transitions (entity, from_status, to_status)
VALUES
('studio.social_posts', 'new', 'draft'),
('studio.social_posts', 'new', 'scheduled'),
('studio.social_posts', 'draft', 'scheduled'),
('studio.social_posts', 'draft', 'cancelled'),
('studio.social_posts', 'scheduled', 'claimed'),
('studio.social_posts', 'scheduled', 'cancelled'),
('studio.social_posts', 'claimed', 'posted'),
('studio.social_posts', 'claimed', 'failed'),
('studio.social_posts', 'claimed', 'unknown'),
('studio.social_posts', 'failed', 'scheduled'),
('studio.social_posts', 'failed', 'cancelled'),
('studio.social_posts', 'unknown', 'posted'),
('studio.social_posts', 'unknown', 'failed');

CREATE TRIGGER check_transition_on_insert BEFORE INSERT ON studio.social_posts
FOR EACH ROW EXECUTE FUNCTION operations.check_transition('studio.social_posts');
CREATE TRIGGER check_transition_on_update BEFORE UPDATE ON studio.social_posts
FOR EACH ROW WHEN (old.status IS DISTINCT FROM new.status)
EXECUTE FUNCTION operations.check_transition('studio.social_posts');

CREATE FUNCTION studio.check_schedule() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    distance interval;
    other record;
BEGIN
    -- Locks the account: of two posts that are scheduled at once, the second sees the first.
    SELECT make_interval(mins => a.min_distance_minutes) INTO distance
    FROM studio.social_accounts AS a
    WHERE a.tenant_id = NEW.tenant_id AND a.id = NEW.account_id
    FOR NO KEY UPDATE;

    SELECT
        p.id,
        p.scheduled_for
    INTO other
    FROM studio.social_posts AS p
    WHERE p.tenant_id = NEW.tenant_id
        AND p.account_id = NEW.account_id
        AND p.status IN ('scheduled', 'claimed', 'posted', 'unknown')
        AND p.scheduled_for > NEW.scheduled_for - distance
        AND p.scheduled_for < NEW.scheduled_for + distance
        AND p.id <> NEW.id
    ORDER BY p.scheduled_for
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the account has the post % at %, which is too near', other.id, other.scheduled_for
        USING ERRCODE = 'DR001';
    END IF;

    IF NOT EXISTS (
        SELECT FROM studio.videos AS v
        WHERE v.tenant_id = NEW.tenant_id AND v.id = NEW.video_id AND v.status = 'completed'
    ) THEN
        RAISE EXCEPTION 'the video is not completed' USING ERRCODE = 'DR001';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION studio.check_schedule() IS
'BEFORE a post is scheduled, or for another time or account: refuses a time that is nearer to another post of the
account than its min_distance_minutes, and a video that is not there. A retry keeps its time.';

CREATE TRIGGER check_schedule_on_insert BEFORE INSERT ON studio.social_posts
FOR EACH ROW WHEN (new.status = 'scheduled')
EXECUTE FUNCTION studio.check_schedule();
CREATE TRIGGER check_schedule_on_update BEFORE UPDATE ON studio.social_posts
FOR EACH ROW WHEN (
    new.status = 'scheduled'
    AND (
        old.status = 'draft'
        OR old.scheduled_for IS DISTINCT FROM new.scheduled_for
        OR old.account_id IS DISTINCT FROM new.account_id
    )
)
EXECUTE FUNCTION studio.check_schedule();

CREATE FUNCTION studio.keep_places() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    today CONSTANT date := (now() AT TIME ZONE 'UTC')::date;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.reserved_on IS NOT NULL THEN
        -- On a later day there is nothing to give back.
        UPDATE studio.social_accounts AS a
        SET used_today = a.used_today - 1
        WHERE a.tenant_id = OLD.tenant_id
            AND a.id = OLD.account_id
            AND a.used_on = OLD.reserved_on;
    END IF;
    IF NEW.reserved_on IS NOT NULL THEN
        IF NEW.reserved_on <> today THEN
            RAISE EXCEPTION 'a place is taken on the day itself, %', today USING ERRCODE = 'DR001';
        END IF;
        UPDATE studio.social_accounts AS a
        SET
            used_today = CASE WHEN a.used_on = today THEN a.used_today + 1 ELSE 1 END,
            used_on = today
        WHERE a.tenant_id = NEW.tenant_id
            AND a.id = NEW.account_id
            AND (a.used_on IS NULL OR a.used_on <= today);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the day has ended meanwhile' USING ERRCODE = 'serialization_failure';
        END IF;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION studio.keep_places() IS
'AFTER a post takes a place of an account, or gives it back: counts it there. More than the daily limit are refused by
social_accounts_used_check.';

CREATE TRIGGER keep_places_on_insert AFTER INSERT ON studio.social_posts
FOR EACH ROW WHEN (new.reserved_on IS NOT NULL)
EXECUTE FUNCTION studio.keep_places();
CREATE TRIGGER keep_places_on_update AFTER UPDATE ON studio.social_posts
FOR EACH ROW WHEN (
    old.reserved_on IS DISTINCT FROM new.reserved_on
    OR (old.account_id IS DISTINCT FROM new.account_id AND new.reserved_on IS NOT NULL)
)
EXECUTE FUNCTION studio.keep_places();

CREATE FUNCTION studio.note_claim() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE studio.social_accounts AS a
    SET last_claimed_at = now()
    WHERE a.tenant_id = NEW.tenant_id AND a.id = NEW.account_id;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION studio.note_claim() IS
'AFTER a post is claimed: its account gives no other one out within its min_distance_minutes.';

CREATE TRIGGER note_claim AFTER UPDATE ON studio.social_posts
FOR EACH ROW WHEN (old.status <> 'claimed' AND new.status = 'claimed')
EXECUTE FUNCTION studio.note_claim();

-- Attempts to post ----------------------------------------------------------------------------------

CREATE TABLE studio.post_attempts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    post_id uuid NOT NULL,
    account_id uuid NOT NULL,
    attempt integer NOT NULL,
    worker text NOT NULL,
    outcome text NOT NULL,
    error text,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT post_attempts_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT post_attempts_post_fkey FOREIGN KEY (tenant_id, post_id)
    REFERENCES studio.social_posts (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT post_attempts_outcome_check CHECK (outcome IN ('posted', 'not_posted', 'unknown')),
    CONSTRAINT post_attempts_error_check CHECK ((outcome = 'posted') = (error IS NULL))
);

COMMENT ON TABLE studio.post_attempts IS
'What came of each claim of a post: written by studio.log_attempt() when the claim ends. What was found out later is on
the post.';
COMMENT ON COLUMN studio.post_attempts.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN studio.post_attempts.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN studio.post_attempts.post_id IS 'The post.';
COMMENT ON COLUMN studio.post_attempts.account_id IS 'The account that it was tried on.';
COMMENT ON COLUMN studio.post_attempts.attempt IS 'The post''s attempts then: 1, 2, 3 since it was scheduled.';
COMMENT ON COLUMN studio.post_attempts.worker IS 'Who had claimed it.';
COMMENT ON COLUMN studio.post_attempts.outcome IS 'posted, not_posted or unknown.';
COMMENT ON COLUMN studio.post_attempts.error IS 'Why it was not posted, or is unknown; NULL if it was posted.';
COMMENT ON COLUMN studio.post_attempts.started_at IS 'When it was claimed.';
COMMENT ON COLUMN studio.post_attempts.finished_at IS
'When the worker reported, or somebody noticed that its lease had run out.';
COMMENT ON CONSTRAINT post_attempts_post_fkey ON studio.post_attempts IS 'post_id: there is no such post';
COMMENT ON CONSTRAINT post_attempts_outcome_check ON studio.post_attempts IS
'outcome: must be posted, not_posted or unknown';
COMMENT ON CONSTRAINT post_attempts_error_check ON studio.post_attempts IS
'error: an attempt says why, unless it posted';

CREATE INDEX post_attempts_post ON studio.post_attempts (tenant_id, post_id, id);

CALL operations.protect('studio.post_attempts', rows => 'tenant', writes => '{INSERT}', recorded => false);

CREATE FUNCTION studio.log_attempt() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO studio.post_attempts (
        tenant_id, post_id, account_id, attempt, worker, outcome, error, started_at
    )
    VALUES (
        NEW.tenant_id,
        NEW.id,
        OLD.account_id,
        OLD.attempts,
        OLD.locked_by,
        CASE NEW.status WHEN 'failed' THEN 'not_posted' ELSE NEW.status END,
        CASE WHEN NEW.status <> 'posted' THEN NEW.error END,
        OLD.claimed_at
    );
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION studio.log_attempt() IS
'AFTER the claim of a post ends, by a report or because its lease ran out: logs what came of it, whoever writes.';

CREATE TRIGGER log_attempt AFTER UPDATE ON studio.social_posts
FOR EACH ROW WHEN (old.status = 'claimed' AND new.status <> 'claimed')
EXECUTE FUNCTION studio.log_attempt();
