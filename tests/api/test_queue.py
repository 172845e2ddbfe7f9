"""The counts above the queue for programs: those of the page, of what the person may see."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.api.calling import as_person, as_program, invalid, one_page, problem
from tests.factories import a_case_group, a_council, a_person, a_requester, a_team, a_ticket, an_engineer

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def ben():
    return a_requester(a_council("CDC"))


def counts(person, query: str = "") -> dict[str, int]:
    answer = as_person(person).get(f"queue/{query}").json()
    return {one["name"]: one["count"] for one in answer["results"]}


def test_each_list_is_told_with_its_count_and_the_query_that_lists_it(asha):
    a_ticket(breached_at=NOW, due_at=NOW - timedelta(days=2))

    assert as_program(asha).get("queue/").json() == one_page(
        *(
            {
                "name": name,
                "words": words,
                "query": f"{name}=true&state=open",
                "count": count,
                "more": False,
            }
            for name, words, count in (
                ("breached", "Breached", 1),
                ("due_today", "Due today", 0),
                ("customer_replied", "Customer replied", 0),
                ("unassigned", "Unassigned", 1),
                ("mine", "Mine", 0),
            )
        )
    )


def test_each_query_lists_exactly_what_is_counted(asha, ben):
    team = a_team(members=(asha,))
    a_ticket(ben, breached_at=NOW, team=team, due_at=NOW)
    a_ticket(ben, assignee=asha, last_comment_by=ben, last_comment_at=NOW, team=team)
    a_ticket(ben, breached_at=NOW)
    a_ticket(ben, breached_at=NOW, state="closed", resolved_at=NOW, team=team)
    caller = as_person(asha)

    for query, breached in (("", 2), ("?my_teams=true", 1), (f"?council=CDC&team={team.pk}", 1)):
        views = caller.get(f"queue/{query}").json()["results"]
        listed = [len(caller.get(f"tickets/?{one['query']}").json()["results"]) for one in views]
        assert [one["count"] for one in views] == listed
        assert listed[0] == breached


def test_what_the_person_may_not_see_is_not_counted(ben):
    sealed = a_case_group("hr", ben.council)
    a_ticket(ben, breached_at=NOW)
    a_ticket(ben, breached_at=NOW, sharing="own_council")
    a_ticket(ben, breached_at=NOW, sharing="restricted", sensitivity="hr", case_group=sealed)

    assert counts(an_engineer(a_council("OCC")))["breached"] == 1
    assert counts(an_engineer(ben.council))["breached"] == 2
    assert counts(a_person(a_council("OCC"), "asset_manager"))["breached"] == 0


def test_counts_stop_at_a_hundred_and_say_that_there_are_more(asha, ben):
    for _ in range(101):
        a_ticket(ben)

    told = as_person(asha).get("queue/").json()["results"][3]

    assert (told["name"], told["count"], told["more"]) == ("unassigned", 100, True)


def test_who_has_no_queue_is_told_so(ben):
    answer = as_person(ben).get("queue/")

    sentence = "You need the right to see requests beside your own."
    assert (answer.status_code, answer.json()) == (403, problem(403, "Forbidden", sentence))


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("?council=XX", {"council": ["Select the council from the list"]}),
        (
            "?breached=true",
            {"breached": ["This list has no such filter. It has: my_teams, council, team, service."]},
        ),
    ],
)
def test_what_is_not_understood_gets_a_sentence(asha, query, errors):
    answer = as_person(asha).get(f"queue/{query}")

    assert (answer.status_code, answer.json()) == (400, invalid(**errors))


def test_case_group_of_others_is_no_team_to_count_within(asha):
    sealed = a_case_group("hr", a_council("CDC"))

    answers = [as_person(asha).get(f"queue/?team={key}").json() for key in (sealed.pk, 999_999)]

    assert answers == [invalid(team=["Select the team from the list"])] * 2
