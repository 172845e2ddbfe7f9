"""By which rule a new batch is made."""

from typing import Any

from rest_framework import serializers

from api.batch_energy_shapes import pounds
from api.rows import code
from api.ticket_shapes import Narrowed, one_of
from assets.batches.models import Programme
from assets.batches.small_forms import LEAVE_OUT
from assets.batches.states import Outcome
from assets.register.models import Category
from servicedesk.lists.models import SavedView
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council
from servicedesk.people.roles import Permission

RULES = ("tags", "filters", "view")
OF_SMALL = ("outcomes", "left_out", "prices")
LONGEST_KEY = 18


class PricesSerializer(Narrowed):
    """What a new one costs of one council and category, and the spares; the rest stays as the forecast has it."""

    council = code(queryset=Council.objects.none())
    category = serializers.ChoiceField(Category.choices)
    spares = serializers.IntegerField(min_value=0, max_value=10_000, required=False)
    purchase = pounds(min_value=0, required=False)
    deploy = pounds(min_value=0, required=False)
    disposal = pounds(min_value=0, required=False)
    residual = pounds(min_value=0, required=False)

    offered = {
        "council": lambda person: Council.objects.visible_to(person).filter(
            pk__in=councils_of(person, Permission.PLAN_REFRESH)
        )
    }


class NewBatchSerializer(Narrowed):
    """A title, and the rule by which assets are chosen: `tags` as they are typed, `filters` of the forecast's lists
    (council, category, year, driver, standing), or the id of a saved `view`, whose filters are copied.

    With `submit` up to 10 assets are reviewed, priced and submitted in one deed. `outcomes` says by the id of each
    asset that is yours to review what becomes of it, `leave_out` among them, for the reason `left_out`; without it all
    are replaced. `prices` are those of lines that are otherwise than the forecast has them.
    """

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
        default=False, help_text="Review up to 10 assets, and submit the batch for approval at once."
    )
    outcomes = serializers.DictField(
        child=serializers.ChoiceField([*Outcome.choices, LEAVE_OUT]), required=False
    )
    left_out = serializers.CharField(max_length=200, required=False, allow_blank=True)
    prices = PricesSerializer(many=True, required=False)

    offered = {
        "programme": lambda person: Programme.objects.visible_to(person).planned_by(person),
        "view": lambda person: SavedView.objects.visible_to(person),
    }

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if len([name for name in RULES if given.get(name)]) != 1:
            raise serializers.ValidationError(
                {"filters": "Say which assets in one way: by `tags`, by `filters` or by a `view`."}
            )
        if early := {name for name in OF_SMALL if name in given and not given["submit"]}:
            raise serializers.ValidationError(
                dict.fromkeys(early, "This is said where it is submitted at once.")
            )
        if "outcomes" in given:
            given["outcomes"] = self._by_asset(given["outcomes"])
        if "prices" in given:
            given["prices"] = self._by_line(given["prices"])
        return given

    def _by_asset(self, said: dict[str, str]) -> dict[int, str]:
        if wrong := [
            key for key in said if not (key.isdecimal() and key.isascii() and len(key) <= LONGEST_KEY)
        ]:
            raise serializers.ValidationError({"outcomes": f"{wrong[0][:40]} is not the id of an asset."})
        return {int(key): "" if what == LEAVE_OUT[0] else what for key, what in said.items()}

    def _by_line(self, said: list[dict[str, Any]]) -> dict[tuple[int, str], dict[str, Any]]:
        found = {}
        for line in said:
            key = line.pop("council").pk, line.pop("category")
            if key in found:
                raise serializers.ValidationError({"prices": "Say each council and category once."})
            found[key] = line
        return found
