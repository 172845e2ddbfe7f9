"""What sources tell of models, put beside what we know: set where nothing is known, renewed where it is newer.

A value that a person has entered, or emptied, stays as it is, and so does one from another source, unless told
otherwise. Where a source tells two values of one model, neither is taken.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError

from assets.register.keeping import add_model, change_model, with_source
from assets.register.models import AssetModel, Known, Manufacturer
from assets.register.reference.matching import Catalogue, Match, maker_key, tokens
from assets.register.reference.planning import Action, Line, Value
from assets.register.reference.shapes import Device, Offer, Options, Refused
from servicedesk.history.models import Change

KIND = "model"
SAME, OLDER = "the same already", "older than what we have"
BY_HAND, ELSEWHERE = "entered by a person", "from another source"
UNSOURCED = "there already, without a source"
DISAGREES = "the file says several things of it"


def plan_models(devices: list[Device], options: Options) -> list[Line]:
    """What becomes of each device of the files."""
    catalogue = Catalogue()
    lines: list[Line] = []
    about: dict[int, list[tuple[Device, Match]]] = defaultdict(list)
    new: dict[tuple[str, frozenset[str]], list[Device]] = defaultdict(list)
    for device in devices:
        match = catalogue.find(device)
        if len(match.models) == 1:
            about[match.models[0].pk].append((device, match))
        elif not match.models and device.is_type and options.category:
            new[maker_key(device.maker), tokens(device.name, device.maker)].append(device)
        else:
            lines.append(_unclear(device, match, catalogue))
    hands = _entered_by_people(about)
    lines += [_about_one(pairs, hands.get(key, set()), options) for key, pairs in about.items()]
    return [*lines, *(_new(found, catalogue, options) for found in new.values())]


def _unclear(device: Device, match: Match, catalogue: Catalogue) -> Line:
    name = f"{device.maker} {device.name}"
    if match.models:
        fitting = ", ".join(map(str, match.models))
        return Line(Action.AMBIGUOUS, KIND, name, device.where, f"{match.why} fit several: {fitting}")
    if near := catalogue.near(device):
        why = f"near to {', '.join(map(str, near))}, but not the same"
        return Line(Action.AMBIGUOUS, KIND, name, device.where, why)
    return Line(Action.UNMATCHED, KIND, name, device.where, "none of our models")


def _about_one(pairs: list[tuple[Device, Match]], hands: set[str], options: Options) -> Line:
    """What becomes of the model that all of these are about."""
    model, why = pairs[0][1].models[0], pairs[0][1].why
    where = ", ".join(dict.fromkeys(device.where for device, _ in pairs))
    values: dict[str, Any] = {}
    sources: dict[str, Offer] = {}
    told: list[Value] = []
    for name, offers in _by_value(pairs).items():
        offer = _newest(offers)
        verdict = _verdict(model, name, offer, name in hands, options) if offer else DISAGREES
        shown = offer.value if offer else " or ".join(sorted({str(one.value) for one in offers}))
        told.append(Value(name, _in_words(model, name), _as_words(shown), verdict))
        if offer and not verdict:
            values[name], sources[name] = offer.value, offer
    part = next((device.part_number for device, _ in pairs if device.part_number), "")
    if part and part != model.part_number:
        taken = not model.part_number or options.overwrite
        told.append(Value("part_number", model.part_number, part, "" if taken else UNSOURCED))
        values |= {"part_number": part} if taken else {}
    action = Action.CHANGE if values else _why_not(told)
    write = (lambda: _change(model, where, values, sources)) if values else None
    return Line(action, KIND, f"{model.manufacturer} {model}", where, why, tuple(told), write)


def _by_value(pairs: list[tuple[Device, Match]]) -> dict[str, list[Offer]]:
    offers: dict[str, list[Offer]] = defaultdict(list)
    for device, _ in pairs:
        for name, offer in device.offers.items():
            offers[name].append(offer)
    return offers


def _newest(offers: list[Offer]) -> Offer | None:
    """The offer that was checked last, None where those do not agree."""
    latest = max(offer.checked for offer in offers)
    found = {offer for offer in offers if offer.checked == latest}
    return found.pop() if len(found) == 1 else None


def _verdict(model: AssetModel, name: str, offer: Offer, by_hand: bool, options: Options) -> str:
    """Why the offer is not taken, or nothing where it is."""
    said = model.said(name)
    known = Known.NOT_ANNOUNCED if offer.value is None else Known.DATE
    same = (said.value, said.known) == (offer.value, known)
    if same and said.source == offer.source and said.checked and offer.checked <= said.checked:
        return SAME
    if options.overwrite:
        return ""
    if by_hand:
        return BY_HAND
    if said.known == Known.UNKNOWN:
        return ""
    if said.source != offer.source:
        return ELSEWHERE if said.source else UNSOURCED
    return OLDER if said.checked and offer.checked < said.checked else ""


def _why_not(told: Iterable[Value]) -> Action:
    """What is said of a model of which nothing changes: the gravest of what is said of its values."""
    reasons = {value.why for value in told}
    if DISAGREES in reasons:
        return Action.AMBIGUOUS
    return Action.KEPT if reasons & {BY_HAND, ELSEWHERE, UNSOURCED} else Action.LEAVE


def _change(model: AssetModel, where: str, values: dict[str, Any], sources: dict[str, Offer]) -> None:
    for name, offer in sources.items():
        announced = offer.value is not None
        model.sources = with_source(model, name, offer.source, offer.checked, announced=announced)
    try:
        change_model(model, by=None, version=model.version, sources=model.sources, **values)
    except ValidationError as error:
        raise Refused(f"{where}: {model} is refused: {' '.join(error.messages)}.") from error


def _new(devices: list[Device], catalogue: Catalogue, options: Options) -> Line:
    """A device type that none of our models is."""
    first, where = devices[0], ", ".join(device.where for device in devices)
    name, why = f"{first.maker} {first.name}", f"none of our models, category {options.category}"
    if len({(device.part_number, tuple(device.offers.items())) for device in devices}) > 1:
        return Line(Action.AMBIGUOUS, KIND, name, where, DISAGREES)
    maker = catalogue.makers.get(maker_key(first.maker)) or Manufacturer(name=first.maker)
    offers = {each: offer.value for each, offer in first.offers.items()}
    model = AssetModel(
        manufacturer=maker,
        name=first.name,
        part_number=first.part_number,
        category=options.category,
        **offers,
    )
    for each, offer in first.offers.items():
        model.sources = with_source(model, each, offer.source, offer.checked)
    told = tuple(
        Value(each, "", _as_words(value))
        for each, value in {"part_number": first.part_number, **offers}.items()
    )
    return Line(Action.CREATE, KIND, name, where, why, told, lambda: _add(model, where))


def _add(model: AssetModel, where: str) -> None:
    try:
        add_model(model, by=None)
    except ValidationError as error:
        raise Refused(f"{where}: {model} is refused: {' '.join(error.messages)}.") from error


def _entered_by_people(keys: Iterable[int]) -> dict[int, set[str]]:
    """By model: the values that a person wrote last, one that they emptied among them."""
    changes = Change.objects.filter(kind=AssetModel._meta.label_lower, object_id__in=list(keys))
    last: dict[int, dict[str, bool]] = defaultdict(dict)
    for key, fields, by in changes.order_by("id").values_list("object_id", "fields", "change_set__by_id"):
        last[key].update(dict.fromkeys(fields, by is not None))
    return {key: {name for name, by_hand in found.items() if by_hand} for key, found in last.items()}


def _in_words(model: AssetModel, name: str) -> str:
    said = model.said(name)
    return "not known" if said.known == Known.UNKNOWN else _as_words(said.value)


def _as_words(value: Any) -> str:
    return "not announced" if value is None else str(value)
