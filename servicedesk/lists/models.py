"""The counters behind references."""

from django.db import models


class ReferenceCounter(models.Model):
    """The last number given out for a prefix in a year. Changed by `lists.references` alone."""

    prefix = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["prefix", "year"], name="one_counter_per_prefix_and_year")
        ]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}-{self.last:06}"
