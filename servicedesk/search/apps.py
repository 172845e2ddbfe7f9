from django.apps import AppConfig
from django.db.models.signals import post_migrate

from servicedesk.search.full_text import make_index


class SearchConfig(AppConfig):
    name = "servicedesk.search"
    verbose_name = "Search"

    def ready(self) -> None:
        post_migrate.connect(make_index, sender=self)
