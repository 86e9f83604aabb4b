"""Written by `make sql` from sql/ and the schema; edit those."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, Literal, NamedTuple
from uuid import UUID

from service.queries import Bound, Query

class CountConceptsByCategoryRow(NamedTuple):
    category: str
    concepts: int
    share: Decimal

class CountConceptsByCategory(Query[Literal["many"]]):
    """How many concepts of generations from one moment to before another are of each category, the most frequent first. Index: concepts_created."""

    def __call__(
        self,
        *,
        since: datetime | str,
        until: datetime | str,
    ) -> Bound[Literal["many"], CountConceptsByCategoryRow]: ...

class CountConceptsByDayRow(NamedTuple):
    day: date
    generations: int
    concepts: int

class CountConceptsByDay(Query[Literal["many"]]):
    """How many generations and concepts there were on each day of UTC from one moment to before another, the latest first. Index: generations_created."""

    def __call__(
        self,
        *,
        since: datetime | str,
        until: datetime | str,
    ) -> Bound[Literal["many"], CountConceptsByDayRow]: ...

class CountConceptsByTrendRow(NamedTuple):
    trend_topic: str
    concepts: int
    generations: int

class CountConceptsByTrend(Query[Literal["many"]]):
    """The hundred trends that most concepts from one moment to before another follow. Index: concepts_created."""

    def __call__(
        self,
        *,
        since: datetime | str,
        until: datetime | str,
    ) -> Bound[Literal["many"], CountConceptsByTrendRow]: ...

class CreateGeneration(Query[Literal["one"]]):
    """A generation with its concepts, in their order. A trigger charges them to the tenant's subscription."""

    def __call__(
        self,
        *,
        created_by_id: UUID | str | None,
        model_key: str | None,
        trends: Any,
        concepts: Any,
    ) -> Bound[Literal["one"], GenerationRow]: ...

class ExportGenerationsRow(NamedTuple):
    id: UUID
    concept_count: int
    model_key: str | None
    created_by_id: UUID | None
    favorite: bool
    created_at: datetime
    updated_at: datetime
    revision: int
    trends: Any
    concepts: Any
    watermark: str

class ExportGenerations(Query[Literal["many"]]):
    """All generations after a watermark with their concepts as they are, in an order in which nothing can appear later before what was read: by the writing transaction, and only below the oldest one that is still running. Each row carries its own watermark. Indexes: generations_order, concepts_position_key."""

    def __call__(
        self,
        *,
        after_epoch: int,
        after_xid: int | str,
        after_id: UUID | str,
    ) -> Bound[Literal["many"], ExportGenerationsRow]: ...

class ConceptRow(NamedTuple):
    id: UUID
    generation_id: UUID
    position: int
    category: str
    title: str
    caption: str
    hashtags: list[str]
    virality: Any
    trend_source: str | None
    trend_topic: str | None
    created_at: datetime
    updated_at: datetime
    revision: int
    script: Any
    prompts: Any
    why_it_works: str | None
    monetization: str | None
    variants: Any
    post_time: time | None

class GetConcept(Query[Literal["one"]]):
    """A concept with all that it says."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], ConceptRow]: ...

class GenerationRow(NamedTuple):
    id: UUID
    concept_count: int
    model_key: str | None
    created_by_id: UUID | None
    favorite: bool
    created_at: datetime
    updated_at: datetime
    revision: int
    trends: Any
    concepts: Any

class GetGeneration(Query[Literal["one"]]):
    """A generation with its concepts, in the order of their positions. Index: concepts_position_key."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], GenerationRow]: ...

class GetSubscriptionRow(NamedTuple):
    tier: str
    status: str
    allowed: int
    used: int
    remaining: int
    resets_at: datetime | None

class GetSubscription(Query[Literal["one"]]):
    """What the tenant pays for, and how much of it is left now. One without a row has what the columns' defaults say. The aggregates are over one row or none."""

    def __call__(self) -> Bound[Literal["one"], GetSubscriptionRow]: ...

class ConceptItemRow(NamedTuple):
    id: UUID
    generation_id: UUID
    position: int
    category: str
    title: str
    caption: str
    hashtags: list[str]
    virality: Any
    trend_source: str | None
    trend_topic: str | None
    created_at: datetime
    updated_at: datetime
    revision: int

class ListConcepts(Query[Literal["page"]]):
    """Concepts, newest first."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ConceptItemRow]: ...

class ListConceptsByCategory(Query[Literal["page"]]):
    """Concepts of a category, newest first. Index: concepts_category."""

    def __call__(
        self,
        *,
        category: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ConceptItemRow]: ...

class ListFavoriteGenerations(Query[Literal["page"]]):
    """Generations that are marked as favourites, from one moment to before another, newest first. Index: generations_favorite."""

    def __call__(
        self,
        *,
        since: datetime | str,
        until: datetime | str,
        after_created_at: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], GenerationItemRow]: ...

class GenerationItemRow(NamedTuple):
    id: UUID
    concept_count: int
    model_key: str | None
    created_by_id: UUID | None
    favorite: bool
    created_at: datetime
    updated_at: datetime
    revision: int

class ListGenerations(Query[Literal["page"]]):
    """Generations from one moment to before another, newest first. Index: generations_created."""

    def __call__(
        self,
        *,
        since: datetime | str,
        until: datetime | str,
        after_created_at: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], GenerationItemRow]: ...

class MarkGeneration(Query[Literal["one"]]):
    """Marks a generation as a favourite, or no longer: what is wanted, not the opposite of what is, so that two clicks do not race."""

    def __call__(
        self,
        *,
        id: UUID | str,
        favorite: bool,
    ) -> Bound[Literal["one"], GenerationItemRow]: ...

class MatchesSubscriptionEventRow(NamedTuple):
    matches: bool

class MatchesSubscriptionEvent(Query[Literal["one"]]):
    """Whether the event that is known by an id said this."""

    def __call__(
        self,
        *,
        event_id: str,
        occurred_at: datetime | str,
        tier: str,
        status: str,
    ) -> Bound[Literal["one"], MatchesSubscriptionEventRow]: ...

class RecordSubscriptionEventRow(NamedTuple):
    id: UUID

class RecordSubscriptionEvent(Query[Literal["maybe"]]):
    """An event of the billing provider, once: no row if it is known. A trigger gives it to the subscription."""

    def __call__(
        self,
        *,
        event_id: str,
        occurred_at: datetime | str,
        tier: str,
        status: str,
    ) -> Bound[Literal["maybe"], RecordSubscriptionEventRow]: ...

class SearchConcepts(Query[Literal["page"]]):
    """Concepts that have all words of a search, newest first. It goes back through those that have the rarest of the words and looks up the others for each, until the page is full. A word is the rarer, the further back a thousand concepts with it reach. Index: concept_words_pkey."""

    def __call__(
        self,
        *,
        q: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ConceptItemRow]: ...

class UpdateConcept(Query[Literal["maybe"]]):
    """Changes what `changes` names; no row when the revision is another. What was predicted is not among it."""

    def __call__(
        self,
        *,
        id: UUID | str,
        changes: Any,
        revision: int | None,
    ) -> Bound[Literal["maybe"], ConceptRow]: ...

class Studio:
    count_concepts_by_category: CountConceptsByCategory
    count_concepts_by_day: CountConceptsByDay
    count_concepts_by_trend: CountConceptsByTrend
    create_generation: CreateGeneration
    export_generations: ExportGenerations
    get_concept: GetConcept
    get_generation: GetGeneration
    get_subscription: GetSubscription
    list_concepts: ListConcepts
    list_concepts_by_category: ListConceptsByCategory
    list_favorite_generations: ListFavoriteGenerations
    list_generations: ListGenerations
    mark_generation: MarkGeneration
    matches_subscription_event: MatchesSubscriptionEvent
    record_subscription_event: RecordSubscriptionEvent
    search_concepts: SearchConcepts
    update_concept: UpdateConcept
