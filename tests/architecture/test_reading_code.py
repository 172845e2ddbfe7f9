"""Each check of the architecture finds the fault that it is there to find."""

from tests.architecture.reading_code import (
    imports_inside_functions,
    loaders,
    long_functions,
    relative_imports,
    signals,
    tickets_opened,
    unscoped_queries,
    upward_names,
    upward_relations,
)

PEOPLE = "servicedesk.people.access"


def test_import_of_a_higher_app_is_found():
    assert upward_names(PEOPLE, "from servicedesk.tickets.models import Ticket") == [
        "servicedesk.people.access:1 uses servicedesk.tickets.models"
    ]


def test_import_of_a_higher_app_as_a_whole_is_found():
    assert upward_names(PEOPLE, "from servicedesk import tickets") == [
        "servicedesk.people.access:1 uses servicedesk.tickets"
    ]
    assert upward_names(PEOPLE, "import assets.register") == [
        "servicedesk.people.access:1 uses assets.register"
    ]


def test_upward_import_inside_a_function_is_found():
    source = "def door():\n    from servicedesk.tickets.models import Ticket\n"
    assert upward_names(PEOPLE, source) == ["servicedesk.people.access:2 uses servicedesk.tickets.models"]
    assert imports_inside_functions(PEOPLE, source) == ["servicedesk.people.access:2 imports inside door"]


def test_upward_import_by_a_string_is_found():
    assert upward_names(PEOPLE, "model = import_module('servicedesk.tickets.models')") == [
        "servicedesk.people.access:1 uses servicedesk.tickets.models"
    ]
    assert loaders("import_module(name)") == ["import_module"]


def test_import_of_config_is_found_and_config_may_import_all():
    assert upward_names(PEOPLE, "from servicedesk.config import settings") == [
        "servicedesk.people.access:1 uses servicedesk.config"
    ]
    assert (
        upward_names("servicedesk.config.urls", "import api.urls\nfrom servicedesk.config import views") == []
    )


def test_floor_is_open_to_all_and_imports_none():
    assert upward_names(PEOPLE, "from servicedesk.forms import Form\nfrom servicedesk import wording") == []
    assert upward_names("servicedesk.forms", "from servicedesk.people.models import Council") == [
        "servicedesk.forms:1 uses servicedesk.people.models"
    ]


def test_import_of_a_lower_app_and_of_a_library_is_fine():
    source = "import json\nfrom django.db import models\nfrom servicedesk.history.models import Change"
    assert upward_names(PEOPLE, source) == []


def test_relative_import_is_found():
    assert relative_imports(PEOPLE, "from .models import Grant") == [
        "servicedesk.people.access:1 imports relatively"
    ]


def test_foreign_key_by_string_to_a_higher_app_is_found():
    source = "ticket = models.ForeignKey('tickets.Ticket', on_delete=models.PROTECT)"
    assert upward_relations("servicedesk.people.models", source) == [
        "servicedesk.people.models:1 points up to tickets.Ticket"
    ]
    assert upward_relations("assets.register.models", source) == []


def test_relation_by_keyword_to_a_higher_app_is_found():
    source = "ManyToManyField(to='register.Asset')"
    assert upward_relations("servicedesk.tickets.models", source) == [
        "servicedesk.tickets.models:1 points up to register.Asset"
    ]


def test_signal_is_found():
    assert signals(PEOPLE, "from django.db.models.signals import post_save") == [
        "servicedesk.people.access:1 uses django.db.models.signals"
    ]


def test_view_that_begins_with_all_rows_is_found():
    views = "servicedesk.tickets.views"
    assert unscoped_queries(views, "Ticket.objects.filter(reference=reference)") == [
        "servicedesk.tickets.views:1 begins with Ticket.objects"
    ]
    assert unscoped_queries(views, "models.Ticket._default_manager.all()") == [
        "servicedesk.tickets.views:1 begins with models.Ticket._default_manager"
    ]
    assert unscoped_queries(views, "get_object_or_404(Ticket, pk=pk)") == [
        "servicedesk.tickets.views:1 asks get_object_or_404"
    ]


def test_view_that_begins_at_the_door_is_fine():
    source = "open_door(request.user, Asset.objects, pk=pk)\nTicket.objects.visible_to(request.user).open()"
    assert unscoped_queries("servicedesk.tickets.views", source) == []


def test_ticket_opened_by_the_door_itself_is_found():
    views = "servicedesk.tickets.views"
    source = "open_door(request.user, Ticket.objects.select_related('team'), reference=reference)"
    assert tickets_opened(views, source) == [f"{views}:1 opens a ticket without open_ticket"]
    assert tickets_opened(views, "open_ticket(request.user, reference, How.PAGE)") == []
    assert tickets_opened(views, "open_door(request.user, Asset.objects, pk=pk)") == []


def test_long_function_is_found():
    source = "def long(\n    given,\n):\n    'Says why.'\n" + "    pass\n" * 3
    assert long_functions(PEOPLE, source, longest=2) == ["servicedesk.people.access:1 long has 3 lines"]
    assert long_functions(PEOPLE, source, longest=3) == []
