"""Clients that are slow, each in its way."""

from dataclasses import dataclass
from typing import Any, Self

import psycopg

from tests.client import Tenant, Wire

MANY = 64
JSON = {"Content-Type": "application/json"}


@dataclass
class Large(Tenant):
    """A tenant with a list and an export that are larger than what the kernel keeps for a client."""

    list: str = ""

    @classmethod
    def of(cls, tenant: Tenant, sql: psycopg.Connection[Any]) -> Self:
        conversation = tenant.receive()["conversation_id"]
        sql.execute(
            """
            INSERT INTO inbox.messages (
                tenant_id, conversation_id, external_id, direction, body_text, sent_at
            )
            SELECT %s, %s, n, 'inbound', repeat('x', 200000), now()
            FROM generate_series(1, 50) AS n
            ON CONFLICT DO NOTHING
            """,
            [tenant.id, conversation],
        )
        sql.execute(
            """
            INSERT INTO inbox.conversations (tenant_id, channel_id, external_id)
            SELECT tenant_id, id, n
            FROM inbox.channels
            CROSS JOIN generate_series(1, 20000) AS n
            WHERE tenant_id = %s
            ON CONFLICT DO NOTHING
            """,
            [tenant.id],
        )
        sql.commit()
        path = f"/v1/conversations/{conversation}/messages?limit=100"
        return cls(tenant.id, tenant.service, tenant.users, path)


def send_nothing(wire: Wire, _: Tenant) -> None:
    pass


def send_half_a_head(wire: Wire, _: Tenant) -> None:
    wire.socket.sendall(b"GET /v1/tenant HTTP/1.1\r\nHost: draft")


def send_half_a_body(wire: Wire, tenant: Tenant) -> None:
    headers = JSON | {"Content-Length": "1000"}
    wire.send("POST", "/v1/jobs", tenant.service.credential, headers, b'{"type"')


def send_half_a_chunk(wire: Wire, tenant: Tenant) -> None:
    headers = JSON | {"Transfer-Encoding": "chunked"}
    wire.send("POST", "/v1/jobs", tenant.service.credential, headers, b'64\r\n{"type"')


def send_nothing_more(wire: Wire, _: Tenant) -> None:
    wire.send("GET", "/healthz")
    assert wire.answer()[0] == 200


def read_no_list(wire: Wire, tenant: Large) -> None:
    wire.send("GET", tenant.list, tenant.service.credential)
    assert wire.status() == 200


def read_no_export(wire: Wire, tenant: Tenant) -> None:
    wire.send("GET", "/v1/audit/export", tenant.service.credential)
    assert wire.status() in (200, 503)


WRITERS = [send_nothing, send_half_a_head, send_half_a_body, send_half_a_chunk, send_nothing_more]
READERS = [read_no_list, read_no_export]
