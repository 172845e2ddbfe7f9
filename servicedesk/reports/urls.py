"""Addresses of figures."""

from django.urls import path

from servicedesk.reports import views

app_name = "reports"
urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:code>/", views.report, name="report"),
    path("<slug:code>/export/", views.export, name="export"),
    path("<slug:code>/list/", views.figure, name="list"),
]
