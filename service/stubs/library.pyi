"""Written by `make sql` from sql/ and the schema; edit those."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, Literal, NamedTuple
from uuid import UUID

from service.queries import Bound, Query

class FindResourceRow(NamedTuple):
    id: UUID

class FindResource(Query[Literal["maybe"]]):
    """The id of the resource that has a public id. Index: resources_public_id_key."""

    def __call__(
        self,
        *,
        public_id: str,
    ) -> Bound[Literal["maybe"], FindResourceRow]: ...

class FindVersionRow(NamedTuple):
    id: UUID

class FindVersion(Query[Literal["maybe"]]):
    """The id of the version that has a public id. Index: resource_versions_public_id_key."""

    def __call__(
        self,
        *,
        public_id: str,
    ) -> Bound[Literal["maybe"], FindVersionRow]: ...

class Library:
    find_resource: FindResource
    find_version: FindVersion
