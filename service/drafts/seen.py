"""What a person saw of a conversation when they decided, and what has come since."""

import json
from uuid import UUID

from service import errors
from service.queries import queries
from service.rest import session


def refuse_unseen(seen_message_id: UUID | None, conversation_id: UUID | None) -> None:
    """Raises STALE with the messages that came after the one that was seen; VALIDATION if that is of no use here."""
    if seen_message_id is None:
        return
    if conversation_id is None:
        raise errors.invalid({"seen_message_id": ["a tweet has no messages"]})
    seen = session().maybe_json(queries.inbox.get_message(id=seen_message_id))
    if seen is None or json.loads(seen.body)["conversation_id"] != str(conversation_id):
        raise errors.invalid({"seen_message_id": ["the conversation has no such message"]})
    new = session().json(
        queries.drafts.list_new_messages(
            conversation_id=conversation_id, seen_message_id=seen_message_id
        )
    )
    if new.body != b"[]":
        raise errors.Problem(
            "STALE",
            "messages came that were not seen",
            new_messages=json.loads(new.body),
        )
