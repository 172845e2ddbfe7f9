"""Suppliers that have lapsed. What they are given all the same, by whom and how, is a matter of `referring`."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from servicedesk.people.models import Council, Team


def lapsed_among(teams: Iterable[Team], council: Council, now: datetime | None = None) -> dict[int, str]:
    """Those of the teams that are not to be given work of the council, by key, each with why in a sentence."""
    firms = [team for team in teams if team.kind == Team.Kind.SUPPLIER]
    day = timezone.localdate(now or timezone.now())
    return import_string(settings.LAPSED_SUPPLIERS)(firms, council, day) if firms else {}


def why_lapsed(team: Team, council: Council, now: datetime) -> str:
    """Why the team is not to be given work of the council, in a sentence; nothing where it may be."""
    return lapsed_among([team], council, now).get(team.pk, "")
