"""Which of our models a source speaks of: by maker and part number, or by maker and the words of the name.

The words must be the same, in any order. A model that shares some of them is shown as near, and never taken.
"""

import re
import unicodedata
from collections import defaultdict
from typing import NamedTuple

from assets.register.models import AssetModel, Manufacturer
from assets.register.reference.shapes import Device

WORD = re.compile(r"\d+\.\d+|[a-z0-9]+\+?")
SAME_MAKER = {
    "hewlett packard": "hp",
    "hewlett packard enterprise": "hpe",
    "hp enterprise": "hpe",
    "aruba hpe": "aruba",
}
LEGAL = {
    *("inc", "incorporated", "ltd", "limited", "plc", "corp", "corporation", "co", "company", "gmbh", "llc"),
    *("systems", "technologies", "networks", "electronics", "international"),
}
"""Words of a maker's name that are left off as often as not."""
NOISE = {"notebook", "pc", "monitor"}
"""Words of a model's name that tell nothing which its other words do not."""
MOST_NEAR = 5


class Match(NamedTuple):
    """The models that fit, and by what."""

    models: list[AssetModel]
    why: str


def maker_key(name: str) -> str:
    """A maker's name without what is left off as often as not."""
    words = _words(name)
    left = " ".join([word for word in words if word not in LEGAL] or words)
    return SAME_MAKER.get(left, left)


def tokens(name: str, maker: str) -> frozenset[str]:
    """The words of a model's name, without those of its maker."""
    words, of_maker = set(_words(name)), {*_words(maker), *maker_key(maker).split()}
    return frozenset(words - of_maker - NOISE or words - of_maker or words)


def _words(name: str) -> list[str]:
    return WORD.findall(unicodedata.normalize("NFKC", name).casefold())


def _number(text: str) -> str:
    return "".join(_words(text))


class Catalogue:
    """Our models, read once, to be found by what sources call them."""

    def __init__(self) -> None:
        self.by_number: dict[tuple[str, str], list[AssetModel]] = defaultdict(list)
        self.by_words: dict[tuple[str, frozenset[str]], list[AssetModel]] = defaultdict(list)
        self.of_maker: dict[str, list[tuple[frozenset[str], AssetModel]]] = defaultdict(list)
        self.makers = {maker_key(maker.name): maker for maker in Manufacturer.objects.order_by("-pk")}
        for model in AssetModel.objects.select_related("manufacturer").order_by("pk"):
            maker, words = maker_key(model.manufacturer.name), tokens(model.name, model.manufacturer.name)
            self.by_words[maker, words].append(model)
            self.of_maker[maker].append((words, model))
            for number in {_number(model.part_number), _number(model.model_number)} - {""}:
                self.by_number[maker, number].append(model)

    def find(self, device: Device) -> Match:
        """The models that it is about: one where it is clear, several where it is not, none where we have none."""
        maker = maker_key(device.maker)
        for number in device.numbers:
            if found := self.by_number.get((maker, _number(number))):
                return Match(found, f"maker {found[0].manufacturer} and part or model number {number}")
        found = self.by_words.get((maker, tokens(device.name, device.maker)), [])
        if not found and device.part_number:
            found = self.by_words.get((maker, tokens(device.part_number, device.maker)), [])
        words = " ".join(sorted(tokens(found[0].name, device.maker))) if found else ""
        return Match(found, f"maker {found[0].manufacturer} and the words {words}" if found else "")

    def near(self, device: Device) -> list[AssetModel]:
        """Models whose words are some of its words, or the other way round, one with a figure among them."""
        words = tokens(device.name, device.maker)
        return [
            model
            for ours, model in self.of_maker.get(maker_key(device.maker), [])
            if (ours < words or words < ours) and any(any(map(str.isdigit, word)) for word in ours & words)
        ][:MOST_NEAR]
