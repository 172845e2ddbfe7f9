"""Who looks at the result of a wiping: a second person, who handles the assets of that council too."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from assets.register.models import Asset
from servicedesk.people.access import may
from servicedesk.people.holders import holders_of
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission

ANOTHER = "Somebody else must look at the result: enter another person"


def verifiers(councils: Iterable[int], by: Person) -> QuerySet[Person]:
    """Who may look at what `by` has wiped of any of these councils, of those whom `by` may know of."""
    handling = Q(pk__in=[])
    for council in councils:
        handling |= Q(pk__in=holders_of(Permission.MOVE_ASSETS, council).values("person"))
    known = Person.objects.visible_to(by).active().exclude(pk=by.pk)
    return known.filter(handling).order_by("display_name", "pk")


def wrong_verifier(second: Person | None, asset: Asset, by: Person | None) -> str:
    """Why this person is not the one to look at what `by` has wiped of the asset; "" where they are."""
    if second is None:
        return ""
    if by is not None and second.pk == by.pk:
        return ANOTHER
    if not second.is_active or not may(second, Permission.MOVE_ASSETS, asset.council_id):
        return f"Somebody who handles assets of {asset.council} must look at the result: enter another person"
    return ""
