"""Written by `make sql` from sql/ and the schema; edit those."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, Literal, NamedTuple
from uuid import UUID

from service.queries import Bound, Query

class ActivatePrompt(Query[Literal["maybe"]]):
    """Makes a prompt the active one of its kind, and the one before it not: the triggers of the history do both, one activation of a kind after another. No row when there is no such prompt, it is active already, or its revision is another."""

    def __call__(
        self,
        *,
        id: UUID | str,
        reason: str | None,
        revision: int | None,
    ) -> Bound[Literal["maybe"], PromptActivationRow]: ...

class CreatePrompt(Query[Literal["one"]]):
    """A new version of a prompt, not active yet. The trigger models.number_prompt() gives the version, and a free label if there is none."""

    def __call__(
        self,
        *,
        kind: str,
        label: str | None,
        system_prompt: str,
        user_template: str,
        notes: str | None,
        author_user_id: UUID | str | None,
    ) -> Bound[Literal["one"], PromptRow]: ...

class EraseRunsRow(NamedTuple):
    rows: int
    last_id: UUID | None

class EraseRuns(Query[Literal["one"]]):
    """Looks at some model runs, in the order of their ids, and empties those that name a customer's address: their costs still count. A dry run only counts. `last_id` is where the next batch begins, NULL at the end. The owner alone may. Index: the primary key."""

    def __call__(
        self,
        *,
        mention: str,
        after_id: UUID | str,
        limit: int,
        dry_run: bool,
    ) -> Bound[Literal["one"], EraseRunsRow]: ...

class EraseRunsAboutRow(NamedTuple):
    rows: int

class EraseRunsAbout(Query[Literal["one"]]):
    """Empties the model runs about conversations, messages or drafts of a customer: their costs still count. A dry run only counts. The owner alone may. Index: model_runs_input_ref."""

    def __call__(
        self,
        *,
        refs: Any,
        dry_run: bool,
    ) -> Bound[Literal["one"], EraseRunsAboutRow]: ...

class ExportRunsAboutRow(NamedTuple):
    entity: str
    data: Any

class ExportRunsAbout(Query[Literal["many"]]):
    """The model runs about some conversations, messages or drafts of a customer, without those that name the address: models.export_runs_naming has them. Index: model_runs_input_ref."""

    def __call__(
        self,
        *,
        refs: Any,
        mention: str,
    ) -> Bound[Literal["many"], ExportRunsAboutRow]: ...

class ExportRunsNamingRow(NamedTuple):
    entity: str
    data: Any

class ExportRunsNaming(Query[Literal["many"]]):
    """The model runs with the address of a customer in them."""

    def __call__(
        self,
        *,
        mention: str,
    ) -> Bound[Literal["many"], ExportRunsNamingRow]: ...

class ForgetRunsRow(NamedTuple):
    rows: int

class ForgetRuns(Query[Literal["one"]]):
    """Deletes model runs that are older than what is kept, the oldest first, and tells how many; a dry run only counts. The owner alone may delete. Index: model_runs_created."""

    def __call__(
        self,
        *,
        keep: timedelta | str,
        limit: int | None,
        dry_run: bool,
    ) -> Bound[Literal["one"], ForgetRunsRow]: ...

class GetActivePrompt(Query[Literal["one"]]):
    """The prompt that runs of a kind use now. Index: prompt_versions_one_active."""

    def __call__(
        self,
        *,
        kind: str,
    ) -> Bound[Literal["one"], PromptRow]: ...

class PromptRow(NamedTuple):
    id: UUID
    kind: str
    version: int
    label: str
    system_prompt: str
    user_template: str
    notes: str | None
    author_user_id: UUID | None
    restores_id: UUID | None
    active: bool
    drafts_count: int
    decided_count: int
    approvals_count: int
    approval_rate: float
    average_edit_distance: float | None
    metrics_at: datetime | None
    created_at: datetime
    updated_at: datetime
    revision: int

class GetPrompt(Query[Literal["one"]]):
    """One prompt, with its templates."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], PromptRow]: ...

class QuotaDayRow(NamedTuple):
    day: date
    total_reads: int
    stream_reads: int
    search_reads: int
    thread_lookups: int
    stream_reserved: int
    search_reserved: int
    thread_reserved: int

class GetQuotaDay(Query[Literal["one"]]):
    """What was read and reserved on a day."""

    def __call__(
        self,
        *,
        day: date | str,
    ) -> Bound[Literal["one"], QuotaDayRow]: ...

class QuotaLimitRow(NamedTuple):
    period_days: int
    allowed: int
    updated_at: datetime | None
    revision: int

class GetQuotaLimit(Query[Literal["one"]]):
    """The limit of the tenant. One without a row has what the columns' defaults say: the same as the row that lock_quota would make for it. The aggregates are over one row or none."""

    def __call__(self) -> Bound[Literal["one"], QuotaLimitRow]: ...

class ModelRunRow(NamedTuple):
    id: UUID
    run_type: str
    input_ref: str | None
    model: str
    prompt_version_id: UUID | None
    user_id: UUID | None
    latency_ms: int | None
    tokens_in: int | None
    tokens_out: int | None
    cost_micros: int | None
    success: bool
    error: str | None
    meta: Any
    started_at: datetime | None
    created_at: datetime

class GetRun(Query[Literal["one"]]):
    """One call of a model."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], ModelRunRow]: ...

class IncrementQuota(Query[Literal["one"]]):
    """Counts reads of a kind that were made today without a reservation, whatever the limit says."""

    def __call__(
        self,
        *,
        kind: str,
        count: int,
    ) -> Bound[Literal["one"], QuotaDayRow]: ...

class PromptActivationRow(NamedTuple):
    id: UUID
    kind: str
    prompt_version_id: UUID
    label: str
    version: int
    replaced_prompt_version_id: UUID | None
    actor: str
    reason: str | None
    activated_at: datetime

class ListActivations(Query[Literal["page"]]):
    """Which prompts became active, of all kinds, the latest first. Index: prompt_activations_activated."""

    def __call__(
        self,
        *,
        after_activated_at: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], PromptActivationRow]: ...

class ListActivationsByKind(Query[Literal["page"]]):
    """Which prompts of a kind became active, the latest first. Index: prompt_activations_kind."""

    def __call__(
        self,
        *,
        kind: str,
        after_activated_at: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], PromptActivationRow]: ...

class ListActivationsOfPrompt(Query[Literal["page"]]):
    """When a prompt became active, the latest first. Index: prompt_activations_prompt_version."""

    def __call__(
        self,
        *,
        prompt_version_id: UUID | str,
        after_activated_at: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], PromptActivationRow]: ...

class ListPromptIdsRow(NamedTuple):
    id: UUID

class ListPromptIds(Query[Literal["many"]]):
    """The ids of all prompts of a tenant, whose metrics are recomputed one after another. Index: the primary key."""

    def __call__(self) -> Bound[Literal["many"], ListPromptIdsRow]: ...

class PromptSummaryRow(NamedTuple):
    id: UUID
    kind: str
    version: int
    label: str
    notes: str | None
    author_user_id: UUID | None
    restores_id: UUID | None
    active: bool
    drafts_count: int
    decided_count: int
    approvals_count: int
    approval_rate: float
    average_edit_distance: float | None
    metrics_at: datetime | None
    created_at: datetime
    updated_at: datetime
    revision: int

class ListPrompts(Query[Literal["page"]]):
    """Prompts of a tenant, newest first, without their templates. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], PromptSummaryRow]: ...

class ListPromptsByKind(Query[Literal["page"]]):
    """Prompts of one kind, the latest version first, without their templates. Index: prompt_versions_version_key."""

    def __call__(
        self,
        *,
        kind: str,
        after_version: int,
        limit: int,
    ) -> Bound[Literal["page"], PromptSummaryRow]: ...

class ListQuotaUsage(Query[Literal["page"]]):
    """The days with reads, newest first."""

    def __call__(
        self,
        *,
        after_day: date | str,
        limit: int,
    ) -> Bound[Literal["page"], QuotaDayRow]: ...

class ListRuns(Query[Literal["page"]]):
    """Calls of models, the latest first. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ModelRunRow]: ...

class ListRunsByInput(Query[Literal["page"]]):
    """Calls of models about one input, of which there are few, the latest first. Index: model_runs_input_ref."""

    def __call__(
        self,
        *,
        input_ref: str,
        run_type: str | None,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ModelRunRow]: ...

class ListRunsByType(Query[Literal["page"]]):
    """Calls of models for one purpose, the latest first. Index: model_runs_run_type."""

    def __call__(
        self,
        *,
        run_type: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ModelRunRow]: ...

class LockQuota(Query[Literal["exec"]]):
    """Keeps others from reserving in the tenant until the transaction ends, and makes the row with the defaults if there is none yet. A statement of its own, sent before the next: what others counted while it waited must be visible to that one. The WHERE spares a known row the update; PostgreSQL locks it all the same."""

    def __call__(self) -> Bound[Literal["exec"], None]: ...

class QuotaFreesAtRow(NamedTuple):
    seconds: int

class QuotaFreesAt(Query[Literal["maybe"]]):
    """In how many seconds old days will have left the period, so that these reads fit if none are counted before; no row if they never do, being more than the limit."""

    def __call__(
        self,
        *,
        count: int,
    ) -> Bound[Literal["maybe"], QuotaFreesAtRow]: ...

class QuotaSnapshotRow(NamedTuple):
    period_start: date
    period_end: date
    total_allowed: int
    used: int
    remaining: int
    avg_daily_usage: Decimal
    projected_exhaust_date: date | None
    source_breakdown: Any
    level: str
    last_sync: datetime

class QuotaSnapshot(Query[Literal["one"]]):
    """How much of the limit is used, and until when it will do. The average is over days, not over rows: all days of the period, or those since the tenant's first use if that is later. The projection lets every coming day use as much, and the old days leave the period: a day on which the limit is reached then is within one period, or never comes. It is compared in whole numbers, times the days of the average. What is counted for days to come is not in it."""

    def __call__(self) -> Bound[Literal["one"], QuotaSnapshotRow]: ...

class RecomputePromptMetrics(Query[Literal["one"]]):
    """Counts what became of the drafts that were made with a prompt. Decided is what people approved or rejected, also when it was archived since. An approval without an edit has the distance 0. Indexes: drafts_prompt_version, draft_actions_one_decision."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], PromptRow]: ...

class RecordRun(Query[Literal["one"]]):
    """One call of a model."""

    def __call__(
        self,
        *,
        run_type: str,
        input_ref: str | None,
        model: str,
        prompt_version_id: UUID | str | None,
        user_id: UUID | str | None,
        latency_ms: int | None,
        tokens_in: int | None,
        tokens_out: int | None,
        cost_micros: int | None,
        success: bool,
        error: str | None,
        meta: Any,
        started_at: datetime | str | None,
    ) -> Bound[Literal["one"], ModelRunRow]: ...

class RecordRunsRow(NamedTuple):
    id: UUID
    outcome: str

class RecordRuns(Query[Literal["many"]]):
    """Many calls of models at once, all or none; their ids in the order of the calls."""

    def __call__(
        self,
        *,
        user_id: UUID | str | None,
        runs: Any,
    ) -> Bound[Literal["many"], RecordRunsRow]: ...

class ReleaseQuota(Query[Literal["maybe"]]):
    """Takes back reads of a kind that were reserved on a day and not used; no row when less of it is reserved, so that nothing is released that was not reserved."""

    def __call__(
        self,
        *,
        day: date | str,
        kind: str,
        count: int,
    ) -> Bound[Literal["maybe"], QuotaDayRow]: ...

class ReserveQuotaRow(NamedTuple):
    kind: str
    requested: int
    day: date | None
    allowed: int | None
    used: int
    remaining: int

class ReserveQuota(Query[Literal["one"]]):
    """Counts reads of a kind, today, if the limit of the period has room for all of them; else `day` is NULL. Nothing comes between sum and count: lock_quota ran before in the same transaction. statement_timestamp() is after it had its lock, so that who comes later never counts on an earlier day."""

    def __call__(
        self,
        *,
        kind: str,
        count: int,
    ) -> Bound[Literal["one"], ReserveQuotaRow]: ...

class RollBackPrompt(Query[Literal["maybe"]]):
    """Brings the templates of an earlier version back: as a new version, which becomes the active one of the kind. No row when there is no such prompt, it is active already, or its revision is another."""

    def __call__(
        self,
        *,
        id: UUID | str,
        label: str | None,
        reason: str,
        author_user_id: UUID | str | None,
        revision: int | None,
    ) -> Bound[Literal["maybe"], PromptActivationRow]: ...

class SetQuotaLimit(Query[Literal["maybe"]]):
    """Sets the limit of the tenant, whose row lock_quota has made; no row when the revision is another."""

    def __call__(
        self,
        *,
        period_days: int,
        allowed: int,
        revision: int | None,
    ) -> Bound[Literal["maybe"], QuotaLimitRow]: ...

class ModelCostRow(NamedTuple):
    key: str
    label: str
    runs: int
    failures: int
    tokens_in: Decimal | None
    tokens_out: Decimal | None
    cost_micros: Decimal | None
    runs_without_price: int

class SumCostsByDay(Query[Literal["many"]]):
    """What calls of models cost from one moment to before another, by day of UTC, the latest first. A sum is NULL when no call of the day told. Index: model_runs_created."""

    def __call__(
        self,
        *,
        since: datetime | str,
        until: datetime | str,
    ) -> Bound[Literal["many"], ModelCostRow]: ...

class SumCostsByModel(Query[Literal["many"]]):
    """What calls of models cost from one moment to before another, by model. A sum is NULL when no call for it told. Index: model_runs_created."""

    def __call__(
        self,
        *,
        since: datetime | str,
        until: datetime | str,
    ) -> Bound[Literal["many"], ModelCostRow]: ...

class SumCostsByPromptRow(NamedTuple):
    key: UUID | None
    label: str | None
    runs: int
    failures: int
    tokens_in: Decimal | None
    tokens_out: Decimal | None
    cost_micros: Decimal | None
    runs_without_price: int

class SumCostsByPrompt(Query[Literal["many"]]):
    """What calls of models cost from one moment to before another, by prompt; those without one last, under NULL. A sum is NULL when no call for it told. Index: model_runs_created."""

    def __call__(
        self,
        *,
        since: datetime | str,
        until: datetime | str,
    ) -> Bound[Literal["many"], SumCostsByPromptRow]: ...

class SumCostsByRunType(Query[Literal["many"]]):
    """What calls of models cost from one moment to before another, by purpose. A sum is NULL when no call for it told. Index: model_runs_created."""

    def __call__(
        self,
        *,
        since: datetime | str,
        until: datetime | str,
    ) -> Bound[Literal["many"], ModelCostRow]: ...

class Models:
    activate_prompt: ActivatePrompt
    create_prompt: CreatePrompt
    erase_runs: EraseRuns
    erase_runs_about: EraseRunsAbout
    export_runs_about: ExportRunsAbout
    export_runs_naming: ExportRunsNaming
    forget_runs: ForgetRuns
    get_active_prompt: GetActivePrompt
    get_prompt: GetPrompt
    get_quota_day: GetQuotaDay
    get_quota_limit: GetQuotaLimit
    get_run: GetRun
    increment_quota: IncrementQuota
    list_activations: ListActivations
    list_activations_by_kind: ListActivationsByKind
    list_activations_of_prompt: ListActivationsOfPrompt
    list_prompt_ids: ListPromptIds
    list_prompts: ListPrompts
    list_prompts_by_kind: ListPromptsByKind
    list_quota_usage: ListQuotaUsage
    list_runs: ListRuns
    list_runs_by_input: ListRunsByInput
    list_runs_by_type: ListRunsByType
    lock_quota: LockQuota
    quota_frees_at: QuotaFreesAt
    quota_snapshot: QuotaSnapshot
    recompute_prompt_metrics: RecomputePromptMetrics
    record_run: RecordRun
    record_runs: RecordRuns
    release_quota: ReleaseQuota
    reserve_quota: ReserveQuota
    roll_back_prompt: RollBackPrompt
    set_quota_limit: SetQuotaLimit
    sum_costs_by_day: SumCostsByDay
    sum_costs_by_model: SumCostsByModel
    sum_costs_by_prompt: SumCostsByPrompt
    sum_costs_by_run_type: SumCostsByRunType
