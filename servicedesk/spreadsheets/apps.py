from django.apps import AppConfig


class SpreadsheetsConfig(AppConfig):
    name = "servicedesk.spreadsheets"
    verbose_name = "Spreadsheets"
