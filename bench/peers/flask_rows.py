"""Plain Flask: psycopg's rows as dicts, nested in Python, sent by jsonify. gunicorn runs it as it runs Draftroom."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, jsonify, request
from flask.json.provider import DefaultJSONProvider
from psycopg import Connection, RawCursor
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from bench.peers import settings

SQL = {path.stem: path.read_text() for path in (Path(__file__).parent / "sql").glob("*.sql")}
Row = dict[str, Any]


class IsoTimes(DefaultJSONProvider):
    """Flask's own has HTTP dates, which lose what is less than a second."""

    @staticmethod
    def default(value: Any) -> Any:
        return (
            value.isoformat() if isinstance(value, datetime) else DefaultJSONProvider.default(value)
        )


app = Flask(__name__)
app.json = IsoTimes(app)
pool: ConnectionPool[Connection[Row]] = ConnectionPool(
    settings.DATABASE_URL,
    kwargs={"row_factory": dict_row, "cursor_factory": RawCursor, "prepare_threshold": 0},
    min_size=1,
    max_size=settings.POOL_SIZE,
    open=False,
)


@app.before_request
def authenticate() -> None:
    pool.open()  # in the worker, after gunicorn forked it; later calls do nothing
    if not settings.is_allowed(request.headers.get("Authorization")):
        abort(401)


def rows(connection: Connection[Row], query: str, *values: Any) -> list[Row]:
    return connection.execute(SQL[query], [settings.TENANT_ID, *values]).fetchall()


def part(row: Mapping[str, Any], prefix: str) -> Row | None:
    """The columns that begin with the prefix, without it; None if a LEFT JOIN found nothing."""
    if row[f"{prefix}_id"] is None:
        return None
    start = len(prefix) + 1
    return {name[start:]: value for name, value in row.items() if name.startswith(f"{prefix}_")}


def page(items: list[Row], limit: int, key: str) -> Response:
    cursor = None
    if len(items) > limit:
        items = items[:limit]
        cursor = settings.encode_cursor(items[-1][key], items[-1]["id"])
    return jsonify(items=items, next_cursor=cursor)


@app.get("/v1/tweets")
def list_tweets() -> Response:
    limit = request.args.get("limit", 30, int)
    _, after_id = settings.decode_cursor(request.args.get("cursor"))
    with pool.connection() as connection:
        found = rows(connection, "list_tweets", request.args["status"], after_id, limit + 1)
    return page(found, limit, "created_at")


@app.get("/v1/pipeline-runs/<uuid:run_id>")
def get_run(run_id: Any) -> Response:
    user_id = request.headers["Draftroom-User"]
    with pool.connection() as connection:
        found = rows(connection, "get_run", run_id, user_id)
        if not found:
            abort(404)
        cards = rows(connection, "list_cards", run_id, user_id)
        stages = rows(connection, "list_stages", run_id, user_id)
    [run] = found
    plain = {n: v for n, v in run.items() if not n.startswith("report_")}
    return jsonify(plain | {"cards": cards, "report": part(run, "report"), "stages": stages})


@app.get("/v1/drafts/<uuid:draft_id>")
def get_draft(draft_id: Any) -> Response:
    with pool.connection() as connection:
        found = rows(connection, "get_draft", draft_id)
    if not found:
        abort(404)
    first = found[0]
    draft = {n: v for n, v in first.items() if not n.startswith(("action_", "reply_"))}
    actions = [action for row in found if (action := part(row, "action"))]
    return jsonify(draft | {"actions": actions, "scheduled_reply": part(first, "reply")})


@app.get("/v1/drafts/feed")
def feed() -> Response:
    limit = request.args.get("limit", 30, int)
    after = settings.decode_cursor(request.args.get("cursor"))
    with pool.connection() as connection:
        found = rows(connection, "feed", *after, limit + 1)
    items = [
        {n: v for n, v in row.items() if not n.startswith(("message_", "draft_"))}
        | {"message": part(row, "message"), "draft": part(row, "draft")}
        for row in found
    ]
    return page(items, limit, "last_inbound_at")


@app.post("/v1/drafts/<uuid:draft_id>/approve")
def approve(draft_id: Any) -> Response:
    user_id = request.headers["Draftroom-User"]
    with pool.connection() as connection:
        connection.execute("SET CONSTRAINTS ALL DEFERRED")
        found = rows(connection, "lock_draft", draft_id)
        if not found:
            abort(404)
        if found[0]["status"] != "pending":
            abort(409)
        texts = found[0]["suggested_text"].strip(), found[0]["suggested_html"]
        [draft] = rows(connection, "approve_draft", draft_id)
        [action] = rows(connection, "insert_action", draft_id, user_id, *texts)
        [reply] = rows(connection, "insert_reply", draft["conversation_id"], draft_id, *texts)
    return jsonify(
        draft
        | {"action": action, "scheduled_reply": reply, "learning_sample_id": None, "warnings": []}
    )


@app.post("/v1/intake/messages")
def receive_message() -> tuple[Response, int]:
    body = request.get_json()
    with pool.connection() as connection:
        [channel] = rows(
            connection, "find_channel", body["channel_type"], body["channel_external_id"]
        )
        [conversation] = rows(
            connection,
            "upsert_conversation",
            channel["id"],
            body["conversation_external_id"],
            body.get("subject"),
            body.get("customer_email"),
            body.get("customer_name"),
        )
        stored = rows(
            connection,
            "insert_message",
            conversation["id"],
            body["external_id"],
            body.get("subject"),
            body["body_text"],
        )
        if not stored:
            abort(409)
        [message] = stored
        ids = {"conversation_id": str(conversation["id"]), "message_id": str(message["id"])}
        [job] = rows(connection, "insert_job", ids["message_id"], Jsonb(ids))
    answer = ids | {
        "channel_id": channel["id"],
        "conversation_status": conversation["status"],
        "created": True,
        "job_id": job["id"],
        "version": 1,
        "warnings": [],
    }
    return jsonify(answer), 201
