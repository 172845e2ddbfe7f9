"""The life of an asset by the API: moves, custody, evidence, loans and transfers, each behind its door."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from assets.register.models import Asset, Loan
from tests.api.calling import NOTHING, as_person, invalid, named, problem
from tests.factories import a_model, an_asset
from tests.register.life import a_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return a_world()


def test_move_is_made_refused_and_asked_for_by_name(world):
    asset = an_asset(world.county, "A-1", state="in_stock", condition="A")
    eng = as_person(world.engineer)
    path = f"assets/{asset.pk}/moves/"

    made = eng.ask("POST", f"{path}issue/", {"person": world.jo.pk, "version": 1})
    assert (made.status_code, made.json()["state"], made.json()["holder"]) == (200, "in_use", named(world.jo))
    again = eng.ask("POST", f"{path}issue/", {"person": world.jo.pk})
    assert (again.status_code, again.json()) == (
        409,
        problem(409, "Conflict", "A-1 is in use, so “Issue” is not possible. Eng was the last to change it."),
    )
    asked = eng.ask("POST", f"{path}return/", {"income": "5.00"})
    assert asked.json() == invalid(
        income=["This move does not take that."], condition=["Select its condition, A to D"]
    )
    assert eng.ask("POST", f"{path}explode/", {}).status_code == 404
    assert as_person(world.jo).ask("POST", f"{path}return/", {"condition": "A"}).status_code == 403
    assert as_person(world.di).ask("POST", f"{path}return/", {"condition": "A"}).json() == NOTHING

    eng.ask("POST", f"assets/{asset.pk}/hand-over/", {"pool": "Spares"})
    told = eng.ask("GET", f"assets/{asset.pk}/custody/").json()["results"]
    assert [(held["kind"], held["person"], held["pool"], held["ended_at"] is None) for held in told] == [
        ("pool", None, "Spares", True),
        ("person", named(world.jo), "", False),
    ]


def test_what_a_sale_brought_is_told_to_who_sees_the_money(world):
    asset = an_asset(world.county, state="sanitised", certificate_number="C-1")
    sold = {"buyer": "A reseller", "income": "15.00", "done_on": "2020-01-02"}
    as_person(world.keeper).ask("POST", f"assets/{asset.pk}/moves/sell/", sold)

    told = {
        name: as_person(getattr(world, name)).ask("GET", f"assets/{asset.pk}/evidence/").json()["disposals"]
        for name in ("keeper", "engineer", "other_keeper")
    }

    assert Decimal(told["keeper"][0]["income"]) == Decimal("15.00")
    assert all("income" not in told[name][0] for name in ("engineer", "other_keeper"))
    assert (told["engineer"][0]["kind"], told["engineer"][0]["buyer"]) == ("sold", "A reseller")
    history = as_person(world.engineer).ask("GET", f"assets/{asset.pk}/history/").content.decode()
    assert "15.00" not in history


def test_loan_and_transfer_take_the_word_of_both(world):
    lent, given = (an_asset(world.county, state="in_stock") for _ in range(2))
    ours, theirs = as_person(world.keeper), as_person(world.other_keeper)
    days = {"starts_on": "2099-01-01", "ends_on": "2099-02-01"}
    loan = ours.ask("POST", f"assets/{lent.pk}/loans/", {"person": world.di.pk, **days, "reason": "Flood"})
    offer = ours.ask("POST", f"assets/{given.pk}/transfers/", {"receiver": "CDC", "reason": "Moved"})
    assert (loan.status_code, offer.status_code) == (201, 201)
    assert (loan.json()["state"], loan.json()["receiver"]) == ("offered", "CDC")
    own = ours.ask("POST", f"loans/{loan.json()['id']}/answer/", {"agree": True})
    assert own.status_code == 403

    agreed = theirs.ask("POST", f"loans/{loan.json()['id']}/answer/", {"agree": True, "version": 1})
    taken = theirs.ask("POST", f"transfers/{offer.json()['id']}/answer/", {"agree": True, "asset_tag": "D-1"})

    assert (agreed.json()["state"], taken.json()["state"]) == ("agreed", "accepted")
    moved = Asset.objects.get(pk=given.pk)
    assert (moved.council, moved.asset_tag) == (world.district, "D-1")
    assert as_person(world.jo).ask("GET", f"loans/{loan.json()['id']}/").json() == NOTHING
    ended = ours.ask("POST", f"loans/{loan.json()['id']}/end/", {"version": 1})
    assert ended.status_code == 409


def test_loans_whose_last_day_is_past_are_listed_alone_and_the_others_too(world):
    late, later = (
        Loan.objects.create(
            council=world.county,
            receiver=world.district,
            asset=an_asset(world.county),
            person=world.di,
            starts_on=date(2020, 1, 1),
            ends_on=ends_on,
            reason="Flood",
            state="agreed",
            offered_at=timezone.now(),
        )
        for ends_on in (date(2020, 2, 1), date(2099, 2, 1))
    )

    def listed(query: str) -> list[int]:
        return [one["id"] for one in as_person(world.keeper).get(f"loans/{query}").json()["results"]]

    assert (listed("?overdue=true"), listed("?overdue=false")) == ([late.pk], [later.pk])
    assert listed("") == [later.pk, late.pk]
    assert as_person(world.keeper).get("loans/?overdu=true").status_code == 400


def test_hold_is_set_and_stops_the_wiping(world):
    asset = an_asset(world.county, "A-1", state="returned")
    keeper = as_person(world.keeper)
    held = keeper.ask("POST", f"assets/{asset.pk}/hold/", {"reason": "Tribunal"}).json()
    assert held["legal_hold_reason"] == "Tribunal"
    wiped = {"method": "clear", "verified_by": world.second.pk, "certificate_number": "C-1"}
    refused = keeper.ask("POST", f"assets/{asset.pk}/moves/sanitise/", wiped)
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "A-1 is on legal hold, so “Wipe” is not possible until the hold is lifted.",
    )
    assert (
        as_person(world.engineer).ask("POST", f"assets/{asset.pk}/lift-hold/", {"reason": "x"}).status_code
        == 403
    )
    assert keeper.ask("POST", f"assets/{asset.pk}/lift-hold/", {"reason": "Closed"}).status_code == 200


def test_check_list_of_a_model_is_written_and_read(world):
    model = a_model("T14")
    path = f"asset-models/{model.pk}/check-list/"
    assert as_person(world.engineer).ask("GET", path).json() == {"items": ""}
    assert as_person(world.engineer).ask("PUT", path, {"items": "Encrypt it"}).status_code == 403
    written = as_person(world.keeper).ask("PUT", path, {"items": "Encrypt it\n\nJoin it"})
    assert written.json() == {"items": "Encrypt it\nJoin it", "version": 1}
    assert as_person(world.engineer).ask("GET", path).json() == written.json()
