"""`make sql columns=row`: lists that follow their row's original, and stay as they are otherwise."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from service.queries import Query, load
from service.queries.query import parse
from service.queries.review.columns import follow
from service.queries.review.rows import originals_of
from service.queries.review.syntax import column_names, output
from service.queries.review.syntax import parse as parsed

QUERIES = load()
ORIGINALS = originals_of(QUERIES)


def query(statement: str, row: str = "thing") -> Query[Any]:
    source = f"-- name: area.name :many\n-- Why.\n-- row: {row}\n{statement};\n"
    return parse(source, "area.name", Path("name.sql"))


def following(statement: str, original: str, row: str = "thing") -> str:
    source = follow(query(statement, row), query(original, "thing, the original"))
    return source.partition("\n-- row: ")[2].partition("\n")[2].removesuffix(";\n")


ORIGINAL = "SELECT t.id, t.new, CASE WHEN t.n > 1 THEN t.label END AS label FROM things AS t"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # Its own alias; what the original does not have goes.
        (
            "SELECT x.id, x.old FROM things AS x",
            "SELECT x.id, x.new, CASE WHEN x.n > 1 THEN x.label END AS label FROM things AS x",
        ),
        # Its own expressions, in the original's order; a line for each stays one.
        (
            "SELECT\n    upper(x.a, ',') AS label,\n    x.n IS DISTINCT FROM 1 AS id\nFROM things AS x",
            "SELECT\n    x.n IS DISTINCT FROM 1 AS id,\n    x.new,\n    upper(x.a, ',') AS label\nFROM things AS x",
        ),
        (
            "UPDATE things SET n = 1 RETURNING id, label",
            "UPDATE things SET n = 1 RETURNING id, things.new, label",
        ),
        (
            "INSERT INTO things AS s (id) SELECT 1 ON CONFLICT DO NOTHING RETURNING s.id, s.label",
            "INSERT INTO things AS s (id) SELECT 1 ON CONFLICT DO NOTHING RETURNING s.id, s.new, s.label",
        ),
        # What is below gets the column too.
        (
            "WITH a AS (SELECT s.id, s.label FROM things AS s)"
            " SELECT b.id, b.label FROM (SELECT a.id, a.label FROM a LIMIT 1) AS b",
            "WITH a AS (SELECT s.id, s.new, s.label FROM things AS s)"
            " SELECT b.id, b.new, b.label FROM (SELECT a.id, a.new, a.label FROM a LIMIT 1) AS b",
        ),
        # And it loses what nobody asks for.
        (
            "WITH a AS (UPDATE things AS s SET n = 1 RETURNING s.id, s.new, s.old, s.kept, s.label)"
            " SELECT a.id, a.new, a.old, a.kept, a.label FROM a WHERE a.kept > 1",
            "WITH a AS (UPDATE things AS s SET n = 1 RETURNING s.id, s.new, s.kept, s.label)"
            " SELECT a.id, a.new, a.label FROM a WHERE a.kept > 1",
        ),
        (
            "SELECT x.id, x.label FROM things AS x UNION ALL SELECT y.id, y.label FROM others AS y ORDER BY id",
            "SELECT x.id, x.new, x.label FROM things AS x"
            " UNION ALL SELECT y.id, y.new, y.label FROM others AS y ORDER BY id",
        ),
    ],
)
def test_a_list_follows(before: str, after: str) -> None:
    assert following(before, ORIGINAL) == after


def test_what_comes_after_the_row_stays() -> None:
    before = "SELECT x.id, x.label, x.more, :p AS last FROM things AS x"
    after = "SELECT x.id, x.new, x.label, x.more, :p AS last FROM things AS x"
    assert following(before, ORIGINAL, "thing, and more\n-- param: p int = 1") == (
        f"-- param: p int = 1\n{after}"
    )


@pytest.mark.parametrize("name", [name for name, found in QUERIES.items() if found.row])
def test_a_query_that_follows_already_stays_as_it_is(name: str) -> None:
    found = QUERIES[name]
    assert found.row
    assert follow(found, ORIGINALS[found.area, found.row.name]) == found.source


def names(source: str, of: Query[Any]) -> list[str]:
    statement = parsed(parse(source, of.name, of.path).text)
    return [target.name or (column_names(target.val) or "")[-1] for target in output(statement)]


def without_second(original: Query[Any]) -> str | None:
    """The source without the second column of its list, if that is a plain one."""
    second = names(original.source, original)[1]
    source, count = re.subn(rf"^    \w+\.{second},\n", "", original.source, flags=re.MULTILINE)
    return source if count == 1 else None


@pytest.mark.parametrize("row", [row for row in ORIGINALS if without_second(ORIGINALS[row])])
def test_a_column_can_leave_a_row_and_come_back(row: tuple[str, str]) -> None:
    original = ORIGINALS[row]
    columns = names(original.source, original)
    less = replace(original, source=str(without_second(original)))
    for found in QUERIES.values():
        if found.row and (found.area, found.row.name) == row and not found.row.goes_on:
            source = follow(found, less)
            assert names(source, found) == [columns[0], *columns[2:]]
            assert names(follow(replace(found, source=source), original), found) == columns
