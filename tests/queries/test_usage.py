"""Where the code uses which query, and what reaches it."""

from pathlib import Path
from textwrap import dedent

import pytest

from service import create_app
from service.catalogue.book import FRAME
from service.config import Settings
from service.queries import load
from service.queries.review.check import unused_or_unknown
from service.queries.usage import read, references
from tests.commands import SECRET_KEY

SERVICE = Path(__file__).parents[2] / "service"
IMPORT = "from service.queries import queries\n"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    root = tmp_path / "service"
    write(root, "__init__", "")
    write(root, "queries", "queries = object()\n")
    return root


def write(root: Path, module: str, source: str) -> None:
    path = root / f"{module}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(source))


def found(root: Path) -> list[tuple[str, int, str]]:
    return [(found.name, found.line, found.function) for found in references(root)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # Imports: of the queries, of their module, under other names, within a function.
        (IMPORT + "def f():\n    return queries.a.b(id=1)\n", [("a.b", 3, "f")]),
        ("from service.queries import queries as q\nq.a.b\n", [("a.b", 2, "")]),
        ("from service import queries as m\nm.queries.a.b\n", [("a.b", 2, "")]),
        ("def f():\n    from service.queries import queries\n    queries.a.b\n", [("a.b", 3, "f")]),
        # A name for an area holds for the function that gives it.
        (
            IMPORT + "def f():\n    x = queries.a\n    x.b()\ndef g(x):\n    x.c()\n",
            [("a.b", 4, "f")],
        ),
        # As an argument, with what belongs to a query, and over lines, which count from the first.
        (IMPORT + "def f():\n    return page(queries.a.b, {})\n", [("a.b", 3, "f")]),
        (IMPORT + "queries.a.b.parameters['x']\n", [("a.b", 2, "")]),
        (IMPORT + "(\n    queries\n    .a\n    .b\n)\n", [("a.b", 3, "")]),
        # Functions own what is nested in them and their defaults, names own their values.
        (IMPORT + "def f():\n    async def g():\n        queries.a.b\n", [("a.b", 4, "f")]),
        (IMPORT + "def f():\n    return [lambda: queries.a.b for _ in x]\n", [("a.b", 3, "f")]),
        (IMPORT + "async def f(x=queries.a.b): pass\n", [("a.b", 2, "f")]),
        (
            IMPORT + "class C:\n    x = queries.a.b\n    def m(self):\n        queries.a.c\n",
            [("a.b", 3, "C"), ("a.c", 5, "C.m")],
        ),
        (IMPORT + "X = {'k': queries.a.b}\n", [("a.b", 2, "X")]),
        (IMPORT + "X: dict[str, object] = {'k': queries.a.b}\n", [("a.b", 2, "X")]),
        # A decorator is the module's.
        (IMPORT + "@known(queries.a.b)\ndef f(): pass\n", [("a.b", 2, "")]),
        # Other things of that name, only an area, a text, a comment.
        ("from other import queries\nqueries.a.b\n", []),
        ("queries = object()\nqueries.a.b\n", []),
        (IMPORT + "queries.a\n'queries.a.b'  # queries.a.b\n", []),
    ],
)
def test_references_are_found(
    package: Path, source: str, expected: list[tuple[str, int, str]]
) -> None:
    write(package, "module", source)
    assert found(package) == expected
    assert {reference.path for reference in references(package)} <= {Path("service/module.py")}


def test_what_reaches_a_query_is_followed_through_mentions(package: Path) -> None:
    write(
        package,
        "area/work",
        """\
        from service.queries import queries

        STEPS = {"k": queries.a.b}

        def helper(again=True):
            return helper(False) if again else (lambda: STEPS)

        def untouched(): pass
        """,
    )
    write(
        package,
        "area/routes",
        """\
        from service.area import work
        from service.area.work import helper as chosen, untouched
        from service.frame import operation

        @operation(work.helper)
        def decorated(): pass

        @operation("scope")
        def view():
            return page(chosen)

        class Worker:
            def work(self):
                untouched()
                return work.helper()

        def stranger():
            return untouched()
        """,
    )
    write(
        package,
        "frame",
        """\
        from service.queries import queries

        def operation(scope):
            def decorate(view):
                return queries.a.enter
            return decorate
        """,
    )
    usage = read(package)
    assert usage.reaching("a.b") == {
        "service.area.work.STEPS",
        "service.area.work.helper",
        "service.area.routes.view",
        "service.area.routes.Worker.work",
    }
    # What a decorator does is not what the function does.
    assert usage.reaching("a.enter") == {"service.frame.operation"}
    assert usage.reaching("a.nothing") == set()


def test_an_unknown_name_and_an_unused_file_are_findings(package: Path) -> None:
    write(package, "module", IMPORT + "queries.drafts.decide\nqueries.drafts.decided\n")
    known = {name: load()[name] for name in ("drafts.decide", "drafts.feed")}
    assert [finding.message for finding in unused_or_unknown(known, package)] == [
        "nothing uses drafts.feed",
        "there is no query drafts.decided",
    ]


def test_the_service_uses_every_query_and_no_other() -> None:
    assert {reference.name for reference in references(SERVICE)} == load().keys()


def test_every_endpoint_reaches_a_query(settings: Settings) -> None:
    usage = read(SERVICE)
    reaching = {function for query in load() for function in usage.reaching(query)}
    app = create_app(
        Settings(database_url=settings.database_url, secret_key=SECRET_KEY, log_level="WARNING")
    )
    app.extensions["draftroom"].database.close()
    views = {
        f"{view.__module__}.{view.__qualname__}"
        for view in app.view_functions.values()
        if hasattr(view, "operation")
    }
    assert views - reaching == {
        "service.operations.health.healthz",
        "service.operations.prometheus.get_metrics",
    }
    assert FRAME in usage.reaching("identity.authenticate_key")
