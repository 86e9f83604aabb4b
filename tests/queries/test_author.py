"""`make sql`: what is made from the queries is brought up to date, and new ones are started."""

from pathlib import Path

import click
import pytest

from service.commands import author
from service.queries import load


def test_a_new_query_differs_by_its_name_only(tmp_path: Path) -> None:
    original = load()["inbox.list_conversations_by_status"]
    path = author.start(original, "outbox.list_letters", tmp_path / "sql")
    assert path == tmp_path / "sql" / "outbox" / "list_letters.sql"
    first, rest = original.source.split("\n", 1)
    assert path.read_text() == f"-- name: outbox.list_letters :page\n{rest}"
    [(name, started)] = load(tmp_path / "sql").items()
    assert (name, started.parameters) == ("outbox.list_letters", original.parameters)
    assert first == "-- name: inbox.list_conversations_by_status :page"


def test_a_copy_of_an_original_is_not_one(tmp_path: Path) -> None:
    author.start(load()["operations.get_job"], "operations.find_job", tmp_path / "sql")
    row = load(tmp_path / "sql")["operations.find_job"].row
    assert row
    assert (row.name, row.is_original) == ("job", False)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("inbox.get_message", "There is a query inbox.get_message"),
        ("get_message", "get_message is not a name, area.query"),
        ("inbox.get/message", "inbox.get/message is not a name"),
        ("../inbox.message", "../inbox.message is not a name"),
    ],
)
def test_a_name_that_cannot_be_is_refused(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "get_message.sql").write_text("kept")
    with pytest.raises(click.ClickException, match=message):
        author.start(load()["inbox.get_message"], name, tmp_path)
    assert [path.name for path in tmp_path.rglob("*.sql")] == ["get_message.sql"]
    assert (tmp_path / "inbox" / "get_message.sql").read_text() == "kept"


def test_the_lists_of_a_row_follow_its_original(tmp_path: Path) -> None:
    sql = tmp_path / "sql"
    rows = {
        "inbox/get_note": ("note, the original", "n.id, n.text"),
        "inbox/list_notes": ("note", "m.id"),
        "inbox/list_others": ("other", "m.id"),
        "outbox/list_notes": ("note", "m.id"),
    }
    for name, (row, columns) in rows.items():
        (sql / name).parent.mkdir(parents=True, exist_ok=True)
        (sql / f"{name}.sql").write_text(
            f"-- name: {name.replace('/', '.')} :many\n-- Why.\n-- row: {row}\n"
            f"SELECT {columns} FROM inbox.notes AS {columns[0]};\n"
        )
    before = {path: path.read_text() for path in sql.glob("*/*")}
    changed = sql / "inbox" / "list_notes.sql"
    assert author.follow_original("note", sql) == [changed]
    assert changed.read_text().endswith("SELECT m.id, m.text FROM inbox.notes AS m;\n")
    assert all(path == changed or path.read_text() == text for path, text in before.items())
    assert author.follow_original("note", sql) == []
    with pytest.raises(click.ClickException, match="No query says `-- row: letter, the original`"):
        author.follow_original("letter", sql)
