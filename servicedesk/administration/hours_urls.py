"""Addresses of calendars and service levels."""

from django.urls import path

from servicedesk.administration import hours_views

app_name = "hours"
urlpatterns = [
    path("calendars/", hours_views.calendars, name="calendars"),
    path("calendars/new/", hours_views.new_calendar, name="new_calendar"),
    path("calendars/<int:pk>/", hours_views.calendar, name="calendar"),
    path("calendars/<int:pk>/hours/", hours_views.hours, name="hours"),
    path("calendars/<int:pk>/day/", hours_views.day, name="day"),
    path("calendars/<int:pk>/days/<int:day>/clear/", hours_views.clear_day, name="clear_day"),
    path("calendars/<int:pk>/keep/", hours_views.keep, name="keep"),
    path("services/<int:pk>/cover/", hours_views.cover, name="cover"),
    path("service-levels/", hours_views.levels, name="levels"),
    path("service-levels/new/", hours_views.new_level, name="new_level"),
    path("service-levels/<int:pk>/", hours_views.level, name="level"),
]
