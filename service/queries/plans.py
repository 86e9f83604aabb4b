"""The plans of the queries: how PostgreSQL would run them, and with their samples how it did.

A plan is the generic one, which the service's role is told to use (`plan_cache_mode`): made once for a connection,
for whatever arguments come. All that it takes happens in one transaction that is rolled back, so a plan may be
asked for in production and through a pooler; with `analyze` the query runs, for as long as it takes.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import scalar_row

from service.queries.query import Bound, Query

WRITES = frozenset({"Insert", "Update", "Delete", "Merge"})
# They read no table: their relation is a CTE or a function.
OTHER_SCANS = frozenset({"CTE Scan", "WorkTable Scan", "Function Scan", "Table Function Scan"})
# They read a table from its beginning to its end.
FULL_SCANS = frozenset({"Seq Scan", "Parallel Seq Scan", "Sample Scan", "Parallel Sample Scan"})

ONLY_THE_TENANT = re.compile(r"\(\w+\.tenant_id = \S+\)")

# What EXPLAIN tells of a node that says why it reads or writes what it does.
CONDITIONS = frozenset(
    {
        *("Index Cond", "Recheck Cond", "TID Cond", "Order By", "Filter", "One-Time Filter"),
        *("Hash Cond", "Merge Cond", "Join Filter", "Cache Key", "Cache Mode"),
        *("Sort Key", "Presorted Key", "Group Key", "Window", "Run Condition"),
        *("Function Call", "Conflict Resolution", "Conflict Arbiter Indexes", "Conflict Filter"),
    }
)
# A partition of a month, as operations.make_partitions() names it; its indexes are named after it.
OF_A_MONTH = re.compile(r"_p[0-9]{6}(?=_|$)")
APPENDS = frozenset({"Append", "Merge Append"})

# An aggregate's strategy is a part of its name, but the plain one.
AGGREGATES = {"Plain": "", "Sorted": "Group", "Hashed": "Hash", "Mixed": "Mixed"}


@dataclass(frozen=True, slots=True)
class Actual:
    """What a node did, on average of its loops."""

    rows: float
    loops: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Node:
    """A step of a plan, with the words that EXPLAIN has for it."""

    type: str  # Index Scan Backward, Nested Loop Left Join, Update
    role: str  # for its parent: Outer, Inner, Member, Subquery, InitPlan, SubPlan; empty for the first node
    name: str | None  # of a CTE or a subplan: CTE known, SubPlan 1
    relation: str | None  # inbox.messages; the name of a CTE or a function that is scanned
    alias: str | None
    index: str | None
    conditions: tuple[tuple[str, str], ...]  # Index Cond, Filter, Sort Key, ... in EXPLAIN's order
    actual: Actual | None
    children: tuple["Node", ...]

    def walk(self) -> Iterator["Node"]:
        """The node and all below it, in the order of `lines`."""
        yield self
        for child in self.children:
            yield from child.walk()


def explain(
    connection: psycopg.Connection[Any],
    query: Query[Any],
    first: Sequence[Bound[Any, Any]],
    *,
    analyze: bool = False,
    tenant_id: str | None = None,
) -> Node:
    """The generic plan of the query after `first`, for the sample's tenant unless another is given.

    With `analyze` the query runs with its samples. The connection may be in a transaction, which goes on as if
    nothing had happened. Raises psycopg.Error, as the query would.
    """
    tenant_id = tenant_id or _sample_tenant([query, *(bound.query for bound in first)])
    # Never prepared by the driver: it would count on statements that are there in the next transaction.
    with (
        connection.transaction(force_rollback=True),
        psycopg.RawCursor(connection, row_factory=scalar_row) as cursor,
    ):
        for bound in first:
            cursor.execute(bound.query.text, bound.values(tenant_id), prepare=False)
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan", prepare=False)
        cursor.execute(sql.SQL("PREPARE explained AS ") + sql.SQL(query.text), prepare=False)
        try:
            # A transaction within, for after an error nothing could be deallocated.
            with connection.transaction(force_rollback=True):
                cursor.execute(_explain(query, tenant_id, analyze), prepare=False)
                [explained] = cursor.fetchall()
        finally:
            # It is the one thing that a rollback leaves behind; unless the driver, which forgets its own
            # statements at a rollback, has deallocated all.
            with suppress(psycopg.errors.InvalidSqlStatementName):
                cursor.execute("DEALLOCATE explained", prepare=False)
    return _node(explained[0]["Plan"])


def _sample_tenant(queries: Sequence[Query[Any]]) -> str:
    """The tenant in the samples of the first query that has one."""
    samples = (
        query.parameters["tenant_id"].sample_value
        for query in queries
        if "tenant_id" in query.parameters
    )
    return next(samples, None) or ""


def _explain(query: Query[Any], tenant_id: str, analyze: bool) -> sql.Composed:
    # A generic plan does not depend on the arguments, so they can always be the samples: literals in a reviewed file.
    samples = [
        sql.Literal(tenant_id) if name == "tenant_id" else sql.SQL(parameter.sample)
        for name, parameter in query.parameters.items()
    ]
    arguments = sql.SQL("({})").format(sql.SQL(", ").join(samples)) if samples else sql.SQL("")
    return sql.SQL(
        "EXPLAIN (ANALYZE {}, VERBOSE, COSTS OFF, FORMAT JSON) EXECUTE explained{}"
    ).format(sql.Literal(analyze), arguments)


def _node(plan: Mapping[str, Any]) -> Node:
    children = tuple(map(_node, plan.get("Plans", ())))
    if plan["Node Type"] in APPENDS:
        # What is done alike to each partition is told once: which there are depends on the month.
        children = tuple(dict.fromkeys(children))
    relation, alias = _relation(plan), plan.get("Alias")
    index = plan.get("Index Name")
    conditions = tuple((key, _text(value)) for key, value in plan.items() if key in CONDITIONS)
    if relation and alias and OF_A_MONTH.search(relation):
        # Its alias is numbered: s_1 for the first partition of s.
        table = alias.rpartition("_")[0]
        conditions = tuple(
            (key, re.sub(rf"\b{re.escape(alias)}\.", f"{table}.", text)) for key, text in conditions
        )
        relation, alias = OF_A_MONTH.sub("", relation), table
    return Node(
        type=_type(plan),
        role=plan.get("Parent Relationship", ""),
        name=plan.get("Subplan Name"),
        relation=relation,
        alias=alias,
        index=index and OF_A_MONTH.sub("", index),
        conditions=conditions,
        actual=_actual(plan),
        children=children,
    )


def _type(plan: Mapping[str, Any]) -> str:
    """The name of a node as EXPLAIN's text has it; JSON has it in parts."""
    name: str = plan["Node Type"]
    if name == "ModifyTable":
        name = plan["Operation"]
    elif name == "Aggregate":
        name = AGGREGATES[plan["Strategy"]] + name
        if plan["Partial Mode"] != "Simple":
            name = f"{plan['Partial Mode']} {name}"
    elif name == "SetOp":
        name = f"{'Hash' if plan['Strategy'] == 'Hashed' else ''}SetOp {plan['Command']}"
    if plan.get("Join Type", "Inner") != "Inner":
        name = f"{name.removesuffix(' Join')} {plan['Join Type']} Join"
    if plan.get("Scan Direction") == "Backward":
        name += " Backward"
    return f"Parallel {name}" if plan.get("Parallel Aware") else name


def _relation(plan: Mapping[str, Any]) -> str | None:
    keys = ("Relation Name", "Function Name", "CTE Name")
    name = next((str(plan[key]) for key in keys if key in plan), None)
    return f"{plan['Schema']}.{name}" if name and "Schema" in plan else name


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _actual(plan: Mapping[str, Any]) -> Actual | None:
    if "Actual Loops" not in plan:
        return None
    return Actual(plan["Actual Rows"], plan["Actual Loops"], plan["Actual Total Time"])


def lines(node: Node) -> list[str]:
    """The plan as EXPLAIN prints it, without what is not in a `Node`: costs, widths, outputs."""
    return list(_tree(node, ""))


def _tree(node: Node, indent: str) -> Iterator[str]:
    if node.name:
        yield indent + node.name
        indent += "  "
    yield f"{indent}->  {_title(node)}" if indent else _title(node)
    indent += "      " if indent else "  "
    for name, text in node.conditions:
        yield f"{indent}{name}: {text}"
    for child in node.children:
        yield from _tree(child, indent)


def _title(node: Node) -> str:
    title = node.type
    if node.index and node.relation:
        title += f" using {node.index}"
    place = node.relation or node.index or node.alias
    if place:
        title += f" on {place}"
        if node.alias and node.alias != place.rpartition(".")[2]:
            title += f" {node.alias}"
    if node.actual is None:
        return title
    if not node.actual.loops:
        return f"{title} (never executed)"
    actual = node.actual
    return f"{title} ({actual.milliseconds:g} ms, rows={actual.rows:g} loops={actual.loops})"


def tables_read(node: Node) -> set[str]:
    """The tables that the plan scans; none that only a trigger or a function reads."""
    return {
        inner.relation
        for inner in node.walk()
        if inner.relation and inner.type not in WRITES | OTHER_SCANS
    }


def tables_written(node: Node) -> set[str]:
    """The tables that the plan inserts into, updates or deletes from; none that only a trigger writes."""
    return {inner.relation for inner in node.walk() if inner.relation and inner.type in WRITES}


def indexes(node: Node) -> set[str]:
    """The indexes that the plan scans."""
    return {inner.index for inner in node.walk() if inner.index}


def scanned(node: Node) -> set[str]:
    """The tables that the plan reads without an index, or with one that only leads to the tenant.

    None of PostgreSQL's own catalog, which is small.
    """
    return {
        inner.relation
        for inner in node.walk()
        if inner.relation and _is_scan(inner) and not inner.relation.startswith("pg_catalog.")
    }


def _is_scan(node: Node) -> bool:
    by_index = [text for name, text in node.conditions if name in ("Index Cond", "Recheck Cond")]
    return node.type in FULL_SCANS or any(map(ONLY_THE_TENANT.fullmatch, by_index))


def unexplained_scans(query: Query[Any], plan: Node) -> list[str]:
    """Where plan and header differ about the tables that are read without an index, a sentence each."""
    tables = scanned(plan)
    missing = [
        f"{query.path}: reads {table} without an index, or all of a tenant;"
        f" if it must, say why: -- scan: {table}: reason"
        for table in sorted(tables - query.scans.keys())
    ]
    stale = [
        f"{query.path}: says -- scan: {table}, but does not read it so"
        for table in sorted(query.scans.keys() - tables)
    ]
    return missing + stale
