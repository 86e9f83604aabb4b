"""The OpenAPI document, and the routes that it describes."""

from typing import Any

from flask import Flask

from service import (
    drafts,
    identity,
    inbox,
    library,
    models,
    operations,
    pipelines,
    rest,
    studio,
    tweets,
    webhooks,
)


def application() -> Flask:
    """The routes alone, without a database: pytest wants the document before there is one."""
    app = Flask("service", static_folder=None)
    rest.register(app)
    areas = (identity, inbox, drafts, operations, models, tweets, pipelines, studio, library)
    for area in (*areas, webhooks):
        app.register_blueprint(area.blueprint)
    return app


def described_operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, of_path in document["paths"].items()
        for method, operation in of_path.items()
    ]
