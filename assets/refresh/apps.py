from django.apps import AppConfig


class RefreshConfig(AppConfig):
    name = "assets.refresh"
    verbose_name = "Refresh"
