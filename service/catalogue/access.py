"""Who may see the catalogue, and how its failures look: pages, with headers that let nothing else in."""

import logging
from http import HTTPStatus

import psycopg
from flask import Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from service import auth, errors
from service.caller import Caller
from service.catalogue import blueprint
from service.state import state
from service.telemetry import CALLER, request_id

log = logging.getLogger(__name__)

READ = "catalogue:read"
TRY = "catalogue:try"

# A browser asks for a name and a password: the password is the API key.
CHALLENGE = 'Basic realm="Draftroom catalogue", charset="UTF-8"'

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'none'; style-src 'self'; img-src 'self' data:;"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
STATIC = f"{blueprint.name}.static"


@blueprint.before_request
def authenticate() -> None:
    """Sets the caller; raises UNAUTHENTICATED or FORBIDDEN. Style sheets are for everyone."""
    if request.endpoint == STATIC:
        return
    tenant_id = state().settings.catalogue_tenant_id
    if tenant_id is not None:
        scopes = frozenset({READ, TRY})
        who = Caller(tenant_id, "catalogue", scopes, request_id=request_id())
    else:
        who = _authenticated()
    request.environ[CALLER] = who
    state().rate_limits.admit(who)
    auth.require(who, READ)


def _authenticated() -> Caller:
    given = request.authorization
    if given is not None and given.type == "basic":
        return auth.identify(given.password or "", request)
    return auth.authenticate(request)


def may_try() -> bool:
    return TRY in auth.caller().scopes


def require_try() -> None:
    """Raises FORBIDDEN when the caller may only look."""
    auth.require(auth.caller(), TRY)


def refuse_cross_site() -> None:
    """Raises FORBIDDEN for a form that another site sent, as browsers tell."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise errors.forbidden("another site cannot try queries")


@blueprint.after_request
def protect(response: Response) -> Response:
    response.headers.update(SECURITY_HEADERS)
    if request.endpoint != STATIC:
        response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.errorhandler(errors.Problem)
def show_problem(problem: errors.Problem) -> Response:
    headers = dict(problem.headers)
    if problem.code == "UNAUTHENTICATED":
        headers["WWW-Authenticate"] = CHALLENGE
    return _page(errors.STATUS[problem.code], problem.detail, headers)


@blueprint.errorhandler(psycopg.Error)
def show_database_error(error: psycopg.Error) -> Response:
    return show_problem(errors.from_database(error, {}))


@blueprint.errorhandler(HTTPException)
def show_http_error(error: HTTPException) -> Response:
    return _page(error.code or 500, error.description or "")


@blueprint.errorhandler(Exception)
def show_error(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error)
    return _page(500, "an error that is not yours")


def _page(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    title = HTTPStatus(status).phrase
    page = render_template(
        "catalogue/problem.html", status=status, title=title, detail=detail, request_id=request_id()
    )
    return make_response(page, status, headers or {})
