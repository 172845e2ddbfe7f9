"""What hangs off something: the assets, services, sites and people that feel it when it fails.

The walk goes from what fails to whatever depends on it, step by step, never twice through the same thing, so that a
circle ends it. It goes by what the reader may see alone: what they may not see is neither named nor counted, and leads
nowhere. People are counted, never named; of another council a number below 5 is kept back.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Q

from assets.register.lifecycle import TERMINAL
from assets.register.models import Asset, Category, CIRelation, Relation
from assets.register.relating import same_place
from servicedesk.catalogue.models import Service
from servicedesk.people.access import access_of, may
from servicedesk.people.models import Person, Site
from servicedesk.people.roles import Permission
from servicedesk.wording import counted

DEEPEST, MOST = 8, 2000
SMALL = 5
HANGS = (
    *(Relation.UPLINKS_TO, Relation.CONNECTS_TO, Relation.DEPENDS_ON, Relation.RUNS_ON, Relation.HOSTED_ON),
    *(Relation.MEMBER_OF, Relation.LOCATED_AT),
)
"""The relations by which the source feels it when the target fails. `used by` goes the other way round."""
NETWORK = ("switch", "firewall", "router")
"""What everybody at its site works through."""
INFRASTRUCTURE = ("switch", "access_point", "firewall", "router", "server", "storage", "ups")
"""What serves a whole place, and not one person."""
CATEGORIES = dict(Category.choices)
IRREGULAR = {
    "Switch": "switches",
    "Storage": "storage systems",
    "Meeting-room kit": "sets of meeting-room kit",
}


@dataclass
class Impact:
    """What the failure of some assets reaches. A number of people that is None is below 5 and kept back."""

    roots: Sequence[Asset]
    assets: list[Asset] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    people: list[tuple[str, int | None]] = field(default_factory=list)
    cut_off: bool = False

    @property
    def reaches_something(self) -> bool:
        return bool(self.assets or self.services or any(one.category in INFRASTRUCTURE for one in self.roots))

    @property
    def councils(self) -> list[str]:
        """The councils that feel it, by what belongs to them."""
        named = {one.council.name for one in (*self.roots, *self.assets)} | {name for name, _ in self.people}
        return sorted(named)

    @property
    def by_category(self) -> list[str]:
        """“2 access points”, “1 printer”, the most first."""
        found = Counter(CATEGORIES.get(one.category, "Asset") for one in self.assets)
        return [
            _counted(number, name)
            for name, number in sorted(found.items(), key=lambda one: (-one[1], one[0]))
        ]

    @property
    def headcount(self) -> list[str]:
        """“46 people of Cherwell District Council”, “fewer than 5 people of …”."""
        return [
            f"{'fewer than 5 people' if number is None else counted(number, 'person', 'people')} of {council}"
            for council, number in self.people
        ]

    @property
    def proposed(self) -> int:
        """The impact that a failure should have: 1 where the public feels it, 2 a team, site or service, else 3."""
        if any(service.public_facing for service in self.services):
            return 1
        return 2 if self.reaches_something else 3

    @property
    def why(self) -> str:
        """The reason for what is proposed, in a sentence."""
        public = [str(service) for service in self.services if service.public_facing]
        if public:
            return f"The public uses {', '.join(public)}"
        if self.services:
            return f"It carries {', '.join(map(str, self.services))}"
        return "A team or a site depends on it" if self.reaches_something else "It serves one person"


def impact_of(person, roots: Iterable[Asset]) -> Impact | None:
    """What hangs off these assets, as far as the person may know; None for who reads no register."""
    roots = list(roots)
    if not roots or not may(person, Permission.SEE_ASSETS):
        return None
    reached, services, cut_off = _walk(person, [asset.pk for asset in roots])
    found = Impact(roots, cut_off=cut_off)
    rows = Asset.objects.visible_to(person).filter(pk__in=reached)
    found.assets = list(
        rows.select_related("council", "site", "model", "manufacturer").order_by("asset_tag", "id")
    )
    found.services = list(Service.objects.visible_to(person).filter(pk__in=services).order_by("name"))
    serving = [one for one in (*roots, *found.assets) if one.category in INFRASTRUCTURE and one.site]
    found.sites = sorted({one.site for one in serving if one.site}, key=str)
    found.people = _people(person, found)
    return found


def impact_shown(person, asset: Asset) -> Impact | None:
    """What the page of an asset says of it: nothing where the asset serves nobody but its holder."""
    found = impact_of(person, [asset]) if may(person, Permission.SEE_ASSETS, asset.council_id) else None
    return found if found and found.reaches_something else None


def _walk(person, roots: Sequence[int]) -> tuple[set[int], set[int], bool]:
    """The keys of all assets and services that depend on the roots, and whether the walk was cut off."""
    seen, services = set(roots), set()
    edge = set(roots)
    for _ in range(DEEPEST):
        found, of_services = _dependants(person, edge)
        services |= of_services
        edge = found - seen
        seen |= edge
        if not edge:
            return seen - set(roots), services, False
        if len(seen) > MOST:
            break
    return seen - set(roots), services, True


def _dependants(person, edge: set[int]) -> tuple[set[int], set[int]]:
    """One step: the assets and the services that depend on any of these."""
    kept = Asset.objects.visible_to(person).exclude(state__in=TERMINAL)
    relations = CIRelation.objects.visible_to(person)
    down = relations.filter(target__in=edge, kind__in=HANGS).values_list("source", "service")
    users = relations.filter(source__in=edge, kind=Relation.USED_BY).values_list("target", flat=True)
    sources = {source for source, _ in down if source}
    found = kept.filter(Q(uplink__in=edge) | Q(pk__in={*sources, *users})).values_list("pk", flat=True)
    return set(found), {service for _, service in down if service}


def _people(person, found: Impact) -> list[tuple[str, int | None]]:
    """How many people work where its network is, or hold what is reached, by council."""
    access = access_of(person)
    own = {grant.council_id for grant in access.grants} if access else set()
    reached = (*found.roots, *found.assets)
    sites = _places(person, {one.site for one in reached if one.category in NETWORK and one.site})
    holders = [one.holder_id for one in reached if one.holder_id]
    concerned = Person.objects.visible_to(person).active().filter(Q(site__in=sites) | Q(pk__in=holders))
    rows = (
        concerned.values_list("council", "council__name")
        .annotate(number=Count("pk"))
        .order_by("council__name")
    )
    return [
        (name, number if council in own or number >= SMALL else None)
        for council, name, number in rows
        if number
    ]


def _places(person, sites: set[Site]) -> list[int]:
    """These sites, and those by which other councils know the same places: somebody may work at both."""
    alike = Q(pk__in=[site.pk for site in sites])
    alike |= Q(uprn__in=[site.uprn for site in sites if site.uprn])
    alike |= Q(postcode__in=[site.postcode for site in sites if site.postcode])
    known = Site.objects.visible_to(person).filter(alike)
    return [one.pk for one in known if any(same_place(one, site) for site in sites)]


def _counted(number: int, name: str) -> str:
    one = name if name == "UPS" else name.lower()
    return counted(number, one, IRREGULAR.get(name, ""))
