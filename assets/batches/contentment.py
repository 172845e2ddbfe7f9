"""How content people were with their swaps: for a batch, council by council, as its reader may know it."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Count, Q

from assets.batches.models import Batch, SwapSurvey
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission
from servicedesk.reports.keeping_back import BELOW, LEAST, kept_back

CONTENT = 4
"""The least score of somebody who is content."""


class Content(NamedTuple):
    """Of those at a council who were asked, or said it unasked, how many answered and how many of these were content, 4
    or 5 of 5. A number of another council that is kept back is None, and `mark` says what stands in its place; of their
    `own` the reader may open the list."""

    council: Council
    asked: int | None
    answered: int | None
    content: int | None
    mark: str
    own: bool

    @property
    def per_cent(self) -> str:
        """Of the answers; nothing where there are none, or one of the two is kept back."""
        known = self.answered and self.content is not None
        return f"{100 * self.content / self.answered:.1f}%" if known else ""  # type: ignore[operator]


def content_of(batch: Batch, person: Person) -> list[Content]:
    """For who plans a refresh. Of another council than theirs it tells no small number, nor what gives one away."""
    own = councils_of(person, Permission.PLAN_REFRESH)
    if not own:
        return []
    counted = SwapSurvey.objects.asked().filter(item__batch=batch).order_by().values_list("council")
    numbers = counted.annotate(
        asked=Count("pk"), answered=Count("answered_at"), content=Count("pk", filter=Q(score__gte=CONTENT))
    ).order_by("council__code")
    councils = Council.objects.in_bulk([row[0] for row in numbers])
    return [_told(councils[key], key in own, *rest) for key, *rest in numbers]


def comments_of(batch: Batch, person: Person) -> Iterable[SwapSurvey]:
    """What people of the reader's own councils said beside their scores, the last first."""
    said = SwapSurvey.objects.asked().visible_to(person).exclude(comment="")
    own = councils_of(person, Permission.PLAN_REFRESH)
    return said.filter(item__batch=batch, council__in=own).order_by("-answered_at", "-pk")[:50]


def _told(council: Council, own: bool, asked: int, answered: int, content: int) -> Content:
    if own:
        return Content(council, asked, answered, content, "", True)
    if asked < LEAST:
        return Content(council, None, None, None, BELOW, False)
    parts = {"content": content, "rest": answered - content, "silent": asked - answered}
    hidden = kept_back(parts)
    return Content(
        council,
        asked,
        None if "silent" in hidden else answered,
        None if "content" in hidden else content,
        hidden.get("content") or hidden.get("silent", ""),
        False,
    )
