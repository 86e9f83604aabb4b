"""The diagram: boxes that do not overlap, lines that start and end at boxes."""

import itertools
import re
from types import SimpleNamespace
from typing import Any

import pytest

from service import create_app
from service.catalogue.book import Book, Table, book
from service.catalogue.diagram import Box, Diagram, draw
from service.config import Settings
from tests.commands import SECRET_KEY

pytestmark = pytest.mark.not_on_citus(
    "the catalogue shows plans, and there a plan is only a Custom Scan"
)


@pytest.fixture(scope="module")
def real(settings: Settings) -> Book:
    app = create_app(
        Settings(database_url=settings.database_url, secret_key=SECRET_KEY, log_level="WARNING")
    )
    try:
        with app.app_context():
            return book()
    finally:
        app.extensions["draftroom"].database.close()


def table(name: str, references: dict[str, str], columns: int = 1) -> Table:
    """A table with foreign keys: what each column references."""
    area, _, short = name.partition(".")
    names = [*(f"id{n}" for n in range(columns)), *references]
    return Table(
        area=area,
        name=short,
        comment=None,
        is_isolated=True,
        is_readable=True,
        writer_may=["SELECT"],
        columns=[row(name=n, is_key=n.startswith("id")) for n in names],
        constraints=[
            row(references_table=target, columns=["tenant_id", column])
            for column, target in references.items()
        ],
        policies=[],
        triggers=[],
        transitions=[],
    )


def row(**values: Any) -> Any:
    return SimpleNamespace(**values)


def check(diagram: Diagram) -> None:
    for box in diagram.boxes:
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= diagram.width
        assert box.y + box.height <= diagram.height
    for one, other in itertools.combinations(diagram.boxes, 2):
        assert not overlap(one, other), f"{one.table} and {other.table} overlap"
    boxes = {box.table: box for box in diagram.boxes}
    for line in diagram.lines:
        points = [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", line.path)]
        assert on_edge(points[0], boxes[line.source])
        assert on_edge(points[-1], boxes[line.target])


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def on_edge(point: tuple[float, float], box: Box) -> bool:
    x, y = point
    return min(abs(x - box.x), abs(x - box.x - box.width)) < 0.1 and box.y < y < box.y + box.height


@pytest.mark.parametrize("area", ["identity", "inbox", "drafts", "operations"])
def test_every_area_is_drawn(real: Book, area: str) -> None:
    tables = real.areas[area].tables
    diagram = draw(area, tables)
    check(diagram)
    shown = {box.table: box for box in diagram.boxes}
    for own in tables:
        assert not shown[own.full_name].is_foreign
        drawn = {
            (line.column, line.target) for line in diagram.lines if line.source == own.full_name
        }
        told = {
            key for key in own.foreign_keys if key[1] != "identity.tenants" or area == "identity"
        }
        assert drawn == told
        # The column that names the row comes last in its key; of reference tables it is a name.
        assert all(
            column.endswith("_id") or target in {"operations.job_types", "operations.tasks"}
            for column, target in told
            if target in shown
        )
    assert diagram.leaves_tenants_out == (area != "identity")


@pytest.mark.parametrize(
    "tables",
    [
        [],
        [table("a.alone", {})],
        [table(f"a.t{n}", {}, columns=n % 5) for n in range(30)],
        [table("a.itself", {"parent_id": "a.itself"})],
        [table("a.one", {"two_id": "a.two"}), table("a.two", {"one_id": "a.one"})],
        [
            table("a.one", {"two_id": "a.two"}),
            table("a.two", {"three_id": "a.three"}),
            table("a.three", {"one_id": "a.one", "two_id": "a.two"}),
        ],
        [table(f"a.t{n}", {f"t{m}_id": f"a.t{m}" for m in range(n)}) for n in range(7)],
        [table("a.twice", {"from_id": "b.users", "to_id": "b.users"})],
        [
            table("a.many", {f"x{n}_id": f"b.x{n}" for n in range(12)}),
            table("a.few", {"m_id": "a.many"}),
        ],
    ],
    ids=["none", "alone", "rows", "itself", "pair", "circle", "all-to-all", "twice", "foreign"],
)
def test_any_tables_are_drawn(tables: list[Table]) -> None:
    diagram = draw("a", tables)
    check(diagram)
    assert len(diagram.lines) == sum(len(list(own.foreign_keys)) for own in tables)


def test_a_line_goes_around_what_is_between(real: Book) -> None:
    """From the third layer to the first: the box in the middle is not crossed."""
    tables = [
        table("a.first", {}),
        table("a.middle", {"first_id": "a.first"}),
        table("a.last", {"middle_id": "a.middle", "first_id": "a.first"}),
    ]
    diagram = draw("a", tables)
    check(diagram)
    boxes = {box.table: box for box in diagram.boxes}
    assert boxes["a.first"].x < boxes["a.middle"].x < boxes["a.last"].x
    [line] = [
        found for found in diagram.lines if (found.source, found.target) == ("a.last", "a.first")
    ]
    [passing] = re.findall(r"([\d.]+) H", line.path)
    middle = boxes["a.middle"]
    assert not middle.y <= float(passing) <= middle.y + middle.height
