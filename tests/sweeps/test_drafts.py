"""Whatever is written in a box for prose, on any page, is kept by the site as it is typed."""

from html.parser import HTMLParser

import pytest

from servicedesk.tickets.models import Clock
from tests.sweeps.asking import content, signed_in
from tests.sweeps.marks import NOON
from tests.sweeps.registry import REGISTRY
from tests.sweeps.test_accessibility import pages_of
from tests.sweeps.world import World, build, grow

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ROLES = (
    *("engineer", "queue_manager", "cyber_officer", "asset_manager"),
    *("administrator", "budget_approver", "someone", "supplier_contact"),
)
"""Who together get every page; each is asked for what none before got."""
PASTED = "a list that is pasted or scanned, and there again where it came from"
NOTES = "a note beside the facts of a record, which are read off the thing or its papers"
NOT_KEPT = {
    **dict.fromkeys(
        ("spreadsheets:imports", "orders:receive", "register:scan", "register:check_list"), PASTED
    ),
    **dict.fromkeys(("batches:new_batch", "batches:add_assets", "disposal:certify"), PASTED),
    **dict.fromkeys(("register:new", "register:edit", "orders:new", "orders:edit"), NOTES),
    **{
        f"register:{deed}_{noun}": NOTES
        for deed in ("new", "edit")
        for noun in ("model", "supplier", "contract", "circuit", "line")
    },
    **dict.fromkeys(("disposal:new_consignment", "disposal:edit_consignment", "disposal:collect"), NOTES),
    **dict.fromkeys(("batches:edit_batch", "register:not_mine"), NOTES),
}
"""Pages whose boxes for prose are kept by no draft, and why."""


class Boxes(HTMLParser):
    """The boxes for prose of a page that stand in no form with a draft."""

    def __init__(self, page: str):
        super().__init__()
        self.form: dict[str, str | None] = {}
        self.unkept: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "form":
            self.form = dict(attrs)
        elif tag == "textarea" and not self.form.get("data-draft-address"):
            self.unkept.append(str(dict(attrs).get("name")))


@pytest.fixture
def world() -> World:
    made = build()
    grow(made)
    Clock.objects.update(breached_at=NOON)  # so that there is a page on which to say why
    return made


def test_what_is_written_is_kept_on_every_page(world):
    asked = {name for name in REGISTRY if name.startswith("api:")}
    unkept = {}
    for role in ROLES:
        client, pages = signed_in(world.person("OCC", role)), pages_of(world, role, asked)
        asked |= pages.keys()
        for name, address in pages.items():
            if boxes := Boxes(content(client.get(address)).decode()).unkept:
                unkept[name] = boxes
    assert sorted(unkept) == sorted(NOT_KEPT)
