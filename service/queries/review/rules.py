"""What a reviewer finds in a query file by reading it: the rules of docs/sql.md, checked on the parsed statement.

PREPARE tells whether a statement can run; this tells whether it should.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pglast import ast
from pglast.enums import A_Expr_Kind, SortByDir, SubLinkType
from pglast.parser import ParseError

from service.queries import Query
from service.queries.findings import Finding
from service.queries.review.schema import Schema
from service.queries.review.sharding import (
    actions,
    answers,
    other_tenants,
    settings,
    snapshots,
    unfit,
)
from service.queries.review.single import at_most_one
from service.queries.review.syntax import (
    Problem,
    Statement,
    column_names,
    conjuncts,
    descendants,
    items,
    levels,
    location,
    output,
    own,
    parse,
    uncast,
)

WITH_ROWS = ("one", "maybe", "many", "page")
AT_MOST_ONE = ("one", "maybe")
EVERYBODYS = "operations"  # its jobs and notifications are written with what they tell of

# What PostgreSQL refuses on a standby, because it writes or takes a transaction id; and advisory locks, which
# keep nobody out who takes them on the primary.
NOT_ON_A_STANDBY = re.compile(
    r"nextval|setval|pg_current_xact_id|txid_current|pg_notify|pg_logical_emit_message"
    r"|lo_\w+|lowrite|pg_(try_)?advisory_\w+"
)


def review(query: Query[Any], schema: Schema) -> list[Finding]:
    """What is wrong with the query, from its first line to its last."""
    try:
        statement = parse(query.text)
    except ParseError as error:
        message, position = error.args
        return [Finding(query.path, _line(query, position), "error", message)]
    findings = [
        Finding(query.path, 1 if node is None else _line(query, location(node)), "error", message)
        for node, message in _errors(query, statement, schema)
    ]
    if (
        query.cardinality in AT_MOST_ONE
        and query.single is None
        and output(statement)
        and not at_most_one(statement, schema)
    ):
        message = (
            f"`:{query.cardinality}` without a unique predicate: say `-- single: why` if there is"
            " at most one row"
        )
        findings.append(Finding(query.path, 1, "warning", message))
    return sorted(findings, key=lambda finding: finding.line)


def _line(query: Query[Any], position: int | None) -> int:
    """The line of the file that is at a position in the text; after its end is its last one."""
    line = query.first_line + query.text.count("\n", 0, position or 0)
    return min(line, query.source.rstrip().count("\n") + 1)


def _errors(query: Query[Any], statement: Statement, schema: Schema) -> Iterator[Problem]:
    def is_tenant(value: ast.Node | None) -> bool:
        return _is_parameter(query, value, "tenant_id")

    limited = _limited(statement, schema)
    for level, ctes in levels(statement):
        yield from other_tenants(level, ctes, schema, is_tenant, ":tenant_id")
        yield from _stars(level)
        yield from _without_order(level)
        yield from _joined_with_limited(level, ctes & limited)
    yield from settings(statement)
    yield from snapshots(statement, schema)
    yield from answers(statement, schema)
    yield from actions(statement, schema)
    yield from unfit(statement, schema)
    yield from _other_areas(query, statement, schema)
    if query.replica is not None:
        yield from _not_on_a_replica(statement)
    yield from _wrong_cardinality(query, statement)
    if query.cardinality == "page":
        yield from _wrong_page(query, statement)


def _is_parameter(query: Query[Any], node: ast.Node | None, name: str) -> bool:
    match uncast(node):
        case ast.ParamRef(number=int(number)):
            return list(query.parameters)[number - 1] == name
    return False


# Columns and order -----------------------------------------------------------------------------------


def _stars(level: Statement) -> Iterator[Problem]:
    for target in (level.targetList or ()) if isinstance(level, ast.SelectStmt) else output(level):
        match target.val:
            case (
                ast.ColumnRef(fields=(*_, ast.A_Star()))
                | ast.A_Indirection(indirection=(*_, ast.A_Star()))
            ):
                yield target, "`*` for columns: name them"


def _without_order(level: Statement) -> Iterator[Problem]:
    if isinstance(level, ast.SelectStmt) and level.limitCount is not None and not level.sortClause:
        has_place = location(level.limitCount) is not None  # a constant has none
        yield level.limitCount if has_place else level, "LIMIT without ORDER BY"


# Limits ----------------------------------------------------------------------------------------------


def _joined_with_limited(level: Statement, limited: frozenset[str]) -> Iterator[Problem]:
    """A join of the table that the level changes with the rows that `LIMIT :limit` leaves.

    A generic plan takes them for a tenth of all, and so joins by a hash, which reads the whole table.
    """
    if not isinstance(level, ast.UpdateStmt | ast.DeleteStmt):
        return
    target, *others = items(level)
    found = [other.source for other in others if _is_limited(other.source, limited)]
    for node in own(level.whereClause):
        match node:
            case ast.SubLink(
                subLinkType=SubLinkType.ANY_SUBLINK | SubLinkType.EXISTS_SUBLINK,
                subselect=ast.SelectStmt() as select,
            ) if _has_limited(select, limited):
                found.append(node)
    for node in found:
        message = (
            f"the plan cannot know how few rows LIMIT leaves, and may read all of"
            f" {target.source.relname}: say `{target.name}.id = any(array(SELECT ...))`"
        )
        yield node, message


def _limited(statement: Statement, schema: Schema) -> frozenset[str]:
    """The common table expressions of which a parameter tells how many rows they have."""
    found: frozenset[str] = frozenset()
    for node in descendants(statement):
        match node:
            case ast.CommonTableExpr(ctename=str(name), ctequery=ast.SelectStmt() as select) if (
                _has_limited(select, found) and not at_most_one(select, schema)
            ):
                found |= {name}
    return found


def _has_limited(select: ast.SelectStmt, limited: frozenset[str]) -> bool:
    if select.limitCount is not None:
        return any(isinstance(node, ast.ParamRef) for node in descendants(select.limitCount))
    return any(_is_limited(item.source, limited) for item in items(select))


def _is_limited(source: ast.Node, limited: frozenset[str]) -> bool:
    match source:
        case ast.RangeVar(schemaname=None, relname=name):
            return name in limited
        case ast.RangeSubselect(subquery=ast.SelectStmt() as select):
            return _has_limited(select, limited)
    return False


# Areas -----------------------------------------------------------------------------------------------


def _other_areas(query: Query[Any], statement: Statement, schema: Schema) -> Iterator[Problem]:
    """Tables of areas that no foreign key connects with the query's own, if that has tables of tenants."""
    area = query.name.partition(".")[0]
    areas = {table.partition(".")[0] for table in schema.tenant_columns}
    if area not in areas:
        return
    connected = {other for other in areas if frozenset((area, other)) in schema.links}
    for node in descendants(statement):
        match node:
            case ast.RangeVar(schemaname=str(other), relname=table) if (
                other in areas - connected - {area, EVERYBODYS}
            ):
                yield node, f"{other}.{table}: no foreign key connects {area} with {other}"


# Replicas --------------------------------------------------------------------------------------------


def _not_on_a_replica(statement: Statement) -> Iterator[Problem]:
    for node in descendants(statement):
        match node:
            case ast.InsertStmt() | ast.UpdateStmt() | ast.DeleteStmt() | ast.MergeStmt():
                yield node.relation, "a replica cannot write"
            case ast.IntoClause():
                yield node.rel, "a replica cannot write"
            case ast.SelectStmt(lockingClause=tuple()):
                yield node, "a replica cannot lock rows"
            case ast.FuncCall(funcname=tuple(names)) if NOT_ON_A_STANDBY.fullmatch(names[-1].sval):
                yield node, f"a replica cannot run {names[-1].sval}()"


# Cardinality -----------------------------------------------------------------------------------------


def _wrong_cardinality(query: Query[Any], statement: Statement) -> Iterator[Problem]:
    columns = len(output(statement))
    is_select = isinstance(statement, ast.SelectStmt)
    name = f"`:{query.cardinality}`"
    if query.cardinality in WITH_ROWS and not columns:
        yield None, f"{name} of a statement that returns no columns"
    elif query.cardinality == "rowcount" and is_select:
        yield None, f"{name} of a SELECT: it changes no rows"
    elif query.cardinality not in WITH_ROWS and columns and not is_select:
        yield None, f"{name} of a statement with RETURNING: nobody gets the columns"


# Pages -----------------------------------------------------------------------------------------------


def _wrong_page(query: Query[Any], statement: Statement) -> Iterator[Problem]:
    """A page is what comes after a keyset, in its order, and one row more than asked for."""
    keys = query.page_keys
    if not keys or not isinstance(statement, ast.SelectStmt):
        yield None, "`:page` is a SELECT with a keyset, parameters after_<column>"
        return
    columns = ", ".join(keys)
    order = statement.sortClause or ()
    backwards = [key.sortby_dir == SortByDir.SORTBY_DESC for key in order]
    if not _is_sorted_by(statement, keys) or len(set(backwards)) > 1:
        place = order[0] if order else None
        yield place, f"`:page` is ordered by its keyset, all in one direction: ORDER BY {columns}"
    if not _is_one_more(query, statement.limitCount):
        yield statement.limitCount, "`:page` has LIMIT :limit + 1, to tell whether there are more"
    operator = "<" if backwards[:1] == [True] else ">"
    if not _is_after(query, statement, keys, operator):
        after = ", ".join(f":after_{key}" for key in keys)
        message = f"`:page` is what comes after its keyset: ({columns}) {operator} ({after})"
        yield statement.whereClause, message


def _columns(select: ast.SelectStmt) -> dict[str, ast.Node]:
    """What the SELECT returns, by the names of its columns."""
    targets = [target for target in output(select) if isinstance(target, ast.ResTarget)]
    names = [target.name or (column_names(target.val) or ("",))[-1] for target in targets]
    return {name: target.val for name, target in zip(names, targets, strict=True) if target.val}


def _is_sorted_by(select: ast.SelectStmt, keys: Sequence[str]) -> bool:
    columns = _columns(select)
    order = [key.node for key in select.sortClause or ()]
    return len(order) == len(keys) and all(
        key in columns and (node == columns[key] or column_names(node) == (key,))
        for key, node in zip(keys, order, strict=True)
    )


def _is_one_more(query: Query[Any], limit: ast.Node | None) -> bool:
    match limit:
        case ast.A_Expr(
            name=(ast.String(sval="+"),), lexpr=asked, rexpr=ast.A_Const(val=ast.Integer(ival=1))
        ):
            return _is_parameter(query, asked, "limit")
    return False


def _is_after(
    query: Query[Any], select: ast.SelectStmt, names: Sequence[str], operator: str
) -> bool:
    """Whether all rows come after the keyset, by a condition of the SELECT or of all that it selects from."""
    if select.larg is not None and select.rarg is not None:
        return all(_is_after(query, part, names, operator) for part in (select.larg, select.rarg))
    columns = [_columns(select).get(name) for name in names]
    for condition in conjuncts(select.whereClause):
        match condition:
            case ast.A_Expr(
                kind=A_Expr_Kind.AEXPR_OP, name=(ast.String(sval=symbol),), lexpr=left, rexpr=right
            ) if symbol == operator and _row(left) == columns and _is_keyset(query, _row(right)):
                return True
    match select.fromClause:
        case (ast.RangeSubselect(subquery=ast.SelectStmt() as source),):
            inner = [(column_names(column) or ("",))[-1] for column in columns]
            return _is_after(query, source, inner, operator)
    return False


def _row(node: Any) -> list[ast.Node | None]:
    return list(node.args or ()) if isinstance(node, ast.RowExpr) else [node]


def _is_keyset(query: Query[Any], row: list[ast.Node | None]) -> bool:
    return len(row) == len(query.page_keys) and all(
        _is_parameter(query, value, f"after_{key}")
        for key, value in zip(query.page_keys, row, strict=True)
    )
