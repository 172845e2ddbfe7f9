"""Addresses of what staff see."""

from django.urls import path

from servicedesk.portal import approval_views, home, views

app_name = "portal"
urlpatterns = [
    path("", home.first, name="home"),
    path("home/", home.home, name="cards"),
    path("help/", views.get_help, name="help"),
    path("requests/", views.requests, name="requests"),
    path("requests/team/", views.team, name="team"),
    path("requests/<str:reference>/", views.request, name="request"),
    path("requests/<str:reference>/reply/", views.reply, name="reply"),
    path("requests/<str:reference>/fixed/", views.fixed, name="fixed"),
    path("requests/<str:reference>/not-fixed/", views.not_fixed, name="not_fixed"),
    path("requests/<str:reference>/content/", views.content, name="content"),
    path("requests/<str:reference>/cancel/", views.cancel, name="cancel"),
    path("requests/<str:reference>/again/", views.again, name="again"),
    path("requests/<str:reference>/approve/", approval_views.approve, name="approve"),
    path("requests/<str:reference>/reject/", approval_views.reject, name="reject"),
]
