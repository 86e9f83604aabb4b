"""The migrations on disk against what a database says was applied."""

from pathlib import Path

from service.migrations import FOLDER, checksums, compare


def test_every_migration_has_a_checksum_and_a_rollback() -> None:
    on_disk = checksums()
    assert list(on_disk) == sorted(on_disk)
    assert "0001.foundation" in on_disk
    assert all(len(checksum) == 64 for checksum in on_disk.values())
    assert len(set(on_disk.values())) == len(on_disk)
    rollbacks = {path.name.removesuffix(".rollback.sql") for path in FOLDER.glob("*.rollback.sql")}
    assert rollbacks == set(on_disk)


def test_line_endings_do_not_change_a_checksum(tmp_path: Path) -> None:
    (tmp_path / "0001.a.sql").write_bytes(b"SELECT 1;\nSELECT 2;\n")
    (tmp_path / "0002.b.sql").write_bytes(b"SELECT 1;\r\nSELECT 2;\r\n")
    (tmp_path / "0003.c.sql").write_bytes(b"SELECT 1;\nSELECT 3;\n")
    unix, windows, other = checksums(tmp_path).values()
    assert unix == windows != other


def test_the_same_on_both_sides_is_no_problem() -> None:
    assert compare({"0001.a": "x", "0002.b": "y"}, {"0001.a": "x", "0002.b": "y"}) == []


def test_a_migration_that_was_not_applied_is_a_problem() -> None:
    assert compare({"0001.a": "x", "0002.b": "y"}, {"0001.a": "x"}) == [
        "Migration 0002.b was not applied."
    ]


def test_a_migration_that_was_edited_is_a_problem() -> None:
    assert compare({"0001.a": "x"}, {"0001.a": "z"}) == [
        "Migration 0001.a was edited after it was applied."
    ]


def test_a_newer_schema_is_no_problem() -> None:
    assert compare({"0001.a": "x"}, {"0001.a": "x", "0002.b": "y"}) == []
