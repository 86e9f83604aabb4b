"""Edits: their operations replay exactly, in Python and in PostgreSQL."""

import json
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.drafts.diff import MAX_BYTES, apply, diff, distance

# What PostgreSQL can store; with words that recur, so that edits share parts.
characters = st.characters(exclude_characters="\x00", exclude_categories=["Cs"])
words = st.sampled_from(
    ["order", "ships", "Tuesday", " ", "  ", "\n", ".", "é", "e\u0301", "👩‍🚀", "שלום"]
)
texts = st.lists(st.one_of(words, st.text(characters, max_size=5)), max_size=30).map("".join)


@given(texts, texts)
def test_the_operations_lead_from_the_original_to_the_final_text(original: str, final: str) -> None:
    assert apply(diff(original, final), original) == final


@given(texts, texts)
def test_no_two_operations_in_a_row_are_of_a_kind(original: str, final: str) -> None:
    kinds = [operation["op"] for operation in diff(original, final)]
    assert all(one != other for one, other in pairwise(kinds))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts, texts)
def test_postgresql_replays_them_alike(
    sql: psycopg.Connection[Any], original: str, final: str
) -> None:
    operations = diff(original, final)
    replayed = sql.execute(
        "SELECT drafts.apply_diff(%s, %s) AS text", [json.dumps(operations), original]
    ).fetchone()
    assert replayed is not None
    assert (replayed["text"] or "") == final


@given(texts, texts)
def test_the_distance_is_a_metric_of_characters(original: str, final: str) -> None:
    assert distance(original, final) == distance(final, original)
    assert (distance(original, final) == 0) == (original == final)
    assert distance(original, final) <= max(len(original), len(final))


def test_a_run_of_changes_is_one_deletion_and_one_insertion() -> None:
    assert diff("a b", "x y z b") == [
        {"op": "delete", "count": 1},
        {"op": "insert", "text": "x y z"},
        {"op": "retain", "count": 2},
    ]


def test_an_edit_reads_as_people_made_it() -> None:
    assert diff("It ships on Tuesday.", "It ships on Friday!") == [
        {"op": "retain", "count": 12},
        {"op": "delete", "count": 8},
        {"op": "insert", "text": "Friday!"},
    ]
    assert distance("It ships on Tuesday.", "It ships on Friday!") == 5


@pytest.mark.parametrize(
    ("original", "final"),
    [
        ("a b " * 8192, "a c " * 8192),
        (" ".join("ab"[n % 2] for n in range(16384)), " ".join("ba"[n % 2] for n in range(16384))),
        ("x" * 32768, "y" * 32768),
        ("start " + "a b " * 5000 + "end", "start " + "c d " * 5000 + "end"),
    ],
)
def test_a_large_edit_stays_small_enough_to_store(original: str, final: str) -> None:
    operations = diff(original, final)
    assert apply(operations, original) == final
    assert len(json.dumps(operations).encode()) <= MAX_BYTES


@pytest.mark.parametrize(
    "operations",
    [
        [],
        [{"op": "retain", "count": 2}],
        [{"op": "retain", "count": 4}],
        [{"op": "delete", "count": 2}, {"op": "insert", "text": "abc"}],
    ],
)
def test_operations_that_do_not_cover_the_original_are_refused(
    sql: psycopg.Connection[Any], operations: list[dict[str, Any]]
) -> None:
    with pytest.raises(ValueError, match="cover"):
        apply(operations, "abc")
    replayed = sql.execute(
        "SELECT drafts.apply_diff(%s, 'abc') AS text", [json.dumps(operations)]
    ).fetchone()
    assert replayed == {"text": None}
