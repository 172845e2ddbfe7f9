"""Addresses of what people are told."""

from django.urls import path

from servicedesk.knowledge import views

app_name = "knowledge"
urlpatterns = [
    path("", views.announcements, name="announcements"),
    path("new/", views.new, name="new"),
    path("<int:pk>/", views.announcement, name="announcement"),
    path("<int:pk>/change/", views.change, name="change"),
    path("<int:pk>/moves/<str:name>/", views.move, name="move"),
]
