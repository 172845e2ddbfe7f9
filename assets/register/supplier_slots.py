"""What the register tells the desk of suppliers before work goes to them."""

from collections.abc import Collection
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import Prefetch, Q

from assets.register.models import Contract, Supplier
from servicedesk import wording
from servicedesk.people.models import Council, Team


def why_lapsed(teams: Collection[Team], council: Council, day: date) -> dict[int, str]:
    """Which of the teams are not to be given work of a council on a day, by key, each with why in a sentence.

    A firm has lapsed when we have parted from it, when its certificate has expired, or when no contract of the
    council's with it runs any more. One that the register does not know by name, or knows no date of, has not.
    """
    named = [Q(name__iexact=team.name) for team in teams]
    if not named:
        return {}
    contracts = Prefetch("contracts", Contract.objects.filter(council=council), to_attr="of_council")
    firms = Supplier.objects.filter(reduce(or_, named)).prefetch_related(contracts)
    said = {firm.name.lower(): _why_lapsed(firm, council, day) for firm in firms}
    return {team.pk: why for team in teams if (why := said.get(team.name.lower()))}


def _why_lapsed(firm: Supplier, council: Council, day: date) -> str:
    if firm.status == Supplier.Standing.ENDED:
        return f"{firm} is no supplier of ours any more."
    if firm.certificate_expiry and firm.certificate_expiry < day:
        certificate = firm.get_certificate_display() or "cyber security"
        return f"The {certificate} certificate of {firm} expired on {wording.day(firm.certificate_expiry)}."
    contracts: list[Contract] = firm.of_council  # type: ignore[attr-defined]
    if contracts and all(contract.ends_on and contract.ends_on < day for contract in contracts):
        return f"No contract of {council} with {firm} runs any more."
    return ""
