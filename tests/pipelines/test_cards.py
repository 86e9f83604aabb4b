"""Opportunity cards as their user sees them: listed, starred with the wanted value, counted."""

from typing import Any

import psycopg
import pytest

from tests.client import Tenant, at_once
from tests.pipelines.helpers import TEXTS, claimed_run, completed_run, detail
from tests.writer import violated

CARDS = "/v1/opportunity-cards"


def star(tenant: Tenant, card_id: str, starred: Any = True, **expect: int) -> Any:
    return tenant.agent.put(f"{CARDS}/{card_id}/star", {"starred": starred}, **expect)


def test_cards_are_listed_newest_first_in_pages(tenant: Tenant) -> None:
    runs = [completed_run(tenant) for _ in range(3)]
    listed = tenant.agent.all(CARDS, limit=4)
    assert len({card["id"] for card in listed}) == len(listed) == 15
    assert [card["run_id"] for card in listed[::5]] == runs[::-1]
    assert tenant.agent.get(f"{CARDS}/{listed[0]['id']}") == listed[0]
    assert set(TEXTS) < listed[0].keys()


def test_a_star_is_set_to_what_is_wanted_however_often(tenant: Tenant) -> None:
    completed_run(tenant)
    [first, second, *_] = tenant.agent.all(CARDS)
    starred = star(tenant, first["id"])
    assert starred["starred"] is True
    assert star(tenant, first["id"]) == starred
    star(tenant, second["id"])
    assert star(tenant, second["id"], False)["starred"] is False
    assert tenant.agent.all(CARDS, starred="true") == [starred]
    assert tenant.agent.get(f"{CARDS}/starred/count") == {"starred": 1}
    assert len(tenant.agent.all(CARDS, starred="false")) == 5


def test_clicks_at_once_that_want_the_same_get_it(tenant: Tenant) -> None:
    run_id = completed_run(tenant)
    card_id = tenant.agent.all(CARDS)[0]["id"]

    def click(_: int) -> bool:
        api = tenant.acting("agent")
        return bool(api.put(f"{CARDS}/{card_id}/star", {"starred": True})["starred"])

    # An even number of toggles would leave it as it was.
    assert set(at_once(20, click)) == {True}
    assert sum(card["starred"] for card in detail(tenant, run_id)["cards"]) == 1
    assert tenant.agent.get(f"{CARDS}/starred/count") == {"starred": 1}


@pytest.mark.parametrize("value", ["true", 2, None])
def test_a_wrong_star_is_refused_by_name(tenant: Tenant, value: Any) -> None:
    completed_run(tenant)
    card_id = tenant.agent.all(CARDS)[0]["id"]
    assert list(star(tenant, card_id, value, expect=400)["errors"]) == ["starred"]
    assert list(tenant.agent.get(CARDS, params={"starred": "1"}, expect=400)["errors"]) == [
        "starred"
    ]


def test_viewers_see_their_cards_and_do_not_star(tenant: Tenant) -> None:
    viewer = tenant.acting("viewer")
    assert viewer.all(CARDS) == []
    viewer.put(f"{CARDS}/{tenant.id}/star", {"starred": True}, expect=403)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"number": 1}, "opportunity_cards_number_key"),
        ({"number": 0}, "opportunity_cards_number_check"),
        ({"number": 6}, "opportunity_cards_number_check"),
        ({"title": " "}, "opportunity_cards_title_check"),
    ],
)
def test_the_database_refuses_it_from_every_writer(
    tenant: Tenant, sql: psycopg.Connection[Any], changes: dict[str, Any], constraint: str
) -> None:
    run_id = claimed_run(tenant)["id"]
    agent = tenant.users["agent"]
    sql.execute("SELECT operations.set_local('app.user_id', %s)", [agent])
    row = {
        "tenant_id": tenant.id,
        "run_id": run_id,
        "user_id": agent,
        "number": 1,
        **dict.fromkeys(TEXTS, "A"),
    }
    insert = (
        f"INSERT INTO pipelines.opportunity_cards ({', '.join(row)})"
        f" VALUES ({', '.join(f'%({name})s' for name in row)})"
    ).encode()
    sql.execute(insert, row)
    with pytest.raises(psycopg.errors.IntegrityError) as refused:
        sql.execute(insert, {**row, **changes})
    assert violated(refused.value) == constraint
