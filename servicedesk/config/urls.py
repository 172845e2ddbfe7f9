"""Every address of the site."""

from allauth.account import views as account
from django.urls import include, path, re_path

from servicedesk.config import health, views

# Of allauth's pages those that somebody needs: nobody signs up, and addresses come from directories.
account_patterns = [
    path("account/login/", account.login, name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/password/change/", account.password_change, name="account_change_password"),
    path("account/password/reset/", account.password_reset, name="account_reset_password"),
    path("account/password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "account/password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^account/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
]

urlpatterns = [
    *account_patterns,
    path("council.css", views.council_colours, name="council_colours"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("cookies/", views.cookies, name="cookies"),
    path("privacy/", views.privacy, name="privacy"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    # Those with a beginning of their own come first: an address is held against one of them, not against all inside.
    path("api/v1/", include("api.urls")),
    path("announcements/", include("servicedesk.knowledge.urls")),
    path("search/", include("servicedesk.search.urls")),
    path("reports/", include("servicedesk.reports.urls")),
    path("assets/", include("assets.register.urls")),
    path("refresh/", include("assets.refresh.urls")),
    path("refresh/orders/", include("assets.orders.urls")),
    path("refresh/disposals/", include("assets.disposal.urls")),
    path("refresh/", include("assets.batches.urls")),
    path("admin/", include("servicedesk.administration.urls")),
    path("admin/", include("servicedesk.administration.hours_urls")),
    path("admin/", include("servicedesk.administration.sending_urls")),
    path("", include("servicedesk.people.urls")),
    path("", include("servicedesk.notifications.urls")),
    path("", include("servicedesk.jobs.urls")),
    path("", include("servicedesk.lists.urls")),
    path("", include("servicedesk.tickets.urls")),
    path("", include("servicedesk.portal.urls")),
    path("", include("servicedesk.spreadsheets.urls")),
]
