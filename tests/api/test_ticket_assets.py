"""Which assets a ticket is about, by the API: told, said and taken back as on its page."""

import pytest

from assets.register.models import ServiceRecord
from servicedesk.history.models import Change
from tests.api.calling import NOTHING, as_person
from tests.factories import a_council, a_person, a_requester, a_ticket, an_asset, an_engineer

pytestmark = pytest.mark.django_db


@pytest.fixture
def ben():
    return a_requester(a_council("OCC"), name="Ben")


@pytest.fixture
def ticket(ben):
    return a_ticket(ben)


def ask(by, ticket, method: str = "GET", path: str = "", body=None):
    answer = as_person(by).ask(method, f"tickets/{ticket.reference}/assets/{path}", body)
    return answer.status_code, answer.json() if answer.content else None


def about(by, ticket) -> list[int]:
    return [one["id"] for one in ask(by, ticket)[1]["results"]]


def test_asset_is_said_once_told_and_taken_back(ben, ticket):
    asha, laptop = an_engineer(ben.council), an_asset(ben.council, "LT/17", holder=ben)

    status, told = ask(asha, ticket, "POST", body={"asset": laptop.pk})
    assert (status, told["id"], told["asset_tag"]) == (201, laptop.pk, "LT/17")
    assert ask(asha, ticket, "POST", body={"asset": laptop.pk})[0] == 201
    assert (about(asha, ticket), ServiceRecord.objects.count()) == ([laptop.pk], 1)
    assert ask(asha, ticket, "POST", f"{laptop.pk}/end/") == (204, None)

    assert about(asha, ticket) == []
    fields = Change.objects.filter(object_id=ticket.pk, kind="tickets.ticket").order_by("-id")[:2]
    assert [each.fields["asset"][:2] for each in fields] == [[laptop.pk, None], [None, laptop.pk]]


def test_requester_says_which_of_their_own_it_is_about_and_sees_no_other(ben, ticket):
    own, other = an_asset(ben.council, "LT/17", holder=ben), an_asset(ben.council, "LT/18")
    ask(an_engineer(ben.council), ticket, "POST", body={"asset": other.pk})

    assert ask(ben, ticket, "POST", body={"asset": own.pk})[0] == 201
    hidden, none = (ask(ben, ticket, "POST", body={"asset": key}) for key in (other.pk, 999_999))

    assert (hidden[0], none[0]) == (400, 400)
    assert str(hidden[1]).replace(str(other.pk), "?") == str(none[1]).replace("999999", "?")
    assert about(ben, ticket) == [own.pk]
    assert ask(ben, ticket, "POST", f"{other.pk}/end/") == (404, NOTHING)


def test_who_does_not_work_on_it_says_nothing(ben, ticket):
    laptop = an_asset(ben.council, holder=ben)
    auditor = a_person(ben.council, "auditor")

    assert ask(auditor, ticket, "POST", body={"asset": laptop.pk})[0] == 403
    assert ask(a_requester(ben.council), ticket) == (404, NOTHING)
    assert ServiceRecord.objects.count() == 0
