"""What a change of hours or promises does to what is open: shown first, then sent again."""

from lxml import html

from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket
from tests.factories import a_requester


def an_open_ticket(cdc, **given) -> Ticket:
    ben = a_requester(cdc)
    return raise_ticket(by=ben, requester=ben, type="incident", title="Secret words", **given)


def sent_again(response) -> dict[str, str]:
    """What the page of effects carries to the second step."""
    page = html.fromstring(response.content)
    return {
        field.get("name"): field.get("value") for field in page.xpath("//main//form//input[@type='hidden']")
    }
