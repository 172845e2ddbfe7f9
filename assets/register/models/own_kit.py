"""What holders say of their own kit, by themselves or because they were asked."""

from django.db import models
from django.db.models import Q

from assets.register.models.asset import Asset
from assets.register.querysets import OfRegisterQuerySet
from servicedesk.people.models import Council, Department, Person, Site
from servicedesk.tickets.models import Ticket


class KitCheck(models.Model):
    """Asking the people of a site or a department whether they have what the register says. Written by `own_kit` alone.

    Whom it asks about what is what the register said as it was asked: one KitAnswer each, waiting.
    """

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="kit_checks")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="kit_checks")
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="kit_checks"
    )
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="kit_checks_asked")
    asked_at = models.DateTimeField()
    answer_by = models.DateField()
    ended_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="kit_checks_ended"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = OfRegisterQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(site=None, department__isnull=False) | Q(site__isnull=False, department=None),
                name="kit_check_of_a_site_or_a_department",
            )
        ]

    def __str__(self) -> str:
        return str(self.site or self.department)


class KitAnswer(models.Model):
    """Whether a person has one thing: asked by a check, or said without being asked. Empty while it waits."""

    class Answer(models.TextChoices):
        WAITING = "", "No answer yet"
        HAVE = "have", "Has it"
        HAVE_NOT = "have_not", "Does not have it"

    check_asked = models.ForeignKey(
        KitCheck, on_delete=models.PROTECT, null=True, blank=True, related_name="answers"
    )
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="kit_answers")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="kit_answers")
    answer = models.CharField(max_length=8, choices=Answer, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    ticket = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="kit_answers"
    )
    told_at = models.DateTimeField(null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["check_asked", "asset", "person"], name="one_kit_answer_a_check_and_asset"
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | ~Q(answer="") & Q(answered_at__isnull=False),
                name="kit_answer_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["told_at"], condition=Q(answer=""), name="kit_answer_waiting"),
            models.Index(fields=["asset", "person", "-answered_at"], name="kit_answer_of_asset"),
        ]

    def __str__(self) -> str:
        return f"{self.asset}: {self.person}"
