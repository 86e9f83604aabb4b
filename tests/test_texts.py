"""What is blank, and what is trimmed: the same for the database and for Python, in Unicode's sense."""

import sys
import unicodedata
from typing import Any

import psycopg
import pytest

from service.schemas import is_blank, trimmed
from tests.client import Tenant
from tests.writer import violated

LOOKS_EMPTY = [
    "\u200b",
    "\u3164",
    "\ufeff",
    "\u2800",
    "\u00a0\u2003",
    "\u2060\u200d",
    "\x1f",
    "\xad",
]
EVERY = [chr(n) for n in range(1, sys.maxunicode + 1) if not 0xD800 <= n <= 0xDFFF]


def chosen(sql: psycopg.Connection[Any], condition: str) -> list[str]:
    found = sql.execute(
        f"""
        SELECT chr(n) AS found FROM generate_series(1, %s) AS n
        WHERE n NOT BETWEEN 55296 AND 57343 AND {condition}
        """,
        [sys.maxunicode],
    ).fetchall()
    return [row["found"] for row in found]


def test_the_database_and_python_agree_on_every_character(sql: psycopg.Connection[Any]) -> None:
    blank = chosen(sql, "operations.is_blank(chr(n))")
    white = chosen(sql, "operations.trimmed('a' || chr(n)) = 'a'")

    assert blank == [character for character in EVERY if is_blank(character)]
    assert white == [character for character in EVERY if trimmed("a" + character) == "a"]
    assert set(white) < set(blank)
    assert set(white) == {c for c in EVERY if c.isspace()} - set("\x1c\x1d\x1e\x1f")


def test_what_is_seen_is_not_blank() -> None:
    """But for the fillers of Hangul and the braille pattern without dots, which Unicode takes for letters."""
    seen = [c for c in EVERY if unicodedata.category(c)[0] in "LNPS" and is_blank(c)]
    assert set(seen) == set("\u115f\u1160\u2800\u3164\uffa0")


@pytest.mark.parametrize(
    "text", ["", " \t\r\n", *LOOKS_EMPTY, " " * 10000 + "\u200b", "a", "❤️", "\u200bx", "日本"]
)
def test_a_whole_text_is_blank_if_all_of_it_is(sql: psycopg.Connection[Any], text: str) -> None:
    found = sql.execute("SELECT operations.is_blank(%s) AS blank", [text]).fetchone()
    assert found == {"blank": is_blank(text)}
    assert is_blank(text) == (not any(character in text for character in "a❤x日"))


@pytest.mark.parametrize("text", LOOKS_EMPTY)
def test_a_text_that_looks_empty_is_refused_to_every_writer(
    tenant: Tenant, sql: psycopg.Connection[Any], text: str
) -> None:
    draft = tenant.draft()
    path = f"/v1/drafts/{draft['id']}"
    for action, body, field in (
        ("edit", {"mode": "now", "final_text": text}, "final_text"),
        ("reject", {"reason": text}, "reason"),
    ):
        problem = tenant.agent.post(f"{path}/{action}", body, expect=400)
        assert list(problem["errors"]) == [field]

    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        sql.execute(
            """
            INSERT INTO drafts.drafts (tenant_id, conversation_id, model_key, prompt_version, suggested_text)
            VALUES (%s, %s, 'm', 'v1', %s)
            """,
            [tenant.id, draft["conversation_id"], text],
        )
    assert violated(refused.value) == "drafts_suggested_text_check"


def test_an_approval_is_trimmed_as_an_edit_is(tenant: Tenant) -> None:
    approved = tenant.approved(suggested_text="\u3000\u00a0Hello.\u2028")
    assert approved["scheduled_reply"]["final_text"] == "Hello."
    draft = tenant.draft(suggested_text="Hello.\u0085")
    body = {"mode": "now", "final_text": "\u2003Hello.\u00a0"}
    edited = tenant.agent.post(f"/v1/drafts/{draft['id']}/edit", body)
    assert (edited["action"]["type"], edited["action"]["final_text"]) == ("approve", "Hello.")


@pytest.mark.parametrize("text", LOOKS_EMPTY)
def test_the_intake_takes_what_looks_empty_for_nothing(tenant: Tenant, text: str) -> None:
    received = tenant.receive(subject=text, customer_name=text)
    conversation = tenant.service.get(f"/v1/conversations/{received['conversation_id']}")
    assert (conversation["subject"], conversation["customer_name"]) == (None, None)
