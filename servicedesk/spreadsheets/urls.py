"""Addresses of imports and exports."""

from django.urls import path

from servicedesk.spreadsheets import check_views, export_views, step_views, views

app_name = "spreadsheets"
urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/<int:pk>/", views.one_import, name="import"),
    path("imports/<int:pk>/sheet/", step_views.sheet, name="sheet"),
    path("imports/<int:pk>/mapping/", step_views.mapping, name="mapping"),
    path("imports/<int:pk>/values/", step_views.values, name="values"),
    path("imports/<int:pk>/another-sheet/", step_views.another_sheet, name="another_sheet"),
    path("imports/mappings/", step_views.saved_mappings, name="saved_mappings"),
    path("imports/mappings/<int:pk>/", step_views.saved_mapping, name="saved_mapping"),
    path("imports/mappings/<int:pk>/delete/", step_views.delete_mapping, name="delete_mapping"),
    path("imports/<int:pk>/check/", check_views.check, name="check"),
    path("imports/<int:pk>/apply/", check_views.apply, name="apply"),
    path("imports/<int:pk>/rejects/", check_views.rejects, name="rejects"),
    path("imports/<int:pk>/decide/", check_views.decide, name="decide"),
    path("imports/<int:pk>/undo/", check_views.undo, name="undo"),
    path("imports/<int:pk>/file/", check_views.import_file, name="import_file"),
    path("exports/", export_views.exports, name="exports"),
    path("exports/new/<slug:kind>/", export_views.new_export, name="new_export"),
    path("exports/<int:pk>/", export_views.one_export, name="export"),
    path("exports/<int:pk>/file/", export_views.export_file, name="export_file"),
]
