"""What takes the word of two: loans, transfers and write-offs, and the histories that each side keeps."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from assets.register.dealings import may_answer, write_offs_to_answer
from assets.register.history import changes_of, lines
from assets.register.lending import answer_loan, end_loan, offer_loan
from assets.register.lifecycle import MoveRefused
from assets.register.models import Asset, Loan, Transfer
from assets.register.registering import link_ticket
from assets.register.transferring import accept_transfer, offer_transfer, refuse_transfer, withdraw_transfer
from assets.register.workflow import move
from assets.register.writing_off import answer_write_off, ask_to_write_off
from servicedesk.tickets.models import Ticket
from tests.api.calling import as_person
from tests.factories import a_grant, a_model, a_person, a_requester, a_ticket, an_asset
from tests.register.life import NOW, a_world
from tests.register.pages import text_of

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def world():
    return a_world()


def lent(world, asset=None, **more) -> Loan:
    given = {
        "person": world.di,
        "starts_on": TODAY,
        "ends_on": TODAY + timedelta(days=30),
        "reason": "Flood",
        **more,
    }
    return offer_loan(asset or an_asset(world.county, state="in_stock"), by=world.keeper, now=NOW, **given)


# Loans


def test_loan_is_offered_by_one_side_and_agreed_by_the_other(world):
    loan = lent(world)
    for stranger in (world.keeper, world.engineer, world.di):
        with pytest.raises(PermissionDenied):
            answer_loan(loan, by=stranger, agree=True)

    loan = answer_loan(loan, by=world.other_keeper, agree=True, now=NOW)

    assert (loan.state, loan.decided_by, loan.decided_at, loan.version) == (
        "agreed",
        world.other_keeper,
        NOW,
        2,
    )
    with pytest.raises(MoveRefused):
        answer_loan(loan, by=world.other_keeper, agree=False, note="Too late")


def test_what_is_lost_is_not_lent(world):
    with pytest.raises(ValidationError) as refused:
        lent(world, an_asset(world.county, "L-1", state="lost_stolen"))

    assert refused.value.messages == ["L-1 is lost or stolen, so it cannot be lent."]


def test_nobody_agrees_to_their_own_offer(world):
    a_grant(world.keeper, "asset_manager", world.district)
    loan, transfer = (
        lent(world),
        offer_transfer(
            an_asset(world.county, state="in_stock"),
            by=world.keeper,
            receiver=world.district,
            reason="Theirs now",
        ),
    )
    with pytest.raises(PermissionDenied, match="Somebody else must agree"):
        answer_loan(loan, by=world.keeper, agree=True)
    with pytest.raises(PermissionDenied, match="Somebody else must accept"):
        accept_transfer(transfer, by=world.keeper)


def test_what_cannot_be_lent_is_said_by_field(world):
    asset = an_asset(world.county, state="in_stock")
    wrong = {
        "own": {"person": world.jo},
        "backwards": {"ends_on": TODAY - timedelta(days=1)},
        "past": {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 1, 2)},
        "why": {"reason": " "},
    }
    said = {}
    for name, more in wrong.items():
        with pytest.raises(ValidationError) as refused:
            lent(world, asset, **more)
        said[name] = refused.value.message_dict
    assert said == {
        "own": {"person": ["Jo Okoro is of Oxfordshire County Council: issue it to them without a loan"]},
        "backwards": {"ends_on": ["The last day must not be before the first"]},
        "past": {"ends_on": ["The last day must not be in the past"]},
        "why": {"reason": ["Enter what it is lent for"]},
    }
    lent(world, asset)
    with pytest.raises(ValidationError, match="is lent, or offered to somebody, already"):
        lent(world, asset)


def test_loan_in_use_ends_by_taking_it_back(world):
    loan = answer_loan(lent(world), by=world.other_keeper, agree=True, now=NOW)
    move(loan.asset, "issue", by=world.keeper, given={"person": world.di}, now=NOW)
    with pytest.raises(MoveRefused, match="Di still has"):
        end_loan(loan, by=world.keeper)
    assert end_loan(lent(world), by=world.other_keeper).state == "ended"


def test_overdue_loans_are_listed_to_both_sides_and_to_nobody_else(world, client):
    loan = answer_loan(lent(world), by=world.other_keeper, agree=True, now=NOW)
    Loan.objects.filter(pk=loan.pk).update(starts_on="2020-01-01", ends_on="2020-02-01")
    seen = {}
    for name in ("keeper", "other_keeper", "engineer", "jo"):
        client.force_login(getattr(world, name))
        answer = client.get("/assets/loans/?overdue=true")
        seen[name] = (answer.status_code, str(loan.asset) in text_of(answer))
        door = client.get(f"/assets/loans/{loan.pk}/").status_code
        assert door == (404 if name == "jo" else 200)
    assert seen == {
        "keeper": (200, True),
        "other_keeper": (200, True),
        "engineer": (200, True),
        "jo": (403, False),
    }


# Write-offs


def lost(world, days: int) -> Asset:
    asset = an_asset(world.county, state="in_use")
    given = {"what_happened": "Left on the bus"}
    return move(asset, "lose", by=world.keeper, given=given, now=NOW - timedelta(days=days))


def test_write_off_waits_ninety_days_and_takes_two_hands(world):
    approver = a_person(world.county, "budget_approver", "asset_manager", name="Bea")
    asset = lost(world, 90)
    with pytest.raises(MoveRefused, match="has not approved"):
        move(asset, "write_off", by=world.keeper, now=NOW)
    asked = ask_to_write_off(asset, by=approver, reason="Not found", now=NOW)
    with pytest.raises(PermissionDenied, match="Somebody else must approve"):
        answer_write_off(asked, by=approver, approve=True)
    with pytest.raises(PermissionDenied):
        answer_write_off(asked, by=world.keeper, approve=True)

    answer_write_off(asked, by=a_person(world.county, "budget_approver"), approve=True, now=NOW)

    with pytest.raises(MoveRefused) as early:
        move(asset, "write_off", by=world.keeper, now=NOW - timedelta(seconds=1))
    assert str(early.value) == (
        f"{asset} can be written off from 23 November 2026, 90 days after it was lost."
    )
    asset = move(asset, "write_off", by=world.keeper, now=NOW)
    assert (asset.state, asset.disposal_date) == ("written_off", TODAY)


def test_nobody_approves_that_what_they_had_themselves_is_written_off(world):
    bea = a_person(world.county, "budget_approver")
    asset = move(
        an_asset(world.county, holder=bea), "lose", by=world.keeper, given={"what_happened": "?"}, now=NOW
    )
    asked = ask_to_write_off(asset, by=world.keeper, reason="Not found", now=NOW)

    with pytest.raises(PermissionDenied, match="Somebody else must approve what you had yourself"):
        answer_write_off(asked, by=bea, approve=True)
    assert (may_answer(bea, asked), list(write_offs_to_answer(bea))) == (False, [])
    other = a_person(world.county, "budget_approver")
    assert (may_answer(other, asked), list(write_offs_to_answer(other))) == (True, [asked])


def test_what_was_found_again_must_be_asked_anew(world):
    asset = lost(world, 100)
    asked = ask_to_write_off(asset, by=world.keeper, reason="Not found")
    asked = answer_write_off(asked, by=a_person(world.county, "budget_approver"), approve=True)
    move(asset, "find", by=world.keeper, given={"note": "Behind the radiator"})
    asked.refresh_from_db()
    assert (asked.decision, asked.decision_note) == ("refused", "It was found again")


# Transfers


def a_priced(world, **more) -> Asset:
    model = a_model("T14")
    return an_asset(
        world.county,
        "T-1",
        state="in_stock",
        model=model,
        manufacturer=model.manufacturer,
        serial_number="S-1",
        purchase_cost_ex_vat=Decimal("777.77"),
        po_number="PO-SECRET",
        cost_centre="CC-SECRET",
        notes="Bought with the flood money",
        **more,
    )


def test_asset_changes_hands_with_both_agreeing_and_money_stays_behind(world, client):
    asset = a_priced(world)
    transfer = offer_transfer(asset, by=world.keeper, receiver=world.district, reason="Moved over", now=NOW)
    with pytest.raises(PermissionDenied):
        accept_transfer(transfer, by=world.keeper)

    taken = accept_transfer(transfer, by=world.other_keeper, asset_tag="D-9", now=NOW)

    assert (taken.council, taken.asset_tag, taken.serial_number, taken.state, taken.version) == (
        world.district,
        "D-9",
        "S-1",
        "in_stock",
        2,
    )
    assert (taken.purchase_cost_ex_vat, taken.po_number, taken.cost_centre, taken.notes) == (None, "", "", "")

    def told(person) -> str:
        return repr([lines(change) for change in changes_of(person, taken)])

    # Each reads its own money, the other's never: not as it was, and not as it was taken away.
    assert all(secret in told(world.keeper) for secret in ("777.77", "PO-SECRET", "CC-SECRET"))
    assert not any(secret in told(world.other_keeper) for secret in ("777", "PO-SECRET", "CC-SECRET"))
    client.force_login(world.other_keeper)
    for address in (
        f"/assets/{taken.pk}/",
        f"/assets/transfers/{transfer.pk}/",
        f"/api/v1/assets/{taken.pk}/history/",
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert not any(secret in text_of(answer) for secret in ("777", "SECRET"))
    client.force_login(world.keeper)
    page = text_of(client.get(f"/assets/transfers/{transfer.pk}/"))
    assert all(known in page for known in ("£777.77", "PO-SECRET", "Bought with the flood money", "T-1"))


def test_old_owner_keeps_what_it_knew_when_the_desks_are_not_shared(world, client):
    asset = a_priced(world)
    transfer = offer_transfer(asset, by=world.keeper, receiver=world.district, reason="Moved over", now=NOW)
    taken = accept_transfer(transfer, by=world.other_keeper, asset_tag="DISTRICT-9", now=NOW)
    world.county.agreements.all().update(ends_at=NOW)
    move(
        taken, "issue", by=world.other_keeper, given={"person": world.di, "note": "District secret"}, now=NOW
    )

    client.force_login(world.keeper)
    assert client.get(f"/assets/{asset.pk}/").status_code == 404
    page = text_of(client.get(f"/assets/transfers/{transfer.pk}/"))
    assert "£777.77" in page and "Registered" in page or "What was known of it when it went" in page
    assert "District secret" not in page and "Issue" not in page
    listed = text_of(client.get("/assets/transfers/"))
    by_program = as_person(world.keeper).get("transfers/").json()["results"]
    assert [each["asset"]["name"] for each in by_program] == [str(asset)]
    assert all(str(asset) in text and "DISTRICT-9" not in text for text in (page, listed))

    client.force_login(world.other_keeper)
    page = text_of(client.get(f"/assets/{asset.pk}/"))
    assert "District secret" in page
    assert "flood money" not in page and "777" not in page


def test_clash_is_told_to_the_taker_alone_and_mended_by_another_tag(world):
    asset = a_priced(world)
    an_asset(world.district, "T-1")
    transfer = offer_transfer(asset, by=world.keeper, receiver=world.district, reason="Moved over")
    with pytest.raises(ValidationError) as clash:
        accept_transfer(transfer, by=world.other_keeper)
    assert clash.value.message_dict == {
        "asset_tag": ["Cherwell District Council already has an asset with the tag T-1. Enter another tag"]
    }
    assert Transfer.objects.get().state == "offered"
    assert accept_transfer(transfer, by=world.other_keeper, asset_tag="T-2").asset_tag == "T-2"


def test_what_somebody_has_or_a_hold_keeps_does_not_change_hands(world):
    held = an_asset(world.county, state="in_use", holder=world.jo)
    kept = an_asset(world.county, state="in_stock", legal_hold_reason="Tribunal", legal_hold_since=NOW)
    gone = an_asset(world.county, state="sold")
    lost = an_asset(world.county, state="lost_stolen")
    said = {}
    for asset in (held, kept, gone, lost):
        with pytest.raises(MoveRefused) as refused:
            offer_transfer(asset, by=world.keeper, receiver=world.district, reason="Theirs")
        said[asset] = str(refused.value)
    assert said == {
        held: f"Jo Okoro still has {held}. Take it back first.",
        kept: f"{kept} is on legal hold, so it cannot change hands until the hold is lifted.",
        gone: f"{gone} is sold, so it cannot change hands.",
        lost: f"{lost} is lost or stolen, so it cannot change hands.",
    }


def test_equipment_leaves_the_network_of_its_old_owner_before_it_changes_hands(world):
    core = an_asset(world.county, "CORE", category="switch", state="in_stock")
    edge = an_asset(
        world.county, "EDGE", category="switch", state="in_stock", uplink=core, rack="R1", rack_unit=4
    )
    with pytest.raises(MoveRefused) as refused:
        offer_transfer(core, by=world.keeper, receiver=world.district, reason="Theirs")
    assert str(refused.value) == "Other equipment or a circuit hangs off CORE. Change that first."

    transfer = offer_transfer(edge, by=world.keeper, receiver=world.district, reason="Theirs")
    taken = accept_transfer(transfer, by=world.other_keeper)

    assert (taken.council, taken.uplink, taken.rack, taken.rack_unit) == (world.district, None, "", None)


def test_offer_is_withdrawn_or_refused_once(world):
    first = offer_transfer(
        an_asset(world.county, state="in_stock"), by=world.keeper, receiver=world.district, reason="Theirs"
    )
    with pytest.raises(ValidationError, match="is offered to another council already"):
        offer_transfer(first.asset, by=world.keeper, receiver=world.district, reason="Again")
    withdraw_transfer(first, by=world.keeper)
    second = offer_transfer(first.asset, by=world.keeper, receiver=world.district, reason="Theirs")
    with pytest.raises(ValidationError) as why:
        refuse_transfer(second, by=world.other_keeper, note="")
    assert why.value.message_dict == {"note": ["Enter why it is refused"]}
    assert refuse_transfer(second, by=world.other_keeper, note="Too old").state == "refused"
    with pytest.raises(MoveRefused, match="Somebody has answered this just now|is refused already"):
        accept_transfer(second, by=world.other_keeper)


def test_what_was_asked_for_before_stays_with_the_keeper_who_had_the_asset_then(world):
    asset = an_asset(world.county, "T-1", state="in_stock")
    before, after = (a_ticket(a_requester(world.county)) for _ in range(2))
    link_ticket(asset, before, by=None)
    transfer = offer_transfer(asset, by=world.keeper, receiver=world.district, reason="Moved over", now=NOW)

    link_ticket(accept_transfer(transfer, by=world.other_keeper, now=NOW), after, by=None)

    seen = {
        who: list(Ticket.objects.visible_to(who).order_by("pk")) for who in (world.keeper, world.other_keeper)
    }
    assert seen == {world.keeper: [before], world.other_keeper: [after]}
