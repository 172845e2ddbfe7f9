"""The index that each database has for words, and the question put to it.

It is made after every run of migrations, where it is missing: a database that rebuilds a table loses what hangs
on it.
"""

from typing import Any

from django.db import connections
from django.db.models import BooleanField, Func

SQLITE_TABLE = """
CREATE VIRTUAL TABLE IF NOT EXISTS search_text USING fts5(
    text, content='search_searchdocument', content_rowid='id', columnsize=0,
    tokenize='unicode61 remove_diacritics 0'
)
"""
_ADD = "INSERT INTO search_text(rowid, text) VALUES (new.id, new.text);"
_REMOVE = "INSERT INTO search_text(search_text, rowid, text) VALUES ('delete', old.id, old.text);"
SQLITE_TRIGGERS = {
    "search_text_added": f"AFTER INSERT ON search_searchdocument BEGIN {_ADD} END",
    "search_text_removed": f"AFTER DELETE ON search_searchdocument BEGIN {_REMOVE} END",
    "search_text_changed": f"AFTER UPDATE ON search_searchdocument BEGIN {_REMOVE} {_ADD} END",
}
# By default PostgreSQL takes a rare word for a common one, and walks the whole table in order to find it.
POSTGRESQL = """
ALTER TABLE search_searchdocument ADD COLUMN IF NOT EXISTS
    words tsvector GENERATED ALWAYS AS (to_tsvector('simple', text)) STORED;
ALTER TABLE search_searchdocument ALTER COLUMN words SET STATISTICS 2000;
CREATE INDEX IF NOT EXISTS search_text ON search_searchdocument USING gin (words);
"""


def make_index(using: str = "default", **kwargs: Any) -> None:
    """Make the index of this database where it is missing. Called after migrations."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if "search_searchdocument" not in connection.introspection.table_names(cursor):
            return
        if connection.vendor == "sqlite":
            _make_for_sqlite(cursor)
        else:
            cursor.execute(POSTGRESQL)


def _make_for_sqlite(cursor: Any) -> None:
    cursor.execute(SQLITE_TABLE)
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    missing = SQLITE_TRIGGERS.keys() - {name for (name,) in cursor.fetchall()}
    for name in missing:
        cursor.execute(f"CREATE TRIGGER {name} {SQLITE_TRIGGERS[name]}")
    if missing:
        cursor.execute("INSERT INTO search_text(search_text) VALUES ('rebuild')")


class Found(Func):
    """Whether the document of a row, by key and kind, holds all the phrases, the last word as a beginning."""

    output_field = BooleanField()

    def __init__(self, key: str, kind: str, phrases: list[list[str]]):
        super().__init__(key)
        self.kind = kind
        self.phrases = phrases

    def asked_of_sqlite(self) -> str:
        return " ".join(f'"{" ".join(phrase)}"' for phrase in self.phrases) + " *"

    def asked_of_postgresql(self) -> str:
        return " & ".join(" <-> ".join(f"'{word}'" for word in phrase) for phrase in self.phrases) + ":*"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, tuple]:
        key, params = compiler.compile(self.source_expressions[0])
        asked = self.asked_of_sqlite()
        documents = "search_text CROSS JOIN search_searchdocument document ON document.id = search_text.rowid"
        found = f"SELECT object_id FROM {documents} WHERE search_text MATCH %s AND kind = %s"  # noqa: S608
        return f"{key} IN ({found})", (*params, asked, self.kind)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, tuple]:
        key, params = compiler.compile(self.source_expressions[0])
        asked = self.asked_of_postgresql()
        documents = "SELECT object_id FROM search_searchdocument"
        found = f"{documents} WHERE words @@ to_tsquery('simple', %s) AND kind = %s"
        return f"{key} IN ({found})", (*params, asked, self.kind)


class FoundAny(Found):
    """Whether the document of a row, by key and kind, holds all the words of one of the sets at least, whole."""

    def asked_of_sqlite(self) -> str:
        sets = (" AND ".join(f'"{word}"' for word in words) for words in self.phrases)
        return " OR ".join(f"({words})" for words in sets)

    def asked_of_postgresql(self) -> str:
        sets = (" & ".join(f"'{word}'" for word in words) for words in self.phrases)
        return " | ".join(f"({words})" for words in sets)
