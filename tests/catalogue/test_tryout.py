"""Trying a query: the caller's rows and no others, nothing changed, and every refusal in words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from service.caller import Caller
from service.catalogue import tryout
from service.queries import Query, load
from service.queries.query import parse
from tests.catalogue.pages import Browser, Page
from tests.client import Tenant
from tests.postgres import Server

pytestmark = pytest.mark.not_on_citus(
    "the catalogue shows plans, and there a plan is only a Custom Scan"
)

READING = "identity.get_tenant"
TENANT = "00000000-0000-7000-8000-000000000001"


def alerts(page: Page) -> list[str]:
    return [found.split("<", 1)[0] for found in page.source.split('class="alert">')[1:]]


@pytest.fixture
def browser(browser_of: Callable[[Tenant], Browser], tenant: Tenant) -> Browser:
    return browser_of(tenant)


# Over HTTP -------------------------------------------------------------------------------------------


def test_the_rows_are_those_of_the_callers_tenant(
    browser_of: Callable[[Tenant], Browser], new_tenant: Callable[[], Tenant]
) -> None:
    one, other = new_tenant(), new_tenant()
    for tenant, stranger in ((one, other), (other, one)):
        page = browser_of(tenant).attempt(READING)
        assert tenant.id in page.text
        assert stranger.id not in page.source
        assert "1 row, in " in page.text
        draft = stranger.draft()["id"]
        assert "0 rows, in " in browser_of(tenant).attempt("drafts.get_draft", {"id": draft}).text


def test_the_form_is_filled_in_with_the_samples(browser: Browser) -> None:
    page = browser.get("/queries/inbox.list_messages")
    query = load()["inbox.list_messages"]
    assert page.fields == {
        f"value:{name}": parameter.sample_value
        for name, parameter in query.parameters.items()
        if name != "tenant_id"
    }
    # Sent as it is, it works.
    values = {str(name): str(value) for name, value in page.fields.items()}
    assert "0 rows" in browser.attempt(query.name, values).text


@pytest.mark.parametrize("name", sorted(load()))
def test_every_query_is_tried_with_its_samples_or_says_why_not(dba: Browser, name: str) -> None:
    page = dba.get(f"/queries/{name}")
    if "so it cannot be tried" in page.text:
        assert not page.fields
        assert "cannot be tried" in dba.attempt(name, expect=400).text
        return
    values = {str(field): str(value) for field, value in page.fields.items()}
    for box in page.all("input"):
        if box.get("type") == "checkbox" and "checked" in box:
            values[str(box["name"])] = "on"
    page = dba.attempt(name, values, expect=400 if name in NOT_FOR_APP_RO else 200)
    if name in NOT_FOR_APP_RO:
        assert [alert for alert in alerts(page) if "permission denied" in alert]


# What only the service's own role may read.
NOT_FOR_APP_RO = {
    "library.lock_run_counts",
    "library.lock_runs",
    "operations.check_constraints",
    "operations.claim_tasks",
    "operations.drop_partitions",
    "operations.enable_task",
    "operations.end_task_run",
    "operations.extend_task_run",
    "operations.forget_task_runs",
    "operations.list_stale_answers",
    "operations.make_partitions",
    "operations.stored_answer",
    "webhooks.list_unrecorded",
    "identity.authenticate_key",
    "identity.get_api_key",
    "identity.list_api_keys",
}


def test_a_wrong_value_is_explained_beside_its_field_and_kept(browser: Browser) -> None:
    values = {"after_id": "no id", "limit": "many"}
    page = browser.attempt("drafts.list_drafts", values, expect=400)
    assert page.described("value:after_id") == (
        "invalid input syntax for type uuid: &#34;no id&#34;"
    )
    assert "invalid input syntax for type integer" in page.described("value:limit")
    assert page.fields == {f"value:{name}": value for name, value in values.items()}
    assert 'id="result"' not in page.source


def test_null_is_ticked(browser: Browser, tenant: Tenant) -> None:
    query = "operations.list_notifications"
    nullable = [p.name for p in load()[query].parameters.values() if p.nullable]
    assert nullable == ["user_id"]
    values = {"types": "{custom}", "after_id": "f" * 32, "limit": "5"}
    ticked = browser.attempt(query, {**values, "user_id": "ignored", "null:user_id": "on"})
    assert "rows, in " in ticked.text
    [box] = [box for box in ticked.all("input") if box.get("name") == "null:user_id"]
    assert "checked" in box
    wrong = browser.attempt(query, {**values, "user_id": ""}, expect=400)
    assert "invalid input syntax for type uuid" in wrong.described("value:user_id")
    # Where NULL is not allowed, there is no such box.
    extra = browser.attempt(query, {**values, "null:limit": "on", "null:user_id": "on"}, expect=400)
    assert alerts(extra) == ["The query has no such parameter: null:limit."]


def test_another_field_is_refused_and_a_missing_one_named(browser: Browser) -> None:
    page = browser.attempt("drafts.get_draft", {"id": TENANT, "tenant_id": TENANT}, expect=400)
    assert alerts(page) == ["The query has no such parameter: value:tenant_id."]
    assert browser.attempt("drafts.get_draft", expect=400).described("value:id") == "is missing"


@pytest.mark.parametrize(
    ("query", "name", "value", "told"),
    [
        ("inbox.find_channel", "external_id", "a\x00b", "NUL"),
        ("drafts.list_drafts", "limit", "9" * 40, "out of range"),
        ("drafts.list_drafts", "limit", "9" * 100_000, "out of range"),
        ("drafts.list_drafts", "limit", "", "invalid input syntax"),
        ("drafts.list_drafts", "limit", "1); DROP TABLE drafts.drafts", "invalid input syntax"),
        ("drafts.list_drafts", "limit", "<script>alert(1)</script>", "invalid input syntax"),
        ("drafts.list_drafts", "limit", "\ud800".encode("utf-8", "surrogatepass"), "invalid input"),
    ],
    ids=["nul", "too-large", "huge", "empty", "sql", "script", "surrogate"],
)
def test_a_hostile_value_is_only_a_value(
    browser: Browser, query: str, name: str, value: Any, told: str
) -> None:
    values = {
        parameter.name: parameter.sample_value or ""
        for parameter in load()[query].parameters.values()
        if parameter.name != "tenant_id"
    }
    page = browser.attempt(query, values | {name: value}, expect=400)
    assert told in page.described(f"value:{name}")
    assert page.all("script") == []


def test_a_form_that_is_too_large_is_a_page(browser: Browser) -> None:
    page = browser.attempt("drafts.list_drafts", {"limit": "9" * 2_000_000}, expect=413)
    assert "Request Entity Too Large" in page.text or "Content Too Large" in page.text


def test_what_the_server_refuses_while_it_runs_is_told(browser: Browser) -> None:
    values = {"after_id": "f" * 32, "limit": "2147483647"}
    page = browser.attempt("drafts.list_drafts", values, expect=400)
    assert alerts(page) == ["integer out of range"]
    values["limit"] = "-5"
    assert alerts(browser.attempt("drafts.list_drafts", values, expect=400)) == [
        "LIMIT must not be negative"
    ]


@pytest.mark.parametrize(
    "query", ["drafts.decide", "identity.note_key_use", "drafts.claim_replies"]
)
def test_what_writes_is_not_tried(browser: Browser, query: str) -> None:
    page = browser.attempt(query, expect=400)
    assert "It writes, so it cannot be tried" in page.text


def test_what_locks_is_not_tried(browser: Browser) -> None:
    page = browser.attempt("inbox.lock_conversation", expect=400)
    assert "It locks rows, so it cannot be tried" in page.text


def test_no_more_than_a_hundred_rows_are_shown(browser: Browser) -> None:
    """PostgreSQL has more columns in its catalog than that."""
    page = browser.attempt(
        "catalogue.list_columns", {"areas": "{identity,inbox,drafts,operations,studio}"}
    )
    assert "100 rows, and more follow, in " in page.text
    result = page.source.split('<table class="result">')[1].split("</table>")[0]
    assert result.count("<tr>") == 1 + 100
    assert (
        "and more follow"
        not in browser.attempt("catalogue.list_areas", {"areas": "{identity}"}).text
    )


def test_a_value_is_shown_as_text(browser: Browser, tenant: Tenant) -> None:
    hostile = "<img src=x onerror=alert(1)>" + "x" * 600
    draft = tenant.draft(suggested_text=hostile)
    page = browser.attempt("drafts.get_draft", {"id": draft["id"]})
    assert page.all("img") == []
    assert hostile[:500] in page.text
    assert hostile[:501] not in page.text
    assert "… cut" in page.text
    assert '<span class="is-null">NULL</span>' in page.source


# By itself: queries that are not in sql/ -----------------------------------------------------------------


def query(text: str, params: str = "", cardinality: str = "many") -> Query[Any]:
    source = f"-- name: area.name :{cardinality}\n-- Why.\n{params}{text}"
    return parse(source, "area.name", Path("sql/area/name.sql"))


@pytest.fixture
def url(server: Server, owner: psycopg.Connection[Any]) -> str:
    return server.url("app_ro", "draftroom")


CALLER = Caller(tenant_id=TENANT, actor="test")


def run(url: str, tried: Query[Any], **values: str) -> tryout.Result | tryout.Refusal:
    fields, problem = tryout.filled_in(tried, {f"value:{n}": v for n, v in values.items()})
    assert problem is None
    return tryout.run(url, CALLER, tried, fields)


def rows(outcome: tryout.Result | tryout.Refusal) -> list[list[str | None]]:
    assert isinstance(outcome, tryout.Result), outcome
    return [[cell.text for cell in row] for row in outcome.rows]


def refused(outcome: tryout.Result | tryout.Refusal) -> str:
    assert isinstance(outcome, tryout.Refusal), outcome
    return outcome.message


def test_it_runs_as_app_ro_read_only_for_the_tenant_with_a_short_time_limit(url: str) -> None:
    asked = query(
        "SELECT current_user::text, current_setting('transaction_read_only'),"
        " current_setting('app.tenant_id'), current_setting('statement_timeout')"
    )
    assert rows(run(url, asked)) == [["app_ro", "on", TENANT, "3s"]]


def test_it_is_read_only_even_where_the_role_could_write(
    server: Server, owner: psycopg.Connection[Any]
) -> None:
    """As app_rw, as if DATABASE_URL_RO were wrong: still nothing is written."""
    url = server.url("app_rw", "draftroom")
    writing = query("SELECT set_config('transaction_read_only', 'off', true), nextval('s')")
    with psycopg.connect(server.url("app_owner", "draftroom"), autocommit=True) as connection:
        connection.execute("DROP SEQUENCE IF EXISTS public.s")
        connection.execute("CREATE SEQUENCE public.s")
        connection.execute("GRANT USAGE ON public.s TO app_rw, app_ro")
        try:
            message = refused(run(url, writing))
        finally:
            connection.execute("DROP SEQUENCE public.s")
    assert "read-write mode" in message or "read-only" in message
    inserting = query("INSERT INTO drafts.drafts DEFAULT VALUES RETURNING id")
    assert refused(run(url, inserting))
    locking = query("SELECT id FROM drafts.drafts FOR UPDATE")
    assert "read-only transaction" in refused(run(url, locking))
    in_a_cte = query("WITH gone AS (DELETE FROM drafts.drafts RETURNING id) SELECT id FROM gone")
    assert refused(run(url, in_a_cte))


def test_what_takes_too_long_is_stopped(url: str) -> None:
    message = refused(run(url, query("SELECT pg_sleep(600)")))
    assert message == "canceling statement due to statement timeout"


def test_what_takes_too_long_row_by_row_is_stopped_too(url: str) -> None:
    slow = query("SELECT pg_sleep(1) FROM generate_series(1, 600)")
    assert refused(run(url, slow)) == "canceling statement due to statement timeout"


def test_an_error_of_the_server_is_told_without_its_place(url: str) -> None:
    divided = query("SELECT 1 / :by AS found", "-- param: by int = 1\n")
    assert refused(run(url, divided, by="0")) == "division by zero"
    assert rows(run(url, divided, by="1")) == [["1"]]


def test_values_are_shown_as_the_server_writes_them(url: str) -> None:
    asked = query(
        "SELECT NULL::text AS a, ''::text AS b, true AS c, '{1,NULL}'::int[] AS d,"
        " '\\x00ff'::bytea AS e, 'infinity'::timestamptz AS f, '{\"k\": 1}'::jsonb AS g, 1.50 AS h"
    )
    outcome = run(url, asked)
    assert rows(outcome) == [[None, "", "t", "{1,NULL}", "\\x00ff", "infinity", '{"k": 1}', "1.50"]]
    assert isinstance(outcome, tryout.Result)
    assert outcome.columns == [*"abcdefgh"]


def test_parameters_are_texts_that_the_server_casts(url: str) -> None:
    asked = query(
        "SELECT :j ->> 'k' AS j, :a AS a, :i + interval '1 day' AS i, :b AS b",
        "-- param: j jsonb = '{}'\n-- param: a text[] = '{}'\n"
        "-- param: i interval = '1 day'\n-- param: b bytea = ''\n",
    )
    values = {"j": '{"k": "v"}', "a": '{x,"y z",NULL}', "i": "2 days", "b": "\\xff"}
    assert rows(run(url, asked, **values)) == [["v", '{x,"y z",NULL}', "3 days", "\\xff"]]


def test_a_query_without_columns_or_rows_is_a_result(url: str) -> None:
    assert rows(run(url, query("SELECT 1 WHERE false"))) == []
    assert rows(run(url, query("SELECT FROM (VALUES (1), (2)) AS v"))) == [[], []]


def test_a_replica_that_is_away_is_told(url: str) -> None:
    outcome = run("postgresql://app_ro@127.0.0.1:1/draftroom", query("SELECT 1"))
    assert outcome == tryout.Refusal("The database of DATABASE_URL_RO is away.", is_away=True)


def test_a_connection_that_is_lost_is_told(url: str) -> None:
    lost = query("SELECT pg_terminate_backend(pg_backend_pid())")
    outcome = run(url, lost)
    assert outcome == tryout.Refusal("The database of DATABASE_URL_RO went away.", is_away=True)
