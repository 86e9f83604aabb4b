"""The OpenAPI 3.1 document, made from the routes themselves; and /docs, which shows it without internet access."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import flask_swagger_ui
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Blueprint, Flask, Response, current_app, send_from_directory
from marshmallow import Schema
from werkzeug.routing import Rule

from service import auth, errors, idempotency
from service.rest import Operation

VERSION = "0.1.0"
PROBLEM = "application/problem+json"
PARAMETER = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")

DESCRIPTION = """The system of record for AI-drafted work: what came in, what a model drafted, who decided what,
what went out, and what was learned.

Send `Authorization: Bearer` with the API key of a service or the OIDC token of a user. Every operation names the
scope that it needs. A failure is an `application/problem+json` document with a `code`. A list is a page with a
`next_cursor`. The `ETag` is a resource's revision."""

PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": list(errors.STATUS)},
        "detail": {"type": "string"},
        "errors": {
            "type": "object",
            "description": f"What is wrong, by field: at most {errors.MAX_TOLD} messages",
        },
        "more_errors": {
            "type": "integer",
            "description": "How many more there are, where that is more than none",
        },
        "request_id": {"type": "string"},
    },
}
HEADERS = {
    "Draftroom-User": "The id or e-mail address of the user for whom a service acts (scope `users:act`)",
    idempotency.HEADER: "Sent again with the same body within 24 hours, the answer is replayed",
    "If-Match": "The ETag that the resource must still have; 412 if it has another",
    "Last-Event-ID": "The id of the last message that came, or a cursor of GET /v1/events",
}

# Of flask-swagger-ui only the files: its own page has nothing that a Content-Security-Policy could go by.
SWAGGER_UI = Path(flask_swagger_ui.__file__).with_name("dist")
START = "SwaggerUIBundle({})".format(
    json.dumps(
        {
            "url": "/openapi.json",
            "dom_id": "#swagger-ui",
            "docExpansion": "none",
            "tagsSorter": "alpha",
            "operationsSorter": "alpha",
            "deepLinking": True,
        }
    )
)
PAGE = f"""<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Draftroom</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/index.css">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script>{START}</script>
"""
SECURITY_HEADERS = {
    # Swagger UI writes style attributes, and draws with data: images.
    "Content-Security-Policy": "default-src 'none'; connect-src 'self'; img-src 'self' data:;"
    f" script-src 'self' 'sha256-{b64encode(sha256(START.encode()).digest()).decode()}';"
    " style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}

blueprint = Blueprint("openapi", __name__)


@blueprint.get("/openapi.json")
def document() -> Response:
    """The document of this application; made at the first request, when all routes are there."""
    if "openapi" not in current_app.extensions:
        current_app.extensions["openapi"] = json.dumps(describe(current_app))
    return Response(current_app.extensions["openapi"], content_type="application/json")


@blueprint.get("/docs/")
def page() -> str:
    return PAGE


@blueprint.get("/docs/<path:name>")
def file(name: str) -> Response:
    return send_from_directory(SWAGGER_UI, name)


@blueprint.after_request
def protect(response: Response) -> Response:
    response.headers.update(SECURITY_HEADERS)
    return response


def describe(app: Flask) -> dict[str, Any]:
    """The OpenAPI document of all routes that are operations."""
    plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
    spec = APISpec(
        title="Draftroom",
        version=VERSION,
        openapi_version="3.1.0",
        info={"description": DESCRIPTION},
        plugins=[plugin],
    )
    spec.components.schema("Problem", PROBLEM_SCHEMA)
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    spec.components.security_scheme(
        "webhook", {"type": "apiKey", "in": "header", "name": "X-Webhook-Secret"}
    )
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view = app.view_functions[rule.endpoint]
        operation: Operation | None = getattr(view, "operation", None)
        if operation is None:
            continue
        method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        summary, _, details = (view.__doc__ or "").strip().partition("\n")
        area, _, name = rule.endpoint.partition(".")
        described = {
            "operationId": name,
            "tags": [area],
            "summary": summary.rstrip("."),
            "description": _description(operation, details),
            "security": _security(operation),
            "parameters": [*_parameters(rule, method, operation)],
            "responses": _responses(rule, method, operation),
        }
        if operation.body is not None:
            content = {"application/json": {"schema": operation.body}}
            described["requestBody"] = {"required": True, "content": content}
        spec.path(
            path=PARAMETER.sub(r"{\g<name>}", rule.rule), operations={method.lower(): described}
        )
    return spec.to_dict()


def _schema_name(schema: Schema | type[Schema]) -> str:
    return schema.__name__ if isinstance(schema, type) else type(schema).__name__


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    if operation.by is not None:
        return [{"webhook": []}]
    return [{"bearer": []}] if operation.scope else []


def _description(operation: Operation, details: str) -> str:
    told = " ".join(line.strip() for line in details.strip().splitlines())
    if operation.scope is None:
        return told
    scope = f"Scope `{operation.scope}`: {auth.SCOPES[operation.scope].lower()}."
    return f"{told}\n\n{scope}".strip()


def _parameters(rule: Rule, method: str, operation: Operation) -> Iterator[dict[str, Any]]:
    for match in PARAMETER.finditer(rule.rule):
        schema = {"type": "string"}
        if match["converter"] == "uuid":
            schema["format"] = "uuid"
        yield {"in": "path", "name": match["name"], "required": True, "schema": schema}
    if operation.query is not None:
        yield {"in": "query", "schema": operation.query}
    names = [
        *(["Draftroom-User"] if operation.scope else []),
        *([idempotency.HEADER] if method == "POST" and (operation.scope or operation.by) else []),
        *(["If-Match"] if operation.if_match else []),
        *(["Last-Event-ID"] if operation.resumes else []),
    ]
    for name in names:
        schema = {"type": "string"}
        yield {"in": "header", "name": name, "description": HEADERS[name], "schema": schema}


def _responses(rule: Rule, method: str, operation: Operation) -> dict[str, Any]:
    success: dict[str, Any] = {"description": "Success"}
    if operation.returns is not None:
        schema: Any = operation.returns
        if operation.many:
            schema = {
                "type": "object",
                "required": ["items", "next_cursor"],
                "properties": {
                    "items": {"type": "array", "items": operation.returns},
                    "next_cursor": {"type": ["string", "null"]},
                },
                "additionalProperties": False,
            }
        success["content"] = {operation.media_type: {"schema": schema}}
    answers: dict[str, Any] = {str(status): success for status in operation.statuses}
    if operation.scope is None and operation.by is None:
        return answers
    codes = ["VALIDATION", "UNAUTHENTICATED", "FORBIDDEN", "INTERNAL", "UNAVAILABLE"]
    if "<" in rule.rule:
        codes.append("NOT_FOUND")
    if operation.conflicts or method == "POST":
        codes.append("CONFLICT")
    if operation.if_match:
        codes.append("STALE")
    if operation.body is not None:
        codes += ["TOO_LARGE", "UNSUPPORTED"]
    if method == "POST":
        codes.append("IDEMPOTENCY_MISMATCH")
    codes += operation.problems
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for code in codes:
        answers[str(errors.STATUS[code])] = {"description": code, "content": content}
    return answers
