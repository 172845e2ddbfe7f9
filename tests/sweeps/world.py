"""Two councils and one person of each role in each, with rows of every kind that others keep from them.

Every text of a row carries its mark (`tests.sweeps.marks`). The oracle says which of them a role may meet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assets.register.keeping import add_row
from assets.register.models import (
    AssetModel,
    CIRelation,
    Manufacturer,
    Supplier,
)
from servicedesk.people.models import Person, Site
from tests.factories import a_council, a_person, a_service, a_team
from tests.sweeps.marks import COUNCILS, LETTERS, MARK, TOKEN, WORD, Side, owners_of_money
from tests.sweeps.world_desk import (
    add_announcements,
    add_approval,
    add_figures,
    add_people,
    add_sealing,
    add_tickets,
    add_ties,
    another_ticket,
)
from tests.sweeps.world_refresh import add_appointments, add_orders, add_plans
from tests.sweeps.world_register import (
    a_system,
    add_asset,
    add_connections,
    add_counting,
    add_estate,
    another_asset,
    dealings,
    leaving,
)
from tests.sweeps.world_sending import add_files, add_sending
from tests.sweeps.world_together import add_together

# What whoever may see a thing sees as a matter of course.
REGISTER = {
    *("asset", "contract", "circuit", "line", "policy", "bought support", "machine room"),
    *("asset file", "loan", "transfer", "write-off", "stock-take", "kit-check"),
    *("order", "order line", "line order", "appointment", "swap time", "freeze"),
    *("batch", "batch item", "programme", "deferral"),
    *("joint batch", "joint programme", "joint line", "joint item", "joint order"),
    *("consignment", "due back", "medium", "disposal"),
}
# What is planned with, as far as it tells money.
PLANS = {"unit costs", "scenario", "baseline", "tariff"}
# Loans and transfers are read by both sides, and each of ours is between these two councils; so is what is replaced
# together, but for what is only one side's: its assets, its orders, and all of its money.
BOTH_SIDES = {"loan", "transfer", "joint batch", "joint programme", "joint line"}
PLACES = {"department", "site"}
TOLD = {"announcement"}
WRITES = {"draft announcement"}
# Shared with the colleagues of one council who read the register.
VIEWS = {"saved view"}
DESK = {"shared", "approval", "internal note", "task", "name"} | PLACES | TOLD | REGISTER
ADMINISTERED = {"name", "private person", "department", "site", "case group", "stand-in"}

# The oracle: what a role sees of its own council's rows that are not about the person, and of another council's.
SIGHT: dict[str, tuple[set[str], set[str]]] = {
    "requester": (PLACES | TOLD, set()),
    "engineer": (DESK | VIEWS | WRITES | {"own_council"}, DESK | WRITES),
    "queue_manager": (DESK | VIEWS | WRITES | {"own_council", "entered figure"}, DESK | WRITES),
    "asset_manager": (
        PLACES
        | TOLD
        | REGISTER
        | PLANS
        | VIEWS
        | {"swap survey", "shared", "money", "import", "mapping", "name", "deed"},
        PLACES | REGISTER | {"name"},
    ),
    "cyber_officer": (
        DESK | VIEWS | WRITES | {"own_council", "cyber", "glass", "entered figure"},
        DESK | WRITES | {"own_council", "cyber", "glass", "entered figure"},
    ),
    "service_owner": (PLACES | TOLD | {"entered figure"}, set()),
    "supplier_contact": (PLACES, set()),
    "budget_approver": (PLACES | VIEWS | TOLD | REGISTER | PLANS | {"approval", "money", "name"}, BOTH_SIDES),
    "administrator": (ADMINISTERED | TOLD | {"unsent message", "webhook"}, set()),
    "auditor": (DESK | VIEWS | {"own_council", "entered figure"}, BOTH_SIDES),
}

# A private request says beforehand which group of the person's council will read it.
SAID_TO_ITS_OWN = {"case group"}


@dataclass
class World:
    """Both councils."""

    sides: dict[str, Side]

    def person(self, council: str, role: str) -> Person:
        return Person.objects.get(pk=self.sides[council].people[role].pk)

    def rows(self, council: str, role: str) -> Iterator[tuple[str, Any, bool]]:
        """Every row: its kind, itself, and whether that person may see it."""
        for side in self.sides.values():
            own, other = SIGHT[role]
            seen = own if side.council.code == council else other
            yield from ((kind, row, kind in seen) for kind, row in side.rows.items())

    def hidden_marks(self, council: str, role: str, text: str) -> list[str]:
        """The marks in a text that the person may not see, in words."""
        number = self.sides[council].number
        own, other = SIGHT[role]
        own = own | SAID_TO_ITS_OWN
        text = TOKEN.sub("", text)
        found = {(int(digit), LETTERS[letter.lower()]) for digit, letter in MARK.findall(text)}
        found |= {(owner, "money") for owner in owners_of_money(text)}
        return sorted(
            f"{kind} of {'its own' if digit == number else 'the other'} council"
            for digit, kind in found
            if kind not in (own if digit == number else other)
        )


def build() -> World:
    """Make both councils. Call it inside a test's transaction."""
    sides = {code: Side(number, a_council(code)) for number, code in enumerate(COUNCILS, 1)}
    desk = a_team("Service desk")
    service = a_service("Laptops", team=desk)
    maker = Manufacturer.objects.create(name="Lenovo")
    model = AssetModel.objects.create(manufacturer=maker, name="T14", category="laptop")
    for side in sides.values():
        add_people(side)
    for side in sides.values():
        add_tickets(side, service)
        add_ties(side)
        add_asset(side, model)
        add_estate(side)
        add_plans(side)
        add_figures(side)
        add_orders(side, model)
        add_appointments(side)
        add_counting(side)
        add_files(side)
        add_approval(side, service)
        add_announcements(side)
    add_together(list(sides.values()), maker)
    ours, theirs = (side.rows["asset"] for side in sides.values())
    CIRelation.objects.create(source=ours, kind="connects_to", target=theirs)
    CIRelation.objects.create(service=service, kind="runs_on", target=ours)
    for side in sides.values():
        side.rows |= dealings(side, _other(sides, side), model, "")
        side.rows |= leaving(side, model, "")
    for side in sides.values():
        add_sealing(side)
        add_sending(side)
    return World(sides)


def grow(world: World) -> None:
    """Two more of everything that lists show, each with a site, service, team and model of its own."""
    for side in world.sides.values():
        for turn in (1, 2):
            name = f"{side.council.code} {turn}"
            site = Site.objects.create(council=side.council, name=f"Site {name}")
            newcomer = a_person(side.council, "requester", name=f"Newcomer {name}", site=site)
            service = a_service(f"Service {name}", team=a_team(f"Team {name}"))
            maker = Manufacturer.objects.create(name=f"Maker {name}")
            model = AssetModel.objects.create(manufacturer=maker, name=name, category="laptop")
            for requester in (newcomer, side.people["someone"]):
                another_ticket(side, requester, service)
            another_asset(side, newcomer, model, name)
            add_connections(side, name, site, add_row(Supplier(name=f"{WORD} {name}"), by=None))
            dealings(side, _other(world.sides, side), model, f" {name}")
            leaving(side, model, f" {name}")
            a_system(name)
            add_orders(side, model)
            add_appointments(side)
            add_files(side)
        add_announcements(side)


def _other(sides: dict[str, Side], side: Side) -> Side:
    return next(one for one in sides.values() if one is not side)
