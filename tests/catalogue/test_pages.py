"""Every page holds what it must, for every query, table and area that there is."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import urldefrag

import psycopg
import pytest

from service import create_app
from service.config import Settings
from service.queries import load
from tests.catalogue.pages import Browser
from tests.commands import SECRET_KEY
from tests.postgres import Server

pytestmark = pytest.mark.not_on_citus(
    "the catalogue shows plans, and there a plan is only a Custom Scan"
)

QUERIES = load()
AREAS = sorted({name.partition(".")[0] for name in QUERIES})

Owner = psycopg.Connection[Any]


def squeezed(text: str | None) -> str:
    return " ".join((text or "").split())


def test_the_index_names_every_area_table_and_query(dba: Browser, owner: Owner) -> None:
    page = dba.get()
    for name in QUERIES:
        assert f"/catalogue/queries/{name}" in page.links
    for area in AREAS:
        assert f"/catalogue/{area}" in page.links
    for table in tables(owner):
        assert f"/catalogue/tables/{table}" in page.links
    assert dba.get("/").source == page.source


@pytest.mark.parametrize("area", AREAS)
def test_an_area_has_its_tables_queries_and_diagram(dba: Browser, owner: Owner, area: str) -> None:
    page = dba.get(f"/{area}")
    own = [table for table in tables(owner) if table.startswith(f"{area}.")]
    for table in own:
        assert f"/catalogue/tables/{table}" in page.links
        assert squeezed(tables(owner)[table]) in page.text
    for name, query in QUERIES.items():
        if name.startswith(f"{area}."):
            assert squeezed(query.purpose) in page.text
    diagrams = page.all("svg")
    assert len(diagrams) == bool(own)
    for diagram in diagrams:
        names = str(diagram["aria-labelledby"]).split()
        assert [
            found["id"] for found in page.all("title") + page.all("desc") if "id" in found
        ] == names
    for found in owner.execute(
        "SELECT confrelid::regclass::text AS target FROM pg_constraint"
        " WHERE contype = 'f' AND connamespace = %s::regnamespace",
        [area if own else "pg_catalog"],
    ):
        assert (
            f"/catalogue/tables/{found['target']}" in page.links
            or found["target"] == "identity.tenants"
        )


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_a_query_is_described(dba: Browser, name: str) -> None:
    query = QUERIES[name]
    page = dba.get(f"/queries/{name}")
    assert squeezed(query.purpose) in page.text
    assert f":{query.cardinality}" in page.text
    assert str(query.path) in page.text
    assert "does not fit the schema" not in page.text
    for reason in (query.single, query.replica, *query.scans.values()):
        assert squeezed(reason) in page.text
    for parameter in query.parameters.values():
        assert f"<code>{parameter.name}</code>" in page.source
        assert parameter.type in page.text
        assert parameter.sample in page.text
    assert "value:tenant_id" not in page.source
    assert page.source.count('<ul class="plan">') == 1
    # The file as it is, line by line.
    lines = re.findall(r'<span class="line" id="line-\d+">(.*)</span>', page.source)
    shown = [unescape(re.sub(r"<[^>]*>", "", line)) for line in lines]
    assert shown == query.source.rstrip("\n").split("\n")
    assert "Traceback" not in page.source


def test_a_query_tells_its_columns_tables_and_users(dba: Browser) -> None:
    page = dba.get("/queries/drafts.decide")
    for table in ("drafts.drafts", "drafts.draft_actions", "drafts.learning_samples"):
        assert f"/catalogue/tables/{table}" in page.links
    assert "Update on drafts.drafts" in page.text
    assert "service/drafts/decisions.py:" in page.text
    assert "in _decide" in page.text
    assert {"/docs/#/drafts/approve_draft", "/docs/#/drafts/edit_draft"} <= page.links
    assert "/docs/#/drafts/archive_draft" not in page.links
    assert "drafts:decide" in page.text

    page = dba.get("/queries/drafts.get_draft")
    assert "/catalogue/tables/drafts.drafts#column-superseded_by_id" in page.links
    assert "Index Cond" in page.text


def test_what_every_endpoint_runs_is_told_once(dba: Browser) -> None:
    page = dba.get("/queries/identity.authenticate_key")
    assert "Every endpoint with a scope" in page.text
    assert "/docs/#/drafts/approve_draft" not in page.links


def test_a_query_of_the_catalogue_is_used_by_its_pages(dba: Browser) -> None:
    page = dba.get("/queries/catalogue.list_indexes")
    assert "GET /catalogue/tables/{name} catalogue:read" in page.text


def tables(owner: Owner) -> dict[str, str | None]:
    """The tables with their comments."""
    found = owner.execute(
        """
        SELECT n.nspname || '.' || c.relname AS name, obj_description(c.oid, 'pg_class') AS comment
        FROM pg_class AS c
        INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname = ANY (%s)
        """,
        [AREAS],
    ).fetchall()
    assert found
    return {row["name"]: row["comment"] for row in found}


def test_every_table_is_described(dba: Browser, owner: Owner) -> None:
    for table, comment in tables(owner).items():
        page = dba.get(f"/tables/{table}")
        assert squeezed(comment) in page.text
        told = owner.execute(
            """
            SELECT a.attname, format_type(a.atttypid, a.atttypmod), col_description(a.attrelid, a.attnum)
            FROM pg_attribute AS a
            WHERE a.attrelid = %(table)s::text::regclass AND a.attnum > 0 AND NOT a.attisdropped
            UNION ALL
            SELECT c.conname, pg_get_constraintdef(c.oid, true), obj_description(c.oid, 'pg_constraint')
            FROM pg_constraint AS c
            WHERE c.conrelid = %(table)s::text::regclass AND c.contype <> 'n'
            UNION ALL
            SELECT i.relname, pg_get_indexdef(i.oid), obj_description(i.oid, 'pg_class')
            FROM pg_index AS x
            INNER JOIN pg_class AS i ON i.oid = x.indexrelid
            WHERE x.indrelid = %(table)s::text::regclass
            UNION ALL
            SELECT t.tgname, pg_get_triggerdef(t.oid, true), obj_description(t.tgfoid, 'pg_proc')
            FROM pg_trigger AS t
            WHERE t.tgrelid = %(table)s::text::regclass AND NOT t.tgisinternal
            UNION ALL
            SELECT p.polname, pg_get_expr(p.polqual, p.polrelid, true), NULL
            FROM pg_policy AS p
            WHERE p.polrelid = %(table)s::text::regclass
            UNION ALL
            SELECT s.from_status, s.to_status, NULL
            FROM operations.status_transitions AS s
            WHERE s.entity = %(table)s::text
            """,
            {"table": table},
        )
        for row in told:
            for value in row.values():
                assert squeezed(value) in page.text


@pytest.mark.parametrize(
    ("table", "writer_may", "reader_may", "columns"),
    [
        (
            "inbox.conversations",
            "SELECT, INSERT, UPDATE",
            "SELECT",
            {
                "tenant_id": "never changes it",
                "external_id": "never changes it",
                "draft_count": "does not set it",
                "revision": "does not set it",
                "status": "may change it",
            },
        ),
        (
            "drafts.draft_actions",
            "SELECT, INSERT, UPDATE",
            "SELECT",
            {"type": "never changes it", "final_text": "empties it to redact"},
        ),
        (
            "pipelines.runs",
            "SELECT, INSERT, UPDATE, DELETE",
            "SELECT",
            {"error_message": "may change it"},
        ),
        ("operations.events", "SELECT", "SELECT", {"changes": "never changes it"}),
        ("operations.status_transitions", "SELECT", "SELECT", {"entity": "never changes it"}),
        ("identity.api_keys", "SELECT, INSERT, UPDATE", "nothing", {}),
    ],
)
def test_a_table_tells_what_a_writer_may_do(
    dba: Browser, table: str, writer_may: str, reader_may: str, columns: dict[str, str]
) -> None:
    page = dba.get(f"/tables/{table}")
    assert f"<dt>A writer, app_rw, may</dt><dd>{writer_may}</dd>" in page.source
    assert f"<dt>A reader, app_ro, may</dt><dd>{reader_may}</dd>" in page.source
    for column, told in columns.items():
        row = page.source.partition(f'id="column-{column}"')[2].partition("</tr>")[0]
        assert f"<td>{told}</td>" in row, column


def test_a_partitioned_table_is_as_large_as_its_partitions(dba: Browser, owner: Owner) -> None:
    size, of_indexes = (
        owner.execute(
            f"SELECT pg_size_pretty(sum({size}(inhrelid))) AS size FROM pg_inherits"
            " WHERE inhparent = 'studio.analytics_snapshots'::regclass".encode()
        ).fetchall()[0]["size"]
        for size in ("pg_table_size", "pg_indexes_size")
    )
    assert of_indexes != "0 bytes"
    page = dba.get("/tables/studio.analytics_snapshots")
    assert f"<dt>Size</dt><dd>{size}, and indexes of {of_indexes}</dd>" in page.source
    index = page.source.partition("analytics_snapshots_pkey ON ONLY")[2].partition("</tr>")[0]
    assert f'<td class="number">{of_indexes}</td>' in index


def test_a_table_tells_which_queries_read_and_write_it(dba: Browser) -> None:
    page = dba.get("/tables/drafts.draft_actions")
    read, written = page.source.split("Written by", 1)
    assert "/catalogue/queries/drafts.get_draft" in read
    assert "/catalogue/queries/drafts.decide" in written


def test_no_link_is_broken(dba: Browser) -> None:
    seen, waiting = set(), ["/catalogue"]
    while waiting:
        path = waiting.pop()
        page = dba.get(path.removeprefix("/catalogue"))
        ids = {found.get("id") for _, found in page.elements}
        for link in map(str, page.links):
            target, fragment = urldefrag(link)
            assert target or fragment in ids, link
            if target.startswith("/catalogue") and target not in seen:
                seen.add(target)
                waiting.append(target)
    assert {f"/catalogue/queries/{name}" for name in QUERIES} <= seen


# Search ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "link"),
    [
        ("decide", "/catalogue/queries/drafts.decide"),
        ("DRAFTS.DECIDE", "/catalogue/queries/drafts.decide"),
        ("reviewer works", "/catalogue/queries/drafts.feed"),  # the purpose
        ("works   reviewer", "/catalogue/queries/drafts.feed"),
        ("inbox.attachments", "/catalogue/queries/inbox.list_draft_attachments"),  # a table
        ("edit_distance", "/catalogue/queries/drafts.decide"),  # a parameter
        ("signing_secret", "/catalogue/tables/inbox.channels"),  # a column
        ("levenshtein", "/catalogue/tables/drafts.learning_samples"),  # a column's comment
    ],
)
def test_search_finds(dba: Browser, words: str, link: str) -> None:
    page = dba.get(params={"q": words})
    assert link in page.links
    assert "/catalogue/queries/identity.list_users" not in page.links


def test_a_search_that_finds_nothing_says_so(dba: Browser) -> None:
    assert "Nothing has all of these words" in dba.get(params={"q": "decide zebra"}).text


def test_an_empty_search_is_the_index(dba: Browser) -> None:
    assert dba.get(params={"q": "  "}).source.count("<section") == len(AREAS)


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "{{ 7 * 7 }}",
        "\x00'--",
        "é" * 600,
    ],
)
def test_a_hostile_search_is_shown_as_it_is(dba: Browser, hostile: str) -> None:
    page = dba.get(params={"q": hostile})
    assert page.all("script") == page.all("img") == []
    [box] = [found for found in page.all("input") if found.get("name") == "q"]
    assert squeezed(box["value"]) == squeezed(hostile)


# What is not there -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/queries/drafts.nothing",
        "/queries/DRAFTS.FEED",
        "/queries/drafts",
        "/queries",
        "/tables/drafts.nothing",
        "/tables/pg_catalog.pg_class",
        "/tables/",
        "/a/b/c",
        "/drafts/",
        "/%00",
        "/%FF",
        "/queries/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/..%2f..%2fetc%2fpasswd",
        "/static/../routes.py",
        "/static/nothing.css",
    ],
)
def test_what_is_not_there_is_a_page_with_a_search_box(dba: Browser, path: str) -> None:
    page = dba.get(path, 404)
    assert "Not Found" in page.text
    assert [found for found in page.all("input") if found.get("type") == "search"]
    assert page.all("script") == []


def test_a_form_to_what_is_not_there_is_a_page(dba: Browser) -> None:
    assert "Not Found" in dba.attempt("drafts.nothing", expect=404).text


def test_the_address_of_a_result_leads_back_to_its_query(dba: Browser) -> None:
    answer = dba.session.get(
        f"{dba.url}/catalogue/queries/drafts.feed/try",
        auth=("", dba.key),
        allow_redirects=False,
        timeout=60,
    )
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        "/catalogue/queries/drafts.feed",
    )


# The schema changes ----------------------------------------------------------------------------------


def test_the_pages_follow_the_schema(server: Server, clone: Callable[[str], str]) -> None:
    """A migration shows at once; a query that it broke is told, and the rest is shown all the same."""
    name = clone("catalogue_that_changes")
    app = create_app(
        Settings(
            database_url=server.url("app_rw", name),
            database_url_ro=server.url("app_ro", name),
            secret_key=SECRET_KEY,
            log_level="WARNING",
            catalogue_tenant_id="00000000-0000-7000-8000-000000000001",
        )
    )
    client = app.test_client()
    try:
        assert client.get("/catalogue/tables/drafts.notes").status_code == 404
        with psycopg.connect(server.url("app_owner", name), autocommit=True) as owner:
            owner.execute("CREATE TABLE drafts.notes (note text CHECK (note <> '<i>'))")
            owner.execute("COMMENT ON TABLE drafts.notes IS '<b>bold</b>'")
            owner.execute("DROP TABLE operations.source_documents CASCADE")
            assert client.get("/catalogue/tables/drafts.notes").status_code == 404
            owner.execute(
                "INSERT INTO public._yoyo_migration (migration_hash, migration_id) VALUES ('x', '9999')"
            )
            owner.execute("INSERT INTO operations.applied_migrations VALUES ('9999', 'x')")
        shown = client.get("/catalogue/tables/drafts.notes")
        assert shown.status_code == 200
        assert "&lt;b&gt;bold&lt;/b&gt;" in shown.text
        assert "&lt;i&gt;" in shown.text
        broken = client.get("/catalogue/queries/operations.list_source_documents")
        assert "does not fit the schema: relation" in broken.text
        assert (
            client.post("/catalogue/queries/operations.list_source_documents/try").status_code
            == 400
        )
        assert client.get("/catalogue/operations").status_code == 200
        assert "Schema 9999" in client.get("/catalogue").text
    finally:
        app.extensions["draftroom"].database.close()
