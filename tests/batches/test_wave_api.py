"""Wave 7 for programs: the same figures, to the penny."""

import pytest
from django.utils import timezone

from assets.register.models import Supplier
from tests.api.calling import as_program
from tests.batches.waves import NOW, VECTOR, boxes, tags, the_wave

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


class Programs:
    """Programs of several people that work on one batch."""

    def __init__(self, world):
        self.world = world
        self.callers = {
            name: as_program(getattr(world, name)) for name in ("ada", "dee", "bea", "bob", "eng")
        }
        self.root = "refresh/batches/"

    def ask(self, who: str, path: str = "", status: int = 200, **body):
        answer = self.callers[who].ask("POST", self.root + path, body)
        assert answer.status_code == status, answer.content
        return answer.json()

    def read(self, who: str, path: str = "", **asked):
        return self.callers[who].get(self.root + path, asked).json()

    def keeper(self, item) -> str:
        return "ada" if item["council"] == "OCC" else "dee"

    def items(self, state: str) -> list[dict]:
        return self.read("ada", "items/", state=state, page_size=200)["results"]

    def approve(self, who: str, amount: str) -> dict:
        return self.ask(who, "moves/approve/", amount=amount, version=self.read(who)["version"])

    def move(self, who: str, item: dict, name: str, **given) -> dict:
        return self.ask(who, f"items/{item['id']}/moves/{name}/", **given)


def planned(world) -> Programs:
    programs = Programs(world)
    made = programs.ask("ada", "", 201, title="Wave 7", tags=tags(world.old), as_at="2026-11-23")
    programs.root += f"{made['reference']}/"
    leaving = {"O-01": "On legal hold", "C-08": "Leaves in December"}
    for item in programs.items("candidate"):
        who, why = programs.keeper(item), leaving.get(item["asset"]["name"])
        programs.move(who, item, "exclude", reason=why) if why else programs.move(who, item, "confirm")
    for line in programs.read("ada", "lines/")["results"]:
        if line["council"] == "OCC":
            programs.ask("ada", f"lines/{line['id']}/", version=line["version"], spares=1)
    programs.ask("ada", "moves/submit/")
    return programs


def supplied(programs: Programs) -> None:
    supplier = Supplier.objects.create(name="Reseller")
    for line in programs.read("ada", "lines/")["results"]:
        who, number, broken = ("ada", 19, 1) if line["council"] == "OCC" else ("dee", 7, 0)
        asked = {"supplier": supplier.pk, "model": programs.world.new_model.pk, "unit_price": "742.00"}
        made = programs.ask(who, f"lines/{line['id']}/orders/", 201, quantity=number, **asked)
        caller = programs.callers[who]
        placed = caller.ask("POST", f"orders/{made['order']['id']}/moves/place/", {})
        council = programs.world.county if line["council"] == "OCC" else programs.world.district
        came = [box._asdict() for box in boxes(council, number, broken)]
        received = caller.ask("POST", f"order-lines/{made['order_line']['id']}/receipts/", {"boxes": came})
        assert (placed.status_code, received.status_code) == (200, 201), received.content


def swapped(programs: Programs) -> None:
    for item in programs.items("confirmed"):
        programs.move(programs.keeper(item), item, "allocate")
    allocated = programs.items("allocated")
    programs.move("ada", allocated[0], "defer", reason="Long absence", deferred_until="2027-09-01")
    late = {next(i["id"] for i in allocated[1:] if i["council"] == code) for code in ("OCC", "CDC")}
    for item in allocated[1:]:
        if item["id"] in late:
            programs.move("eng", item, "schedule", scheduled_for="2026-12-01T10:30:00Z")
            programs.move("eng", item, "miss")
            programs.move("eng", item, "schedule", scheduled_for="2026-12-02T10:30:00Z")
        given = {
            "old": item["asset"]["name"],
            "new": item["replacement"]["name"],
            "signed_by": "Whoever has it",
        }
        programs.move("eng", item, "swap", **given)


def ended(programs: Programs) -> None:
    lost = next(item for item in programs.items("swapped") if item["council"] == "OCC")
    programs.move("eng", lost, "lose", what_happened="Left on the bus")
    for item in programs.items("swapped"):
        programs.move("eng", item, "return", condition="B")
    sam, broken, given_away = programs.world.sam.pk, set(), {"OCC": 3, "CDC": 1}
    for item in programs.items("returned"):
        if item["council"] not in broken:
            broken.add(item["council"])
            programs.move("eng", item, "fail_sanitising", method="clear", note="The disk does not answer")
            programs.move(programs.keeper(item), item, "destroy", certificate_number="D-1")
            continue
        wiped = {"method": "purge", "verified_by": sam, "certificate_number": f"C-{item['id']}"}
        programs.move("eng", item, "sanitise", **wiped)
        if given_away[item["council"]]:
            given_away[item["council"]] -= 1
            programs.move(programs.keeper(item), item, "donate", recipient="A school")
        else:
            programs.move(programs.keeper(item), item, "sell", buyer="A reseller", income="15.00")


def test_wave_goes_through_the_api_to_the_penny():
    programs = planned(the_wave())
    for who, code in (("bea", "OCC"), ("bob", "CDC")):
        programs.approve(who, VECTOR["approved"][code])
    supplied(programs)
    programs.ask("ada", "moves/order/")
    programs.ask("ada", "moves/begin/")
    swapped(programs)
    ended(programs)
    closed = programs.ask("ada", "moves/close/")

    assert closed["counts"] == {
        "matched": 27,
        "candidates": 0,
        "excluded": 2,
        "confirmed": 25,
        "deferred": 1,
        "allocated": 24,
        "swapped": 24,
        "first_time_rate": "91.7",
        "returned": 23,
        "return_rate": "95.8",
        "lost": 1,
        "lost_since": 0,
        "certified": 23,
        "ordered": 26,
        "received": 26,
        "dead_on_arrival": 1,
        "outcomes": {"excluded": 2, "deferred": 1, "lost": 1, "destroyed": 2, "donated": 4, "sold": 17},
    }
    nets = [(row["council"], *row["net"].values()) for row in closed["energy"]]
    assert nets == [
        ("CDC", "40.6", None, "7.19"),
        ("OCC", "98.6", "24.65", "17.45"),
        (None, "139.2", None, "24.64"),
    ]
    for who, code in (("ada", "OCC"), ("dee", "CDC")):
        [told] = programs.read(who)["money"]
        figures = (told["council"], told["approved"], told["actual"])
        assert figures == (code, VECTOR["approved"][code], VECTOR["actual"][code])
    assert (closed["state"], closed["moves"], closed["waits_for"]) == ("closed", [], [])


def test_version_in_the_header_is_that_of_the_batch():
    programs = planned(the_wave())
    caller = programs.callers["ada"]
    path = f"{programs.root}moves/send_back/"

    stale = caller.ask("POST", path, {"reason": "Prices"}, headers={"If-Match": '"1"'})
    fine = caller.ask(
        "POST", path, {"reason": "Prices"}, headers={"If-Match": caller.get(programs.root)["ETag"]}
    )

    assert (stale.status_code, fine.status_code) == (409, 200)


def test_same_key_moves_once():
    programs = planned(the_wave())
    send = {"reason": "Prices"}
    answers = [
        programs.callers["ada"].ask(
            "POST", f"{programs.root}moves/send_back/", send, headers={"Idempotency-Key": "one"}
        )
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content


def test_other_councils_prices_are_not_told():
    programs = planned(the_wave())
    programs.approve("bob", VECTOR["approved"]["CDC"])

    lines = {line["council"]: line["purchase"] for line in programs.read("ada", "lines/")["results"]}
    approvals = {one["council"]: one["amount"] for one in programs.read("ada")["approvals"]}
    assert lines == {"OCC": "742.00", "CDC": None}
    assert approvals == {"OCC": None, "CDC": None}
    assert [row["council"] for row in programs.read("ada")["money"]] == ["OCC"]
    assert programs.read("eng")["money"] == []


def test_nothing_is_approved_unread():
    programs = planned(the_wave())
    version, amount = programs.read("bea")["version"], VECTOR["approved"]["OCC"]
    needed = ["Say what you have read: approving needs it."]

    blind = programs.ask("bea", "moves/approve/", 400)
    half = programs.ask("bea", "moves/approve/", 400, amount=amount)
    programs.ask("bea", "moves/approve/", 409, amount=amount, version=version - 1)
    programs.ask("bea", "moves/approve/", 409, amount="14628.99", version=version)

    assert (blind["errors"], half["errors"]) == ({"amount": needed, "version": needed}, {"version": needed})
    assert [one["given"] for one in programs.read("bea")["approvals"]] == [False, False]
    programs.ask("bea", "moves/approve/", amount=amount, version=version)


def test_assets_of_the_other_council_are_told_to_those_alone_who_read_its_register():
    programs = planned(the_wave())
    whole = programs.read("ada", "items/", page_size=200)["results"]
    theirs = next(item for item in whole if item["council"] == "CDC")

    told = programs.read("bea", "items/", page_size=200)["results"]

    assert {item["council"] for item in told} == {"OCC"}
    assert {item["council"] for item in whole} == {"OCC", "CDC"}
    programs.ask("bea", f"items/{theirs['id']}/moves/defer/", 404)
    assert (programs.read("bea")["rule"], programs.read("dee")["rule"]) == (None, None)
    assert programs.read("ada")["rule"] == {"tags": tags(programs.world.old)}


@pytest.mark.parametrize("state", ["\0", "nowhere"])
def test_items_are_asked_for_by_a_state_that_there_is(state):
    programs = planned(the_wave())

    answer = programs.callers["ada"].get(f"{programs.root}items/", {"state": state})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["state"])
