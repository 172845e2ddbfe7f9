"""Questions about batches and programmes, and who may see which of them."""

from datetime import date
from typing import Self

from django.db import models

from servicedesk.people.access import councils_of
from servicedesk.people.roles import Permission


class BatchQuerySet(models.QuerySet):
    """Batches, seen by whoever reads the register of a council that takes part in them."""

    def visible_to(self, person) -> Self:
        councils = councils_of(person, Permission.SEE_ASSETS)
        if not councils:
            return self.none()
        paid = self.model._default_manager.filter(paying__council__in=councils).order_by()
        return self.filter(models.Q(council__in=councils) | models.Q(pk__in=paid.values("pk")))


class ProgrammeQuerySet(models.QuerySet):
    """Programmes, seen by whoever reads the register of a council that takes part in them."""

    def visible_to(self, person) -> Self:
        councils = councils_of(person, Permission.SEE_ASSETS)
        if not councils:
            return self.none()
        ours = self.model._default_manager.filter(councils__in=councils).order_by()
        return self.filter(pk__in=ours.values("pk"))

    def planned_by(self, person) -> Self:
        """Those in which a council takes part whose refresh the person plans."""
        councils = councils_of(person, Permission.PLAN_REFRESH)
        ours = self.model._default_manager.filter(councils__in=councils).order_by()
        return self.filter(pk__in=ours.values("pk"))


class AppointmentQuerySet(models.QuerySet):
    """Appointments: whose it is sees their own; the rest is open to who reads the register of their council."""

    def visible_to(self, person) -> Self:
        councils = councils_of(person, Permission.SEE_ASSETS)
        if councils_of(person, Permission.SEE_OWN_ASSETS):
            return self.filter(models.Q(council__in=councils) | models.Q(person=person))
        return self.filter(council__in=councils)

    def taking_place(self) -> Self:
        """Those that take, or took, somebody's time."""
        return self.filter(state__in=("booked", "done"))


class SurveyQuerySet(models.QuerySet):
    """How swaps went: whose it is sees their own; the rest is open to who plans the refresh of their council."""

    def visible_to(self, person) -> Self:
        planned = models.Q(council__in=councils_of(person, Permission.PLAN_REFRESH))
        if councils_of(person, Permission.SEE_OWN_ASSETS):
            return self.filter(planned | models.Q(person=person))
        return self.filter(planned)

    def standing(self) -> Self:
        """Those of swaps that were not taken back."""
        return self.filter(item__swapped_at=models.F("swapped_at"))

    def asked(self) -> Self:
        """Of those, the ones who were asked, or said it unasked."""
        told = models.Q(asked_at__isnull=False) | models.Q(answered_at__isnull=False)
        return self.standing().filter(told)


class SlotQuerySet(models.QuerySet):
    """Times that sites offer: seen by whoever reads the register of the site's council."""

    def visible_to(self, person) -> Self:
        return self.filter(council__in=councils_of(person, Permission.SEE_ASSETS))

    def with_taken(self) -> Self:
        """`taken` is how many are booked, `chosen` how many ever were."""
        booked = models.Q(appointments__state__in=("booked", "done"))
        return self.annotate(
            taken=models.Count("appointments", filter=booked), chosen=models.Count("appointments")
        )

    def with_room(self) -> Self:
        """Those that are not full."""
        return self.with_taken().alias(left=models.F("capacity") - models.F("taken")).filter(left__gt=0)


class FreezeQuerySet(models.QuerySet):
    """Change freezes: seen by whoever reads the register of the council."""

    def visible_to(self, person) -> Self:
        return self.filter(council__in=councils_of(person, Permission.SEE_ASSETS))

    def at(self, council: int, site: int | None) -> Self:
        """Those of a site of the council, and of the whole council."""
        return self.filter(models.Q(site=site) | models.Q(site=None), council=council)

    def during(self, first: date, last: date) -> Self:
        """Those that a span of days, both ends among them, touches."""
        return self.filter(starts_on__lte=last, ends_on__gte=first)


class LineOrderQuerySet(models.QuerySet):
    """What is ordered for batches: seen by whoever reads the register of the council that orders it."""

    def visible_to(self, person) -> Self:
        return self.filter(line__council__in=councils_of(person, Permission.SEE_ASSETS))
