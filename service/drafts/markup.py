"""What an HTML text says to who reads it."""

from html.parser import HTMLParser

UNREAD = ("head", "script", "style", "title")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []
        self._unread = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._unread = self._unread or (tag if tag in UNREAD else "")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._unread:
            self._unread = ""

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.read.append(data)


def says(html: str, text: str) -> bool:
    """Whether the letters and digits that are read in the HTML are those of the text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return _letters("".join(reader.read)) == _letters(text)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))
