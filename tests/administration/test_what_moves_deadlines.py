"""Deadlines follow what is shown beforehand, and nothing that is changed in one step leaves one behind."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from servicedesk.administration.archiving import archive
from servicedesk.catalogue.models import Service
from servicedesk.catalogue.offering import EDITABLE as OF_A_SERVICE
from servicedesk.people.agreements import end_agreement
from servicedesk.people.inviting import EDITABLE as OF_A_PERSON
from servicedesk.people.inviting import change_person
from servicedesk.people.organising import EDITABLE, change
from servicedesk.service_levels.models import ServiceLevel
from servicedesk.tickets.bringing import add_service
from servicedesk.tickets.models import ClockEvent, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.remeasuring import Touched, carry_out
from servicedesk.tickets.sealing import change_service
from tests.factories import (
    a_case_group,
    a_council,
    a_person,
    a_requester,
    a_service,
    a_site,
    a_team,
    an_agreement,
)

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
LATER = MONDAY + timedelta(hours=1)
FRIDAY = MONDAY + timedelta(days=4)


class Desk:
    """An administrator of both councils, and a critical outage of a service that is covered round the clock."""

    def __init__(self) -> None:
        self.occ, self.cdc = a_council("OCC"), a_council("CDC")
        self.ada = a_person(self.cdc, "administrator")
        self.ada.grants.create(role="administrator", council=self.occ, starts_at=MONDAY - timedelta(days=9))
        a_person(self.occ, "administrator"), a_person(self.cdc, "administrator")
        self.ben = a_requester(self.cdc)
        self.team, self.other_team = a_team("Tills"), a_team("Networks")
        self.service = a_service("Library tills", self.team, out_of_hours_cover=True)
        a_case_group("hr", self.cdc, a_requester(self.cdc))
        for impact in (1, 3):
            raise_ticket(
                by=self.ben,
                requester=self.ben,
                type="incident",
                title="Down",
                service=self.service,
                impact=impact,
                urgency=impact,
                now=MONDAY,
            )


OTHERWISE = {
    "sentence": "Where books are paid for",
    "criticality": 1,
    "public_facing": True,
    "first_line": False,
    "sharing": "own_council",
    "sensitivity": "hr",
    "approval": "manager",
    "vip": True,
    "uses_assistive_technology": True,
    "tier": 3,
    "kind": "member",
}


def of_a_service(desk):
    given = {name: value for name, value in OTHERWISE.items() if name in OF_A_SERVICE}
    given |= {"name": "Tills", "owner": desk.ada, "support_team": desk.other_team, "councils": [desk.cdc]}
    given |= {"agreements": [an_agreement("The shared desk")]}
    assert set(given) == set(OF_A_SERVICE)
    change_service(desk.service, by=desk.ada, version=1, **given)


def of_a_council(desk):
    given = dict.fromkeys(EDITABLE[type(desk.cdc)], "Open all day")
    change(desk.cdc, by=desk.ada, version=1, **given | {"colour": "#00664f"})


def of_a_team(desk):
    change(desk.team, by=desk.ada, version=1, name="Others", tier=3, councils=[desk.cdc])


def of_a_person(desk):
    given = {name: value for name, value in OTHERWISE.items() if name in OF_A_PERSON}
    change_person(desk.ben, by=desk.ada, version=1, site=a_site(desk.cdc), **given)


def of_an_agreement(desk):
    end_agreement(an_agreement("The shared desk"), by=desk.ada, version=1, at=timezone.now())


def of_what_is_on_offer(desk):
    archive(desk.service, by=desk.ada, version=1)


@pytest.mark.parametrize(
    "changed",
    [of_a_service, of_a_council, of_a_team, of_a_person, of_an_agreement, of_what_is_on_offer],
)
def test_no_fact_that_is_changed_in_one_step_promises_anything_else(changed):
    desk = Desk()

    changed(desk)
    events = ClockEvent.objects.count()
    carry_out(lambda: Touched(tickets=Q()), by=desk.ada, cause="a look", now=LATER)

    assert ClockEvent.objects.count() == events


def test_which_services_an_agreement_brings_stays_as_it_is_while_a_target_of_it_holds():
    desk = Desk()
    joint = an_agreement("Joint", desk.occ, desk.cdc)
    level = ServiceLevel.objects.create(
        agreement=joint, ticket_type="incident", priority="P1", metric="resolution", target_seconds=60
    )

    def refused() -> list[bool]:
        return [is_refused(ticked, desk), is_refused(added, desk, joint)]

    def ticked(desk):
        change_service(desk.service, by=desk.ada, version=1, agreements=[joint], now=FRIDAY)

    running = refused()
    level.ended_on = timezone.localdate(MONDAY) + timedelta(days=1)
    ServiceLevel.objects.filter(pk=level.pk).update(ended_on=level.ended_on)
    still_open = refused()
    Ticket.objects.update(state="cancelled")

    assert (running, still_open, refused()) == ([True, True], [True, True], [False, False])
    ServiceLevel.objects.filter(pk=level.pk).update(ended_on=None)
    desk.service.refresh_from_db()
    with pytest.raises(ValidationError, match="End its targets first"):
        change_service(desk.service, by=desk.ada, version=desk.service.version, agreements=[])
    assert set(joint.services.values_list("name", flat=True)) == {"Library tills", "Maps"}


def test_an_agreement_with_targets_brings_a_further_service_that_is_new():
    desk = Desk()
    joint = an_agreement("Joint", desk.occ, desk.cdc)
    desk.service.agreements.add(joint)
    ServiceLevel.objects.create(
        agreement=joint, ticket_type="incident", priority="P1", metric="resolution", target_seconds=60
    )

    added(desk, joint)

    assert joint.services.count() == 2


def added(desk, agreement) -> None:
    add_service(
        Service(name="Maps", support_team=desk.team), [desk.cdc], [agreement], by=desk.ada, now=FRIDAY
    )


def is_refused(deed, *given) -> bool:
    try:
        deed(*given)
    except ValidationError as wrong:
        assert "End its targets first" in wrong.message_dict["agreements"][0]
        return True
    return False
