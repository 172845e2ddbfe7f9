"""Addresses of whoever works on tickets."""

from django.urls import path

from servicedesk.tickets import (
    conversation_views,
    drafts_views,
    editing_views,
    glass_views,
    promise_views,
    sealing_views,
    views,
)

app_name = "tickets"
urlpatterns = [
    path("queue/", views.queue, name="queue"),
    path("queue/strip/", views.strip, name="strip"),
    path("queue/take-next/", views.take_next, name="take_next"),
    path("tickets/break-glass/", glass_views.glass, name="glass"),
    path("tickets/break-glass/<int:pk>/end/", glass_views.end, name="end_glass"),
    path("tickets/<str:reference>/", views.ticket, name="ticket"),
    path("tickets/<str:reference>/who-can-see/", sealing_views.who_can_see, name="who_can_see"),
    path("tickets/<str:reference>/private/", sealing_views.seal, name="seal"),
    path("tickets/<str:reference>/opening/", sealing_views.ask_to_open, name="ask_to_open"),
    path("tickets/<str:reference>/opening/<int:pk>/", sealing_views.decide_opening, name="decide_opening"),
    path("tickets/<str:reference>/alert/", sealing_views.alert, name="alert"),
    path("tickets/<str:reference>/moves/<str:name>/", views.move, name="move"),
    path("tickets/<str:reference>/comments/", conversation_views.say, name="say"),
    path("tickets/<str:reference>/comments/new/", conversation_views.arrived, name="arrived"),
    path("tickets/<str:reference>/files/<int:pk>/", conversation_views.file, name="file"),
    path("tickets/<str:reference>/priority/", promise_views.priority, name="priority"),
    path("tickets/<str:reference>/uplift/", promise_views.uplift, name="uplift"),
    path("tickets/<str:reference>/late/<int:pk>/", promise_views.breach, name="breach"),
    path("tickets/<str:reference>/change/", editing_views.change, name="change"),
    path("drafts/", drafts_views.index, name="drafts"),
    path("drafts/<str:form>/", drafts_views.keep, name="keep_draft"),
    path("drafts/<str:form>/discard/", drafts_views.discard, name="discard_draft"),
]
