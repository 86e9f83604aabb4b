"""In a real browser: from the index to a result and on, by keyboard, on a phone, in the dark, and without barriers."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.client import Gunicorn, Tenant, wait_until

pytestmark = pytest.mark.not_on_citus(
    "the catalogue shows plans, and there a plan is only a Custom Scan"
)

PAGES = [
    "",
    "?q=draft",
    "?q=nothing+at+all",
    "/drafts",
    "/operations",
    "/catalogue",
    "/queries/drafts.decide",
    "/queries/drafts.list_drafts",
    "/queries/operations.list_notifications",
    "/tables/drafts.drafts",
    "/tables/operations.epochs",
    "/not/there",
]
PHONE = {"width": 390, "height": 844}


class Window:
    """A window of a browser with a key as its password; what goes wrong in it is noted."""

    def __init__(self, chromium: Any, gunicorn: Gunicorn, key: str, **options: Any) -> None:
        self.base = f"{gunicorn.url}/catalogue"
        credentials = {"username": "dba", "password": key}
        self.context = chromium.new_context(http_credentials=credentials, **options)
        self.page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url, gunicorn.url))
        self.page.on("console", lambda message: self._note_message(message))

    def _note(self, url: str, own: str) -> None:
        if not url.startswith((own, "data:")):
            self.wrong.append(f"asked for {url}")

    def _note_message(self, message: Any) -> None:
        # A page that answers 400 or 404 is told in the console too.
        if (
            message.type == "error"
            and "the server responded with a status of 4" not in message.text
        ):
            self.wrong.append(message.text)

    def visit(self, path: str) -> None:
        self.page.goto(f"{self.base}{path}")

    def close(self) -> None:
        self.context.close()
        assert self.wrong == []


@pytest.fixture
def open_window(chromium: Any, gunicorn: Gunicorn, platform_key: str) -> Iterator[Any]:
    opened: list[Window] = []

    def open_one(key: str = platform_key, **options: Any) -> Window:
        opened.append(Window(chromium, gunicorn, key, **options))
        return opened[-1]

    yield open_one
    for window in opened:
        window.close()


def test_from_the_index_to_a_result_and_on(open_window: Any, tenant: Tenant) -> None:
    draft = tenant.draft(suggested_text="It is on its way.")
    window = open_window(tenant.service.credential)
    page = window.page
    window.visit("")
    page.get_by_role("searchbox").fill("drafts of a tenant")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("main").get_by_role("link", name="drafts.list_drafts", exact=True).click()
    assert page.get_by_role("heading", level=1).inner_text() == "drafts.list_drafts"

    page.get_by_label("limit").fill("many")
    page.get_by_role("button", name="Run drafts.list_drafts").click()
    wrong = page.get_by_label("limit")
    assert wrong.input_value() == "many"
    assert wrong.get_attribute("aria-invalid") == "true"
    described = page.locator(f"#{wrong.get_attribute('aria-describedby')}")
    assert described.inner_text() == 'invalid input syntax for type integer: "many"'
    assert page.get_by_role("alert").inner_text() == "A value does not fit its type."

    wrong.fill("5")
    page.get_by_role("button", name="Run drafts.list_drafts").click()
    assert "1 row, in " in page.get_by_role("status").inner_text()
    result = page.get_by_role("table", name="Result of drafts.list_drafts")
    assert result.get_by_role("cell", name=draft["id"]).is_visible()
    assert result.get_by_text("NULL").first.is_visible()

    page.get_by_role("link", name="drafts.drafts", exact=True).first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "drafts.drafts"
    assert page.get_by_role("table", name="Legal status changes").is_visible()
    page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="drafts").click()
    diagram = page.locator("svg.diagram")
    diagram.wait_for()  # the page has to come
    diagram.get_by_role("link", name="inbox.messages").click()
    assert page.get_by_role("heading", level=1).inner_text() == "inbox.messages"


def test_the_keyboard_is_enough(open_window: Any) -> None:
    window = open_window()
    page = window.page
    window.visit("/queries/drafts.list_drafts")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"

    # What scrolls is reached, what has the focus shows it.
    focused = []
    for _ in range(200):
        page.keyboard.press("Tab")
        focused.append(
            page.evaluate(
                """() => {
                    const found = document.activeElement;
                    const style = getComputedStyle(found);
                    return [found.tagName, found.getAttribute('aria-label') || found.id || found.innerText,
                            style.outlineStyle + style.outlineWidth];
                }"""
            )
        )
        if focused[-1][0] == "BUTTON":
            break
    labels = [label for _, label, _ in focused]
    assert "SQL of drafts.list_drafts" in labels
    assert "Plan of drafts.list_drafts" in labels
    assert labels[-3:-1] == ["value-after_id", "value-limit"]
    assert {outline for _, _, outline in focused} == {"solid3px"}

    page.keyboard.press("Enter")
    page.wait_for_url("**/try#try")
    assert "rows, in " in page.get_by_role("status").inner_text()


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_scrolls_down_only(open_window: Any, path: str) -> None:
    window = open_window(viewport=PHONE)
    window.visit(path)
    width = window.page.evaluate("document.documentElement.scrollWidth")
    assert width == PHONE["width"]


def test_a_wide_diagram_scrolls_by_itself_on_a_phone(open_window: Any) -> None:
    window = open_window(viewport=PHONE)
    window.visit("/drafts")
    region = window.page.get_by_role("region", name="Diagram of drafts")
    assert region.evaluate("found => found.scrollWidth > found.clientWidth")
    region.focus()
    window.page.keyboard.press("ArrowRight")
    wait_until(lambda: region.evaluate("found => found.scrollLeft") > 0)


def test_in_the_dark_the_page_is_dark(open_window: Any) -> None:
    def brightness(window: Window, selector: str, name: str) -> float:
        colour = window.page.locator(selector).first.evaluate(
            f"found => getComputedStyle(found)['{name}']"
        )
        parts: list[float] = window.page.evaluate(
            """colour => {
                const context = document.createElement('canvas').getContext('2d');
                context.fillStyle = colour;
                context.fillRect(0, 0, 1, 1);
                return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
            }""",
            colour,
        )
        return sum(parts) / 3 / 255

    for scheme, is_dark in (("light", False), ("dark", True)):
        window = open_window(color_scheme=scheme)
        window.visit("/queries/drafts.list_drafts")
        assert (brightness(window, "html", "backgroundColor") < 0.5) == is_dark
        for text in ("main p", ".sql .k", ".sql .c1", ".plan strong"):
            assert (brightness(window, text, "color") > 0.5) == is_dark, text
        window.visit("/drafts")
        assert (brightness(window, ".diagram text", "fill") > 0.5) == is_dark
        assert (brightness(window, ".diagram .frame", "fill") < 0.5) == is_dark


@pytest.fixture
def axe() -> Any:
    reason = "axe is not installed: no test of barriers"
    return pytest.importorskip("axe_playwright_python.sync_playwright", reason=reason).Axe()


@pytest.mark.parametrize("path", PAGES)
def test_there_are_no_barriers(open_window: Any, axe: Any, path: str) -> None:
    window = open_window()
    window.visit(path)
    barriers(axe, window)


def test_there_are_no_barriers_around_a_wrong_and_a_right_value(
    open_window: Any, axe: Any, tenant: Tenant
) -> None:
    tenant.draft()
    window = open_window(tenant.service.credential)
    window.visit("/queries/drafts.list_drafts")
    for value, role in (("many", "alert"), ("3", "status")):
        window.page.get_by_label("limit").fill(value)
        window.page.get_by_role("button", name="Run").click()
        window.page.get_by_role(role).wait_for()
        barriers(axe, window)


def barriers(axe: Any, window: Window) -> None:
    """Fails on a barrier in the window, by day and in the dark."""
    window.page.wait_for_load_state()
    for scheme in ("light", "dark"):
        window.page.emulate_media(color_scheme=scheme)
        # What is looked at is the same; what passed is not told.
        found = axe.run(window.page, options={"resultTypes": ["violations"]}).response["violations"]
        told = [
            (f["id"], f["impact"], [node["html"][:200] for node in f["nodes"]][:5]) for f in found
        ]
        assert told == [], scheme
    assert window.page.locator("h1").count() == 1
