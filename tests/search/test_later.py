"""What was written by the hundred thousand is found a moment later, whatever happens in between."""

import pytest
from django.db import connection

from assets.register import finding
from assets.register.models import Asset
from assets.register.registering import change_asset
from servicedesk.search import later
from servicedesk.search.models import Outstanding, SearchDocument
from servicedesk.search.searching import matching
from servicedesk.spreadsheets.applying import write
from servicedesk.spreadsheets.taking_back import take_back
from tests.factories import a_council, an_asset
from tests.spreadsheets.incoming import a_csv, bring

pytestmark = pytest.mark.django_db

ROWS = [(f"T{number}", "Laptop", "kettle") for number in range(5)]


@pytest.fixture
def many_is_three(monkeypatch):
    """Of three rows on it is put off, in pieces of two; on PostgreSQL too, so that the pieces are tried there."""
    monkeypatch.setattr(later, "FEW", 2)
    monkeypatch.setattr(later, "AT_ONCE", 2)
    monkeypatch.setattr(later, "is_for_later", lambda model, count: model is Asset and count > later.FEW)


@pytest.fixture
def killed(monkeypatch):
    """Nobody comes to catch up: the process ended with the transaction."""
    catch_up = later.catch_up
    monkeypatch.setattr(later, "catch_up", lambda: None)
    return catch_up


def brought():
    return write(bring(a_csv(("Asset tag", "Category", "Room"), *ROWS), a_council(), None), by=None)


def found(text: str) -> list[str]:
    return sorted(matching(Asset.objects.all(), text).values_list("asset_tag", flat=True))


def outstanding() -> list[tuple]:
    return list(Outstanding.objects.values_list("kind", "first", "last"))


def test_a_large_import_is_found_when_it_has_ended_and_its_undo_leaves_nothing(many_is_three):
    applied = brought()

    assert found("kettle") == ["T0", "T1", "T2", "T3", "T4"]
    assert outstanding() == []

    take_back(applied, by=None)

    assert (Asset.objects.count(), SearchDocument.objects.filter(kind="register.asset").count()) == (0, 0)
    assert outstanding() == []


def test_what_a_killed_import_left_outstanding_is_found_once_somebody_catches_up(many_is_three, killed):
    brought()
    first, last = (Asset.objects.order_by(way).values_list("pk", flat=True)[0] for way in ("pk", "-pk"))
    assert (Asset.objects.count(), found("kettle")) == (5, [])
    assert outstanding() == [("register.asset", first, last)]

    killed()

    assert (found("kettle"), outstanding()) == (["T0", "T1", "T2", "T3", "T4"], [])


def test_what_a_killed_undo_left_outstanding_is_found_no_more_and_is_gone_in_the_end(many_is_three, killed):
    applied = brought()
    killed()
    take_back(applied, by=None)
    assert (found("kettle"), SearchDocument.objects.filter(kind="register.asset").count()) == ([], 5)

    killed()

    assert (SearchDocument.objects.filter(kind="register.asset").count(), outstanding()) == (0, [])


def test_a_row_that_somebody_changes_meanwhile_is_found_by_its_new_words(many_is_three, killed, monkeypatch):
    brought()
    asset = Asset.objects.get(asset_tag="T1")
    texts_of = finding.texts_of

    def read_and_overtaken(keys):
        texts = texts_of(keys)
        if asset.pk in texts and Asset.objects.get(pk=asset.pk).version == 1:
            change_asset(asset, by=None, version=1, room="teapot")
        return texts

    monkeypatch.setattr(finding, "texts_of", read_and_overtaken)
    killed()

    assert (found("teapot"), found("kettle")) == (["T1"], ["T0", "T2", "T3", "T4"])


def test_few_rows_are_found_at_once(killed):
    brought()

    assert (found("kettle"), outstanding()) == (["T0", "T1", "T2", "T3", "T4"], [])


def test_only_sqlite_puts_off_and_only_what_can_be_read_again():
    of_sqlite = connection.vendor == "sqlite"

    assert later.is_for_later(Asset, 100_000) is of_sqlite
    assert later.is_for_later(Asset, 100) is False
    assert later.is_for_later(Outstanding, 100_000) is False


def test_rows_between_that_belong_to_others_keep_their_words(many_is_three, killed):
    other = an_asset(tag="OTHER", room="lamp")
    later.put_off(Asset, other.pk, other.pk)

    killed()

    assert (found("lamp"), outstanding()) == (["OTHER"], [])


def test_what_cannot_be_found_yet_fails_no_import_that_is_done(many_is_three, killed, monkeypatch):
    def broken(keys):
        raise RuntimeError

    monkeypatch.setattr(later, "catch_up", killed)
    with monkeypatch.context() as broken_for_now:
        broken_for_now.setattr(finding, "texts_of", broken)
        applied = brought()
    assert (applied.state, Asset.objects.count(), found("kettle")) == ("applied", 5, [])

    killed()

    assert (found("kettle"), outstanding()) == (["T0", "T1", "T2", "T3", "T4"], [])


def test_what_is_searched_no_more_holds_up_nothing(many_is_three, killed):
    Outstanding.objects.create(kind="register.typewriter", first=1, last=9)
    brought()

    killed()

    assert (found("kettle"), outstanding()) == (["T0", "T1", "T2", "T3", "T4"], [])
