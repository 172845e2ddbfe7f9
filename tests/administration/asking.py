"""Asking pages as somebody."""

from django.test import Client

from servicedesk.people.models import Person


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def body(response) -> str:
    return " ".join(response.content.decode().split())
