"""The page of the OpenAPI document in a real browser: its policy lets Swagger UI do all that it is there for."""

from typing import Any

from tests.client import Gunicorn


def test_an_operation_is_shown_and_tried_under_the_policy(
    chromium: Any, gunicorn: Gunicorn
) -> None:
    page = chromium.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: message.type == "error" and wrong.append(message.text))
    page.on(
        "request",
        lambda request: (
            request.url.startswith((gunicorn.url, "data:"))
            or wrong.append(f"asked for {request.url}")
        ),
    )
    # As the catalogue links to it.
    page.goto(f"{gunicorn.url}/docs/#/operations/healthz")
    operation = page.locator("#operations-operations-healthz")
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table")
    answer.get_by_text('"status"').wait_for()
    assert answer.locator(".response-col_status").last.inner_text().strip() == "200"
    page.close()
    assert wrong == []
