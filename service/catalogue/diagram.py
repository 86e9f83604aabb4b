"""The entity diagram of an area: where boxes and lines go. The template draws them.

Tables stand in layers: what a table references stands left of it. A line that passes a layer gets a place of its
own there, so that no box is in its way. Tables without lines stand in rows below.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from service.catalogue.book import Table

CHARACTER = 7.9  # width, of 13 pixels monospace
PADDING = 12
TITLE = 32  # heights
ROW = 20
GAP = 28  # between boxes of a layer
LAYER_GAP = 60
MARGIN = 8
LANE = 8  # height of a line's place in a layer that it passes
LOOP = 24  # how far the line of a table to itself goes
WIDTH_OF_ROWS = 900  # of tables without lines

TENANTS = "identity.tenants"

Reference = tuple[str, str, str]  # a table, what it references, and by which column


@dataclass(slots=True)
class Box:
    table: str
    title: str
    rows: list[tuple[str, str]]  # a column and what it is: PK, FK or both
    is_foreign: bool  # of another area
    x: float = 0
    y: float = 0

    @property
    def width(self) -> float:
        longest = max([len(self.title), *(len(name) + 6 for name, _ in self.rows)])
        return longest * CHARACTER + 2 * PADDING

    @property
    def height(self) -> float:
        return TITLE + ROW * len(self.rows) + (PADDING / 2 if self.rows else 0)


@dataclass(frozen=True, slots=True)
class Line:
    source: str
    target: str
    column: str
    path: str  # as SVG has it


@dataclass(frozen=True, slots=True)
class Diagram:
    boxes: list[Box]
    lines: list[Line]
    width: float
    height: float
    leaves_tenants_out: bool


@dataclass(eq=False, slots=True)
class _Lane:
    """The place of a line in a layer that it passes."""

    width: float = 0
    height: float = LANE
    x: float = 0
    y: float = 0


def draw(area: str, tables: Iterable[Table]) -> Diagram:
    """The tables of the area, and those that they reference."""
    own = {table.full_name: table for table in tables if table.area == area}
    # Every table references its tenant: lines that say nothing, but where tenants are at home.
    keys = {
        (name, target, column)
        for name, table in own.items()
        for column, target in table.foreign_keys
        if target != TENANTS or TENANTS in own
    }
    referenced = {target for _, target, _ in keys}
    boxes = {name: _box(table, keys) for name, table in own.items()}
    for name in sorted(referenced - own.keys()):
        boxes[name] = Box(name, name, [], is_foreign=True)
    references = sorted(key for key in keys if key[0] != key[1])
    joined = {name for source, target, _ in references for name in (source, target)}

    depth = _depths(joined, references)
    for name in referenced - own.keys():  # next to what references it
        depth[name] = min(depth[source] for source, target, _ in references if target == name) - 1
    layers: list[list[Box | _Lane]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name in sorted(joined, key=lambda name: (boxes[name].is_foreign, name)):
        layers[depth[name]].append(boxes[name])
    ways = {key: _way(key, boxes, depth, layers) for key in references}
    _order(layers, list(ways.values()))
    right, bottom = _place(layers)
    right, bottom = _place_rows([b for n, b in boxes.items() if n not in joined], right, bottom)
    looping = [boxes[source] for source, target, _ in keys if source == target]
    right = max([right, *(box.x + box.width + LOOP for box in looping)])
    lines = [Line(*key, _path(way, key[2])) for key, way in ways.items()]
    lines += [Line(*key, _loop(boxes[key[0]], key[2])) for key in sorted(keys - set(references))]
    return Diagram(
        boxes=sorted(boxes.values(), key=lambda box: (box.x, box.y)),
        lines=lines,
        width=right + MARGIN,
        height=bottom + MARGIN,
        leaves_tenants_out=TENANTS not in own
        and any(target == TENANTS for t in own.values() for _, target in t.foreign_keys),
    )


def _box(table: Table, keys: set[Reference]) -> Box:
    foreign = {column for source, _, column in keys if source == table.full_name}
    rows = []
    for column in table.columns:
        what = ["PK"] * column.is_key + ["FK"] * (column.name in foreign)
        if what:
            rows.append((column.name, " ".join(what)))
    return Box(table.full_name, table.name, rows, is_foreign=False)


def _depths(names: set[str], references: list[Reference]) -> dict[str, int]:
    """How many tables a table builds upon, one upon the other; a reference that closes a circle counts not."""
    targets = defaultdict(set)
    for source, target, _ in references:
        targets[source].add(target)
    depth: dict[str, int] = {}

    def visit(name: str, above: tuple[str, ...]) -> int:
        if name not in depth:
            further = sorted(targets[name] - {name, *above})
            below = max((visit(target, (*above, name)) + 1 for target in further), default=0)
            depth[name] = below
        return depth[name]

    for name in sorted(names):
        visit(name, ())
    return depth


def _way(
    key: Reference,
    boxes: dict[str, Box],
    depth: dict[str, int],
    layers: list[list[Box | _Lane]],
) -> list[Box | _Lane]:
    """From the table over lanes in the layers between to the one that it references."""
    source, target, _ = key
    step = 1 if depth[target] > depth[source] else -1
    way: list[Box | _Lane] = [boxes[source]]
    for layer in range(depth[source] + step, depth[target], step):
        lane = _Lane()
        layers[layer].append(lane)
        way.append(lane)
    return [*way, boxes[target]]


def _order(layers: list[list[Box | _Lane]], ways: list[list[Box | _Lane]]) -> None:
    """Puts what is joined at about the same height: each layer by the average place of its neighbours."""
    neighbours = defaultdict(list)
    for way in ways:
        for one, other in itertools.pairwise(way):
            neighbours[id(one)].append(id(other))
            neighbours[id(other)].append(id(one))
    for sweep in range(8):
        for layer in layers if sweep % 2 else reversed(layers):
            at = {id(item): n / len(items) for items in layers for n, item in enumerate(items)}
            layer.sort(
                key=lambda item: (
                    sum(at[near] for near in neighbours[id(item)]) / len(neighbours[id(item)])
                )
            )


def _place(layers: list[list[Box | _Lane]]) -> tuple[float, float]:
    """Gives everything its place, layers centred; returns the right and lower end."""
    heights = [sum(i.height for i in layer) + GAP * (len(layer) - 1) for layer in layers]
    x, tallest = float(MARGIN), max(heights, default=0)
    right = x
    for layer, height in zip(layers, heights, strict=True):
        width = max(item.width for item in layer)
        y = MARGIN + (tallest - height) / 2
        for item in layer:
            item.x, item.y = x, y
            if isinstance(item, _Lane):
                item.width = width
            y += item.height + GAP
        right = x + width
        x = right + LAYER_GAP
    return right, MARGIN + tallest


def _place_rows(boxes: list[Box], right: float, bottom: float) -> tuple[float, float]:
    """Rows below for what has no lines."""
    limit = max(right, WIDTH_OF_ROWS)
    x, y = float(MARGIN), bottom + (GAP if bottom > MARGIN else 0)
    for box in sorted(boxes, key=lambda box: box.height):
        if x > MARGIN and x + box.width > limit:
            x, y = float(MARGIN), bottom + GAP
        box.x, box.y = x, y
        x += box.width + GAP
        right, bottom = max(right, box.x + box.width), max(bottom, box.y + box.height)
    return right, bottom


def _row(box: Box, column: str) -> float:
    """The height at which a column of a box is."""
    names = [name for name, _ in box.rows]
    return box.y + TITLE + ROW * (names.index(column) + 0.5)


def _path(way: list[Box | _Lane], column: str) -> str:
    """Curves between layers, straight through a lane."""
    source, target = way[0], way[-1]
    assert isinstance(source, Box)
    leftwards = target.x < source.x
    x, y = source.x if leftwards else source.x + source.width, _row(source, column)
    path = f"M{x:.1f} {y:.1f}"
    for item in way[1:]:
        near = item.x + item.width if leftwards else item.x
        height = item.y + (item.height / 2 if isinstance(item, _Lane) else TITLE / 2)
        middle = (x + near) / 2
        path += f" C{middle:.1f} {y:.1f} {middle:.1f} {height:.1f} {near:.1f} {height:.1f}"
        x, y = near, height
        if isinstance(item, _Lane):
            x = item.x if leftwards else item.x + item.width
            path += f" H{x:.1f}"
    return path


def _loop(box: Box, column: str) -> str:
    """A table that references itself."""
    x, y, title = box.x + box.width, _row(box, column), box.y + TITLE / 2
    far = x + LOOP / 0.75  # of the points that pull the curve, which comes three quarters as far
    return f"M{x:.1f} {y:.1f} C{far:.1f} {y:.1f} {far:.1f} {title:.1f} {x:.1f} {title:.1f}"
