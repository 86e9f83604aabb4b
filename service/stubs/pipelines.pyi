"""Written by `make sql` from sql/ and the schema; edit those."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, Literal, NamedTuple
from uuid import UUID

from service.queries import Bound, Query

class CancelRun(Query[Literal["maybe"]]):
    """Ends a run of the user that is not over; who works on it loses its lease. No row when it is over, or the revision is another."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        id: UUID | str,
        revision: int | None,
    ) -> Bound[Literal["maybe"], PipelineRunRow]: ...

class ClaimRunsRow(NamedTuple):
    id: UUID
    user_id: UUID
    company_id: str
    company_name: str
    document_name: str
    document_url: str
    document_type: str | None
    document_size: int | None
    current_stage: int
    completed_stages: list[int]
    attempts: int
    max_attempts: int
    lease_id: UUID
    lease_expires_at: datetime

class ClaimRuns(Query[Literal["many"]]):
    """Gives runs that are due to a worker, under a lease, whoever's they are, the oldest first. A run is given to one worker only: others skip its locked row. After enter_for_all_users. Indexes: runs_due, stage_outputs_stage_key."""

    def __call__(
        self,
        *,
        worker: str,
        pipeline_version: str | None,
        lease_id: UUID | str,
        lease: timedelta | str,
        limit: int,
    ) -> Bound[Literal["many"], ClaimRunsRow]: ...

class CompleteRun(Query[Literal["maybe"]]):
    """The end of a run: its last stage, its cards and its status, in one statement. The worker that completed it may say it again, after a crash or at once: what is there becomes the same, and cards stay starred. No row when the lease is lost. After enter_for_all_users. Indexes: stage_outputs_stage_key, opportunity_cards_number_key."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        name: str,
        markdown_output: str,
        json_output: Any | None,
        cards: Any,
    ) -> Bound[Literal["maybe"], PipelineRunRow]: ...

class PipelineCompanyRow(NamedTuple):
    company_id: str
    company_name: str
    runs: int
    pending: int
    running: int
    completed: int
    failed: int
    cancelled: int

class CountByCompany(Query[Literal["page"]]):
    """A user's companies by their ids, with how many runs each has. Index: runs_company."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        after_company_id: str,
        limit: int,
    ) -> Bound[Literal["page"], PipelineCompanyRow]: ...

class CountByCompanyOfTenant(Query[Literal["page"]]):
    """The companies of all users by their ids, with how many runs each has. After enter_for_all_users. Index: runs_company_of_tenant."""

    def __call__(
        self,
        *,
        after_company_id: str,
        limit: int,
    ) -> Bound[Literal["page"], PipelineCompanyRow]: ...

class CountStarredCardsRow(NamedTuple):
    starred: int

class CountStarredCards(Query[Literal["one"]]):
    """How many cards a user starred. Index: opportunity_cards_starred."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
    ) -> Bound[Literal["one"], CountStarredCardsRow]: ...

class CreateRun(Query[Literal["one"]]):
    """A run of the user over a document that lies in object storage; a worker will claim it."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        company_id: str,
        company_name: str,
        document_name: str,
        document_url: str,
        document_type: str | None,
        document_size: int | None,
    ) -> Bound[Literal["one"], PipelineRunRow]: ...

class DeleteRun(Query[Literal["one"]]):
    """Deletes a run of the user with its cards, report and stage outputs."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        id: UUID | str,
    ) -> Bound[Literal["one"], PipelineRunRow]: ...

class ExtendRunLease(Query[Literal["maybe"]]):
    """A worker's heartbeat; no row when its lease is lost. After enter_for_all_users."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        lease: timedelta | str,
    ) -> Bound[Literal["maybe"], PipelineRunRow]: ...

class FailRun(Query[Literal["maybe"]]):
    """A worker could not finish the run: it has failed, or is due again, each time after twice the delay, where the worker asks for it and attempts are left. No row when the worker's lease is lost. After enter_for_all_users."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        error_message: str,
        retry: bool,
        delay: timedelta | str,
        max_delay: timedelta | str,
    ) -> Bound[Literal["maybe"], PipelineRunRow]: ...

class PipelineCardRow(NamedTuple):
    id: UUID
    run_id: UUID
    number: int
    title: str
    tagline: str
    problem: str
    solution: str
    why_now: str
    target_segment: str
    quick_win: str
    starred: bool
    created_at: datetime
    updated_at: datetime
    revision: int

class GetCard(Query[Literal["one"]]):
    """A card of the user."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        id: UUID | str,
    ) -> Bound[Literal["one"], PipelineCardRow]: ...

class GetFailedRun(Query[Literal["maybe"]]):
    """The run as the failure that was reported under this lease left it, for a worker that reports it again because it did not get the answer. After enter_for_all_users."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
    ) -> Bound[Literal["maybe"], PipelineRunRow]: ...

class GetImportedRun(Query[Literal["one"]]):
    """The run that was imported under an external id. Index: runs_external_id_key."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        external_id: str,
    ) -> Bound[Literal["one"], PipelineRunRow]: ...

class GetRunRow(NamedTuple):
    id: UUID
    user_id: UUID
    external_id: str | None
    company_id: str
    company_name: str
    document_name: str
    document_url: str
    document_type: str | None
    document_size: int | None
    pipeline_version: str | None
    status: str
    current_stage: int
    attempts: int
    max_attempts: int
    error_message: str | None
    lease_expires_at: datetime | None
    due_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    duration_ms: int | None
    created_at: datetime
    updated_at: datetime
    revision: int
    cards: Any
    report: Any | None
    stages: Any

class GetRun(Query[Literal["one"]]):
    """A run of the user with all that came of it: cards and stages by their numbers, and the report. Indexes: opportunity_cards_number_key, stage_outputs_stage_key, inspiration_reports_run_key."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        id: UUID | str,
    ) -> Bound[Literal["one"], GetRunRow]: ...

class PipelineRunRow(NamedTuple):
    id: UUID
    user_id: UUID
    external_id: str | None
    company_id: str
    company_name: str
    document_name: str
    document_url: str
    document_type: str | None
    document_size: int | None
    pipeline_version: str | None
    status: str
    current_stage: int
    attempts: int
    max_attempts: int
    error_message: str | None
    lease_expires_at: datetime | None
    due_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    duration_ms: int | None
    created_at: datetime
    updated_at: datetime
    revision: int

class GetRunState(Query[Literal["one"]]):
    """What became of a run, whoever's it is: what a worker is told that reports too late."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], PipelineRunRow]: ...

class PipelineWebhookRow(NamedTuple):
    previous_expires_at: datetime | None
    created_at: datetime
    updated_at: datetime
    revision: int

class GetWebhook(Query[Literal["one"]]):
    """The tenant's webhook, never its secret. Index: webhooks_tenant_key."""

    def __call__(self) -> Bound[Literal["one"], PipelineWebhookRow]: ...

class GetWebhookIdRow(NamedTuple):
    id: UUID

class GetWebhookId(Query[Literal["one"]]):
    """The id of the tenant's webhook, or one for it if there is none yet: its secret is encrypted for this row. Index: webhooks_tenant_key."""

    def __call__(self) -> Bound[Literal["one"], GetWebhookIdRow]: ...

class GetWebhookSecretsRow(NamedTuple):
    id: UUID
    secret: bytes
    other_secret: bytes | None

class GetWebhookSecrets(Query[Literal["maybe"]]):
    """The secrets, encrypted, that a report over the webhook may show. Index: webhooks_tenant_key."""

    def __call__(self) -> Bound[Literal["maybe"], GetWebhookSecretsRow]: ...

class ImportRun(Query[Literal["maybe"]]):
    """A run that is over elsewhere, with all that came of it, in one statement. No row when it was imported before: then nothing changes. Index: runs_external_id_key."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        external_id: str,
        company_id: str,
        company_name: str,
        document_name: str,
        document_url: str,
        document_type: str | None,
        document_size: int | None,
        pipeline_version: str | None,
        status: str,
        current_stage: int,
        error_message: str | None,
        created_at: datetime | str,
        completed_at: datetime | str,
        stages: Any,
        report: Any | None,
        cards: Any,
    ) -> Bound[Literal["maybe"], PipelineRunRow]: ...

class ListCards(Query[Literal["page"]]):
    """A user's cards, newest first. Index: opportunity_cards_user."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], PipelineCardRow]: ...

class PipelineRunItemRow(NamedTuple):
    id: UUID
    document_name: str
    created_at: datetime
    status: str
    card_count: int

class ListRuns(Query[Literal["page"]]):
    """A user's runs, newest first, with how many cards each has. Index: runs_created."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        after_created_at: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], PipelineRunItemRow]: ...

class ListRunsByCompany(Query[Literal["page"]]):
    """A user's runs for one company, newest first, with how many cards each has. Index: runs_company."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        company_id: str,
        after_created_at: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], PipelineRunItemRow]: ...

class ListRunsByCompanyAndStatus(Query[Literal["page"]]):
    """A user's runs for one company of one status, newest first, with how many cards each has: the company's runs are walked, of which a user has few. Index: runs_company."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        company_id: str,
        status: str,
        after_created_at: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], PipelineRunItemRow]: ...

class ListRunsByStatus(Query[Literal["page"]]):
    """A user's runs of one status, newest first, with how many cards each has. Index: runs_status."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        status: str,
        after_created_at: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], PipelineRunItemRow]: ...

class ListStaleSecretsRow(NamedTuple):
    id: UUID
    secret: bytes
    previous_secret: bytes | None

class ListStaleSecrets(Query[Literal["many"]]):
    """The tenant's webhook, if one of its secrets is encrypted under another key than the present one: a secret begins with the id of its key."""

    def __call__(
        self,
        *,
        key_id: bytes,
        after: Any,
        limit: int,
    ) -> Bound[Literal["many"], ListStaleSecretsRow]: ...

class ListStarredCards(Query[Literal["page"]]):
    """The cards that a user starred, newest first. Index: opportunity_cards_starred."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], PipelineCardRow]: ...

class ListTenantsWithBacklogRow(NamedTuple):
    id: UUID

class ListTenantsWithBacklog(Query[Literal["many"]]):
    """The tenants that have runs to count as backlog. For the owner, as another role sees its own only. Indexes: runs_due, runs_leased."""

    def __call__(self) -> Bound[Literal["many"], ListTenantsWithBacklogRow]: ...

class ListTenantsWithLostRunsRow(NamedTuple):
    id: UUID

class ListTenantsWithLostRuns(Query[Literal["many"]]):
    """The tenants that have runs whose workers are gone. For the owner, as another role sees its own only. Index: runs_leased."""

    def __call__(self) -> Bound[Literal["many"], ListTenantsWithLostRunsRow]: ...

class MeasureBacklogRow(NamedTuple):
    kind: str
    state: str
    total: int
    oldest_at: datetime | None

class MeasureBacklog(Query[Literal["many"]]):
    """What waits in a tenant, counted up to a maximum, and since when the oldest does: pipeline runs that are due, that a worker has, whose leases ran out. After enter_for_all_users. Indexes: runs_due, runs_leased."""

    def __call__(
        self,
        *,
        most: int,
    ) -> Bound[Literal["many"], MeasureBacklogRow]: ...

class PutReportRow(NamedTuple):
    id: UUID
    run_id: UUID
    inspiration1_title: str
    inspiration1_content: str
    inspiration1_elements: list[str]
    inspiration2_title: str
    inspiration2_content: str
    inspiration2_elements: list[str]
    created_at: datetime
    updated_at: datetime
    revision: int

class PutReport(Query[Literal["maybe"]]):
    """The inspiration report of a run, as its worker reports it: the same again replaces it, and the lease is extended. No row when the lease is lost. After enter_for_all_users. Index: inspiration_reports_run_key."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        lease: timedelta | str,
        inspiration1_title: str,
        inspiration1_content: str,
        inspiration1_elements: Sequence[str],
        inspiration2_title: str,
        inspiration2_content: str,
        inspiration2_elements: Sequence[str],
    ) -> Bound[Literal["maybe"], PutReportRow]: ...

class RemoveWebhook(Query[Literal["one"]]):
    """Takes the tenant's webhook away: nobody reports over it any more."""

    def __call__(self) -> Bound[Literal["one"], PipelineWebhookRow]: ...

class ReplaceSecrets(Query[Literal["rowcount"]]):
    """Puts secrets of webhooks in the place of those that `old` names; what somebody set meanwhile stays."""

    def __call__(
        self,
        *,
        secrets: Any,
    ) -> Bound[Literal["rowcount"], None]: ...

class ReportStageRow(NamedTuple):
    id: UUID
    run_id: UUID
    stage_number: int
    name: str
    status: str
    markdown_output: str | None
    json_output: Any | None
    created_at: datetime
    updated_at: datetime
    revision: int

class ReportStage(Query[Literal["maybe"]]):
    """A stage of a run, as its worker reports it: the same one again replaces it, and the lease is extended. The run's stage never goes back. No row when the lease is lost. After enter_for_all_users. Index: stage_outputs_stage_key."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        lease: timedelta | str,
        stage_number: int,
        name: str,
        status: str,
        markdown_output: str | None,
        json_output: Any | None,
    ) -> Bound[Literal["maybe"], ReportStageRow]: ...

class Rerun(Query[Literal["one"]]):
    """A new run with the inputs of one that the user has, its name marked once. No row without such a run."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        id: UUID | str,
    ) -> Bound[Literal["one"], PipelineRunRow]: ...

class RescueRuns(Query[Literal["exec"]]):
    """Leases that ran out: their workers are gone, so the runs are due again, each time after twice the delay, as a run may be what kills its worker; or fail when they have used up their attempts. Their leases are lost for good. 100 at a time, so that no claim takes long over it; runs before every claim, after enter_for_all_users. Index: runs_leased."""

    def __call__(
        self,
        *,
        delay: timedelta | str,
        max_delay: timedelta | str,
    ) -> Bound[Literal["exec"], None]: ...

class SetWebhook(Query[Literal["maybe"]]):
    """Sets the secret of the tenant's webhook, encrypted for the row with this id; the one before works for as long as `grace` says. No row when another request has just made the webhook, with another id. Index: webhooks_tenant_key."""

    def __call__(
        self,
        *,
        id: UUID | str,
        secret: bytes,
        grace: timedelta | str,
    ) -> Bound[Literal["maybe"], PipelineWebhookRow]: ...

class StarCard(Query[Literal["one"]]):
    """Stars a card of the user, or takes the star away: what is wanted, not the opposite of what is, so that two clicks do not race."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        id: UUID | str,
        starred: bool,
    ) -> Bound[Literal["one"], PipelineCardRow]: ...

class Pipelines:
    cancel_run: CancelRun
    claim_runs: ClaimRuns
    complete_run: CompleteRun
    count_by_company: CountByCompany
    count_by_company_of_tenant: CountByCompanyOfTenant
    count_starred_cards: CountStarredCards
    create_run: CreateRun
    delete_run: DeleteRun
    extend_run_lease: ExtendRunLease
    fail_run: FailRun
    get_card: GetCard
    get_failed_run: GetFailedRun
    get_imported_run: GetImportedRun
    get_run: GetRun
    get_run_state: GetRunState
    get_webhook: GetWebhook
    get_webhook_id: GetWebhookId
    get_webhook_secrets: GetWebhookSecrets
    import_run: ImportRun
    list_cards: ListCards
    list_runs: ListRuns
    list_runs_by_company: ListRunsByCompany
    list_runs_by_company_and_status: ListRunsByCompanyAndStatus
    list_runs_by_status: ListRunsByStatus
    list_stale_secrets: ListStaleSecrets
    list_starred_cards: ListStarredCards
    list_tenants_with_backlog: ListTenantsWithBacklog
    list_tenants_with_lost_runs: ListTenantsWithLostRuns
    measure_backlog: MeasureBacklog
    put_report: PutReport
    remove_webhook: RemoveWebhook
    replace_secrets: ReplaceSecrets
    report_stage: ReportStage
    rerun: Rerun
    rescue_runs: RescueRuns
    set_webhook: SetWebhook
    star_card: StarCard
