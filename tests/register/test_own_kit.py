"""Holders say whether they have their kit, asked or not; what they lack is looked for, and they are reminded."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from lxml import html

from assets.register import own_kit
from assets.register.models import Asset, Custody, KitAnswer, KitCheck, ServiceRecord
from servicedesk.notifications.models import Message
from servicedesk.notifications.sending import letter_for
from servicedesk.people.models import Department
from servicedesk.tickets.models import Ticket
from tests.factories import (
    a_council,
    a_person,
    a_requester,
    a_site,
    an_asset,
    an_engineer,
)
from tests.register.pages import manager, text_of

pytestmark = pytest.mark.django_db
FRIDAY_EVENING = datetime(2026, 11, 27, 19, 0, tzinfo=UTC)
MONDAY_OPENS = datetime(2026, 11, 30, 8, tzinfo=UTC)
DUE = date(2026, 12, 11)


def words(response) -> str:
    return " ".join(html.fromstring(text_of(response)).xpath("//main")[0].text_content().split())


def answers() -> list[tuple[str, str, str]]:
    rows = KitAnswer.objects.select_related("asset", "person").order_by("asset__asset_tag", "id")
    return [(str(row.asset), str(row.person), row.answer) for row in rows]


@pytest.fixture
def hall():
    """A site of the county with two people who have three things, somebody who left, and people elsewhere."""
    county = a_council("OCC")
    site, finance = a_site(county, "County Hall"), Department.objects.create(council=county, name="Finance")
    jo = a_requester(county, name="Jo", site=site, department=finance)
    sam = a_requester(county, name="Sam", site=site)
    left = a_person(county, name="Left", site=site, is_active=False)
    elsewhere = a_requester(county, name="Elsewhere", site=a_site(county, "Depot"))
    for tag, holder in (("A", jo), ("B", jo), ("C", sam), ("D", left), ("E", elsewhere)):
        an_asset(county, tag, holder=holder, serial_number=f"PF{tag}")
    an_asset(county, "GONE", holder=jo, state="disposed")
    an_asset(a_council("CDC"), "THEIRS", holder=jo)
    return {"county": county, "site": site, "finance": finance, "jo": jo, "sam": sam, "kim": manager("OCC")}


def asked(hall, now=FRIDAY_EVENING, **where) -> KitCheck:
    where = where or {"site": hall["site"]}
    return own_kit.ask(by=hall["kim"], council=hall["county"], answer_by=DUE, now=now, **where)


def test_the_people_of_a_site_or_a_department_are_asked_once_each_in_their_hours(hall):
    check = asked(hall)

    assert answers() == [("A", "Jo", ""), ("B", "Jo", ""), ("C", "Sam", "")]
    told = {str(message.person): message for message in Message.objects.all()}
    assert {name: message.next_try_at for name, message in told.items()} == {
        "Jo": MONDAY_OPENS,
        "Sam": MONDAY_OPENS,
    }
    assert told["Jo"].subject == "Do you have this? Please tell us by 11 December 2026"
    assert "- Laptop, A\n- Laptop, B\n" in told["Jo"].body and "C" not in told["Jo"].body.split("\n\n")[1]
    KitAnswer.objects.all().delete()
    asked(hall, department=hall["finance"])
    assert answers() == [("A", "Jo", ""), ("B", "Jo", "")]
    assert str(check) == "County Hall"


def test_who_answers_is_asked_no_more_and_the_others_are_reminded_three_times(hall):
    check = asked(hall)
    own_kit.answer(Asset.objects.get(asset_tag="A"), by=hall["jo"], have=True)
    own_kit.answer(Asset.objects.get(asset_tag="B"), by=hall["jo"], have=True)
    Message.objects.all().delete()
    day, told = FRIDAY_EVENING, []
    for _ in range(40):
        day += timedelta(days=1)
        own_kit.remind(day)
        own_kit.remind(day)
    for message in Message.objects.order_by("id"):
        told.append((str(message.person), message.created_at.date(), message.next_try_at.weekday() < 5))

    assert told == [
        ("Sam", date(2026, 12, 4), True),
        ("Sam", date(2026, 12, 11), True),
        ("Sam", date(2026, 12, 18), True),
    ]
    assert Message.objects.first().subject.startswith("Reminder: ")
    message = Message.objects.get(cause=f"kit {check.pk} 1")
    assert letter_for(hall["sam"], message).body == message.body
    own_kit.answer(Asset.objects.get(asset_tag="C"), by=hall["sam"], have=True)
    assert letter_for(hall["sam"], message) is None


def test_an_ended_check_and_an_asset_that_went_on_remind_nobody(hall):
    check = asked(hall)
    Asset.objects.filter(asset_tag="C").update(holder=None)
    Message.objects.all().delete()
    own_kit.remind(FRIDAY_EVENING + timedelta(days=8))
    assert [str(message.person) for message in Message.objects.all()] == ["Jo"]
    ended = own_kit.end(check, by=hall["kim"])
    own_kit.remind(FRIDAY_EVENING + timedelta(days=20))

    assert (ended.ended_by, Message.objects.count(), own_kit.asked_of(hall["jo"])) == (hall["kim"], 1, {})


def test_i_do_not_have_this_raises_one_request_about_it(hall):
    asset, jo = Asset.objects.get(asset_tag="A"), hall["jo"]
    asked(hall)

    first = own_kit.answer(asset, by=jo, have=False, note="Sam has it")
    second = own_kit.answer(asset, by=jo, have=False, note="Really")

    ticket = Ticket.objects.get()
    assert first.ticket == second.ticket == ticket
    assert (ticket.title, ticket.requester, ticket.type) == ("I do not have A", jo, "request")
    assert "Sam has it" in ticket.description
    assert ServiceRecord.objects.get().asset == asset
    assert list(Ticket.objects.visible_to(hall["kim"])) == [ticket]
    assert answers()[0] == ("A", "Jo", "have_not")
    ours = own_kit.answer(asset, by=jo, have=True)
    assert (ours.answer, KitAnswer.objects.filter(asset=asset).count()) == ("have", 3)


def test_confirming_signs_for_it(hall):
    asset = Asset.objects.get(asset_tag="A")
    own_kit.answer(asset, by=hall["jo"], have=True, now=FRIDAY_EVENING)

    signed = Custody.objects.get(asset=asset, ended_at=None)
    assert (signed.signed_by, signed.signed_at) == (hall["jo"], FRIDAY_EVENING)


def test_nobody_answers_for_another_and_nobody_but_the_keeper_asks(hall):
    asset, site = Asset.objects.get(asset_tag="A"), hall["site"]
    for other in (hall["sam"], hall["kim"], an_engineer(hall["county"])):
        with pytest.raises(ValidationError):
            own_kit.answer(asset, by=other, have=True)
    for other in (an_engineer(hall["county"]), manager("CDC"), hall["jo"]):
        with pytest.raises(PermissionDenied):
            own_kit.ask(by=other, council=hall["county"], site=site)
    with pytest.raises(ValidationError, match="Choose a site or a department of Oxfordshire"):
        own_kit.ask(by=hall["kim"], council=hall["county"], site=a_site(a_council("CDC")))
    with pytest.raises(ValidationError, match="Nobody of Empty has anything"):
        own_kit.ask(by=hall["kim"], council=hall["county"], site=a_site(hall["county"], "Empty"))
    assert (KitAnswer.objects.count(), KitCheck.objects.count(), Message.objects.count()) == (0, 0, 0)


# The pages


def test_a_holder_answers_from_the_first_screen(client, hall):
    asked(hall, now=datetime(2026, 11, 23, 12, tzinfo=UTC))
    assets = {asset.asset_tag: asset for asset in Asset.objects.all()}
    client.force_login(hall["jo"])
    home = words(client.get("/home/"))
    assert "Please tell us whether you have what is marked below" in home
    assert home.count("Do you have this? Tell us by 11 December 2026") == 2

    confirmed = client.post(f"/assets/{assets['A'].pk}/confirm/", follow=True)
    assert "You have confirmed that you have A" in words(confirmed)
    page = client.get(f"/assets/{assets['B'].pk}/not-mine/")
    assert "I do not have B" in words(page)
    long = client.post(f"/assets/{assets['B'].pk}/not-mine/", {"note": "x" * 501})
    assert (long.status_code, "500 characters or fewer" in words(long)) == (422, True)
    lacking = client.post(f"/assets/{assets['B'].pk}/not-mine/", {"note": "Never had it"}, follow=True)
    assert f"your request is {Ticket.objects.get()}" in words(lacking)
    assert "You confirmed that you have it" in words(lacking)
    assert "You told us that you do not have it" in words(lacking)
    assert "Please tell us" not in words(lacking)
    others = [client.post(f"/assets/{key}/confirm/") for key in (assets["C"].pk, assets["C"].pk + 999)]
    assert [other.status_code for other in others] == [404, 404]
    assert others[0].content == others[1].content
    assert client.get(f"/assets/{assets['C'].pk}/not-mine/").status_code == 404


def test_the_keeper_asks_and_sees_who_has_answered(client, hall):
    client.force_login(hall["kim"])
    both = client.post("/assets/own-kit/", {"site": hall["site"].pk, "department": hall["finance"].pk})
    neither = client.post("/assets/own-kit/", {})
    late = client.post("/assets/own-kit/", {"site": hall["site"].pk, "answer_by": "1/1/2020"})
    assert [page.status_code for page in (both, neither, late)] == [422, 422, 422]
    assert "Choose either a site or a department" in words(neither)
    assert "Answer by must be today or later" in words(late)

    page = client.post("/assets/own-kit/", {"site": hall["site"].pk}, follow=True)
    assert "The people of County Hall are asked" in words(page)
    assert "3 Asked about 0 Have it 0 Do not have it 3 No answer yet" in words(page)
    own_kit.answer(Asset.objects.get(asset_tag="A"), by=hall["jo"], have=True)
    own_kit.answer(Asset.objects.get(asset_tag="C"), by=hall["sam"], have=False, note="At home")
    check = KitCheck.objects.get()
    address = f"/assets/own-kit/{check.pk}/"
    assert "1 Have it 1 Do not have it 1 No answer yet" in words(client.get(address))
    lacking = words(client.get(address, {"answer": "have_not"}))
    assert "Sam Does not have it" in lacking and "At home" in lacking and "Jo" not in lacking
    assert "Jo No answer yet" in words(client.get(address, {"answer": "waiting"}))
    assert "Nobody is asked or reminded any more" in words(client.post(f"{address}end/", follow=True))
    assert "County Hall (ended)" in words(client.get("/assets/own-kit/"))


def test_the_door_of_a_check(client, hall):
    theirs_site = a_site(a_council("CDC"), "Bodicote")
    holder = a_requester(a_council("CDC"), name="Di Secret", site=theirs_site)
    an_asset(a_council("CDC"), "SECRET", holder=holder)
    theirs = own_kit.ask(by=manager("CDC"), council=a_council("CDC"), site=theirs_site)
    for person in (hall["jo"], a_person(hall["county"], "auditor")):
        client.force_login(person)
        for send, tail in ((client.get, ""), (client.post, "end/")):
            hidden, missing = (send(f"/assets/own-kit/{key}/{tail}") for key in (theirs.pk, theirs.pk + 999))
            assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert "Bodicote" not in text_of(client.get("/assets/own-kit/"))
    client.force_login(hall["kim"])
    refused = client.post("/assets/own-kit/", {"site": theirs_site.pk})
    assert (refused.status_code, KitCheck.objects.count()) == (422, 1)
    assert client.post(f"/assets/own-kit/{theirs.pk}/end/").status_code == 403
    client.force_login(hall["jo"])
    assert client.get("/assets/own-kit/").status_code == 403
