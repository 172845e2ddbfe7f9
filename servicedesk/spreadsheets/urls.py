"""Addresses of imports and exports."""

from django.urls import path

from servicedesk.spreadsheets import views

app_name = "spreadsheets"
urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/<int:pk>/", views.one_import, name="import"),
    path("imports/<int:pk>/sheet/", views.sheet, name="sheet"),
    path("imports/<int:pk>/mapping/", views.mapping, name="mapping"),
    path("imports/<int:pk>/check/", views.check, name="check"),
    path("imports/<int:pk>/apply/", views.apply, name="apply"),
    path("imports/<int:pk>/rejects/", views.rejects, name="rejects"),
    path("exports/", views.exports, name="exports"),
    path("exports/<int:pk>/", views.one_export, name="export"),
    path("exports/<int:pk>/file/", views.export_file, name="export_file"),
]
