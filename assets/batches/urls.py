"""Addresses of programmes and batches."""

from django.urls import path

from assets.batches import (
    appointment_views,
    freeze_views,
    item_views,
    programme_views,
    supply_views,
    survey_views,
    swapping_views,
    views,
)

app_name = "batches"
urlpatterns = [
    path("programmes/", programme_views.programmes, name="programmes"),
    path("programmes/new/", programme_views.new, name="new_programme"),
    path("programmes/<int:pk>/", programme_views.programme, name="programme"),
    path("programmes/<int:pk>/edit/", programme_views.edit, name="edit_programme"),
    path("programmes/<int:pk>/budget/", programme_views.budget, name="set_budget"),
    path("programmes/<int:pk>/assets/", programme_views.assets, name="programme_assets"),
    path("deferrals/<int:pk>/", programme_views.defer, name="defer"),
    path("appointments/", appointment_views.appointments, name="appointments"),
    path("appointments/times/", appointment_views.slots, name="slots"),
    path("appointments/times/<int:pk>/", appointment_views.slot, name="slot"),
    path("appointments/times/<int:pk>/remove/", appointment_views.remove, name="remove_slot"),
    path("appointments/freezes/", freeze_views.freezes, name="freezes"),
    path("appointments/freezes/<int:pk>/", freeze_views.edit, name="freeze"),
    path("appointments/freezes/<int:pk>/lift/", freeze_views.lift, name="lift_freeze"),
    path("appointments/day-sheet/", appointment_views.day_sheet, name="day_sheet"),
    path("appointments/swap/", swapping_views.swap, name="swap"),
    path("appointments/<int:pk>/", appointment_views.appointment, name="appointment"),
    path("appointments/<int:pk>/assign/", appointment_views.assign, name="assign_appointment"),
    path("appointments/<int:pk>/miss/", appointment_views.miss, name="miss_appointment"),
    path("appointments/<int:pk>/cancel/", appointment_views.call_off, name="cancel_appointment"),
    path("swaps/<int:pk>/", survey_views.survey, name="survey"),
    path("batches/", views.batches, name="batches"),
    path("batches/new/", views.new, name="new_batch"),
    path("batches/<str:reference>/", views.batch, name="batch"),
    path("batches/<str:reference>/edit/", views.edit, name="edit_batch"),
    path("batches/<str:reference>/pass-on/", views.hand_on, name="pass_on"),
    path("batches/<str:reference>/moves/<str:name>/", views.move, name="move_batch"),
    path("batches/<str:reference>/lines/<int:pk>/", supply_views.line, name="line"),
    path("batches/<str:reference>/lines/<int:pk>/order/", supply_views.order, name="order_for_line"),
    path("batches/<str:reference>/lines/<int:pk>/count/", supply_views.count, name="count_order"),
    path("batches/<str:reference>/add/", supply_views.add, name="add_assets"),
    path("batches/<str:reference>/orders/<int:pk>/stop/", supply_views.stop, name="stop_counting"),
    path("batches/<str:reference>/items/<int:pk>/", item_views.item, name="item"),
    path("batches/<str:reference>/items/<int:pk>/<str:name>/", item_views.move, name="move_item"),
    path("batches/<str:reference>/together/<str:name>/", item_views.together, name="items_together"),
    path("batches/<str:reference>/undo/<int:deed>/", item_views.undo, name="undo_items"),
]
