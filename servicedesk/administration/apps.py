from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    name = "servicedesk.administration"
    verbose_name = "Administration"
