"""Many resources in one request: created, changed, deleted and restored.

What many rows do takes more than one statement, so it is one transaction: savepoints keep a row that the database
refuses from taking the others with it. Where too many are refused, nothing happens, and the problem has them all.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import ValidationError

from service import errors
from service.bulk import (
    BulkResults,
    Result,
    Row,
    attempt,
    counts,
    failed,
    result,
    results_of,
    told,
)
from service.caller import all_users_if
from service.database import Transaction
from service.library import blueprint
from service.library import bulk_schemas as schemas
from service.queries import Bound, queries
from service.rest import MB, MEDIA_TYPE, atomically, named, operation

BATCH = 100  # rows that one statement creates
_MISSING: Any = object()


@blueprint.post("/v1/resources/bulk")
@operation("library:write", body=schemas.NewResources, returns=BulkResults, max_body=16 * MB)
def create_resources(body: dict[str, Any]) -> Response:
    """Create up to a thousand resources, each with its first version; the answer tells what became of each.

    A row whose public id is taken, by a resource or by a row before it, is skipped. One that is refused fails, and
    leaves the others as they are.
    """
    return told(atomically(lambda tx: create(tx, body["resources"])))


def create(tx: Transaction, rows: Sequence[Row | ValidationError]) -> list[Result]:
    """Creates the resources that can be; what became of each."""
    enter(tx)
    return results_of(
        tx,
        rows,
        lambda valid: queries.library.create_resources(resources=valid, user_id=tx.caller.user_id),
        batch=BATCH,
        # Two requests with the same public ids do not wait for each other in turn.
        key=lambda row: row["public_id"] or "",
    )


def enter(tx: Transaction) -> None:
    """Who manages the library acts on the resources of all users."""
    if first := all_users_if(tx.caller, "library:manage"):
        tx.execute(first)


@blueprint.post("/v1/resources/nested")
@operation(
    "library:write",
    body=schemas.NewResourceWithChildren,
    returns=schemas.ResourceWithChildren,
    status=201,
    max_body=16 * MB,
)
def create_resource_with_children(body: dict[str, Any]) -> Response:
    """Create a resource and up to a hundred that are part of it.

    Children that are refused, or whose public ids are taken, are left out, up to half of them. If they are more,
    nothing is created, and `failures` of the problem has them.
    """

    def work(tx: Transaction) -> Response:
        [parent] = create(tx, [body["parent"]])
        if parent["outcome"] == "skipped":
            raise errors.conflict("public_id: another resource has it")
        if parent["outcome"] == "failed":
            raise errors.Problem(**parent["problem"])
        children = [
            child if isinstance(child, ValidationError) else {**child, "parent_id": parent["id"]}
            for child in body["children"]
        ]
        results = create(tx, children)
        left_out = [child for child in results if child["outcome"] != "done"]
        if 2 * len(left_out) > len(children):
            raise _too_many("children cannot be created", left_out, len(children))
        return _answer({"id": parent["id"], "children": {**counts(results), "items": results}}, 201)

    return atomically(work)


@blueprint.post("/v1/resources/bulk/update")
@operation("library:write", body=schemas.ResourceUpdates, returns=schemas.UpdateResults)
def update_resources(body: dict[str, Any]) -> Response:
    """Change up to a thousand resources, each if it still has the revision that was read.

    A row fails if there is no such resource, if it has another revision, or if the change is refused. If more than
    three in ten fail, nothing changes, and `failures` of the problem has them.
    """
    rows = body["resources"]

    def work(tx: Transaction) -> Response:
        enter(tx)
        results = _updated(tx, rows)
        failures = [row for row in results if row["outcome"] == "failed"]
        if 10 * len(failures) > 3 * len(rows):
            raise _too_many("resources cannot be changed", failures, len(rows))
        done = len(results) - len(failures)
        return _answer({"done": done, "failed": len(failures), "items": results})

    return atomically(work)


def _updated(tx: Transaction, rows: Sequence[Row | ValidationError]) -> list[Result]:
    valid = [row for row in rows if not isinstance(row, ValidationError)]
    locked: dict[UUID, Any] = {
        row.id: row
        for row in tx.rows(
            queries.library.lock_resources(
                ids=[row["id"] for row in valid], permission="write-resources"
            )
        )
    }
    results: list[Result] = []
    possible: list[tuple[int, Row]] = []
    for index, row in enumerate(rows):
        problem = _why_not(row, locked)
        results.append(_update_result(index, row, problem) if problem else {})
        if problem is None:
            assert not isinstance(row, ValidationError)
            possible.append((index, row))
            locked[row["id"]] = None
    for index, changed in attempt(
        tx, possible, lambda updates: queries.library.update_resources(updates=updates)
    ):
        if isinstance(changed, errors.Problem):
            results[index] = _update_result(index, rows[index], changed)
        else:
            results[index] = {**result(index, "done", changed.id), "revision": changed.revision}
    return results


def _why_not(row: Row | ValidationError, locked: dict[UUID, Any]) -> errors.Problem | None:
    if isinstance(row, ValidationError):
        return errors.invalid(named(row), "the row is not valid")
    now = locked.get(row["id"], _MISSING)
    if now is None:
        return errors.conflict("a row before it changes the same resource")
    if now is _MISSING or now.is_deleted:
        return errors.not_found()
    if not now.may_change:
        return errors.forbidden("the resource is for its owner to change")
    if now.revision != row["revision"]:
        return errors.Problem(
            "STALE",
            f"the revision is {now.revision}",
            expected=row["revision"],
            actual=now.revision,
        )
    return None


def _update_result(index: int, row: Row | ValidationError, problem: errors.Problem) -> Result:
    told = failed(index, problem)
    told["id"] = None if isinstance(row, ValidationError) else row["id"]
    told["problem"] = {"expected": None, "actual": None, **told["problem"]}
    return {**told, "revision": None}


@blueprint.post("/v1/resources/bulk/delete")
@operation("library:write", body=schemas.ChosenResources, returns=schemas.DeletedResources)
def delete_resources(body: dict[str, Any]) -> Response:
    """Delete resources: up to a thousand by their ids, or up to three thousand that a filter matches.

    They can be restored. Their runs that are not over are cancelled. With a filter, `expected` says how many are
    meant: 409 if it matches more or less, and nothing is deleted.
    """

    def work(tx: Transaction) -> Response:
        def delete(ids: list[UUID]) -> Bound[Any, Any]:
            tx.execute(queries.library.lock_runs(ids=ids))
            return queries.library.delete_resources(ids=ids, user_id=tx.caller.user_id)

        results = _chosen(tx, body, is_deleted=False, change=delete)
        deleted = [row["id"] for row in results if row["outcome"] == "done"]
        # Nothing else follows: the runs are those of all users.
        tx.execute(queries.operations.enter_for_all_users())
        cancelled = tx.row(queries.library.count_cancelled_runs(ids=deleted)).runs
        return _answer(
            {"deleted_count": len(deleted), "cancelled_runs": cancelled, "items": results}
        )

    return atomically(work)


@blueprint.post("/v1/resources/bulk/restore")
@operation("library:write", body=schemas.ChosenResources, returns=schemas.RestoredResources)
def restore_resources(body: dict[str, Any]) -> Response:
    """Restore deleted resources: up to a thousand by their ids, or up to three thousand that a filter matches.

    Runs that were cancelled stay so. With a filter, `expected` says how many are meant: 409 if it matches more or
    less, and nothing is restored.
    """

    def work(tx: Transaction) -> Response:
        restore = queries.library.restore_resources
        results = _chosen(tx, body, is_deleted=True, change=restore)
        restored = [row for row in results if row["outcome"] == "done"]
        return _answer({"restored_count": len(restored), "items": results})

    return atomically(work)


def _chosen(
    tx: Transaction,
    body: dict[str, Any],
    *,
    is_deleted: bool,
    change: Callable[..., Bound[Any, Any]],
) -> list[Result]:
    """Deletes or restores those that are in the other state, and the caller's to change; what became of each."""
    enter(tx)
    permission = "delete-resources"
    if "ids" in body:
        ids = [*dict.fromkeys(body["ids"])]
        found = tx.rows(queries.library.lock_resources(ids=ids, permission=permission))
        locked = {row.id: (row.may_change, row.is_deleted == is_deleted) for row in found}
    else:
        matching = tx.rows(
            queries.library.lock_resources_of_owner(
                **body["filter"],
                is_deleted=is_deleted,
                permission=permission,
                limit=schemas.MAX_MATCHES + 1,
            )
        )
        if len(matching) != body["expected"]:
            number = len(matching) if len(matching) <= schemas.MAX_MATCHES else "too many"
            raise errors.conflict(
                f"the filter matches {number}, not {body['expected']}", matches=len(matching)
            )
        ids = [row.id for row in matching]
        locked = {row.id: (row.may_change, True) for row in matching}
    results = [
        _choice(index, row_id, *locked.get(row_id, (None, None)))
        for index, row_id in enumerate(ids)
    ]
    possible = [row["id"] for row in results if row["outcome"] == "done"]
    if tx.execute(change(ids=possible)) != len(possible):
        raise errors.unavailable("the resources changed meanwhile")
    return results


def _choice(index: int, row_id: UUID, may_change: bool | None, is_possible: bool | None) -> Result:
    """What becomes of a resource that is locked, or is not there."""
    if may_change is None:
        return {**failed(index, errors.not_found()), "id": row_id}
    if not may_change:
        problem = errors.forbidden("the resource is for its owner to change")
        return {**failed(index, problem), "id": row_id}
    return result(index, "done" if is_possible else "skipped", row_id)


def _too_many(what: str, failures: list[Result], rows: int) -> errors.Problem:
    told = json.loads(json.dumps(failures, default=str))
    return errors.conflict(f"{len(failures)} of {rows} {what}, so nothing was", failures=told)


def _answer(told: dict[str, Any], status: int = 200) -> Response:
    body = json.dumps(told, default=str, separators=(",", ":"))
    return Response(body, status, content_type=MEDIA_TYPE)
