"""What every problem document has."""

import re
from typing import Any

import requests

UNTOLD = re.compile(r"Traceback|File \"|psycopg|SELECT |INSERT |UPDATE |LINE \d|\$\d")


def problem(response: requests.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document of a failure, checked for what all of them have."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document["status"] == status
    assert document["code"] == code
    assert document["detail"]
    assert document["request_id"] == response.headers["X-Request-Id"]
    assert not UNTOLD.search(response.text), response.text
    return document


def refused(response: requests.Response) -> str:
    """The detail of a 401 as it must be."""
    assert response.status_code == 401, response.text
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.json()["code"] == "UNAUTHENTICATED"
    detail: str = response.json()["detail"]
    return detail


def forbidden(response: requests.Response) -> str:
    assert response.status_code == 403, response.text
    assert response.json()["code"] == "FORBIDDEN"
    detail: str = response.json()["detail"]
    return detail


def untold(response: requests.Response) -> None:
    assert response.status_code == 503, response.text
    assert response.headers["Retry-After"]
    assert response.json()["code"] == "UNAVAILABLE"
