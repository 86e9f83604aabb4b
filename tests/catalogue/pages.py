"""Pages as a reader sees them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import requests


class Page(HTMLParser):
    """The text of a page, its links, and its elements by tag."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__()
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"
        self.status = response.status_code
        self.headers = response.headers
        self.source = response.text
        self.text = ""
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(response.text)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def links(self) -> set[str | None]:
        return {attributes.get("href") for attributes in self.all("a")}

    @property
    def fields(self) -> dict[str | None, str | None]:
        """What a form would send, but for its check boxes."""
        return {
            attributes.get("name"): attributes.get("value")
            for attributes in self.all("input")
            if attributes.get("type") not in ("checkbox", "search")
        }

    def described(self, name: str) -> str:
        """What stands beside a field that is wrong."""
        [wrong] = [found for found in self.all("input") if found.get("name") == name]
        assert wrong["aria-invalid"] == "true"
        after = self.source.split(f'id="{wrong["aria-describedby"]}"', 1)[1]
        return after.split(">", 1)[1].split("<", 1)[0]


@dataclass
class Browser:
    """Asks for pages with an API key as the password, as a browser sends it."""

    url: str
    key: str
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str = "", expect: int = 200, **kwargs: Any) -> Page:
        return self._request("GET", path, expect, **kwargs)

    def attempt(
        self, query: str, values: dict[str, str] | None = None, expect: int = 200, **kwargs: Any
    ) -> Page:
        """Sends the try-out form of a query; `null:name` is a check box."""
        given = {
            name if ":" in name else f"value:{name}": value
            for name, value in (values or {}).items()
        }
        return self._request("POST", f"/queries/{query}/try", expect, data=given, **kwargs)

    def _request(self, method: str, path: str, expect: int, **kwargs: Any) -> Page:
        response = self.session.request(
            method,
            f"{self.url}/catalogue{path}",
            auth=("dba", self.key),
            timeout=60,
            allow_redirects=False,
            **kwargs,
        )
        assert response.status_code == expect, response.text
        return Page(response)
