"""Addresses of figures."""

from django.urls import path

from servicedesk.reports import entering_views, views

app_name = "reports"
urlpatterns = [
    path("", views.index, name="index"),
    path("entered/", entering_views.entered, name="entered"),
    path("entered/new/", entering_views.enter, name="enter"),
    path("entered/<int:pk>/", entering_views.correct, name="correct"),
    path("<slug:code>/", views.report, name="report"),
    path("<slug:code>/export/", views.export, name="export"),
    path("<slug:code>/list/", views.figure, name="list"),
]
