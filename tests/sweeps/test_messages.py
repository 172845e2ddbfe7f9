"""No form of the project ever speaks in the words of the framework."""

import inspect
import pkgutil
import re
from collections import defaultdict
from importlib import import_module

import pytest
from django import forms
from django.core import validators
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import RequestFactory

import api
import assets
import servicedesk
from assets.register.forms import AssetForm, LinkForm, NewAssetForm
from assets.register.models import Asset
from servicedesk.administration.duty_forms import (
    AbsenceForm,
    AgreementForm,
    EndForm,
    LastDayForm,
    MemberAbsenceForm,
    MemberForm,
    RoleByEmailForm,
    RoleForm,
    RotaForm,
    SpanForm,
)
from servicedesk.administration.forms import (
    CouncilForm,
    DepartmentForm,
    OwnedForm,
    PersonForm,
    RowForm,
    ServiceForm,
    SiteForm,
    TeamForm,
)
from servicedesk.administration.hours_forms import DayForm, KeepForm, LevelForm, NewCalendarForm, WeekForm
from servicedesk.administration.webhooks import NewWebhookForm, WebhookChangeForm, WebhookForm
from servicedesk.forms import FilterForm, Form, ModelForm
from servicedesk.notifications.events import EVENTS
from servicedesk.notifications.forms import PreferencesForm
from servicedesk.people.account_forms import (
    ChangePasswordForm,
    LoginForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from servicedesk.portal.approving import ApproveForm, RejectForm
from servicedesk.portal.forms import CancelForm, ContentForm, HelpForm, NotFixedForm, ReplyForm
from servicedesk.reports.forms import ReportForm
from servicedesk.search.views import SearchForm
from servicedesk.service_levels.models import Calendar
from servicedesk.spreadsheets.forms import ExportForm, MappingForm, SheetForm, UploadForm, VersionForm
from servicedesk.tickets.calling_forms import CallForm
from servicedesk.tickets.forms import GIVEN, BaseMoveForm, ChangeForm, MessageForm, SayForm, move_form
from servicedesk.tickets.linking_forms import MergeForm, PickForm, RelateForm, ReplyToAllForm, SplitForm
from servicedesk.tickets.models import Clock
from servicedesk.tickets.promise_forms import BreachForm, OfTicket, PriorityForm, UpliftForm
from servicedesk.tickets.sealing_forms import AlertForm, DecisionForm, GlassForm, OpeningForm, SealForm
from servicedesk.tickets.states import MOVES
from servicedesk.tickets.tasking_forms import TaskForm, TaskMoveForm
from tests.sweeps.world import NOON, Side, World, build

pytestmark = pytest.mark.django_db
BASES = {Form, FilterForm, ModelForm, RowForm, OwnedForm, OfTicket}
LONG = "x" * 100_000
# What is typed into every field at once.
TYPED = {
    "nothing": "",
    "too much": LONG,
    "words": "zzz",
    "a long number": "9" * 400,
    "a minus": "-1",
    "NUL": "a\0b",
}


@pytest.fixture
def world() -> World:
    return build()


def made(world: World) -> dict[type, list]:
    """How each form of the project is made, from what is typed."""
    side = world.sides["OCC"]
    ticket, started, asset = side.rows["shared"], side.rows["import"], side.rows["asset"]
    engineer, manager = side.people["engineer"], side.people["asset_manager"]
    request = RequestFactory().post("/")
    by_form = [name for name, step in MOVES.items() if {*step.needs, *step.takes} <= set(GIVEN)]
    return {
        AssetForm: [lambda data: AssetForm(data, instance=asset)],
        NewAssetForm: [lambda data: NewAssetForm(data, instance=Asset(council=side.council))],
        LinkForm: [lambda data: LinkForm(data, person=engineer, ticket=ticket)],
        CancelForm: [CancelForm],
        ContentForm: [ContentForm],
        ReportForm: [lambda data: ReportForm(data, side.people["queue_manager"])],
        HelpForm: [lambda data: HelpForm(engineer, data)],
        NotFixedForm: [NotFixedForm],
        ReplyForm: [ReplyForm],
        SearchForm: [SearchForm],
        ExportForm: [ExportForm],
        MappingForm: [lambda data: MappingForm(started, data)],
        SheetForm: [lambda data: SheetForm(started, data)],
        UploadForm: [
            lambda data: UploadForm(manager, data, {}),
            lambda data: UploadForm(manager, data, files()),
        ],
        VersionForm: [VersionForm],
        BaseMoveForm: [lambda data, name=name: move_form(name, ticket, engineer, data) for name in by_form],
        ChangeForm: [lambda data: ChangeForm(data, instance=ticket)],
        TaskForm: [
            lambda data: TaskForm(ticket, data),
            lambda data: TaskForm(ticket, data, task=side.rows["task"]),
        ],
        TaskMoveForm: [TaskMoveForm],
        PickForm: [PickForm],
        RelateForm: [lambda data: RelateForm(engineer, data)],
        MergeForm: [lambda data: MergeForm(engineer, data)],
        SplitForm: [lambda data: SplitForm(ticket, engineer, data)],
        ReplyToAllForm: [ReplyToAllForm],
        SealForm: [lambda data: SealForm(ticket, data)],
        OpeningForm: [lambda data: OpeningForm(side.rows["hr"], data)],
        DecisionForm: [DecisionForm],
        GlassForm: [GlassForm],
        AlertForm: [lambda data: AlertForm(side.rows["cyber"], data)],
        MessageForm: [MessageForm],
        SayForm: [lambda data: SayForm(ticket, data, notes=True, replies=True)],
        CallForm: [lambda data: CallForm(engineer, data, now=NOON)],
        ApproveForm: [ApproveForm],
        RejectForm: [RejectForm],
        **of_administration(side),
        PreferencesForm: [lambda data: PreferencesForm(EVENTS, data)],
        WebhookForm: [WebhookForm],
        NewWebhookForm: [lambda data: NewWebhookForm(data, by=side.people["administrator"])],
        WebhookChangeForm: [WebhookChangeForm],
        LoginForm: [lambda data: LoginForm(data, request=request)],
        ResetPasswordForm: [ResetPasswordForm],
        ResetPasswordKeyForm: [lambda data: ResetPasswordKeyForm(data, user=engineer, temp_key="x")],
        ChangePasswordForm: [lambda data: ChangePasswordForm(engineer, data)],
    }


def of_administration(side: Side) -> dict[type, list]:
    by, team = side.people["administrator"], side.rows["case group"]
    known = side.rows["name"]
    return {
        CouncilForm: [lambda data: CouncilForm(data, by=by)],
        SiteForm: [lambda data: SiteForm(data, by=by)],
        DepartmentForm: [lambda data: DepartmentForm(data, by=by, instance=side.rows["department"])],
        TeamForm: [lambda data: TeamForm(data, by=by)],
        ServiceForm: [lambda data: ServiceForm(data, by=by)],
        PersonForm: [lambda data: PersonForm(data, by=by, instance=known)],
        SpanForm: [SpanForm],
        RoleForm: [lambda data: RoleForm(data, by=by, council=side.council)],
        RoleByEmailForm: [lambda data: RoleByEmailForm(data, by=by)],
        MemberForm: [lambda data: MemberForm(data, team=team, by=by)],
        RotaForm: [lambda data: RotaForm(data, team=team)],
        AbsenceForm: [AbsenceForm],
        MemberAbsenceForm: [lambda data: MemberAbsenceForm(data, team=team)],
        LastDayForm: [LastDayForm],
        AgreementForm: [AgreementForm],
        EndForm: [EndForm],
        **of_hours(side),
    }


def of_hours(side: Side) -> dict[type, list]:
    by, ticket, calendar = side.people["administrator"], side.rows["shared"], Calendar.objects.get(code="STD")
    return {
        WeekForm: [WeekForm, lambda data: WeekForm(data, calendar=calendar)],
        NewCalendarForm: [NewCalendarForm],
        DayForm: [lambda data: DayForm(data, calendar=calendar)],
        KeepForm: [lambda data: KeepForm(data, by=by)],
        LevelForm: [lambda data: LevelForm(data, by=by)],
        PriorityForm: [
            lambda data, decides=one: PriorityForm(ticket, data, decides=decides) for one in (True, False)
        ],
        UpliftForm: [lambda data: UpliftForm(ticket, data, shown="")],
        BreachForm: [lambda data: BreachForm(ticket.clocks.first() or Clock(ticket=ticket), data)],
    }


def files() -> dict:
    return {"file": SimpleUploadedFile("x" * 300 + ".csv", b"")}


def forms_of_the_project() -> set[type]:
    """Every form class that any module of ours defines."""
    found = set()
    for package in (servicedesk, assets, api):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name and ".management" not in module.name:
                members = vars(import_module(module.name)).values()
                found |= {
                    kind for kind in members if inspect.isclass(kind) and issubclass(kind, forms.BaseForm)
                }
    return {
        kind for kind in found if kind.__module__.split(".")[0] in ("servicedesk", "assets", "api")
    } - BASES


def words_of_the_framework() -> list[re.Pattern]:
    """Every message of Django's own fields and validators, with its places for values left open."""
    kinds = [*_subclasses(forms.Field), *_subclasses(models.Field)]
    said = [text for kind in kinds for text in getattr(kind, "default_error_messages", {}).values()]
    said += [
        kind.message
        for kind in vars(validators).values()
        if inspect.isclass(kind) and hasattr(kind, "message")
    ]
    said += list(validators.DecimalValidator.messages.values())
    filled = {
        str(text % given) for text in said for given in (defaultdict(lambda: 1), defaultdict(lambda: 77777))
    }
    return [re.compile(re.escape(text).replace("77777", ".*")) for text in filled]


def _subclasses(kind: type) -> list[type]:
    below = [inner for sub in kind.__subclasses__() for inner in _subclasses(sub)]
    return [kind, *below] if kind.__module__.startswith("django.") else []


def test_every_form_of_the_project_is_swept(world):
    assert forms_of_the_project() == set(made(world))


@pytest.mark.parametrize(
    "text",
    [
        "This field is required.",
        "Enter a whole number.",
        "Ensure this value has at most 3 characters (it has 4).",
        "Select a valid choice. zzz is not one of the available choices.",
    ],
)
def test_the_words_of_the_framework_are_known(text):
    assert any(pattern.fullmatch(text) for pattern in words_of_the_framework())


def test_no_form_speaks_in_the_words_of_the_framework(world):
    patterns, said = words_of_the_framework(), []
    for kind, makers in made(world).items():
        for make in makers:
            for typed in TYPED.values():
                form = make(dict.fromkeys(make({}).fields, typed))
                said += [(kind.__name__, name, text) for name, texts in form.errors.items() for text in texts]

    assert len(said) > 50
    assert sorted({line for line in said if any(pattern.fullmatch(line[2]) for pattern in patterns)}) == []
