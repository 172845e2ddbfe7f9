"""The sums that hold of every batch, asked of the database itself."""

from assets.batches.models import Batch, BatchItem

WIPED = ("sanitised", "redeployed", "donated", "sold", "recycled")
RETURNED = (*WIPED, "returned", "sanitise_failed", "destroyed")
SWAPPED = (*RETURNED, "swapped", "lost")
CONFIRMED = (*SWAPPED, "confirmed", "allocated", "scheduled", "no_show", "deferred")
ENDS = ("excluded", "deferred", "lost", "redeployed", "donated", "sold", "recycled", "destroyed")


def broken_sums(batch: Batch) -> list[str]:
    """Which of them do not hold; of a batch in which nothing is on its way any more they are equalities."""

    def number(*states: str) -> int:
        return BatchItem.objects.filter(batch=batch, state__in=states).count()

    matched, ended = BatchItem.objects.filter(batch=batch).count(), number(*ENDS)
    sums = {
        "confirmed = swapped + deferred": (number(*CONFIRMED), number(*SWAPPED) + number("deferred")),
        "swapped = returned + lost": (number(*SWAPPED), number(*RETURNED) + number("lost")),
        "returned = wiped + destroyed": (number(*RETURNED), number(*WIPED) + number("destroyed")),
        "matched = outcomes": (matched, ended),
    }
    through = matched == ended
    return [name for name, (more, less) in sums.items() if more < less or through and more != less]
