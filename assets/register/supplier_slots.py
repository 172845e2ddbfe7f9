"""What the register tells the desk of a supplier before work goes to it."""

from datetime import date

from django.db.models import Q

from assets.register.models import Supplier
from servicedesk import wording
from servicedesk.people.models import Council, Team


def why_lapsed(team: Team, council: Council, day: date) -> str:
    """Why the firm of that name is not to be given work of a council on a day, in a sentence; nothing where it may be.

    It has lapsed when we have parted from it, when its certificate has expired, or when no contract of the council's
    with it runs any more. A firm that the register does not know, or knows no date of, has not.
    """
    firm = Supplier.objects.filter(name__iexact=team.name).first()
    if firm is None:
        return ""
    if firm.status == Supplier.Standing.ENDED:
        return f"{firm} is no supplier of ours any more."
    if firm.certificate_expiry and firm.certificate_expiry < day:
        certificate = firm.get_certificate_display() or "cyber security"
        return f"The {certificate} certificate of {firm} expired on {wording.day(firm.certificate_expiry)}."
    contracts = firm.contracts.filter(council=council)
    runs = Q(ends_on=None) | Q(ends_on__gte=day)
    if contracts.exists() and not contracts.filter(runs).exists():
        return f"No contract of {council} with {firm} runs any more."
    return ""
