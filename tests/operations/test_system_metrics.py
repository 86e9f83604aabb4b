"""System metrics: recorded once by type, time and source, summed up by hour and day, scraped by Prometheus."""

import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.client import Client, Tenant

PATH = "/v1/system-metrics"
DAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2)


def at(**after: float) -> str:
    return (DAY + timedelta(**after)).isoformat()


def metric(**fields: Any) -> dict[str, Any]:
    return {
        "type": "video_generation_rate",
        "measured_at": at(hours=1),
        "source": "renderer",
        "cases": 20,
        "total": 19,
        **fields,
    }


def record(api: Client, *metrics: dict[str, Any]) -> Any:
    return api.post(f"{PATH}/batch", {"metrics": list(metrics)})


def steps(api: Client, **asked: Any) -> list[Any]:
    return [
        (step["starts_at"], step["type"], step["cases"], step["total"], step["value"])
        for step in api.get(PATH, params=asked)["items"]
    ]


def test_the_mean_is_over_all_cases_by_hour_and_by_day(api: Client) -> None:
    record(
        api,
        metric(),
        metric(source="other", cases=80, total=61),
        metric(measured_at=at(hours=1, minutes=30), cases=100, total=0),
        metric(measured_at=at(hours=2), cases=1, total=1),
        metric(measured_at=at(days=1), cases=4, total=1),
        metric(type="cost_per_video", cases=3, total=10_000_000),
    )
    rate = "video_generation_rate"
    assert steps(api, by="hour", type=rate) == [
        (at(hours=1), rate, 200, 80, 0.4),
        (at(hours=2), rate, 1, 1, 1),
        (at(days=1), rate, 4, 1, 0.25),
    ]
    [cost, first, second] = steps(api)
    assert cost == (at(), "cost_per_video", 3, 10_000_000, 10_000_000 / 3)
    assert first[:4] == (at(), rate, 201, 81)
    assert second == (at(days=1), rate, 4, 1, 0.25)
    of_a_day = {"from": at()[:10], "to": at(days=1)[:10]}
    assert steps(api, type=rate, **of_a_day) == [first]


def test_what_is_sent_again_is_skipped(api: Client) -> None:
    first = record(api, metric(), metric(), metric(source="other"))
    assert [row["outcome"] for row in first["items"]] == ["done", "skipped", "done"]
    again = record(api, metric(total=1), metric(measured_at=at(hours=3)))
    assert [row["outcome"] for row in again["items"]] == ["skipped", "done"]
    assert steps(api)[0][2:4] == (60, 57)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", "weather"),
        ("measured_at", "2026-01-01"),
        ("measured_at", "2999-01-01T00:00:00Z"),
        ("source", " "),
        ("source", "draftroom"),
        ("cases", 0),
        ("cases", 10**9 + 1),
        ("total", -1),
        ("total", 21),
        ("total", None),
    ],
)
def test_a_wrong_row_is_refused_by_name_and_the_others_are_not(
    api: Client, field: str, value: Any
) -> None:
    told = record(api, metric(**{field: value}), metric(source="right"))
    assert [row["outcome"] for row in told["items"]] == ["failed", "done"]
    assert told["items"][0]["problem"]["code"] == "VALIDATION"
    if value != "2999-01-01T00:00:00Z":  # of which there is no partition either
        assert list(told["items"][0]["problem"]["errors"]) == [field]


def test_no_number_is_no_metric_of_another_writer(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    for total in ("NaN", "Infinity", "-1", "2"):
        with pytest.raises(psycopg.errors.CheckViolation), sql.transaction():
            sql.execute(
                "INSERT INTO operations.system_metrics"
                " (tenant_id, type, measured_at, source, cases, total)"
                " VALUES (%s, 'posting_success_rate', now(), 's', 1, %s)",
                [tenant.id, total],
            )


def test_too_many_hours_are_refused(api: Client) -> None:
    refused = api.get(
        PATH, expect=400, params={"by": "hour", "from": "2026-01-01", "to": "2026-02-02"}
    )
    assert list(refused["errors"]) == ["from"]
    api.get(PATH, params={"by": "hour", "from": "2026-01-01", "to": "2026-02-01"})


def test_each_tenant_sees_its_own(tenant: Tenant, new_tenant: Callable[[], Tenant]) -> None:
    record(tenant.service, metric())
    assert steps(new_tenant().service) == []
    assert steps(tenant.acting("viewer"))[0][2] == 20
    body = {"metrics": [metric()]}
    tenant.acting("agent").post(f"{PATH}/batch", body, expect=403)


# For Prometheus -------------------------------------------------------------------------------------------


def ago(**before: float) -> str:
    return (datetime.now(UTC) - timedelta(**before)).isoformat()


def scraped(api: Client) -> dict[tuple[str, tuple[str, ...]], float]:
    """Values by name and labels, in the order of their names, as Prometheus' own client reads them."""
    answer = api.request("GET", f"{PATH}/prometheus", expect=200)
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_prometheus_gets_what_each_source_measured_last(api: Client) -> None:
    strange = 'a "quoted"\\ source\nof {two} lines, é'
    newest = ago(minutes=1)
    record(
        api,
        metric(measured_at=ago(hours=2), total=0),
        metric(measured_at=newest),
        metric(measured_at=ago(hours=23), source=strange, total=5),
        metric(measured_at=ago(hours=25), source="of yesterday"),
        metric(measured_at=ago(hours=1), type="cost_per_video", cases=3, total=10_000_000),
    )
    rate, cost = "video_generation_rate", "cost_per_video"
    found = scraped(api)
    times = {
        labels: found.pop((name, labels)) for name, labels in [*found] if name.endswith("_seconds")
    }
    assert found == {
        ("draftroom_video_generation_rate", ("renderer",)): 0.95,
        ("draftroom_video_generation_rate", (strange,)): 0.25,
        ("draftroom_cost_per_video", ("renderer",)): 10_000_000 / 3,
        ("draftroom_system_metric_cases", ("renderer", rate)): 20,
        ("draftroom_system_metric_cases", (strange, rate)): 20,
        ("draftroom_system_metric_cases", ("renderer", cost)): 3,
    }
    assert times.keys() == {("renderer", rate), (strange, rate), ("renderer", cost)}
    assert times["renderer", rate] == pytest.approx(datetime.fromisoformat(newest).timestamp())


def test_promtool_finds_nothing_wrong_with_it(api: Client) -> None:
    promtool = os.environ.get("PROMTOOL") or shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool on the PATH, nor named by PROMTOOL: the format was not checked")
    for _ in range(2):  # without a metric, and with some
        told = api.request("GET", f"{PATH}/prometheus", expect=200).content
        done = subprocess.run([promtool, "check", "metrics"], input=told, capture_output=True)
        assert (done.returncode, done.stdout + done.stderr) == (0, b"")
        record(
            api, metric(measured_at=ago(hours=1)), metric(source='"\\\n', measured_at=ago(hours=1))
        )


def test_a_scrape_is_bounded(api: Client) -> None:
    record(api, metric(measured_at=ago(hours=3), source="first"))
    record(api, *(metric(measured_at=ago(hours=2), source=f"{n:04}") for n in range(1000)))
    sources = {labels[0] for name, labels in scraped(api) if name.endswith("generation_rate")}
    assert sources == {f"{n:04}" for n in range(1000)}


def test_each_tenant_scrapes_its_own(tenant: Tenant, new_tenant: Callable[[], Tenant]) -> None:
    record(tenant.service, metric(measured_at=ago(hours=1)))
    assert scraped(new_tenant().service) == {}
    assert len(scraped(tenant.acting("viewer"))) == 3
    Client(tenant.service.url, "").get(f"{PATH}/prometheus", expect=401)
