"""/metrics: what the service counts of itself, and what the database tells of all tenants, for Prometheus."""

import hmac
from collections.abc import Iterator

import psycopg
from flask import Response, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from service import errors, metrics
from service.caller import NOBODY
from service.operations import blueprint
from service.queries import queries
from service.rest import operation
from service.state import state

UP = "1 if the database answered, 0 if it is away"


@blueprint.get("/metrics")
@operation(None, media_type="text/plain", problems=("UNAUTHENTICATED", "NOT_FOUND"))
def get_metrics() -> Response:
    """Tell Prometheus what all processes counted, what waits in the database, and how the workers' tasks do.

    Only with METRICS_TOKEN, which is sent as a bearer token.
    """
    token = state().settings.metrics_token
    if token is None:
        raise errors.not_found()
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), token.encode()):
        raise errors.unauthenticated("send Authorization: Bearer with METRICS_TOKEN")
    told = CollectorRegistry()
    told.register(_Database())
    body = generate_latest(metrics.registry()) + generate_latest(told)
    return Response(body, content_type=CONTENT_TYPE_LATEST)


class _Database(Collector):
    """Two small tables, read at each scrape; while the database is away, only that it is."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        session = state().database.session(NOBODY)
        try:
            backlog = session.rows(queries.operations.list_backlog())
            tasks = session.rows(queries.operations.list_task_ages())
        except psycopg.Error:
            yield GaugeMetricFamily("draftroom_database_up", UP, 0)
            return
        yield GaugeMetricFamily("draftroom_database_up", UP, 1)
        totals = GaugeMetricFamily(
            "draftroom_backlog", "What waits, of all tenants", labels=("kind", "state")
        )
        oldest = GaugeMetricFamily(
            "draftroom_backlog_oldest_seconds",
            "For how long the oldest has waited; 0 if none does",
            labels=("kind", "state"),
        )
        for waiting in backlog:
            totals.add_metric((waiting.kind, waiting.state), waiting.total)
            oldest.add_metric((waiting.kind, waiting.state), waiting.oldest_seconds)
        ages = GaugeMetricFamily(
            "draftroom_task_age_seconds",
            "Since a task of the workers ended without a failure",
            labels=("task",),
        )
        periods = GaugeMetricFamily(
            "draftroom_task_period_seconds", "How often a task runs", labels=("task",)
        )
        failed = GaugeMetricFamily(
            "draftroom_task_failed_tenants",
            "For how many tenants the latest run of a task failed",
            labels=("task",),
        )
        for task in tasks:
            ages.add_metric((task.name,), task.age_seconds)
            periods.add_metric((task.name,), task.period_seconds)
            failed.add_metric((task.name,), task.failed)
        yield from (totals, oldest, ages, periods, failed)
