"""`Idempotency-Key`: a POST that is sent again is answered again, not done again.

The key is taken, the change made and the answer stored in one transaction. Of two requests with one key at the
same time the second waits for the first. A failure is not stored: nothing was done, so it may be tried again. The
stored answer is encrypted, for it may hold a new API key. An API key that was rotated between the two requests is the
same caller.
"""

import hashlib
from collections.abc import Callable

from flask import Request, Response, make_response

from service import errors
from service.caller import Caller
from service.database import Transaction
from service.queries import queries
from service.secrets import Cell
from service.state import state

HEADER = "Idempotency-Key"
MAX_LENGTH = 255
KEPT_HEADERS = ("ETag", "Location")


def run_once(transaction: Transaction, request: Request, work: Callable[[], Response]) -> Response:
    """The answer of `work`, or the stored one. Raises IDEMPOTENCY_MISMATCH for another request."""
    key = request.headers[HEADER]
    if not key.isascii() or not key.isprintable() or not 1 <= len(key) <= MAX_LENGTH:
        raise errors.invalid({HEADER: [f"must have 1 to {MAX_LENGTH} printable ASCII characters"]})
    caller = _name(transaction.caller)
    cell = Cell(
        transaction.caller.tenant_id, "operations.idempotency_keys.body", f"{caller}\n{key}"
    )
    what = b"\n".join([request.method.encode(), request.full_path.encode(), request.get_data()])
    request_hash = hashlib.sha256(what).digest()
    taken = transaction.execute(
        queries.operations.take_idempotency_key(caller=caller, key=key, request_hash=request_hash)
    )
    if not taken:
        stored = transaction.row(queries.operations.stored_answer(caller=caller, key=key))
        if stored.request_hash != request_hash:
            raise errors.Problem(
                "IDEMPOTENCY_MISMATCH", f"the {HEADER} was used for another request"
            )
        # None once a person of the tenant was erased.
        body = stored.body and state().secrets.decrypt(stored.body, cell)
        if body is None:
            raise errors.conflict("it was done, but its answer can no longer be read")
        answer = make_response(body, stored.status, stored.headers)
        answer.headers["Idempotency-Replayed"] = "true"
        return answer
    answer = work()
    headers = {"Content-Type": answer.headers["Content-Type"]}
    headers |= {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
    transaction.execute(
        queries.operations.store_answer(
            caller=caller,
            key=key,
            status=answer.status_code,
            headers=headers,
            body=state().secrets.encrypt(answer.get_data(), cell),
        )
    )
    return answer


def _name(caller: Caller) -> str:
    """Who sends the request, and may send it again: the user, and whichever key of the family."""
    if caller.key_family is None:
        return caller.actor
    user = f"user:{caller.user_id} via " if caller.user_id else ""
    return f"{user}family:{caller.key_family}"
