"""Bank holidays in the shape of GOV.UK: those of England and Wales."""

from datetime import date

from assets.register.reference.files import Content
from assets.register.reference.shapes import GOV_UK, Holiday, Loaded, Refused, day, text

OURS = "england-and-wales"


def read_holidays(content: Content, checked: date | None) -> Loaded:
    """The bank holidays of a file. Raises Refused."""
    loaded = Loaded(content.path, content.kind, GOV_UK, checked or content.written)
    tree = content.tree
    divisions = [tree] if "division" in tree else [one for one in tree.values() if isinstance(one, dict)]
    for division in divisions:
        if division.get("division") != OURS:
            other = text(division.get("division"), content.name, "a division", 60)
            loaded.notes.append(f"{content.name}: the bank holidays of {other} are not ours, and left out.")
            continue
        events = division.get("events")
        if not isinstance(events, list):
            raise Refused(f"{content.name}: the events of {OURS} are not a list.")
        for place, event in enumerate(events, 1):
            loaded.rows.append(_holiday(loaded, f"{content.name}, event {place}", event))
    return loaded


def _holiday(loaded: Loaded, where: str, event: object) -> Holiday:
    if not isinstance(event, dict):
        raise Refused(f"{where}: it is not written as a bank holiday.")
    found = day(event.get("date"), where, "the date")
    if found is None:
        raise Refused(f"{where}: the date is missing.")
    return Holiday(where, found, text(event.get("title"), where, "the title", 60), GOV_UK, loaded.checked)
