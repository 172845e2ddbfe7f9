"""Says where a request's deeds come from."""

from servicedesk.history.models import Source
from servicedesk.history.recording import source


class SourceMiddleware:
    """Marks what a request writes as done through a page or through the API."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with source(Source.API if request.path.startswith("/api/") else Source.PAGE):
            return self.get_response(request)
