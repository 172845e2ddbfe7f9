"""What a word in a sheet may mean among what a council itself has: its sites, departments and people.

Each is an `Ask.names`: what the council has, as far as the person may see it, or all of it for the system.
"""

from collections.abc import Iterable
from typing import Any

from servicedesk.people.models import Council, Department, Person, Site
from servicedesk.spreadsheets.kinds import Name


def site_names(council: Council, person: Person | None) -> Iterable[Name]:
    """The sites of the council that are not archived."""
    return _on_offer(Site, council, person)


def department_names(council: Council, person: Person | None) -> Iterable[Name]:
    """The departments of the council that are not archived."""
    return _on_offer(Department, council, person)


def _on_offer(model: Any, council: Council, person: Person | None) -> Iterable[Name]:
    seen = model.objects.visible_to(person) if person else model.objects.all()
    names = seen.filter(council=council).on_offer().order_by("name").values_list("name", flat=True)
    return [Name(name, name) for name in names]


def people_names(council: Council, person: Person | None) -> Iterable[Name]:
    """The people of the council that the person knows of: who has an address is found by it, namesakes or not."""
    seen = Person.objects.visible_to(person) if person else Person.objects.all()
    held = seen.filter(council=council).order_by("display_name", "pk").values_list("display_name", "email")
    return [Name(email or name, name, email or "") for name, email in held]


def people_with_addresses(council: Council, person: Person | None) -> Iterable[Name]:
    """Those of them who are found by an address, where a name will not do."""
    return [name for name in people_names(council, person) if name.hint]
