"""Edits as operations that replay: `[{"op": "retain" | "delete", "count": n}, {"op": "insert", "text": t}, ...]`.

Counts are characters (Unicode code points) of the original, which the operations cover from start to end.
The database replays each one that it stores with its own drafts.apply_diff().
"""

import json
import re
from itertools import groupby
from typing import Any

from rapidfuzz.distance import Levenshtein, Postfix, Prefix

Operation = dict[str, Any]

WORD = re.compile(r"\w+|\s+|[^\w\s]")
MAX_BYTES = 60_000  # of JSON: PostgreSQL's form of it must stay under 64 KB


def diff(original: str, final: str) -> list[Operation]:
    """The edit by words; if that takes too much room, everything between the first and last change at once."""
    by_words = _by_words(original, final)
    if len(json.dumps(by_words, ensure_ascii=False).encode()) <= MAX_BYTES:
        return by_words
    return _by_ends(original, final)


def apply(operations: list[Operation], original: str) -> str:
    """The final text. Raises ValueError if the operations do not cover the original."""
    parts, position = [], 0
    for operation in operations:
        if operation["op"] == "insert":
            parts.append(operation["text"])
            continue
        end = position + operation["count"]
        if operation["op"] == "retain":
            parts.append(original[position:end])
        position = end
    if position != len(original):
        raise ValueError(f"the operations cover {position} of {len(original)} characters")
    return "".join(parts)


def distance(original: str, final: str) -> int:
    """How many characters must be inserted, deleted or replaced."""
    return Levenshtein.distance(original, final)


def _by_words(original: str, final: str) -> list[Operation]:
    old, new = WORD.findall(original), WORD.findall(final)
    operations: list[Operation] = []
    steps = Levenshtein.opcodes(old, new)
    for kept, run in groupby(steps, lambda step: step.tag == "equal"):
        first, *_, last = [*run] * 2
        before = "".join(old[first.src_start : last.src_end])
        after = "".join(new[first.dest_start : last.dest_end])
        operations += [{"op": "retain", "count": len(before)}] if kept else _replace(before, after)
    return operations


def _by_ends(original: str, final: str) -> list[Operation]:
    start = Prefix.similarity(original, final)
    end = Postfix.similarity(original[start:], final[start:])
    old_end, new_end = len(original) - end, len(final) - end
    return [
        *([{"op": "retain", "count": start}] if start else []),
        *_replace(original[start:old_end], final[start:new_end]),
        *([{"op": "retain", "count": end}] if end else []),
    ]


def _replace(before: str, after: str) -> list[Operation]:
    return [
        *([{"op": "delete", "count": len(before)}] if before else []),
        *([{"op": "insert", "text": after}] if after else []),
    ]
