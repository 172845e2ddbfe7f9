from django.apps import AppConfig


class ListsConfig(AppConfig):
    name = "servicedesk.lists"
    verbose_name = "Lists"
