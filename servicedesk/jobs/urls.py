"""Addresses of a job: how far it has come, and stopping it."""

from django.urls import path

from servicedesk.jobs import views

app_name = "jobs"

urlpatterns = [
    path("jobs/<int:pk>/", views.job, name="job"),
    path("jobs/<int:pk>/progress/", views.progress, name="progress"),
    path("jobs/<int:pk>/cancel/", views.cancel, name="cancel"),
]
