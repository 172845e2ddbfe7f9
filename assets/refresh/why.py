"""Why an asset is due: what makes it so, what competes with that and where each date comes from, and what would change
it."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from assets.refresh.estate_forecast import LEAVING, Basis
from assets.refresh.figures import Prices
from assets.refresh.forecast import (
    INFLATION,
    Driver,
    Due,
    Facts,
    bucket,
    due_of,
    overdue_months,
    year_of,
)
from assets.refresh.systems import Release
from assets.refresh.words import DRIVERS
from assets.register.lifecycle import TERMINAL
from assets.register.models import Asset, OperatingSystemRelease, Upgradeable
from servicedesk.people.access import may
from servicedesk.people.roles import Permission
from servicedesk.wording import counted, day, short_day

LONGER = 12
"""Months by which a useful life is tried longer."""


class Reason(NamedTuple):
    """One date that competes: what ends then, who says so, and whether it decides."""

    words: str
    on: date
    source: str
    decides: bool


@dataclass(frozen=True)
class Why:
    """All of it for one asset, as on a day."""

    asset: Asset
    basis: Basis
    as_at: date

    @cached_property
    def facts(self) -> Facts:
        return self.basis.facts(self.asset)

    @cached_property
    def due(self) -> Due:
        return due_of(self.facts)

    @cached_property
    def release(self) -> Release | None:
        return self.basis.release(self.asset.os_name, self.asset.os_version)

    @property
    def headline(self) -> str:
        """The driver first."""
        on = self.due.on
        if on is None:
            return "Nothing says when it has to be replaced"
        past = on < self.as_at
        match self.due.driver:
            case Driver.OS:
                return (
                    f"{self._system} unsupported since {day(on)}"
                    if past
                    else f"{self._system} is supported until {day(on)}"
                )
            case Driver.VENDOR:
                return f"Its maker {'supported' if past else 'supports'} it until {day(on)}"
            case Driver.LIFE:
                life = counted(self.facts.life_months or 0, "month")
                return f"Its useful life of {life} {'ended' if past else 'ends'} on {day(on)}"
        return f"Its warranty {'ended' if past else 'ends'} on {day(on)}"

    @property
    def planned(self) -> str:
        """In which financial year, and how late that is."""
        if self.due.on is None:
            return ""
        late = overdue_months(self.due.on, self.as_at)
        overdue = f", overdue by {counted(late, 'month')}" if late else ", overdue" if late == 0 else ""
        return f"Planned for {bucket(self.due.on, self.as_at)}{overdue}"

    @property
    def reasons(self) -> list[Reason]:
        """Earliest first; on one day in the order in which they name the asset."""
        return [
            Reason(DRIVERS[driver], on, self._source(driver), driver == self.due.driver)
            for driver, on in sorted(self.due.reasons.items(), key=lambda one: one[1])
        ]

    @property
    def changes(self) -> list[str]:
        """What would make it due at another time, or at any."""
        driver, facts = self.due.driver, self.facts
        found: list[str] = []
        if driver == Driver.OS:
            found.append(
                f"If it can take the next operating system, it is {self._then(os_upgradeable=True)}."
            )
            found += self._extended()
        elif driver == Driver.VENDOR:
            found.append(f"Without its maker’s date it would be {self._then(vendor_end_of_support=None)}.")
        elif driver == Driver.LIFE and facts.life_months is not None:
            longer = self._then(life_months=facts.life_months + LONGER)
            found.append(f"If its useful life were {LONGER} months longer, it would be {longer}.")
        elif driver == Driver.WARRANTY:
            found.append(
                f"If the end of the warranty did not count, it would be {self._then(warranty_counts=False)}."
            )
        return [*found, *self._gaps()]

    def cost(self, person) -> Decimal | None:
        """What replacing it costs in the year for which it is planned; None for who may not know."""
        asset = self.asset
        if self.due.on is None or not may(person, Permission.SEE_ASSET_MONEY, asset.council_id):
            return None
        prices = Prices([asset.council_id], year_of(self.as_at), INFLATION)
        return prices.unit(
            asset.council_id, asset.category, asset.model_id, year_of(max(self.due.on, self.as_at))
        )

    @property
    def _system(self) -> str:
        return f"{self.asset.os_name} {self.asset.os_version}".strip()

    def _then(self, **changed) -> str:
        """When it would be due, and by what, if something were otherwise."""
        then = due_of(replace(self.facts, **changed))
        if then.on is None or then.driver is None:
            return "due at no known time"
        since = "since" if then.on < self.as_at else "on"
        return f"due {since} {day(then.on)}: {_lowered(DRIVERS[then.driver])}"

    def _extended(self) -> list[str]:
        """That support can be bought beyond the end, where its maker sells it."""
        if not self.release or (self.asset.council_id, self.release.key) in self.basis.bought:
            return []
        until = OperatingSystemRelease.objects.get(pk=self.release.key).end_of_extended_support
        if until is None or until < self.as_at:
            return []
        return [
            f"Its maker sells support until {day(until)}: with it, it would be {self._then(os_end_of_support=until)}."
        ]

    def _gaps(self) -> list[str]:
        """What is not known, or only guessed, and would count."""
        asset, facts, found = self.asset, self.facts, []
        if self.due.start is None:
            found.append(
                "Enter when it was bought or came into service, or the end and months of its warranty."
            )
        elif self.due.estimated:
            found.append("When it came is worked out from its warranty. Enter the day to be sure.")
        if facts.life_months is None:
            found.append(f"Nobody has decided how long a {_lowered(asset.get_category_display())} lasts.")
        ended = facts.os_end_of_support
        if asset.os_upgradeable == Upgradeable.UNKNOWN and ended:
            stuck = self._then(os_upgradeable=False)
            found.append(f"Say whether it can take the next operating system: if it cannot, it is {stuck}.")
        if self._system and not self.release:
            found.append(f"“{self._system}” is no release whose end of support is known here.")
        return found

    def _source(self, driver: Driver) -> str:
        """Who says so, and when that was last looked at."""
        asset = self.asset
        if driver == Driver.OS and self.release:
            bought = self.basis.bought.get((asset.council_id, self.release.key))
            if bought:
                return "Support bought by the council"
            release = OperatingSystemRelease.objects.get(pk=self.release.key)
            return f"{release.source}, checked {short_day(release.checked_on)}: {release.name}"
        if driver == Driver.VENDOR and not asset.vendor_end_of_support and asset.model:
            said = asset.model.said("end_of_support")
            checked = f"checked {short_day(said.checked)}" if said.checked else ""
            return (
                ", ".join(filter(None, (said.source, checked))) or "The model; nobody says who announced it"
            )
        if driver == Driver.LIFE:
            return self._source_of_life()
        return "Written down for this asset"

    def _source_of_life(self) -> str:
        asset = self.asset
        if asset.in_service_date:
            began = f"in service {short_day(asset.in_service_date)}"
        elif asset.purchase_date:
            began = f"bought {short_day(asset.purchase_date)}"
        else:
            began = "when it came, by its warranty"
        if asset.model and asset.model.useful_life_months:
            decided = "its model"
        elif (asset.council_id, asset.category) in self.basis.policies:
            decided = "the council"
        else:
            decided = "the product’s default"
        return f"From {began}; {counted(self.facts.life_months or 0, 'month')} by {decided}"


def why(person, asset: Asset, as_at: date) -> Why | None:
    """Why it is due, for whoever reads the register; None for what nobody plans to replace."""
    if asset.state in (*TERMINAL, *LEAVING) or not may(person, Permission.SEE_ASSETS, asset.council_id):
        return None
    return Why(asset, Basis([asset.council_id]), as_at)


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
