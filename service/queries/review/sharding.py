"""What runs on PostgreSQL, and fails or means something else on Citus, where the tables are sharded by tenant.

Each message names the rule in docs/scale-out.md and the form that works on both. A cluster tells when it plans a
statement; this tells it from the text, and knows no more than that: functions by their names, and of operators only
those with intervals.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, TypeAlias

from pglast import ast
from pglast.enums import JoinType, OnConflictAction, SQLValueFunctionOp

from service.queries.review.functions import called
from service.queries.review.schema import Schema
from service.queries.review.syntax import (
    Item,
    Problem,
    Statement,
    cast_type,
    column_names,
    conjuncts,
    descendants,
    items,
    levels,
    output,
    own,
)

Writing: TypeAlias = ast.InsertStmt | ast.UpdateStmt | ast.DeleteStmt | ast.MergeStmt

# Whether a value is the tenant's id.
IsTenant: TypeAlias = Callable[[ast.Node | None], bool]

SNAPSHOTS = frozenset({"pg_current_snapshot", "txid_current_snapshot"})

# Immutable of other types, not of those with a time zone, which the columns have.
OF_TIMES = frozenset({"date_trunc"})


def broken(rule: int, problem: str) -> str:
    return f"{problem} (docs/scale-out.md, rule {rule})"


def unfit(
    statement: ast.Node, schema: Schema, variables: frozenset[str] = frozenset()
) -> Iterator[Problem]:
    """What of a statement does not fit shards. `variables` are the names of a function's, which are no columns."""
    yield from _calls_that_read(statement, schema)
    if _writes(statement):
        yield from _simple_cases(statement)
    for level, _ in levels(statement):
        yield from _computed_changes(level, schema, variables)
        yield from _computed_returning(level, schema, variables)
        yield from _conflicts(level, schema, variables)
        yield from _subqueries_in_values(level)
        yield from _merges(level)
        yield from _inserts_of_selects(level)
        yield from _outer_joins(level)
        yield from _row_types(level, schema)


def settings(statement: ast.Node) -> Iterator[Problem]:
    """set_config(), which tells the other servers nothing."""
    for node in descendants(statement):
        if called(node) == "set_config":
            message = "set_config() reaches one server only: say operations.set_local(name, value)"
            yield node, broken(10, message)


def snapshots(statement: ast.Node, schema: Schema) -> Iterator[Problem]:
    """The current snapshot, where it may be that of a server that does not keep the tenant's rows."""
    if _is_sharded(statement, schema) and not _writes(statement):
        return
    for node in descendants(statement):
        if called(node) in SNAPSHOTS:
            message = (
                f"{called(node)}() may be the coordinator's: read it from a tenant's row, and"
                " where something is written as operations.horizon(e.tenant_id)"
            )
            yield node, broken(35, message)


def answers(
    statement: ast.Node, schema: Schema, variables: frozenset[str] = frozenset()
) -> Iterator[Problem]:
    """What a server answers for itself, in what changes a tenant's table: the coordinator evaluates it."""
    changed = ((item, ctes) for level, ctes in levels(statement) for item in _changed(level))
    if all(_tenant_table(item, ctes, schema) is None for item, ctes in changed):
        return
    for node in descendants(statement):
        name = called(node)
        if name in schema.answering - SNAPSHOTS and not _has_columns(node, variables):
            message = (
                f"{name}() is the coordinator's where something is written: set the column in a"
                " trigger BEFORE INSERT, or hand a column to the function"
            )
            yield node, broken(22, message)


def actions(statement: ast.Node, schema: Schema) -> Iterator[Problem]:
    """What locks or sets something on the server that it runs on, where that may not be the one with the rows."""
    is_sharded = _is_sharded(statement, schema)
    for node in descendants(statement):
        name = called(node)
        if name in schema.acting and not (is_sharded and _has_columns(node)):
            message = (
                f"{name}() locks or sets something on one server: call it with a column of a"
                " tenant's row, FROM identity.tenants AS t WHERE t.id = :tenant_id"
            )
            yield node, broken(39, message)


def _changed(level: Statement) -> Iterator[Item]:
    if isinstance(level, Writing) and isinstance(level.relation, ast.RangeVar):
        yield Item(level.relation, (), is_target=True)


def _is_sharded(statement: ast.Node, schema: Schema) -> bool:
    return any(
        _tenant_table(item, ctes, schema)
        for level, ctes in levels(statement)
        for item in items(level)
    )


def _writes(statement: ast.Node) -> bool:
    return any(isinstance(node, Writing) for node in descendants(statement))


# Tenants ---------------------------------------------------------------------------------------------


def other_tenants(
    level: Statement, ctes: frozenset[str], schema: Schema, is_tenant: IsTenant, wanted: str
) -> Iterator[Problem]:
    """Tables of which the level may read, change or insert rows that are not of the `wanted` tenant."""
    for item in items(level):
        if (table := _tenant_table(item, ctes, schema)) is not None:
            column = schema.tenant_columns[table]
            if not any(is_tenant(value) for name, value in item.equalities() if name == column):
                message = f"{table}: `{item.name}.{column} = {wanted}` does not hold for it"
                yield item.source, broken(9, message)
    for relation, columns, values in _inserted(level):
        table = _tenant_table(Item(relation, (), is_target=True), ctes, schema)
        if table is not None:
            column = schema.tenant_columns[table]
            if not is_tenant(dict(zip(columns, values, strict=False)).get(column)):
                message = f"{table}: {column} is not inserted as {wanted}"
                yield relation, broken(9, message)


def _tenant_table(item: Item, ctes: frozenset[str], schema: Schema) -> str | None:
    """The tenants' table that the item names; without its schema it is one of whatever schema."""
    if not isinstance(item.source, ast.RangeVar) or item.cte(ctes) is not None:
        return None
    for table in schema.tenant_columns:
        schema_name, _, name = table.partition(".")
        if item.source.relname == name and item.source.schemaname in (schema_name, None):
            return table
    return None


def _inserted(
    level: Statement,
) -> Iterator[tuple[ast.RangeVar, list[str], Sequence[ast.Node | None]]]:
    """Each row that the level inserts: the table, the columns and their values."""
    match level:
        case ast.InsertStmt(relation=ast.RangeVar() as relation, cols=cols, selectStmt=source):
            columns = [column.name for column in cols or ()]
            yield from ((relation, columns, row) for row in _rows(source))


def _rows(source: ast.Node | None) -> Iterator[Sequence[ast.Node | None]]:
    """The rows that an INSERT gets, as they are written: one for each SELECT, one for DEFAULT VALUES."""
    match source:
        case ast.SelectStmt(larg=ast.SelectStmt() as left, rarg=right):
            yield from _rows(left)
            yield from _rows(right)
        case ast.SelectStmt(valuesLists=tuple(lists)):
            yield from lists
        case ast.SelectStmt(targetList=targets):
            yield [target.val for target in targets or ()]
        case _:
            yield []


# Functions -------------------------------------------------------------------------------------------


def _computed_changes(
    level: Statement, schema: Schema, variables: frozenset[str]
) -> Iterator[Problem]:
    """What an UPDATE or DELETE computes otherwise than immutably, of columns or inside CASE or COALESCE."""
    if not isinstance(level, ast.UpdateStmt | ast.DeleteStmt):
        return
    parts = ("targetList", "fromClause", "usingClause", "whereClause")
    for node in own(tuple(getattr(level, part, None) for part in parts)):
        match node:
            case ast.CaseExpr() | ast.CoalesceExpr():
                word = "CASE" if isinstance(node, ast.CaseExpr) else "COALESCE"
                for name in _mutable(node, schema, variables):
                    message = f"{name} inside {word}: compute it in a CTE, and UPDATE ... FROM that"
                    yield node, broken(12, message)
            case ast.FuncCall() if _is_mutable(node, schema) and (
                _name(node) in schema.volatile or _has_columns(node, variables)
            ):
                message = (
                    f"{called(node)}() is volatile, or of a column and not immutable: compute it"
                    " in a CTE, and UPDATE ... FROM that"
                )
                yield node, broken(12, message)
            case ast.A_Expr() if _adds_interval(node, variables):
                message = (
                    "a column and an interval: compute it in a CTE, and UPDATE ... FROM that, or"
                    " compare the column with `now() - :interval`"
                )
                yield node, broken(12, message)


def _adds_interval(node: ast.Node, variables: frozenset[str]) -> bool:
    """Whether it adds an interval to a column, or the other way round: for a time with a zone that is not immutable."""
    match node:
        case ast.A_Expr(name=(ast.String(sval="+" | "-"),), lexpr=left, rexpr=right):
            return (_is_interval(left) or _is_interval(right)) and _has_columns(node, variables)
    return False


def _is_interval(node: Any) -> bool:
    match node:
        case ast.A_Expr(name=(ast.String(sval="+" | "-" | "*" | "/"),), lexpr=left, rexpr=right):
            return _is_interval(left) or _is_interval(right)
        case ast.FuncCall():
            return _name(node) == "make_interval"
        case ast.TypeCast():
            return cast_type(node) == "interval"
    return False


def _computed_returning(
    level: Statement, schema: Schema, variables: frozenset[str]
) -> Iterator[Problem]:
    if isinstance(level, Writing) and level.returningClause:
        for name in _mutable(level.returningClause.exprs, schema, variables):
            message = (
                f"{name} in RETURNING: return columns there, and compute in a SELECT around it"
            )
            yield level.returningClause, broken(13, message)


def _mutable(value: Any, schema: Schema, variables: frozenset[str]) -> Iterator[str]:
    """What of the nodes is not immutable, as it is written."""
    for node in own(value):
        if isinstance(node, ast.SQLValueFunction):
            yield SQLValueFunctionOp(node.op or 0).name.removeprefix("SVFOP_").lower()
        elif _is_mutable(node, schema):
            yield f"{called(node)}()"
        elif _adds_interval(node, variables):
            yield "a column and an interval"


def _is_mutable(node: ast.Node, schema: Schema) -> bool:
    name = _name(node)
    return name in schema.mutable or name in OF_TIMES


def _name(node: ast.Node) -> str:
    """The function that the node calls, without its schema."""
    return (called(node) or "").rpartition(".")[2]


def _has_columns(node: ast.Node, variables: frozenset[str] = frozenset()) -> bool:
    columns = (below.fields or () for below in own(node) if isinstance(below, ast.ColumnRef))
    return any(getattr(fields[0], "sval", None) not in variables for fields in columns)


def _calls_that_read(statement: ast.Node, schema: Schema) -> Iterator[Problem]:
    """Functions that ask for what every server has, in what is sent to the one that has the tenant."""
    if not _is_sharded(statement, schema):
        return
    for node in descendants(statement):
        name = called(node)
        if name in schema.reading:
            message = f"{name}() reads a table of no tenant: write a scalar subquery on that"
            yield node, broken(23, message)


# Conflicts and values --------------------------------------------------------------------------------


def _conflicts(level: Statement, schema: Schema, variables: frozenset[str]) -> Iterator[Problem]:
    """DO UPDATE takes what is inserted, and computes nothing."""
    clause = getattr(level, "onConflictClause", None)
    if clause is None or clause.action != OnConflictAction.ONCONFLICT_UPDATE:
        return
    parts = (clause.targetList, clause.whereClause)
    for name in _mutable(parts, schema, variables):
        yield clause, broken(14, f"{name} in DO UPDATE: insert it, and set excluded.<column>")
    for node in own(parts):
        if isinstance(node, ast.SubLink):
            message = "a subquery in DO UPDATE: INSERT ... SELECT it, and set excluded.<column>"
            yield node, broken(14, message)


def _subqueries_in_values(level: Statement) -> Iterator[Problem]:
    match level:
        case ast.InsertStmt(selectStmt=ast.SelectStmt(valuesLists=tuple(rows))):
            for node in own(rows):
                if isinstance(node, ast.SubLink):
                    message = (
                        "a subquery in VALUES: INSERT ... SELECT it, with RETURNING or ON CONFLICT;"
                        " in a function a variable before the INSERT"
                    )
                    yield node, broken(14, message)


def _merges(level: Statement) -> Iterator[Problem]:
    if isinstance(level, ast.MergeStmt):
        yield level.relation, broken(14, "MERGE: say INSERT ... ON CONFLICT")


def _inserts_of_selects(level: Statement) -> Iterator[Problem]:
    match level:
        case ast.InsertStmt(
            selectStmt=ast.SelectStmt(valuesLists=None),
            returningClause=None,
            onConflictClause=None,
        ):
            message = (
                "INSERT ... SELECT without RETURNING or ON CONFLICT: add one of them; in PL/pgSQL"
                " RETURNING has INTO"
            )
            yield level.relation, broken(28, message)


# CASE, joins and rows --------------------------------------------------------------------------------


def _simple_cases(statement: ast.Node) -> Iterator[Problem]:
    for node in descendants(statement):
        if isinstance(node, ast.CaseExpr) and node.arg is not None:
            message = "`CASE x WHEN a` in a statement that writes: say `CASE WHEN x = a`"
            yield node, broken(24, message)


def _outer_joins(level: Statement) -> Iterator[Problem]:
    """An outer join with or beside a condition that holds for all rows or for none."""
    sources = getattr(level, "fromClause", None)
    joins = [node for node in own(sources) if isinstance(node, ast.JoinExpr)]
    if all(join.jointype == JoinType.JOIN_INNER for join in joins):
        return
    names = {item.name for item in items(level)}
    for clause in [*(join.quals for join in joins), getattr(level, "whereClause", None)]:
        for condition in conjuncts(clause):
            if not isinstance(condition, ast.A_Const) and not _depends_on(condition, names):
                message = (
                    "an outer join and a condition without columns: write a scalar subquery"
                    " instead of the join"
                )
                yield condition, broken(25, message)


def _depends_on(condition: ast.Node, names: set[str | None]) -> bool:
    """Whether it has columns, or what is below it has one of the level's."""
    return any(column_names(node) for node in own(condition)) or any(
        column[:1] and column[0] in names for column in map(column_names, descendants(condition))
    )


def _row_types(level: Statement, schema: Schema) -> Iterator[Problem]:
    """A common table expression that has a whole row as one of its columns."""
    for cte in (level.withClause.ctes or ()) if level.withClause else ():
        query = cte.ctequery
        while isinstance(query, ast.SelectStmt) and query.larg is not None:
            query = query.larg
        for target in output(query):
            values = _values(getattr(target, "val", target))
            if any(_is_row(value, query, schema) for value in values):
                message = f"{cte.ctename} has a row as a column: say to_json(...) of it there"
                yield target, broken(29, message)


def _values(node: ast.Node | None) -> Iterator[ast.Node | None]:
    """What the value of an expression may be, of the parts that it chooses from or is made of."""
    match node:
        case ast.CaseExpr(args=whens, defresult=otherwise):
            for part in (*(when.result for when in whens or ()), otherwise):
                yield from _values(part)
        case (
            ast.CoalesceExpr(args=parts)
            | ast.MinMaxExpr(args=parts)
            | ast.A_ArrayExpr(elements=parts)
        ):
            for part in parts or ():
                yield from _values(part)
        case _:
            yield node


def _is_row(node: ast.Node | None, level: Statement, schema: Schema) -> bool:
    if isinstance(node, ast.RowExpr):
        return True
    names = column_names(node)
    return len(names) == 1 and any(
        isinstance(item.source, ast.RangeVar | ast.RangeSubselect)
        and item.name == names[0]
        and item.name not in _columns(item.source, schema)
        for item in items(level)
    )


def _columns(source: ast.Node, schema: Schema) -> Collection[str]:
    """The columns of a table."""
    match source:
        case ast.RangeVar(schemaname=str(area), relname=table):
            return schema.types.get(f"{area}.{table}", {})
    return ()
