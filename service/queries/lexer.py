"""PostgreSQL's lexer, as far as a colon can hide in its tokens: to find the parameters of a statement."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Words after which an operand follows, where a name would be one.
PREFIXES = ("ARRAY", "CASE", "WHEN", "THEN", "ELSE", "AND", "OR", "NOT")

# Every character from U+0080 on may be part of an identifier; white space is ASCII only.
LETTER = r"[A-Za-z_\u0080-\U0010ffff]"
TOKEN = re.compile(
    rf"""
      (?P<comment>   --[^\n\r]* | /\* )
    | (?P<escaped>   [eE]'(?:[^'\\]|\\.|'')*'
                     # goes on after a line break, still with backslashes
                     (?:(?:[ \t\f\v]|--[^\n\r]*+)*+[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*+[\n\r])*+
                     '(?:[^'\\]|\\.|'')*')* )
    | (?P<string>    (?:[uU]&|[bBxXnN])?'(?:[^']|'')*' )
    | (?P<quoted>    (?:[uU]&)?"(?:[^"]|"")*" )
    | (?P<dollar>    \$(?P<tag>(?:{LETTER}(?:{LETTER}|\d)*)?)\$.*?\$(?P=tag)\$ )
    | (?P<unclosed>  [eE]?' | " | \$(?:{LETTER}(?:{LETTER}|\d)*)?\$ )
    | (?P<word>      {LETTER}(?:{LETTER}|[0-9$])* )
    | (?P<number>    \.?[0-9](?:[A-Za-z0-9_.])* )
    | (?P<cast>      :: | := )
    | (?P<parameter> :{LETTER}(?:{LETTER}|[0-9])* )
    | (?P<space>     [ \t\n\r\f\v]+ )
    | (?P<symbol>    . )
    """,
    re.VERBOSE | re.DOTALL,
)
COMMENT_MARK = re.compile(r"/\*|\*/")


class LexError(Exception):
    """A text whose tokens do not end; its own text starts with the line."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    line: int  # of the text, from 1


def tokens(sql: str) -> Iterator[Token]:
    """The tokens as PostgreSQL reads them; put together again they are the text."""
    position, line = 0, 1
    # For each open ( or [, whether it is a subscript, which may be a slice.
    subscripts: list[bool] = []
    operand = False  # whether the last token ends an operand
    while match := TOKEN.match(sql, position):
        kind, text = str(match.lastgroup), match[0]
        if kind == "tag":
            kind = "dollar"
        if text == "/*":
            text = _block_comment(sql, position, line)
        elif text in ("(", "["):
            subscripts.append(text == "[" and operand)
        elif text in (")", "]") and subscripts:
            subscripts.pop()
        elif kind == "unclosed":
            raise LexError(f"{line}: the {text} is not closed")
        elif kind == "parameter" and operand and subscripts and subscripts[-1]:
            kind, text = "symbol", ":"  # of a slice, a[1:n]
        yield Token(kind, text, line)
        if kind not in ("comment", "space"):
            operand = text in (")", "]") or (
                kind not in ("symbol", "cast") and text.upper() not in PREFIXES
            )
        position += len(text)
        line += text.count("\n")


def _block_comment(sql: str, start: int, line: int) -> str:
    depth = 0
    for mark in COMMENT_MARK.finditer(sql, start):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return sql[start : mark.end()]
    raise LexError(f"{line}: the /* is not closed")
