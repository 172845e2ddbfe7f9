"""Addresses of whoever works on tickets."""

from django.urls import path

from servicedesk.tickets import views

app_name = "tickets"
urlpatterns = [
    path("queue/", views.queue, name="queue"),
    path("queue/strip/", views.strip, name="strip"),
    path("queue/take-next/", views.take_next, name="take_next"),
    path("tickets/<str:reference>/", views.ticket, name="ticket"),
    path("tickets/<str:reference>/moves/<str:name>/", views.move, name="move"),
    path("tickets/<str:reference>/comments/", views.say, name="say"),
    path("tickets/<str:reference>/change/", views.change, name="change"),
]
