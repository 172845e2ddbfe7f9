"""What somebody is asked once their equipment has been replaced."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from assets.batches.models.batches import BatchItem
from assets.batches.querysets import SurveyQuerySet
from servicedesk.people.models import Council, Person


class SwapSurvey(models.Model):
    """A check list went to whoever got a new device; here is their answer to how it went: a score, of which 5 is best.

    `item` is the first that they got on its day; whatever else they got then is asked about with it. It belongs to the
    swap of that moment alone: one that is taken back and made again is asked about anew. `council` is that of the item.
    Made when the check list goes, changed by `batches.surveying`.
    """

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="swap_surveys")
    item = models.ForeignKey(BatchItem, on_delete=models.PROTECT, related_name="surveys")
    swapped_at = models.DateTimeField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="swap_surveys")
    checked_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, blank=True)
    score = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    comment = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    # When it was asked is no change of what was answered.
    derived_fields = ("asked_at",)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(score__isnull=True, answered_at__isnull=True)
                | Q(score__gte=1, score__lte=5, answered_at__isnull=False),
                name="swap_survey_between_one_and_five",
            ),
            models.UniqueConstraint(fields=["item", "swapped_at"], name="one_survey_for_a_swap"),
        ]

    def __str__(self) -> str:
        return f"How the swap of {self.item.asset} went"
