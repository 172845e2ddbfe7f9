"""Addresses of the pages about the person who is signed in."""

from django.urls import path

from servicedesk.people import views

app_name = "people"

urlpatterns = [
    path("account/", views.account, name="account"),
    path("account/tokens/", views.my_tokens, name="tokens"),
    path("account/tokens/take-back/", views.take_back_token, name="take_back_token"),
]
