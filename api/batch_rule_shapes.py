"""By which rule a new batch is made."""

from typing import Any

from rest_framework import serializers

from api.ticket_shapes import Narrowed, one_of
from assets.batches.models import Programme
from servicedesk.lists.models import SavedView

RULES = ("tags", "filters", "view")


class NewBatchSerializer(Narrowed):
    """A title, and the rule by which assets are chosen: `tags` as they are typed, `filters` of the forecast's lists
    (council, category, year, driver, standing), or the id of a saved `view`, whose filters are copied."""

    title = serializers.CharField(max_length=100)
    tags = serializers.ListField(child=serializers.CharField(max_length=200), required=False, max_length=2000)
    filters = serializers.DictField(child=serializers.CharField(max_length=40), required=False)
    view = one_of(SavedView)
    as_at = serializers.DateField(required=False)
    programme = one_of(Programme, allow_null=True)
    tolerance_percent = serializers.IntegerField(min_value=0, max_value=100, required=False)
    planned_from = serializers.DateField(required=False, allow_null=True)
    planned_to = serializers.DateField(required=False, allow_null=True)
    submit = serializers.BooleanField(
        default=False, help_text="Confirm all of up to 10 assets, and submit the batch for approval at once."
    )

    offered = {
        "programme": lambda person: Programme.objects.visible_to(person).planned_by(person),
        "view": lambda person: SavedView.objects.visible_to(person),
    }

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if len([name for name in RULES if given.get(name)]) != 1:
            raise serializers.ValidationError(
                {"filters": "Say which assets in one way: by `tags`, by `filters` or by a `view`."}
            )
        return given
