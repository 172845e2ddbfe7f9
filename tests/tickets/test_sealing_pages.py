"""The pages of sealed tickets, as their people use them."""

import pytest
from django.test import Client
from django.utils import timezone
from lxml import html

from servicedesk.people.models import Person
from servicedesk.tickets.models import Alert, BreakGlass, OpeningRequest, RefusedGlass, Sighting, Ticket
from servicedesk.tickets.raising import raise_ticket
from tests.factories import a_case_group, a_council, a_person, a_requester, a_service, an_engineer

pytestmark = pytest.mark.django_db
REASON = "The case group is away"


class Desk:
    def __init__(self) -> None:
        self.cdc, self.occ = a_council("CDC"), a_council("OCC")
        self.ben = a_requester(self.cdc, name="Ben")
        self.dev = an_engineer(self.cdc, name="Dev")
        self.hana, self.hugh = a_requester(self.cdc, name="Hana"), a_requester(self.cdc, name="Hugh")
        self.hr = a_case_group("hr", self.cdc, self.hana, self.hugh)
        a_case_group("cyber", self.cdc, self.hana)
        self.cy = a_person(self.occ, "cyber_officer", name="Cy")
        self.auditor = a_person(self.cdc, "auditor", name="Audrey")

    def raised(self, **fields) -> Ticket:
        given = {"by": self.ben, "requester": self.ben, "type": "incident", "title": "Payslip"}
        return raise_ticket(**{**given, **fields})


@pytest.fixture
def desk() -> Desk:
    return Desk()


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text(response) -> str:
    page = html.fromstring(response.content)
    return " ".join(page.xpath("//main")[0].text_content().split())


def test_requester_makes_their_own_request_private(desk):
    ticket, ben = desk.raised(), signed_in(desk.ben)
    address = f"/tickets/{ticket}/private/"

    assert address in ben.get(f"/requests/{ticket}/").content.decode()
    assert "Make INC" in text(ben.get(address))
    assert ben.post(address, {}).status_code == 422
    sent = ben.post(address, {"sensitivity": "hr"}, follow=True)
    assert sent.redirect_chain[-1][0] == f"/requests/{ticket}/"
    assert f"{ticket} is private now." in sent.content.decode()
    assert address not in sent.content.decode()
    assert ben.post(address, {"sensitivity": "hr"}).status_code == 409
    assert signed_in(desk.dev).get(f"/tickets/{ticket}/").status_code == 404


def test_engineer_who_makes_it_private_is_led_away_from_it(desk):
    ticket, dev = desk.raised(), signed_in(desk.dev)
    sent = dev.post(f"/tickets/{ticket}/private/", {"sensitivity": "hr"}, follow=True)

    assert sent.status_code == 200
    assert "/queue/" in sent.redirect_chain[-1][0]
    assert "Payslip" not in sent.content.decode()


def test_engineer_who_names_a_private_service_is_led_away_from_it(desk):
    ticket, dev = desk.raised(), signed_in(desk.dev)
    service = a_service("Payroll", sensitivity="hr")
    page = dev.get(f"/tickets/{ticket}/change/")
    form = html.fromstring(page.content).xpath("//main//form")[0]
    sent = dev.post(f"/tickets/{ticket}/change/", {**dict(form.form_values()), "service": service.pk})

    assert (sent.status_code, sent["Location"]) == (302, "/queue/")
    assert dev.get(f"/tickets/{ticket}/").status_code == 404


def test_two_of_the_case_group_show_it_to_the_desk(desk):
    ticket = desk.raised(sensitivity="hr")
    hana, hugh, address = signed_in(desk.hana), signed_in(desk.hugh), f"/tickets/{ticket}/opening/"

    assert hana.get(address).status_code == 200
    assert hana.post(address, {"way": "shared normal"}).status_code == 422
    hana.post(address, {"way": "shared normal", "reason": REASON})
    asked = OpeningRequest.objects.get()
    decide = f"{address}{asked.pk}/"
    assert "Another person of the case group decides." in text(hana.get(f"/tickets/{ticket}/"))
    assert decide not in hana.get(f"/tickets/{ticket}/").content.decode()
    assert decide in hugh.get(f"/tickets/{ticket}/").content.decode()
    assert hugh.post(address, {"way": "shared normal", "reason": REASON}).status_code == 409
    assert hana.post(decide, {"agreed": "yes"}).status_code == 403
    assert hugh.post(decide, {}).status_code == 422
    assert hugh.post(f"{address}{asked.pk + 1}/", {"agreed": "yes"}).status_code == 404
    sent = hugh.post(decide, {"agreed": "yes"}, follow=True)

    assert (sent.status_code, "Agreed." in sent.content.decode()) == (200, True)
    assert signed_in(desk.dev).get(f"/tickets/{ticket}/").status_code == 200


def test_decision_comes_too_late(desk):
    ticket = desk.raised(sensitivity="hr")
    signed_in(desk.hana).post(f"/tickets/{ticket}/opening/", {"way": "shared normal", "reason": REASON})
    decide = f"/tickets/{ticket}/opening/{OpeningRequest.objects.get().pk}/"
    hugh = signed_in(desk.hugh)
    refused = hugh.post(decide, {"agreed": "no"}, follow=True)
    again = hugh.post(decide, {"agreed": "yes"})

    assert f"Refused. {ticket} stays private." in refused.content.decode()
    assert (again.status_code, "This is decided already." in text(again)) == (409, True)


def test_requester_and_reader_by_the_glass_cannot_ask_to_open_it(desk):
    ticket = desk.raised(sensitivity="hr")
    auditor = signed_in(desk.auditor)
    auditor.post("/tickets/break-glass/", {"reference": ticket.reference, "reason": REASON})
    for client in (signed_in(desk.ben), auditor):
        assert client.get(f"/tickets/{ticket}/opening/").status_code == 403


def test_glass_is_broken_told_of_and_ended(desk):
    ticket, auditor = desk.raised(sensitivity="hr"), signed_in(desk.auditor)
    assert auditor.get(f"/tickets/{ticket}/").status_code == 404
    sent = auditor.post(
        "/tickets/break-glass/", {"reference": ticket.reference, "reason": REASON}, follow=True
    )

    assert sent.redirect_chain == [(f"/tickets/{ticket}/", 302)]
    assert "You can read" in sent.content.decode() and "Payslip" in text(sent)
    assert "Who has read this" not in text(sent)
    main = html.fromstring(sent.content).xpath("//main")[0]
    assert main.xpath(".//form/@action") == [f"/tickets/break-glass/{BreakGlass.objects.get().pk}/end/"]
    group = text(signed_in(desk.hana).get(f"/tickets/{ticket}/"))
    assert "Audrey opened this in an emergency" in group and REASON in group
    assert "Audrey: on its page, last" in group
    officer = signed_in(desk.cy).get("/tickets/break-glass/")
    assert ticket.reference in text(officer) and REASON in text(officer) and "Payslip" not in text(officer)
    ended = signed_in(desk.cy).post(f"/tickets/break-glass/{BreakGlass.objects.get().pk}/end/", follow=True)
    assert "can no longer read" in ended.content.decode()
    assert auditor.get(f"/tickets/{ticket}/").status_code == 404


def test_try_that_fails_says_so_and_is_told_of(desk):
    auditor = signed_in(desk.auditor)
    sent = auditor.post("/tickets/break-glass/", {"reference": "REQ-2026-999999", "reason": REASON})

    assert sent.status_code == 422
    assert "There is no private request with this reference" in text(sent)
    assert "Tries that failed" not in text(sent)
    assert "REQ-2026-999999" in text(signed_in(desk.cy).get("/tickets/break-glass/"))


def test_tries_come_to_an_end(desk):
    auditor = signed_in(desk.auditor)
    for _ in range(5):
        auditor.post("/tickets/break-glass/", {"reference": "REQ-2026-999999", "reason": REASON})
    ticket = desk.raised(sensitivity="hr")
    sent = auditor.post("/tickets/break-glass/", {"reference": ticket.reference, "reason": REASON})

    assert sent.status_code == 429
    assert "You have tried five times within the hour." in text(sent)
    assert (RefusedGlass.objects.count(), BreakGlass.objects.count()) == (5, 0)


def test_page_of_private_requests_is_for_who_may_open_one(desk):
    for person in (desk.ben, desk.dev, desk.hana):
        assert signed_in(person).get("/tickets/break-glass/").status_code == 403


def test_another_council_is_warned_and_learns_nothing(desk):
    ticket = desk.raised(type="security", title="Stolen laptop")
    officer = signed_in(desk.cy)
    mia = signed_in(a_person(desk.occ, "queue_manager", name="Mia"))
    address = f"/tickets/{ticket}/alert/"

    assert address in officer.get(f"/tickets/{ticket}/").content.decode()
    assert officer.post(address, {}).status_code == 422
    assert signed_in(desk.hana).post(address, {"council": desk.occ.pk}).status_code == 403
    assert officer.post(address, {"council": desk.occ.pk}).status_code == 302
    assert "Oxfordshire County Council, by Cy" in text(officer.get(f"/tickets/{ticket}/"))
    told = text(mia.get("/tickets/break-glass/"))
    assert "Cherwell District Council: a security incident there may concern you" in told
    assert [word for word in ("Stolen", ticket.reference, "Ben") if word in told] == []
    assert mia.get(f"/tickets/{ticket}/").status_code == 404
    assert Alert.objects.count() == 1


def test_who_can_see_says_how_many_to_all_and_who_to_those_who_read_its_notes(desk):
    ticket = desk.raised(sensitivity="hr")
    address = f"/tickets/{ticket}/who-can-see/"
    to_ben, to_hana = text(signed_in(desk.ben).get(address)), text(signed_in(desk.hana).get(address))

    assert "3 people can see it at this moment." in to_ben
    own = "1 person, because it is their own request, or one made for them"
    assert (f"{own} You are one of them." in to_ben, f"{own} You are one of them." in to_hana) == (
        True,
        False,
    )
    assert "2 people, because they are in its case group" in to_ben
    assert ("Hugh" in to_ben, "Hugh, Cherwell District Council" in to_hana) == (False, True)


def test_every_way_of_reading_is_written_down(desk):
    ticket, hana = desk.raised(sensitivity="hr"), signed_in(desk.hana)
    began = timezone.now()
    for address in (f"/tickets/{ticket}/", f"/tickets/{ticket}/who-can-see/", f"/api/v1/tickets/{ticket}/"):
        assert hana.get(address).status_code == 200
    signed_in(desk.ben).get(f"/requests/{ticket}/")
    signed_in(desk.dev).get(f"/tickets/{ticket}/")

    read = Sighting.objects.filter(at__gte=began).order_by("id")
    assert list(read.values_list("person__display_name", "how")) == [
        ("Hana", "page"),
        ("Hana", "api"),
        ("Ben", "own_page"),
    ]


def test_case_group_finds_its_tickets_in_the_queue_whatever_its_roles(desk):
    ticket = desk.raised(sensitivity="hr")
    hana, ben = signed_in(desk.hana), signed_in(desk.ben)

    assert ticket.reference in text(hana.get("/queue/"))
    assert 'href="/queue/"' in hana.get("/requests/").content.decode()
    assert ben.get("/queue/").status_code == 403
    assert 'href="/queue/"' not in ben.get("/requests/").content.decode()
