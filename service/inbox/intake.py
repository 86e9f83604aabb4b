"""Intake: messages as channels deliver them, once each, however often a webhook is retried."""

import json
from typing import Any

from flask import Response, request

from service import claims, errors
from service.database import Session, Transaction
from service.inbox import blueprint
from service.inbox import intake_schemas as schemas
from service.inbox.channels import secret_cell
from service.queries import queries
from service.rest import MB, answer, atomically, operation, session
from service.secrets import Cell, signature_matches
from service.state import state

SIGNATURE = "X-Hub-Signature-256"


@blueprint.post("/v1/intake/messages")
@operation(
    "intake:write",
    body=schemas.IntakeMessage,
    facts=True,
    max_body=8 * MB,
    returns=schemas.ReceivedMessage,
    status=(200, 201),
)
def receive_message(body: dict[str, Any]) -> Response:
    """Take a message in.

    Channel and conversation are found, or made, by their external ids. A new inbound message asks for one
    draft. 201 when the message is new, 200 when it was known already: then nothing changes, but a text that differs
    from the known one is kept as another version of it. What cannot be stored as it is, is changed and told in
    `warnings`.
    """
    return _receive(body)


@blueprint.post("/internal/conversations/<external_id:conversation_external_id>/messages")
@operation(
    "intake:write",
    body=schemas.ConversationMessage,
    facts=True,
    max_body=8 * MB,
    returns=schemas.ReceivedMessage,
    status=(200, 201),
)
def receive_conversation_message(conversation_external_id: str, body: dict[str, Any]) -> Response:
    """Take a message in, under the external id of its conversation.

    Answers as POST /v1/intake/messages does.
    """
    if len(conversation_external_id) > 1024:
        raise errors.invalid({"conversation_external_id": ["has more than 1024 characters"]})
    in_body = body["conversation_external_id"]
    if in_body not in (None, conversation_external_id):
        raise errors.invalid({"conversation_external_id": ["is another in the path"]})
    message = {**body, "conversation_external_id": conversation_external_id}
    return _receive(message, all_signed=in_body is not None)


def _receive(message: dict[str, Any], *, all_signed: bool = True) -> Response:
    """`all_signed`: whether the body has all that is told of the message, so that a signature covers it."""
    channel = _known_channel(message)
    if channel is not None:
        return _received(session(), channel, message, all_signed)

    def with_its_channel(transaction: Transaction) -> Response:
        made = transaction.row(
            queries.inbox.ensure_channel(
                type=message["channel_type"],
                external_id=message["channel_external_id"],
                name=message["channel_name"] or message["channel_external_id"][:200],
                metadata=message["channel_metadata"],
            )
        )
        return _received(transaction, made, message, all_signed)

    return atomically(with_its_channel)


def _known_channel(message: dict[str, Any]) -> Any:
    if message["channel_id"] is None:
        return session().maybe_row(
            queries.inbox.find_channel(
                type=message["channel_type"], external_id=message["channel_external_id"]
            )
        )
    known = session().maybe_row(queries.inbox.get_channel_secret(id=message["channel_id"]))
    if known is None:
        raise errors.Problem(
            "INVALID_REFERENCE",
            "channel_id: there is no such channel",
            errors={"channel_id": ["there is no such channel"]},
        )
    return known


def _received(
    session: Session, channel: Any, message: dict[str, Any], all_signed: bool
) -> Response:
    if channel.signing_secret is not None:
        _check_signature(channel.signing_secret, secret_cell(channel.id))
        if not all_signed:
            raise errors.invalid(
                {
                    "conversation_external_id": [
                        "is required in the body, which the signature covers"
                    ]
                }
            )
    content = {k: v for k, v in message.items() if not k.startswith("channel_")}
    if content["body_text"] is None and content["body_html"] is None:
        content["body_text"] = ""
    received = session.json(queries.inbox.receive_message(channel_id=channel.id, **content))
    told = json.loads(received.body)
    if told["job_id"] is not None:
        claims.announce("jobs", "draft")
    return answer(received, 201 if told["created"] else 200)


def _check_signature(stored: bytes, cell: Cell) -> None:
    secret = state().secrets.decrypt(stored, cell)
    if secret is None:
        raise errors.unavailable("the channel's signing secret cannot be read: set it again")
    if not signature_matches(secret, request.get_data(), request.headers.get(SIGNATURE, "")):
        raise errors.unauthenticated(
            f"{SIGNATURE} is not the body's HMAC under the channel's secret"
        )
