"""What HTTP itself promises: problem documents for every failure, revisions, request ids."""

import json
import os
import re
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote

import pytest
import requests

from service.config import Settings
from tests.client import Client, Gunicorn, Tenant
from tests.commands import environment as settings_of
from tests.problems import problem

JSON = {"Content-Type": "application/json"}
NEW_JOB = {"type": "crawl"}


# Routes, methods, sizes, media types --------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/v1", "/v1//users", "/v1/nothing", "/v1/users/not-an-id", "/v1/users/"]
)
def test_an_unknown_route_is_a_problem(api: Client, path: str) -> None:
    problem(api.request("GET", path), 404, "NOT_FOUND")


def test_an_unknown_route_is_a_problem_without_credential_too(gunicorn: Gunicorn) -> None:
    problem(requests.get(f"{gunicorn.url}/v1/nothing", timeout=10), 404, "NOT_FOUND")


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "BREW"])
def test_a_wrong_method_is_a_problem_that_names_the_allowed_ones(api: Client, method: str) -> None:
    response = api.request(method, "/v1/users")
    problem(response, 405, "METHOD_NOT_ALLOWED")
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_a_body_over_the_limit_is_refused(api: Client) -> None:
    just_under = json.dumps(NEW_JOB).ljust(1024 * 1024)
    assert api.request("POST", "/v1/jobs", data=just_under, headers=JSON).status_code == 201
    problem(api.request("POST", "/v1/jobs", data=just_under + " ", headers=JSON), 413, "TOO_LARGE")


def test_a_chunked_body_over_the_limit_is_refused(api: Client) -> None:
    chunks = (b" " * 65536 for _ in range(17))
    problem(api.request("POST", "/v1/jobs", data=chunks, headers=JSON), 413, "TOO_LARGE")


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_a_body_of_another_media_type_is_refused(api: Client, media_type: str) -> None:
    response = api.request(
        "POST", "/v1/jobs", data=json.dumps(NEW_JOB), headers={"Content-Type": media_type}
    )
    problem(response, 415, "UNSUPPORTED")


def test_json_with_a_charset_is_json(api: Client) -> None:
    response = api.request(
        "POST",
        "/v1/jobs",
        data=json.dumps(NEW_JOB),
        headers={"Content-Type": "application/json; charset=utf-8"},
    )
    assert response.status_code == 201


@pytest.mark.parametrize("coding", ["gzip", "br", "gzip, identity"])
def test_a_body_with_a_content_coding_is_refused(api: Client, coding: str) -> None:
    response = api.request(
        "POST", "/v1/jobs", data=json.dumps(NEW_JOB), headers={**JSON, "Content-Encoding": coding}
    )
    problem(response, 415, "UNSUPPORTED")
    assert response.headers["Accept-Encoding"] == "identity"


def test_a_body_whose_content_coding_is_identity_is_taken(api: Client) -> None:
    headers = {**JSON, "Content-Encoding": "Identity"}
    response = api.request("POST", "/v1/jobs", data=json.dumps(NEW_JOB), headers=headers)
    assert response.status_code == 201


def test_the_root_leads_to_the_documentation(gunicorn: Gunicorn) -> None:
    response = requests.get(f"{gunicorn.url}/", timeout=10)
    assert (response.status_code, response.url) == (200, f"{gunicorn.url}/docs/")


@pytest.mark.parametrize(
    "name", ["/a", "//a", "a//b", "a/", "/", "a/messages", "a\nb", "a?b#c", "..", "a%2Fb", "é/ü"]
)
def test_an_id_in_a_path_is_taken_as_it_is(gunicorn: Gunicorn, api: Client, name: str) -> None:
    body = {"channel_type": "email", "channel_external_id": "m", "body_text": "Hello"}
    # Not through a client that tidies paths up.
    connection = HTTPConnection(gunicorn.url.removeprefix("http://"))
    connection.request(
        "POST",
        f"/internal/conversations/{quote(name, safe='')}/messages",
        json.dumps(body),
        {**JSON, "Authorization": f"Bearer {api.credential}"},
    )
    response = connection.getresponse()
    received = json.loads(response.read())
    assert response.status == 201, received
    assert api.get(f"/v1/conversations/{received['conversation_id']}")["external_id"] == name


def test_the_text_of_a_header_is_utf_8(tenant: Tenant) -> None:
    body = {"email": "jürgen@example.com", "display_name": "Jürgen", "role": "viewer"}
    created = tenant.service.post("/v1/users", body)
    path = "/v1/tenant"
    headers = {"Draftroom-User": "jürgen@example.com".encode()}
    assert tenant.service.get(path, headers=headers)["id"] == tenant.id
    tenant.service.patch(f"/v1/users/{created['id']}", {"disabled": True})
    problem(tenant.service.request("GET", path, headers=headers), 403, "FORBIDDEN")
    latin = {"Draftroom-User": "jürgen@example.com".encode("latin-1")}
    refused = problem(tenant.service.request("GET", path, headers=latin), 400, "VALIDATION")
    assert list(refused["errors"]) == ["Draftroom-User"]


# Revisions ----------------------------------------------------------------------------------------------


def resources(tenant: Tenant) -> dict[str, dict[str, Any]]:
    """One of each kind that has a revision, by path."""
    decision = tenant.approved()
    found = {
        "/v1/tenant": tenant.service.get("/v1/tenant"),
        f"/v1/users/{tenant.users['agent']}": tenant.service.get(
            f"/v1/users/{tenant.users['agent']}"
        ),
    }
    conversation = tenant.service.get(f"/v1/conversations/{decision['conversation_id']}")
    for path in (
        f"/v1/conversations/{conversation['id']}",
        f"/v1/channels/{conversation['channel_id']}",
        f"/v1/drafts/{decision['id']}",
        f"/v1/scheduled-replies/{decision['scheduled_reply']['id']}",
    ):
        found[path] = tenant.service.get(path)
    return found


def test_a_single_resource_has_its_revision_as_etag(tenant: Tenant) -> None:
    for path, resource in resources(tenant).items():
        response = tenant.service.request("GET", path, expect=200)
        assert response.headers["ETag"] == f'"{resource["revision"]}"', path


CHANGES = {
    "tenant": "name",
    "users": "display_name",
    "channels": "name",
    "conversations": "subject",
}


def test_a_change_needs_the_revision_that_if_match_names(tenant: Tenant) -> None:
    api = tenant.service
    for path, resource in resources(tenant).items():
        if (field := CHANGES.get(path.split("/")[2])) is None:
            continue
        revision = resource["revision"]
        stale = {"If-Match": f'"{revision + 1}"'}
        problem(api.request("PATCH", path, {field: "A"}, headers=stale), 412, "STALE")
        assert api.get(path) == resource
        for n, if_match in enumerate(
            (
                f'"{revision}"',
                "*",
                f'W/"{revision + 2}"',
                f'"{revision + 3}-gzip"',
                f'"{revision + 9}", "unknown" , "{revision + 4}","{revision}"',
            )
        ):
            value = f"Value {n}"
            response = api.request(
                "PATCH", path, {field: value}, expect=200, headers={"If-Match": if_match}
            )
            assert response.json()[field] == value
            assert response.headers["ETag"] == f'"{response.json()["revision"]}"'
        assert api.patch(path, {field: "E"})["revision"] == revision + 6


def test_a_change_that_changes_nothing_keeps_the_revision(tenant: Tenant) -> None:
    before = tenant.service.get("/v1/tenant")
    assert tenant.service.patch("/v1/tenant", {"name": before["name"]}) == before
    assert tenant.service.patch("/v1/tenant", {}) == before


def test_a_decision_needs_the_revision_that_if_match_names(tenant: Tenant) -> None:
    draft = tenant.draft()
    path, body = f"/v1/drafts/{draft['id']}/approve", {"mode": "now"}
    stale = {"If-Match": f'"{draft["revision"] + 1}"'}
    problem(tenant.agent.request("POST", path, body, headers=stale), 412, "STALE")
    assert tenant.service.get(f"/v1/drafts/{draft['id']}")["status"] == "pending"
    fresh = {"If-Match": f'"{draft["revision"]}"'}
    response = tenant.agent.request("POST", path, body, expect=200, headers=fresh)
    assert response.headers["ETag"] == f'"{draft["revision"] + 1}"'


@pytest.mark.parametrize(
    "unknown",
    ['"x"', '""', '"a,b"', '"0"', '"98", W/"99"', '"' + "9" * 19 + '"', '"1-zip"', '"ü", "ä"'],
)
def test_a_tag_that_nobody_was_told_is_stale(tenant: Tenant, unknown: str) -> None:
    headers = {"If-Match": unknown.encode("latin-1")}
    response = tenant.service.request("PATCH", "/v1/tenant", {"name": "A"}, headers=headers)
    problem(response, 412, "STALE")


@pytest.mark.parametrize(
    "bad", ["", '"', "-1", "1.0", "²", "x", '"1" "2"', '"1",', '*, "1"', ", ".join(['"1"'] * 21)]
)
def test_a_malformed_if_match_is_refused(tenant: Tenant, bad: str) -> None:
    headers = {"If-Match": bad.encode("latin-1")}
    response = tenant.service.request("PATCH", "/v1/tenant", {"name": "A"}, headers=headers)
    assert list(problem(response, 400, "VALIDATION")["errors"]) == ["If-Match"]


# Request ids and the log --------------------------------------------------------------------------------


def test_a_request_id_is_taken_over_and_returned(api: Client) -> None:
    given = "job.7:a_b-" + "x" * 118
    for path in ("/v1/tenant", "/v1/nothing", "/healthz", "/docs/"):
        response = api.request("GET", path, headers={"X-Request-Id": given})
        assert response.headers["X-Request-Id"] == given
    missing = api.request("GET", "/v1/nothing", headers={"X-Request-Id": given})
    assert problem(missing, 404, "NOT_FOUND")["request_id"] == given


@pytest.mark.parametrize("bad", ["", "a b", "x" * 129, "é", "a\tb", "<script>"])
def test_a_bad_request_id_is_replaced(api: Client, bad: str) -> None:
    headers = {"X-Request-Id": bad.encode("latin-1")}
    ids = {api.request("GET", "/healthz", headers=headers).headers["X-Request-Id"] for _ in "ab"}
    assert len(ids) == 2
    assert all(re.fullmatch(r"[0-9a-f-]{36}", request_id) for request_id in ids)


@pytest.mark.parametrize(("level", "told"), [("INFO", True), ("WARNING", False)])
def test_each_request_has_a_line_in_the_log(
    settings: Settings, platform_key: str, capfd: pytest.CaptureFixture[str], level: str, told: bool
) -> None:
    with Gunicorn({**settings_of(settings), "LOG_LEVEL": level}) as running:
        for client in (Client(running.url, platform_key), Client(running.url, "dr_nobody")):
            client.request("GET", "/v1/tenant", headers={"X-Request-Id": "mine"})
    lines = [line for line in capfd.readouterr().err.splitlines() if "request_id=mine" in line]
    form = (
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO service\.requests GET /v1/tenant"
        r" (200 \d+\.\dms request_id=mine actor=key:[0-9a-f-]{36}|401 \d+\.\dms request_id=mine actor=-)"
    )
    assert [bool(re.fullmatch(form, line)) for line in lines] == [True, True] * told


def test_a_log_that_nobody_reads_fails_no_request(settings: Settings) -> None:
    reader, writer = os.pipe()
    try:
        with Gunicorn({**settings_of(settings), "LOG_LEVEL": "INFO"}, log=writer) as running:
            os.close(reader)
            for _ in range(3):
                assert requests.get(f"{running.url}/healthz", timeout=10).ok
    finally:
        os.close(writer)


def test_a_path_cannot_forge_a_line_of_the_log(
    settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    with Gunicorn(settings_of(settings) | {"LOG_LEVEL": "INFO"}) as running:
        requests.get(f"{running.url}/real%0Aforged%1B[31m?secret=1", timeout=10)
    logged = capfd.readouterr().err
    assert "/real" in logged
    assert "secret" not in logged
    assert "\x1b" not in logged
    assert not any(line.startswith("forged") for line in logged.splitlines())


@pytest.mark.parametrize(("level", "told"), [("DEBUG", True), ("INFO", False)])
def test_development_logs_each_query_with_its_milliseconds_and_no_values(
    settings: Settings, platform_key: str, capfd: pytest.CaptureFixture[str], level: str, told: bool
) -> None:
    with Gunicorn({**settings_of(settings), "LOG_LEVEL": level}) as running:
        Client(running.url, platform_key).get("/v1/tenant")
    logged = capfd.readouterr().err
    line = re.search(r"DEBUG service\.queries identity\.get_tenant \d+\.\dms rows=1$", logged, re.M)
    assert bool(line) == told
    assert platform_key not in logged
    assert platform_key.split("_")[2] not in logged
