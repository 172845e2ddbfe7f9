from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "servicedesk.people"
    verbose_name = "People"
