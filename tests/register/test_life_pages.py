"""The pages of an asset's life: buttons by state and right, one form a move, and what was typed kept when it fails."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from assets.register.models import (
    Asset,
    AssetFile,
    CheckList,
    Custody,
    Loan,
    Sanitisation,
    StagingCheck,
    Transfer,
)
from assets.register.together_moves import moves_for
from tests.factories import a_model, a_person, an_asset
from tests.register.life import a_world
from tests.register.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return a_world()


def buttons(client, asset: Asset) -> list[str]:
    page = text_of(client.get(f"/assets/{asset.pk}/"))
    found = re.search(r"What happens next</h2>(.*?)</div>\s*<div class=\"app-two", page, re.S)
    return re.findall(r"data-module=\"govuk-button\"[^>]*>\s*(.*?)\s*</a>", found[1]) if found else []


def status_of(client, address: str) -> int:
    """The status of a download; its file is closed again, and nothing else of the request."""
    response = client.get(address)
    for close in response._resource_closers:
        close()
    return response.status_code


def test_buttons_are_the_moves_of_the_state_that_the_person_may_make(world, client):
    asset = an_asset(world.county, state="in_stock")
    told = {}
    for name in ("engineer", "keeper", "other_keeper"):
        client.force_login(getattr(world, name))
        told[name] = buttons(client, asset)
    daily = ["Stage", "Issue", "Send for repair", "Report lost or stolen", "Wipe", "Wipe failed"]
    assert told == {
        "engineer": daily,
        "keeper": [*daily, "Lend", "Give to another council", "Put on legal hold"],
        "other_keeper": [],
    }


def test_what_leaves_by_a_consignment_alone_is_offered_the_way_there(world, client):
    asset = an_asset(world.county, state="sanitised")
    client.force_login(world.keeper)
    offered = buttons(client, asset)
    assert ("Dispose of" in offered, "Donate" in offered, "Sell" in offered) == (False, True, True)
    assert f'href="{reverse("disposal:consignments")}">Open the consignments' in text_of(
        client.get(f"/assets/{asset.pk}/")
    )
    assert "dispose" not in moves_for(world.keeper, [asset])
    client.force_login(world.engineer)
    assert "Open the consignments" not in text_of(client.get(f"/assets/{asset.pk}/"))


def test_issue_asks_who_and_says_what_is_wrong_with_everything_still_there(world, client):
    asset = an_asset(world.county, state="in_stock")
    client.force_login(world.engineer)
    address = f"/assets/{asset.pk}/moves/issue/"

    wrong = client.post(address, {"version": 1, "person": "Nobody Known", "note": "At the door"})
    assert wrong.status_code == 422
    assert "Nobody at Oxfordshire County Council has the email address or name Nobody Known" in text_of(wrong)
    assert "At the door" in text_of(wrong)

    right = client.post(address, {"version": 1, "person": "Jo Okoro", "note": "At the door"}, follow=True)
    assert "is now in use" in text_of(right)
    assert Custody.objects.get().person == world.jo

    late = client.post(address, {"version": 1, "person": "Jo Okoro"})
    assert late.status_code == 409
    assert "was changed while you were looking at it" in text_of(late)


def test_who_may_not_is_refused_before_the_form(world, client):
    asset = an_asset(world.county, state="sanitised")
    client.force_login(world.engineer)
    for page in ("moves/sell", "hold", "lend", "transfer", "write-off"):
        assert client.get(f"/assets/{asset.pk}/{page}/").status_code == 403
        assert client.post(f"/assets/{asset.pk}/{page}/", {}).status_code == 403
    assert client.get(f"/assets/{asset.pk}/moves/explode/").status_code == 404
    client.force_login(world.jo)
    assert client.get(f"/assets/{asset.pk}/moves/restock/").status_code == 404


def test_staging_ticks_the_whole_check_list_of_the_model(world, client):
    model = a_model("T14")
    client.force_login(world.keeper)
    client.post(f"/assets/models/{model.pk}/check-list/", {"items": "Encrypt it\n\nJoin it\nJoin it"})
    assert CheckList.objects.get().lines == ["Encrypt it", "Join it"]
    asset = an_asset(world.county, state="in_stock", model=model, manufacturer=model.manufacturer)
    address = f"/assets/{asset.pk}/moves/stage/"

    half = client.post(address, {"version": 1, "checked": ["Join it"]})
    assert half.status_code == 422 and "Not ticked yet: Encrypt it" in text_of(half)

    client.post(address, {"version": 1, "checked": ["Join it", "Encrypt it"]})
    check = StagingCheck.objects.get()
    assert (check.asset.state, check.items, check.recorded_by) == (
        "staged",
        ["Encrypt it", "Join it"],
        world.keeper,
    )


def test_wiping_needs_a_second_person_and_keeps_the_certificate(world, client):
    asset = an_asset(world.county, state="returned")
    client.force_login(world.engineer)
    given = {"version": 1, "method": "purge", "tool": "Blancco", "certificate_number": "C-1"}
    address = f"/assets/{asset.pk}/moves/sanitise/"

    asked = client.get(address).content.decode()
    assert re.findall(r'<option value="\d+"[^>]*>(Ada|Dee|Di|Eng|Jo Okoro|Sam)<', asked) == ["Ada", "Sam"]
    own = client.post(address, {**given, "verified_by": world.engineer.pk})
    assert "Somebody else must look at the result: enter another person" in text_of(own)

    file = SimpleUploadedFile("C-1.pdf", b"%PDF-1.7 certificate")
    client.post(address, {**given, "verified_by": world.second.pk, "file": file})

    wiping = Sanitisation.objects.get()
    assert (wiping.method, wiping.tool, wiping.verified_by, wiping.certificate_number, wiping.result) == (
        "purge",
        "Blancco",
        world.second,
        "C-1",
        "passed",
    )
    kept = AssetFile.objects.get()
    assert (kept.kind, kept.file_id) == ("certificate", wiping.file_id)
    assert status_of(client, f"/assets/{asset.pk}/files/{kept.pk}/") == 200
    page = text_of(client.get(f"/assets/{asset.pk}/"))
    assert all(told in page for told in ("Blancco", "C-1.pdf", "Result looked at by"))


def test_invoice_is_money_and_a_photo_is_not(world, client):
    asset = an_asset(world.county)
    client.force_login(world.keeper)
    for kind in ("invoice", "photo"):
        file = SimpleUploadedFile(f"{kind}.txt", kind.encode())
        client.post(f"/assets/{asset.pk}/files/", {"kind": kind, "chosen": file})
    invoice = AssetFile.objects.get(kind="invoice")
    seen = {}
    for name in ("keeper", "engineer", "other_keeper"):
        client.force_login(getattr(world, name))
        page = text_of(client.get(f"/assets/{asset.pk}/"))
        seen[name] = (
            "invoice.txt" in page,
            "photo.txt" in page,
            status_of(client, f"/assets/{asset.pk}/files/{invoice.pk}/"),
        )
    assert seen == {
        "keeper": (True, True, 200),
        "engineer": (False, True, 404),
        "other_keeper": (False, True, 404),
    }
    client.force_login(world.keeper)
    client.post(f"/assets/{asset.pk}/files/{invoice.pk}/take-off/", follow=True)
    assert "invoice.txt" not in text_of(client.get(f"/assets/{asset.pk}/"))


def test_hold_is_set_and_lifted_by_asset_manager_and_cyber_officer(world, client):
    asset = an_asset(world.district, state="returned")
    client.force_login(a_person(world.county, "cyber_officer"))
    nothing = client.post(f"/assets/{asset.pk}/hold/", {"version": 1, "reason": ""})
    assert nothing.status_code == 422
    client.post(f"/assets/{asset.pk}/hold/", {"version": 1, "reason": "Tribunal"})
    asset.refresh_from_db()
    assert (asset.legal_hold_reason, asset.version) == ("Tribunal", 2)

    client.force_login(world.other_keeper)
    page = text_of(client.get(f"/assets/{asset.pk}/"))
    assert "On legal hold: it must not be wiped or disposed of." in page and "moves/sanitise" not in page
    client.post(f"/assets/{asset.pk}/lift-hold/", {"version": 2, "reason": "Closed"})
    asset.refresh_from_db()
    assert (asset.legal_hold_reason, asset.legal_hold_by, asset.legal_hold_since) == ("", None, None)
    assert "Closed" in text_of(client.get(f"/assets/{asset.pk}/"))


def test_holder_says_that_they_have_it(world, client):
    asset = an_asset(world.county, holder=world.jo)
    client.force_login(world.jo)
    assert "I have it" in text_of(client.get(f"/assets/{asset.pk}/"))
    assert "Thank you" in text_of(client.post(f"/assets/{asset.pk}/sign/", follow=True))
    assert Custody.objects.get().signed_by == world.jo
    assert "I have it" not in text_of(client.get(f"/assets/{asset.pk}/"))


def test_loan_and_transfer_by_pages(world, client):
    lent, given = (an_asset(world.county, state="in_stock") for _ in range(2))
    client.force_login(world.keeper)
    addresses = [f"/assets/{asset.pk}/" for asset in (lent, given)]
    for address in addresses:
        page = text_of(client.get(address))
        assert "Lend" in page and "Give to another council" in page
    days = {"starts_on": "1/1/2099", "ends_on": "1/2/2099"}
    client.post(f"/assets/{lent.pk}/lend/", {"person": world.di.email, **days, "reason": "Flood"})
    client.post(f"/assets/{given.pk}/transfer/", {"receiver": world.district.pk, "reason": "Moved"})
    loan, transfer = Loan.objects.get(), Transfer.objects.get()
    for address in addresses:
        page = text_of(client.get(address))
        assert "Lend" not in page and "Give to another council" not in page
    assert "Your answer" not in text_of(client.get(f"/assets/loans/{loan.pk}/"))
    assert client.post(f"/assets/loans/{loan.pk}/", {"answer": "yes"}).status_code == 403

    client.force_login(world.other_keeper)
    home = text_of(client.get("/home/"))
    assert "Loans to agree to" in home and "Transfers to answer" in home
    client.post(f"/assets/loans/{loan.pk}/", {"version": 1, "answer": "yes"})
    client.post(f"/assets/transfers/{transfer.pk}/", {"version": 1, "answer": "yes", "asset_tag": "D-1"})
    loan.refresh_from_db()
    given.refresh_from_db()
    assert (loan.state, given.council, given.asset_tag) == ("agreed", world.district, "D-1")


def test_losing_opens_an_incident_that_the_register_does_not_tell_of(world, client):
    asset = an_asset(world.county, holder=world.jo)
    client.force_login(world.engineer)
    client.post(
        f"/assets/{asset.pk}/moves/lose/", {"version": 1, "what_happened": "Robbed of it at knife point"}
    )
    ticket = asset.service_records.get().ticket
    assert (ticket.type, ticket.sharing, ticket.affected_person, ticket.council) == (
        "security",
        "restricted",
        world.jo,
        world.county,
    )
    client.force_login(world.second)
    page = text_of(client.get(f"/assets/{asset.pk}/"))
    assert "Lose" in page and "knife" not in page and ticket.reference not in page
