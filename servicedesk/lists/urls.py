"""Addresses of saved views."""

from django.urls import path

from servicedesk.lists import views

app_name = "lists"

urlpatterns = [
    path("views/save/<slug:code>/", views.save, name="save"),
    path("views/<int:pk>/", views.view, name="view"),
    path("views/<int:pk>/remove/", views.remove, name="remove"),
]
