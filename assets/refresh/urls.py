"""Addresses of the refresh."""

from django.urls import path

from assets.refresh import energy_views, plan_views, views

app_name = "refresh"
urlpatterns = [
    path("", views.forecast, name="forecast"),
    path("assets/", views.assets, name="assets"),
    path("export/", views.export, name="export"),
    path("costs/", plan_views.costs, name="costs"),
    path("costs/new/", plan_views.new, {"noun": "cost"}, name="new_cost"),
    path("costs/<int:pk>/", plan_views.edit, {"noun": "cost"}, name="edit_cost"),
    path("support/new/", plan_views.new, {"noun": "support"}, name="new_support"),
    path("support/<int:pk>/", plan_views.edit, {"noun": "support"}, name="edit_support"),
    path("energy/", energy_views.energy, name="energy"),
    path("energy/close/", energy_views.close, name="close_energy_year"),
    path("energy/basis/", energy_views.basis, name="energy_basis"),
    path("energy/tariffs/new/", plan_views.new, {"noun": "tariff"}, name="new_tariff"),
    path("energy/tariffs/<int:pk>/", plan_views.edit, {"noun": "tariff"}, name="edit_tariff"),
    path("energy/rooms/new/", plan_views.new, {"noun": "room"}, name="new_room"),
    path("energy/rooms/<int:pk>/", plan_views.edit, {"noun": "room"}, name="edit_room"),
    path("energy/factors/new/", plan_views.new, {"noun": "factor"}, name="new_factor"),
    path("energy/factors/<int:pk>/", plan_views.edit, {"noun": "factor"}, name="edit_factor"),
    path("scenarios/", plan_views.scenarios, name="scenarios"),
    path("scenarios/new/", plan_views.new, {"noun": "scenario"}, name="new_scenario"),
    path("scenarios/<int:pk>/", plan_views.scenario, name="scenario"),
    path("scenarios/<int:pk>/edit/", plan_views.edit, {"noun": "scenario"}, name="edit_scenario"),
    path("scenarios/<int:pk>/archive/", plan_views.archive, name="archive_scenario"),
    path("scenarios/<int:pk>/bring-back/", plan_views.bring_back, name="bring_back_scenario"),
    path("scenarios/<int:pk>/<int:year>/", plan_views.lines, name="lines"),
    path("baselines/", plan_views.baselines, name="baselines"),
    path("baselines/<int:pk>/", plan_views.baseline, name="baseline"),
    path("baselines/<int:pk>/lines/", plan_views.baseline_lines, name="baseline_lines"),
]
