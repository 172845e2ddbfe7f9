"""The GOV.UK components, behind one function.

They read optional keys, so they live in an environment of their own, where a missing one is nothing; it is made once,
because compiling a macro costs hundreds of times as much as calling it.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, PrefixLoader
from markupsafe import Markup

PACKAGE = "govuk_frontend_jinja"


def component(name: str, params: Mapping[str, Any]) -> Markup:
    """A component, named and fed as its own documentation says: component("inset-text", {"text": "…"}).

    A name that does not exist raises TemplateNotFound. What stands under `text` is escaped; under `html` it is not.
    """
    return _macro(name)(params)


@cache
def _macro(name: str) -> Callable[[Mapping[str, Any]], Markup]:
    template = _environment().get_template(f"{PACKAGE}/components/{name}/macro.html")
    return getattr(template.module, "govuk" + name.title().replace("-", ""))


@cache
def _environment() -> Environment:
    loader = PrefixLoader({PACKAGE: PackageLoader(PACKAGE)})
    return Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
