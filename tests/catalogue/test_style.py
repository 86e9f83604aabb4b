"""The style sheets: what the pages use is styled, and nothing comes from elsewhere."""

import re
from pathlib import Path

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PostgresLexer

from service.queries import load

CATALOGUE = Path(__file__).parents[2] / "service" / "catalogue"
STYLE = (CATALOGUE / "static" / "catalogue.css").read_text()

# What Pygments tells apart, but the eye need not: a quoted name is a name, too.
PLAIN = {"n", "o", "p", "s s-Name", "w"}


def test_every_kind_of_token_has_a_colour() -> None:
    lexer, formatter = PostgresLexer(), HtmlFormatter(nowrap=True)
    found = {
        names
        for query in load().values()
        for names in re.findall(r'class="([^"]+)"', highlight(query.source, lexer, formatter))
    }
    assert "err" not in found, "Pygments does not understand a file"
    styled = set(re.findall(r"\.sql \.(\w+)", STYLE))
    assert found <= styled | PLAIN


def test_every_colour_has_one_for_the_dark() -> None:
    light, dark = STYLE.split("@media (prefers-color-scheme: dark)", 1)
    colours = set(re.findall(r"(--[\w-]+): #", light))
    assert colours
    assert set(re.findall(r"(--[\w-]+): #", dark.split("}\n}", 1)[0])) == colours


def test_every_class_is_styled_and_every_style_used() -> None:
    used = set()
    for path in CATALOGUE.rglob("*.html"):
        text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
        for value in re.findall(r'class="([^"]*)"', text):
            used |= set(re.findall(r"[a-z-]+", re.sub(r"\{\{.*?'(.*?)'.*?\}\}", r"\1", value)))
    styled = set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"\.sql \.\w+", "", STYLE)))
    tokens = set(re.findall(r"\.sql \.(\w+)", STYLE))
    assert styled - used - tokens == set()


def test_nothing_is_fetched_from_elsewhere() -> None:
    for path in [*CATALOGUE.rglob("*.html"), *CATALOGUE.rglob("*.css")]:
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"(src|href)=\"(https?:)?//|url\((?!\"data:|#)|@import", text), path


def test_the_licence_of_what_is_not_ours_is_there() -> None:
    static = CATALOGUE / "static"
    assert "Licensed under MIT" in (static / "pico.classless.min.css").read_text()[:200]
    assert "Permission is hereby granted" in (static / "pico.classless.LICENSE.md").read_text()
