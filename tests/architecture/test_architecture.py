"""The house stays as it was drawn: one order of apps, one door, no way up but the slots."""

import ast
import io

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor

from servicedesk.config.environment import BASE_DIR
from servicedesk.people.models import Site
from servicedesk.search.searching import matching
from tests.architecture.reading_code import (
    ORDER,
    PACKAGES,
    imports_inside_functions,
    loaders,
    long_functions,
    module_name,
    relative_imports,
    signals,
    source_files,
    tickets_opened,
    unscoped_queries,
    upward_names,
    upward_relations,
)

LONGEST_FILE, LONGEST_FUNCTION = 400, 40

# Who may import what a string names, and where the string comes from. Everybody else imports at the top.
MAY_LOAD = {
    "servicedesk.jobs.running": "a job's own function, written down by `enqueue`",
    "servicedesk.jobs.schedules": "the setting SCHEDULES",
    "servicedesk.history.taking_back": "the slots UNDOABLE and TAKEN_SINCE",
    "servicedesk.search.searching": "the slot SEARCH_SOURCES",
    "servicedesk.search.later": "the slot SEARCH_TEXTS",
    "servicedesk.lists.savable": "the slot SAVED_LISTS",
    "servicedesk.spreadsheets.kinds": "the slot SPREADSHEET_KINDS",
    "servicedesk.people.guarding": "the slot POST",
    "servicedesk.knowledge.views": "the slots DRAFT_OF and FORGET_DRAFTS",
    "servicedesk.tickets.lapsing": "the slot LAPSED_SUPPLIERS",
    "servicedesk.tickets.grounds": "the slot TICKET_SIGHT",
    "servicedesk.tickets.console": "the slot TICKET_PANELS",
    "servicedesk.tickets.news": "the slot TICKET_NEWS",
    "assets.register.known": "the slot ASSET_KEPT",
    "assets.register.equipment_figures": "the slot PAST_ASSETS",
    "assets.register.filters": "the slot UNSUPPORTED",
    "assets.register.sheets": "the slot ASSET_ENERGY",
    "assets.register.panels": "the slot ASSET_PANELS",
    "assets.register.workflow": "the slot ASSET_MOVED",
    "assets.orders.ordering": "the slot ORDER_CHECKS",
    "servicedesk.notifications.sending": "the slot TOLD_ABOUT",
    "servicedesk.notifications.delivering": "the slot HOOK_BODIES",
    "servicedesk.portal.asking": "the slot HELP_QUESTIONS",
    "servicedesk.portal.home": "the slot HOME_CARDS",
    "servicedesk.tickets.calling": "the slot CALLER_SEARCH",
    "servicedesk.reports.reports": "the slot REPORTS",
}
# Views that begin with all rows, and why nobody is to be kept from any of them.
OPEN_TO_ALL: dict[str, str] = {
    "servicedesk.config.views": "the colours of the councils are on the page of sign-in",
}
# Modules that listen to Django itself, and for what. Nothing of ours sends or hears a signal.
HEARS_DJANGO = {
    "servicedesk.search.apps": "the index of the search table is made whenever tables may have been rebuilt"
}
# Foreign keys that delete what points, and why that is meant.
DELETES_WITH: dict[str, str] = {
    "batches.lineorder.order_line": "what is taken off a draft is ordered for no batch",
    "spreadsheets.importrows.source": "the staged rows of a sheet are nothing without it",
    "spreadsheets.import.profile": "an import stays as it was mapped when the saved mapping is deleted",
}

SOURCES = [(module_name(path), (BASE_DIR / path).read_text()) for path in source_files()]
CODE = [(module, source) for module, source in SOURCES if ".migrations" not in module]
VIEWS = [
    (module, source)
    for module, source in CODE
    if "views" in module.split(".")[1:]
    or module.startswith("api.")
    and not module.startswith("api.management")
]


def found(check, modules=CODE, **options) -> list[str]:
    return [fault for module, source in modules for fault in check(module, source, **options)]


def our_models() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models()
        if model.__module__.split(".")[0] in ("servicedesk", "assets", "api")
    ]


def test_order_names_every_app_once():
    installed = [config.name for config in apps.get_app_configs() if config.name.split(".")[0] in PACKAGES]

    assert sorted(ORDER) == sorted(installed)


def test_apps_import_downwards_only():
    assert found(upward_names, SOURCES) == []


def test_imports_are_absolute_and_at_the_top():
    assert found(relative_imports, SOURCES) + found(imports_inside_functions, SOURCES) == []


def test_foreign_keys_point_downwards_only():
    assert found(upward_relations) == []
    upward = [
        str(field)
        for model in our_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey | models.ManyToManyField)
        and field.related_model in our_models()
        and _rank(field.related_model) > _rank(model)
    ]
    assert upward == []


def _rank(model: type[models.Model]) -> int:
    return ORDER.index(model._meta.app_config.name)


def test_the_only_way_up_is_a_slot():
    assert {module for module, source in CODE if loaders(source)} - set(MAY_LOAD) == set()


def test_views_begin_at_the_door():
    assert found(unscoped_queries, [view for view in VIEWS if view[0] not in OPEN_TO_ALL]) == []


def test_tickets_are_opened_where_their_readers_are_written_down():
    assert found(tickets_opened, [code for code in CODE if code[0] != "servicedesk.tickets.sight"]) == []


def test_nothing_happens_by_signal():
    assert found(signals, [code for code in SOURCES if code[0] not in HEARS_DJANGO]) == []


def test_every_package_says_what_lives_there():
    silent = [
        module
        for module, source in CODE
        if (BASE_DIR / module.replace(".", "/") / "__init__.py").exists()
        and "management" not in module
        and len(ast.get_docstring(ast.parse(source)) or "") < 40
    ]
    assert silent == []


def test_files_and_functions_stay_small():
    templates = [
        path
        for package in ("servicedesk", "assets")
        for path in (BASE_DIR / package).rglob("jinja2/**/*.html")
    ]
    long_files = [module for module, source in CODE if source.count("\n") > LONGEST_FILE]
    long_files += [str(path) for path in templates if path.read_text().count("\n") > LONGEST_FILE]

    assert long_files + found(long_functions, longest=LONGEST_FUNCTION) == []


def test_rows_that_something_points_at_are_not_deleted():
    deleting = {
        f"{model._meta.label_lower}.{field.name}"
        for model in our_models()
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is not models.PROTECT
    }
    assert deleting == set(DELETES_WITH)


def test_django_admin_is_not_installed():
    assert not apps.is_installed("django.contrib.admin")


def test_migrations_are_complete(db):
    out = io.StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=out)

    assert "No changes detected" in out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_every_migration_goes_down_and_up_again():
    tables = set(connection.introspection.table_names())

    names = reversed([app.split(".")[-1] for app in ORDER])
    MigrationExecutor(connection).migrate([(name, None) for name in names if name != "api"])
    left = {model._meta.db_table for model in our_models()} & set(connection.introspection.table_names())
    # By the command, as an administrator would: what is made after migrations is made again too.
    call_command("migrate", verbosity=0)

    assert left == set()
    assert set(connection.introspection.table_names()) == tables
    assert list(matching(Site.objects.all(), "words")) == []
