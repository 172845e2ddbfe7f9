"""How content somebody was with what the desk did for them."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from servicedesk.people.models import Person
from servicedesk.tickets.models.ticket import Ticket


class Satisfaction(models.Model):
    """The answer of a ticket's requester, or of whom it was for, given once: a score, of which 5 is best."""

    ticket = models.OneToOneField(Ticket, on_delete=models.PROTECT, related_name="satisfaction")
    score = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)])
    comment = models.TextField(blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="satisfactions")
    at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(score__gte=1, score__lte=5), name="satisfaction_between_one_and_five"
            )
        ]

    def __str__(self) -> str:
        return f"{self.score} of 5 for {self.ticket}"
