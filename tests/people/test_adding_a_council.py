"""Another council is taken in by one administrator; where the setting asks for a second one, once another agrees."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from servicedesk.administration.questions import requests_at_councils_of
from servicedesk.people.access import may
from servicedesk.people.grants import agree, may_decide, refuse, withdraw
from servicedesk.people.models import Council, GrantRequest, Person
from servicedesk.people.organising import add_council
from servicedesk.people.roles import Permission
from tests.factories import a_council, a_council_alone, a_person

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def nadia(settings) -> Person:
    settings.GRANTS_NEED_SECOND_ADMINISTRATOR = True
    return a_person(a_council("OCC"), "administrator", name="Nadia")


@pytest.fixture
def sam(nadia) -> Person:
    return a_person(nadia.council, "administrator", name="Sam")


def asked_by(person: Person, name: str = "West") -> GrantRequest:
    council = add_council(Council(code="WODC", name=name), by=person, now=MONDAY)
    return GrantRequest.objects.get(council=council, decided_at=None)


def administers(person: Person, council: Council) -> bool:
    return may(Person.objects.get(pk=person.pk), Permission.ADMINISTER, council.pk)


def test_council_waits_until_another_administrator_agrees(nadia, sam):
    asked = asked_by(nadia)
    council = asked.council
    assert (council.archived_at, administers(nadia, council)) == (MONDAY, False)

    grant = agree(asked, by=sam)

    council.refresh_from_db()
    assert (council.archived_at, administers(nadia, council), administers(sam, council)) == (
        None,
        True,
        False,
    )
    assert (grant.person, grant.granted_by) == (nadia, None)


def test_only_another_administrator_of_a_council_of_theirs_decides(nadia, sam):
    asked = asked_by(nadia)
    others = {
        "Nadia": nadia,
        "Sam": sam,
        "an officer": a_person(nadia.council, "cyber_officer"),
        "an administrator elsewhere": a_person(a_council_alone("CDC"), "administrator"),
    }

    deciding = {name: may_decide(asked, person) for name, person in others.items()}
    shown = {name: asked in requests_at_councils_of(person) for name, person in others.items()}

    assert deciding == dict.fromkeys(others, False) | {"Sam": True}
    assert shown == dict.fromkeys(others, False) | {"Sam": True, "Nadia": True}
    for name in ("Nadia", "an officer", "an administrator elsewhere"):
        with pytest.raises((PermissionDenied, ValidationError)):
            agree(asked, by=others[name])


@pytest.mark.parametrize(
    "end",
    [lambda asked, nadia, sam: refuse(asked, by=sam), lambda asked, nadia, sam: withdraw(asked, by=nadia)],
)
def test_what_was_refused_or_withdrawn_is_asked_for_again(nadia, sam, end):
    asked = asked_by(nadia)
    with pytest.raises(ValidationError, match="Code is already in use"):
        asked_by(nadia)
    end(asked, nadia, sam)
    assert not Council.objects.on_offer().filter(code="WODC").exists()

    agree(asked_by(nadia, "West Oxfordshire"), by=sam)

    council = Council.objects.on_offer().get(code="WODC")
    assert (council.pk, council.name, administers(nadia, council)) == (
        asked.council_id,
        "West Oxfordshire",
        True,
    )


def test_who_administers_alone_adds_it_after_three_days(nadia):
    asked = asked_by(nadia)
    with pytest.raises(ValidationError, match="you can give the role from"):
        agree(asked, by=nadia, now=MONDAY + timedelta(days=2))

    agree(asked, by=nadia, now=MONDAY + timedelta(days=3))

    assert administers(nadia, Council.objects.on_offer().get(code="WODC"))


def test_pages_say_that_it_waits_and_who_decides(nadia, sam):
    client = Client()
    client.force_login(nadia)
    sent = {"code": "WODC", "name": "West", "colour": "#123456"}
    said = client.post("/admin/councils/new/", sent, follow=True).content.decode()

    assert "West is asked for. It is added once another administrator agrees" in said
    assert "Another administrator of a council of Nadia decides." in said
    client.force_login(sam)
    asked = GrantRequest.objects.get()
    page = client.post(f"/admin/grants/{asked.pk}/agree/", follow=True).content.decode()
    assert "Agreed: Administrator at West for Nadia." in page
