"""Device types in NetBox's shape: a part number, and the power that one draws where that is said without doubt."""

from datetime import date
from decimal import Decimal
from typing import Any

from assets.register.reference.files import Content
from assets.register.reference.shapes import NETBOX, Device, Loaded, Offer, Refused, number, rounded, text

MOST_WATTS, MOST_PORTS = Decimal(100_000), 100


def read_device_type(content: Content, checked: date | None) -> Loaded:
    """The device type of a file. Raises Refused."""
    loaded = Loaded(content.path, content.kind, NETBOX, checked or content.written)
    tree, where = content.tree, content.name
    part = text(tree.get("part_number"), where, "part_number", 60, needed=False)
    watts = _watts(loaded, where, tree.get("power-ports"))
    model = text(tree["model"], where, "model", 100)
    device = Device(
        where,
        text(tree["manufacturer"], where, "manufacturer", 100),
        model,
        {"watts": Offer(rounded(watts, 1), NETBOX, loaded.checked)} if watts else {},
        numbers=tuple(filter(None, (part, model))),
        part_number=part,
        is_type=True,
    )
    loaded.rows.append(device)
    return loaded


def _watts(loaded: Loaded, where: str, ports: Any) -> Decimal | None:
    """What it draws: what is allocated to its ports together; of a single port else the most that it draws.

    Of several ports whose shares are not said, it is not known whether they add up or stand in for one another.
    """
    if ports in (None, "", []):
        return None
    if not isinstance(ports, list) or not all(isinstance(port, dict) for port in ports):
        raise Refused(f"{where}: power-ports is not a list of ports.")
    if len(ports) > MOST_PORTS:
        raise Refused(f"{where}: power-ports has more than {MOST_PORTS} ports.")
    allocated = [number(port.get("allocated_draw"), where, "allocated_draw") for port in ports]
    said = [one for one in allocated if one is not None]
    if len(said) == len(ports):
        found: Decimal | None = sum(said, Decimal())
    elif len(ports) == 1:
        found = number(ports[0].get("maximum_draw"), where, "maximum_draw")
    else:
        loaded.notes.append(
            f"{where}: it has {len(ports)} power ports, of which it is not said what each draws."
        )
        return None
    if found is not None and not 0 < found < MOST_WATTS:
        loaded.notes.append(f"{where}: {found} watts cannot be, and are left out.")
        return None
    return found
