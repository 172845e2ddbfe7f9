"""A desk with everybody around one ticket of Ben's, for the tests of moves, of sight and of pages."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from servicedesk.people.models import Person, Team
from servicedesk.tickets.models import Sharing, Ticket
from servicedesk.tickets.raising import raise_ticket
from tests.factories import (
    a_case_group,
    a_council,
    a_person,
    a_requester,
    a_service,
    a_team,
    an_engineer,
)

MONDAY = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
RESOLVED_NOTE = "A new headset"


@dataclass
class World:
    """People by what they are to the ticket; None is the system itself."""

    ticket: Ticket
    team: Team
    firm: Team
    people: dict[str, Person | None] = field(default_factory=dict)

    def given(self, name: str) -> dict:
        """What the move needs."""
        engineer = self.people["engineer"]
        return {
            "assign": {"team": self.team},
            "put_back": {"note": "Not mine"},
            "hand_over": {"note": "Yours", "assignee": engineer},
            "ask_customer": {"question": "Which headset?"},
            "refer_to_supplier": {"supplier_team": self.firm},
            "book": {"booked_for": MONDAY + timedelta(days=3)},
            "resolve": {"resolution_code": "fixed", "resolution_note": RESOLVED_NOTE},
            "cancel": {"reason": "No longer needed"},
            "request_approval": {"approver": self.people["approver"], "reason": "It costs money"},
            "reject": {"reason": "Too dear"},
        }.get(name, {})

    def stand(self, state: str, **fields) -> Ticket:
        """The ticket as it would be in that state, however it got there."""
        resolved = {"resolved_at": MONDAY + timedelta(hours=1)} if state in ("resolved", "closed") else {}
        booked = {"booked_for": MONDAY + timedelta(days=2)} if state == "scheduled" else {}
        Ticket.objects.filter(pk=self.ticket.pk).update(state=state, **{**resolved, **booked, **fields})
        self.ticket.refresh_from_db()
        return self.ticket


def a_world() -> World:
    """Ben's shared incident, with a team, an engineer who has it, an approver, and a supplier that it is with."""
    occ, cdc = a_council("OCC"), a_council("CDC")
    ben, eve = a_requester(cdc, name="Ben"), a_requester(cdc, name="Eve")
    asha, dev = an_engineer(occ, name="Asha"), an_engineer(cdc, name="Dev")
    ann = a_person(cdc, "budget_approver", name="Ann")
    sue = a_person(occ, "supplier_contact", name="Sue")
    team, firm = a_team("Service desk", members=(asha, dev)), a_team("Acme", members=(sue,), kind="supplier")
    ticket = raise_ticket(
        by=ben,
        requester=ben,
        type="incident",
        title="No sound",
        service=a_service("Laptops", team),
        urgency=1,
        affected_person=eve,
        now=MONDAY,
    )
    Ticket.objects.filter(pk=ticket.pk).update(assignee=dev, approver=ann, supplier_team=firm)
    ticket.refresh_from_db()
    people = {
        "engineer": asha,
        "assignee": dev,
        "queue manager": a_person(cdc, "queue_manager", name="Mia"),
        "requester": ben,
        "affected person": eve,
        "approver": ann,
        "supplier contact": sue,
        "other supplier's contact": a_person(occ, "supplier_contact", name="Oz"),
        "case worker": a_person(cdc, "requester", name="Cas"),
        "cyber officer": a_person(occ, "cyber_officer", name="Cy"),
        "asset manager": a_person(cdc, "asset_manager", name="Mo"),
        "stranger": a_requester(cdc, name="Stu"),
        "system": None,
    }
    a_team("Other firm", members=(people["other supplier's contact"],), kind="supplier")
    a_case_group("hr", cdc, people["case worker"])
    return World(ticket, team, firm, people)


def restricted(world: World, sensitivity: str = "hr") -> Ticket:
    """The same ticket, sealed, with its case group's member as the case worker."""
    group = Team.objects.filter(sensitivity=sensitivity, councils=world.ticket.council).first()
    group = group or a_case_group(sensitivity, world.ticket.council, world.people["case worker"])
    Ticket.objects.filter(pk=world.ticket.pk).update(
        sharing=Sharing.RESTRICTED, sensitivity=sensitivity, case_group=group, team=group, assignee=None
    )
    world.ticket.refresh_from_db()
    return world.ticket
