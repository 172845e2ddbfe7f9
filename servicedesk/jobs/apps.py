from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "servicedesk.jobs"
    verbose_name = "Jobs"
