from django.apps import AppConfig


class BatchesConfig(AppConfig):
    name = "assets.batches"
    verbose_name = "Batches"
