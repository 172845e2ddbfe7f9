from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "servicedesk.reports"
    verbose_name = "Reports"
