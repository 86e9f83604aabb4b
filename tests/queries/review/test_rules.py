"""What is found in a file is in the order of its lines, and in those of the service there is nothing."""

from service.queries import load
from service.queries.findings import Finding
from service.queries.review.rules import review
from service.queries.review.schema import Schema
from tests.queries.review.helpers import PATH, errors, query


def test_what_is_no_statement_is_found_with_its_line(schema: Schema) -> None:
    found = review(query("SELECT 'é',\n    1 FROM\n    FROM"), schema)
    assert found == [Finding(PATH, 5, "error", 'syntax error at or near "FROM"')]
    found = review(query("SELECT 1 FROM"), schema)
    assert found == [Finding(PATH, 3, "error", "syntax error at end of input")]


def test_findings_come_in_the_order_of_their_lines(schema: Schema) -> None:
    text = "SELECT 1\nFROM scratch.items AS i\nORDER BY (\nSELECT *\nFROM scratch.items AS j\nLIMIT :limit)"
    assert [line for line, _ in errors(query(text), schema)] == [2, 4, 5, 6]


def test_every_query_of_the_service_is_as_it_should_be(schema: Schema) -> None:
    found = [finding for query in load().values() for finding in review(query, schema)]
    assert [str(finding) for finding in found] == []
