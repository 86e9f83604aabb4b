"""Quota: reads are reserved before they are made, within a limit for a rolling period of days."""

import json
from typing import Any

from flask import Response, after_this_request
from marshmallow import RAISE, ValidationError

from service import errors
from service.auth import caller
from service.cache import cache
from service.database import Json
from service.models import blueprint
from service.models import quota_schemas as schemas
from service.queries import queries
from service.rest import answer, changed, one, operation, page, session
from service.schemas import PageQuery

SECONDS = 300  # that a snapshot is kept at most

_snapshot = schemas.QuotaSnapshot(unknown=RAISE)  # of another version, it would be told as ours


@blueprint.get("/v1/quota")
@operation("quota:read", returns=schemas.QuotaSnapshot)
def get_quota() -> Response:
    """Show how much of the quota is used, and until when it will do."""
    if (redis := cache()) is None:
        return answer(session().json(queries.models.quota_snapshot()))
    body = redis.get(
        _key(),
        lambda: session().json(queries.models.quota_snapshot()).body,
        seconds=SECONDS,
        is_valid=_is_snapshot,
    )
    return answer(Json(body))


@blueprint.get("/v1/quota/usage")
@operation("quota:read", query=PageQuery, returns=schemas.QuotaDay, many=True)
def list_quota_usage(query: dict[str, Any]) -> Response:
    """List the days with reads, newest first."""
    return page(queries.models.list_quota_usage, query)


@blueprint.post("/v1/quota/reserve")
@operation(
    "quota:use",
    body=schemas.QuotaUse,
    returns=schemas.QuotaReservation,
    problems=("QUOTA_EXCEEDED",),
)
def reserve_quota(body: dict[str, Any]) -> Response:
    """Reserve reads before they are made.

    They are counted at once, all or none: 429 if they do not fit under the limit, with `allowed`, `used`, `remaining`
    and `requested`, and with Retry-After if they will fit once old days have left the period. What is not used in the
    end can be released. A reservation that is sent again counts again: send an Idempotency-Key.
    """
    _forget_snapshot()
    row = session().json(queries.models.reserve_quota(**body), first=queries.models.lock_quota())
    reserved = json.loads(row.body)
    if reserved["day"] is None:
        raise _exceeded(reserved)
    return answer(row)


@blueprint.post("/v1/quota/release")
@operation(
    "quota:use", body=schemas.QuotaRelease, returns=schemas.QuotaDay, problems=("NOT_FOUND",)
)
def release_quota(body: dict[str, Any]) -> Response:
    """Take back reads that were reserved and not used.

    409 if less of the kind is reserved on the day, 404 if nothing was counted on it.
    """
    _forget_snapshot()
    return changed(
        queries.models.release_quota(**body), queries.models.get_quota_day(day=body["day"])
    )


@blueprint.post("/v1/quota/increment")
@operation("quota:use", body=schemas.QuotaUse, returns=schemas.QuotaDay)
def increment_quota(body: dict[str, Any]) -> Response:
    """Count reads that were made without a reservation, whatever the limit says."""
    _forget_snapshot()
    return one(queries.models.increment_quota(**body))


@blueprint.get("/v1/quota/limit")
@operation("quota:read", returns=schemas.QuotaLimit)
def get_quota_limit() -> Response:
    """Show the limit."""
    return one(queries.models.get_quota_limit())


@blueprint.put("/v1/quota/limit")
@operation("quota:write", body=schemas.QuotaLimits, returns=schemas.QuotaLimit, if_match=True)
def set_quota_limit(body: dict[str, Any], revision: int | None) -> Response:
    """Set the limit. It may be below what is used: then nothing can be reserved until enough is free."""
    _forget_snapshot()
    return changed(
        queries.models.set_quota_limit(revision=revision, **body),
        queries.models.get_quota_limit(),
        revision,
        first=queries.models.lock_quota(),
    )


def _exceeded(refused: dict[str, Any]) -> errors.Problem:
    requested = refused["requested"]
    frees = session().maybe_row(queries.models.quota_frees_at(count=requested))
    return errors.Problem(
        "QUOTA_EXCEEDED",
        f"{requested} reads are requested, {refused['remaining']} remain",
        headers={"Retry-After": str(max(frees.seconds, 1))} if frees else None,
        **{name: refused[name] for name in ("allowed", "used", "remaining", "requested")},
    )


def _key() -> str:
    # A token may spell the tenant's id in upper case.
    return f"quota:snapshot:v1:{caller().tenant_id.lower()}"


def _is_snapshot(value: bytes) -> bool:
    try:
        _snapshot.load(json.loads(value))
    except (ValueError, RecursionError, ValidationError):
        return False
    return True


def _forget_snapshot() -> None:
    """Has the snapshot forgotten once the request's transaction is over, unless the request was refused.

    A failure of the server does not tell whether the change was committed.
    """
    redis, key = cache(), _key()

    def forget(response: Response) -> Response:
        if redis is not None and not 400 <= response.status_code < 500:
            redis.forget(key)
        return response

    after_this_request(forget)
