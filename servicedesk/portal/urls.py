"""Addresses of what staff see."""

from django.urls import path

from servicedesk.portal import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("help/", views.get_help, name="help"),
    path("requests/", views.requests, name="requests"),
    path("requests/<str:reference>/", views.request, name="request"),
    path("requests/<str:reference>/reply/", views.reply, name="reply"),
    path("requests/<str:reference>/fixed/", views.fixed, name="fixed"),
    path("requests/<str:reference>/not-fixed/", views.not_fixed, name="not_fixed"),
    path("requests/<str:reference>/cancel/", views.cancel, name="cancel"),
]
