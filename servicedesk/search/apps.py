from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "servicedesk.search"
    verbose_name = "Search"
