from django.apps import AppConfig


class ServiceLevelsConfig(AppConfig):
    name = "servicedesk.service_levels"
    verbose_name = "Service levels"
