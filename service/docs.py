"""What tells about the service: /openapi.json, and /docs, which shows it without internet access."""

import gzip
import hashlib
import json
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

import flask_swagger_ui
from flask import Blueprint, Response, current_app, redirect, request, send_from_directory
from werkzeug.wrappers import Response as AnyResponse

from service.openapi import describe
from service.rest import MEDIA_TYPE

# Of flask-swagger-ui only the files: its own page has nothing that a Content-Security-Policy could go by.
SWAGGER_UI = Path(flask_swagger_ui.__file__).with_name("dist")
START = "SwaggerUIBundle({})".format(
    json.dumps(
        {
            "url": "/openapi.json",
            "dom_id": "#swagger-ui",
            "docExpansion": "none",
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
    f" script-src 'self' 'sha256-{b64encode(hashlib.sha256(START.encode()).digest()).decode()}';"
    " style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}

blueprint = Blueprint("docs", __name__)


@dataclass(frozen=True, slots=True)
class Representation:
    body: bytes
    etag: str


@blueprint.get("/")
def index() -> AnyResponse:
    return redirect("/docs/")


@blueprint.get("/openapi.json")
def document() -> AnyResponse:
    """The document of this application; made at the first request, when all routes are there."""
    if "openapi" not in current_app.extensions:
        plain = json.dumps(describe(current_app), separators=(",", ":")).encode()
        zipped = gzip.compress(plain, mtime=0)
        current_app.extensions["openapi"] = {
            coding: Representation(body, hashlib.sha256(body).hexdigest()[:16])
            for coding, body in (("identity", plain), ("gzip", zipped))
        }
    coding = "gzip" if request.accept_encodings.quality("gzip") > 0 else "identity"
    chosen: Representation = current_app.extensions["openapi"][coding]
    response = Response(chosen.body, content_type=MEDIA_TYPE)
    response.set_etag(chosen.etag)
    response.cache_control.no_cache = True
    response.vary.add("Accept-Encoding")
    if coding != "identity":
        response.content_encoding = coding
    return response.make_conditional(request)


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
