"""Bulk writes, whatever they write; what each route does with its rows is tested with its area."""

from uuid import uuid4

from service.config import Settings
from tests.client import Client, Gunicorn, Tenant
from tests.commands import environment


def test_a_row_that_the_database_refuses_needs_no_second_connection(
    settings: Settings, tenant: Tenant
) -> None:
    """It would wait for itself: the first refusal asks what the constraints say."""
    run = {"run_type": "EMBEDDING", "model": "m"}
    runs = [run, {**run, "prompt_version_id": str(uuid4())}]
    small = {"POOL_SIZE": "1", "POOL_TIMEOUT": "5", "WEB_CONCURRENCY": "1"}
    with Gunicorn(environment(settings) | small) as gunicorn:
        api = Client(gunicorn.url, tenant.service.credential)
        answered = api.post("/v1/model-runs/batch", {"runs": runs}, expect=200)
    assert (answered["done"], answered["failed"]) == (1, 1)
    assert list(answered["items"][1]["problem"]["errors"]) == ["prompt_version_id"]
