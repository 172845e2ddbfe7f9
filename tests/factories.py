"""The smallest valid thing of each kind, by name. Nothing here is random."""

from datetime import UTC, datetime
from itertools import count

from assets.register.models import Asset, AssetModel, Manufacturer
from assets.register.registering import register_assets
from servicedesk.catalogue.models import Service
from servicedesk.people.models import Agreement, Council, Grant, Membership, Person, Site, Team
from servicedesk.tickets.models import Ticket

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PASSWORD = "correct horse battery staple"  # noqa: S105
_numbers = count(1)


def a_council(code: str = "OCC", name: str = "") -> Council:
    """A council that shares the desk with every other that is made so; `a_council_alone` shares it with none."""
    council = a_council_alone(code, name)
    an_agreement("The shared desk").councils.add(council)
    return council


def a_council_alone(code: str, name: str = "") -> Council:
    names = {"OCC": "Oxfordshire County Council", "CDC": "Cherwell District Council"}
    return Council.objects.get_or_create(
        code=code, defaults={"name": name or names.get(code, f"Council {code}"), "desk_phone": "01865 000000"}
    )[0]


def an_agreement(name: str, *councils: Council, provider: Council | None = None) -> Agreement:
    """A joint one, or with a provider, who is among the councils, one of a host."""
    kind = "host" if provider else "joint"
    agreement, _ = Agreement.objects.get_or_create(
        name=name, defaults={"kind": kind, "provider": provider, "starts_at": LONG_AGO}
    )
    agreement.councils.add(*councils, *([provider] if provider else []))
    return agreement


def a_site(council: Council | None = None, name: str = "") -> Site:
    return Site.objects.create(council=council or a_council(), name=name or f"Site {next(_numbers)}")


def a_person(council: Council | None = None, *roles: str, name: str = "", **fields) -> Person:
    """A person who can sign in; each role is granted at their own council."""
    number = next(_numbers)
    council = council or a_council()
    person = Person(
        council=council,
        display_name=name or f"Person {number}",
        email=fields.pop("email", f"person{number}@{council.code.lower()}.example"),
        **fields,
    )
    person.set_password(PASSWORD)
    person.save()
    for role in roles:
        a_grant(person, role)
    return person


def a_requester(council: Council | None = None, **fields) -> Person:
    return a_person(council, "requester", **fields)


def an_engineer(council: Council | None = None, **fields) -> Person:
    return a_person(council, "engineer", **fields)


def a_grant(person: Person, role: str, council: Council | None = None) -> Grant:
    return Grant.objects.create(
        person=person, role=role, council=council or person.council, starts_at=LONG_AGO
    )


def a_team(name: str = "", *councils: Council, members: tuple = (), **fields) -> Team:
    team = Team.objects.create(name=name or f"Team {next(_numbers)}", **fields)
    team.councils.set(councils or Council.objects.all())
    for person in members:
        Membership.objects.create(person=person, team=team, starts_at=LONG_AGO)
    return team


def a_case_group(sensitivity: str, council: Council, *members: Person) -> Team:
    return a_team("", council, members=members, kind="case_group", sensitivity=sensitivity)


def a_service(name: str = "", team: Team | None = None, **fields) -> Service:
    service = Service.objects.create(
        name=name or f"Service {next(_numbers)}", support_team=team or a_team(), **fields
    )
    service.councils.set(Council.objects.all())
    return service


def a_model(name: str = "", maker: str = "Lenovo", category: str = "laptop", **fields) -> AssetModel:
    manufacturer, _ = Manufacturer.objects.get_or_create(name=maker)
    name = name or f"Model {next(_numbers)}"
    return AssetModel.objects.create(manufacturer=manufacturer, name=name, category=category, **fields)


def an_asset(council: Council | None = None, tag: str = "", **fields) -> Asset:
    """An asset as the register takes it in: recorded, and found by a search."""
    asset = Asset(
        council=council or a_council(),
        asset_tag=tag or f"TAG-{next(_numbers)}",
        **{"category": "laptop", "state": "in_use", **fields},
    )
    return register_assets([asset], by=None)[0]


def a_ticket(requester: Person | None = None, **fields) -> Ticket:
    """A ticket as it stands, without clocks or history; raise one with `tickets.raising` to have those."""
    requester = requester or a_requester()
    number = next(_numbers)
    values = {
        "reference": f"INC-2026-{number:06}",
        "type": "incident",
        "council": requester.council,
        "title": f"Ticket {number}",
        "reported_at": LONG_AGO,
        "logged_at": LONG_AGO,
    }
    return Ticket.objects.create(requester=requester, **{**values, **fields})
