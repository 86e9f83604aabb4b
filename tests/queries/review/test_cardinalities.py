"""A statement can have the cardinality that its header says."""

import pytest

from service.queries.review.rules import review
from service.queries.review.schema import Schema
from tests.queries.review.helpers import errors, query

INSERT = "INSERT INTO scratch.labels AS l (id) VALUES (3)"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (INSERT, "rowcount exec"),
        ("UPDATE scratch.labels AS l SET label = ''", "rowcount exec"),
        ("WITH a AS (SELECT 1 AS id) DELETE FROM scratch.labels AS l", "rowcount exec"),
        (f"{INSERT} RETURNING l.id", "one maybe many"),
        (f"{INSERT} RETURNING l.id, l.label", "one maybe many"),
        ("SELECT 1 AS id", "one maybe many exec"),
        ("SELECT 1 AS id, 2 AS label", "one maybe many exec"),
        ("VALUES (1)", "one maybe many exec"),
        ("VALUES (1, 2)", "one maybe many exec"),
        ("SELECT 1 AS id UNION ALL SELECT 2", "one maybe many exec"),
        ("SELECT FROM scratch.labels AS l", "exec"),
    ],
)
@pytest.mark.parametrize("cardinality", ["one", "maybe", "many", "rowcount", "exec"])
def test_a_cardinality_that_cannot_hold_is_found(
    schema: Schema, text: str, cardinality: str, right: str
) -> None:
    if cardinality in right.split():
        assert errors(query(text, cardinality), schema) == []
    else:
        [finding] = review(query(text, cardinality), schema)
        assert (finding.line, finding.severity) == (1, "error")
        assert finding.message.startswith(f"`:{cardinality}` of a ")
