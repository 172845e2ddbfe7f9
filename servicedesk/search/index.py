"""What can be found: written beside the row itself, in its transaction."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Model

from servicedesk import bulk
from servicedesk.search.models import SearchDocument
from servicedesk.search.words import words

WRITTEN = ("kind", "object_id", "council_id", "sealed", "text")
# PostgreSQL counts the places of words no further, so that beyond it phrases would be found by SQLite alone.
MOST_WORDS = 16_000


class Entry(NamedTuple):
    """One row's text. `sealed` marks what only a few may find, such as a restricted ticket."""

    object_id: int
    council_id: int
    sealed: bool
    text: str


def index(model: type[Model], entries: Iterable[Entry | tuple[int, int, bool, str]]) -> None:
    """Write the texts of rows of this model in place of what was there, in the caller's transaction."""
    kind = model._meta.label_lower
    documents = {
        object_id: (kind, object_id, council_id, sealed, " ".join(words(text)))
        for object_id, council_id, sealed, text in entries
    }
    # In one order, so that two writers of the same rows wait for one another rather than for ever.
    written = [documents[object_id] for object_id in sorted(documents)]
    bulk.insert(SearchDocument, WRITTEN, written, unique=("kind", "object_id"))


def forget(model: type[Model], object_ids: Iterable[int]) -> None:
    """Rows of this model can no longer be found."""
    SearchDocument.objects.filter(kind=model._meta.label_lower, object_id__in=list(object_ids)).delete()
