"""How the tests of the API ask: as a person at a page, or as a program with a token."""

from django.test import Client

from servicedesk.people.tokens import make_token

ROOT = "/api/v1/"
PROBLEM = "application/problem+json"


class Caller(Client):
    """Speaks JSON to the paths below the root."""

    def generic(self, method, path, data="", content_type="application/json", **extra):
        path = path if path.startswith("http") else ROOT + path.removeprefix(ROOT)
        return super().generic(method, path, data, content_type, **extra)

    def ask(self, method: str, path: str, body=None, **extra):
        """Send a body as JSON. An answer that is not a problem is (status, body)."""
        data = (
            b""
            if body is None
            else self._encode_json(body, "application/json").encode(errors="surrogatepass")
        )
        return self.generic(method, path, data, **extra)


def as_person(person, **options) -> Caller:
    """Signed in at a page."""
    caller = Caller(**options)
    caller.force_login(person)
    return caller


def as_program(person, **options) -> Caller:
    """With a token of the person."""
    token = make_token(by=person).text
    return Caller(headers={"Authorization": f"Token {token}"}, **options)


def problem(code: int, title: str, detail: str, **more) -> dict:
    return {"type": "about:blank", "title": title, "status": code, "detail": detail, **more}


def invalid(**errors: list[str]) -> dict:
    return problem(400, "Bad Request", "Some of what was sent cannot be taken.", errors=errors)


NOTHING = problem(404, "Not Found", "There is nothing here, or nothing that you may see.")


def one_page(*results) -> dict:
    return {"next": None, "previous": None, "results": list(results)}


def named(row) -> dict:
    return {"id": row.pk, "name": str(row)}


def both(person, path: str, row) -> list[dict]:
    """What the list says of its one row, and what the row says of itself."""
    caller = as_person(person)
    return [caller.get(path).json(), caller.get(f"{path}{row.pk}/").json()]
