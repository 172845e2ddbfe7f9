"""What a sheet says beside a changed state: columns of no asset, each of which a move asks for or takes.

They are read as the forms of the moves read them, and count for the move that their row makes. Beside any other row
they are not kept, and it says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from assets.register.guards import Problems
from assets.register.lifecycle import MOVES, Move
from assets.register.models import Sanitisation, Supplier
from assets.register.together_forms import person_of
from assets.register.together_moves import GIVEN
from servicedesk.people.access import councils_of
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission
from servicedesk.spreadsheets.comparing import UNUSED
from servicedesk.spreadsheets.kinds import Field
from servicedesk.spreadsheets.staging import Check, StagedRow
from servicedesk.spreadsheets.words import plain
from servicedesk.tickets.forms import TicketReference


class Column(NamedTuple):
    """A column of evidence: its heading, the kind of its values, and what else it is called."""

    heading: str
    kind: str = "note"
    also: tuple[str, ...] = ()


METHODS = {code: words for code, words in Sanitisation.Method.choices if code}
COLUMNS = {
    "move_note": Column("Reason or note", also=("reason", "reason for the move")),
    "what_happened": Column("What happened", also=("what happened to it", "circumstances")),
    "checked": Column("Check list done", "yesno", ("checklist done", "staging check list done")),
    "supplier_reference": Column(
        "Repair reference",
        also=(
            "supplier's reference",
            "supplier’s reference",
            "supplier reference",
            "rma",
            "rma number",
            "rma no",
        ),
    ),
    "repair_supplier": Column("Repair supplier", also=("repaired by", "repairer")),
    "ticket": Column("Repair request", also=("request for the repair", "repair ticket")),
    "method": Column(
        "Wiping method", also=("wipe method", "erasure method", "sanitisation method", "sanitization method")
    ),
    "technique": Column("Wiping technique", also=("wipe technique", "erasure technique")),
    "tool": Column("Wiping tool", also=("wipe tool", "erasure tool", "erasure software")),
    "tool_version": Column(
        "Version of the wiping tool", also=("wiping tool version", "erasure tool version")
    ),
    "wiped_on": Column("Wiped on", "date", ("date wiped", "wipe date", "erasure date", "sanitisation date")),
    "verified_by": Column(
        "Wiping verified by", also=("wipe verified by", "erasure verified by", "verified by")
    ),
    "consignment_reference": Column(
        "Consignment reference", also=("consignment", "consignment no", "consignment number")
    ),
    "recipient": Column("Recipient", also=("donated to",)),
    "buyer": Column("Buyer", also=("sold to",)),
    "income": Column(
        "Income (ex VAT)", "money", ("income", "sold for", "sale price", "sale proceeds", "proceeds")
    ),
}
FIELDS = tuple(
    Field(
        *(name, column.heading, column.kind),
        serves=True,
        blank=True,
        extra=True,
        offers=(lambda councils: METHODS.values()) if name == "method" else None,
    )
    for name, column in COLUMNS.items()
)
HEADINGS = {name: (column.heading.lower(), *column.also) for name, column in COLUMNS.items()}
SECRET = ("what_happened",)
"""What only those read who handle the security incident that it opens."""

STANDS_IN = {"reason": "move_note", "note": "move_note", "supplier": "repair_supplier", "done_on": "wiped_on"}
"""The columns of what is asked for, where they have another name."""
WORDS = {
    plain(word): code for code, words in METHODS.items() for word in (code, words, words.partition(":")[0])
}
IN_A_NAME = "A sheet does this in somebody’s name: say by whom it is"


def columns_of(step: Move) -> dict[str, str]:
    """The column of each thing that a move asks for or takes. The day on which an asset left has one of its own."""
    found = {asked: STANDS_IN.get(asked, asked) for asked in (*step.asks, *step.takes)}
    wipes = "technique" in found
    return {asked: name for asked, name in found.items() if name in COLUMNS and (wipes or name != "wiped_on")}


def doubt(rows: Sequence[StagedRow], check: Check) -> None:
    """Say of each cell of these columns that it is not kept, until a move of its row takes it. What is given for all
    rows is for those that take it."""
    names = [name for name in COLUMNS if name in check.letters]
    check.memo["evidence"] = bool(names or rows and COLUMNS.keys() & rows[0].values.keys())
    for row in rows if names else ():
        for name in names:
            if name in row.values:
                check.problem(row, name, UNUSED, row.values[name])


def keep(row: StagedRow, names: Iterable[str] = ()) -> None:
    """Let the row keep what its move takes from these columns, and no more."""
    for name in COLUMNS.keys() & row.values.keys() - set(names):
        del row.values[name]
    heeded = set(names)
    row.problems = [each for each in row.problems if each["code"] != UNUSED or each["field"] not in heeded]


class Reading:
    """What rows give with their moves, looked up once for all of them. `by` None is the system."""

    def __init__(self, by: Person | None):
        self.by = by
        self.councils = councils_of(by, Permission.SEE_ASSETS) if by else frozenset()
        self.answers: dict[tuple[str, Any], Any] = {}

    def given(self, name: str, values: Mapping[str, Any]) -> tuple[dict[str, Any], Problems]:
        """What a row gives with a move from these columns, and what is wrong with it, both by what the move asks."""
        given: dict[str, Any] = {}
        problems: Problems = {}
        for asked, column in columns_of(MOVES[name]).items():
            if values.get(column):
                answer = self._answer(asked, values[column])
                if isinstance(answer, ValidationError):
                    problems[asked] = " ".join(answer.messages)
                else:
                    given[asked] = answer
        return given, problems

    def _answer(self, asked: str, written: Any) -> Any:
        key = asked, written
        if key not in self.answers:
            try:
                self.answers[key] = self._meant(asked, written)
            except ValidationError as error:
                self.answers[key] = error
        return self.answers[key]

    def _meant(self, asked: str, written: Any) -> Any:
        """What a cell means. Raises ValidationError."""
        match asked:
            case "checked":
                return written
            case "method":
                return WORDS.get(plain(written), written)
            case "done_on":
                return date.fromisoformat(written)
            case "supplier":
                return self._supplier(written)
            case "verified_by" | "ticket" if self.by is None:
                raise ValidationError(IN_A_NAME)
            case "verified_by":
                return person_of(written, self.councils)
            case "ticket":
                return TicketReference(self.by).clean(written)
        return GIVEN[asked]().clean(written)

    def _supplier(self, written: str) -> Supplier:
        rows = Supplier.objects.visible_to(self.by) if self.by else Supplier.objects.all()
        found = rows.filter(name__iexact=written).first()
        if found is None:
            raise ValidationError(f"We know no supplier called {written}")
        return found
