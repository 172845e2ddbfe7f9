from django.apps import AppConfig


class HistoryConfig(AppConfig):
    name = "servicedesk.history"
    verbose_name = "History"
