"""What several people do about a batch, step by step: it is ordered, received, allocated, and in the end it leaves."""

from assets.batches.models import Batch
from servicedesk.jobs.models import Job
from servicedesk.jobs.running import run
from tests.journeys.keyboard import Straight
from tests.spreadsheets.incoming import a_csv

COUNTY, DISTRICT = "Oxfordshire County Council", "Cherwell District Council"
PAPERS = {
    "Waste carrier’s licence": "CBDU12345",
    "Expiry of the licence": "31/3/2027",
    "Waste transfer note": "WTN-9",
    "Hazardous waste note": "HWN-9",
    "Treatment facility": "Banbury Recycling",
    "Collected on": "10/12/2026",
    "Weight in kg": "48",
}


class Desk(Straight):
    """Somebody at work on the batch."""

    council = COUNTY

    def batch(self) -> None:
        self.go(f"/refresh/batches/{Batch.objects.get()}/")

    def together(self, waiting: str, choose: str, move: str) -> None:
        """Open the items that wait for something, choose them, and move them."""
        self.batch()
        self.press(waiting)
        self.tick(choose)
        self.press(move)

    def waits(self) -> list[str]:
        """What the batch waits for, and with whom."""
        return (
            self.page.get_by_role("list").filter(has_text="(with ").get_by_role("listitem").all_inner_texts()
        )

    def said(self) -> list[str]:
        """How far the batch has come, as its page says."""
        return self.page.locator(".app-strip li").all_inner_texts()


def order(ada: Desk, dee: Desk) -> None:
    for keeper, council, number in ((ada, COUNTY, "19"), (dee, DISTRICT, "7")):
        keeper.batch()
        keeper.press(f"Order for this batch {Batch.objects.get()}, {council}, laptop")
        proposed = [keeper.page.get_by_label(label).input_value() for label in ("How many", "Price of one")]
        assert proposed == [number, "742.00"]
        keeper.write("Supplier", "Reseller")
        keeper.write("Model", "T16")
        keeper.press("Save")
        keeper.press("Place the order")
    ada.batch()
    ada.press("Say that it is ordered")
    ada.press("Say that it is ordered")
    assert ada.waits() == ["26 of 26 to be delivered (with the supplier)"]


def receive_the_first(eng: Desk) -> None:
    """Two boxes by scanner, which types and ends with Enter: each serial number, and the label that is put on it."""
    open_order(eng, "OCC")
    eng.press("Receive T16")
    eng.tick("We put a label on each: ask for it")
    eng.reach(eng.page.get_by_label("Serial number"))
    for number in (1, 2):
        eng.page.keyboard.type(f"SN{number:02}")
        eng.enter()
        eng.sees(f"Now scan or type the label of SN{number:02}")
        eng.page.keyboard.type(f"N-{number:02}")
        eng.enter()
        eng.sees(f"SN{number:02} is received")
    eng.sees("2 of 19 received, 17 still to come")


def begin(ada: Desk) -> None:
    ada.batch()
    ada.press("Begin swapping")
    ada.press("Begin swapping")
    assert ada.waits() == [
        "25 to be given a replacement (with the asset manager)",
        "24 of 26 to be delivered (with the supplier)",
    ]


def receive_the_rest(eng: Desk) -> None:
    """The county's by the supplier's sheet, of which one is dead on arrival; the district's from the clipboard."""
    open_order(eng, "OCC")
    eng.press("Receive by despatch sheet")
    boxes = [(f"SN{at:02}", f"N-{at:02}", "") for at in range(3, 19)]
    sheet = a_csv(("Serial number", "Asset tag", "DOA"), *boxes, ("SN19", "", "yes"))
    eng.page.get_by_label("Despatch sheet").set_input_files(
        {"name": "despatch.csv", "mimeType": "text/csv", "buffer": sheet.read()}
    )
    eng.press("Upload")
    eng.press("Go on to the columns")
    eng.press("Save and go on")
    eng.press("Import 17 rows")
    run(Job.objects.latest("pk").pk)
    eng.sees("17 despatched boxes imported: 17 created, 0 updated.")
    open_order(eng, "OCC")
    eng.sees("18 of 19 received, 1 dead on arrival")

    open_order(eng, "CDC")
    eng.press("Receive T16")
    eng.open("Many at once")
    eng.write("Many at once (optional)", "\n".join(f"SN{at},M-{at}" for at in range(21, 28)))
    eng.press("Receive all of them")
    eng.sees("7 of 7 received")


def open_order(eng: Desk, code: str) -> None:
    eng.go("/refresh/orders/")
    eng.press(next(row[0] for row in eng.rows("Orders") if row[1] == code))


def allocate(ada: Desk, dee: Desk) -> None:
    ada.together(
        "25 to be given a replacement", "Choose these 18 that are confirmed", "Allocate a replacement"
    )
    dee.together("7 to be given a replacement", "Choose all 7 that are confirmed", "Allocate a replacement")
    ada.batch()
    ada.press("25 to be swapped")
    ada.tick("Choose O-19")
    ada.press("Defer")
    ada.write("Reason", "Long absence")
    ada.write("Deferred until", "1/9/2027")
    ada.press("Defer")
    assert ada.said() == [
        "27 of 27 reviewed",
        "25 of 26 received",
        "24 of 24 allocated",
        "0 of 24 deployed",
        "3 of 27 ended",
    ]


def destroy(keeper: Desk, tag: str, left: int) -> None:
    keeper.batch()
    keeper.press(f"{left} could not be wiped: to be destroyed")
    keeper.tick(f"Choose {tag}")
    keeper.press("Destroy")
    keeper.write("Number of the certificate", f"D-{tag}")
    keeper.press("Destroy")
    keeper.sees("1 asset: destroyed")


def consign(keeper: Desk, left: int, sold: int, donated: int, income: str) -> None:
    """It closes when what was scanned out, the certificate and the consignment note say the same."""
    keeper.batch()
    keeper.press(f"{left} wiped: to be sold, donated, recycled or put back into stock")
    tags = [row[1] for row in keeper.rows("Wiped") if row[0] != "–"]
    assert len(tags) == sold + donated
    keeper.go("/refresh/disposals/")
    keeper.press("New consignment")
    keeper.select("Council", keeper.council)
    keeper.write("Firm", "Clear IT")
    keeper.press("Begin it")
    keeper.write("Tags or serial numbers", "\n".join(tags))
    keeper.press("Put it in")
    keeper.sees(f"What is in it: {len(tags)}")
    keeper.press("Say that it was collected")
    for label, value in PAPERS.items():
        keeper.write(f"{label} (optional)", value)
    keeper.write("Items on the note (optional)", str(len(tags)))
    keeper.write("What the firm pays, excluding VAT (optional)", income)
    keeper.select("DIAL rating (optional)", "2")
    keeper.press("Say that it was collected")

    lines = [f"{tag}\tR-{tag}\t{'resold' if at < sold else 'donated'}" for at, tag in enumerate(tags)]
    certify(keeper, lines[1:])
    keeper.sees("The lists do not agree")
    assert keeper.page.get_by_role("button", name="Close").count() == 0
    certify(keeper, lines)
    keeper.sees("What was scanned out, the certificate and the consignment note agree.")
    keeper.press("Close: everything in it leaves the register")
    keeper.sees("is closed, and everything in it has left the register")


def certify(keeper: Desk, lines: list[str]) -> None:
    keeper.press("Take in the certificate")
    keeper.reach(keeper.page.get_by_label("Lines of the certificate"))
    keeper.page.keyboard.insert_text("\n".join(lines))
    keeper.press("Take it in")
