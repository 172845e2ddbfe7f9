"""The names that a register's sheet uses, found among our sites, departments, makers, models and people.

Places and people are looked for in the import's council alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.db.models import Model

from assets.register.models import AssetModel, Manufacturer, Supplier
from assets.register.sheet_uplinks import give_keys
from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import record
from servicedesk.people.models import Council, Department, Person, Site
from servicedesk.spreadsheets.applying import GoodRow
from servicedesk.spreadsheets.council_names import department_names, people_names, site_names
from servicedesk.spreadsheets.headers import normalise
from servicedesk.spreadsheets.kinds import Ask, Name
from servicedesk.spreadsheets.matching import look_up
from servicedesk.spreadsheets.staging import Check, StagedRow, fold

MODELS, NEW_MAKERS, NEW_SITES, NEW_SUPPLIERS = "asset-models", "manufacturers", "sites", "suppliers"
"""What a sheet may create, where that is allowed."""
BOTH_IN_ONE = ("make and model", "make/model", "make model", "make & model")
Known = dict[str, tuple[int, str]]


def find_places(rows: Sequence[StagedRow], check: Check) -> None:
    """Sites and departments by their names."""
    for name, model, kind in (("site", Site, NEW_SITES), ("department", Department, "departments")):
        known = check.once(kind, partial(known_names, model, council=check.council))
        look_up(rows, name, known, check, kind)


def find_suppliers(rows: Sequence[StagedRow], check: Check, name: str = "supplier") -> None:
    """Suppliers by their names; all councils share them."""
    look_up(rows, name, check.once(NEW_SUPPLIERS, partial(known_names, Supplier)), check, NEW_SUPPLIERS)


def known_names(model: type[Model], **narrowed: Any) -> Known:
    held = model._default_manager.filter(**narrowed).values_list("pk", "name")
    return {fold(name): (pk, name) for pk, name in held}


def maker_names(council: Council, person: Person | None) -> Iterable[Name]:
    """The makers that all councils share."""
    return [Name(name, name) for name in Manufacturer.objects.order_by("name").values_list("name", flat=True)]


def model_names(council: Council, person: Person | None) -> Iterable[Name]:
    """The models that all councils share, each with its maker."""
    held = AssetModel.objects.order_by("manufacturer__name", "name").values_list("manufacturer__name", "name")
    return [Name(f"{maker} {name}", name, maker) for maker, name in held]


def supplier_names(council: Council, person: Person | None) -> Iterable[Name]:
    """The suppliers that all councils share."""
    return [Name(name, name) for name in Supplier.objects.order_by("name").values_list("name", flat=True)]


ASKS = (
    Ask("site", site_names, NEW_SITES),
    Ask("department", department_names, "departments"),
    Ask("manufacturer", maker_names, MODELS),
    Ask("model", model_names, MODELS, beside=("manufacturer", "category")),
    Ask("holder", people_names, also=("holder_email",)),
    Ask("supplier", supplier_names, NEW_SUPPLIERS),
)


def find_holders(rows: Iterable[StagedRow], check: Check) -> None:
    """People of the council by e-mail, else by a name that only one of them has; anybody else is [None, name]."""
    by_email, by_name = check.once("people", partial(_people, check.council))
    for row in rows:
        email, name = row.values.pop("holder_email", None), row.values.pop("holder", None)
        if email is None and name is None:
            continue
        namesakes = by_name.get(fold(name or ""), ())
        found = by_email.get(fold(email or name or ""))
        found = found or (namesakes[0] if len(namesakes) == 1 else None)
        if found:
            row.values["holder"] = found
        else:
            row.values["holder"] = [None, name or email]


def _people(council: Council) -> tuple[dict[str, list], dict[str, list[list]]]:
    by_email, by_name = {}, defaultdict(list)
    held = Person.objects.filter(council=council)
    for pk, email, name in held.values_list("pk", "email", "display_name"):
        by_email[fold(email or "")] = [pk, name]
        by_name[fold(name)].append([pk, name])
    return by_email, by_name


class Catalogue:
    """The makers and models that we know; shared by all councils."""

    def __init__(self) -> None:
        self.makers = known_names(Manufacturer)
        self.models: dict[tuple[str, str], list] = {}
        self.by_name: defaultdict[str, list[list]] = defaultdict(list)
        held = AssetModel.objects.values_list(
            "pk", "name", "manufacturer_id", "manufacturer__name", "category"
        )
        for model in map(list, held):
            self.models[fold(str(model[3])), fold(str(model[1]))] = model
            self.by_name[fold(str(model[1]))].append(model)

    def split(self, written: str, is_both: bool) -> tuple[str, str]:
        """A text that may begin with the maker, as (maker or "", model)."""
        words = written.split()
        for count in range(len(words) - 1, 0, -1):
            if fold(" ".join(words[:count])) in self.makers:
                return " ".join(words[:count]), " ".join(words[count:])
        return (words[0], " ".join(words[1:])) if is_both and len(words) > 1 else ("", written)

    def find(self, maker: str, written: str, is_both: bool) -> tuple[str, str, list | None]:
        """The maker, the model's name, and the model where we know it."""
        namesakes = self.by_name.get(fold(written), ())
        if not maker and len(namesakes) == 1:
            return namesakes[0][3], namesakes[0][1], namesakes[0]
        own, name = self.split(written, is_both)
        if maker and fold(own) != fold(maker):
            name = written
        maker = maker or own
        return maker, name, self.models.get((fold(maker), fold(name)))


def find_catalogue(rows: Iterable[StagedRow], check: Check) -> None:
    """Makers and models, also where one cell names both."""
    catalogue = check.once("catalogue", Catalogue)
    is_both = normalise(check.headings.get("model", "")) in BOTH_IN_ONE
    answers: dict[tuple[str, str], tuple] = {}
    for row in rows:
        written = row.values.pop("manufacturer", ""), row.values.pop("model", "")
        if not any(written):
            continue
        if written not in answers:
            maker, name, model = catalogue.find(*written, is_both) if written[1] else (written[0], "", None)
            new_model = bool(written[1]) and check.may_create(MODELS, "model", written[1])
            new_maker = new_model or check.may_create(MODELS, "manufacturer", maker)
            answers[written] = (maker, name, catalogue.makers.get(fold(maker)), model), new_maker, new_model
        answer, new_maker, new_model = answers[written]
        _set_maker(row, written[0], answer, check, new_maker)
        _set_model(row, written[1], answer, check, new_model)


def _set_maker(row: StagedRow, written: str, answer: tuple, check: Check, may_create: bool) -> None:
    maker, _, found, _ = answer
    if found:
        if written:
            row.values["manufacturer"] = list(found)
    elif maker and may_create:
        row.values["manufacturer"] = [None, maker]
    elif written:
        check.problem(row, "manufacturer", "look_up_unknown", written)


def _set_model(row: StagedRow, written: str, answer: tuple, check: Check, may_create: bool) -> None:
    """A model is [id, name, maker's id, maker's name, category]; a new one needs a maker and a category."""
    maker, name, maker_found, model = answer
    category = row.values.get("category", "")
    if model:
        row.values["model"] = model
    elif written and may_create and maker and category:
        pk, reads = maker_found or (None, maker)
        row.values["model"] = [None, name, pk, reads, category]
    elif written:
        check.problem(row, "model", "look_up_unknown", written)


def complete(rows: Sequence[GoodRow], deed: ChangeSet, council: Council) -> None:
    """Create the sites, departments, makers and models that rows name, where that was allowed."""
    for name, model in (("site", Site), ("department", Department)):
        values = [row.values[name] for row in rows if name in row.values]
        create_named(values, deed, model, council=council)
    models = [row.values["model"] for row in rows if "model" in row.values]
    makers = [row.values["manufacturer"] for row in rows if "manufacturer" in row.values]
    named = [[None, value[3]] for value in models if value[0] is None]
    create_named(makers + named, deed, Manufacturer)
    _create_models([value for value in models if value[0] is None], deed)
    create_suppliers(rows, deed, "supplier")
    give_keys(rows, "uplink", ("hostname", "asset_tag"))


def create_suppliers(rows: Sequence[GoodRow], deed: ChangeSet, name: str) -> None:
    """Create the suppliers that rows name in this field, where that was allowed."""
    create_named([row.values[name] for row in rows if name in row.values], deed, Supplier)


def create_named(values: Iterable[list], deed: ChangeSet, model: type[Model], **given: Any) -> None:
    """Give every new name a row of its own, and every value its key."""
    wanted, known = [value for value in values if value[0] is None], known_names(model, **given)
    new: dict[str, Model] = {}
    for _, name in wanted:
        if fold(name) not in known:
            new.setdefault(fold(name), model(name=name, **given))
    if new:
        record(deed, model._default_manager.bulk_create(new.values()))
        known = known_names(model, **given)
    for value in wanted:
        value[0] = known[fold(value[1])][0]


def _create_models(values: Iterable[list], deed: ChangeSet) -> None:
    makers = {fold(maker.name): maker for maker in Manufacturer.objects.all()}
    held = AssetModel.objects.values_list("manufacturer__name", "name", "pk")
    known = {(fold(maker), fold(name)): pk for maker, name, pk in held}
    new = {
        (fold(value[3]), fold(value[1])): AssetModel(
            manufacturer=makers[fold(value[3])], name=value[1], category=value[4]
        )
        for value in values
        if (fold(value[3]), fold(value[1])) not in known
    }
    AssetModel.objects.bulk_create(new.values())
    record(deed, new.values())
    known |= {key: model.pk for key, model in new.items()}
    for value in values:
        value[0] = known[fold(value[3]), fold(value[1])]
