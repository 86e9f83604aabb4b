"""The pages."""

from flask import Response, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PostgresLexer
from werkzeug.wrappers import Response as AnyResponse

from service import auth, errors
from service.caller import NOBODY
from service.catalogue import access, blueprint, statistics, tryout
from service.catalogue.book import Book, Entry, book
from service.catalogue.diagram import draw
from service.queries import queries
from service.state import state

# What a cardinality means to who calls the query.
CARDINALITIES = {
    "one": "exactly one row, or the answer is 404",
    "maybe": "a row or none: the guard of a change",
    "many": "rows",
    "page": "a page of rows, with the keys of the next one",
    "rowcount": "how many rows changed",
    "exec": "nothing",
}


@blueprint.get("", strict_slashes=False)
def index() -> str:
    """The areas; or what was searched for."""
    known = book()
    words = request.args.get("q", "").strip()
    if not words:
        return render_template("catalogue/index.html", book=known)
    tables, entries = known.find(words)
    return render_template(
        "catalogue/search.html", book=known, words=words, tables=tables, entries=entries
    )


@blueprint.get("/<area>")
def area(area: str) -> str:
    known = book()
    shown = known.areas.get(area)
    if shown is None:
        raise errors.not_found(f"There is no area {area}.")
    diagram = draw(area, shown.tables) if shown.tables else None
    return render_template("catalogue/area.html", book=known, area=shown, diagram=diagram)


@blueprint.get("/tables/<name>")
def table(name: str) -> str:
    known = book()
    shown = known.tables.get(name)
    if shown is None:
        raise errors.not_found(f"There is no table {name}.")
    place = {"area": shown.area, "table_name": shown.name}
    session = state().database.session(NOBODY)
    return render_template(
        "catalogue/table.html",
        book=known,
        table=shown,
        size=session.maybe_row(queries.catalogue.get_table_size(**place)),
        indexes=session.rows(queries.catalogue.list_indexes(**place)),
    )


@blueprint.get("/queries/<name>")
def query(name: str) -> str:
    known = book()
    entry = _entry(known, name)
    return _query_page(known, entry, tryout.samples(entry.query))


@blueprint.get("/queries/<name>/try")
def leave_try(name: str) -> AnyResponse:
    """Where who reloads the address of a result goes."""
    return redirect(url_for("catalogue.query", name=name), 303)


@blueprint.post("/queries/<name>/try")
def try_query(name: str) -> Response:
    access.refuse_cross_site()
    access.require_try()
    known = book()
    entry = _entry(known, name)
    fields, problem = tryout.filled_in(entry.query, request.form)
    problem = _obstacle(entry) or problem
    outcome: tryout.Result | tryout.Refusal
    if problem is not None:
        outcome = tryout.Refusal(problem)
    else:
        url = state().settings.database_url_ro
        assert url is not None, "without it there is an obstacle"
        outcome = tryout.run(url, auth.caller(), entry.query, fields)
    response = make_response(_query_page(known, entry, fields, outcome))
    if isinstance(outcome, tryout.Refusal):
        response.status_code = 503 if outcome.is_away else 400
    return response


@blueprint.route("/<path:unknown>", methods=["GET", "POST"])
def nothing(unknown: str) -> str:
    raise errors.not_found("There is no such page.")


def _entry(known: Book, name: str) -> Entry:
    entry = known.entries.get(name)
    if entry is None:
        raise errors.not_found(f"There is no query {name}.")
    return entry


def _query_page(
    known: Book,
    entry: Entry,
    fields: list[tryout.Field],
    outcome: tryout.Result | tryout.Refusal | None = None,
) -> str:
    return render_template(
        "catalogue/query.html",
        book=known,
        entry=entry,
        query=entry.query,
        source=_highlighted(entry.query.source),
        cardinality=CARDINALITIES[entry.query.cardinality],
        statistics=statistics.of(entry.query.name),
        may_try=access.may_try(),
        obstacle=_obstacle(entry),
        fields=fields,
        result=outcome if isinstance(outcome, tryout.Result) else None,
        refusal=outcome if isinstance(outcome, tryout.Refusal) else None,
    )


def _obstacle(entry: Entry) -> str | None:
    """Why the query cannot be tried by anyone."""
    if entry.problem is not None:
        return "It does not fit the schema, so it cannot be tried."
    if entry.writes:
        return "It writes, so it cannot be tried: only queries that read can."
    if entry.plan and any(node.type == "LockRows" for node in entry.plan.walk()):
        return "It locks rows, so it cannot be tried: only queries that read can."
    if state().settings.database_url_ro is None:
        return "Trying needs DATABASE_URL_RO, a connection as app_ro, which is not set."
    return None


def _highlighted(source: str) -> list[Markup]:
    """The lines of the file; what Pygments marks never reaches over the end of one."""
    marked = highlight(source, PostgresLexer(stripnl=False), HtmlFormatter(nowrap=True))
    return Markup(marked).rstrip("\n").split("\n")  # noqa: S704 - Pygments escapes
