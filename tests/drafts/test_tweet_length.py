"""The length of a tweet, compared with the platform's own rules as its library has them."""

from importlib.resources import files
from typing import Any

import psycopg
import pytest
from twitter_text import parse_tweet

TEXTS = [
    "hello",
    "\n\n new\tlines ",
    "“quote”—dash…",
    "日本",
    "Ελλάδα, Россия",
    "cafe\u0301",
    "a\u200db",
    "🇩🇪🇫🇷🇩",
    "👍🏽👍",
    "https://example.com/abc",
    "HTTPS://EXAMPLE.COM/ABC",
    "see https://t.co/abc.",
    "(https://example.com/a_(b))",
    "https://example.com/a).",
    "https://example.com/ü?x=1#y",
    "https://a-b.example.com/p/q?r=s%20t#u",
    "https://example.com:8080/x",
    "https://example.com?utm=1",
    "https://münchen.de/straße",
    "https://t.co/abcです",
    "日本https://t.co/abc",
    "http://localhost",
    "https://exa_mple.com",
    "example.com",
    "example.co",
    "example.jp/abc",
    "foo.example.jp",
    "www.example.com,foo",
    "Sonne/Mond.de und",
    "ok.So go",
    "what.Then",
    "e.g. this",
    "1.5 and v1.2",
    "node.js and file.py",
    "ab.com-x",
    "a@b.com",
    "@example.com",
    "#example.com",
    "$example.com",
    "x" * 300,
]


def weight(text: str) -> int:
    counted: int = parse_tweet(text).weightedLength
    return counted


def emoji() -> list[str]:
    """Every emoji of Unicode's test file, also as it is sometimes written, without its variant."""
    lines = files("twitter_text").joinpath("regexp/emoji-test.txt").read_text().splitlines()
    written = [line.partition(";") for line in lines if line and not line.startswith("#")]
    return [
        "".join(chr(int(point, 16)) for point in points.split())
        for points, _, rest in written
        if not rest.strip().startswith("component")
    ]


def lengths(sql: psycopg.Connection[Any], texts: list[str]) -> dict[str, int]:
    found = sql.execute(
        "SELECT text, drafts.tweet_length(text) AS length FROM unnest(%s::text[]) AS text", [texts]
    ).fetchall()
    return {row["text"]: row["length"] for row in found}


def test_a_text_is_as_long_as_the_platform_says(sql: psycopg.Connection[Any]) -> None:
    assert lengths(sql, TEXTS) == {text: weight(text) for text in TEXTS}


def test_an_emoji_counts_two(sql: psycopg.Connection[Any]) -> None:
    texts = emoji()
    assert len(texts) > 3000
    assert lengths(sql, texts) == dict.fromkeys(texts, 2)
    assert {weight(text) for text in texts} == {2}


@pytest.mark.parametrize(
    "text", ["a." * 16000, "a_" * 16000, "https://" + "a." * 16000, "(" * 32000]
)
def test_the_longest_text_is_counted(sql: psycopg.Connection[Any], text: str) -> None:
    sql.execute("SET statement_timeout = '20s'")
    assert lengths(sql, [text])[text] > 280
