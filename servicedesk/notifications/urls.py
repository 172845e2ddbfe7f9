"""Addresses of the page about one's mail."""

from django.urls import path

from servicedesk.notifications import views

app_name = "notifications"
urlpatterns = [path("account/notifications/", views.preferences, name="preferences")]
