"""Addresses of version 1."""

from django.contrib.auth.decorators import login_required
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from api import (
    assets,
    deadlines,
    documentation,
    hours,
    links,
    merging,
    notifications,
    people,
    problems,
    reports,
    sealing,
    spreadsheets,
    tasks,
    tickets,
    tokens,
    webhooks,
)

router = SimpleRouter()
router.register("tickets", tickets.TicketViewSet, basename="ticket")
router.register("tickets", sealing.SealingViewSet, basename="sealing")
router.register("tickets", tasks.TicketTasksViewSet, basename="ticket-task")
router.register("tickets", links.LinksViewSet, basename="ticket-link")
router.register("tickets", merging.MergingViewSet, basename="ticket-merge")
router.register("tasks", tasks.TaskViewSet, basename="task")
router.register("break-glass", sealing.GlassViewSet, basename="glass")
router.register("assets", assets.AssetViewSet, basename="asset")
router.register("asset-models", assets.AssetModelViewSet, basename="asset-model")
router.register("manufacturers", assets.ManufacturerViewSet, basename="manufacturer")
router.register("councils", people.CouncilViewSet, basename="council")
router.register("sites", people.SiteViewSet, basename="site")
router.register("teams", people.TeamViewSet, basename="team")
router.register("people", people.PersonViewSet, basename="person")
router.register("services", people.ServiceViewSet, basename="service")
router.register("calendars", hours.CalendarViewSet, basename="calendar")
router.register("service-levels", hours.ServiceLevelViewSet, basename="service-level")
router.register("imports", spreadsheets.ImportViewSet, basename="import")
router.register("exports", spreadsheets.ExportViewSet, basename="export")
router.register("webhooks", webhooks.WebhookViewSet, basename="webhook")
router.register("messages", notifications.MessageViewSet, basename="message")

app_name = "api"

urlpatterns = [
    path("", include(router.urls)),
    path("deadlines/explain/", deadlines.ExplainView.as_view(), name="explain"),
    path("preferences/", notifications.PreferencesView.as_view(), name="preferences"),
    path("reports/service/", reports.ServiceReportView.as_view(), name="service-report"),
    path("tokens/", tokens.TokensView.as_view(), name="tokens"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", login_required(documentation.DocumentationView.as_view()), name="docs"),
    re_path(r"^(?P<path>[\s\S]*)$", problems.not_found, name="nothing"),
]
