"""Tasks, ties, splits and merges through the API: the same deeds and the same doors as at the pages."""

import pytest

from servicedesk.tickets.linking import add_link, adopt
from servicedesk.tickets.merging import merge
from servicedesk.tickets.models import Link, Task, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from tests.api.calling import NOTHING, as_person, invalid, named, one_page
from tests.factories import a_council, a_requester, a_team, an_engineer

pytestmark = pytest.mark.django_db
UNKNOWN = "INC-2026-999999"
FIXED = {"resolution_code": "fixed", "resolution_note": "A new headset"}


@pytest.fixture
def people():
    occ, cdc = a_council("OCC"), a_council("CDC")
    return {
        "ben": a_requester(cdc, name="Ben"),
        "eve": a_requester(cdc, name="Eve"),
        "dev": an_engineer(cdc, name="Dev"),
        "asha": an_engineer(occ, name="Asha"),
    }


def raised(people, who: str = "ben", **fields) -> Ticket:
    ticket = raise_ticket(by=people[who], requester=people[who], type="incident", title="No sound")
    Ticket.objects.filter(pk=ticket.pk).update(**fields)
    return Ticket.objects.get(pk=ticket.pk)


def ask(people, who: str, method: str, path: str, body=None, status: int = 200):
    answer = as_person(people[who]).ask(method, path, body)
    assert answer.status_code == status, answer.content
    return answer.json() if answer.content else None


def test_task_from_adding_to_ending(people):
    ticket, team = raised(people), a_team("Desk", members=(people["asha"],))
    path = f"tickets/{ticket}/tasks/"
    order = ask(people, "asha", "POST", path, {"title": "Order", "team": team.pk}, 201)
    later = {"title": "Deliver", "team": team.pk, "after": [order["id"]]}
    deliver = ask(people, "asha", "POST", path, later, 201)
    assert (deliver["state"], deliver["after"], deliver["moves"]) == (
        "waiting",
        [order["id"]],
        ["take", "not_needed"],
    )

    here = f"tasks/{order['id']}/"
    taken = ask(people, "asha", "POST", f"{here}moves/take/", {"version": 1})
    assert (taken["assignee"], taken["version"]) == (named(people["asha"]), 2)
    changed = ask(people, "asha", "PATCH", here, {"version": 1, "title": "Order two"})
    assert (changed["title"], changed["assignee"]) == ("Order two", named(people["asha"]))
    ask(people, "asha", "PATCH", here, {"version": 2, "title": "Order three"}, 409)
    ask(people, "asha", "POST", f"{here}moves/done/", {"version": 2, "outcome": "Ordered"}, 409)
    assert ask(people, "asha", "POST", f"{here}moves/done/", {}, 400) == invalid(
        outcome=["Enter what was done"]
    )
    ask(people, "asha", "POST", f"{here}moves/done/", {"outcome": "Ordered"})
    ask(people, "asha", "POST", f"tasks/{deliver['id']}/order/", {"to": "up"})
    listed = ask(people, "asha", "GET", path)["results"]
    assert [(each["title"], each["state"]) for each in listed] == [("Deliver", "open"), ("Order two", "done")]
    assert [each["title"] for each in ask(people, "asha", "GET", "tasks/")["results"]] == ["Deliver"]


def test_task_of_a_hidden_ticket_is_like_none(people):
    ticket, team = (
        raised(people, sharing="own_council"),
        a_team("Desk", members=(people["asha"], people["dev"])),
    )
    task = ask(people, "dev", "POST", f"tickets/{ticket}/tasks/", {"title": "Secret", "team": team.pk}, 201)
    for method, path, body in (
        ("GET", f"tasks/{task['id']}/", None),
        ("PATCH", f"tasks/{task['id']}/", {"version": 1, "title": "Mine"}),
        ("POST", f"tasks/{task['id']}/moves/take/", {}),
        ("POST", f"tasks/{task['id']}/order/", {"to": "up"}),
        ("GET", f"tickets/{ticket}/tasks/", None),
    ):
        assert ask(people, "asha", method, path, body, 404) == NOTHING
    assert ask(people, "asha", "GET", "tasks/") == one_page()
    assert ask(people, "ben", "GET", f"tickets/{ticket}/tasks/") == one_page()
    seen = raised(people)
    ask(
        people,
        "asha",
        "POST",
        f"tickets/{seen}/tasks/",
        {"title": "x", "team": team.pk, "after": [task["id"]]},
        400,
    )


def test_link_is_made_shown_from_both_ends_and_ended(people):
    first, second = raised(people), raised(people)
    made = ask(
        people, "asha", "POST", f"tickets/{first}/links/", {"other": str(second), "kind": "blocks"}, 201
    )
    assert made == {"id": Link.objects.get().pk, "words": "Must come before", "other": str(second)}
    there = ask(people, "asha", "GET", f"tickets/{second}/links/")["results"]
    assert there == [{**made, "words": "Must come after", "other": str(first)}]
    ask(people, "asha", "POST", f"tickets/{second}/links/{made['id']}/end/", status=204)
    ask(people, "asha", "POST", f"tickets/{second}/links/{made['id']}/end/", status=404)
    assert ask(people, "asha", "GET", f"tickets/{first}/links/") == one_page()
    ask(people, "ben", "GET", f"tickets/{first}/links/", status=403)


@pytest.mark.parametrize(
    ("path", "name", "more"),
    [("links/", "other", {"kind": "relates"}), ("parent/", "parent", {}), ("merge/", "into", {})],
)
def test_reference_of_a_hidden_ticket_is_refused_like_that_of_none(people, path, name, more):
    ticket, hidden = raised(people), raised(people, sharing="own_council")
    said = [
        str(ask(people, "asha", "POST", f"tickets/{ticket}/{path}", {name: reference, **more}, 400)).replace(
            reference, ""
        )
        for reference in (str(hidden), UNKNOWN)
    ]
    assert said[0] == said[1]
    assert ask(people, "asha", "GET", f"tickets/{ticket}/merge/?into={hidden}", status=404) == NOTHING


def test_what_is_hidden_is_neither_named_nor_counted(people):
    ticket, hidden = raised(people), raised(people, sharing="own_council")
    add_link(ticket, hidden, "relates", by=people["dev"])
    adopt(hidden, ticket, by=people["dev"])
    child = raised(people)
    adopt(child, hidden, by=people["dev"])
    links = ask(people, "asha", "GET", f"tickets/{ticket}/links/")["results"]
    assert links == [{"id": Link.objects.get().pk, "words": "Has to do with", "other": None}]
    assert ask(people, "asha", "GET", f"tickets/{ticket}/children/") == {"parts": [], "restricted_too": True}
    assert ask(people, "asha", "GET", f"tickets/{child}/")["parent"] is None
    assert ask(people, "dev", "GET", f"tickets/{child}/")["parent"] == str(hidden)


def test_parent_is_set_and_taken_away(people):
    parent, child = raised(people), raised(people)
    told = ask(people, "asha", "POST", f"tickets/{child}/parent/", {"parent": str(parent)})
    assert told["parent"] == str(parent)
    assert ask(people, "asha", "GET", f"tickets/{parent}/children/") == {
        "parts": [{"reference": str(child), "title": "No sound", "state": "new"}],
        "restricted_too": False,
    }
    ask(people, "asha", "POST", f"tickets/{parent}/parent/", {"parent": str(child)}, 400)
    assert ask(people, "asha", "POST", f"tickets/{child}/parent/", {"parent": None})["parent"] is None


def test_children_are_told_and_resolved_along_by_choice(people):
    parent, child = raised(people), raised(people, "eve")
    adopt(child, parent, by=people["asha"])
    told = ask(people, "asha", "POST", f"tickets/{parent}/children/reply/", {"body": "We look at it"})
    assert told == {"said": [str(child)], "refused": []}
    ask(people, "asha", "POST", f"tickets/{parent}/moves/resolve/", FIXED, 409)
    ask(people, "asha", "POST", f"tickets/{parent}/moves/resolve/", {**FIXED, "children": True})
    assert set(Ticket.objects.values_list("state", flat=True)) == {"resolved"}


def test_split(people):
    ticket = raised(people)
    said = say(ticket, by=people["ben"], body="And my phone", visibility="public")
    path = f"tickets/{ticket}/split/"
    new = ask(people, "asha", "POST", path, {"title": "Phone", "comments": [said.pk]}, 201)
    assert "And my phone" in new["description"]
    ask(people, "asha", "POST", path, {"title": "Phone", "comments": [said.pk + 99]}, 400)
    ask(people, "asha", "POST", path, {"title": "Phone", "comments": [2**70]}, 400)
    ask(people, "ben", "POST", path, {"title": "Phone", "comments": [said.pk]}, 403)


def test_merge_is_previewed_done_and_taken_back(people):
    source, target = raised(people), raised(people)
    path = f"tickets/{source}/merge/"
    assert ask(people, "asha", "GET", f"{path}?into={target}") == {
        "into": str(target),
        "refused": [],
        "people": [named(people["ben"])],
        "newcomers": [],
    }
    ask(people, "asha", "GET", path, status=400)
    ask(people, "asha", "POST", path, {"into": str(target), "version": 99}, 409)
    done = ask(people, "asha", "POST", path, {"into": str(target), "version": 1})
    assert (done["state"], done["merged_into"]) == ("cancelled", str(target))
    ask(people, "asha", "POST", path, {"into": str(target)}, 409)

    said = {"visibility": "public", "body": "Still broken"}
    told = ask(people, "ben", "POST", f"tickets/{source}/comments/", said, 201)
    assert told["ticket"] == str(target)

    back = ask(people, "asha", "POST", f"{path}undo/")
    assert (back["state"], back["merged_into"]) == ("new", None)
    ask(people, "asha", "POST", f"{path}undo/", status=404)


def test_merge_that_would_show_too_much_is_refused_by_name(people):
    source, target = raised(people, "eve"), raised(people)
    reason = f"Eve would be answered on {target}, which Ben asked for and Eve may not see."
    assert ask(people, "asha", "GET", f"tickets/{source}/merge/?into={target}")["refused"] == [reason]
    refused = ask(people, "asha", "POST", f"tickets/{source}/merge/", {"into": str(target)}, 409)
    assert refused["detail"] == reason


def test_conversation_is_woven_for_who_sees_both(people):
    source, target = raised(people), raised(people)
    for ticket in (source, target):
        say(ticket, by=people["ben"], body=f"On {ticket}", visibility="public")
    merge(source, target, by=people["asha"])
    Ticket.objects.filter(pk=source.pk).update(sharing="own_council")
    said = {
        who: [each["ticket"] for each in ask(people, who, "GET", f"tickets/{target}/comments/")["results"]]
        for who in ("asha", "dev")
    }
    assert said == {"asha": [str(target)], "dev": [str(source), str(target)]}
    assert Task.objects.count() == 0
