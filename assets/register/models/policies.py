"""How long things of a kind are meant to last."""

from django.db import models
from django.db.models import Q

from assets.register.models.catalogue import Category
from assets.register.querysets import PolicyQuerySet
from servicedesk.people.models import Council


class LifecyclePolicy(models.Model):
    """The useful life of a category: the product's own default where no council is named, or a council's decision.

    With `use_warranty_as_driver` a thing is due when its warranty ends, where that comes first.
    """

    council = models.ForeignKey(
        Council, on_delete=models.PROTECT, null=True, blank=True, related_name="lifecycle_policies"
    )
    category = models.CharField(max_length=20, choices=Category)
    useful_life_months = models.PositiveSmallIntegerField("useful life in months")
    use_warranty_as_driver = models.BooleanField("due when the warranty ends", default=False)
    version = models.PositiveIntegerField(default=1)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        ordering = ["category", "id"]
        verbose_name_plural = "lifecycle policies"
        constraints = [
            models.UniqueConstraint(
                fields=["category"], condition=Q(council=None), name="one_default_policy_a_category"
            ),
            models.UniqueConstraint(
                fields=["council", "category"],
                condition=Q(council__isnull=False),
                name="one_policy_a_council_and_category",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_category_display()}: {self.useful_life_months} months"
