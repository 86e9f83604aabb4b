"""Whether a statement returns at most one row, whatever the tables hold: a proof from its text and the unique keys.

A proof that fails says nothing; one that succeeds must be right. So what is rare is not tried: set operations,
GROUP BY, MERGE, FULL JOIN. `=` is taken for PostgreSQL's own, and collations for deterministic.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, cast

from pglast import ast
from pglast.enums import A_Expr_Kind, JoinType, LimitOption

from service.queries.review.schema import Schema
from service.queries.review.syntax import (
    Item,
    Statement,
    cast_type,
    column_names,
    conjuncts,
    descendants,
    items,
    own,
    parse,
    uncast,
)

# Of each common table expression in scope, whether it has at most one row.
Ctes: TypeAlias = Mapping[str, bool]
# Names of items that have at most one row for all of the level: their columns are as good as constants.
Known: TypeAlias = frozenset[str]

# Types whose values stay what they are when they are compared with another type. Not so bigint and double
# precision, for one: several numbers of the first are equal to one of the second.
EXACT = {"text", "uuid"}


def at_most_one(statement: Statement, schema: Schema) -> bool:
    return _Proof(schema).statement(statement, {}, frozenset())


@dataclass(frozen=True, slots=True)
class _Proof:
    schema: Schema

    def statement(self, statement: Statement, ctes: Ctes, outer: Known) -> bool:
        """Whether it returns at most one row; `outer` are items around it."""
        ctes = self._in_scope(statement, ctes, outer)
        match statement:
            case ast.SelectStmt():
                return self._select(statement, ctes, outer)
            case ast.InsertStmt(selectStmt=ast.SelectStmt() as source):
                return self.statement(source, ctes, outer)
            case ast.InsertStmt():
                return True  # DEFAULT VALUES
            case ast.UpdateStmt() | ast.DeleteStmt():
                # However often a row is joined, it is changed once.
                return any(item.is_target for item in self._single(statement, ctes, outer))
        return False

    def _in_scope(self, statement: Statement, ctes: Ctes, outer: Known) -> Ctes:
        clause = statement.withClause
        if clause is None:
            return ctes
        known = dict(ctes)
        if clause.recursive:
            known.update((cte.ctename, False) for cte in clause.ctes or ())
        for cte in clause.ctes or ():
            known[cte.ctename] = self.statement(cte.ctequery, known, outer)
        return known

    def _select(self, select: ast.SelectStmt, ctes: Ctes, outer: Known) -> bool:
        if _is_limited_to_one(select):
            return True
        if select.larg is not None or select.groupClause or self._multiplies(select):
            return False
        if select.valuesLists:
            return len(select.valuesLists) == 1
        if select.havingClause is not None or self._aggregates(select):
            return True
        return len(self._single(select, ctes, outer)) == len(items(select))

    def _aggregates(self, select: ast.SelectStmt) -> bool:
        return any(
            call.over is None and _name(call) in self.schema.aggregates
            for call in _calls(select.targetList)
        )

    def _multiplies(self, select: ast.SelectStmt) -> bool:
        """Whether a function makes several rows of one; in FROM it makes an item."""
        return self._returns_sets(
            (
                select.targetList,
                select.valuesLists,
                select.sortClause,
                select.distinctClause,
                select.windowClause,
            )
        )

    def _returns_sets(self, value: Any) -> bool:
        return any(_name(call) in self.schema.set_returning for call in _calls(value))

    def _single(self, level: Statement, ctes: Ctes, outer: Known) -> list[Item]:
        """The items of which at most one row takes part in the level. One may need another to be known."""
        left = items(level)
        if any(item.name is None for item in left) or any(map(_is_intricate, own(level))):
            return []
        around = outer.difference(item.name or "" for item in left)
        single: list[Item] = []
        while True:
            known = around.union(item.name or "" for item in single)
            more = [item for item in left if self._item(item, left, ctes, outer, known)]
            if not more:
                return single
            single += more
            left = [item for item in left if item not in more]

    def _item(self, item: Item, left: list[Item], ctes: Ctes, outer: Known, known: Known) -> bool:
        """Whether at most one row of it takes part; `left` are the items of the level that are not known."""
        match item.source:
            case ast.RangeVar():
                cte = item.cte(frozenset(ctes))
                return self._by_key(item, known) if cte is None else ctes[cte]
            case ast.RangeSubselect(lateral=False, subquery=ast.SelectStmt() as query):
                return not self._may_vary(query) and self.statement(query, ctes, outer)
            case ast.RangeSubselect(subquery=ast.SelectStmt() as query):
                if self._may_vary(query) or _may_read(query, item, left):
                    return False
                return self.statement(query, ctes, known)
            case ast.RangeFunction() as function:
                if self._may_vary(function) or _may_read(function, item, left):
                    return False
                return not self._returns_sets(function)
        return False

    def _may_vary(self, source: ast.Node) -> bool:
        """Whether it may give another row each time that a join runs it."""
        calls = (node for node in descendants(source) if isinstance(node, ast.FuncCall))
        return any(_name(call) in self.schema.volatile for call in calls)

    def _by_key(self, item: Item, known: Known) -> bool:
        """Whether all columns of a unique key are equal to what has one value."""
        table = f"{item.source.schemaname}.{item.source.relname}"
        types = self.schema.types.get(table, {})
        given = {
            column
            for column, value in item.equalities()
            if _has_one_value(value, known) and _is_exact(types.get(column), value)
        }
        return any(key <= given for key in self.schema.unique_keys.get(table, ())) or any(
            key <= given and _says(item, predicate, types)
            for key, predicate in self.schema.partial_keys.get(table, ())
        )


def _is_limited_to_one(select: ast.SelectStmt) -> bool:
    match select.limitCount:
        case ast.A_Const(val=ast.Integer(ival=int(count))):
            # Not WITH TIES.
            return count <= 1 and select.limitOption == LimitOption.LIMIT_OPTION_COUNT
    return False


def _is_intricate(node: ast.Node) -> bool:
    """A join that keeps rows of both sides, or has a name under which there are columns of its items."""
    return isinstance(node, ast.JoinExpr) and (
        node.jointype == JoinType.JOIN_FULL
        or node.alias is not None
        or node.join_using_alias is not None
    )


def _calls(value: Any) -> Iterator[ast.FuncCall]:
    return (node for node in own(value) if isinstance(node, ast.FuncCall))


def _name(call: ast.FuncCall) -> str:
    return cast(str, (call.funcname or ())[-1].sval)


def _may_read(source: ast.Node, item: Item, left: list[Item]) -> bool:
    """Whether there may be columns of other items in it; those without a qualifier may be of any."""
    names = {other.name for other in left if other is not item}
    columns = [node.fields or () for node in descendants(source) if isinstance(node, ast.ColumnRef)]
    return bool(names) and any(len(fields) != 2 or fields[0].sval in names for fields in columns)


def _has_one_value(node: ast.Node, known: Known) -> bool:
    match uncast(node):
        case ast.ParamRef() | ast.A_Const():
            return True
        case column:
            names = column_names(column)
            return len(names) == 2 and names[0] in known


def _is_exact(column_type: str | None, value: ast.Node) -> bool:
    """Whether no two values of the column are equal to this one."""
    return (
        column_type in EXACT
        or isinstance(value, ast.A_Const)  # of the column's type
        or (column_type is not None and cast_type(value) == column_type)
    )


def _says(item: Item, predicate: str, types: Mapping[str, str]) -> bool:
    """Whether the item's conditions say, word for word, all that the predicate of an index does."""
    said = [_normal(condition, item, types) for condition in item.conditions]
    where = getattr(parse(f"SELECT WHERE {predicate}"), "whereClause", None)
    unqualified = replace(item, is_alone=True)
    return all(_normal(part, unqualified, types) in said for part in conjuncts(where))


def _normal(condition: ast.Node, item: Item, types: Mapping[str, str]) -> Any:
    """The condition without what PostgreSQL adds when it shows it: casts of constants to the columns' type."""
    names = {item.column(node) for node in descendants(condition)} - {None}
    columns = {types.get(name or "", "") for name in names}
    return _plain(condition, item, columns.pop() if len(columns) == 1 else "")


def _plain(value: Any, item: Item, implied: str) -> Any:
    """As it is, but columns without qualifier, constants without the implied cast, IN as `= ANY (ARRAY[])`."""
    match value:
        case tuple():
            return tuple(_plain(element, item, implied) for element in value)
        case ast.TypeCast(arg=ast.A_Const() as constant) if cast_type(value) == implied:
            return constant
        case ast.A_Expr(
            kind=A_Expr_Kind.AEXPR_IN, name=(ast.String(sval="="),) as equal, rexpr=tuple(listed)
        ):
            array = ast.A_ArrayExpr(elements=listed)
            any_of = ast.A_Expr(A_Expr_Kind.AEXPR_OP_ANY, equal, value.lexpr, array)
            return _plain(any_of, item, implied)
        case ast.Node() if name := item.column(value):
            return ast.ColumnRef(fields=(ast.String(sval=name),))
        case ast.Node():
            parts = {slot: _plain(getattr(value, slot), item, implied) for slot in value}
            return type(value)(**parts)
    return value
