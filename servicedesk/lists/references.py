"""References such as INC-2026-000123: unique, increasing, never reused, with gaps, so a missing one tells nothing."""

import secrets

from django.db import transaction

from servicedesk.lists.models import ReferenceCounter

WIDEST_STEP = 4


def take_references(prefix: str, year: int, count: int = 1) -> list[str]:
    """The next references. They belong to the transaction: call it inside the one that creates the rows.

    The counter's row is locked until that transaction ends, so creators of the same prefix wait for one another.
    """
    with transaction.atomic():
        ReferenceCounter.objects.get_or_create(prefix=prefix, year=year)
        counter = ReferenceCounter.objects.select_for_update().get(prefix=prefix, year=year)
        references = []
        for _ in range(count):
            counter.last += 1 + secrets.randbelow(WIDEST_STEP)
            references.append(f"{prefix}-{year}-{counter.last:06}")
        counter.save(update_fields=["last"])
    return references
