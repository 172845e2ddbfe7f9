"""What can be found: written beside the row itself, in its transaction."""

from collections.abc import Iterable, Mapping

from django.db.models import Model

from servicedesk import bulk
from servicedesk.search.models import SearchDocument
from servicedesk.search.words import words

WRITTEN = ("kind", "object_id", "text")
# PostgreSQL counts the places of words no further, so that beyond it phrases would be found by SQLite alone.
MOST_WORDS = 16_000


def index(model: type[Model], texts: Mapping[int, str]) -> None:
    """Write the texts of rows of this model, by key, in place of what was there, in the caller's transaction."""
    kind = model._meta.label_lower
    # In one order, so that two writers of the same rows wait for one another rather than for ever.
    documents = [(kind, key, as_kept(texts[key])) for key in sorted(texts)]
    bulk.insert(SearchDocument, WRITTEN, documents, unique=("kind", "object_id"))


def as_kept(text: str) -> str:
    """The text of a row as it is kept."""
    return " ".join(words(text))


def forget(model: type[Model], keys: Iterable[int]) -> None:
    """Take rows of this model that are no more out of the search, in the caller's transaction."""
    bulk.delete(SearchDocument, keys, "object_id", kind=model._meta.label_lower)
