"""What is said of a small batch on the page on which it is made: what becomes of each asset, and what each costs."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms

from assets.batches.models import BatchLine
from assets.batches.small import OUTCOME, Prices
from assets.batches.states import Outcome
from assets.register.facts import what_it_is
from assets.register.models import Asset
from servicedesk.forms import Form
from servicedesk.people.access import councils_of, may
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission

LEAVE_OUT = ("leave_out", "Leave it out")
PRICED = ("purchase", "deploy", "disposal", "residual")


class SmallForm(Form):
    """A choice for each asset that the person may review, and the prices of what they may plan and know the cost of.

    `shown` says which assets the page showed. Where others match by now nothing is taken, and what was said begins the
    form anew.
    """

    shown = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data: Any, *, by: Person, assets: Sequence[Asset], lines: Sequence[BatchLine]) -> None:
        shown = " ".join(str(asset.pk) for asset in assets)
        self.has_changed_since = data is not None and data.get("shown") != shown
        said = dict(data.items()) if data else {}
        super().__init__(None if self.has_changed_since else data, initial={**said, "shown": shown})
        own = councils_of(by, Permission.PLAN_REFRESH)
        self.assets, self.keys = assets, [asset.pk for asset in assets if asset.council_id in own]
        self.lines = [
            line
            for line in lines
            if line.council_id in own and may(by, Permission.SEE_ASSET_MONEY, line.council_id)
        ]
        for asset in assets:
            if asset.council_id in own:
                self.add(f"{OUTCOME}{asset.pk}", _outcome(asset))
        self.add(
            "left_out", forms.CharField(label="Why something is left out", max_length=200, required=False)
        )
        for line in self.lines:
            for name, field in _prices(line):
                self.add(self._named(line, name), field)

    def outcomes(self) -> dict[int, str]:
        """What becomes of each asset; of what is not theirs to review it says nothing that counts."""
        said = {one.pk: self.cleaned_data.get(f"{OUTCOME}{one.pk}", "") for one in self.assets}
        return {key: "" if outcome == LEAVE_OUT[0] else outcome for key, outcome in said.items()}

    def prices(self) -> Prices:
        """By council and category, what was entered."""
        return {
            (line.council_id, line.category): {
                name: self.cleaned_data[self._named(line, name)] for name in ("spares", *PRICED)
            }
            for line in self.lines
        }

    def of_assets(self) -> list[Any]:
        """The fields that stand with the assets."""
        return [self[f"{OUTCOME}{key}"] for key in self.keys] + [self["left_out"]]

    def of_lines(self) -> list[tuple[BatchLine, list[Any]]]:
        """Each line with its fields."""
        return [
            (line, [self[self._named(line, name)] for name in ("spares", *PRICED)]) for line in self.lines
        ]

    def _named(self, line: BatchLine, name: str) -> str:
        return f"{name}_{line.council_id}_{line.category}"


def _outcome(asset: Asset) -> forms.Field:
    held = bool(asset.legal_hold_reason)
    return forms.ChoiceField(
        label=f"{asset}, {what_it_is(asset)}",
        choices=[*Outcome.choices, LEAVE_OUT],
        initial=LEAVE_OUT[0] if held else Outcome.REPLACE,
        error_messages={"required": f"Select what becomes of {asset}"},
        help_text="It is on legal hold" if held else str(asset.holder or ""),
    )


def _prices(line: BatchLine) -> Iterator[tuple[str, forms.Field]]:
    """What a new one costs may be left open here: whether it must be known is asked when the batch is submitted."""
    yield "spares", forms.IntegerField(label="Spares", min_value=0, max_value=10_000, initial=line.spares)
    for name in PRICED:
        label = str(BatchLine._meta.get_field(name).verbose_name).capitalize()  # type: ignore[union-attr]
        yield (
            name,
            forms.DecimalField(
                label=label,
                min_value=0,
                max_digits=12,
                decimal_places=2,
                initial=getattr(line, name),
                required=name != "purchase",
                error_messages={"required": f"{label} must be an amount, or 0"},
            ),
        )
