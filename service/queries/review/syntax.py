"""A statement as PostgreSQL's own parser reads it: its levels, what each reads from, and what holds for its rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from pglast import ast, parse_sql
from pglast.enums import A_Expr_Kind, BoolExprType, JoinType

Statement: TypeAlias = (
    ast.SelectStmt | ast.InsertStmt | ast.UpdateStmt | ast.DeleteStmt | ast.MergeStmt
)

# Where it is, None for the header; and what it is.
Problem: TypeAlias = tuple[ast.Node | None, str]

# The sides of a join whose rows are all held to its ON; an outer join keeps the others as they are.
HELD_TO_ON = {
    JoinType.JOIN_INNER: (True, True),
    JoinType.JOIN_LEFT: (False, True),
    JoinType.JOIN_RIGHT: (True, False),
    JoinType.JOIN_FULL: (False, False),
}


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """What a level reads from: an element of its FROM, or the table that it changes."""

    source: Any  # RangeVar, RangeSubselect, RangeFunction, RangeTableFunc or JsonTable
    conditions: tuple[ast.Node, ...]  # they hold for all its rows that take part
    is_target: bool = False
    is_alone: bool = False  # the level has no other, so that a column needs no qualifier

    @property
    def name(self) -> str | None:
        """By which its columns are qualified."""
        if self.source.alias is not None:
            return cast(str, self.source.alias.aliasname)
        return self.source.relname if isinstance(self.source, ast.RangeVar) else None

    def cte(self, ctes: frozenset[str]) -> str | None:
        """The common table expression that it names, of those in scope; a target is always a table."""
        if self.is_target or not isinstance(self.source, ast.RangeVar) or self.source.schemaname:
            return None
        return self.source.relname if self.source.relname in ctes else None

    def column(self, node: ast.Node | None) -> str | None:
        """The column of this item that the node is."""
        names = column_names(node)
        if not names or self._renames_columns:
            return None
        *qualifier, column = names
        qualifiers = [[self.name]]
        if self.is_alone:
            qualifiers.append([])
        if isinstance(self.source, ast.RangeVar) and self.source.alias is None:
            qualifiers.append([self.source.schemaname, self.source.relname])
        return column if qualifier in qualifiers else None

    @property
    def _renames_columns(self) -> bool:
        """As in `FROM inbox.messages AS m (a, b)`."""
        return self.source.alias is not None and self.source.alias.colnames is not None

    def equalities(self) -> Iterator[tuple[str, ast.Node]]:
        """The item's columns that are equal to something, with what they are equal to."""
        for condition in self.conditions:
            match condition:
                case ast.A_Expr(
                    kind=A_Expr_Kind.AEXPR_OP,
                    name=(ast.String(sval="="),),
                    lexpr=ast.Node() as left,
                    rexpr=ast.Node() as right,
                ):
                    for side, other in ((left, right), (right, left)):
                        if column := self.column(side):
                            yield column, other


def parse(sql: str) -> Statement:
    """The one statement in a text. Locations in it are characters, not bytes."""
    [raw] = parse_sql(sql)
    return cast(Statement, raw.stmt)


def children(node: ast.Node) -> Iterator[ast.Node]:
    for slot in node:
        yield from nodes_in(getattr(node, slot))


def nodes_in(value: Any) -> Iterator[ast.Node]:
    """The nodes in what a node has: a node, a list, a list of lists, or what is no part of the tree."""
    if isinstance(value, ast.Node):
        yield value
    elif isinstance(value, tuple):
        for element in value:
            yield from nodes_in(element)


def descendants(node: ast.Node) -> Iterator[ast.Node]:
    """All that is below the node, and the node."""
    yield node
    for child in children(node):
        yield from descendants(child)


def own(value: Any) -> Iterator[ast.Node]:
    """All that is below the nodes, and the nodes, without the levels below."""
    for node in nodes_in(value):
        yield node
        for child in children(node):
            if not isinstance(child, Statement):
                yield from own(child)


def location(node: ast.Node) -> int | None:
    """Where the node begins, as near as the parser tells: constants and clauses have no location."""
    here: int = getattr(node, "location", None) or 0
    if here > 0:
        return here
    below = (location(child) for child in children(node))
    return min((place for place in below if place is not None), default=None)


def levels(
    node: ast.Node, ctes: frozenset[str] = frozenset()
) -> Iterator[tuple[Statement, frozenset[str]]]:
    """The statements at every depth, each with the names of the common table expressions in scope."""
    clause = getattr(node, "withClause", None)
    if clause is not None:
        names = [cte.ctename for cte in clause.ctes]
        for n, cte in enumerate(clause.ctes):
            seen = names if clause.recursive else names[:n]
            yield from levels(cte.ctequery, ctes.union(seen))
        ctes = ctes.union(names)
    if isinstance(node, Statement):
        yield node, ctes
    for child in children(node):
        if child is not clause:
            yield from levels(child, ctes)


def items(level: Statement) -> list[Item]:
    """What the level reads from; the target of an UPDATE or a DELETE is the first."""
    target: list[ast.RangeVar | None] = []
    sources: tuple[ast.Node, ...] = ()
    match level:
        case ast.SelectStmt():
            sources = level.fromClause or ()
        case ast.UpdateStmt():
            target, sources = [level.relation], level.fromClause or ()
        case ast.DeleteStmt():
            target, sources = [level.relation], level.usingClause or ()
    where = tuple(conjuncts(getattr(level, "whereClause", None)))
    items = [Item(relation, where, is_target=True) for relation in target]
    for source in sources:
        items.extend(_joined(source, where))
    if len(items) == 1:
        return [Item(items[0].source, where, items[0].is_target, is_alone=True)]
    return items


def _joined(source: Any, conditions: tuple[ast.Node, ...]) -> Iterator[Item]:
    """The items of an element of FROM; the conditions are those that hold for its rows from outside."""
    if isinstance(source, ast.JoinExpr):
        if source.alias is not None:
            conditions = ()  # its name hides those of its items from what is outside
        on = tuple(conjuncts(source.quals))
        left, right = HELD_TO_ON[JoinType(source.jointype or 0)]
        yield from _joined(source.larg, conditions + on if left else conditions)
        yield from _joined(source.rarg, conditions + on if right else conditions)
    elif isinstance(source, ast.RangeTableSample):
        yield from _joined(source.relation, conditions)
    else:
        yield Item(source, conditions)


def conjuncts(condition: ast.Node | None) -> Iterator[ast.Node]:
    """The conditions that all hold when this one does."""
    if isinstance(condition, ast.BoolExpr) and condition.boolop == BoolExprType.AND_EXPR:
        for part in condition.args or ():
            yield from conjuncts(part)
    elif condition is not None:
        yield condition


def column_names(node: ast.Node | None) -> tuple[str, ...]:
    """A column as it is written, ("m", "id"); nothing for any other node."""
    if not isinstance(node, ast.ColumnRef):
        return ()
    fields = node.fields or ()
    return tuple(f.sval for f in fields) if not isinstance(fields[-1], ast.A_Star) else ()


def uncast(node: ast.Node | None) -> ast.Node | None:
    return uncast(node.arg) if isinstance(node, ast.TypeCast) else node


def cast_type(node: ast.Node) -> str | None:
    """The plain type to which the node casts."""
    if not isinstance(node, ast.TypeCast) or node.typeName is None:
        return None
    type_ = node.typeName
    return None if type_.arrayBounds or type_.typmods else cast(str, (type_.names or ())[-1].sval)


def output(level: Statement) -> tuple[Any, ...]:
    """What the level returns: targets, or the expressions of the first row of VALUES."""
    if not isinstance(level, ast.SelectStmt):
        return (level.returningClause.exprs or ()) if level.returningClause else ()
    if level.larg is not None:
        return output(level.larg)
    return level.valuesLists[0] if level.valuesLists else level.targetList or ()
