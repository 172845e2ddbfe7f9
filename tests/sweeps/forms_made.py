"""How each form of the project is made, from what is typed."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import RequestFactory

from assets.batches import appointment_forms as appointments
from assets.batches.exchange_forms import ExchangeForm
from assets.batches.forms import (
    AddAssetsForm,
    BatchDetailsForm,
    BatchForm,
    BatchMoveForm,
    CountOrderForm,
    ItemsForm,
    OrderForBatchForm,
    PassOnForm,
    PricesForm,
)
from assets.batches.programme_forms import BudgetForm, DeferralForm, GapFilter, ProgrammeForm
from assets.batches.small_forms import SmallForm
from assets.batches.states import BATCH_MOVES, ITEM_MOVES
from assets.disposal.forms import (
    AskBackForm,
    BackForm,
    CallOffForm,
    CertificateForm,
    ChaseForm,
    ConsignmentForm,
    CouncilFilterForm,
    FailedWipeForm,
    LostForm,
    MediumForm,
    RegisterFilterForm,
    StrikeOutForm,
    TakeOutForm,
    WipeForm,
)
from assets.disposal.forms import CancelForm as CancelConsignmentForm
from assets.disposal.forms import ItemsForm as ScannedForm
from assets.orders import forms as orders
from assets.refresh.energy_forms import (
    CloseYearForm,
    EnergyFactorForm,
    RoomOverheadForm,
    TariffForm,
)
from assets.refresh.filters import due_filters
from assets.refresh.forms import (
    BaselineForm,
    ExtendedSupportForm,
    ForecastForm,
    ScenarioForm,
    UnitCostsForm,
)
from assets.refresh.models import EnergyFactor
from assets.register import life_forms
from assets.register.as_at_report import AsAtForm
from assets.register.estate_forms import (
    AssetModelForm,
    CircuitForm,
    ContractForm,
    LineForm,
    PolicyForm,
    SupplierForm,
)
from assets.register.forms import AssetForm, LinkForm, NewAssetForm
from assets.register.label_forms import LabelForm
from assets.register.life_forms import DeedForm
from assets.register.lifecycle import MOVES as ASSET_MOVES
from assets.register.models import Asset
from assets.register.own_kit_forms import AskForm, NotMineForm
from assets.register.relation_forms import AssetRelationForm, ServiceRelationForm
from assets.register.stock_take_forms import BeginForm, CountForm, MoveHereForm
from assets.register.stock_take_report import lines_of
from assets.register.stock_taking import Outcome
from assets.register.together_forms import ScanForm, TogetherForm
from assets.register.together_moves import MoveTogetherForm
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
    PersonForm,
    ServiceForm,
    SiteForm,
    TeamForm,
)
from servicedesk.administration.hours_forms import (
    ClearDayForm,
    CoverForm,
    DayForm,
    KeepForm,
    LevelForm,
    NewCalendarForm,
    WeekForm,
)
from servicedesk.administration.webhooks import NewWebhookForm, WebhookChangeForm, WebhookForm
from servicedesk.knowledge.forms import AnnouncementForm
from servicedesk.lists.forms import SaveViewForm
from servicedesk.notifications.events import EVENTS
from servicedesk.notifications.forms import PreferencesForm
from servicedesk.people.account_forms import (
    ChangePasswordForm,
    LoginForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from servicedesk.people.stand_in_forms import StandInForm
from servicedesk.portal.approving import ApproveForm, RejectForm
from servicedesk.portal.forms import (
    AgainForm,
    CancelForm,
    ContentForm,
    FixedForm,
    HelpForm,
    NotFixedForm,
    ReplyForm,
)
from servicedesk.reports.forms import EnteredFigureForm, ReportForm
from servicedesk.reports.service_report import ServiceReport
from servicedesk.search.views import SearchForm
from servicedesk.service_levels.models import Calendar
from servicedesk.spreadsheets.check_forms import ApplyForm, ChoicesForm, RowsForm
from servicedesk.spreadsheets.deciding import Decider, place
from servicedesk.spreadsheets.export_forms import ChoiceForm, ExportForm
from servicedesk.spreadsheets.forms import UploadForm, VersionForm
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.step_forms import MappingForm, ProfileForm, SheetForm, ValuesForm
from servicedesk.tickets.calling_forms import CallForm
from servicedesk.tickets.forms import GIVEN, BaseMoveForm, ChangeForm, MessageForm, SayForm, move_form
from servicedesk.tickets.linking_forms import MergeForm, PickForm, RelateForm, ReplyToAllForm, SplitForm
from servicedesk.tickets.models import Clock
from servicedesk.tickets.promise_forms import BreachForm, PriorityForm, UpliftForm
from servicedesk.tickets.sealing_forms import AlertForm, DecisionForm, GlassForm, OpeningForm, SealForm
from servicedesk.tickets.states import MOVES
from servicedesk.tickets.tasking_forms import TaskForm, TaskMoveForm
from tests.sweeps.marks import NOON, Side
from tests.sweeps.world import World


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
        **of_lives(asset, engineer),
        **of_the_register(side),
        **of_the_refresh(side),
        **of_batches(side),
        **of_orders(side),
        **of_appointments(side),
        **of_small_batches(side),
        **of_disposal(side),
        AgainForm: [AgainForm],
        CancelForm: [CancelForm],
        ContentForm: [ContentForm],
        ReportForm: [lambda data: ReportForm(data, side.people["queue_manager"], ServiceReport)],
        EnteredFigureForm: [lambda data: EnteredFigureForm(data, by=side.people["service_owner"])],
        HelpForm: [lambda data: HelpForm(engineer, data)],
        NotFixedForm: [NotFixedForm],
        FixedForm: [FixedForm],
        ReplyForm: [ReplyForm],
        StandInForm: [lambda data: StandInForm(data, person=engineer)],
        SearchForm: [SearchForm],
        ApplyForm: [ApplyForm],
        ChoicesForm: [lambda data: ChoicesForm(started, [], data)],
        ExportForm: [ExportForm],
        ChoiceForm: [lambda data: ChoiceForm(kinds()["assets"], manager, data)],
        RowsForm: [RowsForm],
        MappingForm: [lambda data: MappingForm(started, data)],
        SheetForm: [lambda data: SheetForm(started, data)],
        ValuesForm: [lambda data: ValuesForm(started, place(Decider(started, manager), "", ""), data)],
        ProfileForm: [ProfileForm],
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
        AnnouncementForm: [lambda data: AnnouncementForm(data, by=side.people["queue_manager"])],
        **of_administration(side),
        **{
            kind: [lambda data, kind=kind: kind(data, by=manager)]
            for kind in (AssetModelForm, SupplierForm, ContractForm, CircuitForm, LineForm, PolicyForm)
        },
        AssetRelationForm: [lambda data: AssetRelationForm(data, person=manager, asset=asset)],
        ServiceRelationForm: [lambda data: ServiceRelationForm(data, person=manager)],
        PreferencesForm: [lambda data: PreferencesForm(EVENTS, data)],
        WebhookForm: [WebhookForm],
        NewWebhookForm: [lambda data: NewWebhookForm(data, by=side.people["administrator"])],
        WebhookChangeForm: [WebhookChangeForm],
        LoginForm: [lambda data: LoginForm(data, request=request)],
        ResetPasswordForm: [ResetPasswordForm],
        ResetPasswordKeyForm: [lambda data: ResetPasswordKeyForm(data, user=engineer, temp_key="x")],
        ChangePasswordForm: [lambda data: ChangePasswordForm(engineer, data)],
    }


def of_lives(asset: Asset, by) -> dict[type, list]:
    """The forms of the moves of an asset, and of what else is done to it."""
    return {
        DeedForm: [
            lambda data, name=name: life_forms.move_form(name, asset, by, data, files())
            for name in ASSET_MOVES
        ],
        life_forms.ReasonForm: [life_forms.ReasonForm],
        life_forms.AnswerForm: [life_forms.AnswerForm],
        life_forms.AcceptForm: [life_forms.AcceptForm],
        life_forms.LoanForm: [lambda data: life_forms.LoanForm(data, by=by)],
        life_forms.TransferForm: [lambda data: life_forms.TransferForm(data, asset=asset, by=by)],
        life_forms.FilesForm: [lambda data: life_forms.FilesForm(data, files(), sees_money=False)],
        life_forms.CheckListForm: [life_forms.CheckListForm],
    }


def of_the_register(side: Side) -> dict[type, list]:
    manager = side.people["asset_manager"]
    met = lines_of(side.rows["stock-take"], Outcome.ELSEWHERE)
    return {
        LabelForm: [LabelForm],
        SaveViewForm: [SaveViewForm],
        AsAtForm: [lambda data: AsAtForm(data, person=manager)],
        ScanForm: [ScanForm],
        TogetherForm: [lambda data: TogetherForm(data, by=manager)],
        MoveTogetherForm: [
            lambda data, name=name: MoveTogetherForm(name, data, by=manager) for name in ASSET_MOVES
        ],
        BeginForm: [lambda data: BeginForm(data, by=manager)],
        CountForm: [CountForm],
        MoveHereForm: [lambda data: MoveHereForm(data, lines=met)],
        AskForm: [lambda data: AskForm(data, by=manager)],
        NotMineForm: [NotMineForm],
    }


def of_the_refresh(side: Side) -> dict[type, list]:
    manager = side.people["asset_manager"]
    return {
        ForecastForm: [lambda data: ForecastForm(data, manager)],
        BaselineForm: [lambda data: BaselineForm(data, manager)],
        UnitCostsForm: [lambda data: UnitCostsForm(data, by=manager)],
        ExtendedSupportForm: [lambda data: ExtendedSupportForm(data, by=manager)],
        TariffForm: [lambda data: TariffForm(data, by=manager)],
        RoomOverheadForm: [lambda data: RoomOverheadForm(data, by=manager)],
        EnergyFactorForm: [
            lambda data: EnergyFactorForm(data, by=manager),
            lambda data: EnergyFactorForm(data, by=manager, instance=EnergyFactor.objects.get(year=2025)),
        ],
        CloseYearForm: [lambda data: CloseYearForm(data, manager)],
        ScenarioForm: [
            lambda data: ScenarioForm(data, by=manager),
            lambda data: ScenarioForm(data, by=manager, instance=side.rows["scenario"]),
        ],
    }


def of_batches(side: Side) -> dict[type, list]:
    manager, batch = side.people["asset_manager"], side.rows["batch"]
    programme, item = side.rows["programme"], side.rows["batch item"]
    asked = {"councils": [], "costs": {}}
    return {
        BatchForm: [lambda data: BatchForm(data, by=manager, due=due_filters(manager, QueryDict()))],
        BatchDetailsForm: [lambda data: BatchDetailsForm(data, by=manager, instance=batch)],
        PricesForm: [lambda data: PricesForm(data, by=manager, instance=batch.lines.get())],
        OrderForBatchForm: [lambda data: OrderForBatchForm(data, line=batch.lines.get(), by=manager)],
        AddAssetsForm: [lambda data: AddAssetsForm(data, offered=[])],
        CountOrderForm: [lambda data: CountOrderForm(data, line=batch.lines.get())],
        BatchMoveForm: [
            lambda data, name=name: BatchMoveForm(data, name=name, **asked) for name in BATCH_MOVES
        ],
        ExchangeForm: [lambda data: ExchangeForm(data, item=item, by=manager)],
        PassOnForm: [lambda data: PassOnForm(data, batch=batch)],
        ItemsForm: [lambda data, name=name: ItemsForm(name, [item], data, by=manager) for name in ITEM_MOVES],
        ProgrammeForm: [lambda data: ProgrammeForm(data, by=manager)],
        BudgetForm: [lambda data: BudgetForm(data, programme=programme, by=manager)],
        DeferralForm: [DeferralForm],
        GapFilter: [lambda data: GapFilter(data, programme, manager)],
    }


def of_orders(side: Side) -> dict[type, list]:
    by, order, line = side.people["asset_manager"], side.rows["order"], side.rows["order line"]
    return {
        orders.OrdersForm: [lambda data: orders.OrdersForm(data, by)],
        orders.OrderForm: [
            lambda data: orders.OrderForm(data, by=by),
            lambda data: orders.OrderForm(data, by=by, instance=order),
        ],
        orders.LineForm: [lambda data: orders.LineForm(data, by=by)],
        orders.ReasonForm: [orders.ReasonForm],
        orders.CallOffForm: [orders.CallOffForm],
        orders.ReceiveForm: [lambda data: orders.ReceiveForm(data, line=line, by=by)],
        orders.StageForm: [
            lambda data: orders.StageForm(data, assets=[side.rows["asset"]], model=line.model)
        ],
        orders.DespatchForm: [lambda data: orders.DespatchForm(data, order=order)],
    }


def of_small_batches(side: Side) -> dict[type, list]:
    by, asset = side.people["asset_manager"], side.rows["asset"]
    return {SmallForm: [lambda data: SmallForm(data, by=by, assets=[asset], lines=[])]}


def of_appointments(side: Side) -> dict[type, list]:
    by, row = side.people["asset_manager"], side.rows["appointment"]
    return {
        appointments.DayForm: [lambda data: appointments.DayForm(data, by)],
        appointments.CapacityForm: [lambda data: appointments.CapacityForm(data, by=by, instance=row.slot)],
        appointments.FreezeForm: [lambda data: appointments.FreezeForm(data, by=by)],
        appointments.OfferDayForm: [lambda data: appointments.OfferDayForm(data, by)],
        appointments.OfferForm: [lambda data: appointments.OfferForm(data, by)],
        appointments.ChooseForm: [lambda data: appointments.ChooseForm(data, slots=[], appointment=row)],
        appointments.AssignForm: [
            lambda data: appointments.AssignForm(data, appointment=row, engineers=[], by=by)
        ],
        appointments.CallOffForm: [appointments.CallOffForm],
        appointments.FindForm: [appointments.FindForm],
        appointments.SwapForm: [lambda data: appointments.SwapForm(data, item=row.item, frozen="")],
    }


def of_disposal(side: Side) -> dict[type, list]:
    manager, row = side.people["asset_manager"], side.rows["consignment"]
    plain = (
        *(
            ScannedForm,
            AskBackForm,
            BackForm,
            LostForm,
            ChaseForm,
            CallOffForm,
            MediumForm,
            TakeOutForm,
            StrikeOutForm,
        ),
        FailedWipeForm,
    )
    return {
        CouncilFilterForm: [lambda data: CouncilFilterForm(data, manager)],
        RegisterFilterForm: [lambda data: RegisterFilterForm(data, manager)],
        ConsignmentForm: [
            lambda data: ConsignmentForm(data, by=manager),
            lambda data: ConsignmentForm(data, by=manager, instance=row),
        ],
        CancelConsignmentForm: [lambda data: CancelConsignmentForm(data, row=row)],
        CertificateForm: [CertificateForm, lambda data: CertificateForm(data, files())],
        WipeForm: [lambda data: WipeForm(data, by=manager, council=manager.council_id)],
        **{kind: [kind] for kind in plain},
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
        ClearDayForm: [lambda data: ClearDayForm(data, calendar=calendar)],
        CoverForm: [lambda data: CoverForm(data, service=ticket.service)],
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
