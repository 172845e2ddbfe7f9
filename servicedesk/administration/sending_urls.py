"""Addresses of the pages about what is sent out."""

from django.urls import path

from servicedesk.administration import messages, webhooks

app_name = "sending"
urlpatterns = [
    path("messages/", messages.messages_list, name="messages"),
    path("messages/<int:pk>/try-again/", messages.send_again, name="try_again"),
    path("messages/<int:pk>/give-up/", messages.abandon, name="give_up"),
    path("webhooks/", webhooks.webhooks, name="webhooks"),
    path("webhooks/<int:pk>/", webhooks.webhook, name="webhook"),
    path("webhooks/<int:pk>/change/", webhooks.change, name="change_webhook"),
    path("webhooks/<int:pk>/test/", webhooks.test, name="test_webhook"),
    path("webhooks/<int:pk>/archive/", webhooks.archive, name="archive_webhook"),
]
