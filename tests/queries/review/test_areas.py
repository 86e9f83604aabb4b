"""A query uses tables of other areas only where foreign keys connect them with its own."""

from dataclasses import replace

from service.queries.review.schema import Schema
from tests.queries.review.helpers import errors, query


def found_in(area: str, table: str, schema: Schema) -> list[tuple[int, str]]:
    asked = query(
        f"SELECT t.id\nFROM {table} AS t\nWHERE t.tenant_id = :tenant_id\n    AND t.id = :id"
    )
    return errors(replace(asked, name=f"{area}.name"), schema)


def test_tables_are_shared_where_a_foreign_key_connects_the_areas(schema: Schema) -> None:
    assert found_in("drafts", "drafts.drafts", schema) == []
    assert found_in("drafts", "inbox.messages", schema) == []
    assert found_in("inbox", "drafts.drafts", schema) == []  # which the attachments refer to


def test_tables_of_operations_are_everybodys(schema: Schema) -> None:
    assert found_in("inbox", "operations.jobs", schema) == []


def test_an_area_does_not_use_what_nothing_connects_it_with(schema: Schema) -> None:
    message = "drafts.drafts: no foreign key connects pipelines with drafts"
    assert found_in("pipelines", "drafts.drafts", schema) == [(2, message)]
    assert [message for _, message in found_in("tweets", "inbox.messages", schema)] == [
        "inbox.messages: no foreign key connects tweets with inbox"
    ]
    assert found_in("operations", "drafts.drafts", schema) != []


def test_an_area_without_tables_is_not_asked(schema: Schema) -> None:
    assert found_in("area", "drafts.drafts", schema) == []
