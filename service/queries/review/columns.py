"""Writes the lists of a row's columns anew, after its original has changed: `make sql columns=job`.

A list keeps its own alias and its own expressions. A column that it takes from a subquery or a common table expression
is added there too, and dropped where nothing else asks for it.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from pglast import ast

from service.queries import Query
from service.queries.lexer import tokens
from service.queries.review.syntax import Statement, column_names, items, levels, parse

# What ends a list, where no parenthesis does.
AFTER_A_LIST = frozenset(
    "EXCEPT FETCH FOR FROM GROUP HAVING INTERSECT LIMIT OFFSET ON ORDER RETURNING UNION WHERE"
    " WINDOW".split()
)


@dataclass(frozen=True, slots=True)
class Item:
    """An element of a list."""

    name: str
    text: str
    alias: str | None  # of a plain column: `j` of `j.id`


@dataclass(slots=True)
class List:
    """What a level of a statement returns, and where that stands in the text."""

    level: Statement
    start: int
    end: int
    items: list[Item]
    is_changed: bool = False

    @property
    def alias(self) -> str | None:
        """By which most of its columns are qualified, or else those of what it reads first."""
        aliases = Counter(item.alias for item in self.items if item.alias is not None)
        if not aliases:
            return next((source.name for source in items(self.level)), None)
        return aliases.most_common(1)[0][0]

    @property
    def names(self) -> list[str]:
        return [item.name for item in self.items]


def follow(query: Query[Any], original: Query[Any]) -> str:
    """The source of the query with the columns of the original's list; and its own after them, if it goes on."""
    assert query.row is not None
    wanted = _Text(original.source).main()[0]
    text = _Text(query.source)
    dropped: list[Item] = []
    for listed in text.main():
        own = {item.name: item for item in listed.items}
        kept = [own.get(i.name) or _moved(i, wanted.alias, listed.alias) for i in wanted.items]
        others = [item for item in listed.items if item.name not in wanted.names]
        if query.row.goes_on:
            kept += others
        else:
            dropped += others
        for place, item in enumerate(kept):
            if item.name not in own:
                text.add_below(listed.level, item, [other.name for other in kept[:place]])
        listed.is_changed = kept != listed.items
        listed.items = kept
    text = _Text(text.written())
    for listed in text.main():
        for item in dropped:
            text.drop_below(listed.level, item)
    return text.written()


def _plain(name: str, alias: str | None) -> Item:
    return Item(name, f"{alias}.{name}" if alias else name, alias)


def _moved(item: Item, alias: str | None, to: str | None) -> Item:
    """The item as a list with another alias has it."""
    if item.alias:
        return _plain(item.name, to if item.alias == alias else item.alias)
    prefix = f"{to}." if to else ""
    return Item(item.name, re.sub(rf"\b{alias}\.", prefix, item.text) if alias else item.text, None)


class _Text:
    """The lists in the text of a file."""

    def __init__(self, source: str) -> None:
        self.source = source
        # `:name` is not what the parser knows; `_name` is a column to it, and as long.
        readable = "".join(
            f"_{token.text[1:]}" if token.kind == "parameter" else token.text
            for token in tokens(source)
        )
        self.statement = parse(readable)
        self.lists: dict[int, List] = {}
        self.ctes: dict[str, Statement] = {}
        for level, _ in levels(self.statement):
            if targets := _targets(level):
                self.lists[id(level)] = _list(source, level, targets)
            for cte in (level.withClause.ctes or ()) if level.withClause else ():
                self.ctes[cte.ctename] = cte.ctequery

    def main(self) -> list[List]:
        return self.of(self.statement)

    def of(self, statement: Statement) -> list[List]:
        """The list of a statement; of a UNION those of its parts."""
        if isinstance(statement, ast.SelectStmt) and statement.larg and statement.rarg:
            return self.of(statement.larg) + self.of(statement.rarg)
        return [self.lists[id(statement)]] if id(statement) in self.lists else []

    def below(self, level: Statement, item: Item) -> list[List]:
        """The lists from which the level takes a plain column: of a subquery or a common table expression."""
        for source in items(level):
            if item.alias is not None and source.name == item.alias:
                if isinstance(source.source, ast.RangeSubselect):
                    return self.of(cast(Statement, source.source.subquery))
                if name := source.cte(frozenset(self.ctes)):
                    return self.of(self.ctes[name])
        return []

    def add_below(self, level: Statement, item: Item, before: Sequence[str]) -> None:
        """Adds a column where the level takes it from, after the last there is of those before it."""
        for listed in self.below(level, item):
            if item.name not in listed.names:
                place = max(
                    (n for n, name in enumerate(listed.names, 1) if name in before), default=0
                )
                added = _plain(item.name, listed.alias)
                listed.items.insert(place, added)
                listed.is_changed = True
                self.add_below(listed.level, added, before)

    def drop_below(self, level: Statement, item: Item) -> None:
        """Drops a column where the level took it from, if nothing takes it any more."""
        if re.search(rf"\b{item.alias}\.{item.name}\b", self.source):
            return
        for listed in self.below(level, item):
            for gone in [known for known in listed.items if known.name == item.name]:
                listed.items.remove(gone)
                listed.is_changed = True

    def written(self) -> str:
        source = self.source
        for listed in sorted(self.lists.values(), key=lambda listed: listed.start, reverse=True):
            if listed.is_changed:
                before = source[source.rfind("\n", 0, listed.start) + 1 : listed.start]
                comma = ", " if before.strip() else f",\n{before}"
                texts = comma.join(item.text for item in listed.items)
                source = source[: listed.start] + texts + source[listed.end :]
        return source


def _targets(level: Statement) -> Sequence[ast.ResTarget]:
    if isinstance(level, ast.SelectStmt):
        return level.targetList or ()
    return (level.returningClause.exprs or ()) if level.returningClause else ()


def _list(source: str, level: Statement, targets: Sequence[ast.ResTarget]) -> List:
    start = min(target.location or 0 for target in targets)
    texts, end = _split(source, start)
    items = []
    for target, text in zip(targets, texts, strict=True):
        *alias, name = column_names(target.val) or ("",)
        is_plain = target.name is None and len(alias) == 1
        items.append(Item(target.name or name, text, alias[0] if is_plain else None))
    return List(level, start, end, items)


def _split(source: str, start: int) -> tuple[list[str], int]:
    """The items of the list that begins at a place, and where the list ends."""
    texts: list[str] = []
    begun = end = place = start
    depth, before = 0, ""
    for token in tokens(source[start:]):
        word = token.text.upper()
        if depth == 0 and (word in ")]" or word == ";"):
            break
        if depth == 0 and word in AFTER_A_LIST and before != "DISTINCT":
            break
        if depth == 0 and word == ",":
            texts.append(source[begun:end].strip())
            begun = place + 1
        elif token.kind not in ("comment", "space"):
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(word, 0)
            end, before = place + len(token.text), word
        place += len(token.text)
    return [*texts, source[begun:end].strip()], end
