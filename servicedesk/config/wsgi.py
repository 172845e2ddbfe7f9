"""What the web server calls."""

import os

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters


class Request(WSGIRequest):
    """A request read as UTF-8, which all pages are in.

    Whatever else it calls itself is not believed: Django would look up a codec of that name, and stumble over those
    that read no text.
    """

    def _set_content_type_params(self, meta: dict) -> None:
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servicedesk.config.settings")
application: WSGIHandler = get_wsgi_application()
application.request_class = Request
