"""What must not stand in a log, whoever wrote the message: credentials, e-mail addresses, telephone numbers."""

import re

REDACTED = (
    (re.compile(r"\bdr_[0-9A-Za-z_-]{8,}"), "[key]"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"), "[token]"),  # a JSON Web Token
    (re.compile(r"\b(bearer|basic) +[^\s\"',;]+", re.IGNORECASE), r"\1 [token]"),
    (re.compile(r"://([^\s/:@]*):[^\s/@]+@"), r"://\1:[password]@"),
    # Also as a path has it: %40.
    (
        re.compile(r"[\w.!#$&'*+=?^`{|}~-]{1,64}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63})+"),
        "[email]",
    ),
    # International, or as people in North America write them: no id, time or count looks like that.
    (re.compile(r"(?<![\w.:+-])\+\d[\d ().-]{6,18}\d\b"), "[phone]"),
    (re.compile(r"(?<![\w.:+-])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?![\w-])"), "[phone]"),
)
# Most texts have none of it, and are searched once only.
HINT = re.compile(r"dr_|eyJ|bearer |basic |://|@|%40|\+\d|\d[ .-]\d{4}(?![\w-])", re.IGNORECASE)


def redacted(text: str) -> str:
    if HINT.search(text):
        for pattern, instead in REDACTED:
            text = pattern.sub(instead, text)
    return text
