"""Who reaches sealed requests is never changed unseen, and where the setting says so never by one administrator."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError

from servicedesk.history.models import Change
from servicedesk.notifications.models import Message
from servicedesk.notifications.sending import send_waiting
from servicedesk.people import organising
from servicedesk.people.grants import agree, end, give_role, join_team, refuse, withdraw
from servicedesk.people.inviting import change_person
from servicedesk.people.leaving import switch_off, switch_on
from servicedesk.people.models import Council, GrantRequest, Membership, Person, Team
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.sight import everyone_who_sees
from tests.factories import (
    a_case_group,
    a_council,
    a_council_alone,
    a_grant,
    a_person,
    a_requester,
)

pytestmark = pytest.mark.django_db
SUNDAY_NIGHT = datetime(2026, 11, 22, 23, tzinfo=UTC)


class Desk:
    """The county's personnel group with Hana in it, its officer Cy, and two administrators, Nadia and Sam."""

    def __init__(self) -> None:
        self.county = a_council_alone("OCC")
        self.nadia = a_person(self.county, "administrator", name="Nadia")
        self.sam = a_person(self.county, "administrator", name="Sam")
        self.cy = a_person(self.county, "cyber_officer", name="Cy")
        self.hana = a_requester(self.county, name="Hana", email="hana@occ.example")
        self.group = a_case_group("hr", self.county, self.hana)
        self.grace = a_requester(self.county, name="Grace", email="grace@occ.example")
        self.ben = a_requester(self.county, name="Ben")
        self.ticket = raise_ticket(
            by=self.ben, requester=self.ben, type="request", title="A quarrel", sensitivity="hr"
        )
        Message.objects.all().delete()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def two(settings) -> None:
    settings.GRANTS_NEED_SECOND_ADMINISTRATOR = True


def again(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


def a_council_of_her_own(desk: Desk) -> Council:
    """Nadia adds it, and becomes its administrator; where another has to agree, Sam does."""
    own = organising.add_council(Council(code="OWN", name="Own"), by=desk.nadia)
    for asked in GrantRequest.objects.filter(council=own):
        agree(asked, by=desk.sam)
    return Council.objects.get(pk=own.pk)


def sees(person: Person, ticket: Ticket) -> bool:
    return Ticket.objects.visible_to(again(person)).filter(pk=ticket.pk).exists()


def seers(ticket: Ticket) -> set[str]:
    return {str(person) for group in everyone_who_sees(ticket) for person in group.people}


def sent(now: datetime = SUNDAY_NIGHT) -> dict[str, str]:
    """{address: first line} of the mail that goes at this moment, in which nothing stands of any ticket."""
    mail.outbox.clear()
    send_waiting(lambda: now)
    for letter in mail.outbox:
        assert "quarrel" not in (letter.subject + letter.body).lower()
        assert "REQ-" not in letter.subject + letter.body
    return {letter.to[0]: letter.body.splitlines()[0] for letter in mail.outbox}


class TestJoiningByOneAdministrator:
    def test_is_told_at_once_to_the_group_and_the_officer(self, desk):
        join_team(desk.grace, desk.group, by=desk.nadia, now=SUNDAY_NIGHT)

        said = f"Nadia put Grace (grace@occ.example) into the case group {desk.group}."
        assert sent() == {desk.cy.email: said, desk.hana.email: said, desk.grace.email: said}
        assert {letter.subject for letter in mail.outbox} == {"A change to who reaches private requests"}
        assert sees(desk.grace, desk.ticket)
        assert seers(desk.ticket) == {"Ben", "Hana", "Grace"}

    def test_place_to_come_is_told_now_and_seen_by_nobody_yet(self, desk):
        monday = SUNDAY_NIGHT + timedelta(days=3650)
        join_team(desk.grace, desk.group, by=desk.nadia, starts_at=monday, now=SUNDAY_NIGHT)

        assert sent()[desk.cy.email] == (
            f"Nadia put Grace (grace@occ.example) into the case group {desk.group}, "
            "from Wednesday 19 November 2036, 11pm."
        )
        assert not sees(desk.grace, desk.ticket)
        assert seers(desk.ticket) == {"Ben", "Hana"}

    def test_officer_of_a_council_whose_desk_serves_it_is_told(self, desk):
        there = a_council("CDC")
        a_council("OCC")
        officer = a_person(there, "cyber_officer")

        join_team(desk.grace, desk.group, by=desk.nadia, now=SUNDAY_NIGHT)

        assert officer.email in sent()

    def test_without_group_and_officer_those_who_may_open_private_requests_are_told(self, desk):
        end(desk.cy.grants.get(), by=None, now=SUNDAY_NIGHT)
        end(desk.hana.memberships.get(), by=None, now=SUNDAY_NIGHT)

        join_team(desk.grace, desk.group, by=desk.nadia, now=SUNDAY_NIGHT)

        assert set(sent()) == {desk.sam.email, desk.grace.email}

    def test_whoever_was_to_be_told_is_told_even_if_their_place_is_taken_away_meanwhile(self, desk):
        join_team(desk.grace, desk.group, by=desk.nadia, now=SUNDAY_NIGHT)
        end(desk.cy.grants.get(), by=None, now=SUNDAY_NIGHT)
        end(desk.hana.memberships.get(), by=None, now=SUNDAY_NIGHT)

        assert set(sent()) == {desk.cy.email, desk.hana.email, desk.grace.email}

    def test_leaving_takes_nobody_else_and_is_told_as_well(self, desk, two):
        end(desk.hana.memberships.get(), by=desk.nadia, now=SUNDAY_NIGHT)

        said = f"Nadia took Hana (hana@occ.example) out of the case group {desk.group}."
        assert sent() == {desk.cy.email: said, desk.hana.email: said}
        assert not sees(desk.hana, desk.ticket)

    def test_of_other_teams_nothing_is_told(self, desk, two):
        team = Team.objects.create(name="Desk")
        team.councils.add(desk.county)

        assert isinstance(join_team(desk.grace, team, by=desk.nadia, now=SUNDAY_NIGHT), Membership)
        assert sent() == {}

    def test_takes_an_email_address(self, desk):
        with pytest.raises(ValidationError, match="has no email address"):
            join_team(a_person(desk.county, email=None), desk.group, by=desk.nadia)


@pytest.mark.usefixtures("two")
class TestJoiningByTwo:
    @pytest.fixture
    def asked(self, desk) -> GrantRequest:
        asked = join_team(desk.grace, desk.group, by=desk.nadia, now=SUNDAY_NIGHT)
        assert isinstance(asked, GrantRequest)
        return asked

    def test_it_is_only_asked_for(self, desk, asked):
        assert (asked.team, asked.role, asked.council, str(asked)) == (
            desk.group,
            "",
            None,
            f"A place in {desk.group} for Grace",
        )
        assert not sees(desk.grace, desk.ticket)
        assert seers(desk.ticket) == {"Ben", "Hana"}
        assert sent() == {}
        assert Change.objects.get(kind="people.grantrequest").label == str(asked)

    def test_agreed_to_it_holds_and_is_told_with_both_names(self, desk, asked):
        place = agree(asked, by=desk.sam, now=SUNDAY_NIGHT)

        asked.refresh_from_db()
        assert (asked.place, asked.grant, asked.decided_by) == (place, None, desk.sam)
        assert sees(desk.grace, desk.ticket)
        assert seers(desk.ticket) == {"Ben", "Hana", "Grace"}
        said = f"Sam put Grace (grace@occ.example) into the case group {desk.group}, as Nadia had asked."
        assert sent() == {desk.cy.email: said, desk.hana.email: said, desk.grace.email: said}
        assert list(
            Change.objects.filter(kind__in=("people.grantrequest", "people.membership"))
            .order_by("id")
            .values_list("kind", "action")
        ) == [
            ("people.grantrequest", "create"),
            ("people.membership", "create"),
            ("people.grantrequest", "update"),
        ]

    def test_refused_or_withdrawn_it_does_not(self, desk, asked):
        refuse(asked, by=desk.sam)
        with pytest.raises(ValidationError, match="decided already"):
            agree(asked, by=desk.sam)
        second = join_team(desk.grace, desk.group, by=desk.nadia)
        withdraw(second, by=desk.nadia)

        assert not sees(desk.grace, desk.ticket)

    def test_it_is_decided_by_nobody_concerned_and_nobody_from_elsewhere(self, desk, asked):
        a_grant(desk.grace, "administrator")
        elsewhere = a_person(a_council_alone("CDC"), "administrator")
        for by in (desk.nadia, again(desk.grace), elsewhere, desk.hana):
            for decide in (agree, refuse):
                with pytest.raises(PermissionDenied):
                    decide(asked, by=by)

    def test_it_is_asked_for_once(self, desk, asked):
        with pytest.raises(ValidationError, match="asked for Grace already"):
            join_team(desk.grace, desk.group, by=desk.sam)

    def test_what_came_between_is_looked_at_again(self, desk, asked):
        join_team(desk.grace, desk.group, by=None)

        with pytest.raises(ValidationError, match="already"):
            agree(asked, by=desk.sam)

    def test_one_administrator_cannot_be_two_by_a_council_of_their_own(self, desk):
        """Nadia makes a council, of which she alone makes Puck the second administrator."""
        own = a_council_of_her_own(desk)
        nadia, puck = again(desk.nadia), a_requester(own, name="Puck")
        give_role(puck, "administrator", own, by=nadia)
        group = organising.add_team(
            Team(name="New", kind="case_group", sensitivity="hr"), [own, desk.county], by=nadia
        )
        asked = join_team(desk.grace, group, by=nadia)

        with pytest.raises(PermissionDenied, match="Own and Oxfordshire|Oxfordshire County Council and Own"):
            agree(asked, by=again(puck))

    def test_nobody_joins_by_way_of_the_councils_of_the_group(self, desk):
        own = a_council_of_her_own(desk)
        nadia = again(desk.nadia)
        for councils in ([own, desk.county], [own]):
            with pytest.raises(ValidationError, match="Make another case group"):
                organising.change(desk.group, by=nadia, version=1, councils=councils)

        changed = organising.change(desk.group, by=nadia, version=1, name="HR", councils=[desk.county])
        assert str(changed) == "HR"

    def test_group_does_not_come_back_with_people_in_it(self, desk):
        archived = organising.archive(desk.group, by=desk.nadia, version=1)
        with pytest.raises(ValidationError, match="Take everybody out of it first"):
            organising.bring_back(archived, by=desk.nadia, version=2)

        end(desk.hana.memberships.get(), by=desk.nadia)
        assert organising.bring_back(archived, by=desk.nadia, version=2).archived_at is None


class TestRoles:
    def test_role_that_may_open_private_requests_is_told_and_no_other(self, desk):
        give_role(desk.grace, "requester", a_council_alone("CDC"), by=None)
        give_role(desk.ben, "engineer", desk.county, by=desk.nadia, now=SUNDAY_NIGHT)
        assert sent() == {}

        grant = give_role(desk.grace, "queue_manager", desk.county, by=desk.nadia, now=SUNDAY_NIGHT)
        said = (
            "Nadia gave to Grace (grace@occ.example) the role of Queue manager at Oxfordshire County Council."
        )
        assert sent() == {desk.cy.email: said, desk.grace.email: said}

        end(grant, by=desk.sam, now=SUNDAY_NIGHT)
        assert sent()[desk.cy.email].startswith("Sam took from Grace (grace@occ.example) the role of")

    def test_agreed_to_it_names_both(self, desk, two):
        asked = give_role(desk.grace, "auditor", desk.county, by=desk.nadia)
        assert sent() == {}

        agree(asked, by=desk.sam, now=SUNDAY_NIGHT)

        assert sent()[desk.cy.email].endswith("as Nadia had asked.")


class TestAddresses:
    def moved(self, desk, person: Person, by=None, email="new@occ.example"):
        return change_person(
            person, by=by or desk.nadia, version=again(person).version, email=email, now=SUNDAY_NIGHT
        )

    def test_old_and_new_address_are_told_at_once_and_the_watchers_too(self, desk):
        self.moved(desk, desk.hana)

        own = "Nadia has changed the email address by which you sign in to the IT service desk."
        letters = sent()
        assert {to for to in letters} == {"hana@occ.example", "new@occ.example", desk.cy.email}
        assert [own in letter.body for letter in mail.outbox if letter.to[0] != desk.cy.email] == [True, True]
        assert letters[desk.cy.email] == (
            "Nadia changed, from hana@occ.example, the email address of Hana (new@occ.example), "
            "who reaches private requests."
        )

    def test_of_somebody_who_reaches_none_only_the_two_addresses_are_told(self, desk, two):
        self.moved(desk, desk.grace)

        assert set(sent()) == {desk.grace.email, "new@occ.example"}

    def test_of_whoever_has_a_private_request_of_their_own_its_case_group_is_told(self, desk):
        old = desk.ben.email
        self.moved(desk, desk.ben)

        said = f"Nadia changed, from {old}, the email address of Ben (new@occ.example), who reaches private requests."
        told = sent()
        assert (told[desk.hana.email], told[desk.cy.email]) == (said, said)

    @pytest.mark.usefixtures("two")
    def test_with_two_administrators_nobody_gives_one_to_whoever_has_a_private_request(self, desk):
        """By an address of their own an administrator would choose a password, and read it as its requester."""
        asked_for = a_requester(desk.county, email=None)
        Ticket.objects.filter(pk=desk.ticket.pk).update(affected_person=asked_for)
        for person in (asked_for, desk.ben):
            with pytest.raises(ValidationError, match="switch off this account and invite"):
                self.moved(desk, person)
        assert sent() == {}

    def test_old_address_is_told_even_of_an_account_that_is_off_or_has_no_address_any_more(self, desk):
        switch_off(desk.grace, by=desk.nadia, version=1, now=SUNDAY_NIGHT)
        self.moved(desk, desk.grace, email=None)

        assert set(sent()) == {desk.grace.email}

    def test_what_else_is_changed_is_told_nobody(self, desk, two):
        change_person(desk.hana, by=desk.nadia, version=1, email=desk.hana.email, job_title="Adviser")

        assert sent() == {}

    @pytest.mark.usefixtures("two")
    def test_with_two_administrators_it_is_refused_with_the_way_round(self, desk):
        asked_for = a_requester(desk.county)
        join_team(asked_for, desk.group, by=desk.nadia)
        for person in (desk.hana, desk.cy, desk.sam, desk.nadia, asked_for):
            with pytest.raises(ValidationError, match="Take away the place in the case group") as refused:
                self.moved(desk, person)
            assert list(refused.value.message_dict) == ["email"]
        assert sent() == {}

        end(desk.hana.memberships.get(), by=desk.nadia, now=SUNDAY_NIGHT)
        self.moved(desk, desk.hana)
        again_in = join_team(again(desk.hana), desk.group, by=desk.nadia, now=SUNDAY_NIGHT)
        agree(again_in, by=desk.sam, now=SUNDAY_NIGHT)
        sent()
        assert "Sam put Hana (new@occ.example)" in " ".join(letter.body for letter in mail.outbox)

    def test_account_that_is_switched_off_and_on_is_told(self, desk):
        off = switch_off(desk.hana, by=desk.nadia, version=1, now=SUNDAY_NIGHT)
        switch_on(off, by=desk.nadia, version=2, now=SUNDAY_NIGHT)

        send_waiting(lambda: SUNDAY_NIGHT)
        told = [letter.body.splitlines()[0] for letter in mail.outbox if letter.to == [desk.cy.email]]
        who = "the account of Hana (hana@occ.example), who reaches private requests."
        assert told == [f"Nadia switched off {who}", f"Nadia switched on again {who}"]
