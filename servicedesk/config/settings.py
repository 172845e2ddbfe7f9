"""One settings file for every place the product runs in.

What differs between places comes from the environment, or from a file `.env` beside manage.py. ENVIRONMENT says which
kind of place this is: `production` (the default, which refuses what is not safe), `demo` or `test`.
"""

from decimal import Decimal
from email.utils import parseaddr
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from servicedesk.config.enum_names import ENUM_NAMES
from servicedesk.config.environment import (
    BASE_DIR,
    DEMO_FILE,
    one_of,
    refuse_debug_in_production,
    required,
    secret_key,
    whole_number,
)
from servicedesk.config.slots import (  # noqa: F401 (settings are read by name)
    ASSET_CONSIGNED,
    ASSET_ENERGY,
    ASSET_KEPT,
    ASSET_MOVED,
    ASSET_PANELS,
    CALLER_SEARCH,
    DRAFT_OF,
    FORGET_DRAFTS,
    HELP_QUESTIONS,
    HOME_CARDS,
    HOOK_BODIES,
    LAPSED_SUPPLIERS,
    ORDER_CHECKS,
    PAST_ASSETS,
    POST,
    REPORTS,
    SAVED_LISTS,
    SEALED_REQUESTS,
    SEARCH_SOURCES,
    SEARCH_TEXTS,
    SPREADSHEET_KINDS,
    TAKEN_SINCE,
    TICKET_NEWS,
    TICKET_PANELS,
    TICKET_SIGHT,
    TOLD_ABOUT,
    UNDOABLE,
    UNDONE_WITH_ASSETS,
    UNSUPPORTED,
)

env = environ.Env()
if DEMO_FILE.exists():
    env.read_env(DEMO_FILE)

ENVIRONMENT = one_of(env, "ENVIRONMENT", ("production", "demo", "test"), "production")
PRODUCTION = ENVIRONMENT == "production"
SECRET_KEY = secret_key(env)
DEBUG = env.bool("DEBUG", False)
refuse_debug_in_production(ENVIRONMENT, DEBUG)

VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

# Where the site is reached. Mails carry links made from BASE_URL alone, never from a request's Host header.
if PRODUCTION:
    BASE_URL = required(
        env, "BASE_URL", "Set it to the address that people type, such as https://desk.example.gov.uk."
    )
    if not BASE_URL.startswith("https://"):
        raise ImproperlyConfigured(f"BASE_URL is {BASE_URL!r}. It must begin with https://.")
else:
    BASE_URL = env.str("BASE_URL", "http://127.0.0.1:8000")
ALLOWED_HOSTS = [BASE_URL.split("://", 1)[1].split("/")[0].split(":")[0]]
if not PRODUCTION:
    ALLOWED_HOSTS += ["127.0.0.1", "localhost", "testserver"]
CSRF_TRUSTED_ORIGINS = [BASE_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "rest_framework",
    "servicedesk.history",
    "servicedesk.people",
    "servicedesk.jobs",
    "servicedesk.files",
    "servicedesk.lists",
    "servicedesk.search",
    "servicedesk.catalogue",
    "servicedesk.service_levels",
    "servicedesk.notifications",
    "servicedesk.knowledge",
    "servicedesk.spreadsheets",
    "servicedesk.tickets",
    "servicedesk.portal",
    "servicedesk.reports",
    "assets.register",
    "assets.refresh",
    "assets.orders",
    "assets.disposal",
    "assets.batches",
    "servicedesk.administration",
    "api",
    "demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "servicedesk.config.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "servicedesk.history.middleware.SourceMiddleware",
    "servicedesk.config.middleware.explain_wrong_method",
]

ROOT_URLCONF = "servicedesk.config.urls"
WSGI_APPLICATION = "servicedesk.config.wsgi.application"

# Templates: ours are Jinja2, in folders named jinja2; Django's own language serves allauth and REST framework.
CONTEXT_PROCESSORS = [
    "django.contrib.messages.context_processors.messages",
    "django.template.context_processors.request",
    "servicedesk.config.shell.shell",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "servicedesk" / "jinja2"],
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "servicedesk.config.jinja.environment",
            "context_processors": CONTEXT_PROCESSORS,
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [*CONTEXT_PROCESSORS, "django.contrib.auth.context_processors.auth"]
        },
    },
]

FORM_RENDERER = "servicedesk.config.forms.GovukRenderer"

# Databases. SQLite out of the box, PostgreSQL 15 or later in production; the whole suite runs on both.
DATABASES = {"default": env.db_url("DATABASE_URL", f"sqlite:///{VAR_DIR / 'servicedesk.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
            "PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY"
        ),
    }
    # A file, because a database in memory has no write-ahead log and so behaves differently under two writers.
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / f"test-{env.str('TEST_DATABASE', 'suite')}.sqlite3"}
else:
    DATABASES["default"].update(CONN_MAX_AGE=None, CONN_HEALTH_CHECKS=True)
    # What a page reads points at a dozen tables, each by a key of its own. PostgreSQL would try every order of eight of
    # them, and compile what looks long, for ten times what the query itself takes.
    options = DATABASES["default"].setdefault("OPTIONS", {})
    options.setdefault("options", "-c join_collapse_limit=4 -c jit=off")
    DATABASES["default"]["TEST"] = {"NAME": f"test_servicedesk_{env.str('TEST_DATABASE', 'suite')}"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Counts of sign-in attempts must be the same in every web process, so they live in the database or in Redis.
if env.str("REDIS_URL", ""):
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": env.str("REDIS_URL"),
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}

# Sign-in
AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
if ENVIRONMENT == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Whether a role, or a place in a case group, waits until another administrator of that council agrees.
GRANTS_NEED_SECOND_ADMINISTRATOR = env.bool("GRANTS_NEED_SECOND_ADMINISTRATOR", False)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "servicedesk.people.sign_in.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "servicedesk.people.account_forms.LoginForm",
    "reset_password": "servicedesk.people.account_forms.ResetPasswordForm",
    "reset_password_from_key": "servicedesk.people.account_forms.ResetPasswordKeyForm",
    "change_password": "servicedesk.people.account_forms.ChangePasswordForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {"login_failed": "10/5m/ip,5/5m/key", "reset_password": "20/5m/ip,5/5m/key"}

# Sessions and cookies
SESSION_COOKIE_AGE = whole_number(env, "SESSION_SECONDS", 12 * 3600, least=60)
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = PRODUCTION
# What watches over the site asks the process itself, which speaks plain HTTP behind its proxy.
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
# Else everybody shares the proxy's address, and one stranger's wrong passwords would shut everybody out.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# Words, dates and times: stored in UTC, shown in the time of the councils.
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True

# Files
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "servicedesk" / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": env.str("FILES_DIR", str(VAR_DIR / "files"))},
    },
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
# A file that whatever backs up this site touches when it is done: its time is shown to administrators.
BACKUP_STAMP = env.str("BACKUP_STAMP", "")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
IMPORT_MAX_BYTES = whole_number(env, "IMPORT_MAX_BYTES", 50 * 1024 * 1024, least=1)
ATTACHMENT_MAX_BYTES = whole_number(env, "ATTACHMENT_MAX_BYTES", 25 * 1024 * 1024, least=1)
IMPORT_MAX_ROWS = whole_number(env, "IMPORT_MAX_ROWS", 200_000, least=1)

# Mail
vars().update(env.email_url("EMAIL_URL", "consolemail://"))
DEFAULT_FROM_EMAIL = env.str("FROM_EMAIL", "IT service desk <servicedesk@localhost>")
EMAIL_TIMEOUT = 20
MAIL_REPLY_TO = env.str("MAIL_REPLY_TO", DEFAULT_FROM_EMAIL)
MAIL_DOMAIN = parseaddr(DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]

# Webhooks lead to public addresses by https. A machine of one's own may be called where nothing is at stake.
WEBHOOK_ALLOW_PRIVATE = env.bool("WEBHOOK_ALLOW_PRIVATE", False)
if WEBHOOK_ALLOW_PRIVATE and PRODUCTION:
    raise ImproperlyConfigured(
        "WEBHOOK_ALLOW_PRIVATE is on. It lets webhooks reach into your own network: unset it."
    )

# Jobs: how many workers a machine has, how long a job may take, and how soon another takes over from a dead worker.
JOB_WORKERS = whole_number(env, "JOB_WORKERS", 1, least=1)
JOB_TIMEOUT_SECONDS = whole_number(env, "JOB_TIMEOUT_SECONDS", 900, least=1)
JOB_LEASE_SECONDS = whole_number(env, "JOB_LEASE_SECONDS", 20, least=1)
# What runs by itself: the dotted name of a function without arguments, and every how many minutes.
SCHEDULES: list[tuple[str, int]] = [
    ("servicedesk.jobs.running.end_abandoned", 1),
    ("servicedesk.files.storing.remove_orphans", 24 * 60),
    ("servicedesk.tickets.drafts.forget_old", 24 * 60),
    ("servicedesk.tickets.tasks.keep_deadlines", 1),
    ("servicedesk.tickets.reminding.remind", 60),
    ("servicedesk.administration.tasks.close_accounts", 1),
    ("servicedesk.notifications.tasks.send_each_minute", 1),
    ("servicedesk.history.answers.forget_answers", 60),
    ("servicedesk.spreadsheets.untold.catch_up", 1),
    ("servicedesk.search.later.catch_up", 1),
    ("assets.register.own_kit.remind", 24 * 60),
    ("assets.batches.inviting.invite_and_remind", 24 * 60),
    ("assets.batches.surveying.follow_up", 15),
    ("assets.disposal.chasing.keep_chasing", 24 * 60),
]

# The refresh: over how many pounds a council's approval of a batch names its decision.
BATCH_DECISION_OVER = Decimal("50000.00")

# API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.TokenAuthentication",
        "api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_PAGINATION_CLASS": "api.pages.CursorPages",
    "DEFAULT_FILTER_BACKENDS": ["api.filters.KnownFilters"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.problems.handle",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Service desk",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # Folded: drawn whole, the page takes a browser half a minute.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "docExpansion": "none", "defaultModelsExpandDepth": -1},
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_PATCH": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "api.documentation.add_refusals",
        "api.documentation.add_headers",
    ],
    "ENUM_NAME_OVERRIDES": ENUM_NAMES,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "WARNING")},
}
