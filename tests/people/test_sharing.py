"""How far a joint right reaches: by the agreements in force, and no further. Host and customer leak neither way."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from assets.register.models import Asset
from servicedesk.catalogue.models import Service
from servicedesk.people.access import councils_of
from servicedesk.people.models import Agreement, Person
from servicedesk.people.rights import rights_of
from servicedesk.people.roles import Permission
from servicedesk.tickets.choices import engineers_for, teams_for
from servicedesk.tickets.forms import ChangeForm
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket
from tests.factories import (
    a_council_alone,
    a_grant,
    a_person,
    a_requester,
    a_service,
    a_site,
    a_team,
    a_ticket,
    an_agreement,
    an_asset,
    an_engineer,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DESK = [Permission.SEE_SHARED_TICKETS, Permission.WORK_TICKETS, Permission.SEE_ASSETS, Permission.EXPORT]


@pytest.fixture
def councils():
    return [a_council_alone(code) for code in ("OCC", "CDC", "WODC")]


def again(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


def reached(person: Person) -> list[frozenset[int]]:
    return [councils_of(again(person), permission) for permission in DESK]


def keys(*councils) -> list[frozenset[int]]:
    return [frozenset(council.pk for council in councils)] * len(DESK)


def test_without_an_agreement_a_desk_reaches_its_own_council(councils):
    assert reached(an_engineer(councils[0])) == keys(councils[0])


def test_joint_agreement_reaches_everybody_who_takes_part(councils):
    one, two, three = councils
    an_agreement("Joint", one, two)

    assert reached(an_engineer(one)) == keys(one, two)
    assert reached(an_engineer(two)) == keys(one, two)
    assert reached(an_engineer(three)) == keys(three)


def test_host_reaches_its_customers_and_they_do_not_reach_it_or_one_another(councils):
    host, customer, other = councils
    an_agreement("Hosted", customer, other, provider=host)

    assert reached(an_engineer(host)) == keys(host, customer, other)
    assert reached(an_engineer(customer)) == keys(customer)
    assert reached(an_engineer(other)) == keys(other)


def test_agreements_add_up_but_are_not_handed_on(councils):
    one, two, three = councils
    an_agreement("Joint", one, two)
    an_agreement("Hosted", three, provider=two)

    assert reached(an_engineer(two)) == keys(one, two, three)
    assert reached(an_engineer(one)) == keys(one, two)


@pytest.mark.parametrize(
    "span", [{"starts_at": timezone.now() + HOUR}, {"ends_at": timezone.now() - HOUR}], ids=["later", "ended"]
)
def test_agreement_counts_while_it_holds(councils, span):
    an_agreement("Joint", *councils)
    Agreement.objects.update(**span)

    assert reached(an_engineer(councils[0])) == keys(councils[0])


def test_council_rights_stay_where_they_were_given(councils):
    host, customer, _ = councils
    an_agreement("Hosted", customer, provider=host)

    assert councils_of(a_person(host, "asset_manager"), Permission.EDIT_ASSETS) == {host.pk}
    assert councils_of(a_person(host, "administrator"), Permission.ADMINISTER) == {host.pk}


def test_auditor_who_works_elsewhere_does_not_work_at_the_council_that_they_audit(councils):
    one, two, three = councils
    auditor = a_person(one, "auditor")
    a_grant(auditor, "engineer", two)
    an_agreement("Joint", one, two, three)

    reach = {permission: councils_of(again(auditor), permission) for permission in DESK}
    everywhere = keys(one, two, three)[0]
    assert reach == dict.fromkeys(DESK, everywhere) | {Permission.WORK_TICKETS: keys(two, three)[0]}
    can = [
        engineers_for(a_ticket(a_requester(council))).filter(pk=auditor.pk).exists() for council in councils
    ]
    assert can == [False, True, True]


def test_account_page_says_which_councils_a_joint_right_reaches(councils):
    host, customer, _ = councils
    an_agreement("Hosted", customer, provider=host)

    def where(person):
        return {ground.where for right in rights_of(person) for ground in right.grounds}

    assert f"{customer.name}, {host.name}" in where(an_engineer(host))
    assert where(an_engineer(customer)) == {"What concerns you", customer.name}


class TestHostAndCustomer:
    @pytest.fixture
    def hosted(self, councils):
        host, customer, _ = councils
        an_agreement("Hosted", customer, provider=host)
        firm = a_team("Contoso", host, customer, kind="supplier")
        rows = {}
        for council in (host, customer):
            requester = a_requester(council)
            rows[council] = (
                a_ticket(requester, title=f"Of {council.code}", team=firm),
                an_asset(council, f"LT-{council.code}"),
            )
        return host, customer, rows, firm

    def test_queue_register_and_search_leak_neither_way(self, hosted):
        host, customer, rows, _ = hosted
        of_the_host, of_the_customer = an_engineer(host), an_engineer(customer)

        def seen(person):
            tickets, assets = Ticket.objects.visible_to(person), Asset.objects.visible_to(person)
            return {*tickets.values_list("title", flat=True), *assets.values_list("asset_tag", flat=True)}

        assert seen(of_the_host) == {"Of OCC", "LT-OCC", "Of CDC", "LT-CDC"}
        assert seen(of_the_customer) == {"Of CDC", "LT-CDC"}

    @pytest.mark.parametrize(
        "address", ["/queue/", "/assets/", "/search/?q=Of", "/api/v1/tickets/", "/api/v1/assets/"]
    )
    def test_pages_of_the_customer_say_nothing_of_the_host(self, hosted, address):
        _, customer, rows, _ = hosted
        client = Client()
        client.force_login(an_engineer(customer))

        body = client.get(address).content.decode()

        assert [text for text in ("Of OCC", "LT-OCC") if text in body] == []

    def test_customers_supplier_contact_sees_its_own_council_alone(self, hosted):
        host, customer, rows, firm = hosted
        contact = a_person(customer, "supplier_contact")
        firm.memberships.create(person=contact, starts_at=timezone.now())

        assert list(Ticket.objects.visible_to(contact)) == [rows[customer][0]]

    def test_ticket_of_the_host_cannot_be_given_to_the_customers_engineer(self, hosted):
        host, customer, rows, _ = hosted
        ours, theirs = an_engineer(host), an_engineer(customer)

        assert set(engineers_for(rows[host][0])) == {ours}
        assert set(engineers_for(rows[customer][0])) == {ours, theirs}

    def test_ending_the_agreement_holds_from_the_next_click(self, hosted):
        host, customer, rows, _ = hosted
        client = Client()
        client.force_login(an_engineer(host))
        ticket = rows[customer][0]
        assert client.get(f"/tickets/{ticket.reference}/").status_code == 200

        Agreement.objects.update(ends_at=timezone.now())

        assert client.get(f"/tickets/{ticket.reference}/").status_code == 404
        assert "Of CDC" not in client.get("/queue/").content.decode()


class TestServicesOfAnAgreement:
    @pytest.fixture
    def hosted(self, councils):
        host, customer, _ = councils
        agreement = an_agreement("Hosted", customer, provider=host)
        service = a_service("Payroll", team=a_team("Host desk", host))
        service.councils.set([host])
        service.agreements.add(agreement)
        return service, customer, agreement

    def test_is_offered_to_the_customer_while_the_agreement_holds(self, hosted):
        service, customer, agreement = hosted
        requester = a_requester(customer)
        assert list(Service.objects.offered_to(customer.pk)) == [service]
        assert list(Service.objects.visible_to(requester)) == [service]
        raise_ticket(by=requester, requester=requester, type="incident", title="x", service=service)

        Agreement.objects.filter(pk=agreement.pk).update(ends_at=timezone.now())

        requester = Person.objects.get(pk=requester.pk)  # as the next click brings them
        assert list(Service.objects.offered_to(customer.pk)) == []
        assert list(Service.objects.visible_to(requester)) == []
        with pytest.raises(ValidationError, match="Payroll is not offered at Cherwell"):
            raise_ticket(by=requester, requester=requester, type="incident", title="x", service=service)

    def test_help_page_offers_what_the_agreement_brings(self, hosted, councils):
        client = Client()
        client.force_login(a_requester(hosted[1]))
        assert "Payroll" in client.get("/help/").content.decode()

        client.force_login(a_requester(councils[2]))
        assert "Payroll" not in client.get("/help/").content.decode()

    def test_archived_service_is_offered_no_more(self, hosted):
        service, customer, _ = hosted
        Service.objects.filter(pk=service.pk).update(archived_at=timezone.now())

        assert list(Service.objects.offered_to(customer.pk)) == []


def test_archived_sites_and_teams_are_not_chosen_but_kept_where_they_are(councils):
    one = councils[0]
    ticket = a_ticket(a_requester(one), site=a_site(one, "Old Hall"))
    other = a_site(one, "Older Hall")
    team = a_team("Old desk", one)
    for row in (ticket.site, other, team):
        type(row).objects.filter(pk=row.pk).update(archived_at=timezone.now())

    assert "Old Hall" in str(ChangeForm(instance=ticket)["site"])
    assert "Older Hall" not in str(ChangeForm(instance=ticket)["site"])
    assert list(teams_for(ticket)) == []
