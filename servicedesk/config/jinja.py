"""The environment of our templates: a name that does not exist is an error, in every one of them."""

import json
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django_htmx.jinja import htmx_script
from jinja2 import Environment, StrictUndefined

from servicedesk import wording
from servicedesk.config.components import component
from servicedesk.config.forms import error_prefix, error_summary, fields
from servicedesk.config.shell import PRODUCT

# htmx may neither evaluate text nor write styles, which the content policy forbids; a refusal with words is shown.
HTMX_CONFIG = {
    "includeIndicatorStyles": False,
    "allowEval": False,
    "allowScriptTags": False,
    "historyCacheSize": 0,
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        {"code": "409|422", "swap": True},
        {"code": "[45]..", "swap": False, "error": True},
    ],
}
FILTERS = (
    wording.day,
    wording.weekday,
    wording.short_day,
    wording.clock,
    wording.moment,
    wording.deadline,
    wording.short_moment,
    wording.iso,
    wording.duration,
    wording.number,
    wording.money,
    wording.percent,
    wording.file_size,
    wording.counted,
)


def environment(**options: Any) -> Environment:
    """What Django's Jinja2 backend asks for."""
    options |= {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    made = Environment(**options)  # noqa: S701 - Django's backend asks for escaping
    made.globals.update(
        product=PRODUCT,
        htmx_config=json.dumps(HTMX_CONFIG),
        url=url,
        static=static,
        component=component,
        error_prefix=error_prefix,
        error_summary=error_summary,
        fields=fields,
        htmx_script=htmx_script,
    )
    made.filters.update({said.__name__: said for said in FILTERS})
    return made


def url(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a named page; a wrong name raises NoReverseMatch."""
    return reverse(name, args=args, kwargs=kwargs)
