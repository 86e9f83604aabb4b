"""What goes in and out of the routes of quota."""

from marshmallow import Schema, fields

from service.schemas import Answer, Choice, example, moment, one_of, whole
from service.schemas import count as number

KINDS = Choice("QuotaKind", "stream", "search", "thread_lookups")
LEVELS = Choice("QuotaLevel", "ok", "warning", "danger")
MAX_COUNT = 1_000_000  # reads in one request


def utc_day(description: str, *, required: bool = False, allow_none: bool = False) -> fields.Date:
    return fields.Date(
        required=required, allow_none=allow_none, metadata={"description": description}
    )


@example(kind="search", count=30)
class QuotaUse(Schema):
    kind = one_of(KINDS, required=True)
    count = whole(1, MAX_COUNT, required=True)


@example(kind="search", count=30, day="2026-01-31")
class QuotaRelease(QuotaUse):
    day = utc_day("The day on which it was reserved, as the reservation says", required=True)


class QuotaReservation(Answer):
    kind = one_of(KINDS)
    requested = number()
    day = utc_day("The day (UTC) on which it was counted: what a release names")
    allowed = number()
    used = number(metadata={"description": "In the period, this reservation included"})
    remaining = number()


class QuotaDay(Answer):
    day = utc_day("In UTC")
    total_reads = number(metadata={"description": "The sum of the next three"})
    stream_reads = number()
    search_reads = number()
    thread_lookups = number()
    stream_reserved = number(
        metadata={
            "description": "Of stream_reads those that were reserved and can still be released"
        }
    )
    search_reserved = number(metadata={"description": "The same of search_reads"})
    thread_reserved = number(metadata={"description": "The same of thread_lookups"})


class QuotaSources(Answer):
    stream = number()
    search = number()
    thread_lookups = number()


class QuotaSnapshot(Answer):
    period_start = utc_day("The first day (UTC) of the rolling period")
    period_end = utc_day("The day after its last, which is today: the range is half-open")
    total_allowed = number()
    used = number()
    remaining = number(metadata={"description": "0 when more is used than allowed"})
    avg_daily_usage = fields.Float(
        metadata={
            "description": "Reads per day, rounded to two places: over all days of the period, those without reads"
            " too; of a tenant whose first read is later than the period's start, over the days since then"
        }
    )
    projected_exhaust_date = utc_day(
        "The first day on which the limit is reached, if every coming day uses as much as the average and old days"
        " leave the period: today if it is reached now, null if it never will be",
        allow_none=True,
    )
    source_breakdown = fields.Nested(QuotaSources, metadata={"description": "`used`, by kind"})
    level = one_of(
        LEVELS, metadata={"description": "warning from 80 % of the limit on, danger from 95 % on"}
    )
    last_sync = moment(
        metadata={
            "description": "When this was computed. What this service counts shows at once, what another writer"
            " counts in the database after at most 300 seconds"
        }
    )


@example(period_days=30, allowed=10000)
class QuotaLimits(Schema):
    period_days = whole(
        1,
        366,
        required=True,
        metadata={"description": "Days (UTC) of the rolling period, today included"},
    )
    allowed = number(
        required=True,
        metadata={"description": "Reads that may be reserved within any such period"},
    )


class QuotaLimit(Answer):
    period_days = fields.Integer()
    allowed = number()
    updated_at = moment(
        allow_none=True, metadata={"description": "null as long as it is the default"}
    )
    revision = fields.Integer()
