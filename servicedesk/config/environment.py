"""Reading the environment: every missing or odd value stops the start with an instruction."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DEMO_FILE = BASE_DIR / ".env"
WEAKEST_KEY = 50

DEMO_SETTINGS = """\
# Written by `manage.py demo`, for trying the product out on this machine alone. Delete it to begin afresh.
ENVIRONMENT=demo
SECRET_KEY={key}
"""


def prepare_demo() -> None:
    """Give a fresh checkout a key of its own, unless somebody has configured it already."""
    if not DEMO_FILE.exists() and "SECRET_KEY" not in os.environ:
        DEMO_FILE.write_text(DEMO_SETTINGS.format(key=secrets.token_urlsafe(64)))
        DEMO_FILE.chmod(0o600)


def required(env, name: str, why: str) -> str:
    """The value of a setting that has no safe default."""
    value = env.str(name, "").strip()
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. {why} To try the product out, run `make demo`, which needs no settings."
        )
    return value


def secret_key(env) -> str:
    """A key that nobody could guess: long, varied, and not the one of an example."""
    key = required(env, "SECRET_KEY", "Set it to a long random text, the same on every machine of this site.")
    if len(key) < WEAKEST_KEY or len(set(key)) < 10 or key.startswith("django-insecure"):
        raise ImproperlyConfigured(
            f"SECRET_KEY is weak. Use at least {WEAKEST_KEY} random characters, for example the output of "
            '`python -c "import secrets; print(secrets.token_urlsafe(64))"`.'
        )
    return key


def one_of(env, name: str, choices: tuple[str, ...], default: str) -> str:
    """A setting with a few possible values."""
    value = env.str(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}. It must be one of: {', '.join(choices)}.")
    return value


def whole_number(env, name: str, default: int, *, least: int = 0) -> int:
    """A number of seconds, rows or bytes."""
    text = env.str(name, str(default))
    if not text.isdigit() or int(text) < least:
        raise ImproperlyConfigured(f"{name} is {text!r}. It must be a whole number of at least {least}.")
    return int(text)


def refuse_debug_in_production(environment: str, debug: bool) -> None:
    """Debug pages show settings and source to whoever makes a page fail."""
    if debug and environment == "production":
        raise ImproperlyConfigured(
            "DEBUG is on. It shows secrets to strangers: unset it, or set ENVIRONMENT=demo."
        )
