import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from django.utils import timezone

from servicedesk.files.models import StoredFile
from servicedesk.files.storing import CSV, XLSX, clean_name, download, keep, remove_orphans
from tests.factories import a_council, a_person

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def stored(content: bytes = b"tag,serial\n", name: str = "assets.csv", **fields) -> StoredFile:
    return keep(ContentFile(content), name, council=a_council(), by=None, **fields)


def read(file: StoredFile) -> bytes:
    with file.content.open("rb") as content:
        return content.read()


def bytes_kept() -> list[Path]:
    return sorted(path for path in Path(default_storage.location).rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("assets.csv", "assets.csv"),
        ("Bestände März.xlsx", "Bestände März.xlsx"),
        ("資産.xlsx", "資産.xlsx"),
        ("Ma\u0308rz.csv", "März.csv"),
        ("  assets \t of  May.csv ", "assets of May.csv"),
        ("C:\\Users\\nadia\\assets.csv", "assets.csv"),
        ("/etc/passwd", "passwd"),
        ("../../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("..", "file"),
        (".", "file"),
        ("", "file"),
        ("   ", "file"),
        ("folder/", "file"),
        (".htaccess", "htaccess"),
        ("\u200b.htaccess", "htaccess"),
        ("assets.html.", "assets.html"),
        ("assets.csv ", "assets.csv"),
        ("as\0sets.csv", "assets.csv"),
        ("assets.csv\r\nX-Header: yes", "assets.csvX-Header: yes"),
        ("evil\u202evsc.exe", "evilvsc.exe"),
        ("as\u2066se\u2069ts.csv", "assets.csv"),
        ("as\ufeffsets.csv", "assets.csv"),
        ("as\u00adsets.csv", "assets.csv"),
        ("as\x85\x9bsets.csv", "assets.csv"),
        ("as\ud800sets.csv", "assets.csv"),
        ("as\u2028sets.csv", "assets.csv"),
        ("\ue000assets.csv", "assets.csv"),
        ('as"sets;.csv', 'as"sets;.csv'),
        ("<script>alert(1)<.script>.csv", "<script>alert(1)<.script>.csv"),
        ("{{ 7*7 }}%s%n.csv", "{{ 7*7 }}%s%n.csv"),
        ("a" * 300 + ".csv", "a" * 196 + ".csv"),
        ("é" * 300 + ".xlsx", "é" * 195 + ".xlsx"),
    ],
)
def test_name_is_what_people_may_see(given, kept):
    assert clean_name(given) == kept


@pytest.mark.django_db
class TestKeep:
    def test_says_what_the_bytes_are(self):
        nadia = a_person()

        file = keep(
            ContentFile(b"tag\n1\n"), "May.csv", council=a_council(), by=nadia, content_type=CSV, now=NOON
        )

        file.refresh_from_db()
        assert (file.name, file.content_type, file.size) == ("May.csv", CSV, 6)
        assert (file.stored_by, file.stored_at) == (nadia, NOON)
        assert file.sha256 == hashlib.sha256(b"tag\n1\n").hexdigest()
        assert read(file) == b"tag\n1\n"

    def test_puts_bytes_under_a_name_of_our_own(self):
        file = stored(name="../../passwd")

        assert file.content.name.replace("/", "").isalnum()
        assert [path.read_bytes() for path in bytes_kept()] == [b"tag,serial\n"]

    def test_of_the_same_name_twice_keeps_both(self):
        first, second = stored(b"1"), stored(b"2")

        assert (read(first), read(second)) == (b"1", b"2")

    def test_of_an_empty_file_keeps_it(self):
        assert stored(b"").size == 0

    def test_that_the_database_refuses_leaves_no_bytes(self):
        with pytest.raises(DatabaseError), transaction.atomic():
            stored(content_type=None)

        assert (bytes_kept(), StoredFile.objects.count()) == ([], 0)


@pytest.mark.django_db
class TestOrphans:
    """Bytes whose row was not kept."""

    def undone(self) -> None:
        with pytest.raises(KeyError), transaction.atomic():
            stored(b"orphan")
            raise KeyError

    def test_of_a_transaction_that_was_not_kept_go_after_a_day(self):
        kept = stored(b"kept")
        self.undone()

        assert remove_orphans(now=timezone.now() + timedelta(days=2)) == 1

        assert [path.read_bytes() for path in bytes_kept()] == [b"kept"]
        assert read(kept) == b"kept"

    def test_may_belong_to_a_transaction_that_is_still_open_so_they_stay_a_day(self):
        self.undone()

        assert remove_orphans() == 0
        assert len(bytes_kept()) == 1

    def test_are_looked_for_in_folders_of_our_own_alone(self):
        self.undone()
        other = Path(default_storage.location) / "restored" / "readme"
        other.parent.mkdir()
        other.write_bytes(b"not ours")
        os.utime(other, (0, 0))

        remove_orphans(now=timezone.now() + timedelta(days=2))

        assert bytes_kept() == [other]

    def test_are_none_where_nothing_was_ever_kept(self):
        assert remove_orphans() == 0


@pytest.mark.django_db
class TestDownload:
    def test_is_a_file_that_no_browser_opens_as_a_page(self):
        response = download(stored(b"<script>", "page.html", content_type="text/html"))

        assert b"".join(response.streaming_content) == b"<script>"
        assert {name: response[name] for name in response.headers} == {
            "Content-Type": "text/html",
            "Content-Length": "8",
            "Content-Disposition": 'attachment; filename="page.html"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        }
        response.close()

    @pytest.mark.parametrize(
        ("name", "disposition"),
        [
            ('as"sets.csv', 'attachment; filename="as\\"sets.csv"'),
            ("März.xlsx", "attachment; filename*=utf-8''M%C3%A4rz.xlsx"),
        ],
    )
    def test_name_cannot_break_out_of_its_header(self, name, disposition):
        response = download(stored(name=name, content_type=XLSX))
        response.close()

        assert response["Content-Disposition"] == disposition
