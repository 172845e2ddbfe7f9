"""Addresses of administration."""

from django.urls import path

from servicedesk.administration import index

app_name = "administration"
urlpatterns = [
    path("", index.index, name="index"),
]
