"""Addresses of the register."""

from django.urls import path

from assets.register import views

app_name = "register"
urlpatterns = [
    path("", views.assets, name="assets"),
    path("find/", views.find, name="find"),
    path("new/", views.new, name="new"),
    path("tickets/<str:reference>/link/", views.link, name="link"),
    path("tickets/<str:reference>/unlink/<int:pk>/", views.unlink, name="unlink"),
    path("<int:pk>/", views.asset, name="asset"),
    path("<int:pk>/edit/", views.edit, name="edit"),
]
