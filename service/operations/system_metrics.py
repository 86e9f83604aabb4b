"""How well the system does: rates and costs, as services measure them, and as Draftroom counts its own rows."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from service.bulk import BulkResults, written
from service.operations import blueprint
from service.operations import system_metric_schemas as schemas
from service.queries import queries
from service.rest import items, operation, session

if TYPE_CHECKING:
    from service.stubs.operations import ListLatestSystemMetricsRow

MAX_SCRAPED = 1000  # measurements of each type that a scrape reads


@blueprint.post("/v1/system-metrics/batch")
@operation("metrics:write", body=schemas.NewSystemMetrics, returns=BulkResults)
def record_system_metrics(body: dict[str, Any]) -> Response:
    """Record up to a thousand measurements; the answer tells what became of each.

    One of a type, a time and a source that is there already is skipped: sending a list again is safe.
    """
    return written(
        body["metrics"], lambda rows: queries.operations.record_system_metrics(metrics=rows)
    )


@blueprint.get("/v1/system-metrics")
@operation(
    "metrics:read", query=schemas.SystemMetricQuery, returns=schemas.SystemMetricStep, many=True
)
def sum_system_metrics(query: dict[str, Any]) -> Response:
    """Sum up what was measured, by hour or day of UTC and by type. Hours and days without any are left out."""
    query["unit"] = query.pop("by")
    return items(session().json(queries.operations.sum_system_metrics(**query)).body)


@blueprint.get("/v1/system-metrics/prometheus")
@operation("metrics:read", media_type="text/plain")
def scrape_system_metrics() -> Response:
    """Tell Prometheus what each source measured last, within 24 hours.

    Of a type with more than 1000 measurements in that time, only the latest 1000 are looked at.
    """
    latest = queries.operations.list_latest_system_metrics(
        types=[*schemas.METRIC_TYPES], limit=MAX_SCRAPED
    )
    told = CollectorRegistry()
    told.register(_Latest(session().rows(latest)))
    return Response(generate_latest(told), content_type=CONTENT_TYPE_LATEST)


class _Latest(Collector):
    def __init__(self, rows: Sequence["ListLatestSystemMetricsRow"]) -> None:
        self._rows = rows

    def collect(self) -> Iterator[GaugeMetricFamily]:
        values = {
            type_: GaugeMetricFamily(
                f"draftroom_{type_}", "The mean that a source measured last", labels=("source",)
            )
            for type_ in schemas.METRIC_TYPES
        }
        cases = GaugeMetricFamily(
            "draftroom_system_metric_cases",
            "Of how many cases it is the mean",
            labels=("type", "source"),
        )
        times = GaugeMetricFamily(
            "draftroom_system_metric_timestamp_seconds",
            "The beginning of what was measured",
            labels=("type", "source"),
        )
        for row in self._rows:
            values[row.type].add_metric((row.source,), row.value)
            cases.add_metric((row.type, row.source), row.cases)
            times.add_metric((row.type, row.source), row.measured_at.timestamp())
        yield from (*values.values(), cases, times)
