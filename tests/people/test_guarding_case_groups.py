"""Case groups, by which private requests are read, are changed in sight of others, and where it is set by two."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from servicedesk.catalogue.models import Service
from servicedesk.notifications.models import Message
from servicedesk.people import organising
from servicedesk.people.agreements import agree_for, propose
from servicedesk.people.models import Agreement, Team
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.sealing import change_service
from tests.factories import (
    a_council,
    a_council_alone,
    a_grant,
    a_person,
    a_service,
)
from tests.people.test_guarding import (
    SUNDAY_NIGHT,
    a_council_of_her_own,
    again,
    desk,
    sees,
    sent,
    two,
)

pytestmark = pytest.mark.django_db
__all__ = ["desk", "two"]


class TestCaseGroups:
    def test_what_is_done_to_them_is_told_to_those_who_handle_the_same_matters(self, desk):
        other = organising.add_team(
            Team(name="AAA", kind="case_group", sensitivity="hr"),
            [desk.county],
            by=desk.nadia,
            now=SUNDAY_NIGHT,
        )
        said = "Nadia {} the case group AAA, for Oxfordshire County Council."
        watchers = {desk.cy.email, desk.hana.email}
        assert sent() == dict.fromkeys(watchers, said.format("made"))

        organising.archive(other, by=desk.nadia, version=1, now=SUNDAY_NIGHT)
        assert sent() == dict.fromkeys(watchers, said.format("archived"))
        organising.bring_back(other, by=desk.nadia, version=2, now=SUNDAY_NIGHT)
        assert sent() == dict.fromkeys(watchers, said.format("brought back"))

        own = a_council_of_her_own(desk)
        both = [own, desk.county]
        organising.change(other, by=again(desk.nadia), version=3, councils=both, now=SUNDAY_NIGHT)
        assert desk.cy.email in sent()

    def test_kind_of_a_team_and_what_it_is_for_cannot_be_changed(self, desk):
        for name, value in (("kind", "in_house"), ("sensitivity", "legal")):
            with pytest.raises(ValidationError, match="cannot be changed here"):
                organising.change(desk.group, by=desk.nadia, version=1, **{name: value})

    def test_service_that_is_no_longer_private_is_told_and_opens_nothing(self, desk):
        service = a_service("Grievances", sensitivity="hr")
        ticket = raise_ticket(
            by=desk.ben, requester=desk.ben, type="request", title="A quarrel", service=service
        )
        Message.objects.all().delete()

        change_service(service, by=desk.nadia, version=1, sensitivity="", now=SUNDAY_NIGHT)

        said = "Nadia changed who reads what is asked of the service Grievances, until now: {}."
        assert sent() == dict.fromkeys((desk.cy.email, desk.hana.email), said.format("A personnel matter"))
        ticket.refresh_from_db()
        assert (ticket.sharing, Service.objects.get(name="Grievances").sensitivity) == ("restricted", "")
        assert not sees(desk.nadia, ticket)

    def test_private_service_of_two_councils_is_not_changed_by_one_for_the_other(self, desk):
        there = a_council_alone("CDC")
        a_service("Grievances", sensitivity="hr", approval="manager")
        eve = a_person(there, "administrator", name="Eve")
        a_grant(eve, "administrator", desk.county)
        for name, value in (
            ("sensitivity", ""),
            ("sharing", "own_council"),
            ("approval", ""),
            ("owner", eve),
        ):
            with pytest.raises(ValidationError) as refused:
                change_service(
                    Service.objects.get(), by=desk.nadia, version=1, **{name: value, "sentence": "About work"}
                )
            said = ["Only who administers every council of this service changes this"]
            assert refused.value.message_dict == {name: said}

        change_service(
            Service.objects.get(), by=desk.nadia, version=1, sentence="About work", approval="manager"
        )
        changed = change_service(Service.objects.get(), by=eve, version=2, sensitivity="")
        assert (changed.sentence, changed.sensitivity) == ("About work", "")

    def test_council_is_not_left_out_of_a_service_by_another_that_shares_its_desk(self, desk):
        a_council("OCC"), a_council("CDC")
        service = a_service("Grievances", sensitivity="hr")

        with pytest.raises(
            ValidationError, match="Only who administers a council takes a service away from it"
        ):
            change_service(service, by=again(desk.nadia), version=1, councils=[desk.county])

    @pytest.mark.usefixtures("two")
    def test_with_two_administrators_none_opens_a_private_service_alone(self, desk):
        service = a_service("Grievances", sensitivity="hr")
        for sensitivity in ("", "member"):
            with pytest.raises(ValidationError, match="Add another service that is not private"):
                change_service(service, by=desk.nadia, version=1, sensitivity=sensitivity)

        assert change_service(a_service("Payroll"), by=desk.nadia, version=1, sensitivity="hr").version == 2

    def test_agreement_in_force_is_told_to_the_officers_of_all_councils(self, desk):
        there = a_council_alone("CDC")
        officer, eve = a_person(there, "cyber_officer"), a_person(there, "administrator", name="Eve")
        agreement = Agreement(name="Joint", kind="joint", starts_at=SUNDAY_NIGHT)

        made = propose(agreement, [desk.county, there], by=desk.nadia, now=SUNDAY_NIGHT)
        assert sent() == {}
        agree_for(made, there, by=eve, now=SUNDAY_NIGHT)

        assert set(sent()) == {desk.cy.email, officer.email}

    @pytest.mark.usefixtures("two")
    def test_agreement_with_a_council_of_ones_own_waits_for_another_administrator(self, desk):
        own = a_council_of_her_own(desk)
        nadia, officer = again(desk.nadia), a_person(own, "cyber_officer")
        sealed = raise_ticket(by=desk.ben, requester=desk.ben, type="request", title="x", sensitivity="hr")
        Ticket.objects.filter(pk=sealed.pk).update(sensitivity="cyber")
        made = propose(
            Agreement(name="Joint", kind="joint", starts_at=SUNDAY_NIGHT), [desk.county, own], by=nadia
        )

        for council in (desk.county, own):
            with pytest.raises(PermissionDenied, match="another administrator agrees"):
                agree_for(made, council, by=nadia)
        assert set(made.awaiting.all()) == {desk.county, own}
        assert not sees(officer, sealed)

        a_grant(desk.sam, "administrator", own)
        for council in (desk.county, own):
            made = agree_for(made, council, by=again(desk.sam))
        assert sees(officer, sealed)
