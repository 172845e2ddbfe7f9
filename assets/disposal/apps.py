from django.apps import AppConfig


class DisposalConfig(AppConfig):
    name = "assets.disposal"
    verbose_name = "Disposal"
