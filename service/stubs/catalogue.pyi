"""Written by `make sql` from sql/ and the schema; edit those."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, Literal, NamedTuple
from uuid import UUID

from service.queries import Bound, Query

class GetTableSizeRow(NamedTuple):
    estimated_rows: int | None
    table_size: str
    index_size: str

class GetTableSize(Query[Literal["maybe"]]):
    """How large a table is, with all its partitions: its rows as last estimated, NULL before the first ANALYZE, and its size."""

    def __call__(
        self,
        *,
        area: str,
        table_name: str,
    ) -> Bound[Literal["maybe"], GetTableSizeRow]: ...

class ListAreasRow(NamedTuple):
    name: str
    comment: str | None

class ListAreas(Query[Literal["many"]]):
    """The schemas of the areas, with what they are for."""

    def __call__(
        self,
        *,
        areas: Sequence[str],
    ) -> Bound[Literal["many"], ListAreasRow]: ...

class ListColumnsRow(NamedTuple):
    area: str
    table_name: str
    name: str
    type: str
    is_nullable: bool
    default_value: str | None
    comment: str | None
    is_key: bool
    protection: str | None

class ListColumns(Query[Literal["many"]]):
    """The columns of the tables, in their order, with what they hold, whether they are in the primary key, and what of them is not a writer's to change after the insert: the arguments of the triggers that operations.protect() made say so."""

    def __call__(
        self,
        *,
        areas: Sequence[str],
    ) -> Bound[Literal["many"], ListColumnsRow]: ...

class ListConstraintsRow(NamedTuple):
    area: str
    table_name: str
    name: str
    type: str
    definition: str
    message: str | None
    references_table: str | None
    columns: list[str] | None

class ListConstraints(Query[Literal["many"]]):
    """The constraints of the tables, with what a client is told when one is violated; of foreign keys also which columns reference which table. That a column is NOT NULL is told with the column."""

    def __call__(
        self,
        *,
        areas: Sequence[str],
    ) -> Bound[Literal["many"], ListConstraintsRow]: ...

class ListIndexesRow(NamedTuple):
    name: str
    definition: str
    message: str | None
    size: str
    scans: int

class ListIndexes(Query[Literal["many"]]):
    """The indexes of a table: how large they are, and how often they were used since the statistics were reset, as in pg_stat_user_indexes; of a partitioned table those of all partitions together."""

    def __call__(
        self,
        *,
        area: str,
        table_name: str,
    ) -> Bound[Literal["many"], ListIndexesRow]: ...

class ListPoliciesRow(NamedTuple):
    area: str
    table_name: str
    name: str
    command: str
    visible: str | None
    writable: str | None
    comment: str | None

class ListPolicies(Query[Literal["many"]]):
    """The policies of row-level security: for which commands, which rows are seen, which may be written."""

    def __call__(
        self,
        *,
        areas: Sequence[str],
    ) -> Bound[Literal["many"], ListPoliciesRow]: ...

class ListStatementStatisticsRow(NamedTuple):
    query: str
    calls: int
    mean_seconds: float
    max_seconds: float
    rows: int

class ListStatementStatistics(Query[Literal["many"]]):
    """How the queries do, as pg_stat_statements counts it, if that extension is there: a statement of the service ends with its name, and is there once for rows and once for JSON."""

    def __call__(self) -> Bound[Literal["many"], ListStatementStatisticsRow]: ...

class ListTablesRow(NamedTuple):
    area: str
    name: str
    comment: str | None
    is_isolated: bool
    writer_may: list[str]
    is_readable: bool

class ListTables(Query[Literal["many"]]):
    """The tables of the areas, with what they are for, whether row-level security holds for their owner too, and what a writer, who connects as app_rw, and a reader, as app_ro, may do with them."""

    def __call__(
        self,
        *,
        areas: Sequence[str],
    ) -> Bound[Literal["many"], ListTablesRow]: ...

class ListTransitionsRow(NamedTuple):
    entity: str
    from_status: str
    to_status: str

class ListTransitions(Query[Literal["many"]]):
    """The legal status changes of every table that has a status."""

    def __call__(self) -> Bound[Literal["many"], ListTransitionsRow]: ...

class ListTriggersRow(NamedTuple):
    area: str
    table_name: str
    name: str
    definition: str
    comment: str | None

class ListTriggers(Query[Literal["many"]]):
    """The triggers of the tables, with what their functions are for; those that foreign keys bring along are left out."""

    def __call__(
        self,
        *,
        areas: Sequence[str],
    ) -> Bound[Literal["many"], ListTriggersRow]: ...

class Catalogue:
    get_table_size: GetTableSize
    list_areas: ListAreas
    list_columns: ListColumns
    list_constraints: ListConstraints
    list_indexes: ListIndexes
    list_policies: ListPolicies
    list_statement_statistics: ListStatementStatistics
    list_tables: ListTables
    list_transitions: ListTransitions
    list_triggers: ListTriggers
