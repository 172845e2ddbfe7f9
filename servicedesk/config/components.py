"""The GOV.UK components, behind one function.

They read optional keys, so they live in an environment of their own, where a missing one is nothing; it is made once,
because compiling a macro costs hundreds of times as much as calling it.
"""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any

from django.utils.functional import Promise
from jinja2 import Environment, PackageLoader, PrefixLoader
from markupsafe import Markup

PACKAGE = "govuk_frontend_jinja"


def component(name: str, params: Mapping[str, Any]) -> Markup:
    """A component, named and fed as its own documentation says: component("inset-text", {"text": "…"}).

    A name that does not exist raises TemplateNotFound. What stands under `text` is escaped; under `html` it is not.
    The same parameters give the same markup, so what was made lately is not made again.
    """
    return _made(name, _Fed(params))


class _Fed:
    """What a component is fed, as something that a cache can compare: by value, and by type of each value."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        self.params = params
        self.frozen = _frozen(params)
        self.hash = hash(self.frozen)

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Fed) and self.frozen == other.frozen


def _frozen(value: Any) -> Any:
    """Markup differs from the same text, which is escaped, and 1 from True; a lazy text is what it says now."""
    if type(value) is str:  # most are, and asking it first costs least
        return value
    if isinstance(value, Mapping):
        return (*value, *map(_frozen, value.values()))
    if isinstance(value, list | tuple):
        return (list, *map(_frozen, value))
    return type(value), str(value) if isinstance(value, Promise) else value


@lru_cache(maxsize=1000)
def _made(name: str, fed: _Fed) -> Markup:
    return _macro(name)(fed.params)


@cache
def _macro(name: str) -> Callable[[Mapping[str, Any]], Markup]:
    template = _environment().get_template(f"{PACKAGE}/components/{name}/macro.html")
    return getattr(template.module, "govuk" + name.title().replace("-", ""))


@cache
def _environment() -> Environment:
    loader = PrefixLoader({PACKAGE: PackageLoader(PACKAGE)})
    return Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
