from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "servicedesk.portal"
    verbose_name = "Portal"
