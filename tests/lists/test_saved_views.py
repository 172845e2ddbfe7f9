"""Lists as somebody narrowed them: saved under a name, opened again, shared with colleagues, and removed."""

from html import unescape

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from servicedesk.history.models import Change
from servicedesk.lists.models import SavedView
from servicedesk.lists.savable import savable_lists
from servicedesk.lists.saving import remove_view, save_view
from tests.api.calling import NOTHING, as_program, invalid, named, one_page
from tests.factories import a_council, a_council_alone, a_grant, a_person, a_site, an_asset

pytestmark = pytest.mark.django_db
LAPTOPS = {"category": "laptop"}


@pytest.fixture
def kim():
    return a_person(a_council("OCC"), "asset_manager", name="Kim")


@pytest.fixture
def lee():
    return a_person(a_council("OCC"), "asset_manager", name="Lee")


@pytest.fixture
def dee():
    """Of the other council, and reads both registers."""
    dee = a_person(a_council("CDC"), "asset_manager", name="Dee")
    a_grant(dee, "asset_manager", a_council("OCC"))
    return dee


def at(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def said(answer) -> str:
    return " ".join(unescape(answer.content.decode()).split())


def saved(person, name="Laptops", query=LAPTOPS, code="assets", **more) -> SavedView:
    return save_view(savable_lists()[code], query, by=person, name=name, **more)


def names(person) -> list[str]:
    return [str(view) for view in SavedView.objects.visible_to(person).order_by("name")]


def test_narrowed_list_is_saved_under_a_name_and_opened_again(kim):
    site = a_site(kim.council, "County Hall")
    an_asset(kim.council, "IN-1", category="laptop", site=site)
    an_asset(kim.council, "OUT-1", category="laptop")
    client, narrowing = at(kim), f"?category=laptop&site={site.pk}"

    assert "Save this view" not in said(client.get("/assets/"))
    assert f'href="/views/save/assets/{narrowing}"' in said(client.get(f"/assets/{narrowing}"))
    asked = said(client.get(f"/views/save/assets/{narrowing}"))
    assert "Category: Laptop" in asked and "Site: County Hall (OCC)" in asked
    answer = client.post(f"/views/save/assets/{narrowing}", {"name": " In County Hall "}, follow=True)

    assert answer.redirect_chain == [(f"/assets/{narrowing}", 302)]
    told = said(answer)
    assert "The view In County Hall is saved" in told
    assert "IN-1" in told and "OUT-1" not in told
    view = SavedView.objects.get()
    assert (view.owner, view.council, view.list, view.name, view.shared, view.query) == (
        kim,
        kim.council,
        "assets",
        "In County Hall",
        False,
        {"category": "laptop", "site": str(site.pk)},
    )
    assert f'<a class="govuk-link" href="/assets/{narrowing}">In County Hall</a>' in said(
        client.get("/assets/")
    )
    change = Change.objects.get(kind="lists.savedview")
    assert (change.object_id, change.action, change.change_set.by_id) == (view.pk, "create", kim.pk)


def test_list_of_what_is_due_has_views_of_its_own(kim):
    client = at(kim)

    answer = client.post("/views/save/due/?standing=overdue&as_at=2026-11-23", {"name": "Late"}, follow=True)

    assert answer.redirect_chain == [("/refresh/assets/?standing=overdue", 302)]
    assert ">Late</a>" in said(answer)
    assert ">Late</a>" not in said(client.get("/assets/"))


def test_what_the_list_does_not_filter_by_is_dropped(kim):
    view = saved(kim, query={**LAPTOPS, "cursor": "abc", "password": "x", "state": " "})

    assert view.query == LAPTOPS
    with pytest.raises(ValidationError, match="Narrow the list first, and save it then"):
        saved(kim, "All", {"cursor": "abc"})
    with pytest.raises(ValidationError, match="Select the category from the list"):
        saved(kim, "Odd", {"category": "teapot"})
    assert names(kim) == ["Laptops"]


def test_name_is_taken_once_of_each_list_and_owner(kim, lee):
    saved(kim)
    answer = at(kim).post("/views/save/assets/?category=monitor", {"name": "LAPTOPS"})

    assert answer.status_code == 422
    assert "Name is already in use. Enter another" in said(answer)
    assert saved(lee).query == saved(kim, code="due").query == LAPTOPS
    assert at(kim).post("/views/save/assets/?category=monitor", {"name": "x" * 61}).status_code == 422
    assert names(kim) == ["Laptops", "Laptops"]


def test_view_is_ones_own_unless_it_is_shared_with_colleagues_who_read_the_list(kim, lee, dee):
    jo = a_person(kim.council, "requester", name="Jo")
    saved(kim, "Own")
    shared = saved(kim, "Shared", shared=True)

    assert [names(each) for each in (kim, lee, dee, jo)] == [["Own", "Shared"], ["Shared"], [], []]
    assert ">Shared</a>" in said(at(lee).get("/assets/"))
    assert "Shared" not in said(at(dee).get("/assets/"))
    assert "Saved by Kim, and shared with colleagues of Oxfordshire" in said(
        at(lee).get(f"/views/{shared.pk}/")
    )
    assert [at(each).get(f"/views/{shared.pk}/").status_code for each in (dee, jo)] == [404, 404]
    assert at(jo).get("/views/save/assets/?category=laptop").status_code == 403


def test_who_no_longer_reads_the_list_has_no_views_of_it(kim):
    saved(kim)
    kim.grants.all().delete()
    a_grant(kim, "requester")

    assert names(type(kim).objects.get(pk=kim.pk)) == []


def test_view_shows_each_reader_what_they_may_see_themselves(kim):
    an_asset(kim.council, "OURS-1", category="laptop")
    elsewhere = a_council_alone("ALN")
    an_asset(elsewhere, "THEIRS-1", category="laptop")
    both = a_person(kim.council, "asset_manager", name="Bo")
    a_grant(both, "asset_manager", elsewhere)
    view = saved(both, shared=True)

    assert "THEIRS-1" in said(at(both).get(view.address))
    shown = said(at(kim).get(view.address))
    assert "OURS-1" in shown and "THEIRS-1" not in shown


def test_only_its_owner_removes_it(kim, lee, dee):
    view = saved(kim, shared=True)

    assert "Remove this view" not in said(at(lee).get(f"/views/{view.pk}/"))
    assert at(lee).post(f"/views/{view.pk}/remove/").status_code == 403
    assert at(dee).post(f"/views/{view.pk}/remove/").status_code == 404
    with pytest.raises(PermissionDenied):
        remove_view(view, by=lee)
    assert names(kim) == ["Laptops"]

    assert "Remove this view" in said(at(kim).get(f"/views/{view.pk}/"))
    assert "The view Laptops is removed" in said(at(kim).post(f"/views/{view.pk}/remove/", follow=True))
    assert names(kim) == []
    change = Change.objects.get(kind="lists.savedview", action="remove")
    assert change.fields["name"] == ["Laptops", None, "Laptops", ""]


def test_programs_save_read_and_remove_views(kim, lee, dee):
    program = as_program(kim)
    body = {"list": "assets", "name": "Laptops", "query": {**LAPTOPS, "cursor": "x"}, "shared": True}

    answer = program.ask("POST", "saved-views/", body)

    view = SavedView.objects.get()
    told = {
        "id": view.pk,
        "council": "OCC",
        "owner": named(kim),
        "list": "assets",
        "name": "Laptops",
        "query": LAPTOPS,
        "shared": True,
    }
    assert (answer.status_code, answer.json()) == (201, told)
    taken = program.ask("POST", "saved-views/", body)
    assert (taken.status_code, taken.json()) == (400, invalid(name=["Name is already in use. Enter another"]))
    assert as_program(lee).get("saved-views/").json() == one_page(told)
    assert as_program(dee).get("saved-views/").json() == one_page()
    assert as_program(dee).get(f"saved-views/{view.pk}/").json() == NOTHING
    assert as_program(lee).ask("DELETE", f"saved-views/{view.pk}/").status_code == 403
    assert program.ask("DELETE", f"saved-views/{view.pk}/").status_code == 204
    assert program.get("saved-views/").json() == one_page()
