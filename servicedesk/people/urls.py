"""Addresses of the pages about the person who is signed in."""

from django.urls import path

from servicedesk.people import stand_in_views, views

app_name = "people"

urlpatterns = [
    path("account/", views.account, name="account"),
    path("account/stand-ins/<int:pk>/", stand_in_views.stand_ins, name="stand_ins"),
    path("account/stand-ins/<int:pk>/<int:stand_in>/end/", stand_in_views.end, name="end_stand_in"),
    path("account/tokens/", views.my_tokens, name="tokens"),
    path("account/tokens/take-back/", views.take_back_token, name="take_back_token"),
]
