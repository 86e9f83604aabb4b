"""The OpenAPI document: valid, complete, shown without internet access, and true for whatever comes in."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import hypothesis
import pytest
import requests
import schemathesis
from flask import Flask, Response
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.schemas import APIOperation

from service import rest
from service.auth import SCOPES
from service.config import Settings
from service.openapi import describe
from service.schemas import Answer, Choice, one_of
from tests.client import Gunicorn, Tenant, lists_within, openapi
from tests.commands import environment
from tests.document import application, described_operations
from tests.pipelines.helpers import completed_run, detail
from tests.problems import problem
from tests.tweets.helpers import episode, tweet

METHODS = ("get", "put", "post", "patch", "delete")


@pytest.fixture
def document(gunicorn: Gunicorn) -> dict[str, Any]:
    return openapi(gunicorn.url)


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    errors = [
        f"{list(e.path)}: {e.message}" for e in OpenAPIV31SpecValidator(document).iter_errors()
    ]
    assert errors == []


def test_every_operation_says_what_it_does_and_what_it_needs(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in described_operations(document)]
    assert len(ids) == len(set(ids)) > 50
    for method, path, operation in described_operations(document):
        assert method in METHODS
        assert operation["summary"], path
        assert operation["summary"][0].isupper(), path
        if operation["security"] == [{"bearer": []}]:
            [scope] = re.findall(r"Scope `(.+?)`", operation["description"])
            assert scope in SCOPES
        named = {p["name"] for p in operation["parameters"] if p.get("in") == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path)), path
        assert any(status < "300" for status in operation["responses"]), path


def test_every_route_is_described(document: dict[str, Any]) -> None:
    app = application()
    described = {(method, path) for method, path, _ in described_operations(document)}
    routes = {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == described
    assert sum(path.startswith("/v1/") for _, path in routes) > 50


def test_what_a_schema_requires_it_has(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert set(schema.get("required", [])) <= schema.get("properties", {}).keys(), name


def everything_in(part: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of the document with its path, but for examples."""
    if isinstance(part, dict):
        yield path, part
    items = part.items() if isinstance(part, dict) else enumerate(part)
    for name, value in items:
        if isinstance(value, dict | list) and name != "example":
            yield from everything_in(value, f"{path}/{name}")


def test_every_tag_says_what_its_operations_are_for(document: dict[str, Any]) -> None:
    used = {tag for _, _, operation in described_operations(document) for tag in operation["tags"]}
    told = {tag["name"]: tag["description"] for tag in document["tags"]}
    assert told.keys() == used
    assert all(description.endswith(".") for description in told.values())


def test_enumerations_are_schemas_with_names(document: dict[str, Any]) -> None:
    places = [path for path, part in everything_in(document) if "enum" in part]
    assert all(re.fullmatch(r"/components/schemas/\w+", place) for place in places), places
    assert len(places) > 20


def test_defaults_say_something_and_no_query_is_null(document: dict[str, Any]) -> None:
    for path, part in everything_in(document):
        assert part.get("default", ...) is not None, path
    for _, path, operation in described_operations(document):
        for parameter in operation["parameters"]:
            assert "null" not in str(parameter.get("schema")), (path, parameter)


def test_patterns_are_of_the_whole_text_and_as_ecma_262_knows_them(
    document: dict[str, Any],
) -> None:
    found = [part["pattern"] for _, part in everything_in(document) if "pattern" in part]
    patterns = [
        pattern for pattern in found if isinstance(pattern, str)
    ]  # no property of that name
    assert len(patterns) > 5
    for pattern in patterns:
        assert re.fullmatch(r"\^.*\$", pattern), pattern
        assert not re.search(r"\\[AZzGab]|\(\?[P#<>a-z]", pattern), pattern


def test_integers_beyond_31_bits_are_int64(document: dict[str, Any]) -> None:
    for path, part in everything_in(document):
        if "integer" in part.get("type", ()) and "format" not in part and "/Problem/" not in path:
            assert part["maximum"] < 2**31, path
    draft = document["components"]["schemas"]["NewDraft"]["properties"]
    assert draft["cost_micros"]["format"] == "int64"
    assert "maximum" not in draft["cost_micros"]


def test_requests_are_closed_and_answers_open(document: dict[str, Any]) -> None:
    inputs = {
        content["schema"]["$ref"].rpartition("/")[2]
        for _, _, operation in described_operations(document)
        for content in operation.get("requestBody", {}).get("content", {}).values()
    }
    for name, schema in document["components"]["schemas"].items():
        if name in inputs:
            assert schema["additionalProperties"] is False, name
        elif not name.startswith(
            (
                "New",
                "Imported",
                "Inspiration",
                "Keyword",
                "Done",
                "ResourceChange",
                "ResourceFilter",
                "FailedJobsFilter",
            )
        ):
            assert "additionalProperties" not in schema, name


def described(*operations: Any) -> dict[str, Any]:
    """The document of an application with these alone."""
    app = Flask("service", static_folder=None)
    for number, decorate in enumerate(operations):
        view = decorate(lambda: Response())
        app.add_url_rule(f"/{number}", f"area.operation_{number}", view)
    return describe(app)


def answer_with(name: str, **parts: Any) -> Any:
    return rest.operation("jobs:read", returns=type(name, (Answer,), parts))


def test_two_schemas_of_one_name_are_an_error() -> None:
    described(answer_with("Run"), answer_with("Card"))
    with pytest.raises(ValueError, match="two schemas are called Run"):
        described(answer_with("Run"), answer_with("Run"))


def test_two_enumerations_of_one_name_are_an_error() -> None:
    def status(*words: str) -> Any:
        return one_of(Choice("RunStatus", *words))

    described(answer_with("Run", s=status("a", "b")), answer_with("Card", s=status("a", "b")))
    with pytest.raises(ValueError, match="two schemas are called RunStatus"):
        described(answer_with("Run", s=status("a")), answer_with("Card", s=status("a", "b")))


def test_the_document_comes_compressed_and_only_when_it_changed(gunicorn: Gunicorn) -> None:
    def ask(**headers: str) -> requests.Response:
        headers = {"Accept-Encoding": "identity", **headers}
        return requests.get(f"{gunicorn.url}/openapi.json", headers=headers, timeout=30)

    plain = ask()
    zipped = ask(**{"Accept-Encoding": "br;q=1, gzip;q=0.5"})
    assert "Content-Encoding" not in plain.headers
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert int(zipped.headers["Content-Length"]) < int(plain.headers["Content-Length"]) / 5
    assert zipped.json() == plain.json()
    assert zipped.headers["ETag"] != plain.headers["ETag"]
    for answer in (plain, zipped):
        assert answer.headers["Vary"] == "Accept-Encoding"
        coding = {"Accept-Encoding": answer.headers.get("Content-Encoding", "identity")}
        again = ask(**{"If-None-Match": answer.headers["ETag"], **coding})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == answer.headers["ETag"]
    assert "Content-Encoding" not in ask(**{"Accept-Encoding": "gzip;q=0"}).headers


def test_every_list_that_comes_in_has_a_maximum(document: dict[str, Any]) -> None:
    found = []
    for method, path, operation in described_operations(document):
        content = operation.get("requestBody", {}).get("content", {}).values()
        parts = (*content, *operation["parameters"])
        schemas = [part["schema"] for part in parts if "schema" in part]
        for schema in schemas:
            for name, described in lists_within(document, schema):
                assert "maxItems" in described, f"{method} {path}: {'.'.join(name)}"
                found.append(name)
    assert {("tweets",), ("report", "inspiration1_elements"), ("embeddings",)} <= set(found)


def test_the_documents_page_and_all_it_loads_come_from_the_service(gunicorn: Gunicorn) -> None:
    page = requests.get(f"{gunicorn.url}/docs/", timeout=30)
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', page.text)
    assert len(loaded) >= 3
    for reference in loaded:
        url = urljoin(page.url, reference)
        assert url.startswith(f"{gunicorn.url}/docs/"), f"{reference} is not the service's own"
        asset = requests.get(url, timeout=30)
        assert (asset.status_code, bool(asset.content)) == (200, True), reference
        if reference.endswith(".css"):
            assert not re.search(r"(@import|url\()\s*['\"]?(https?:)?//", asset.text), reference
    named = set(re.findall(r"https?://[\w.:-]+|['\"]//[\w.]+", page.text))
    assert named <= {gunicorn.url, "http://127.0.0.1"}
    assert '"/openapi.json"' in page.text
    assert requests.get(f"{gunicorn.url}/docs", timeout=30).url == page.url


@pytest.mark.parametrize(
    "path", ["/docs/", "/docs/swagger-ui.css", "/docs/nothing", "/openapi.json"]
)
def test_the_documents_page_lets_nothing_else_in(gunicorn: Gunicorn, path: str) -> None:
    policy = requests.get(gunicorn.url + path, timeout=30).headers["Content-Security-Policy"]
    told = dict(part.split(maxsplit=1) for part in policy.split(";"))
    assert told["default-src"] == told["frame-ancestors"] == told["base-uri"] == "'none'"
    assert "unsafe" not in told["script-src"]


def test_a_setting_closes_what_tells_about_the_service(settings: Settings) -> None:
    with Gunicorn({**environment(settings), "PUBLIC_DETAILS": "false"}) as running:
        for path in ("/docs", "/docs/", "/docs/swagger-ui.css", "/openapi.json"):
            problem(requests.get(running.url + path, timeout=30), 404, "NOT_FOUND")
        assert requests.get(f"{running.url}/readyz", timeout=30).ok


# Whatever comes in --------------------------------------------------------------------------------------

CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 20260101,
        "generation": {"deterministic": True, "database": "none", "max-examples": 12},
        "phases": {"coverage": {"enabled": True}, "stateful": {"enabled": False}},
    }
)


@pytest.fixture
def ids(tenant: Tenant) -> dict[str, str]:
    """One of each kind, by the name of its path parameter."""
    received = tenant.receive()
    draft = tenant.draft(received["conversation_id"])
    decision = tenant.approved()
    [notification] = tenant.service.get("/v1/notifications?limit=1")["items"]
    body = {"name": "spare", "scopes": ["inbox:read"]}
    prompt = {"kind": "reply", "system_prompt": "Be brief.", "user_template": "{tweet}"}
    run = {"run_type": "DRAFT_REPLY", "model": "gpt-4o-mini"}
    pipeline_run_id = completed_run(tenant, "admin")
    return {
        "tenant_id": tenant.id,
        "pipeline_run_id": pipeline_run_id,
        "opportunity_card_id": detail(tenant, pipeline_run_id, "admin")["cards"][0]["id"],
        "user_id": tenant.users["viewer"],
        "api_key_id": tenant.service.post("/v1/api-keys", body)["id"],
        "channel_id": received["channel_id"],
        "conversation_id": received["conversation_id"],
        "message_id": received["message_id"],
        "draft_id": draft["id"],
        "reply_id": decision["scheduled_reply"]["id"],
        "job_id": received["job_id"],
        "notification_id": notification["id"],
        "prompt_id": tenant.service.post("/v1/prompts", prompt)["id"],
        "run_id": tenant.service.post("/v1/model-runs", run)["id"],
        "tweet_id": tweet(tenant.service)["id"],
        "episode_id": episode(tenant.service, steps=["chunking"])["id"],
        "name": "chunking",  # of a step
    }


def mostly(made_up: object) -> bool:
    """Two times of three, and the same each time that a failure is replayed."""
    return sum(str(made_up).encode()) % 3 > 0


@schemathesis.serializer(rest.NDJSON)
def one_line(_: schemathesis.SerializationContext, value: Any) -> bytes:
    return json.dumps(value).encode() + b"\n"


def try_out(case: schemathesis.Case, url: str, tenant: Tenant, ids: dict[str, str]) -> None:
    # Two of three ids are real ones; the others stay as they were made up.
    for name, value in (case.path_parameters or {}).items():
        if name in ids and mostly(value):
            case.path_parameters[name] = ids[name]
    # A made-up ETag never fits: then nothing would ever be decided.
    if case.headers and "If-Match" in case.headers and mostly(case.headers["If-Match"]):
        case.headers["If-Match"] = "*"
    # A claim that may wait does so for longer than is waited for its answer.
    if isinstance(case.body, dict) and type(case.body.get("wait")) is int and case.body["wait"] > 0:
        case.body["wait"] = 0 if mostly(case.body) else 21
    # How a body is sent is not the document's to say: test_server looks at other codings, which are answered 501.
    hypothesis.assume("transfer-encoding" not in {name.lower() for name in case.headers or {}})
    # Beyond this gunicorn itself answers 414, whatever is asked.
    hypothesis.assume(
        len(requests.Request(**case.as_transport_kwargs(url)).prepare().path_url) < 4000
    )
    headers = {
        "Authorization": f"Bearer {tenant.service.credential}",
        "Draftroom-User": tenant.users["admin"],
    }
    case.call_and_validate(
        url,
        headers=headers,
        checks=[
            schemathesis.checks.not_a_server_error,
            schemathesis.checks.status_code_conformance,
            schemathesis.checks.content_type_conformance,
            schemathesis.checks.response_headers_conformance,
            schemathesis.checks.response_schema_conformance,
        ],
    )


OPERATIONS = [
    operation.ok()
    for operation in schemathesis.openapi.from_dict(
        describe(application()), config=CONFIG
    ).get_all_operations()
]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_whatever_comes_in_what_goes_out_is_as_described(
    operation: APIOperation, gunicorn: Gunicorn, tenant: Tenant, ids: dict[str, str]
) -> None:
    @hypothesis.settings(suppress_health_check=list(hypothesis.HealthCheck))
    def check(case: schemathesis.Case) -> None:
        try_out(case, gunicorn.url, tenant, ids)

    # Its cases are made up here. With the decorator every pytest worker would make up those of all operations first.
    run = build_operation_test(
        config=operation.schema.config,
        operation=operation,
        test_func=check,
        given_kwargs={},
        feedback=FeedbackSources(),
    )
    run()
