"""Where the code uses which query: names as Python resolves them, and what calls what."""

from pathlib import Path
from textwrap import dedent

import pytest

from service import create_app
from service.catalogue.usage import read, references
from service.config import Settings
from service.queries import load
from tests.conftest import SECRET_KEY

SERVICE = Path(__file__).parents[2] / "service"


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
        # As it is mostly written.
        (
            """\
            from service.queries import queries

            def view():
                return queries.drafts.decide(id=1)
            """,
            [("drafts.decide", 4, "view")],
        ),
        # Under other names.
        ("from service.queries import queries as q\nq.a.b\n", [("a.b", 2, "")]),
        ("import service.queries\nservice.queries.queries.a.b\n", [("a.b", 2, "")]),
        ("import service.queries as m\nm.queries.a.b\n", [("a.b", 2, "")]),
        ("from service import queries\nqueries.queries.a.b\n", [("a.b", 2, "")]),
        ("from .queries import queries\nqueries.a.b\n", [("a.b", 2, "")]),
        ("from . import queries as m\nm.queries.a.b\n", [("a.b", 2, "")]),
        ("def f():\n    from service.queries import queries\n    queries.a.b\n", [("a.b", 3, "f")]),
        # By an alias of an area, or of a query.
        (
            "from service.queries import queries\ndef f():\n    area = queries.a\n    area.b()\n",
            [("a.b", 4, "f")],
        ),
        (
            "from service.queries import queries\nstep = queries.a.b\ndef f():\n    step()\n",
            [("a.b", 2, "step"), ("a.b", 4, "f")],
        ),
        # What belongs to a query is a mention of it.
        ("from service.queries import queries\nqueries.a.b.parameters['x']\n", [("a.b", 2, "")]),
        # Over lines, in calls, defaults, decorators, lambdas, comprehensions, classes, nested functions.
        (
            "from service.queries import queries\n(\n    queries\n    .a\n    .b\n)\n",
            [("a.b", 3, "")],
        ),
        (
            "from service.queries import queries\ndef f(x=queries.a.b, *, y=queries.a.c): pass\n",
            [("a.b", 2, "f"), ("a.c", 2, "f")],
        ),
        (
            "from service.queries import queries\n@known(queries.a.b)\ndef f(): pass\n",
            [("a.b", 2, "f")],
        ),
        (
            "from service.queries import queries\ndef f():\n    return [lambda: queries.a.b for _ in x]\n",
            [("a.b", 3, "f")],
        ),
        (
            "from service.queries import queries\nclass C:\n    x = queries.a.b\n"
            "    def m(self):\n        return queries.a.c\n",
            [("a.b", 3, "C"), ("a.c", 5, "C.m")],
        ),
        (
            "from service.queries import queries\ndef f():\n    async def g():\n        queries.a.b\n",
            [("a.b", 4, "f")],
        ),
        (
            "from service.queries import queries\nx: dict[str, object] = {'k': queries.a.b}\n",
            [("a.b", 2, "x")],
        ),
        ("from service.queries import queries\nf'{queries.a.b}'\n", [("a.b", 2, "")]),
        # The same name, but not the queries.
        ("from other import queries\nqueries.a.b\n", []),
        ("queries = object()\nqueries.a.b\n", []),
        ("from service.queries import queries\ndef f(queries):\n    queries.a.b\n", []),
        ("from service.queries import queries\ndef f():\n    queries = 1\n    queries.a.b\n", []),
        ("from service.queries import queries\nlambda queries: queries.a.b\n", []),
        ("from service.queries import queries\n[queries.a.b for queries in x]\n", []),
        (
            "from service.queries import queries\ndef f():\n    for queries in x:\n        queries.a.b\n",
            [],
        ),
        # An alias that means one thing here and another there means nothing for sure.
        (
            "from service.queries import queries\ndef f():\n    q = queries.a\n    q = other\n    q.b\n",
            [],
        ),
        # In a text or a comment, or only an area.
        ("from service.queries import queries\n'queries.a.b'  # queries.a.b\nqueries.a\n", []),
    ],
)
def test_references_are_found(
    package: Path, source: str, expected: list[tuple[str, int, str]]
) -> None:
    write(package, "module", source)
    assert found(package) == expected
    assert {reference.path for reference in references(package)} <= {Path("service/module.py")}


def test_a_name_is_followed_through_another_module(package: Path) -> None:
    write(package, "shared", "from service.queries import queries\n")
    write(package, "module", "from service.shared import queries as q\nq.a.b\n")
    assert found(package) == [("a.b", 2, "")]


def test_modules_that_import_each_other_are_no_trouble(package: Path) -> None:
    write(package, "one", "from service.two import x\nx.a.b\n")
    write(package, "two", "from service.one import x\nx.a.b\n")
    assert found(package) == []


def test_what_reaches_a_query_is_followed_through_calls(package: Path) -> None:
    write(
        package,
        "area/work",
        """\
        from service.queries import queries

        STEPS = {"k": queries.a.b}

        class Worker:
            def start(self):
                return self._step()

            def _step(self):
                return STEPS["k"]

        def helper(again=True):
            return helper(False) if again else (lambda: STEPS)

        def untouched(): pass
        """,
    )
    write(package, "area/__init__", "from .work import helper as exported\n")
    write(
        package,
        "area/routes",
        """\
        from service import area
        from service.area.work import untouched
        from service.frame import operation

        @area.get("/")
        @operation("scope")
        def view():
            untouched()
            return page(area.exported)

        def other(): return view

        def stranger(view): return view
        """,
    )
    write(package, "frame", "def operation(scope): pass\n")
    usage = read(package)
    assert usage.reaching("a.b") == {
        "service.area.work.STEPS",
        "service.area.work.Worker._step",
        "service.area.work.Worker.start",
        "service.area.work.helper",
        "service.area.routes.view",
        "service.area.routes.other",
    }
    assert "service.frame.operation" in usage.decorators["service.area.routes.view"]
    # What a decorator does is not what the function does.
    assert usage.reaching("service.frame.operation") == set()
    assert usage.reaching("a.nothing") == set()


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
    assert views - reaching == {"service.operations.health.healthz"}
    for view in views:
        assert "service.rest.operation" in usage.decorators[view]
