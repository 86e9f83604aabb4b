"""Who sees the catalogue, by which credential, and how a refusal looks."""

from collections.abc import Callable

import pytest
import requests

from service import create_app
from service.config import Settings
from tests.catalogue.pages import Browser, Page
from tests.client import Client, Gunicorn, Tenant
from tests.commands import SECRET_KEY

pytestmark = pytest.mark.not_on_citus(
    "the catalogue shows plans, and there a plan is only a Custom Scan"
)

CHALLENGE = 'Basic realm="Draftroom catalogue", charset="UTF-8"'


def visit(gunicorn: Gunicorn, path: str = "/catalogue", **kwargs: object) -> Page:
    return Page(requests.get(f"{gunicorn.url}{path}", timeout=60, **kwargs))  # type: ignore[arg-type]


def key_with(api: Client, *scopes: str) -> str:
    made: str = api.post("/v1/api-keys", {"name": "reader", "scopes": scopes}, expect=201)["key"]
    return made


@pytest.mark.parametrize(
    "path",
    [
        "/catalogue",
        "/catalogue/drafts",
        "/catalogue/queries/drafts.feed",
        "/catalogue/no/such/page",
    ],
)
def test_without_a_credential_a_browser_is_asked_for_one(gunicorn: Gunicorn, path: str) -> None:
    page = visit(gunicorn, path)
    assert page.status == 401
    assert page.headers["WWW-Authenticate"] == CHALLENGE
    assert "drafts.feed" not in page.text


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic",
        "Basic ???",
        "Basic Og==",
        "Basic ZGJhOndyb25n",
        "Bearer",
        "Bearer wrong",
        "Digest x",
    ],
)
def test_a_wrong_credential_is_asked_for_again(gunicorn: Gunicorn, authorization: str) -> None:
    page = visit(gunicorn, headers={"Authorization": authorization})
    assert (page.status, page.headers["WWW-Authenticate"]) == (401, CHALLENGE)


def test_the_key_is_the_password_of_any_user(gunicorn: Gunicorn, tenant: Tenant) -> None:
    key = tenant.service.credential
    for user in ("", "dba", "Jürgen"):
        assert visit(gunicorn, auth=(user.encode(), key)).status == 200
    assert visit(gunicorn, headers={"Authorization": f"Bearer {key}"}).status == 200


def test_a_key_without_the_scope_is_refused(gunicorn: Gunicorn, api: Client) -> None:
    key = key_with(api, "drafts:read")
    page = visit(gunicorn, auth=("dba", key))
    assert page.status == 403
    assert "lacks the scope catalogue:read" in page.text
    assert "WWW-Authenticate" not in page.headers


def test_reading_is_not_trying(gunicorn: Gunicorn, api: Client) -> None:
    reader = Browser(gunicorn.url, key_with(api, "catalogue:read"))
    page = reader.get("/queries/identity.get_tenant")
    assert "takes the scope catalogue:try" in page.text
    assert not [form for form in page.all("form") if form.get("method") == "post"]
    refused = reader.attempt("identity.get_tenant", expect=403)
    assert "lacks the scope catalogue:try" in refused.text


def test_an_admin_may_see_it_and_a_viewer_not(gunicorn: Gunicorn, tenant: Tenant) -> None:
    for user, status in (("admin", 200), ("agent", 403), ("viewer", 403)):
        acting = {"Draftroom-User": tenant.users[user]}
        key = tenant.service.credential
        assert visit(gunicorn, auth=("", key), headers=acting).status == status


def test_style_sheets_need_no_credential(gunicorn: Gunicorn) -> None:
    for name in ("catalogue.css", "pico.classless.min.css"):
        found = requests.get(f"{gunicorn.url}/catalogue/static/{name}", timeout=60)
        assert found.status_code == 200
        assert found.headers["Content-Type"].startswith("text/css")


def test_every_page_lets_nothing_else_in(gunicorn: Gunicorn, dba: Browser) -> None:
    for page in (dba.get(), dba.get("/nothing", 404), visit(gunicorn)):
        policy = dict(
            part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; ")
        )
        assert policy == {
            "default-src": "'none'",
            "script-src": "'none'",
            "style-src": "'self'",
            "img-src": "'self' data:",
            "form-action": "'self'",
            "base-uri": "'none'",
            "frame-ancestors": "'none'",
        }
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.all("script") == []
        assert [tag for tag, found in page.elements if "style" in found or "onclick" in found] == []
        assert [found["href"] for found in page.all("link") if "//" in str(found["href"])] == []


def test_another_site_cannot_send_the_form(dba: Browser) -> None:
    for site, status in (("cross-site", 403), ("same-origin", 200), ("none", 200)):
        dba.attempt("identity.get_tenant", expect=status, headers={"Sec-Fetch-Site": site})


@pytest.fixture
def in_process() -> Callable[[Settings, str], Page]:
    """Asks a service of other settings for a page, without a credential."""

    def visit(settings: Settings, path: str) -> Page:
        app = create_app(settings)
        try:
            answer = app.test_client().get(path)
        finally:
            app.extensions["draftroom"].database.close()
        response = requests.Response()
        response.status_code = answer.status_code
        response.headers.update(answer.headers)
        response._content, response.encoding = answer.data, "utf-8"
        return Page(response)

    return visit


def test_in_development_it_is_open_with_the_data_of_one_tenant(
    in_process: Callable[[Settings, str], Page], settings: Settings, tenant: Tenant
) -> None:
    opened = Settings(
        database_url=settings.database_url,
        secret_key=SECRET_KEY,
        log_level="WARNING",
        catalogue_tenant_id=tenant.id,
    )
    page = in_process(opened, "/catalogue/queries/identity.get_tenant")
    assert page.status == 200
    assert "Trying needs DATABASE_URL_RO" in page.text


def test_a_database_that_is_away_is_a_page_too(
    in_process: Callable[[Settings, str], Page], tenant: Tenant
) -> None:
    away = Settings(
        database_url="postgresql://app_rw@127.0.0.1:1/draftroom",
        secret_key=SECRET_KEY,
        log_level="CRITICAL",
        pool_timeout=0.1,
        catalogue_tenant_id=tenant.id,
    )
    page = in_process(away, "/catalogue")
    assert page.status == 503
    assert int(page.headers["Retry-After"]) > 0
