from django.apps import AppConfig


class RegisterConfig(AppConfig):
    name = "assets.register"
    verbose_name = "Register"
