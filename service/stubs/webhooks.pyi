"""Written by `make sql` from sql/ and the schema; edit those."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, Literal, NamedTuple
from uuid import UUID

from service.queries import Bound, Query

class ClaimDeliveriesRow(NamedTuple):
    id: UUID
    endpoint_id: UUID
    event_id: UUID
    attempts: int
    lease_id: UUID
    url: str
    secret: bytes
    other_secret: bytes | None
    body: str | None

class ClaimDeliveries(Query[Literal["many"]]):
    """Gives deliveries that are due to a process, under a lease, with all that it needs to send them: for each enabled endpoint of the tenant as many as it has places, `places` less what is under way, or one while it fails. Others skip the locked rows. The body has what GET /v1/events/stream shows of the event; there is none if retention has deleted it. The secrets are encrypted. Index: deliveries_due."""

    def __call__(
        self,
        *,
        lease_id: UUID | str,
        lease: timedelta | str,
        places: int,
        limit: int,
    ) -> Bound[Literal["many"], ClaimDeliveriesRow]: ...

class CreateEndpoint(Query[Literal["one"]]):
    """A webhook endpoint, for what happens from now on. Its id comes first: its secret is encrypted for it."""

    def __call__(
        self,
        *,
        id: UUID | str,
        url: str,
        description: str | None,
        types: Sequence[str],
        entities: Sequence[str] | None,
        secret: bytes,
    ) -> Bound[Literal["one"], WebhookEndpointRow]: ...

class CreateTestRow(NamedTuple):
    id: UUID

class CreateTest(Query[Literal["maybe"]]):
    """Has a test sent to a webhook endpoint; no row when there is no such endpoint, or it is disabled. It has an entity_id of its own: with that of the endpoint it would wait for the events of the endpoint's row, and it is while they fail that people test. The endpoint is locked first, as wherever deliveries to it begin to wait."""

    def __call__(
        self,
        *,
        endpoint_id: UUID | str,
    ) -> Bound[Literal["maybe"], CreateTestRow]: ...

class DeleteEndpoint(Query[Literal["one"]]):
    """Deletes a webhook endpoint with its deliveries; nothing more is sent to it."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], WebhookEndpointRow]: ...

class DisableEndpoint(Query[Literal["maybe"]]):
    """Sends nothing more to a webhook endpoint; no row when it is disabled already."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["maybe"], WebhookEndpointRow]: ...

class EnableEndpoint(Query[Literal["maybe"]]):
    """Sends to a webhook endpoint again, from where it was in the event log, or from the end of the log if it is to skip what it missed; no row when it is enabled already."""

    def __call__(
        self,
        *,
        id: UUID | str,
        skip: bool,
    ) -> Bound[Literal["maybe"], WebhookEndpointRow]: ...

class ForgetDeliveriesRow(NamedTuple):
    rows: int

class ForgetDeliveries(Query[Literal["one"]]):
    """Deletes deliveries that ended and were made longer ago than what is kept, the oldest first, and tells how many; a dry run only counts. The owner alone may delete. Index: the primary key."""

    def __call__(
        self,
        *,
        keep: timedelta | str,
        limit: int | None,
        dry_run: bool,
    ) -> Bound[Literal["one"], ForgetDeliveriesRow]: ...

class GetDelivery(Query[Literal["one"]]):
    """A delivery."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], WebhookDeliveryRow]: ...

class GetEndpoint(Query[Literal["one"]]):
    """A webhook endpoint; never its secrets."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], WebhookEndpointRow]: ...

class WebhookDeliveryRow(NamedTuple):
    id: UUID
    endpoint_id: UUID
    event_id: UUID
    type: str
    entity: str
    entity_id: UUID
    status: str
    attempts: int
    next_attempt_at: datetime
    response_status: int | None
    duration_ms: int | None
    error: str | None
    finished_at: datetime | None
    created_at: datetime

class ListDeliveries(Query[Literal["page"]]):
    """Deliveries to a webhook endpoint, those of the newest events first. Index: deliveries_event_key."""

    def __call__(
        self,
        *,
        endpoint_id: UUID | str,
        after_event_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], WebhookDeliveryRow]: ...

class ListDeliveriesByStatus(Query[Literal["page"]]):
    """Deliveries to a webhook endpoint that have one status, those of the newest events first. Index: deliveries_status."""

    def __call__(
        self,
        *,
        endpoint_id: UUID | str,
        status: str,
        after_event_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], WebhookDeliveryRow]: ...

class WebhookEndpointRow(NamedTuple):
    id: UUID
    url: str
    description: str | None
    types: list[str]
    entities: list[str] | None
    status: str
    disabled_reason: str | None
    failing_since: datetime | None
    previous_expires_at: datetime | None
    created_at: datetime
    updated_at: datetime
    revision: int

class ListEndpoints(Query[Literal["page"]]):
    """Webhook endpoints of a tenant, newest first; never their secrets. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], WebhookEndpointRow]: ...

class ListStaleSecretsRow(NamedTuple):
    id: UUID
    secret: bytes
    previous_secret: bytes | None

class ListStaleSecrets(Query[Literal["many"]]):
    """Webhook endpoints with a secret that is encrypted under another key than the present one, some of them in the order of the primary key: a secret begins with the id of its key."""

    def __call__(
        self,
        *,
        key_id: bytes,
        after: Any,
        limit: int,
    ) -> Bound[Literal["many"], ListStaleSecretsRow]: ...

class ListTenantIdsRow(NamedTuple):
    id: UUID

class ListTenantIds(Query[Literal["many"]]):
    """The tenants that something may have to be sent for; another role than the owner sees its own only."""

    def __call__(self) -> Bound[Literal["many"], ListTenantIdsRow]: ...

class ListUnrecordedRow(NamedTuple):
    place: int

class ListUnrecorded(Query[Literal["many"]]):
    """Which of these tables have no events, by their places in the list, from 0: nothing would ever be sent of them."""

    def __call__(
        self,
        *,
        entities: Sequence[str],
    ) -> Bound[Literal["many"], ListUnrecordedRow]: ...

class MeasureBacklogRow(NamedTuple):
    kind: str
    state: str
    total: int
    oldest_at: datetime | None

class MeasureBacklog(Query[Literal["many"]]):
    """What waits in a tenant, counted up to a maximum for each of its enabled endpoints, and since when the oldest does: deliveries that are due, that are being sent, whose leases ran out, that are dead; events that the endpoint's position in the log has not come to, although readers of the log get them. Indexes: deliveries_due, deliveries_leased, deliveries_status, events_order."""

    def __call__(
        self,
        *,
        most: int,
    ) -> Bound[Literal["many"], MeasureBacklogRow]: ...

class ReadLog(Query[Literal["rowcount"]]):
    """Makes the deliveries of what comes next in the event log, in its order, for each enabled endpoint of a tenant, and moves their positions on: both or neither. Only below the oldest transaction that is still running, so that nothing appears later before what was read. An endpoint that another process reads for is skipped, as is one with `room` deliveries that wait or are pending: the log keeps the rest. Index: events_order."""

    def __call__(
        self,
        *,
        room: int,
        limit: int,
    ) -> Bound[Literal["rowcount"], None]: ...

class RecordFailure(Query[Literal["rowcount"]]):
    """A delivery that the endpoint did not take: it is due again after `delay`, or dead if this was the last attempt. With the first failure since a success the endpoint begins to fail; it is disabled if it is gone, or has failed for longer than `patience`, and people are told. It is locked first, as wherever deliveries to it begin to wait."""

    def __call__(
        self,
        *,
        id: UUID | str,
        endpoint_id: UUID | str,
        lease_id: UUID | str,
        response_status: int | None,
        duration_ms: int,
        error: str,
        delay: timedelta | str,
        is_last: bool,
        is_gone: bool,
        patience: timedelta | str,
    ) -> Bound[Literal["rowcount"], None]: ...

class RecordSuccess(Query[Literal["rowcount"]]):
    """A delivery that the endpoint took. Its lease may have run out, but nobody else has it. An endpoint that failed before is locked first, as wherever deliveries to it begin to wait, and fails no more."""

    def __call__(
        self,
        *,
        id: UUID | str,
        endpoint_id: UUID | str,
        lease_id: UUID | str,
        response_status: int,
        duration_ms: int,
    ) -> Bound[Literal["rowcount"], None]: ...

class RedriveDeliveriesRow(NamedTuple):
    has_room: bool
    redriven: int

class RedriveDeliveries(Query[Literal["one"]]):
    """Has the deliveries to a webhook endpoint that are put off after a failure sent now, which leaves their attempts, and then dead ones sent anew, those of the oldest events first; tells how many. No dead ones if `room` deliveries wait or are pending already: those that are put off take no more room. The endpoint is locked first, as wherever deliveries to it begin to wait. Indexes: deliveries_due, deliveries_status."""

    def __call__(
        self,
        *,
        endpoint_id: UUID | str,
        room: int,
        limit: int,
    ) -> Bound[Literal["one"], RedriveDeliveriesRow]: ...

class RedriveDeliveryRow(NamedTuple):
    id: UUID

class RedriveDelivery(Query[Literal["maybe"]]):
    """Has a delivery that ended sent anew, or one that is pending sent now, which leaves its attempts; no row when there is no such delivery, it waits for an earlier one, or it is under way. The endpoint is locked first, as wherever deliveries to it begin to wait."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["maybe"], RedriveDeliveryRow]: ...

class ReplaceSecrets(Query[Literal["rowcount"]]):
    """Puts secrets of webhook endpoints in the place of those that `old` names; what somebody set meanwhile stays."""

    def __call__(
        self,
        *,
        secrets: Any,
    ) -> Bound[Literal["rowcount"], None]: ...

class ReplayAfterRow(NamedTuple):
    has_room: bool
    read: int
    queued: int
    last_epoch: int | None
    last_xid: str | None
    last_id: UUID | None

class ReplayAfter(Query[Literal["one"]]):
    """Has the events behind a position of the log sent anew to a webhook endpoint, as webhooks.replay_since does. The endpoint is locked first, as wherever deliveries to it begin to wait. Index: events_order."""

    def __call__(
        self,
        *,
        endpoint_id: UUID | str,
        after_epoch: int,
        after_xid: int | str,
        after_id: UUID | str,
        room: int,
        limit: int,
    ) -> Bound[Literal["one"], ReplayAfterRow]: ...

class ReplaySinceRow(NamedTuple):
    has_room: bool
    read: int
    queued: int
    next_since: datetime | None

class ReplaySince(Query[Literal["one"]]):
    """Has the events of a time sent anew to a webhook endpoint: its deliveries of them that ended begin again, and those that it lacks are made; none if `room` deliveries wait or are pending already. Reads `limit` events, with all others of the last one's microsecond, so that `next_since` is behind all that it read, and before all that it did not. The endpoint is locked first, as wherever deliveries to it begin to wait. Index: the primary key."""

    def __call__(
        self,
        *,
        endpoint_id: UUID | str,
        since: datetime | str,
        until: datetime | str,
        room: int,
        limit: int,
    ) -> Bound[Literal["one"], ReplaySinceRow]: ...

class RescueDeliveries(Query[Literal["rowcount"]]):
    """Leases that ran out: the processes are gone, and whether they had sent it nobody knows, so it is sent again, after the delay of a failed attempt, as a delivery may be what ends its process; or it is dead after the last one. 100 at a time, so that no look takes long over it; others skip the locked rows. Index: deliveries_leased."""

    def __call__(
        self,
        *,
        delays: Sequence[float],
    ) -> Bound[Literal["rowcount"], None]: ...

class RotateSecret(Query[Literal["one"]]):
    """Gives a webhook endpoint another secret, encrypted for its row; the one before signs as well for as long as `grace` says."""

    def __call__(
        self,
        *,
        id: UUID | str,
        secret: bytes,
        grace: timedelta | str,
    ) -> Bound[Literal["one"], WebhookEndpointRow]: ...

class UpdateEndpoint(Query[Literal["maybe"]]):
    """Changes what `changes` names; no row when there is no such endpoint, or the revision is another."""

    def __call__(
        self,
        *,
        id: UUID | str,
        changes: Any,
        revision: int | None,
    ) -> Bound[Literal["maybe"], WebhookEndpointRow]: ...

class Webhooks:
    claim_deliveries: ClaimDeliveries
    create_endpoint: CreateEndpoint
    create_test: CreateTest
    delete_endpoint: DeleteEndpoint
    disable_endpoint: DisableEndpoint
    enable_endpoint: EnableEndpoint
    forget_deliveries: ForgetDeliveries
    get_delivery: GetDelivery
    get_endpoint: GetEndpoint
    list_deliveries: ListDeliveries
    list_deliveries_by_status: ListDeliveriesByStatus
    list_endpoints: ListEndpoints
    list_stale_secrets: ListStaleSecrets
    list_tenant_ids: ListTenantIds
    list_unrecorded: ListUnrecorded
    measure_backlog: MeasureBacklog
    read_log: ReadLog
    record_failure: RecordFailure
    record_success: RecordSuccess
    redrive_deliveries: RedriveDeliveries
    redrive_delivery: RedriveDelivery
    replace_secrets: ReplaceSecrets
    replay_after: ReplayAfter
    replay_since: ReplaySince
    rescue_deliveries: RescueDeliveries
    rotate_secret: RotateSecret
    update_endpoint: UpdateEndpoint
