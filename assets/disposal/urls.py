"""Addresses of the disposal."""

from django.urls import path

from assets.disposal import back_views, consignment_views, wiping_views

app_name = "disposal"
urlpatterns = [
    path("", consignment_views.consignments, name="consignments"),
    path("new/", consignment_views.new, name="new_consignment"),
    path("<int:pk>/", consignment_views.consignment, name="consignment"),
    path("<int:pk>/edit/", consignment_views.edit, name="edit_consignment"),
    path("<int:pk>/collect/", consignment_views.collect, name="collect"),
    path("<int:pk>/certify/", consignment_views.certify, name="certify"),
    path("<int:pk>/close/", consignment_views.close, name="close_consignment"),
    path("<int:pk>/cancel/", consignment_views.cancel, name="cancel_consignment"),
    path("<int:pk>/items/", consignment_views.scan_in, name="scan_in"),
    path("<int:pk>/items/<int:item>/take-out/", consignment_views.take_out, name="take_item_out"),
    path("<int:pk>/certificate/", consignment_views.certificate, name="certificate"),
    path("due-back/", back_views.due_back, name="due_back"),
    path("due-back/<int:pk>/", back_views.one, name="one_due_back"),
    path("due-back/<int:pk>/<slug:deed>/", back_views.deed, name="deed_due_back"),
    path("assets/<int:pk>/ask-back/", back_views.ask, name="ask_back"),
    path("wiping/", wiping_views.wiping, name="wiping"),
    path("assets/<int:pk>/media/", wiping_views.add, name="add_medium"),
    path("media/<int:pk>/<slug:deed>/", wiping_views.deed, name="deed_medium"),
    path("register/", wiping_views.register, name="register"),
    path("register/print/", wiping_views.printed, name="print_register"),
    path("register/export/", wiping_views.export, name="export_register"),
]
