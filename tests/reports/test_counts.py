"""Whether somebody of one council can work out a small number of the other, knowing the rule and all that is shown."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import product
from operator import attrgetter

import pytest

from servicedesk.people.models import Council
from servicedesk.reports.counts import Counts, Shown
from servicedesk.reports.figures import PARTED, VALUES, WHOLE_OF, Figures
from servicedesk.reports.keeping_back import BELOW, KEPT
from servicedesk.reports.kpis import Tally, mean_goal, mean_hours

OURS, THEIRS = Council(pk=1, code="OCC", name="Oxfordshire"), Council(pk=2, code="CDC", name="Cherwell")
OWN = {("P3", "0-5", ""): Tally(resolved=3, met=2, missed=1, answered=1, backlog=2)}
FIGURES = ("raised", "resolved", "answered", "backlog", "referred", "critical", "high", *WHOLE_OF)
PARTS = ("priority", "age", "uplift", "reason", "channel", "supplier")
SUPPLIERS = ["7", "8", "9"]
World = dict[tuple[str, ...], Tally]
"""Tallies by their parts, in the order of PARTS, as far as it is told."""
Figured = list[tuple[str, dict[str, str]]]


def counts(theirs: World, *councils: Council) -> Counts:
    """For a reader who is shown every number of the one council."""
    figures = Figures(None, None, [OURS, THEIRS])  # type: ignore[arg-type]
    figures.tallies = {OURS.pk: by_part(OWN), THEIRS.pk: by_part(theirs)}
    figures.suppliers = SUPPLIERS
    whole = frozenset({OURS.pk})
    return Counts(figures, list(councils), whole, whole)


def by_part(world: World) -> dict[tuple[str, str], Tally]:
    found: defaultdict[tuple[str, str], Tally] = defaultdict(Tally)
    for values, tally in world.items():
        for part in (("", ""), *zip(PARTS, values, strict=False)):
            found[part] += tally
    return found


def shown(one: Counts) -> tuple[Shown, ...]:
    """Everything that a report says of these councils."""
    parts = [
        (figure, {by: value})
        for figure, ways in PARTED.items()
        for by in ways
        for value in one.figures.values(by)
    ]
    return (
        *(one.count(figure) for figure in FIGURES),
        *(one.count(figure, **part) for figure, part in parts),
        *(one.in_time(priority=value) for value in VALUES["priority"]),
        *(one.rate("supplier_met", "referred", supplier=key) for key in SUPPLIERS),
        one.rate("supplier_met", "referred"),
        *(one.worked_out(attrgetter(f"{figure}_minutes"), figure) for figure in ("critical", "high")),
        one.in_time(),
        one.worked_out(mean_goal, "met", "missed"),
        one.worked_out(mean_hours, "measured"),
        one.rate("first_contact", "eligible"),
        one.rate("satisfied", "answered"),
        one.rate("answered", "resolved"),
    )


def worked_out(worlds: Iterable[World], figures: Figured, wholes: range) -> list:
    """What somebody could tell of the figures, of all worlds that there could be: those that look the same from outside
    must not agree in a number that is kept back. At the edges of what is tried, worlds that look alike were left out,
    so only those with so many resolved are judged.
    """
    possible: dict = defaultdict(lambda: defaultdict(set))
    for world in worlds:
        one = counts(world, THEIRS)
        if one.figures.tally(THEIRS.pk).resolved in wholes:
            # What is said of both together adds nothing: see test_joint_numbers_are_the_sums.
            looks = shown(one)
            for figure, part in figures:
                if one.mark(figure, **part):
                    truth = getattr(one.figures.tally(THEIRS.pk, **part), figure)
                    possible[looks][figure, *part.values()].add(truth)
    assert len(possible) > 10
    return [
        (figure, numbers)
        for hidden in possible.values()
        for figure, numbers in hidden.items()
        if len(numbers) < 2
    ]


def test_no_figure_can_be_worked_out_of_what_it_is_a_part_of():
    def worlds():
        for met, missed, unmeasured, first in product(range(13), range(13), range(7), (0, 6)):
            resolved = met + missed + unmeasured
            if first <= resolved:
                tally = Tally(
                    resolved=resolved, eligible=resolved, met=met, missed=missed, first_contact=first
                )
                yield {("P3", "0-5", ""): tally}

    assert worked_out(worlds(), [("met", {}), ("missed", {})], range(13)) == []


def test_no_answer_can_be_worked_out():
    def worlds():
        for content, not_content, silent in product(range(13), repeat=3):
            tally = Tally(
                resolved=content + not_content + silent, answered=content + not_content, satisfied=content
            )
            yield {("P3", "0-5", ""): tally}

    assert worked_out(worlds(), [("satisfied", {}), ("answered", {})], range(13)) == []


def test_no_part_can_be_worked_out_of_the_others():
    def worlds():
        for late in range(9, 13):
            for met in product(range(7), repeat=4):
                yield {
                    (priority, "0-5", ""): Tally(resolved=number + late, met=number, missed=late)
                    for priority, number in zip(VALUES["priority"], met, strict=True)
                }

    parts: Figured = [("met", {"priority": priority}) for priority in VALUES["priority"]]
    assert worked_out(worlds(), parts, range(48, 54)) == []


@pytest.mark.parametrize("figure, by", [(figure, by) for figure, ways in PARTED.items() for by in ways])
def test_small_part_is_kept_back_with_another_however_a_figure_is_parted(figure, by):
    """Of 18 that are shown two stand apart: of all together nothing is told either of what is kept back of them."""
    values = SUPPLIERS if by == "supplier" else VALUES[by]
    numbers = dict(zip(values, (9, 2, 7), strict=False))
    all_there_is = {"met": 40, "missed": 40, "backlog": 40, "supplier_met": 40, "supplier_missed": 40}
    untold = (*("-",) * PARTS.index(by),)
    theirs = {(*untold, value): Tally(**{figure: number}) for value, number in numbers.items()}
    theirs[()] = Tally(resolved=18 + 40, **all_there_is | {figure: 0})
    alone, joint = counts(theirs, THEIRS), counts(theirs, OURS, THEIRS)

    told = {value: alone.count(figure, **{by: value}) for value in numbers}

    assert alone.count(figure) == Shown(18) or by == "uplift"
    assert told[values[1]].number is None
    assert sum(each.number is None for each in told.values()) >= 2
    for value, one in told.items():
        assert bool(joint.mark(figure, **{by: value})) == bool(one.mark)


def test_joint_numbers_are_the_sums_and_kept_back_where_the_others_are():
    theirs = {
        (priority, "0-5", ""): Tally(resolved=number + 20, met=number, missed=20, backlog=number)
        for priority, number in {"P1": 2, "P2": 6, "P3": 30, "P4": 9}.items()
    }
    for alone, own, joint in zip(
        *(shown(counts(theirs, *councils)) for councils in ((THEIRS,), (OURS,), (OURS, THEIRS))), strict=True
    ):
        assert bool(alone.mark) == bool(joint.mark)
        if isinstance(joint.number, int):
            assert joint.number == (alone.number or 0) + (own.number or 0)


def test_joint_number_is_shown_only_where_it_gives_no_other_away():
    theirs = {("P3", "0-5", ""): Tally(resolved=40, met=36, missed=4)}
    alone, joint = counts(theirs, THEIRS), counts(theirs, OURS, THEIRS)

    assert [alone.count(figure) for figure in ("resolved", "met", "missed")] == [
        Shown(40),
        Shown(None, KEPT),
        Shown(None, BELOW),
    ]
    assert [joint.count(figure) for figure in ("resolved", "met", "missed")] == [
        Shown(43),
        Shown(None, KEPT),
        Shown(None, KEPT),
    ]
    assert (alone.in_time(), joint.in_time()) == (Shown(None, KEPT), Shown(None, KEPT))


def test_ones_own_council_is_shown_whole():
    own = counts({}, OURS)

    assert [own.count(figure).number for figure in ("resolved", "met", "missed", "reopened")] == [3, 2, 1, 0]
    assert own.count("met", uplift="").number == 2


def test_what_raised_priorities_of_another_council_is_never_told():
    theirs = {("P3", "0-5", value): Tally(resolved=90, met=50, missed=40) for value in VALUES["uplift"]}

    assert {counts(theirs, THEIRS).mark("met", uplift=value) for value in VALUES["uplift"]} == {KEPT}
