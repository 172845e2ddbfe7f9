from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "servicedesk.catalogue"
    verbose_name = "Catalogue"
