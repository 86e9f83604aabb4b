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
