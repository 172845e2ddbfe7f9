"""Addresses of figures."""

from django.urls import path

from servicedesk.reports import views

app_name = "reports"
urlpatterns = [
    path("", views.index, name="index"),
    path("service/", views.service, name="service"),
    path("service/export/", views.export, name="export"),
    path("list/", views.figure, name="list"),
]
