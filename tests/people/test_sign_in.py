import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from lxml import html

from servicedesk.people.access import history_of
from servicedesk.people.grants import end
from servicedesk.people.models import Council, Person
from servicedesk.people.tokens import make_token
from tests.factories import PASSWORD, a_council, a_council_alone, a_requester, an_engineer

NEW_PASSWORD = "another horse, another battery"  # noqa: S105
WRONG = "The email address or the password is not right. Check both and try again"
TOO_MANY = "Too many tries have failed. Wait five minutes, then try again"


@pytest.fixture(autouse=True)
def no_attempts_yet(db):
    cache.clear()


def sign_in(client: Client, email: str, password: str = PASSWORD):
    return client.post("/account/login/", {"login": email, "password": password})


def signed_in_as(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def ask_for_a_new_password(email: str, **headers):
    return Client().post("/account/password/reset/", {"email": email}, **headers)


def link_in(message) -> str:
    return re.search(r"\S+/account/password/reset/key/\S+", message.body)[0]


def choose_password(link: str, password: str = NEW_PASSWORD):
    """Follow the link of the mail, as a browser does, and fill in the form that it leads to."""
    client = Client()
    form = client.get(link.removeprefix(settings.BASE_URL), follow=True)
    return client.post(form.request["PATH_INFO"], {"password1": password, "password2": password}, follow=True)


def test_signing_in_leads_to_the_first_screen():
    person = a_requester(email="amelia@oxfordshire.example")
    client = Client()

    response = sign_in(client, "Amelia@Oxfordshire.example")

    assert (response.status_code, response["Location"]) == (302, "/")
    assert signed_in_as(client) == str(person.pk)


def test_signing_in_leads_to_the_page_that_was_wanted_and_to_no_other_site():
    person = a_requester()

    def target(wanted: str) -> str:
        form = {"login": person.email, "password": PASSWORD, "next": wanted}
        return Client().post("/account/login/", form)["Location"]

    assert [target("/account/"), target("https://evil.example/"), target("//evil.example/")] == [
        "/account/",
        "/",
        "/",
    ]


def test_the_session_key_changes_at_sign_in():
    person = a_requester()
    client = Client()
    session = client.session
    session["before"] = True
    session.save()
    before = session.session_key

    sign_in(client, person.email)

    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer():
    person = a_requester(email="known@oxfordshire.example")

    answers = [
        Client().post("/account/login/", {"login": email, "password": "not the password"})
        for email in (person.email, "nobody@oxfordshire.example")
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert all(WRONG in answer.content.decode() for answer in answers)


def test_signing_out_takes_a_post_and_ends_the_session():
    person = a_requester()
    client = Client()
    sign_in(client, person.email)

    asked = client.get("/account/logout/")
    still = signed_in_as(client)
    client.post("/account/logout/")

    assert (asked.status_code, still) == (200, str(person.pk))
    assert signed_in_as(client) is None
    assert client.get("/account/").status_code == 302


def test_the_sixth_wrong_password_for_one_address_is_refused_even_when_right():
    person = a_requester()
    for _ in range(5):
        assert WRONG in sign_in(Client(), person.email, "wrong").content.decode()

    response = sign_in(Client(), person.email)

    assert TOO_MANY in response.content.decode()


def test_the_eleventh_wrong_password_from_one_place_is_refused():
    people = [a_requester() for _ in range(11)]
    for person in people[:10]:
        assert WRONG in sign_in(Client(), person.email, "wrong").content.decode()

    response = sign_in(Client(), people[10].email)

    assert TOO_MANY in response.content.decode()


def test_nobody_signs_up():
    response = Client().post(
        "/account/signup/",
        {"email": "new@oxfordshire.example", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )

    assert response.status_code in (302, 404)
    assert not Person.objects.filter(email="new@oxfordshire.example").exists()


def test_page_says_whom_to_call_and_when_and_where_a_password_is_chosen_anew():
    Council.objects.filter(pk=a_council("OCC").pk).update(desk_hours="Monday to Friday, 8am to 5:30pm")
    a_council("CDC")
    gone = a_council_alone("OLD", "Gone Council")
    Council.objects.filter(pk=gone.pk).update(archived_at=timezone.now())

    page = html.fromstring(Client().get("/account/login/").content.decode())

    desks = page.xpath("//h2[normalize-space()='If you cannot sign in']/following-sibling::ul/li")
    assert [" ".join(desk.text_content().split()) for desk in desks] == [
        "Cherwell District Council: 01865 000000",
        "Oxfordshire County Council: 01865 000000, Monday to Friday, 8am to 5:30pm",
    ]
    [way] = page.xpath("//a[normalize-space()='I have forgotten my password']/@href")
    asked = html.fromstring(Client().get(way).content.decode())
    assert asked.xpath("//form//input[@type='email']/@name") == ["email"]


def test_a_forgotten_password_is_chosen_anew_by_mail_once():
    person = a_requester()
    ask_for_a_new_password(person.email)
    link = link_in(mail.outbox[0])

    first = choose_password(link)
    second = choose_password(link, "a third horse, a third battery")

    assert mail.outbox[0].to == [person.email]
    assert first.request["PATH_INFO"] == "/account/password/reset/key/done/"
    assert second.request["PATH_INFO"] != "/account/password/reset/key/done/"
    assert sign_in(Client(), person.email, NEW_PASSWORD).status_code == 302


def test_the_link_begins_with_our_address_whatever_the_host_header_says():
    person = a_requester()

    ask_for_a_new_password(person.email, headers={"host": "localhost:9999"})

    assert link_in(mail.outbox[0]).startswith(f"{settings.BASE_URL}/account/password/reset/key/")
    assert "9999" not in mail.outbox[0].body + mail.outbox[0].subject


def test_forgetting_a_password_tells_nothing_of_whether_an_account_exists():
    person = a_requester(email="known@oxfordshire.example")
    gone = a_requester(email="gone@oxfordshire.example", is_active=False)

    answers = [
        ask_for_a_new_password(email) for email in (person.email, gone.email, "nobody@oxfordshire.example")
    ]

    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, "/account/password/reset/done/")
    }
    assert [message.to for message in mail.outbox] == [[person.email]]


def test_the_sixth_forgotten_password_of_one_address_is_refused():
    person = a_requester()
    for _ in range(5):
        ask_for_a_new_password(person.email)

    response = ask_for_a_new_password(person.email)

    assert response.status_code == 429
    assert len(mail.outbox) == 5


def works(token: str) -> bool:
    return Client().get("/api/v1/councils/", headers={"Authorization": f"Token {token}"}).status_code == 200


def test_a_password_changed_or_chosen_anew_ends_every_token():
    person, other = a_requester(), a_requester()
    kept = make_token(by=other).text
    client, before = Client(), make_token(by=person).text
    sign_in(client, person.email)
    form = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert works(before)

    client.post("/account/password/change/", {**form, "oldpassword": "not the password"})
    after_a_wrong_try = works(before)
    client.post("/account/password/change/", form)
    between = make_token(by=person).text
    changed = [works(token) for token in (before, between, kept)]
    ask_for_a_new_password(person.email)
    choose_password(link_in(mail.outbox[-1]), "a third horse, a third battery")
    chosen = [works(token) for token in (before, between, kept)]

    assert (after_a_wrong_try, changed, chosen) == (True, [False, True, True], [False, False, True])
    fields = [change.fields["api_token"][:2] for change in history_of(person, person)]
    assert fields == [[between[:6], None], [None, between[:6]], [before[:6], None], [None, before[:6]]]


def test_changing_the_password_ends_every_session():
    person = a_requester()
    here, elsewhere = Client(), Client()
    sign_in(here, person.email)
    sign_in(elsewhere, person.email)
    form = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

    here.post("/account/password/change/", form)

    assert [client.get("/account/").status_code for client in (here, elsewhere)] == [302, 302]
    assert sign_in(Client(), person.email, NEW_PASSWORD).status_code == 302


def test_a_role_taken_away_holds_from_the_next_click():
    person = an_engineer()
    client = Client()
    sign_in(client, person.email)
    before = client.get("/account/").content.decode()

    end(person.grants.get(), by=None)
    after = client.get("/account/").content.decode()

    assert "Work on the requests that you can see" in before
    assert "Work on the requests that you can see" not in after
    assert "You have no role yet" in after


def test_somebody_made_inactive_is_out_at_the_next_click():
    person = a_requester()
    client = Client()
    sign_in(client, person.email)

    Person.objects.filter(pk=person.pk).update(is_active=False)

    assert client.get("/account/")["Location"] == "/account/login/?next=/account/"
    assert sign_in(Client(), person.email)["Location"] == "/account/inactive/"


def test_a_session_ends_by_itself():
    person = a_requester()
    client = Client()
    sign_in(client, person.email)

    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", ""])
@pytest.mark.parametrize("path", ["/account/login/", "/account/password/reset/", "/accessibility/"])
def test_a_hostile_host_header_is_refused(path, host, caplog):
    response = Client().get(path, headers={"host": host})

    assert response.status_code == 400
    assert "evil.example" not in response.content.decode()
