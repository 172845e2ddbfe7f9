"""When and where assets are swapped: the times that a site offers, and who comes when."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from assets.batches.models.batches import BatchItem
from assets.batches.querysets import AppointmentQuerySet, FreezeQuerySet, SlotQuerySet
from servicedesk.people.models import Council, Person, Site
from servicedesk.tickets.models import Ticket
from servicedesk.wording import day


class SwapSlot(models.Model):
    """A time at a site at which so many can be swapped at once, as engineers are there. Made by `slots_of_sites`."""

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="swap_slots")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="swap_slots")
    room = models.CharField(max_length=60, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    capacity = models.PositiveSmallIntegerField(
        "engineers available", validators=[MinValueValidator(1), MaxValueValidator(50)]
    )
    version = models.PositiveIntegerField(default=1)
    freeze = ""
    """The change freeze that it is within, in a sentence, where `times_of` has looked."""

    objects = SlotQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["site", "room", "starts_at"], name="swap_slot_once_a_place"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="swap_slot_span"),
        ]

    def __str__(self) -> str:
        return f"{self.site}, {self.room}" if self.room else str(self.site)


class ChangeFreeze(models.Model):
    """Days on which nothing is changed at a site, or at all sites of a council, both ends among them."""

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="change_freezes")
    site = models.ForeignKey(
        Site, on_delete=models.PROTECT, null=True, blank=True, related_name="change_freezes"
    )
    starts_on = models.DateField("from")
    ends_on = models.DateField("until")
    why = models.CharField("reason", max_length=200)
    version = models.PositiveIntegerField(default=1)

    objects = FreezeQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="change_freeze_ends_after_it_starts"
            )
        ]

    def __str__(self) -> str:
        return f"Change freeze at {self.site or self.council}"

    @property
    def told(self) -> str:
        """What it means, in a sentence without its full stop."""
        days = (
            f"on {day(self.starts_on)}"
            if self.starts_on == self.ends_on
            else f"from {day(self.starts_on)} to {day(self.ends_on)}"
        )
        return f"Changes are frozen at {self.site or self.council} {days}: {self.why}"


class AppointmentState(models.TextChoices):
    """Where an appointment stands."""

    OFFERED = "offered", "Time not chosen yet"
    BOOKED = "booked", "Booked"
    DONE = "done", "Done"
    MISSED = "missed", "Did not come"
    CANCELLED = "cancelled", "Cancelled"


class Appointment(models.Model):
    """The swap of one item: offered to who has the old one, who chooses a time. Changed by `batches.appointments`.

    `council` is that of the item. Where and when is that of its slot. `ticket` is the request that is done with it.
    """

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="appointments")
    item = models.ForeignKey(BatchItem, on_delete=models.PROTECT, related_name="appointments")
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments"
    )
    slot = models.ForeignKey(
        SwapSlot, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments"
    )
    engineer = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments_kept"
    )
    ticket = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments"
    )
    state = models.CharField(max_length=10, choices=AppointmentState, default=AppointmentState.OFFERED)
    offered_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    # When somebody was told last, and how often, is no change of what was agreed.
    derived_fields = ("told_at", "reminders", "ticket")

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(state__in=("offered", "booked")),
                name="one_open_appointment_an_item",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("booked", "missed")) | Q(slot__isnull=False),
                name="booked_appointment_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"Swap of {self.item.asset}"
