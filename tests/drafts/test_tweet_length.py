"""The length of a tweet, compared with the platform's own rules as its library has them."""

from importlib.resources import files
from random import Random
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
    "see example.photography and Example.STUDIO/abc.",
    "example.com:8080 and example.com:8080/x",
    "example.com?x=1 and https://example.com?x=1",
    "(see “example.com”, 'example.org/x' or example.net…)",
    "kim@example.com, @kim.example.com, and/or.de, .NET",
    "https://example.notadomain/and/a/path/that/is/long",
    "https://t.co/" + "a" * 40,
]

# Links in rare forms, which may count more; some of them X takes for none.
RARE = [
    "https://exa_mple.com",
    "a_b.example.com",
    "@user_example.with.a.long.name.example.com/and/a/path",
    "e.io?op.exampog.example.photo",
    "e.io?u=https://example.com/and/a/path/that/is/long",
    "日本example.shopです",
    "日本語.jp/日本語",
    "https://例子.中国/abc and 例子.中国",
    "/ПРИМЕР.РФ and https://пример.рф/путь",
    "https://t.co/abc/def",
    "https://t.co/abc?x=1",
    "https://a.example.com,https://b.example.com",
    "https://t.co/" + "a" * 41,
    "https://" + "a" * 64 + ".example.com",
    "👍example.com/and/a/path/that/is/long",
    "https://example.com👍.example.com/and/a/path",
    "www.example.com_x,foo.example.xn--p1ai@x",
    "https://example.com/1\u20e3",
]

WORDS = (
    "the of Hello, thanks! ok. It's soon. see: 10:30 1.5 v1.2 e.g. node.js README.md .NET C# $TSLA — (see"
    " kim.lee@example.co.uk @friend @user_x #tag and/or “quote” café Überraschung Привет 日本語です 你好。 👍🏽 🇩🇪"
).split()
HOSTS = (
    "example www.example a-b.example my.long-name.example e x1 user_name.example münchen".split()
)
PATHS = (
    "", "", "/", "/abc", "/a_(b)", "/straße?x=1#y", "/p,q.", ":8080/x", "/日本", "/@user/1", "?utm=1",
    "/path/that/is/rather/long/2026/index.html?a=b&c=d#e",
)  # fmt: skip
AFTER = [" "] * 14 + ["\n", ", ", ") ", "! ", ": ", "です", "。", "、", "…", "” ", "/", "-", ""]


def realistic(random: Random, domains: list[str]) -> str:
    """Words and links, some of them glued together."""
    parts = []
    for _ in range(random.randint(1, 20)):
        if random.random() < 0.8:
            parts.append(random.choice(WORDS))
        else:
            scheme = random.choice(["", "", "https://", "http://", "HTTPS://"])
            domain = random.choice(random.choice([["com", "de", "co.uk", "jp"], domains]))
            parts.append(f"{scheme}{random.choice(HOSTS)}.{domain}{random.choice(PATHS)}")
        parts.append(random.choice(AFTER))
    return "".join(parts)


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
    # A few at a time, for the role's statement_timeout.
    return {
        row["text"]: row["length"]
        for some in batched(texts, 200)
        for row in sql.execute(
            "SELECT text, drafts.tweet_length(text) AS length FROM unnest(%s::text[]) AS text",
            [some],
        )
    }


def batched(texts: list[str], size: int) -> list[list[str]]:
    return [texts[start : start + size] for start in range(0, len(texts), size)]


def test_a_text_is_as_long_as_the_platform_says(sql: psycopg.Connection[Any]) -> None:
    assert lengths(sql, TEXTS) == {text: weight(text) for text in TEXTS}


def top_level_domains(sql: psycopg.Connection[Any]) -> list[str]:
    found = sql.execute(
        "SELECT unnest(drafts.top_level_domains() || drafts.international_domains()) AS name"
    )
    return [row["name"] for row in found]


def test_a_link_under_every_domain_that_the_platform_knows_is_one(
    sql: psycopg.Connection[Any],
) -> None:
    texts = [
        f"see {scheme}example.{name}/x!"
        for name in top_level_domains(sql)
        for scheme in ("", "https://")
        if name.isascii()
    ]
    linked = weight("see example.com/x!")
    assert {text for text, length in lengths(sql, texts).items() if length != linked} == {
        f"see {scheme}example.{name}/x!"
        for name in ("amazon", "kids", "merck", "music", "spa", "web")  # new, and not known to X
        for scheme in ("", "https://")
    }


@pytest.mark.parametrize("seed", range(3))
def test_no_text_is_counted_shorter_than_the_platform_does(
    sql: psycopg.Connection[Any], seed: int
) -> None:
    random, domains = Random(seed), top_level_domains(sql)
    texts = [*RARE, *(realistic(random, domains) for _ in range(2200))]
    counted = lengths(sql, texts)
    assert [text for text in texts if counted[text] < weight(text)] == []


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
