"""Addresses of version 1."""

from django.contrib.auth.decorators import login_required
from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from api import (
    agreements,
    announcements,
    appointments,
    assets,
    assets_together,
    baselines,
    batches,
    callers,
    calls,
    deadlines,
    dealings,
    disposals,
    documentation,
    drafts,
    duty,
    entered_figures,
    estate,
    hours,
    labels,
    links,
    mappings,
    me,
    merging,
    notifications,
    orders,
    own_kit,
    people,
    problems,
    programmes,
    queue,
    refresh,
    relations,
    reports,
    role_requests,
    roles,
    satisfaction,
    saved_views,
    scenarios,
    sealing,
    search,
    spreadsheets,
    stand_ins,
    stock_takes,
    swap_surveys,
    tasks,
    team_requests,
    ticket_assets,
    tickets,
    tokens,
    webhooks,
)

router = SimpleRouter()
router.register("tickets", tickets.TicketViewSet, basename="ticket")
router.register("tickets", sealing.SealingViewSet, basename="sealing")
router.register("tickets", tasks.TicketTasksViewSet, basename="ticket-task")
router.register("tickets", links.LinksViewSet, basename="ticket-link")
router.register("tickets", ticket_assets.TicketAssetsViewSet, basename="ticket-asset")
router.register("tickets", merging.MergingViewSet, basename="ticket-merge")
router.register("tasks", tasks.TaskViewSet, basename="task")
router.register("calls/callers", callers.CallerViewSet, basename="caller")
router.register("drafts", drafts.DraftViewSet, basename="draft")
router.register("break-glass", sealing.GlassViewSet, basename="glass")
router.register("assets", assets.AssetViewSet, basename="asset")
router.register("assets", relations.RelationsViewSet, basename="asset-relation")
router.register("asset-models", estate.AssetModelViewSet, basename="asset-model")
router.register("suppliers", estate.SupplierViewSet, basename="supplier")
router.register("contracts", estate.ContractViewSet, basename="contract")
router.register("circuits", estate.CircuitViewSet, basename="circuit")
router.register("lines", estate.LineViewSet, basename="line")
router.register("operating-systems", estate.OperatingSystemViewSet, basename="operating-system")
router.register("lifecycle-policies", estate.LifecyclePolicyViewSet, basename="lifecycle-policy")
router.register("loans", dealings.LoanViewSet, basename="loan")
router.register("transfers", dealings.TransferViewSet, basename="transfer")
router.register("write-offs", dealings.WriteOffViewSet, basename="write-off")
router.register("refresh/batches", batches.BatchViewSet, basename="batch")
router.register("refresh/programmes", programmes.ProgrammeViewSet, basename="programme")
router.register("refresh/deferrals", programmes.DeferralViewSet, basename="deferral")
router.register("refresh/appointments", appointments.AppointmentViewSet, basename="appointment")
router.register("refresh/swap-times", appointments.SwapTimeViewSet, basename="swap-time")
router.register("refresh/swap-surveys", swap_surveys.SwapSurveyViewSet, basename="swap-survey")
router.register("refresh/freezes", appointments.FreezeViewSet, basename="freeze")
router.register("stock-takes", stock_takes.StockTakeViewSet, basename="stock-take")
router.register("kit-checks", own_kit.KitCheckViewSet, basename="kit-check")
router.register("orders", orders.OrderViewSet, basename="order")
router.register("order-lines", orders.OrderLineViewSet, basename="order-line")
router.register("refresh/baselines", baselines.BaselineViewSet, basename="baseline")
router.register("refresh/scenarios", scenarios.ScenarioViewSet, basename="scenario")
router.register("consignments", disposals.ConsignmentViewSet, basename="consignment")
router.register("due-back", disposals.DueBackViewSet, basename="due-back")
router.register("media", disposals.MediumViewSet, basename="medium")
router.register("disposals", disposals.DisposalRegisterViewSet, basename="disposal")
router.register("manufacturers", assets.ManufacturerViewSet, basename="manufacturer")
router.register("councils", people.CouncilViewSet, basename="council")
router.register("sites", people.SiteViewSet, basename="site")
router.register("departments", people.DepartmentViewSet, basename="department")
router.register("teams", people.TeamViewSet, basename="team")
router.register("teams", duty.TeamDutyViewSet, basename="team-duty")
router.register("people", duty.AbsencesViewSet, basename="person-absence")
router.register("agreements", agreements.AgreementViewSet, basename="agreement")
router.register("roles", roles.RoleViewSet, basename="role")
router.register("role-requests", role_requests.RoleRequestViewSet, basename="role-request")
router.register("tickets", satisfaction.SatisfactionViewSet, basename="ticket-satisfaction")
router.register("announcements", announcements.AnnouncementViewSet, basename="announcement")
router.register("people", people.PersonViewSet, basename="person")
router.register("services", people.ServiceViewSet, basename="service")
router.register("calendars", hours.CalendarViewSet, basename="calendar")
router.register("service-levels", hours.ServiceLevelViewSet, basename="service-level")
router.register("imports", spreadsheets.ImportViewSet, basename="import")
router.register("mappings", mappings.SavedMappingViewSet, basename="saved-mapping")
router.register("saved-views", saved_views.SavedViewViewSet, basename="saved-view")
router.register("exports", spreadsheets.ExportViewSet, basename="export")
router.register("webhooks", webhooks.WebhookViewSet, basename="webhook")
router.register("entered-figures", entered_figures.EnteredFigureViewSet, basename="entered-figure")
router.register("stand-ins", stand_ins.StandInViewSet, basename="stand-in")
router.register("messages", notifications.MessageViewSet, basename="message")

app_name = "api"

urlpatterns = [
    path("", include(router.urls)),
    path("assets/find/", assets_together.FindView.as_view(), name="find-assets"),
    path("assets/change-together/", assets_together.ChangeManyView.as_view(), name="change-together"),
    path("assets/move-together/", assets_together.MoveManyView.as_view(), name="move-together"),
    path("assets/as-at/", assets_together.AsAtView.as_view(), name="as-at"),
    path("assets/labels/", labels.LabelsView.as_view(), name="labels"),
    path("assets/<int:pk>/own-kit/", own_kit.OwnKitView.as_view(), name="own-kit"),
    path("changes/<int:pk>/", assets_together.DeedView.as_view(), name="change"),
    path("changes/<int:pk>/undo/", assets_together.UndoView.as_view(), name="undo-change"),
    path("calls/", calls.CallsView.as_view(), name="calls"),
    path("deadlines/explain/", deadlines.ExplainView.as_view(), name="explain"),
    path("me/", me.MeView.as_view(), name="me"),
    path("preferences/", notifications.PreferencesView.as_view(), name="preferences"),
    path("queue/", queue.QueueView.as_view(), name="queue"),
    path("refresh/energy/", refresh.EnergyView.as_view(), name="refresh-energy"),
    path("refresh/forecast/", refresh.ForecastView.as_view(), name="refresh-forecast"),
    path("reports/", reports.ReportsView.as_view(), name="reports"),
    path("reports/service/", reports.ServiceReportView.as_view(), name="service-report"),
    path("reports/service/workbook/", reports.ServiceWorkbookView.as_view(), name="service-workbook"),
    path(
        "reports/service/list/",
        reports.ServiceFigureRows.as_view({"get": "list"}),
        name="service-figure-list",
    ),
    path("reports/equipment/", reports.EquipmentReportView.as_view(), name="equipment-report"),
    path("reports/equipment/workbook/", reports.EquipmentWorkbookView.as_view(), name="equipment-workbook"),
    path(
        "reports/equipment/list/",
        reports.EquipmentFigureRows.as_view({"get": "list"}),
        name="equipment-figure-list",
    ),
    path("search/", search.SearchView.as_view(), name="search"),
    path("team-requests/", team_requests.TeamRequestRows.as_view({"get": "list"}), name="team-request-list"),
    path("tokens/", tokens.TokensView.as_view(), name="tokens"),
    path("schema/", documentation.SchemaView.as_view(), name="schema"),
    path("docs/", login_required(documentation.DocumentationView.as_view()), name="docs"),
    re_path(r"^(?P<path>[\s\S]*)$", problems.not_found, name="nothing"),
]
