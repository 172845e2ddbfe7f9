"""What a page is asked with."""

from django.http import HttpRequest

from servicedesk.people.models import Person


class SignedInRequest(HttpRequest):
    """The request of somebody signed in, as every page of the desk gets it: strangers are turned away before it."""

    user: Person
