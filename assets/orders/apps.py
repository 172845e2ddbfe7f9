from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "assets.orders"
    verbose_name = "Orders"
