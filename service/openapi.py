"""The OpenAPI 3.1 document, made from the routes themselves."""

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Flask
from marshmallow import Schema, fields
from werkzeug.routing import Rule

from service import auth, errors, idempotency, positions
from service.rest import MB, MEDIA_TYPE, NDJSON, Operation, PublicId, writes
from service.schemas import Choice

VERSION = "0.1.0"
PARAMETER = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")
LARGEST_INT32, LARGEST_INT64 = 2**31 - 1, 2**63 - 1

DESCRIPTION = """The system of record for AI-drafted work: what came in, what a model drafted, who decided what,
what went out, and what was learned.

Send `Authorization: Bearer` with the API key of a service or the OIDC token of a user; here, *Authorize* takes it.
`make run` prints a key. Every operation names the scope that it needs. What only a person may do, a service does for
one: its header `Draftroom-User` names the user.

Each body comes with an example that works as it stands, except that an id or a day in it must be one of what you made
before. To begin, take a message in (`POST /v1/intake/messages`), claim the job that asks for its draft
(`POST /v1/jobs/claim`), post the draft, and approve it.

A failure is an `application/problem+json` document with a `code`. A list is a page with a `next_cursor`. The `ETag`
is a resource's revision. Times have their offset, `+00:00`. Ignore fields that you do not know: a later version may
have more."""

_whole = {"type": "integer", "format": "int64"}
PROBLEM_SCHEMA = {
    "type": "object",
    "description": "Why a request failed. What follows request_id is there with the codes that are named",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"$ref": "#/components/schemas/ProblemCode"},
        "detail": {"type": "string"},
        "errors": {
            "type": "object",
            "description": "VALIDATION, INVALID_REFERENCE, CONFLICT: what is wrong, by field; at most"
            f" {errors.MAX_TOLD} messages",
            "additionalProperties": {},
        },
        "more_errors": {
            "type": "integer",
            "description": "VALIDATION: how many more there are, where that is more than none",
        },
        "request_id": {"type": "string"},
        "current": {
            "type": "object",
            "description": "CONFLICT: the resource as it is now",
            "additionalProperties": {},
        },
        "conflicts_with": {
            "type": "object",
            "description": "CONFLICT: another post that is in the way",
            "additionalProperties": {},
        },
        "failures": {
            "type": "array",
            "items": {"type": "object", "additionalProperties": {}},
            "description": "CONFLICT: the rows of a bulk write that failed, too many to do the others",
        },
        "matches": {
            **_whole,
            "description": "CONFLICT: how many rows match the filter, not as many as expected",
        },
        "decision": {
            "type": "object",
            "description": "CONFLICT: the decision that was first",
            "additionalProperties": {},
        },
        "new_messages": {
            "type": "array",
            "items": {"type": "object", "additionalProperties": {}},
            "description": "STALE: the messages that came after the one that was seen, the latest first",
        },
        "allowed": {**_whole, "description": "QUOTA_EXCEEDED: the limit"},
        "used": {**_whole, "description": "QUOTA_EXCEEDED: how much of it is used"},
        "remaining": {**_whole, "description": "QUOTA_EXCEEDED: how much of it is left"},
        "requested": {**_whole, "description": "QUOTA_EXCEEDED: what was asked for"},
        "resets_at": {
            "type": ["string", "null"],
            "format": "date-time",
            "description": "QUOTA_EXCEEDED of concepts: when all of it is left again; null if it is all left",
        },
    },
}
PARAMETERS = {
    "Draftroom-User": "The id or e-mail address of the user for whom a service acts (scope `users:act`)",
    idempotency.HEADER: "Sent again with the same body within 24 hours, the answer is replayed",
    "If-Match": "The ETag that the resource must still have, or several; 412 if it has another",
    positions.HEADER: "`0/0`, or what the answer to a write told: a replica that does not have that write yet does not"
    " answer. Where it is sent, the answer to a write tells the next",
    "Last-Event-ID": "The id of the last message that came, or a cursor of GET /v1/events",
}
# Of answers; whether every answer that names one has it.
HEADERS = {
    "X-Request-Id": ("Of this request: the one that was sent, or a new one", True),
    "ETag": ("The revision, for If-Match", True),
    "Idempotency-Replayed": ("`true` if this was answered before", False),
    positions.HEADER: (
        "After this write, for what is read next; if the request has the header",
        False,
    ),
    "WWW-Authenticate": ("`Bearer`", True),
    "Retry-After": ("Seconds after which to try again", False),
    "X-RateLimit-Limit": (
        "Where requests are limited: how many, of the limit with least left",
        False,
    ),
    "X-RateLimit-Remaining": ("How many of them are left", False),
    "X-RateLimit-Reset": (
        "When the next of those that are used up is free, in seconds since 1970",
        False,
    ),
    "RateLimit-Policy": ('Each limit, as the IETF\'s draft has it: `"caller";q=10;w=10`', False),
    "RateLimit": ('What is left of each, and for how many seconds: `"caller";r=9;t=10`', False),
}
RATE_LIMIT_HEADERS = tuple(name for name in HEADERS if "RateLimit" in name)
HEADERS_OF_PROBLEM = {
    401: ("WWW-Authenticate",),
    429: ("Retry-After", *RATE_LIMIT_HEADERS),
    503: ("Retry-After",),
}


class Converter(OpenAPIConverter):
    """Tells of fields what a client generated from it can use."""

    def field2property(self, field: fields.Field[Any]) -> dict[str, Any]:
        told: dict[str, Any] = super().field2property(field)
        if told.get("default", ...) is None:
            del told["default"]  # it says no more than that the field may be left out
        if "integer" in told.get("type", ()):
            if told.get("maximum", LARGEST_INT64) > LARGEST_INT32:
                told.setdefault("format", "int64")
            if told.get("maximum") == LARGEST_INT64:
                del told["maximum"]  # not exact where numbers are doubles; the format says it
        choices = (getattr(validator, "choices", None) for validator in field.validators)
        choice = next((found for found in choices if isinstance(found, Choice)), None)
        if choice is not None:
            del told["type"], told["enum"]
            named = self._named(choice)
            told |= {"anyOf": [named, {"type": "null"}]} if field.allow_none else named
        return told

    def fields2jsonschema(self, fields: Any, *, partial: Any = None) -> dict[str, Any]:
        """A default is told in words: openapi-typescript takes a field that has one for required."""
        told: dict[str, Any] = super().fields2jsonschema(fields, partial=partial)  # type: ignore[no-untyped-call]
        for described in told["properties"].values():
            if "default" in described:
                default = json.dumps(described.pop("default"))
                known = described.get("description")
                described["description"] = (
                    f"{known}; by default `{default}`" if known else f"By default `{default}`"
                )
        return told

    def query_parameters(self, schema: Schema) -> list[dict[str, Any]]:
        """As `schema2parameters`, but never null: a query string has no way to say it."""
        parameters: list[dict[str, Any]] = self.schema2parameters(schema, location="query")
        for parameter in parameters:
            told = parameter["schema"]
            if isinstance(told.get("type"), list):
                told["type"] = told["type"][0]
            told |= told.pop("anyOf", [{}])[0]
        return parameters

    def page_of(self, schema: Schema, *, grows: bool) -> dict[str, str]:
        item = self.resolve_nested_schema(schema)  # type: ignore[no-untyped-call]
        name = f"{type(schema).__name__}Page"
        properties = {
            "items": {"type": "array", "items": item},
            "next_cursor": {
                "type": ["string", "null"],
                "description": "The `cursor` of the next page; null at the end",
            },
        }
        if grows:
            properties["resume_cursor"] = {
                "type": "string",
                "description": "The `cursor` of what comes after this page, now or later",
            }
        page = {"type": "object", "required": list(properties), "properties": properties}
        return self._component(name, page)

    def _named(self, choice: Choice) -> dict[str, str]:
        return self._component(choice.name, {"type": "string", "enum": list(choice)})

    def _component(self, name: str, described: dict[str, Any]) -> dict[str, str]:
        """The reference to a schema, which is added at first; raises ValueError if another has the name."""
        known = self.spec.components.schemas.setdefault(name, described)
        if known != described:
            raise ValueError(f"two schemas are called {name}")
        return _reference("schemas", name)


class Plugin(MarshmallowPlugin):
    Converter = Converter


def describe(app: Flask) -> dict[str, Any]:
    """The OpenAPI document of all routes that are operations. Raises ValueError for two schemas of one name."""

    def name_of(schema: Schema | type[Schema]) -> str:
        name = (schema if isinstance(schema, type) else type(schema)).__name__
        if name in spec.components.schemas:
            raise ValueError(f"two schemas are called {name}")
        return name

    plugin = Plugin(schema_name_resolver=name_of)
    spec = APISpec(
        title="Draftroom",
        version=VERSION,
        openapi_version="3.1.0",
        info={
            "description": DESCRIPTION,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        servers=[{"url": "/", "description": "This service"}],
        plugins=[plugin],
    )
    converter = plugin.converter
    assert isinstance(converter, Converter)
    _add_what_is_shared(spec)
    described_areas = set()
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view = app.view_functions[rule.endpoint]
        operation: Operation | None = getattr(view, "operation", None)
        if operation is None:
            continue
        method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        summary, _, details = (view.__doc__ or "").strip().partition("\n")
        area, _, name = rule.endpoint.partition(".")
        described_areas.add(area)
        described = {
            "operationId": name,
            "tags": [area],
            "summary": summary.rstrip("."),
            "description": _description(operation, details),
            "security": _security(operation),
            "parameters": [*_parameters(rule, method, operation, converter)],
            "responses": _responses(rule, method, operation, converter),
        }
        if (schema := operation.body or operation.lines) is not None:
            content = {"schema": schema}
            if (example := getattr(schema, "example", None)) is not None:
                content["example"] = example
            media_type = MEDIA_TYPE if operation.body is not None else NDJSON
            described["requestBody"] = {"required": True, "content": {media_type: content}}
        spec.path(
            path=PARAMETER.sub(r"{\g<name>}", rule.rule), operations={method.lower(): described}
        )
    for area, found in app.blueprints.items():
        if area in described_areas:
            told = (sys.modules[found.import_name].__doc__ or "").strip()
            spec.tag({"name": area, "description": told})
    return spec.to_dict()


def _add_what_is_shared(spec: APISpec) -> None:
    spec.components.schema("ProblemCode", {"type": "string", "enum": list(errors.STATUS)})
    spec.components.schema("Problem", PROBLEM_SCHEMA)
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    spec.components.security_scheme(
        "webhook", {"type": "apiKey", "in": "header", "name": "X-Webhook-Secret"}
    )
    for name, description in PARAMETERS.items():
        spec.components.parameter(
            name, "header", {"description": description, "schema": {"type": "string"}}
        )
    for name, (description, always) in HEADERS.items():
        told = {"description": description, "required": always, "schema": {"type": "string"}}
        spec.components.header(name, told)


def _problem(spec: APISpec, status: int) -> dict[str, str]:
    """The reference to the answer of failures with a status, which is added at first."""
    name = f"Problem{status}"
    if name not in spec.components.responses:
        codes = [code for code in errors.STATUS if errors.STATUS[code] == status]
        told = {
            "description": " or ".join(codes),
            "headers": _headers("X-Request-Id", *HEADERS_OF_PROBLEM.get(status, ())),
            "content": {errors.MEDIA_TYPE: {"schema": _reference("schemas", "Problem")}},
        }
        spec.components.response(name, told)
    return _reference("responses", name)


def _reference(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def _headers(*names: str) -> dict[str, Any]:
    return {name: _reference("headers", name) for name in names}


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    if operation.by is not None:
        return [{"webhook": []}]
    return [{"bearer": []}] if operation.scope else []


def _description(operation: Operation, details: str) -> str:
    told = " ".join(line.strip() for line in details.strip().splitlines())
    if operation.by is not None:
        needed = "Takes the secret of the tenant's webhook instead of an API key."
    elif operation.scope is None:
        needed = "Takes no credential."
    else:
        needed = f"Scope `{operation.scope}`: {auth.SCOPES[operation.scope].lower()}."
    if operation.max_body is not None:
        needed += f" The body may have up to {operation.max_body // MB} MB."
    return f"{told}\n\n{needed}".strip()


def _parameters(
    rule: Rule, method: str, operation: Operation, converter: Converter
) -> Iterator[dict[str, Any] | str]:
    for match in PARAMETER.finditer(rule.rule):
        schema: dict[str, Any] = {"type": "string"}
        if match["converter"] == "uuid":
            schema["format"] = "uuid"
        elif match["converter"] == "int":
            schema = {"type": "integer", "minimum": 0, "maximum": LARGEST_INT32}
        elif match["converter"] == "public_id":
            schema["pattern"] = f"^(?:{PublicId.regex})$"
        yield {"in": "path", "name": match["name"], "required": True, "schema": schema}
    if operation.query is not None:
        yield from converter.query_parameters(operation.query)
    names = [
        *(["Draftroom-User", positions.HEADER] if operation.scope else []),
        *([idempotency.HEADER] if _replays(method, operation) else []),
        *(["If-Match"] if operation.if_match else []),
        *(["Last-Event-ID"] if operation.resumes else []),
    ]
    yield from names


def _replays(method: str, operation: Operation) -> bool:
    return method == "POST" and operation.replays and bool(operation.scope or operation.by)


def _responses(
    rule: Rule, method: str, operation: Operation, converter: Converter
) -> dict[str, Any]:
    headers = ["X-Request-Id"]
    success: dict[str, Any] = {"description": "Success"}
    if operation.returns is not None:
        schema: Any = operation.returns
        if operation.many:
            schema = converter.page_of(operation.returns, grows=operation.grows)
        elif "revision" in operation.returns.fields and operation.media_type == MEDIA_TYPE:
            headers.append("ETag")
        success["content"] = {operation.media_type: {"schema": schema}}
    elif operation.media_type != MEDIA_TYPE:
        success["content"] = {operation.media_type: {"schema": {"type": "string"}}}
    if _replays(method, operation):
        headers.append("Idempotency-Replayed")
    if operation.scope is not None or operation.by is not None:
        headers += RATE_LIMIT_HEADERS
    if writes(method) and operation.scope:
        headers.append(positions.HEADER)
    success["headers"] = _headers(*headers)
    answers: dict[str, Any] = {str(status): success for status in operation.statuses}
    codes: list[str] = []
    if operation.scope is not None or operation.by is not None:
        codes = [
            "VALIDATION",
            "UNAUTHENTICATED",
            "FORBIDDEN",
            "RATE_LIMITED",
            "INTERNAL",
            "UNAVAILABLE",
        ]
    if "<" in rule.rule:
        codes.append("NOT_FOUND")
    if operation.conflicts or method == "POST":
        codes.append("CONFLICT")
    if operation.if_match:
        codes.append("STALE")
    if operation.body is not None:
        codes += ["TOO_LARGE", "UNSUPPORTED"]
    if operation.lines is not None:
        codes.append("UNSUPPORTED")
    if method == "POST":
        codes.append("IDEMPOTENCY_MISMATCH")
    codes += operation.problems
    problems = sorted({errors.STATUS[code] for code in codes})
    return answers | {str(status): _problem(converter.spec, status) for status in problems}
