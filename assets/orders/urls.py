"""Addresses of the orders."""

from django.urls import path

from assets.orders import despatch_views, receipt_views, views

app_name = "orders"
urlpatterns = [
    path("", views.orders, name="orders"),
    path("export/", views.export, name="export"),
    path("new/", views.new, name="new"),
    path("<int:pk>/", views.order, name="order"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/moves/<slug:name>/", views.move, name="move"),
    path("<int:pk>/despatch-sheet/", despatch_views.despatch_sheet, name="despatch_sheet"),
    path("<int:pk>/lines/new/", views.new_line, name="new_line"),
    path("lines/<int:pk>/", views.edit_line, name="edit_line"),
    path("lines/<int:pk>/remove/", views.remove_line, name="remove_line"),
    path("lines/<int:pk>/cancel-rest/", receipt_views.call_off, name="call_off"),
    path("lines/<int:pk>/receive/", receipt_views.receive, name="receive"),
    path("lines/<int:pk>/stage/", receipt_views.stage, name="stage"),
]
