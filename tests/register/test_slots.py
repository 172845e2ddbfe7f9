"""What the register puts into the desk: sight of tickets, a panel, a card, a question, a source of the search."""

import re

import pytest
from django import forms
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from assets.register.models import Asset, ServiceRecord
from assets.register.own_kit_slots import my_devices
from assets.register.registering import link_ticket
from assets.register.slots import (
    ABOUT_A_DEVICE,
    ABOUT_ASSETS,
    ABOUT_OWN_ASSETS,
    FINDABLE,
    assets_of_ticket,
)
from servicedesk.history.models import Change
from servicedesk.people.roles import ROLES
from servicedesk.search.searching import search
from servicedesk.tickets.models import Ticket
from tests.factories import (
    a_case_group,
    a_council,
    a_grant,
    a_model,
    a_person,
    a_requester,
    a_ticket,
    an_asset,
    an_engineer,
)

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def asked_by(person):
    request = RequestFactory().get("/")
    request.user = person
    return request


def shown(slot: dict, person) -> str:
    return render_to_string(slot["template"], slot["context"], asked_by(person))


# Sight of tickets


@pytest.fixture
def tickets():
    """One of each sharing at each council, all about an asset of OCC; and one about nothing."""
    made = {}
    asset = an_asset(a_council("OCC"), "LT/17")
    for code in ("OCC", "CDC"):
        council = a_council(code)
        requester, group = a_requester(council), a_case_group("hr", council)
        made[f"{code} shared"] = a_ticket(requester)
        made[f"{code} own_council"] = a_ticket(requester, sharing="own_council")
        made[f"{code} restricted"] = a_ticket(
            requester, sharing="restricted", sensitivity="hr", case_group=group
        )
        for ticket in list(made.values())[-3:]:
            link_ticket(asset, ticket, by=None)
    made["about nothing"] = a_ticket(a_requester(a_council("OCC")))
    return made


def seen(person, tickets) -> list[str]:
    visible = set(Ticket.objects.visible_to(person).values_list("pk", flat=True))
    return [name for name, ticket in tickets.items() if ticket.pk in visible]


def test_an_asset_manager_sees_tickets_of_the_councils_assets(tickets):
    assert seen(a_person(a_council("OCC"), "asset_manager"), tickets) == [
        "OCC shared",
        "OCC own_council",
        "CDC shared",
    ]
    assert seen(a_person(a_council("CDC"), "asset_manager"), tickets) == []


def test_a_ticket_about_two_assets_is_seen_once(tickets):
    link_ticket(an_asset(a_council("OCC"), "LT/18"), tickets["OCC shared"], by=None)
    manager = a_person(a_council("OCC"), "asset_manager")

    assert Ticket.objects.visible_to(manager).filter(pk=tickets["OCC shared"].pk).count() == 1


@pytest.mark.parametrize("role", [role for role in ROLES if role != "asset_manager"])
def test_no_other_role_sees_tickets_by_way_of_assets(tickets, role):
    person = a_person(a_council("OCC"), role)

    assert (ABOUT_ASSETS.tickets(person), ABOUT_OWN_ASSETS.tickets(person)) == (None, None)


# The panel of a ticket


def test_panel_shows_the_assets_that_the_person_may_see():
    occ, cdc = a_council("OCC"), a_council("CDC")
    ticket = a_ticket(a_requester(occ))
    for asset in (an_asset(occ, "OCC-tag"), an_asset(cdc, "CDC-tag")):
        link_ticket(asset, ticket, by=None)

    def tags(person):
        return re.findall(
            r"(?:OCC|CDC)-tag(?=</a>)", shown(assets_of_ticket(asked_by(person), ticket), person)
        )

    assert tags(an_engineer(occ)) == ["CDC-tag", "OCC-tag"]
    assert tags(a_person(occ, "auditor")) == ["OCC-tag"]
    assert "<form" not in shown(assets_of_ticket(asked_by(a_person(occ, "auditor")), ticket), None)


def test_panel_of_a_ticket_about_nothing_is_for_who_may_add_to_it():
    ticket = a_ticket(a_requester(a_council("OCC")))
    engineer = an_engineer(a_council("OCC"))

    assert assets_of_ticket(asked_by(a_person(a_council("OCC"), "auditor")), ticket) is None
    assert "No asset is named yet" in shown(assets_of_ticket(asked_by(engineer), ticket), engineer)


def test_panel_costs_the_same_however_many_assets():
    ticket, engineer = a_ticket(), an_engineer()

    def cost():
        with CaptureQueriesContext(connection) as queries:
            shown(assets_of_ticket(asked_by(engineer), ticket), engineer)
        return len(queries)

    def add():
        model = a_model()
        asset = an_asset(a_council(), model=model, manufacturer=model.manufacturer, holder=a_person())
        link_ticket(asset, ticket, by=None)

    add()
    cost()
    one = cost()
    add()
    add()

    assert cost() == one


def messages_of(response) -> list[str]:
    return [str(message) for message in response.wsgi_request._messages]


@pytest.mark.parametrize(
    ("typed", "linked", "sentence"),
    [
        ("LT/17", "OCC", "is about LT/17"),
        (" lt/17 ", "OCC", "is about LT/17"),
        ("SN-CDC", "CDC", "is about LT/17"),
        ("LT/99", None, "No asset has the tag or serial number LT/99"),
        ("TWICE", None, "2 assets are called TWICE: enter the serial number"),
        ("", None, "Enter the asset tag or serial number"),
        ("x" * 61, None, "Asset tag or serial number must be 60 characters or fewer"),
        ("\0", None, "Remove the character that cannot be shown (number 1 of the text) and try again"),
    ],
)
def test_an_engineer_links_an_asset_by_its_tag(client, typed, linked, sentence):
    for code in ("CDC", "OCC"):
        an_asset(a_council(code), "LT/17", serial_number=f"SN-{code}")
        an_asset(a_council(code), "TWICE") if code == "CDC" else None
    an_asset(a_council("OTHER"), "TWICE")
    ticket = a_ticket(a_requester(a_council("OCC")))
    client.force_login(an_engineer(a_council("OCC")))

    response = client.post(f"/assets/tickets/{ticket.reference}/link/", {"asset": typed})

    assert (response.status_code, response["Location"]) == (302, f"/tickets/{ticket.reference}/")
    assert [sentence in message for message in messages_of(response)] == [True]
    records = ServiceRecord.objects.values_list("asset__council__code", "ticket__reference")
    assert list(records) == ([(linked, ticket.reference)] if linked else [])


def test_linking_an_asset_that_is_hidden_is_like_one_that_does_not_exist(client):
    an_asset(a_council("CDC"), "HIDDEN")
    person = a_requester(a_council("OCC"))
    ticket = a_ticket(person)
    client.force_login(person)

    said = [
        messages_of(client.post(f"/assets/tickets/{ticket.reference}/link/", {"asset": tag}))[-1]
        for tag in ("HIDDEN", "NOWHERE")
    ]

    assert said == [f"No asset has the tag or serial number {tag}" for tag in ("HIDDEN", "NOWHERE")]


def test_link_and_unlink_keep_to_the_door_and_to_post(client):
    occ = a_council("OCC")
    asset, hidden = an_asset(occ, "LT/17"), a_ticket(a_requester(a_council("CDC")))
    reader, engineer = a_person(occ, "auditor"), an_engineer(occ)
    ticket = a_ticket(a_requester(occ))
    link_ticket(asset, ticket, by=None)
    of = f"/assets/tickets/{ticket.reference}"

    client.force_login(reader)
    refused = [
        client.post(f"/assets/tickets/{hidden.reference}/link/", {"asset": "LT/17"}).status_code,
        client.post("/assets/tickets/INC-2026-999999/link/", {"asset": "LT/17"}).status_code,
        client.post(f"{of}/link/", {"asset": "LT/17"}).status_code,
        client.post(f"{of}/unlink/{asset.pk}/").status_code,
    ]
    client.force_login(engineer)
    got = [client.get(f"{of}/link/").status_code, client.get(f"{of}/unlink/{asset.pk}/").status_code]

    assert (refused, got) == ([404, 404, 403, 403], [405, 405])
    assert client.post(f"{of}/unlink/{asset.pk}/").status_code == 302
    assert ServiceRecord.objects.count() == 0


# The card of the first screen


def test_my_devices_are_what_i_have_now():
    person = a_requester(a_council("OCC"))
    mine = an_asset(a_council("OCC"), "MINE", holder=person)
    lent = an_asset(a_council("CDC"), "LENT", holder=person)
    an_asset(a_council("OCC"), "GONE", holder=person, state="disposed")
    an_asset(a_council("OCC"), "OTHERS", holder=a_person())

    card = shown(my_devices(asked_by(person)), person)

    assert re.findall(r'href="([^"]*)"', card) == [
        f"/assets/{lent.pk}/",
        f"/help/?asset={lent.pk}",
        f"/assets/{lent.pk}/not-mine/",
        f"/assets/{mine.pk}/",
        f"/help/?asset={mine.pk}",
        f"/assets/{mine.pk}/not-mine/",
    ]
    assert my_devices(asked_by(a_requester(a_council("OCC")))) is None


# The question on the page for getting help


def a_form(person, initial=None, data=None) -> forms.Form:
    question = ABOUT_A_DEVICE.field(person)
    return type("HelpForm", (forms.Form,), {"asset": question})(data, initial={"asset": initial})


def offered(form) -> list:
    return [str(value) for value, _ in form["asset"].field.widget.choices]


def test_the_question_offers_my_devices_and_the_one_asked_about():
    person, engineer = a_requester(a_council("OCC")), an_engineer(a_council("OCC"))
    mine = an_asset(a_council("OCC"), "MINE", holder=person, category="monitor")
    others = an_asset(a_council("CDC"), "OTHERS")

    assert offered(a_form(person)) == ["", str(mine.pk)]
    assert [words for _, words in a_form(person)["asset"].field.widget.choices] == [
        "No, or I am not sure",
        "Monitor, MINE",
    ]
    assert offered(a_form(person, initial=others.pk)) == ["", str(mine.pk)]
    assert offered(a_form(engineer, initial=str(others.pk))) == ["", str(others.pk)]
    for hostile in ("abc", "-1", str(10**30), "\0", "[]"):
        assert offered(a_form(person, initial=hostile)) == ["", str(mine.pk)]


def test_the_question_is_not_put_where_it_has_no_answer():
    assert ABOUT_A_DEVICE.field(a_requester(a_council("OCC"))) is None
    assert ABOUT_A_DEVICE.field(a_person(a_council("OCC"), "supplier_contact")) is None
    assert a_form(an_engineer(a_council("OCC")))["asset"].is_hidden


def test_the_answer_must_be_an_asset_that_the_person_may_see():
    person = a_requester(a_council("OCC"))
    mine, others = an_asset(a_council("OCC"), "MINE", holder=person), an_asset(a_council("OCC"), "OTHERS")

    answers = {key: a_form(person, data={"asset": key}) for key in (mine.pk, others.pk, 10**6, "")}

    assert [form.is_valid() for form in answers.values()] == [True, False, False, True]
    assert answers[others.pk].errors == answers[10**6].errors
    assert answers[mine.pk].cleaned_data == {"asset": mine}


def test_the_answer_links_the_asset_even_to_what_is_sealed_at_once():
    occ = a_council("OCC")
    engineer = an_engineer(occ)
    asset = an_asset(occ, "LT/17")
    sealed = a_ticket(
        a_requester(occ), sharing="restricted", sensitivity="hr", case_group=a_case_group("hr", occ)
    )

    ABOUT_A_DEVICE.answered(sealed, asset, engineer)
    ABOUT_A_DEVICE.answered(sealed, None, engineer)

    assert list(ServiceRecord.objects.values_list("asset", "ticket")) == [(asset.pk, sealed.pk)]
    assert (
        Change.objects.filter(kind="register.asset", object_id=asset.pk).latest("id").change_set.by_id
        == engineer.pk
    )
    with pytest.raises(PermissionDenied):
        link_ticket(asset, sealed, by=engineer)


# The search


def test_search_finds_assets_that_the_person_may_see():
    occ, cdc = a_council("OCC"), a_council("CDC")
    model = a_model("ThinkPad L14")
    made = {"model": model, "manufacturer": model.manufacturer}
    ours, theirs = an_asset(occ, "OCC-1", **made), an_asset(cdc, "CDC-1", **made)

    def found(person):
        return [row for group in search(person, "thinkpad") for row in group.rows]

    both = an_engineer(occ)
    assert found(both) == [theirs, ours]
    assert found(a_person(occ, "auditor")) == [ours]
    assert found(a_requester(occ)) == []
    a_grant(both, "requester", cdc)
    assert [FINDABLE.title(ours), FINDABLE.detail(ours), FINDABLE.url(ours)] == [
        "OCC-1",
        "Laptop, Lenovo ThinkPad L14, OCC, in use",
        f"/assets/{ours.pk}/",
    ]
    assert Asset.objects.count() == 2
