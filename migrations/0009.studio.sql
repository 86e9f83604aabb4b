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
    CONSTRAINT generations_trends_check CHECK (
        jsonb_typeof(trends) = 'array'
        AND NOT jsonb_path_exists(
            trends, '$[*] ? (@.type() != "object" || !(@.topic.type() == "string"))'
        )
        AND octet_length(trends::text) < 65536
    ),
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
'trends: must be a list of objects with a topic, under 64 KB';
COMMENT ON CONSTRAINT generations_model_key_check ON studio.generations IS
'model_key: must have 1 to 200 characters that are not blank';

CREATE INDEX generations_created ON studio.generations (tenant_id, created_at, id) INCLUDE (concept_count);
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
    present CONSTANT timestamptz := now();
    next_reset CONSTANT timestamptz := present + interval '30 days';
    subscription studio.subscriptions;
BEGIN
    INSERT INTO studio.subscriptions (tenant_id)
    VALUES (NEW.tenant_id)
    ON CONFLICT (tenant_id) DO NOTHING;
    UPDATE studio.subscriptions AS s
    SET
        used = CASE WHEN s.resets_at > present THEN s.used ELSE 0 END + NEW.concept_count,
        resets_at = CASE WHEN s.resets_at > present THEN s.resets_at ELSE next_reset END
    WHERE s.tenant_id = NEW.tenant_id
        AND CASE WHEN s.resets_at > present THEN s.used ELSE 0 END + NEW.concept_count <= s.allowed;
    IF FOUND THEN
        RETURN NULL;
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
'AFTER INSERT on generations: counts its concepts against the tenant''s subscription, whoever writes, or refuses them
with SQLSTATE DR002 and what is left as the detail.';

CREATE FUNCTION studio.tell_quota() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    level CONSTANT text := CASE WHEN NEW.used >= NEW.allowed * 0.95 THEN 'quota_danger' ELSE 'quota_warning' END;
BEGIN
    INSERT INTO operations.notifications (tenant_id, type, unique_key, payload)
    VALUES (
        NEW.tenant_id,
        level,
        format('%s of concepts %s', level, NEW.resets_at AT TIME ZONE 'UTC'),
        jsonb_build_object(
            'quota', 'concepts', 'used', NEW.used, 'allowed', NEW.allowed, 'resets_at', NEW.resets_at
        )
    )
    ON CONFLICT (tenant_id, unique_key) WHERE unique_key IS NOT NULL DO NOTHING;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION studio.tell_quota() IS
'AFTER concepts are charged: notifies everyone once 80 percent of what the subscription allows are used, and once 95
are, each once until resets_at.';

CREATE TRIGGER tell_quota AFTER UPDATE ON studio.subscriptions
FOR EACH ROW WHEN (
    (old.used, old.resets_at) IS DISTINCT FROM (new.used, new.resets_at) AND new.used >= new.allowed * 0.80
)
EXECUTE FUNCTION studio.tell_quota();

CREATE TRIGGER note_transaction BEFORE INSERT ON studio.generations
FOR EACH ROW EXECUTE FUNCTION operations.note_transaction();
-- Behind the insert: one that ends as an update, or as nothing, costs nothing.
CREATE TRIGGER charge_generation AFTER INSERT ON studio.generations
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
    CONSTRAINT concepts_category_key UNIQUE (tenant_id, category, id),
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
        AND array_position(hashtags, '') IS NULL
        AND hashtags::text !~ '[[:space:]]'
        AND octet_length(hashtags::text) <= 4096
    ),
    -- Strict paths, here and below: others look into a list where one value should be.
    CONSTRAINT concepts_script_check CHECK (
        jsonb_typeof(script) = 'array'
        AND NOT jsonb_path_exists(script, 'strict $[*] ? (@.type() != "object")')
        AND NOT jsonb_path_exists(
            script, '$[*] ? (!(@.time_range.type() == "string" && @.visual.type() == "string"))'
        )
        AND octet_length(script::text) < 65536
    ),
    CONSTRAINT concepts_prompts_check CHECK (
        jsonb_typeof(prompts) = 'object'
        AND prompts - '{sora,veo,runway,luma}'::text [] = '{}'
        AND NOT jsonb_path_exists(prompts, 'strict $.* ? (@.type() != "string")')
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
        AND NOT jsonb_path_exists(virality, 'strict $.* ? (@.type() != "number" || @ < 0 || @ > 100)')
        AND octet_length(virality::text) < 65536
    ),
    CONSTRAINT concepts_variants_check CHECK (
        jsonb_typeof(variants) = 'array'
        AND NOT jsonb_path_exists(variants, 'strict $[*] ? (@.type() != "object")')
        AND NOT jsonb_path_exists(variants, '$[*] ? (!(@.name.type() == "string"))')
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
'script: must be a list of objects with a time_range and a visual, under 64 KB';
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
        RAISE EXCEPTION 'the generation has fewer concepts: violates constraint "%"', TG_NAME
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

CALL operations.protect(
    'studio.concept_words', rows => 'tenant', writes => '{INSERT,DELETE}', recorded => false, derived => true
);
CALL operations.index_words(
    'studio.concepts', words => 'studio.concept_words',
    columns => '{title,caption,hashtags,trend_source,trend_topic}'
);

CREATE TABLE studio.concept_days (
    tenant_id uuid NOT NULL,
    attribute text NOT NULL,
    day date NOT NULL,
    value text COLLATE "C" NOT NULL,
    concepts bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, attribute, day, value),
    CONSTRAINT concept_days_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT concept_days_attribute_check CHECK (attribute IN ('category', 'trend_topic'))
);

COMMENT ON TABLE studio.concept_days IS
'How many concepts of a day there are of each category, and of each trend: kept by studio.count_concepts(), so that a
year is counted without reading its concepts.';
COMMENT ON COLUMN studio.concept_days.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN studio.concept_days.attribute IS
'What is counted: category or trend_topic, which are columns of concepts.';
COMMENT ON COLUMN studio.concept_days.day IS 'The day, of UTC, on which the concepts were created.';
COMMENT ON COLUMN studio.concept_days.value IS 'The category, or the topic of the trend.';
COMMENT ON COLUMN studio.concept_days.concepts IS 'How many concepts have it.';
COMMENT ON CONSTRAINT concept_days_attribute_check ON studio.concept_days IS
'attribute: must be category or trend_topic';

CALL operations.protect(
    'studio.concept_days', rows => 'tenant', kept => '{concepts}', recorded => false, derived => true
);

CREATE FUNCTION studio.count_concepts() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    tenant CONSTANT uuid := coalesce(NEW.tenant_id, OLD.tenant_id);
    was_on CONSTANT date := (OLD.created_at AT TIME ZONE 'UTC')::date;
    is_on CONSTANT date := (NEW.created_at AT TIME ZONE 'UTC')::date;
    change record;
BEGIN
    -- OLD is null for an insert, NEW for a delete. Ordered, so that two changes at once never wait for each other.
    FOR change IN
        SELECT
            c.attribute,
            c.day,
            c.value,
            sum(c.concepts) AS concepts
        FROM (
            VALUES
            ('category', was_on, OLD.category, -1),
            ('category', is_on, NEW.category, 1),
            ('trend_topic', was_on, OLD.trend_topic, -1),
            ('trend_topic', is_on, NEW.trend_topic, 1)
        ) AS c (attribute, day, value, concepts)
        WHERE c.value IS NOT NULL
        GROUP BY c.attribute, c.day, c.value
        HAVING sum(c.concepts) <> 0
        ORDER BY c.attribute, c.day, c.value
    LOOP
        IF change.concepts > 0 THEN
            INSERT INTO studio.concept_days (tenant_id, attribute, day, value)
            VALUES (tenant, change.attribute, change.day, change.value)
            ON CONFLICT (tenant_id, attribute, day, value) DO NOTHING;
        END IF;
        UPDATE studio.concept_days AS d
        SET concepts = d.concepts + change.concepts
        WHERE d.tenant_id = tenant
            AND d.attribute = change.attribute
            AND d.day = change.day
            AND d.value = change.value;
    END LOOP;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION studio.count_concepts() IS
'AFTER a concept comes, goes, or follows another trend: counts it in concept_days, whoever writes.';

CREATE TRIGGER count_concepts AFTER INSERT OR DELETE ON studio.concepts
FOR EACH ROW EXECUTE FUNCTION studio.count_concepts();
CREATE TRIGGER recount_concepts AFTER UPDATE ON studio.concepts
FOR EACH ROW WHEN (
    (old.created_at, old.category, old.trend_topic) IS DISTINCT FROM (new.created_at, new.category, new.trend_topic)
)
EXECUTE FUNCTION studio.count_concepts();

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
    ended_at timestamptz,
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
    CONSTRAINT videos_ended_check CHECK ((status = 'generating') = (ended_at IS NULL)),
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
COMMENT ON COLUMN studio.videos.ended_at IS
'When it was completed or failed; set by studio.time_video(). NULL until then.';
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
COMMENT ON CONSTRAINT videos_ended_check ON studio.videos IS
'ended_at: a video that ended has it, no other has';
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
CREATE INDEX videos_ended ON studio.videos (tenant_id, ended_at) WHERE ended_at IS NOT NULL;

CALL operations.protect(
    'studio.videos', rows => 'tenant',
    shown => '{concept_id,platform,provider,status,cost_micros,generated_at,ended_at,created_at}',
    fixed => '{concept_id,platform,provider,variant,created_at}'
);

INSERT INTO operations.status_transitions (entity, from_status, to_status)
VALUES
('studio.videos', 'new', 'generating'),
('studio.videos', 'generating', 'completed'),
('studio.videos', 'generating', 'failed');

CALL operations.guard_status('studio.videos');

-- What was made, and what it cost, stays as the worker reported it.
CREATE TRIGGER keep_completed BEFORE UPDATE ON studio.videos
FOR EACH ROW WHEN (
    old.status = 'completed'
    AND (old.object_key, old.cost_micros, old.generated_at)
    IS DISTINCT FROM (new.object_key, new.cost_micros, new.generated_at)
)
EXECUTE FUNCTION operations.refuse_rewrite('studio.videos', '{object_key,cost_micros,generated_at}');

CREATE FUNCTION studio.time_video() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.ended_at := CASE
        WHEN NEW.status = 'generating' THEN NULL
        WHEN NEW.status = OLD.status THEN OLD.ended_at
        ELSE now()
    END;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION studio.time_video() IS
'BEFORE a video''s status or ended_at changes: when it ended is for the database to say.';

-- Behind keep_completed, before touch.
CREATE TRIGGER time_video BEFORE UPDATE ON studio.videos
FOR EACH ROW WHEN (old.status <> new.status OR old.ended_at IS DISTINCT FROM new.ended_at)
EXECUTE FUNCTION studio.time_video();

-- Social accounts -----------------------------------------------------------------------------------

CREATE TABLE studio.social_accounts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    platform text NOT NULL,
    username text NOT NULL,
    access_token bytea,
    refresh_token bytea,
    token_expires_at timestamptz,
    expiry_told_at timestamptz,
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
    CONSTRAINT social_accounts_username_check
    CHECK (username ~ '^[^[:space:]@][^[:space:]]{0,99}$' AND NOT operations.is_blank(username)),
    CONSTRAINT social_accounts_tokens_check CHECK (
        access_token IS NOT NULL OR NOT (is_active OR refresh_token IS NOT NULL OR token_expires_at IS NOT NULL)
    ),
    CONSTRAINT social_accounts_access_token_check CHECK (octet_length(access_token) BETWEEN 37 AND 16384),
    CONSTRAINT social_accounts_refresh_token_check CHECK (octet_length(refresh_token) BETWEEN 37 AND 16384),
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
COMMENT ON COLUMN studio.social_accounts.expiry_told_at IS
'When people were told that an access token has expired; it counts for the present one if that expired before.';
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
'username: must have 1 to 100 characters without white space that are not blank, and no leading @';
COMMENT ON CONSTRAINT social_accounts_tokens_check ON studio.social_accounts IS
'access_token: an active account has one';
COMMENT ON CONSTRAINT social_accounts_access_token_check ON studio.social_accounts IS
'access_token: must be at most 16 KB, encrypted';
COMMENT ON CONSTRAINT social_accounts_refresh_token_check ON studio.social_accounts IS
'refresh_token: must be at most 16 KB, encrypted';
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
    quiet => '{used_today,used_on,last_claimed_at,expiry_told_at}'
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
    CONSTRAINT social_posts_account_fkey FOREIGN KEY (tenant_id, platform, account_id)
    REFERENCES studio.social_accounts (tenant_id, platform, id),
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
        (status IN ('draft', 'cancelled') OR num_nonnulls(account_id, scheduled_for) = 2)
        AND isfinite(scheduled_for)
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
        retry_at IS NULL
        OR (
            status = 'failed'
            AND first_failed_at IS NOT NULL
            AND retry_at - first_failed_at < interval '24 hours'
        )
    ),
    CONSTRAINT social_posts_locked_by_check CHECK (length(locked_by) BETWEEN 1 AND 200),
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
        posted_at >= created_at - interval '5 minutes' AND posted_at - updated_at <= interval '24 hours'
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
'scheduled_for: a post that is scheduled, or was, has it and an account_id; must be a time, not infinity';
COMMENT ON CONSTRAINT social_posts_reserved_check ON studio.social_posts IS
'reserved_on: a post that is claimed, posted or unknown has a place, a scheduled one may have one';
COMMENT ON CONSTRAINT social_posts_attempts_check ON studio.social_posts IS
'max_attempts: must be from 1 to 5, and not less than attempts';
COMMENT ON CONSTRAINT social_posts_retry_check ON studio.social_posts IS
'retry_at: only a failed post is tried again, within 24 hours of its first failure';
COMMENT ON CONSTRAINT social_posts_locked_by_check ON studio.social_posts IS 'locked_by: must have 1 to 200 characters';
COMMENT ON CONSTRAINT social_posts_lease_check ON studio.social_posts IS
'lease_expires_at: a claimed post has a lease, no other has';
COMMENT ON CONSTRAINT social_posts_error_check ON studio.social_posts IS
'error: a failed or unknown post says why, in at most 8 KB';
COMMENT ON CONSTRAINT social_posts_posted_check ON studio.social_posts IS
'external_id: a posted post has it, of at most 1024 bytes, and posted_at; no other has';
COMMENT ON CONSTRAINT social_posts_posted_at_check ON studio.social_posts IS
'posted_at: must be at most 5 minutes before the post was made, as clocks differ, and at most a day ahead';
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

CALL operations.guard_status('studio.social_posts');

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

-- What a worker has been given to post stays as it is, and so does what came of a post that is out.
CREATE TRIGGER keep_posted BEFORE UPDATE ON studio.social_posts
FOR EACH ROW WHEN (
    (
        old.status IN ('claimed', 'posted', 'unknown')
        AND (old.account_id, old.caption, old.scheduled_for)
        IS DISTINCT FROM (new.account_id, new.caption, new.scheduled_for)
    )
    OR (
        old.status = 'posted'
        AND (old.reserved_on, old.external_id, old.post_url, old.posted_at)
        IS DISTINCT FROM (new.reserved_on, new.external_id, new.post_url, new.posted_at)
    )
)
EXECUTE FUNCTION operations.refuse_rewrite(
    'studio.social_posts', '{account_id,caption,scheduled_for,reserved_on,external_id,post_url,posted_at}'
);

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

CALL operations.protect(
    'studio.post_attempts', rows => 'tenant', writes => '{INSERT}', recorded => false, derived => true
);

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
        CASE WHEN NEW.status = 'failed' THEN 'not_posted' ELSE NEW.status END,
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

-- The jobs of videos --------------------------------------------------------------------------------

-- A second request of what is being made is refused: each video costs money.
CREATE UNIQUE INDEX videos_generating
ON studio.videos (tenant_id, concept_id, platform, provider, variant) NULLS NOT DISTINCT
WHERE status = 'generating';

COMMENT ON INDEX studio.videos_generating IS
'concept_id: such a video of it is being made already';

CREATE FUNCTION studio.check_video_job() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    video_status text;
    job_status text;
BEGIN
    -- As both are now: a constraint that is deferred finds what a later statement made of them.
    SELECT
        v.status,
        j.status
    INTO
        video_status,
        job_status
    FROM studio.videos AS v
    LEFT OUTER JOIN operations.jobs AS j
        ON j.tenant_id = NEW.tenant_id
        AND j.type = 'generate-video'
        AND j.unique_key = v.id::text
        AND j.holds_key
    WHERE v.tenant_id = NEW.tenant_id
        AND v.id = NEW.id;
    IF
        video_status = 'generating' AND coalesce(job_status, '') NOT IN ('queued', 'running')
        OR video_status = 'completed' AND coalesce(job_status, '') <> 'succeeded'
        OR video_status = 'failed' AND job_status IN ('queued', 'running')
    THEN
        RAISE EXCEPTION 'the video does not fit its job: violates constraint "%"', TG_NAME
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION studio.check_video_job() IS
'AFTER INSERT or a change of status on videos: refuses one that is being made without a job, completed although its job
did not succeed, or failed while its job is under way. The job is the one whose unique_key is the video''s id.';

CREATE CONSTRAINT TRIGGER videos_job_check AFTER INSERT OR UPDATE OF status ON studio.videos
DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION studio.check_video_job();

COMMENT ON CONSTRAINT videos_job_check ON studio.videos IS
'status: a video is made by its job, and ends with it';

CREATE FUNCTION studio.follow_video_job() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    job CONSTANT operations.jobs := coalesce(NEW, OLD);
    job_status CONSTANT text := CASE WHEN TG_OP = 'DELETE' THEN 'deleted' ELSE NEW.status END;
    is_generating CONSTANT boolean := EXISTS (
        SELECT FROM studio.videos AS v
        WHERE v.tenant_id = job.tenant_id
            AND v.id = job.unique_key::uuid
            AND v.status = 'generating'
    );
BEGIN
    IF job_status = 'queued' AND NOT is_generating THEN
        RAISE EXCEPTION 'no video waits for this job: ask for another one' USING ERRCODE = 'DR001';
    END IF;
    IF job_status = 'succeeded' AND is_generating THEN
        RAISE EXCEPTION 'the job is done when the video is completed' USING ERRCODE = 'DR001';
    END IF;
    -- Also of a job that is deleted, unless the whole tenant is erased: that writes no more events.
    IF
        is_generating
        AND job_status IN ('failed', 'cancelled', 'deleted')
        AND EXISTS (SELECT FROM identity.tenants AS t WHERE t.id = job.tenant_id)
    THEN
        UPDATE studio.videos AS v
        SET
            status = 'failed',
            error = CASE
                WHEN job_status <> 'failed' THEN 'the job was ' || job_status
                WHEN operations.is_blank(job.error) THEN 'the job failed'
                ELSE job.error
            END
        WHERE v.tenant_id = job.tenant_id
            AND v.id = job.unique_key::uuid;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION studio.follow_video_job() IS
'AFTER what happens to a job of type generate-video: the video fails with it, whoever ends it. Refuses a job for which
no video waits, and one that succeeds without its video.';

CREATE TRIGGER follow_video_job AFTER INSERT ON operations.jobs
FOR EACH ROW WHEN (new.type = 'generate-video') EXECUTE FUNCTION studio.follow_video_job();
CREATE TRIGGER follow_ended_video_job AFTER UPDATE ON operations.jobs
FOR EACH ROW WHEN (new.type = 'generate-video' AND old.status IS DISTINCT FROM new.status)
EXECUTE FUNCTION studio.follow_video_job();
CREATE TRIGGER follow_deleted_video_job AFTER DELETE ON operations.jobs
FOR EACH ROW WHEN (old.type = 'generate-video' AND old.status IN ('queued', 'running'))
EXECUTE FUNCTION studio.follow_video_job();

-- Performance feedback ------------------------------------------------------------------------------

CREATE FUNCTION studio.engagement_rate(
    views bigint, likes bigint, comments bigint, shares bigint
) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN views = 0 THEN 0
    ELSE round((likes::numeric + comments + shares) * 100 / views, 2)
END;

COMMENT ON FUNCTION studio.engagement_rate(bigint, bigint, bigint, bigint) IS
'Likes, comments and shares in percent of the views, with two decimals; 0 without views.';

GRANT EXECUTE ON FUNCTION studio.engagement_rate(bigint, bigint, bigint, bigint) TO app_rw, app_ro;

CREATE TABLE studio.performance_feedback (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    concept_id uuid NOT NULL,
    category text NOT NULL,
    platform text NOT NULL,
    variant text,
    source text NOT NULL DEFAULT 'manual',
    views bigint NOT NULL,
    likes bigint NOT NULL,
    comments bigint NOT NULL,
    shares bigint NOT NULL,
    saves bigint NOT NULL DEFAULT 0,
    engagement_rate numeric NOT NULL GENERATED ALWAYS AS (
        studio.engagement_rate(views, likes, comments, shares)
    ) STORED,
    reported_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT performance_feedback_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT performance_feedback_concept_fkey FOREIGN KEY (tenant_id, category, concept_id)
    REFERENCES studio.concepts (tenant_id, category, id) ON DELETE CASCADE,
    CONSTRAINT performance_feedback_report_key
    UNIQUE (tenant_id, concept_id, platform, reported_at, source),
    CONSTRAINT performance_feedback_platform_check CHECK (platform IN ('tiktok', 'youtube-shorts', 'instagram-reels')),
    CONSTRAINT performance_feedback_variant_check CHECK (
        NOT operations.is_blank(variant) AND length(variant) <= 50
    ),
    CONSTRAINT performance_feedback_source_check CHECK (source IN ('manual', 'scraped', 'api')),
    CONSTRAINT performance_feedback_views_check CHECK (views >= 0),
    CONSTRAINT performance_feedback_likes_check CHECK (likes BETWEEN 0 AND views),
    CONSTRAINT performance_feedback_comments_check CHECK (comments BETWEEN 0 AND views),
    CONSTRAINT performance_feedback_shares_check CHECK (shares BETWEEN 0 AND views),
    CONSTRAINT performance_feedback_saves_check CHECK (saves BETWEEN 0 AND views),
    CONSTRAINT performance_feedback_total_check
    CHECK (likes::numeric + comments + shares + saves <= views::numeric * 2),
    CONSTRAINT performance_feedback_reported_check CHECK (reported_at <= created_at + interval '5 minutes')
);

COMMENT ON TABLE studio.performance_feedback IS
'How concepts did on a platform, as a person, a scraper or an API reports it.';
COMMENT ON COLUMN studio.performance_feedback.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN studio.performance_feedback.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN studio.performance_feedback.concept_id IS 'The concept that was posted.';
COMMENT ON COLUMN studio.performance_feedback.category IS 'That of the concept.';
COMMENT ON COLUMN studio.performance_feedback.platform IS
'Where it was posted: tiktok, youtube-shorts or instagram-reels.';
COMMENT ON COLUMN studio.performance_feedback.variant IS
'The name of the concept''s variant that was posted; NULL for the concept as it is.';
COMMENT ON COLUMN studio.performance_feedback.source IS 'Who reports: manual, scraped or api.';
COMMENT ON COLUMN studio.performance_feedback.views IS 'How often it was seen.';
COMMENT ON COLUMN studio.performance_feedback.likes IS 'How often it was liked; at most the views.';
COMMENT ON COLUMN studio.performance_feedback.comments IS 'How often it was commented on; at most the views.';
COMMENT ON COLUMN studio.performance_feedback.shares IS 'How often it was shared; at most the views.';
COMMENT ON COLUMN studio.performance_feedback.saves IS
'How often it was saved; at most the views, and with the other three at most twice the views.';
COMMENT ON COLUMN studio.performance_feedback.engagement_rate IS
'Likes, comments and shares in percent of the views, with two decimals; 0 without views.';
COMMENT ON COLUMN studio.performance_feedback.reported_at IS
'When it was counted, at most five minutes after the row is inserted. One report of a source at that time.';
COMMENT ON COLUMN studio.performance_feedback.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN studio.performance_feedback.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN studio.performance_feedback.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT performance_feedback_concept_fkey ON studio.performance_feedback IS
'concept_id: there is no such concept of this category';
COMMENT ON CONSTRAINT performance_feedback_report_key ON studio.performance_feedback IS
'reported_at: this source has reported on the concept and platform at this time already';
COMMENT ON CONSTRAINT performance_feedback_platform_check ON studio.performance_feedback IS
'platform: must be tiktok, youtube-shorts or instagram-reels';
COMMENT ON CONSTRAINT performance_feedback_variant_check ON studio.performance_feedback IS
'variant: must have 1 to 50 characters that are not blank';
COMMENT ON CONSTRAINT performance_feedback_source_check ON studio.performance_feedback IS
'source: must be manual, scraped or api';
COMMENT ON CONSTRAINT performance_feedback_views_check ON studio.performance_feedback IS
'views: must not be negative';
COMMENT ON CONSTRAINT performance_feedback_likes_check ON studio.performance_feedback IS
'likes: must be from 0 to the views';
COMMENT ON CONSTRAINT performance_feedback_comments_check ON studio.performance_feedback IS
'comments: must be from 0 to the views';
COMMENT ON CONSTRAINT performance_feedback_shares_check ON studio.performance_feedback IS
'shares: must be from 0 to the views';
COMMENT ON CONSTRAINT performance_feedback_saves_check ON studio.performance_feedback IS
'saves: must be from 0 to the views';
COMMENT ON CONSTRAINT performance_feedback_total_check ON studio.performance_feedback IS
'views: likes, comments, shares and saves must not be more than twice as many together';
COMMENT ON CONSTRAINT performance_feedback_reported_check ON studio.performance_feedback IS
'reported_at: must not be in the future';

CREATE INDEX performance_feedback_concept
ON studio.performance_feedback (tenant_id, concept_id, id);
CREATE INDEX performance_feedback_category
ON studio.performance_feedback (tenant_id, category, id);
CREATE INDEX performance_feedback_platform
ON studio.performance_feedback (tenant_id, platform, id);

CALL operations.protect(
    'studio.performance_feedback', rows => 'tenant',
    shown => '{concept_id,category,platform,source,views,likes,comments,shares,saves,reported_at,created_at}',
    fixed => '{concept_id,category,platform,variant,source,reported_at,created_at}'
);

-- Analytics -----------------------------------------------------------------------------------------

CREATE TABLE studio.analytics_snapshots (
    tenant_id uuid NOT NULL,
    video_id uuid NOT NULL,
    snapshot_at timestamptz NOT NULL,
    views bigint NOT NULL,
    likes bigint NOT NULL,
    comments bigint NOT NULL,
    shares bigint NOT NULL,
    watch_seconds bigint,
    engagement_rate numeric NOT NULL GENERATED ALWAYS AS (
        studio.engagement_rate(views, likes, comments, shares)
    ) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, video_id, snapshot_at),
    CONSTRAINT analytics_snapshots_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT analytics_snapshots_video_fkey FOREIGN KEY (tenant_id, video_id)
    REFERENCES studio.videos (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT analytics_snapshots_views_check CHECK (views >= 0),
    CONSTRAINT analytics_snapshots_likes_check CHECK (likes >= 0),
    CONSTRAINT analytics_snapshots_comments_check CHECK (comments >= 0),
    CONSTRAINT analytics_snapshots_shares_check CHECK (shares >= 0),
    CONSTRAINT analytics_snapshots_watch_seconds_check CHECK (watch_seconds >= 0),
    CONSTRAINT analytics_snapshots_snapshot_at_check
    CHECK (snapshot_at <= created_at + interval '5 minutes')
) PARTITION BY RANGE (snapshot_at);

COMMENT ON TABLE studio.analytics_snapshots IS
'What a platform counted of a video by a time; appended, one partition per month of UTC. flask partitions makes
partitions ahead, and drops old ones.';
COMMENT ON COLUMN studio.analytics_snapshots.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN studio.analytics_snapshots.video_id IS 'The video that was posted.';
COMMENT ON COLUMN studio.analytics_snapshots.snapshot_at IS
'When it was counted, at most five minutes after the row is inserted.';
COMMENT ON COLUMN studio.analytics_snapshots.views IS 'How often it was seen so far.';
COMMENT ON COLUMN studio.analytics_snapshots.likes IS 'How often it was liked so far.';
COMMENT ON COLUMN studio.analytics_snapshots.comments IS 'How often it was commented on so far.';
COMMENT ON COLUMN studio.analytics_snapshots.shares IS 'How often it was shared so far.';
COMMENT ON COLUMN studio.analytics_snapshots.watch_seconds IS
'How many seconds of it were watched so far; NULL if the platform does not tell.';
COMMENT ON COLUMN studio.analytics_snapshots.engagement_rate IS
'Likes, comments and shares in percent of the views, with two decimals; 0 without views.';
COMMENT ON COLUMN studio.analytics_snapshots.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON CONSTRAINT analytics_snapshots_video_fkey ON studio.analytics_snapshots IS
'video_id: there is no such video';
COMMENT ON CONSTRAINT analytics_snapshots_views_check ON studio.analytics_snapshots IS 'views: must not be negative';
COMMENT ON CONSTRAINT analytics_snapshots_likes_check ON studio.analytics_snapshots IS 'likes: must not be negative';
COMMENT ON CONSTRAINT analytics_snapshots_comments_check ON studio.analytics_snapshots IS
'comments: must not be negative';
COMMENT ON CONSTRAINT analytics_snapshots_shares_check ON studio.analytics_snapshots IS 'shares: must not be negative';
COMMENT ON CONSTRAINT analytics_snapshots_watch_seconds_check ON studio.analytics_snapshots IS
'watch_seconds: must not be negative';
COMMENT ON CONSTRAINT analytics_snapshots_snapshot_at_check ON studio.analytics_snapshots IS
'snapshot_at: must not be in the future';

CALL operations.protect(
    'studio.analytics_snapshots', rows => 'tenant', writes => '{INSERT}', recorded => false
);

DO $$
BEGIN
    PERFORM operations.make_partitions((now() - interval '1 month')::date, (now() + interval '6 months')::date);
END
$$;

CREATE TABLE studio.video_totals (
    tenant_id uuid NOT NULL,
    video_id uuid NOT NULL,
    snapshot_at timestamptz NOT NULL DEFAULT '-infinity',
    views bigint NOT NULL DEFAULT 0,
    likes bigint NOT NULL DEFAULT 0,
    comments bigint NOT NULL DEFAULT 0,
    shares bigint NOT NULL DEFAULT 0,
    engagement_rate numeric NOT NULL GENERATED ALWAYS AS (
        studio.engagement_rate(views, likes, comments, shares)
    ) STORED,
    PRIMARY KEY (tenant_id, video_id),
    CONSTRAINT video_totals_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT video_totals_video_fkey FOREIGN KEY (tenant_id, video_id)
    REFERENCES studio.videos (tenant_id, id) ON DELETE CASCADE
);

COMMENT ON TABLE studio.video_totals IS
'The latest of each video''s analytics_snapshots; kept by studio.sum_analytics().';
COMMENT ON COLUMN studio.video_totals.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN studio.video_totals.video_id IS 'The video.';
COMMENT ON COLUMN studio.video_totals.snapshot_at IS 'When the latest snapshot was counted.';
COMMENT ON COLUMN studio.video_totals.views IS 'Its views.';
COMMENT ON COLUMN studio.video_totals.likes IS 'Its likes.';
COMMENT ON COLUMN studio.video_totals.comments IS 'Its comments.';
COMMENT ON COLUMN studio.video_totals.shares IS 'Its shares.';
COMMENT ON COLUMN studio.video_totals.engagement_rate IS
'Likes, comments and shares in percent of the views, with two decimals; 0 without views.';
COMMENT ON CONSTRAINT video_totals_video_fkey ON studio.video_totals IS
'video_id: there is no such video';

CALL operations.protect(
    'studio.video_totals', rows => 'tenant',
    kept => '{snapshot_at,views,likes,comments,shares}',
    recorded => false, derived => true
);

CREATE TABLE studio.analytics_days (
    tenant_id uuid NOT NULL,
    day date NOT NULL,
    platform text NOT NULL,
    snapshots bigint NOT NULL DEFAULT 0,
    -- Numeric, as sums of bigint are: a count that is wildly wrong stops nobody else's.
    views numeric NOT NULL DEFAULT 0,
    likes numeric NOT NULL DEFAULT 0,
    comments numeric NOT NULL DEFAULT 0,
    shares numeric NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, day, platform),
    CONSTRAINT analytics_days_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT analytics_days_platform_check CHECK (platform IN ('tiktok', 'youtube-shorts', 'instagram-reels'))
);

COMMENT ON TABLE studio.analytics_days IS
'What all videos gained in a day: the sum of all days is that of video_totals. Kept by studio.sum_analytics(), so that a
year is read without its snapshots, and after their partitions were dropped.';
COMMENT ON COLUMN studio.analytics_days.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN studio.analytics_days.day IS 'The day, of UTC, of the snapshots that told of the gain.';
COMMENT ON COLUMN studio.analytics_days.platform IS 'That of the videos.';
COMMENT ON COLUMN studio.analytics_days.snapshots IS
'How many snapshots told of it; not those that came later than a newer one of their video.';
COMMENT ON COLUMN studio.analytics_days.views IS
'Views that were added; negative when the platform took back more than came.';
COMMENT ON COLUMN studio.analytics_days.likes IS 'Likes that were added, less those that were taken back.';
COMMENT ON COLUMN studio.analytics_days.comments IS 'Comments that were added, less those that were taken back.';
COMMENT ON COLUMN studio.analytics_days.shares IS 'Shares that were added, less those that were taken back.';
COMMENT ON CONSTRAINT analytics_days_platform_check ON studio.analytics_days IS
'platform: must be tiktok, youtube-shorts or instagram-reels';

CALL operations.protect(
    'studio.analytics_days', rows => 'tenant',
    kept => '{snapshots,views,likes,comments,shares}',
    recorded => false, derived => true
);

CREATE FUNCTION studio.sum_analytics() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    written record;
    gains jsonb;
BEGIN
    -- As JSON, for a cluster does not join the rows of a statement with its tables.
    FOR written IN
        SELECT
            n.tenant_id,
            jsonb_agg(
                jsonb_build_object(
                    'video_id', n.video_id,
                    'snapshot_at', n.snapshot_at,
                    'views', n.views,
                    'likes', n.likes,
                    'comments', n.comments,
                    'shares', n.shares
                )
            ) AS snapshots
        FROM added AS n
        GROUP BY n.tenant_id
        ORDER BY n.tenant_id
    LOOP
        INSERT INTO studio.video_totals (tenant_id, video_id)
        SELECT DISTINCT
            written.tenant_id,
            n.video_id
        FROM jsonb_to_recordset(written.snapshots) AS n (video_id uuid)
        ORDER BY n.video_id
        ON CONFLICT (tenant_id, video_id) DO NOTHING;
        -- Who adds to the same video waits here, and then sees what this one has added: each gain is counted once.
        PERFORM
        FROM studio.video_totals AS t
        WHERE t.tenant_id = written.tenant_id
            AND t.video_id IN (SELECT n.video_id FROM jsonb_to_recordset(written.snapshots) AS n (video_id uuid))
        ORDER BY t.video_id
        FOR NO KEY UPDATE;

        WITH gain AS (
            SELECT
                n.video_id,
                n.snapshot_at,
                n.views,
                n.likes,
                n.comments,
                n.shares,
                n.views - lag(n.views, 1, t.views) OVER of_video AS views_gained,
                n.likes - lag(n.likes, 1, t.likes) OVER of_video AS likes_gained,
                n.comments - lag(n.comments, 1, t.comments) OVER of_video AS comments_gained,
                n.shares - lag(n.shares, 1, t.shares) OVER of_video AS shares_gained,
                lead(n.snapshot_at) OVER of_video IS NULL AS is_latest
            FROM
                jsonb_to_recordset(written.snapshots) AS n (
                    video_id uuid,
                    snapshot_at timestamptz,
                    views bigint,
                    likes bigint,
                    comments bigint,
                    shares bigint
                )
            INNER JOIN studio.video_totals AS t
                ON t.tenant_id = written.tenant_id
                AND t.video_id = n.video_id
            -- The gain of one that comes late is in that of a newer one already.
            WHERE n.snapshot_at > t.snapshot_at
            WINDOW of_video AS (PARTITION BY n.video_id ORDER BY n.snapshot_at)
        ),

        latest AS (
            UPDATE studio.video_totals AS t
            SET
                snapshot_at = gain.snapshot_at,
                views = gain.views,
                likes = gain.likes,
                comments = gain.comments,
                shares = gain.shares
            FROM gain
            WHERE t.tenant_id = written.tenant_id
                AND t.video_id = gain.video_id
                AND gain.is_latest
        )

        SELECT jsonb_agg(to_jsonb(of_day))
        INTO gains
        FROM (
            SELECT
                (gain.snapshot_at AT TIME ZONE 'UTC')::date AS day,
                v.platform,
                count(*) AS snapshots,
                sum(gain.views_gained) AS views,
                sum(gain.likes_gained) AS likes,
                sum(gain.comments_gained) AS comments,
                sum(gain.shares_gained) AS shares
            FROM gain
            INNER JOIN studio.videos AS v
                ON v.tenant_id = written.tenant_id
                AND v.id = gain.video_id
            GROUP BY (gain.snapshot_at AT TIME ZONE 'UTC')::date, v.platform
        ) AS of_day;

        INSERT INTO studio.analytics_days (tenant_id, day, platform)
        SELECT
            written.tenant_id,
            g.day,
            g.platform
        FROM jsonb_to_recordset(gains) AS g (day date, platform text)
        ORDER BY g.day, g.platform
        ON CONFLICT (tenant_id, day, platform) DO NOTHING;
        PERFORM
        FROM studio.analytics_days AS d
        WHERE d.tenant_id = written.tenant_id
            AND (d.day, d.platform) IN (
                SELECT
                    g.day,
                    g.platform
                FROM jsonb_to_recordset(gains) AS g (day date, platform text)
            )
        ORDER BY d.day, d.platform
        FOR NO KEY UPDATE;
        UPDATE studio.analytics_days AS d
        SET
            snapshots = d.snapshots + g.snapshots,
            views = d.views + g.views,
            likes = d.likes + g.likes,
            comments = d.comments + g.comments,
            shares = d.shares + g.shares
        FROM
            jsonb_to_recordset(gains) AS g (
                day date,
                platform text,
                snapshots bigint,
                views numeric,
                likes numeric,
                comments numeric,
                shares numeric
            )
        WHERE d.tenant_id = written.tenant_id
            AND d.day = g.day
            AND d.platform = g.platform;
    END LOOP;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION studio.sum_analytics() IS
'AFTER INSERT on analytics_snapshots: keeps video_totals and analytics_days, whoever inserts.';

CREATE TRIGGER sum_analytics AFTER INSERT ON studio.analytics_snapshots
REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION studio.sum_analytics();

-- Self-critiques ------------------------------------------------------------------------------------

CREATE FUNCTION studio.virality_score(engagement_rate numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN engagement_rate <= 0 THEN 10
    WHEN engagement_rate <= 2 THEN 10 + engagement_rate * 15
    WHEN engagement_rate <= 5 THEN 40 + (engagement_rate - 2) * 10
    WHEN engagement_rate <= 10 THEN 70 + (engagement_rate - 5) * 4
    WHEN engagement_rate <= 15 THEN 90 + (engagement_rate - 10) * 2
    ELSE 100
END;

COMMENT ON FUNCTION studio.virality_score(numeric) IS
'The score, 10 to 100, that an engagement rate in percent stands for: 0 is 10, 2 is 40, 5 is 70, 10 is 90, 15 and more
is 100, and what lies between lies on the line.';

GRANT EXECUTE ON FUNCTION studio.virality_score(numeric) TO app_rw, app_ro;

CREATE FUNCTION studio.gap_percent(predicted_score numeric, actual_score numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN predicted_score >= 0.01 THEN (predicted_score - actual_score) * 100 / predicted_score END;

COMMENT ON FUNCTION studio.gap_percent(numeric, numeric) IS
'By how many percent of itself the prediction was too high; NULL of a prediction under 0.01, whose
percents mean nothing. Not rounded: what is close to a threshold is on one side of it.';

GRANT EXECUTE ON FUNCTION studio.gap_percent(numeric, numeric) TO app_rw, app_ro;

CREATE FUNCTION studio.gap_direction(predicted_score numeric, actual_score numeric) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN abs(studio.gap_percent(predicted_score, actual_score)) <= 20 THEN 'accurate'
    WHEN predicted_score > actual_score THEN 'over-predicted'
    ELSE 'under-predicted'
END;

COMMENT ON FUNCTION studio.gap_direction(numeric, numeric) IS
'accurate up to 20 percent, else over-predicted or under-predicted.';

GRANT EXECUTE ON FUNCTION studio.gap_direction(numeric, numeric) TO app_rw, app_ro;

CREATE TABLE studio.self_critiques (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    concept_id uuid NOT NULL,
    feedback_id uuid NOT NULL,
    feedback_revision bigint,
    category text,
    platform text,
    predicted_score numeric,
    engagement_rate numeric,
    actual_score numeric GENERATED ALWAYS AS (studio.virality_score(engagement_rate)) STORED,
    gap numeric GENERATED ALWAYS AS (predicted_score - studio.virality_score(engagement_rate)) STORED,
    gap_percent numeric GENERATED ALWAYS AS (
        studio.gap_percent(predicted_score, studio.virality_score(engagement_rate))
    ) STORED,
    direction text GENERATED ALWAYS AS (
        studio.gap_direction(predicted_score, studio.virality_score(engagement_rate))
    ) STORED,
    critique text NOT NULL,
    hypothesized_reasons text [] NOT NULL DEFAULT '{}',
    scoring_issues text [] NOT NULL DEFAULT '{}',
    adjustment_plan text NOT NULL,
    confidence text NOT NULL,
    applied_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT self_critiques_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT self_critiques_concept_key UNIQUE (tenant_id, concept_id),
    CONSTRAINT self_critiques_concept_fkey FOREIGN KEY (tenant_id, concept_id)
    REFERENCES studio.concepts (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT self_critiques_feedback_fkey FOREIGN KEY (tenant_id, feedback_id)
    REFERENCES studio.performance_feedback (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT self_critiques_feedback_check CHECK (
        feedback_revision IS NOT NULL
        AND category IS NOT NULL
        AND platform IS NOT NULL
        AND engagement_rate IS NOT NULL
    ),
    CONSTRAINT self_critiques_predicted_score_check
    CHECK (predicted_score IS NOT NULL AND predicted_score BETWEEN 0 AND 100),
    CONSTRAINT self_critiques_critique_check
    CHECK (NOT operations.is_blank(critique) AND length(critique) <= 8000),
    CONSTRAINT self_critiques_hypothesized_reasons_check CHECK (
        cardinality(hypothesized_reasons) <= 20
        AND coalesce(array_ndims(hypothesized_reasons), 1) = 1
        AND array_position(hypothesized_reasons, NULL) IS NULL
        AND octet_length(array_to_string(hypothesized_reasons, '')) <= 65536
    ),
    CONSTRAINT self_critiques_scoring_issues_check CHECK (
        cardinality(scoring_issues) <= 20
        AND coalesce(array_ndims(scoring_issues), 1) = 1
        AND array_position(scoring_issues, NULL) IS NULL
        AND octet_length(array_to_string(scoring_issues, '')) <= 65536
    ),
    CONSTRAINT self_critiques_adjustment_plan_check
    CHECK (NOT operations.is_blank(adjustment_plan) AND length(adjustment_plan) <= 8000),
    CONSTRAINT self_critiques_confidence_check CHECK (confidence IN ('low', 'medium', 'high'))
);

COMMENT ON TABLE studio.self_critiques IS
'Why a concept did better or worse than predicted: one of each concept, made again when there is other feedback.';
COMMENT ON COLUMN studio.self_critiques.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN studio.self_critiques.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN studio.self_critiques.concept_id IS 'The concept that it is about.';
COMMENT ON COLUMN studio.self_critiques.feedback_id IS 'The feedback on the concept that it was made of.';
COMMENT ON COLUMN studio.self_critiques.feedback_revision IS
'The revision of that feedback: once it has another one, the critique is outdated.';
COMMENT ON COLUMN studio.self_critiques.category IS 'That of the concept.';
COMMENT ON COLUMN studio.self_critiques.platform IS 'That of the feedback.';
COMMENT ON COLUMN studio.self_critiques.predicted_score IS
'What the concept''s virality predicts for the platform, 0 to 100.';
COMMENT ON COLUMN studio.self_critiques.engagement_rate IS 'That of the feedback.';
COMMENT ON COLUMN studio.self_critiques.actual_score IS
'The score that the engagement rate stands for; computed by studio.virality_score().';
COMMENT ON COLUMN studio.self_critiques.gap IS 'By how many points the prediction was too high; negative if too low.';
COMMENT ON COLUMN studio.self_critiques.gap_percent IS
'The gap in percent of the prediction; NULL of a prediction of 0.';
COMMENT ON COLUMN studio.self_critiques.direction IS
'accurate up to 20 percent of the prediction, else over-predicted or under-predicted.';
COMMENT ON COLUMN studio.self_critiques.critique IS 'What went wrong or right; 1 to 8000 characters.';
COMMENT ON COLUMN studio.self_critiques.hypothesized_reasons IS
'Why there may be a gap: at most 20 texts, 64 KB together.';
COMMENT ON COLUMN studio.self_critiques.scoring_issues IS
'What the prediction judged wrongly: at most 20 texts, 64 KB together.';
COMMENT ON COLUMN studio.self_critiques.adjustment_plan IS
'How to predict better; 1 to 8000 characters.';
COMMENT ON COLUMN studio.self_critiques.confidence IS 'How sure its author is: low, medium or high.';
COMMENT ON COLUMN studio.self_critiques.applied_at IS
'When a scoring adjustment was made of it; NULL before, and again after it was made anew of other feedback, unless one
was made of that.';
COMMENT ON COLUMN studio.self_critiques.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN studio.self_critiques.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN studio.self_critiques.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT self_critiques_concept_key ON studio.self_critiques IS
'concept_id: the concept has a critique already';
COMMENT ON CONSTRAINT self_critiques_concept_fkey ON studio.self_critiques IS
'concept_id: there is no such concept';
COMMENT ON CONSTRAINT self_critiques_feedback_fkey ON studio.self_critiques IS
'feedback_id: there is no such feedback';
COMMENT ON CONSTRAINT self_critiques_feedback_check ON studio.self_critiques IS
'feedback_id: must be of feedback on the concept';
COMMENT ON CONSTRAINT self_critiques_predicted_score_check ON studio.self_critiques IS
'feedback_id: the concept has no virality predicted for its platform';
COMMENT ON CONSTRAINT self_critiques_critique_check ON studio.self_critiques IS
'critique: must have 1 to 8000 characters that are not blank';
COMMENT ON CONSTRAINT self_critiques_hypothesized_reasons_check ON studio.self_critiques IS
'hypothesized_reasons: must be at most 20 texts, of at most 64 KB together';
COMMENT ON CONSTRAINT self_critiques_scoring_issues_check ON studio.self_critiques IS
'scoring_issues: must be at most 20 texts, of at most 64 KB together';
COMMENT ON CONSTRAINT self_critiques_adjustment_plan_check ON studio.self_critiques IS
'adjustment_plan: must have 1 to 8000 characters that are not blank';
COMMENT ON CONSTRAINT self_critiques_confidence_check ON studio.self_critiques IS
'confidence: must be low, medium or high';

CREATE INDEX self_critiques_feedback ON studio.self_critiques (tenant_id, feedback_id);
CREATE INDEX self_critiques_confidence ON studio.self_critiques (tenant_id, confidence, id);
CREATE INDEX self_critiques_unapplied ON studio.self_critiques (tenant_id, id) WHERE applied_at IS NULL;

CALL operations.protect(
    'studio.self_critiques', rows => 'tenant',
    shown => '{concept_id,feedback_id,category,platform,predicted_score,engagement_rate,confidence,applied_at,created_at}',  -- noqa: LT05
    fixed => '{concept_id,created_at}',
    kept => '{feedback_revision,category,platform,predicted_score,engagement_rate,applied_at}'
);

CREATE FUNCTION studio.take_feedback() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    -- Locked, so that who changes the feedback comes before or after.
    SELECT
        f.revision,
        f.category,
        f.platform,
        f.engagement_rate,
        (c.virality ->> f.platform)::numeric
    INTO
        NEW.feedback_revision,
        NEW.category,
        NEW.platform,
        NEW.engagement_rate,
        NEW.predicted_score
    FROM studio.performance_feedback AS f
    INNER JOIN studio.concepts AS c
        ON c.tenant_id = NEW.tenant_id
        AND c.id = f.concept_id
    WHERE f.tenant_id = NEW.tenant_id
        AND f.id = NEW.feedback_id
        AND f.concept_id = NEW.concept_id
    FOR SHARE OF f;
    IF TG_OP = 'UPDATE' THEN
        IF (OLD.feedback_id, OLD.feedback_revision) IS DISTINCT FROM (NEW.feedback_id, NEW.feedback_revision) THEN
            NEW.applied_at := (
                SELECT a.applied_at
                FROM studio.scoring_adjustments AS a
                WHERE a.tenant_id = NEW.tenant_id
                    AND a.feedback_id = NEW.feedback_id
                    AND a.feedback_revision = NEW.feedback_revision
            );
        END IF;
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION studio.take_feedback() IS
'BEFORE INSERT or UPDATE OF feedback_id on self_critiques: takes from feedback and concept what the critique compares.
One that is made of other feedback is applied if an adjustment was made of that.';

-- Behind fixed and start_kept, before touch.
CREATE TRIGGER take_feedback BEFORE INSERT OR UPDATE OF feedback_id ON studio.self_critiques
FOR EACH ROW EXECUTE FUNCTION studio.take_feedback();

-- Insights ------------------------------------------------------------------------------------------

CREATE FUNCTION studio.pattern_hash(pattern text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sha256(convert_to(pattern, 'UTF8'));

COMMENT ON FUNCTION studio.pattern_hash(text) IS
'SHA-256 of a pattern: short enough for an index, whatever the pattern.';

GRANT EXECUTE ON FUNCTION studio.pattern_hash(text) TO app_rw, app_ro;

CREATE TABLE studio.reflexion_insights (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    category text NOT NULL,
    platform text NOT NULL,
    pattern text NOT NULL,
    pattern_hash bytea NOT NULL GENERATED ALWAYS AS (studio.pattern_hash(pattern)) STORED,
    evidence_count bigint NOT NULL DEFAULT 1,
    is_recommended boolean NOT NULL GENERATED ALWAYS AS (evidence_count >= 3) STORED,
    impact text NOT NULL,
    recommendation text NOT NULL,
    applied_to_scoring boolean NOT NULL DEFAULT false,
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT reflexion_insights_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT reflexion_insights_pattern_key UNIQUE (tenant_id, pattern_hash, category, platform),
    CONSTRAINT reflexion_insights_category_check CHECK (
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
    CONSTRAINT reflexion_insights_platform_check CHECK (platform IN ('tiktok', 'youtube-shorts', 'instagram-reels')),
    CONSTRAINT reflexion_insights_pattern_check
    CHECK (NOT operations.is_blank(pattern) AND length(pattern) <= 4000),
    CONSTRAINT reflexion_insights_evidence_count_check CHECK (evidence_count >= 1),
    CONSTRAINT reflexion_insights_last_seen_at_check CHECK (last_seen_at <= updated_at + interval '5 minutes'),
    CONSTRAINT reflexion_insights_impact_check CHECK (impact IN ('positive', 'negative', 'neutral')),
    CONSTRAINT reflexion_insights_recommendation_check
    CHECK (NOT operations.is_blank(recommendation) AND length(recommendation) <= 4000)
);

COMMENT ON TABLE studio.reflexion_insights IS
'Patterns that critiques found, each with how often: from three times on it is recommended to apply it.';
COMMENT ON COLUMN studio.reflexion_insights.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN studio.reflexion_insights.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN studio.reflexion_insights.category IS
'news, absurd, luxury, emotional, tech, cartoon, gaming, fitness, food, finance, music or relationships.';
COMMENT ON COLUMN studio.reflexion_insights.platform IS 'tiktok, youtube-shorts or instagram-reels.';
COMMENT ON COLUMN studio.reflexion_insights.pattern IS
'What was found, such as category-platform-direction; 1 to 4000 characters, once per category and platform.';
COMMENT ON COLUMN studio.reflexion_insights.pattern_hash IS 'SHA-256 of the pattern, for the index.';
COMMENT ON COLUMN studio.reflexion_insights.evidence_count IS 'How often it was found.';
COMMENT ON COLUMN studio.reflexion_insights.is_recommended IS 'Whether it was found three times or more.';
COMMENT ON COLUMN studio.reflexion_insights.impact IS
'What it does to how well a concept does: positive, negative or neutral.';
COMMENT ON COLUMN studio.reflexion_insights.recommendation IS
'What to do about it; 1 to 4000 characters.';
COMMENT ON COLUMN studio.reflexion_insights.applied_to_scoring IS 'Whether the scoring takes it into account.';
COMMENT ON COLUMN studio.reflexion_insights.last_seen_at IS 'When it was found last.';
COMMENT ON COLUMN studio.reflexion_insights.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN studio.reflexion_insights.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN studio.reflexion_insights.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT reflexion_insights_pattern_key ON studio.reflexion_insights IS
'pattern: is known already';
COMMENT ON CONSTRAINT reflexion_insights_category_check ON studio.reflexion_insights IS
'category: must be one of the twelve categories';
COMMENT ON CONSTRAINT reflexion_insights_platform_check ON studio.reflexion_insights IS
'platform: must be tiktok, youtube-shorts or instagram-reels';
COMMENT ON CONSTRAINT reflexion_insights_pattern_check ON studio.reflexion_insights IS
'pattern: must have 1 to 4000 characters that are not blank';
COMMENT ON CONSTRAINT reflexion_insights_evidence_count_check ON studio.reflexion_insights IS
'evidence_count: must be at least 1';
COMMENT ON CONSTRAINT reflexion_insights_last_seen_at_check ON studio.reflexion_insights IS
'last_seen_at: must not be in the future';
COMMENT ON CONSTRAINT reflexion_insights_impact_check ON studio.reflexion_insights IS
'impact: must be positive, negative or neutral';
COMMENT ON CONSTRAINT reflexion_insights_recommendation_check ON studio.reflexion_insights IS
'recommendation: must have 1 to 4000 characters that are not blank';

CREATE INDEX reflexion_insights_category ON studio.reflexion_insights (tenant_id, category, id);
CREATE INDEX reflexion_insights_platform ON studio.reflexion_insights (tenant_id, platform, id);
CREATE INDEX reflexion_insights_to_apply ON studio.reflexion_insights (tenant_id, id)
WHERE is_recommended AND NOT applied_to_scoring;

CALL operations.protect(
    'studio.reflexion_insights', rows => 'tenant',
    shown => '{category,platform,evidence_count,impact,applied_to_scoring,last_seen_at,created_at}',
    fixed => '{category,platform,pattern,created_at}'
);

-- Evidence only grows.
CREATE TRIGGER keep_evidence BEFORE UPDATE ON studio.reflexion_insights
FOR EACH ROW WHEN (new.evidence_count < old.evidence_count OR new.last_seen_at < old.last_seen_at)
EXECUTE FUNCTION operations.refuse_rewrite('studio.reflexion_insights', '{evidence_count,last_seen_at}');

-- Scoring adjustments -------------------------------------------------------------------------------

CREATE FUNCTION studio.adjusted_weight(weight numeric, direction text, gap_percent numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN least(
    2.0,
    greatest(
        0.5,
        weight * (
            1 + CASE direction WHEN 'over-predicted' THEN -1 WHEN 'under-predicted' THEN 1 ELSE 0 END
            * CASE
                WHEN gap_percent IS NULL OR abs(gap_percent) > 40 THEN 0.20
                WHEN abs(gap_percent) > 25 THEN 0.15
                WHEN abs(gap_percent) > 15 THEN 0.10
                ELSE 0
            END
        )
    )
);

COMMENT ON FUNCTION studio.adjusted_weight(numeric, text, numeric) IS
'The weight after a critique: lower by 20, 15 or 10 percent where the prediction was more than 40, 25 or 15 percent too
high, higher where it was too low, the same where it was accurate; from 0.5 to 2.';

GRANT EXECUTE ON FUNCTION studio.adjusted_weight(numeric, text, numeric) TO app_rw;

CREATE TABLE studio.scoring_adjustments (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    critique_id uuid,
    feedback_id uuid,
    feedback_revision bigint,
    reverts_id uuid,
    category text NOT NULL,
    platform text NOT NULL,
    type text NOT NULL DEFAULT 'category-weight',
    old_value numeric NOT NULL,
    new_value numeric NOT NULL,
    reason text NOT NULL,
    applied_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT scoring_adjustments_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT scoring_adjustments_critique_fkey FOREIGN KEY (tenant_id, critique_id)
    REFERENCES studio.self_critiques (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT scoring_adjustments_feedback_fkey FOREIGN KEY (tenant_id, feedback_id)
    REFERENCES studio.performance_feedback (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT scoring_adjustments_reverts_fkey FOREIGN KEY (tenant_id, reverts_id)
    REFERENCES studio.scoring_adjustments (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT scoring_adjustments_category_check CHECK (
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
    CONSTRAINT scoring_adjustments_platform_check CHECK (platform IN ('tiktok', 'youtube-shorts', 'instagram-reels')),
    CONSTRAINT scoring_adjustments_type_check CHECK (
        type IN ('category-weight', 'hook-effectiveness', 'platform-multiplier', 'recency-boost')
    ),
    CONSTRAINT scoring_adjustments_new_value_check CHECK (new_value BETWEEN 0.5 AND 2.0),
    CONSTRAINT scoring_adjustments_reason_check
    CHECK (NOT operations.is_blank(reason) AND length(reason) <= 2000)
);

COMMENT ON TABLE studio.scoring_adjustments IS
'The weights of the scoring and how they came to be: append-only, the latest of a category, platform and type is in
effect. One that was never adjusted weighs 1.';
COMMENT ON COLUMN studio.scoring_adjustments.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN studio.scoring_adjustments.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN studio.scoring_adjustments.critique_id IS
'The critique that was applied, or whose adjustment is reverted; NULL when somebody set the weight.';
COMMENT ON COLUMN studio.scoring_adjustments.feedback_id IS
'The feedback that the critique was made of when it was applied; NULL unless one was.';
COMMENT ON COLUMN studio.scoring_adjustments.feedback_revision IS
'The revision of that feedback: applied once, however often a critique is made of it.';
COMMENT ON COLUMN studio.scoring_adjustments.reverts_id IS
'The adjustment that this one takes back; NULL of all others.';
COMMENT ON COLUMN studio.scoring_adjustments.category IS
'news, absurd, luxury, emotional, tech, cartoon, gaming, fitness, food, finance, music or relationships.';
COMMENT ON COLUMN studio.scoring_adjustments.platform IS 'tiktok, youtube-shorts or instagram-reels.';
COMMENT ON COLUMN studio.scoring_adjustments.type IS
'What is weighed: category-weight, hook-effectiveness, platform-multiplier or recency-boost.';
COMMENT ON COLUMN studio.scoring_adjustments.old_value IS
'The weight before, as it was when the row was inserted.';
COMMENT ON COLUMN studio.scoring_adjustments.new_value IS
'The weight from then on, 0.5 to 2: of a critique as studio.adjusted_weight() has it, of a revert what was before.';
COMMENT ON COLUMN studio.scoring_adjustments.reason IS 'Why, for people to read; 1 to 2000 characters.';
COMMENT ON COLUMN studio.scoring_adjustments.applied_at IS
'When it took effect; within a category, platform and type in the order of the adjustments.';
COMMENT ON CONSTRAINT scoring_adjustments_critique_fkey ON studio.scoring_adjustments IS
'critique_id: there is no such critique';
COMMENT ON CONSTRAINT scoring_adjustments_feedback_fkey ON studio.scoring_adjustments IS
'feedback_id: there is no such feedback';
COMMENT ON CONSTRAINT scoring_adjustments_reverts_fkey ON studio.scoring_adjustments IS
'reverts_id: there is no such adjustment';
COMMENT ON CONSTRAINT scoring_adjustments_category_check ON studio.scoring_adjustments IS
'category: must be one of the twelve categories';
COMMENT ON CONSTRAINT scoring_adjustments_platform_check ON studio.scoring_adjustments IS
'platform: must be tiktok, youtube-shorts or instagram-reels';
COMMENT ON CONSTRAINT scoring_adjustments_type_check ON studio.scoring_adjustments IS
'type: must be category-weight, hook-effectiveness, platform-multiplier or recency-boost';
COMMENT ON CONSTRAINT scoring_adjustments_new_value_check ON studio.scoring_adjustments IS
'new_value: must be from 0.5 to 2';
COMMENT ON CONSTRAINT scoring_adjustments_reason_check ON studio.scoring_adjustments IS
'reason: must have 1 to 2000 characters that are not blank';

CREATE UNIQUE INDEX scoring_adjustments_reverted ON studio.scoring_adjustments (tenant_id, reverts_id)
WHERE reverts_id IS NOT NULL;
COMMENT ON INDEX studio.scoring_adjustments_reverted IS 'reverts_id: was reverted already';
CREATE UNIQUE INDEX scoring_adjustments_feedback
ON studio.scoring_adjustments (tenant_id, feedback_id, feedback_revision)
WHERE feedback_id IS NOT NULL;
COMMENT ON INDEX studio.scoring_adjustments_feedback IS 'critique_id: its feedback is applied already';
CREATE INDEX scoring_adjustments_critique ON studio.scoring_adjustments (tenant_id, critique_id);
CREATE INDEX scoring_adjustments_weight
ON studio.scoring_adjustments (tenant_id, category, platform, type, applied_at);
CREATE INDEX scoring_adjustments_category ON studio.scoring_adjustments (tenant_id, category, id);

CALL operations.protect(
    'studio.scoring_adjustments', rows => 'tenant',
    shown => '{critique_id,feedback_id,feedback_revision,reverts_id,category,platform,type,old_value,new_value,applied_at}',  -- noqa: LT05
    writes => '{INSERT}'
);

CREATE FUNCTION studio.adjust() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    critique studio.self_critiques;
    reverted studio.scoring_adjustments;
    latest studio.scoring_adjustments;
BEGIN
    NEW.feedback_id := NULL;
    NEW.feedback_revision := NULL;
    IF NEW.reverts_id IS NOT NULL THEN
        SELECT a.*
        INTO reverted
        FROM studio.scoring_adjustments AS a
        WHERE a.tenant_id = NEW.tenant_id AND a.id = NEW.reverts_id;
        NEW.critique_id := reverted.critique_id;
        NEW.category := reverted.category;
        NEW.platform := reverted.platform;
        NEW.type := reverted.type;
    ELSIF NEW.critique_id IS NOT NULL THEN
        SELECT c.*
        INTO critique
        FROM studio.self_critiques AS c
        WHERE c.tenant_id = NEW.tenant_id AND c.id = NEW.critique_id
        FOR NO KEY UPDATE;
        IF critique.applied_at IS NOT NULL THEN
            RAISE EXCEPTION 'the critique is applied already' USING ERRCODE = 'DR001';
        END IF;
        IF critique.direction = 'accurate' THEN
            RAISE EXCEPTION 'the prediction was accurate: there is nothing to adjust' USING ERRCODE = 'DR001';
        END IF;
        NEW.feedback_id := critique.feedback_id;
        NEW.feedback_revision := critique.feedback_revision;
        NEW.category := critique.category;
        NEW.platform := critique.platform;
        NEW.type := 'category-weight';
    END IF;

    -- Adjustments of a weight take place one after another; the next statement sees what the one before did.
    PERFORM pg_advisory_xact_lock(
        hashtextextended(
            concat_ws(' ', 'studio.scoring_adjustments', NEW.tenant_id, NEW.category, NEW.platform, NEW.type), 0
        )
    );
    SELECT a.*
    INTO latest
    FROM studio.scoring_adjustments AS a
    WHERE a.tenant_id = NEW.tenant_id
        AND a.category = NEW.category
        AND a.platform = NEW.platform
        AND a.type = NEW.type
    ORDER BY a.applied_at DESC
    LIMIT 1;
    NEW.old_value := coalesce(latest.new_value, 1);
    -- Not now(): a transaction that waited began before the one that it waited for.
    NEW.applied_at := greatest(clock_timestamp(), latest.applied_at + interval '1 microsecond');
    IF NEW.reverts_id IS NOT NULL THEN
        IF
            EXISTS (
                SELECT FROM studio.scoring_adjustments AS a
                WHERE a.tenant_id = NEW.tenant_id
                    AND a.category = NEW.category
                    AND a.platform = NEW.platform
                    AND a.type = NEW.type
                    AND a.applied_at > reverted.applied_at
                    AND a.reverts_id IS NULL
                    AND NOT EXISTS (
                        SELECT FROM studio.scoring_adjustments AS r
                        WHERE r.tenant_id = NEW.tenant_id AND r.reverts_id = a.id
                    )
            )
        THEN
            RAISE EXCEPTION 'a later adjustment of this weight must be reverted first' USING ERRCODE = 'DR001';
        END IF;
        IF reverted.reverts_id IS NOT NULL THEN
            RAISE EXCEPTION 'it is a revert itself: adjust the weight anew' USING ERRCODE = 'DR001';
        END IF;
        NEW.new_value := reverted.old_value;
    ELSIF NEW.critique_id IS NOT NULL THEN
        NEW.new_value := studio.adjusted_weight(NEW.old_value, critique.direction, critique.gap_percent);
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION studio.adjust() IS
'BEFORE INSERT on scoring_adjustments: takes from the critique, or from the adjustment that is reverted, what is
adjusted and by how much; says what the weight was, and when it changed. An adjustment is reverted once, and not below
a later one that is still in effect.';

CREATE TRIGGER adjust BEFORE INSERT ON studio.scoring_adjustments
FOR EACH ROW EXECUTE FUNCTION studio.adjust();

CREATE FUNCTION studio.note_application() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE studio.self_critiques AS c
    SET applied_at = NEW.applied_at
    WHERE c.tenant_id = NEW.tenant_id
        AND c.id = NEW.critique_id;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION studio.note_application() IS
'AFTER INSERT of a scoring adjustment that applies a critique: dates that in the critique.';

CREATE TRIGGER note_application AFTER INSERT ON studio.scoring_adjustments
FOR EACH ROW WHEN (new.critique_id IS NOT NULL AND new.reverts_id IS NULL)
EXECUTE FUNCTION studio.note_application();

CREATE FUNCTION studio.apply_critique() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF NEW.applied_at IS NULL AND NEW.direction <> 'accurate' AND abs(NEW.gap) > 20 THEN
        INSERT INTO studio.scoring_adjustments (tenant_id, critique_id, reason)
        VALUES (
            NEW.tenant_id,
            NEW.id,
            concat_ws(
                ' ',
                NEW.direction,
                'by',
                coalesce(round(abs(NEW.gap_percent), 1) || ' percent', round(abs(NEW.gap), 1) || ' points'),
                'with high confidence'
            )
        );
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION studio.apply_critique() IS
'AFTER INSERT or UPDATE OF feedback_id or confidence on self_critiques, of high confidence: applies a critique whose
gap is more than 20 points.';

CREATE TRIGGER apply_critique AFTER INSERT OR UPDATE OF feedback_id, confidence ON studio.self_critiques
FOR EACH ROW WHEN (new.confidence = 'high') EXECUTE FUNCTION studio.apply_critique();

-- Audio trends --------------------------------------------------------------------------------------

CREATE TABLE studio.audio_trends (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    platform text NOT NULL,
    sound_id text NOT NULL,
    sound_name text NOT NULL,
    artist_name text,
    usage_count bigint NOT NULL,
    trend_score double precision NOT NULL,
    category text,
    is_active boolean NOT NULL DEFAULT true,
    last_seen_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT audio_trends_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT audio_trends_sound_key UNIQUE (tenant_id, platform, sound_id),
    CONSTRAINT audio_trends_platform_check CHECK (platform IN ('tiktok', 'youtube-shorts', 'instagram-reels')),
    CONSTRAINT audio_trends_sound_id_check
    CHECK (NOT operations.is_blank(sound_id) AND octet_length(sound_id) <= 255),
    CONSTRAINT audio_trends_sound_name_check
    CHECK (NOT operations.is_blank(sound_name) AND length(sound_name) <= 500),
    CONSTRAINT audio_trends_artist_name_check
    CHECK (NOT operations.is_blank(artist_name) AND length(artist_name) <= 500),
    CONSTRAINT audio_trends_usage_count_check CHECK (usage_count >= 0),
    CONSTRAINT audio_trends_trend_score_check CHECK (trend_score BETWEEN 0 AND 100),
    CONSTRAINT audio_trends_last_seen_at_check CHECK (last_seen_at <= updated_at + interval '5 minutes'),
    CONSTRAINT audio_trends_category_check CHECK (
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
    )
);

COMMENT ON TABLE studio.audio_trends IS 'Sounds that spread on a platform, as they were seen last.';
COMMENT ON COLUMN studio.audio_trends.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN studio.audio_trends.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN studio.audio_trends.platform IS 'tiktok, youtube-shorts or instagram-reels.';
COMMENT ON COLUMN studio.audio_trends.sound_id IS 'What the platform calls it, 1 to 255 bytes; once per platform.';
COMMENT ON COLUMN studio.audio_trends.sound_name IS 'What people call it; 1 to 500 characters.';
COMMENT ON COLUMN studio.audio_trends.artist_name IS 'Who plays it; at most 500 characters. NULL if unknown.';
COMMENT ON COLUMN studio.audio_trends.usage_count IS 'In how many videos it is.';
COMMENT ON COLUMN studio.audio_trends.trend_score IS 'How strong the trend is, 0 to 100, as its finder judges.';
COMMENT ON COLUMN studio.audio_trends.category IS
'The category of concepts that it suits; NULL if any.';
COMMENT ON COLUMN studio.audio_trends.is_active IS 'Whether it still spreads.';
COMMENT ON COLUMN studio.audio_trends.last_seen_at IS
'When it was seen last, at most five minutes after that is told; what was seen before that changes nothing.';
COMMENT ON COLUMN studio.audio_trends.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN studio.audio_trends.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN studio.audio_trends.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT audio_trends_sound_key ON studio.audio_trends IS 'sound_id: is known already';
COMMENT ON CONSTRAINT audio_trends_category_check ON studio.audio_trends IS
'category: must be one of the twelve categories';
COMMENT ON CONSTRAINT audio_trends_platform_check ON studio.audio_trends IS
'platform: must be tiktok, youtube-shorts or instagram-reels';
COMMENT ON CONSTRAINT audio_trends_sound_id_check ON studio.audio_trends IS
'sound_id: must have 1 to 255 bytes that are not blank';
COMMENT ON CONSTRAINT audio_trends_sound_name_check ON studio.audio_trends IS
'sound_name: must have 1 to 500 characters that are not blank';
COMMENT ON CONSTRAINT audio_trends_artist_name_check ON studio.audio_trends IS
'artist_name: must have 1 to 500 characters that are not blank';
COMMENT ON CONSTRAINT audio_trends_usage_count_check ON studio.audio_trends IS 'usage_count: must not be negative';
COMMENT ON CONSTRAINT audio_trends_trend_score_check ON studio.audio_trends IS
'trend_score: must be from 0 to 100';
COMMENT ON CONSTRAINT audio_trends_last_seen_at_check ON studio.audio_trends IS
'last_seen_at: must not be in the future';

CREATE INDEX audio_trends_score ON studio.audio_trends (tenant_id, trend_score, id) WHERE is_active;
CREATE INDEX audio_trends_platform_score ON studio.audio_trends (tenant_id, platform, trend_score, id)
WHERE is_active;

CALL operations.protect(
    'studio.audio_trends', rows => 'tenant',
    shown => '{platform,usage_count,trend_score,category,is_active,last_seen_at,created_at}',
    fixed => '{platform,sound_id,created_at}'
);

-- Competitor videos ---------------------------------------------------------------------------------

CREATE TABLE studio.competitor_videos (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    platform text NOT NULL,
    external_id text NOT NULL,
    creator_username text NOT NULL,
    category text NOT NULL,
    title text,
    views bigint NOT NULL,
    likes bigint NOT NULL,
    comments bigint NOT NULL,
    -- Lists go by it: a comparison of numeric is not leakproof, so no index would serve it under row-level security.
    engagement_rate double precision NOT NULL GENERATED ALWAYS AS (
        studio.engagement_rate(views, likes, comments, 0)::double precision
    ) STORED,
    duration_seconds integer,
    hashtags text [] NOT NULL DEFAULT '{}',
    sound_id text,
    hook_text text,
    published_at timestamptz NOT NULL,
    scraped_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT competitor_videos_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT competitor_videos_external_id_key UNIQUE (tenant_id, platform, external_id),
    CONSTRAINT competitor_videos_platform_check CHECK (platform IN ('tiktok', 'youtube-shorts', 'instagram-reels')),
    CONSTRAINT competitor_videos_external_id_check
    CHECK (NOT operations.is_blank(external_id) AND octet_length(external_id) <= 255),
    CONSTRAINT competitor_videos_creator_username_check
    CHECK (NOT operations.is_blank(creator_username) AND length(creator_username) <= 255),
    CONSTRAINT competitor_videos_category_check CHECK (
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
    CONSTRAINT competitor_videos_title_check CHECK (NOT operations.is_blank(title) AND length(title) <= 1000),
    CONSTRAINT competitor_videos_views_check CHECK (views >= 0),
    CONSTRAINT competitor_videos_likes_check CHECK (likes >= 0),
    CONSTRAINT competitor_videos_comments_check CHECK (comments >= 0),
    CONSTRAINT competitor_videos_duration_seconds_check CHECK (duration_seconds >= 0),
    CONSTRAINT competitor_videos_hashtags_check CHECK (
        cardinality(hashtags) <= 100
        AND coalesce(array_ndims(hashtags), 1) = 1
        AND array_position(hashtags, NULL) IS NULL
        AND octet_length(array_to_string(hashtags, '')) <= 65536
    ),
    CONSTRAINT competitor_videos_sound_id_check
    CHECK (NOT operations.is_blank(sound_id) AND octet_length(sound_id) <= 255),
    CONSTRAINT competitor_videos_hook_text_check
    CHECK (NOT operations.is_blank(hook_text) AND length(hook_text) <= 2000),
    CONSTRAINT competitor_videos_scraped_at_check CHECK (scraped_at <= updated_at + interval '5 minutes')
);

COMMENT ON TABLE studio.competitor_videos IS 'Videos of others that do well, as they were scraped last.';
COMMENT ON COLUMN studio.competitor_videos.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN studio.competitor_videos.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN studio.competitor_videos.platform IS 'tiktok, youtube-shorts or instagram-reels.';
COMMENT ON COLUMN studio.competitor_videos.external_id IS
'What the platform calls it, 1 to 255 bytes; once per platform.';
COMMENT ON COLUMN studio.competitor_videos.creator_username IS 'Who posted it; 1 to 255 characters.';
COMMENT ON COLUMN studio.competitor_videos.category IS
'news, absurd, luxury, emotional, tech, cartoon, gaming, fitness, food, finance, music or relationships.';
COMMENT ON COLUMN studio.competitor_videos.title IS 'Its title; at most 1000 characters. NULL if it has none.';
COMMENT ON COLUMN studio.competitor_videos.views IS 'How often it was seen.';
COMMENT ON COLUMN studio.competitor_videos.likes IS 'How often it was liked.';
COMMENT ON COLUMN studio.competitor_videos.comments IS 'How often it was commented on.';
COMMENT ON COLUMN studio.competitor_videos.engagement_rate IS
'Likes and comments in percent of the views, with two decimals; 0 without views.';
COMMENT ON COLUMN studio.competitor_videos.duration_seconds IS 'How long it is; NULL if unknown.';
COMMENT ON COLUMN studio.competitor_videos.hashtags IS 'At most 100 texts, 64 KB together.';
COMMENT ON COLUMN studio.competitor_videos.sound_id IS
'What the platform calls its sound, 1 to 255 bytes; NULL if unknown.';
COMMENT ON COLUMN studio.competitor_videos.hook_text IS
'With what it begins; at most 2000 characters. NULL if nobody noted it.';
COMMENT ON COLUMN studio.competitor_videos.published_at IS 'When it was posted.';
COMMENT ON COLUMN studio.competitor_videos.scraped_at IS
'When this was scraped, at most five minutes after that is told; what was scraped before that changes nothing.';
COMMENT ON COLUMN studio.competitor_videos.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN studio.competitor_videos.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN studio.competitor_videos.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT competitor_videos_external_id_key ON studio.competitor_videos IS
'external_id: is known already';
COMMENT ON CONSTRAINT competitor_videos_category_check ON studio.competitor_videos IS
'category: must be one of the twelve categories';
COMMENT ON CONSTRAINT competitor_videos_platform_check ON studio.competitor_videos IS
'platform: must be tiktok, youtube-shorts or instagram-reels';
COMMENT ON CONSTRAINT competitor_videos_external_id_check ON studio.competitor_videos IS
'external_id: must have 1 to 255 bytes that are not blank';
COMMENT ON CONSTRAINT competitor_videos_creator_username_check ON studio.competitor_videos IS
'creator_username: must have 1 to 255 characters that are not blank';
COMMENT ON CONSTRAINT competitor_videos_title_check ON studio.competitor_videos IS
'title: must have 1 to 1000 characters that are not blank';
COMMENT ON CONSTRAINT competitor_videos_views_check ON studio.competitor_videos IS 'views: must not be negative';
COMMENT ON CONSTRAINT competitor_videos_likes_check ON studio.competitor_videos IS 'likes: must not be negative';
COMMENT ON CONSTRAINT competitor_videos_comments_check ON studio.competitor_videos IS 'comments: must not be negative';
COMMENT ON CONSTRAINT competitor_videos_duration_seconds_check ON studio.competitor_videos IS
'duration_seconds: must not be negative';
COMMENT ON CONSTRAINT competitor_videos_hashtags_check ON studio.competitor_videos IS
'hashtags: must be at most 100 texts, of at most 64 KB together';
COMMENT ON CONSTRAINT competitor_videos_sound_id_check ON studio.competitor_videos IS
'sound_id: must have 1 to 255 bytes that are not blank';
COMMENT ON CONSTRAINT competitor_videos_hook_text_check ON studio.competitor_videos IS
'hook_text: must have 1 to 2000 characters that are not blank';
COMMENT ON CONSTRAINT competitor_videos_scraped_at_check ON studio.competitor_videos IS
'scraped_at: must not be in the future';

CREATE INDEX competitor_videos_engagement
ON studio.competitor_videos (tenant_id, engagement_rate, id);
CREATE INDEX competitor_videos_category_engagement
ON studio.competitor_videos (tenant_id, category, engagement_rate, id);

CALL operations.protect(
    'studio.competitor_videos', rows => 'tenant',
    shown => '{platform,category,views,likes,comments,duration_seconds,published_at,scraped_at,created_at}',
    fixed => '{platform,external_id,creator_username,published_at,created_at}'
);

-- What the worker looks for --------------------------------------------------------------------------

CREATE FUNCTION studio.tenants_with_work()
RETURNS TABLE (
    id uuid,
    has_backlog boolean,
    has_due_posts boolean,
    has_expired_tokens boolean
)
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    -- all tenants: for the owner.
    RETURN QUERY
    SELECT
        t.id,
        (
            EXISTS (
                SELECT
                FROM studio.social_posts AS p
                WHERE p.tenant_id = t.id
                    AND p.status IN ('scheduled', 'claimed', 'unknown')
            )
        ),
        (
            EXISTS (
                SELECT 1
                FROM studio.social_posts AS p
                WHERE p.tenant_id = t.id
                    AND p.status = 'claimed'
                    AND p.lease_expires_at <= now()
                UNION ALL
                SELECT 1
                FROM studio.social_posts AS p
                WHERE p.tenant_id = t.id
                    AND p.retry_at <= now()
                UNION ALL
                SELECT 1
                FROM studio.social_posts AS p
                WHERE p.tenant_id = t.id
                    AND p.status = 'scheduled'
                    AND p.scheduled_for < now() - interval '15 minutes'
                    AND p.overdue_told_at IS NULL
            )
        ),
        (
            EXISTS (
                SELECT
                FROM studio.social_accounts AS a
                WHERE a.tenant_id = t.id
                    AND a.is_active
                    AND a.token_expires_at <= now()
                    AND (a.expiry_told_at IS NULL OR a.expiry_told_at < a.token_expires_at)
            )
        )
    FROM identity.tenants AS t
    WHERE t.suspended_at IS NULL;
END
$$;

COMMENT ON FUNCTION studio.tenants_with_work() IS
'What a worker has to look for in each tenant, as operations.tenants_with_work() has it: posts to count as backlog,
posts whose workers are gone, that are to be tried again, or that nobody posts, access tokens that expired.';

GRANT EXECUTE ON FUNCTION studio.tenants_with_work() TO app_rw, app_ro;
